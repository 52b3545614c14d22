// Pruning by the min, max and null counts of column chunks.
#include "storage/formats/parquet_pruning.h"

#include <cmath>
#include <cstring>

#include "types/decimal.h"

namespace centella {
namespace {

using parquet::LogicalType;

template <typename T>
std::optional<T> Decode(const std::string& bytes) {
  if (bytes.size() != sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

// An integer of the file as the wanted type: the same conversions as the reader's.
std::optional<Value> FromInteger(int64_t stored, const LogicalType& logical, const TypePtr& type) {
  switch (type->id()) {
    case TypeId::kDecimal: {
      const int from = logical.is_decimal() ? static_cast<const parquet::DecimalLogicalType&>(logical).scale() : 0;
      int128_t value;
      if (!RescaleDecimal(stored, from, type->scale(), &value)) return std::nullopt;
      return Value::Of(type, value);
    }
    case TypeId::kInt:
    case TypeId::kLong:
      if (logical.is_none() || logical.is_int()) return Value::Integer(type, stored);
      return std::nullopt;
    case TypeId::kDate:
      if (logical.is_date()) return Value::Integer(type, stored);
      return std::nullopt;
    case TypeId::kTimestamp:
    case TypeId::kTimestampNtz: {
      if (!logical.is_timestamp()) return std::nullopt;
      const auto unit = static_cast<const parquet::TimestampLogicalType&>(logical).time_unit();
      int64_t micros = stored;
      if (unit == LogicalType::TimeUnit::MILLIS && __builtin_mul_overflow(stored, 1000, &micros)) return std::nullopt;
      if (unit == LogicalType::TimeUnit::NANOS) return std::nullopt;
      return Value::Integer(type, micros);
    }
    default: return std::nullopt;
  }
}

std::optional<Value> FromFloating(double value, const TypePtr& type) {
  if (std::isnan(value)) return std::nullopt;
  if (type->is(TypeId::kFloat) || type->is(TypeId::kDouble)) return Value::Of(type, value);
  return std::nullopt;
}

std::optional<Value> DecodeBound(const std::string& bytes, const parquet::ColumnDescriptor& column,
                                 const TypePtr& type) {
  static const auto no_logical = parquet::NoLogicalType::Make();
  const LogicalType& logical = column.logical_type() != nullptr ? *column.logical_type() : *no_logical;
  if (logical.is_int() && !static_cast<const parquet::IntLogicalType&>(logical).is_signed()) return std::nullopt;
  switch (column.physical_type()) {
    case parquet::Type::INT32:
      if (const auto value = Decode<int32_t>(bytes)) return FromInteger(*value, logical, type);
      return std::nullopt;
    case parquet::Type::INT64:
      if (const auto value = Decode<int64_t>(bytes)) return FromInteger(*value, logical, type);
      return std::nullopt;
    case parquet::Type::FLOAT:
      if (const auto value = Decode<float>(bytes)) return FromFloating(*value, type);
      return std::nullopt;
    case parquet::Type::DOUBLE:
      if (const auto value = Decode<double>(bytes)) return FromFloating(*value, type);
      return std::nullopt;
    case parquet::Type::BYTE_ARRAY:
      if (logical.is_string() && type->is(TypeId::kString)) return Value::Of(type, bytes);
      return std::nullopt;
    default: return std::nullopt;
  }
}

template <typename T>
int Compare(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

const Literal* AsLiteral(const ExprPtr& expression) {
  return expression->kind() == ExprKind::kLiteral ? static_cast<const Literal*>(expression.get()) : nullptr;
}

class Pruner {
 public:
  explicit Pruner(const std::vector<std::optional<ChunkStatistics>>& columns) : columns_(columns) {}

  bool MayBeTrue(const Expression& filter, int depth) const {
    if (depth > 256 || filter.kind() != ExprKind::kCall) return true;
    const auto& call = static_cast<const Call&>(filter);
    if (call.function == "and") {
      for (const ExprPtr& arg : call.args) {
        if (!MayBeTrue(*arg, depth + 1)) return false;
      }
      return true;
    }
    if (call.function == "or") {
      for (const ExprPtr& arg : call.args) {
        if (MayBeTrue(*arg, depth + 1)) return true;
      }
      return call.args.empty();
    }
    if (call.args.empty()) return true;
    if (call.function == "in") return MayBeIn(call);
    if (call.args.size() == 1) return MayBeNullTest(call);
    if (call.args.size() == 2) return MayCompare(call);
    return true;
  }

 private:
  const ChunkStatistics* StatisticsOf(const ExprPtr& expression) const {
    if (expression->kind() != ExprKind::kColumn) return nullptr;
    const int64_t ordinal = static_cast<const Column&>(*expression).ordinal;
    if (ordinal < 0 || ordinal >= static_cast<int64_t>(columns_.size())) return nullptr;
    return columns_[ordinal] ? &*columns_[ordinal] : nullptr;
  }

  bool MayBeNullTest(const Call& call) const {
    const ChunkStatistics* column = StatisticsOf(call.args[0]);
    if (column == nullptr || !column->null_count) return true;
    if (call.function == "isnull") return *column->null_count > 0;
    if (call.function == "isnotnull") return *column->null_count < column->values;
    return true;
  }

  bool MayBeIn(const Call& call) const {
    const ChunkStatistics* column = StatisticsOf(call.args[0]);
    if (column == nullptr) return true;
    for (size_t i = 1; i < call.args.size(); ++i) {
      const Literal* literal = AsLiteral(call.args[i]);
      if (literal == nullptr || MayEqual(*column, literal->value)) return true;
    }
    return false;
  }

  static bool Comparable(const Value& bound, const Value& value) {
    return !value.is_null() && SameType(*bound.type(), *value.type());
  }

  static bool MayEqual(const ChunkStatistics& column, const Value& value) {
    if (value.is_null()) return false;
    if (column.min && Comparable(*column.min, value) && CompareValues(value, *column.min) < 0) return false;
    // NaN isn't in the statistics, and is above every number.
    if (column.max && Comparable(*column.max, value) && !IsNaN(value) && CompareValues(value, *column.max) > 0) {
      return false;
    }
    return true;
  }

  static bool IsNaN(const Value& value) {
    const bool floating = value.type()->is(TypeId::kFloat) || value.type()->is(TypeId::kDouble);
    return floating && std::isnan(value.floating());
  }

  bool MayCompare(const Call& call) const {
    std::string_view op = call.function;
    const ChunkStatistics* column = StatisticsOf(call.args[0]);
    const Literal* literal = AsLiteral(call.args[1]);
    if (column == nullptr) {
      column = StatisticsOf(call.args[1]);
      literal = AsLiteral(call.args[0]);
      op = op == "<" ? ">" : op == "<=" ? ">=" : op == ">" ? "<" : op == ">=" ? "<=" : op;
    }
    if (column == nullptr || literal == nullptr || literal->value.is_null()) return true;
    const Value& value = literal->value;
    if (op == "=" || op == "<=>") return MayEqual(*column, value);
    if (op == "<" || op == "<=") {
      if (!column->min || !Comparable(*column->min, value)) return true;
      const int order = CompareValues(*column->min, value);
      return op == "<" ? order < 0 : order <= 0;
    }
    if (op == ">" || op == ">=") {
      if (!column->max || !Comparable(*column->max, value)) return true;
      if (column->max->type()->is(TypeId::kFloat) || column->max->type()->is(TypeId::kDouble)) return true;  // NaN
      const int order = CompareValues(*column->max, value);
      return op == ">" ? order > 0 : order >= 0;
    }
    return true;
  }

  const std::vector<std::optional<ChunkStatistics>>& columns_;
};

}  // namespace

int CompareValues(const Value& a, const Value& b) {
  switch (a.type()->id()) {
    case TypeId::kDecimal: return Compare(a.decimal(), b.decimal());
    case TypeId::kFloat:
    case TypeId::kDouble: return Compare(a.floating(), b.floating());
    case TypeId::kString:
    case TypeId::kBinary: return Compare(a.string(), b.string());
    default: return Compare(a.integer(), b.integer());
  }
}

ChunkStatistics ReadChunkStatistics(const parquet::RowGroupMetaData& group, int leaf, const TypePtr& type) {
  ChunkStatistics out;
  const auto chunk = group.ColumnChunk(leaf);
  out.values = group.num_rows();
  // Both forms: the first leaves out what old writers got wrong, the second has the bytes.
  const bool trusted = chunk->is_stats_set();
  const auto encoded = chunk->encoded_statistics();
  if (!trusted || encoded == nullptr) return out;
  if (encoded->has_null_count) out.null_count = encoded->null_count;
  const parquet::ColumnDescriptor& column = *group.schema()->Column(leaf);
  if (encoded->has_min) out.min = DecodeBound(encoded->min(), column, type);
  if (encoded->has_max) out.max = DecodeBound(encoded->max(), column, type);
  // Bounds that contradict each other say nothing.
  if (out.min && out.max && CompareValues(*out.min, *out.max) > 0) out.min = out.max = std::nullopt;
  return out;
}

bool MayMatch(const Expression& filter, const std::vector<std::optional<ChunkStatistics>>& columns) {
  return Pruner(columns).MayBeTrue(filter, 0);
}

}  // namespace centella
