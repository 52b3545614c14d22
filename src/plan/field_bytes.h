// The fields of nodes to bytes and back: the visitors behind SerializePlan, for every room that has nodes of its own.
//
// Form: a version byte, then what the caller writes. An expression or logical plan is its kind + 1 (0 = none) and its fields
// in declared order. Origins and types that stand in many places are written once and then referred to by number.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plan/byte_stream.h"
#include "plan/node.h"

namespace centella {

// Makes a Table from what Table::Identity wrote.
using TableResolver = std::function<TablePtr(std::string_view identity)>;

class FieldWriter final : public FieldVisitor {
 public:
  FieldWriter();
  void Field(std::string_view, bool& value) override { out_.Byte(value); }
  void Field(std::string_view, int64_t& value) override { out_.Signed(value); }
  void Field(std::string_view, double& value) override { out_.Double(value); }
  void Field(std::string_view, std::string& value) override { out_.Text(value); }
  void Field(std::string_view, TypePtr& value) override;
  void Field(std::string_view, Value& value) override;
  void Field(std::string_view, ExprPtr& value) override;
  void Field(std::string_view, PlanPtr& value) override;
  void Field(std::string_view, OriginPtr& value) override;
  void Field(std::string_view, TablePtr& value) override;
  void Field(std::string_view, std::vector<Batch>& value, const TypePtr&) override;
  void Field(std::string_view, StringMap& value) override;
  void Field(std::string_view name, std::vector<std::string>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<int64_t>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<ExprPtr>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<PlanPtr>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<std::vector<ExprPtr>>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<std::vector<std::string>>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<std::vector<int64_t>>& value) override { Each(name, value); }

  // For what isn't a field: the kinds and children of the caller's own nodes.
  ByteWriter& bytes() { return out_; }
  std::string Take() { return out_.Take(); }

 private:
  using Seen = std::unordered_map<const void*, uint64_t>;
  bool IsNewShared(Seen& seen, const void* address);
  template <typename NodePointer>
  void Node(const NodePointer& node);
  template <typename T>
  void Each(std::string_view name, std::vector<T>& values) {
    out_.Unsigned(values.size());
    for (T& value : values) Field(name, value);
  }

  ByteWriter out_;
  Seen origins_;
  Seen types_;
};

// Checks every length, kind and depth: raises INTERNAL_ERROR for corrupt bytes, and allocates no more than a small
// multiple of what it was given.
class FieldReader final : public FieldVisitor {
 public:
  // `tables` may be null: then a table is corrupt. Both must outlive the reader.
  FieldReader(std::string_view bytes, const TableResolver* tables);
  void Field(std::string_view, bool& value) override { value = in_.Boolean(); }
  void Field(std::string_view, int64_t& value) override { value = in_.Signed(); }
  void Field(std::string_view, double& value) override { value = in_.Double(); }
  void Field(std::string_view, std::string& value) override { value = in_.Text(); }
  void Field(std::string_view, TypePtr& value) override;
  void Field(std::string_view, Value& value) override;
  void Field(std::string_view, ExprPtr& value) override;
  void Field(std::string_view, PlanPtr& value) override;
  void Field(std::string_view, OriginPtr& value) override;
  void Field(std::string_view, TablePtr& value) override;
  void Field(std::string_view, std::vector<Batch>& value, const TypePtr& schema) override;
  void Field(std::string_view, StringMap& value) override;
  void Field(std::string_view name, std::vector<std::string>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<int64_t>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<ExprPtr>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<PlanPtr>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<std::vector<ExprPtr>>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<std::vector<std::string>>& value) override { Each(name, value); }
  void Field(std::string_view name, std::vector<std::vector<int64_t>>& value) override { Each(name, value); }

  ByteReader& bytes() { return in_; }
  // Nothing may follow.
  void Finish() const {
    if (!in_.empty()) ByteReader::Corrupt("bytes after the end");
  }

 private:
  template <typename Base>
  std::shared_ptr<const Base> ReadNode(std::shared_ptr<Base> (*make)(int64_t));
  template <typename Pointer>
  bool IsNewShared(const std::vector<Pointer>& seen, Pointer& value);
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

}  // namespace centella
