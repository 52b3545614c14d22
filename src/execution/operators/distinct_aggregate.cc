// agg(DISTINCT …) for any aggregate.
#include "execution/operators/distinct_aggregate.h"

#include <numeric>

#include "execution/group_table.h"
#include "execution/hashing.h"

namespace centella {
namespace {

class DistinctAggregate final : public AggregateFunction {
 public:
  DistinctAggregate(std::shared_ptr<const AggregateFunction> function, std::vector<TypePtr> arg_types)
      : function_(std::move(function)),
        arg_types_(std::move(arg_types)),
        layout_(std::make_shared<RowLayout>(arg_types_, 8, 0)) {
    std::vector<StructField> fields;
    for (size_t i = 0; i < arg_types_.size(); ++i) fields.push_back({"_" + std::to_string(i), arg_types_[i], true, ""});
    row_type_ = types::Struct(std::move(fields));
  }

  // A pointer to the set; made at the first row.
  size_t state_size() const override { return sizeof(GroupTable*); }
  void Init(std::byte* state) const override { Set(state) = nullptr; }

  void Update(std::span<const VectorPtr> args, int64_t rows, std::byte* const* states) const override {
    // Runs of rows of one state go in together.
    for (int64_t begin = 0; begin < rows;) {
      int64_t end = begin + 1;
      while (end < rows && states[end] == states[begin]) ++end;
      std::vector<VectorPtr> slice;
      for (const VectorPtr& arg : args) slice.push_back(Slice(arg, begin, end - begin));
      Add(slice, end - begin, states[begin]);
      begin = end;
    }
  }
  void UpdateOne(std::span<const VectorPtr> args, int64_t rows, std::byte* state) const override {
    Add({args.begin(), args.end()}, rows, state);
  }

  void Merge(std::byte* const* from, std::byte* const* into, int64_t rows) const override {
    for (int64_t i = 0; i < rows; ++i) {
      if (Set(from[i]) != nullptr) Add(Values(from[i]), Set(from[i])->groups(), into[i]);
    }
  }

  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    std::vector<uint64_t> storage((function_->state_size() + 15) / 8);
    auto* inner = reinterpret_cast<std::byte*>(storage.data());
    std::vector<VectorPtr> results;
    for (int64_t i = 0; i < rows; ++i) {
      function_->Init(inner);
      if (Set(states[i]) != nullptr) function_->UpdateOne(Values(states[i]), Set(states[i])->groups(), inner);
      results.push_back(function_->Finish(&inner, 1));
      function_->Destroy(inner);
    }
    return Flatten(Concat(results));
  }

  TypePtr intermediate_type() const override { return types::Array(row_type_, false); }

  VectorPtr Serialize(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr lists = Vector::MakeFlat(intermediate_type(), rows);
    std::vector<VectorPtr> parts;
    int32_t offset = 0;
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t count = Set(states[i]) == nullptr ? 0 : Set(states[i])->groups();
      lists->mutable_data<ListEntry>()[i] = {offset, static_cast<int32_t>(count)};
      offset += static_cast<int32_t>(count);
      if (count > 0) parts.push_back(MakeRows(Values(states[i]), count));
    }
    if (!parts.empty()) lists->set_child(0, Concat(parts));
    return lists;
  }

  void DeserializeMerge(const VectorPtr& serialized, std::byte* const* into) const override {
    const VectorPtr flat = Flatten(serialized);
    const ListEntry* entries = flat->data<ListEntry>();
    for (int64_t i = 0; i < flat->size(); ++i) {
      if (entries[i].length == 0) continue;
      const VectorPtr rows = Flatten(Slice(flat->child(0), entries[i].offset, entries[i].length));
      Add(rows->children(), entries[i].length, into[i]);
    }
  }

  bool needs_destroy() const override { return true; }
  void Destroy(std::byte* state) const override {
    delete Set(state);
    Set(state) = nullptr;
  }
  int64_t HeapBytes(const std::byte* state) const override {
    const GroupTable* set = *reinterpret_cast<GroupTable* const*>(state);
    return set == nullptr ? 0 : set->bytes();
  }
  bool order_sensitive() const override { return function_->order_sensitive(); }

 private:
  static GroupTable*& Set(std::byte* state) { return *reinterpret_cast<GroupTable**>(state); }

  VectorPtr MakeRows(const std::vector<VectorPtr>& columns, int64_t count) const {
    MutableVectorPtr rows = Vector::MakeFlat(row_type_, count);
    for (size_t c = 0; c < columns.size(); ++c) rows->set_child(c, columns[c]);
    return rows;
  }

  // The distinct rows, column by column, in the order they came.
  std::vector<VectorPtr> Values(std::byte* state) const {
    const std::vector<std::byte*> rows = Set(state)->store()->RowPointers();
    const BufferPtr anchor = Buffer::Wrap(nullptr, 0, Set(state)->store());
    std::vector<VectorPtr> columns;
    for (size_t c = 0; c < arg_types_.size(); ++c) {
      columns.push_back(GatherColumn(*layout_, c, rows.data(), static_cast<int64_t>(rows.size()), anchor));
    }
    return columns;
  }

  void Add(std::vector<VectorPtr> columns, int64_t rows, std::byte* state) const {
    if (rows == 0) return;
    // NULL is a value like others here; the function decides what it means.
    for (VectorPtr& column : columns) column = Flatten(column);
    if (Set(state) == nullptr) Set(state) = new GroupTable(layout_, arg_types_.size());
    std::vector<uint64_t> hashes(static_cast<size_t>(rows));
    std::vector<std::byte*> found(static_cast<size_t>(rows));
    std::vector<int32_t> created;
    HashRows(columns, rows, hashes.data());
    Set(state)->FindOrCreate(columns, hashes.data(), rows, found.data(), &created);
  }

  std::shared_ptr<const AggregateFunction> function_;
  std::vector<TypePtr> arg_types_;
  std::shared_ptr<const RowLayout> layout_;
  TypePtr row_type_;
};

}  // namespace

std::shared_ptr<const AggregateFunction> MakeDistinctAggregate(std::shared_ptr<const AggregateFunction> function,
                                                               std::vector<TypePtr> arg_types) {
  return std::make_shared<DistinctAggregate>(std::move(function), std::move(arg_types));
}

}  // namespace centella
