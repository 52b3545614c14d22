// Spark's types of Parquet columns.
#include <arrow/util/key_value_metadata.h>

#include "storage/formats/parquet_file.h"

namespace centella {
namespace {

using parquet::LogicalType;
using parquet::schema::GroupNode;
using parquet::schema::Node;
using parquet::schema::PrimitiveNode;

// Nesting of a file's schema is bounded: a hostile footer must not exhaust the stack.
constexpr int kMaxDepth = 128;

std::string Describe(const PrimitiveNode& node) {
  std::string text = parquet::TypeToString(node.physical_type());
  const auto& logical = node.logical_type();
  if (logical != nullptr && !logical->is_none()) text += " (" + logical->ToString() + ")";
  return text;
}

[[noreturn]] void RaiseIllegal(const PrimitiveNode& node) {
  Raise(Condition::PARQUET_TYPE_ILLEGAL, {{"parquetType", Describe(node)}});
}

TypePtr DecimalOf(const LogicalType& logical) {
  const auto& decimal = static_cast<const parquet::DecimalLogicalType&>(logical);
  return types::Decimal(decimal.precision(), decimal.scale());
}

TypePtr Int32Type(const PrimitiveNode& node, const LogicalType& logical) {
  if (logical.is_none()) return types::Int();
  if (logical.is_date()) return types::Date();
  if (logical.is_decimal()) return DecimalOf(logical);
  if (!logical.is_int()) RaiseIllegal(node);
  const auto& integer = static_cast<const parquet::IntLogicalType&>(logical);
  // Unsigned ones take the next wider type, so that every value fits.
  switch (integer.bit_width()) {
    case 8: return integer.is_signed() ? types::Byte() : types::Short();
    case 16: return integer.is_signed() ? types::Short() : types::Int();
    case 32: return integer.is_signed() ? types::Int() : types::Long();
    default: RaiseIllegal(node);
  }
}

TypePtr Int64Type(const PrimitiveNode& node, const LogicalType& logical) {
  if (logical.is_none()) return types::Long();
  if (logical.is_decimal()) return DecimalOf(logical);
  if (logical.is_int()) {
    return static_cast<const parquet::IntLogicalType&>(logical).is_signed() ? types::Long() : types::Decimal(20, 0);
  }
  if (logical.is_timestamp()) {
    const auto& timestamp = static_cast<const parquet::TimestampLogicalType&>(logical);
    if (timestamp.time_unit() == LogicalType::TimeUnit::NANOS) RaiseIllegal(node);
    return timestamp.is_adjusted_to_utc() ? types::Timestamp() : types::TimestampNtz();
  }
  if (logical.is_time()) {
    const auto& time = static_cast<const parquet::TimeLogicalType&>(logical);
    if (time.time_unit() == LogicalType::TimeUnit::MICROS && !time.is_adjusted_to_utc()) return types::Time();
  }
  RaiseIllegal(node);
}

TypePtr PrimitiveType(const PrimitiveNode& node) {
  static const auto no_logical = parquet::NoLogicalType::Make();
  const LogicalType& logical = node.logical_type() != nullptr ? *node.logical_type() : *no_logical;
  switch (node.physical_type()) {
    case parquet::Type::BOOLEAN: return logical.is_null() ? types::Null() : types::Boolean();
    case parquet::Type::INT32: return Int32Type(node, logical);
    case parquet::Type::INT64: return Int64Type(node, logical);
    case parquet::Type::INT96: return types::Timestamp();
    case parquet::Type::FLOAT: return types::Float();
    case parquet::Type::DOUBLE: return types::Double();
    case parquet::Type::BYTE_ARRAY:
      if (logical.is_string() || logical.is_enum() || logical.is_JSON()) return types::String();
      if (logical.is_none() || logical.is_BSON()) return types::Binary();
      if (logical.is_decimal()) return DecimalOf(logical);
      RaiseIllegal(node);
    case parquet::Type::FIXED_LEN_BYTE_ARRAY:
      if (logical.is_decimal()) return DecimalOf(logical);
      if (logical.is_none()) return types::Binary();
      RaiseIllegal(node);
    default: RaiseIllegal(node);
  }
}

TypePtr NodeType(const Node& node, int depth);

// A repeated field that stands for itself is an array of what it holds.
TypePtr FieldType(const Node& node, int depth) {
  TypePtr type = NodeType(node, depth);
  return node.is_repeated() ? types::Array(std::move(type), true) : type;
}

TypePtr StructType(const GroupNode& group, int depth) {
  std::vector<StructField> fields;
  for (int i = 0; i < group.field_count(); ++i) {
    const Node& field = *group.field(i);
    fields.push_back({field.name(), FieldType(field, depth + 1), true, ""});
  }
  return types::Struct(std::move(fields));
}

// Whether the repeated field of a list is itself the element (lists of two levels), by Parquet's rules for old writers.
bool RepeatedIsElement(const Node& repeated, const std::string& list_name) {
  if (repeated.is_primitive()) return true;
  const auto& group = static_cast<const GroupNode&>(repeated);
  if (group.field_count() != 1) return true;
  if (group.field(0)->is_repeated()) return true;
  return repeated.name() == "array" || repeated.name() == list_name + "_tuple";
}

TypePtr ListType(const GroupNode& list, int depth) {
  const bool valid = list.field_count() == 1 && list.field(0)->is_repeated();
  if (!valid) RaiseUnsupported("the Parquet list " + list.name() + ", which has not one repeated field");
  const Node& repeated = *list.field(0);
  if (RepeatedIsElement(repeated, list.name())) return types::Array(NodeType(repeated, depth + 1), true);
  return types::Array(FieldType(*static_cast<const GroupNode&>(repeated).field(0), depth + 2), true);
}

TypePtr MapType(const GroupNode& map, int depth) {
  const bool valid = map.field_count() == 1 && map.field(0)->is_repeated() && map.field(0)->is_group();
  if (valid) {
    const auto& entry = static_cast<const GroupNode&>(*map.field(0));
    if (entry.field_count() == 2) {
      return types::Map(FieldType(*entry.field(0), depth + 2), FieldType(*entry.field(1), depth + 2), true);
    }
  }
  RaiseUnsupported("the Parquet map " + map.name() + ", which has not one repeated group of key and value");
}

TypePtr NodeType(const Node& node, int depth) {
  if (depth > kMaxDepth) RaiseUnsupported("a Parquet schema nested more than " + std::to_string(kMaxDepth) + " deep");
  if (node.is_primitive()) return PrimitiveType(static_cast<const PrimitiveNode&>(node));
  const auto& group = static_cast<const GroupNode&>(node);
  const auto& logical = node.logical_type();
  if (logical != nullptr && logical->is_list()) return ListType(group, depth);
  if (logical != nullptr && logical->is_map()) return MapType(group, depth);
  if (node.converted_type() == parquet::ConvertedType::MAP_KEY_VALUE) return MapType(group, depth);
  return StructType(group, depth);
}

}  // namespace

TypePtr SparkTypeOf(const Node& node, const QueryContext&) { return FieldType(node, 0); }

TypePtr SchemaOfFooter(const parquet::FileMetaData& footer, const QueryContext&) {
  const auto& metadata = footer.key_value_metadata();
  if (metadata != nullptr && metadata->Contains(kSparkSchemaKey)) {
    const auto json = metadata->Get(kSparkSchemaKey);
    try {
      TypePtr type = ParseTypeJson(json.ValueOrDie());
      if (type->is(TypeId::kStruct)) return AsNullable(type);
    } catch (const Error&) {
      // Somebody else's text under Spark's key: the columns tell their types as well.
    }
  }
  return AsNullable(StructType(*footer.schema()->group_node(), 0));
}

}  // namespace centella
