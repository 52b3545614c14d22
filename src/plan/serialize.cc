// Plans and expressions to bytes and back.
//
// Form: a version byte, then the root. A node is its kind + 1 (0 = no node) and its fields in declared order.
// Origins and types that stand in many places are written once and then referred to by number.
#include "plan/serialize.h"

#include <unordered_map>

#include "plan/byte_stream.h"
#include "plan/depth_guard.h"
#include "plan/node_registry.h"
#include "plan/table.h"
#include "plan/type_bytes.h"
#include "vector/serialize.h"

namespace centella {
namespace {

constexpr uint8_t kFormatVersion = 1;

class Writer final : public FieldVisitor {
 public:
  Writer() { out_.Byte(kFormatVersion); }

  void Field(std::string_view, bool& value) override { out_.Byte(value); }
  void Field(std::string_view, int64_t& value) override { out_.Signed(value); }
  void Field(std::string_view, double& value) override { out_.Double(value); }
  void Field(std::string_view, std::string& value) override { out_.Text(value); }
  void Field(std::string_view, TypePtr& value) override {
    if (IsNewShared(types_, value.get())) WriteType(value, out_);
  }
  void Field(std::string_view, Value& value) override { WriteValue(value, out_); }
  void Field(std::string_view, ExprPtr& value) override { Node(value); }
  void Field(std::string_view, PlanPtr& value) override { Node(value); }
  void Field(std::string_view, OriginPtr& value) override {
    if (!IsNewShared(origins_, value.get())) return;
    out_.Byte(value->is_dataframe);
    out_.Text(value->fragment);
    out_.Text(value->call_site);
    out_.Text(value->object_type);
    out_.Text(value->object_name);
    out_.Signed(value->start_index);
    out_.Signed(value->stop_index);
  }
  void Field(std::string_view, TablePtr& value) override {
    out_.Byte(value != nullptr);
    if (value != nullptr) out_.Text(value->Identity());
  }
  void Field(std::string_view, std::vector<Batch>& value, const TypePtr&) override {
    out_.Unsigned(value.size());
    for (const Batch& batch : value) {
      std::string bytes;
      SerializeBatch(batch, &bytes);
      out_.Text(bytes);
    }
  }
  void Field(std::string_view, StringMap& value) override {
    out_.Unsigned(value.size());
    for (const auto& [key, text] : value) {
      out_.Text(key);
      out_.Text(text);
    }
  }
  void Field(std::string_view name, std::vector<std::string>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<int64_t>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<ExprPtr>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<PlanPtr>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<std::vector<ExprPtr>>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<std::vector<std::string>>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<std::vector<int64_t>>& value) override { Each(name, value); }

  template <typename NodePointer>
  void Node(const NodePointer& node) {
    if (node == nullptr) return out_.Unsigned(0);
    DepthGuard guard;
    out_.Unsigned(static_cast<uint64_t>(node->kind()) + 1);
    using NodeType = std::remove_const_t<typename NodePointer::element_type>;
    const_cast<NodeType&>(*node).VisitAll(*this);  // only reads
  }
  std::string Take() { return out_.Take(); }

 private:
  using Seen = std::unordered_map<const void*, uint64_t>;
  // Writes 0 for null, 1 for something new (the caller writes it next), else 2 + its number.
  bool IsNewShared(Seen& seen, const void* address) {
    if (address == nullptr) {
      out_.Unsigned(0);
      return false;
    }
    const auto [place, is_new] = seen.emplace(address, seen.size());
    out_.Unsigned(is_new ? 1 : 2 + place->second);
    return is_new;
  }
  template <typename T>
  void Each(std::string_view name, std::vector<T>& values) {
    out_.Unsigned(values.size());
    for (T& value : values) Field(name, value);
  }

  ByteWriter out_;
  Seen origins_;
  Seen types_;
};

class Reader final : public FieldVisitor {
 public:
  Reader(std::string_view bytes, const TableResolver* tables) : in_(bytes), tables_(tables) {
    if (in_.Byte() != kFormatVersion) ByteReader::Corrupt("another version of the format");
  }

  void Field(std::string_view, bool& value) override { value = in_.Boolean(); }
  void Field(std::string_view, int64_t& value) override { value = in_.Signed(); }
  void Field(std::string_view, double& value) override { value = in_.Double(); }
  void Field(std::string_view, std::string& value) override { value = in_.Text(); }
  void Field(std::string_view, TypePtr& value) override {
    if (!IsNewShared(types_, value)) return;
    value = ReadType(in_);
    types_.push_back(value);
  }
  void Field(std::string_view, Value& value) override { value = ReadValue(in_); }
  void Field(std::string_view, ExprPtr& value) override { value = ReadExpression(); }
  void Field(std::string_view, PlanPtr& value) override { value = ReadPlan(); }
  void Field(std::string_view, OriginPtr& value) override {
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
  void Field(std::string_view, TablePtr& value) override {
    value = nullptr;
    if (!in_.Boolean()) return;
    const std::string_view identity = in_.Text();
    if (tables_ == nullptr || !*tables_) ByteReader::Corrupt("a table where none can be");
    value = (*tables_)(identity);
  }
  void Field(std::string_view, std::vector<Batch>& value, const TypePtr& schema) override {
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
  void Field(std::string_view, StringMap& value) override {
    value.clear();
    for (size_t count = in_.Count(); count > 0; --count) {
      std::string key(in_.Text());
      value[std::move(key)] = in_.Text();
    }
  }
  void Field(std::string_view name, std::vector<std::string>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<int64_t>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<ExprPtr>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<PlanPtr>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<std::vector<ExprPtr>>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<std::vector<std::string>>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<std::vector<int64_t>>& value) override { Each(name, value); }

  ExprPtr ReadExpression() { return ReadNode(&NewExpression); }
  PlanPtr ReadPlan() { return ReadNode(&NewPlan); }
  void Finish() const {
    if (!in_.empty()) ByteReader::Corrupt("bytes after the end");
  }

 private:
  template <typename Base>
  std::shared_ptr<const Base> ReadNode(std::shared_ptr<Base> (*make)(int64_t)) {
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
  bool IsNewShared(const std::vector<Pointer>& seen, Pointer& value) {
    const uint64_t tag = in_.Unsigned();
    if (tag == 1) return true;
    if (tag >= 2 && tag - 2 >= seen.size()) ByteReader::Corrupt("a reference to something that isn't there");
    value = tag == 0 ? nullptr : seen[tag - 2];
    return false;
  }
  template <typename T>
  void Each(std::string_view name, std::vector<T>& values) {
    values.clear();
    for (size_t count = in_.Count(); count > 0; --count) {
      values.emplace_back();
      Field(name, values.back());
    }
  }

  ByteReader in_;
  const TableResolver* tables_;
  std::vector<OriginPtr> origins_;
  std::vector<TypePtr> types_;
};

}  // namespace

std::string SerializePlan(const PlanPtr& plan) {
  Writer writer;
  writer.Node(plan);
  return writer.Take();
}

PlanPtr DeserializePlan(std::string_view bytes, const TableResolver& tables) {
  Reader reader(bytes, &tables);
  PlanPtr plan = reader.ReadPlan();
  reader.Finish();
  return plan;
}

std::string SerializeExpression(const ExprPtr& expression) {
  Writer writer;
  writer.Node(expression);
  return writer.Take();
}

ExprPtr DeserializeExpression(std::string_view bytes) {
  Reader reader(bytes, nullptr);
  ExprPtr expression = reader.ReadExpression();
  reader.Finish();
  return expression;
}

}  // namespace centella
