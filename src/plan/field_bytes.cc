// The fields of nodes to bytes and back.
#include "plan/field_bytes.h"

#include "plan/depth_guard.h"
#include "plan/node_registry.h"
#include "plan/table.h"
#include "plan/type_bytes.h"
#include "vector/serialize.h"

namespace centella {
namespace {

constexpr uint8_t kFormatVersion = 1;

}  // namespace

// ---- writing ------------------------------------------------------------------------------------------------------

FieldWriter::FieldWriter() { out_.Byte(kFormatVersion); }

void FieldWriter::Field(std::string_view, TypePtr& value) {
  if (IsNewShared(types_, value.get())) WriteType(value, out_);
}
void FieldWriter::Field(std::string_view, Value& value) { WriteValue(value, out_); }
void FieldWriter::Field(std::string_view, ExprPtr& value) { Node(value); }
void FieldWriter::Field(std::string_view, PlanPtr& value) { Node(value); }

void FieldWriter::Field(std::string_view, OriginPtr& value) {
  if (!IsNewShared(origins_, value.get())) return;
  out_.Byte(value->is_dataframe);
  out_.Text(value->fragment);
  out_.Text(value->call_site);
  out_.Text(value->object_type);
  out_.Text(value->object_name);
  out_.Signed(value->start_index);
  out_.Signed(value->stop_index);
}

void FieldWriter::Field(std::string_view, TablePtr& value) {
  out_.Byte(value != nullptr);
  if (value != nullptr) out_.Text(value->Identity());
}

void FieldWriter::Field(std::string_view, std::vector<Batch>& value, const TypePtr&) {
  out_.Unsigned(value.size());
  for (const Batch& batch : value) {
    std::string bytes;
    SerializeBatch(batch, &bytes);
    out_.Text(bytes);
  }
}

void FieldWriter::Field(std::string_view, StringMap& value) {
  out_.Unsigned(value.size());
  for (const auto& [key, text] : value) {
    out_.Text(key);
    out_.Text(text);
  }
}

template <typename NodePointer>
void FieldWriter::Node(const NodePointer& node) {
  if (node == nullptr) return out_.Unsigned(0);
  DepthGuard guard;
  out_.Unsigned(static_cast<uint64_t>(node->kind()) + 1);
  using NodeType = std::remove_const_t<typename NodePointer::element_type>;
  const_cast<NodeType&>(*node).VisitAll(*this);  // only reads
}

// Writes 0 for null, 1 for something new (the caller writes it next), else 2 + its number.
bool FieldWriter::IsNewShared(Seen& seen, const void* address) {
  if (address == nullptr) {
    out_.Unsigned(0);
    return false;
  }
  const auto [place, is_new] = seen.emplace(address, seen.size());
  out_.Unsigned(is_new ? 1 : 2 + place->second);
  return is_new;
}

// ---- reading ------------------------------------------------------------------------------------------------------

FieldReader::FieldReader(std::string_view bytes, const TableResolver* tables) : in_(bytes), tables_(tables) {
  if (in_.Byte() != kFormatVersion) ByteReader::Corrupt("another version of the format");
}

void FieldReader::Field(std::string_view, TypePtr& value) {
  if (!IsNewShared(types_, value)) return;
  value = ReadType(in_);
  types_.push_back(value);
}
void FieldReader::Field(std::string_view, Value& value) { value = ReadValue(in_); }
void FieldReader::Field(std::string_view, ExprPtr& value) { value = ReadNode(&NewExpression); }
void FieldReader::Field(std::string_view, PlanPtr& value) { value = ReadNode(&NewPlan); }

void FieldReader::Field(std::string_view, OriginPtr& value) {
  if (!IsNewShared(origins_, value)) return;
  auto origin = std::make_shared<ErrorContext>();
  origin->is_dataframe = in_.Boolean();
  origin->fragment = in_.Text();
  origin->call_site = in_.Text();
  origin->object_type = in_.Text();
  origin->object_name = in_.Text();
  origin->start_index = static_cast<int>(in_.Signed());
  origin->stop_index = static_cast<int>(in_.Signed());
  value = origin;
  origins_.push_back(value);
}

void FieldReader::Field(std::string_view, TablePtr& value) {
  value = nullptr;
  if (!in_.Boolean()) return;
  const std::string_view identity = in_.Text();
  if (tables_ == nullptr || !*tables_) ByteReader::Corrupt("a table where none can be");
  value = (*tables_)(identity);
}

void FieldReader::Field(std::string_view, std::vector<Batch>& value, const TypePtr& schema) {
  const size_t count = in_.Count();
  if (count > 0 && (schema == nullptr || !schema->is(TypeId::kStruct))) ByteReader::Corrupt("rows without a schema");
  std::vector<TypePtr> column_types;
  for (size_t i = 0; count > 0 && i < schema->fields().size(); ++i) column_types.push_back(schema->fields()[i].type);
  value.clear();
  for (size_t i = 0; i < count; ++i) {
    std::string_view bytes = in_.Text();
    value.push_back(DeserializeBatch(column_types, &bytes));
    if (!bytes.empty()) ByteReader::Corrupt("a batch longer than it says");
  }
}

void FieldReader::Field(std::string_view, StringMap& value) {
  value.clear();
  for (size_t count = in_.Count(); count > 0; --count) {
    std::string key(in_.Text());
    value[std::move(key)] = in_.Text();
  }
}

template <typename Base>
std::shared_ptr<const Base> FieldReader::ReadNode(std::shared_ptr<Base> (*make)(int64_t)) {
  const uint64_t tag = in_.Unsigned();
  if (tag == 0) return nullptr;
  DepthGuard guard;
  auto node = tag <= 256 ? make(static_cast<int64_t>(tag) - 1) : nullptr;
  if (node == nullptr) ByteReader::Corrupt("an unknown kind of node");
  node->VisitAll(*this);
  return node;
}

// True when a new thing follows; else `value` is set.
template <typename Pointer>
bool FieldReader::IsNewShared(const std::vector<Pointer>& seen, Pointer& value) {
  const uint64_t tag = in_.Unsigned();
  if (tag == 1) return true;
  if (tag >= 2 && tag - 2 >= seen.size()) ByteReader::Corrupt("a reference to something that isn't there");
  value = tag == 0 ? nullptr : seen[tag - 2];
  return false;
}

}  // namespace centella
