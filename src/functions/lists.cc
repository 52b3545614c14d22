// Building blocks of collection kernels.
#include "functions/lists.h"

#include <cstring>
#include <unordered_map>

#include "functions/compare.h"

namespace centella {
namespace {

constexpr int64_t kMostElements = int64_t{1} << 28;  // of one batch: bounds what hostile arguments can ask for

BufferPtr Copy(const std::vector<ListEntry>& entries) {
  BufferPtr buffer = Buffer::Allocate(static_cast<int64_t>(entries.size() * sizeof(ListEntry)));
  if (!entries.empty()) std::memcpy(buffer->mutable_data(), entries.data(), entries.size() * sizeof(ListEntry));
  return buffer;
}

TypePtr EntryType(const DataType& map) {
  return types::Struct({{"key", map.key(), false, ""}, {"value", map.value(), map.value_contains_null(), ""}});
}

}  // namespace

TypePtr EitherType(const TypePtr& a, const TypePtr& b) {
  if (a->id() != b->id() || !a->is_nested() || a->fields().size() != b->fields().size()) return a;
  if (a->is(TypeId::kArray))
    return types::Array(EitherType(a->element(), b->element()), a->contains_null() || b->contains_null());
  if (a->is(TypeId::kMap)) {
    return types::Map(EitherType(a->key(), b->key()), EitherType(a->value(), b->value()),
                      a->value_contains_null() || b->value_contains_null());
  }
  std::vector<StructField> fields = a->fields();
  for (size_t i = 0; i < fields.size(); ++i) {
    fields[i].type = EitherType(fields[i].type, b->fields()[i].type);
    fields[i].nullable |= b->fields()[i].nullable;
  }
  return types::Struct(std::move(fields));
}

VectorPtr FieldOf(const VectorPtr& structs, size_t field) {
  if (structs->is_flat()) return structs->child(field);
  if (structs->is_constant()) return Vector::MakeConstantFrom(*structs->base()->child(field), 0, structs->size());
  return Vector::MakeDictionary(Flatten(structs->base()->child(field)), structs->data_buffer(), structs->size());
}

VectorPtr WrapList(const TypePtr& type, const std::vector<ListEntry>& entries, VectorPtr child) {
  return Vector::WrapFlat(type, static_cast<int64_t>(entries.size()), Copy(entries), nullptr, {}, {std::move(child)});
}

VectorPtr WrapMap(const TypePtr& type, const std::vector<ListEntry>& entries, VectorPtr keys, VectorPtr values) {
  int64_t size = keys->size();
  VectorPtr child =
      Vector::WrapFlat(EntryType(*type), size, nullptr, nullptr, {}, {std::move(keys), std::move(values)});
  return WrapList(type, entries, std::move(child));
}

void ListPicks::Expect(int64_t more) const {
  if (picked() + more > kMostElements) RaiseUnsupported("an array of more than 268435456 elements");
}

void ListPicks::EndRow() {
  Expect(0);
  entries_.push_back({static_cast<int32_t>(begin_), static_cast<int32_t>(row_size())});
  begin_ = picked();
}

VectorPtr ListPicks::Finish(const TypePtr& type, const VectorPtr& source) {
  return WrapList(type, entries_, Flatten(Gather(source, picks_.data(), picked())));
}

VectorPtr ListPicks::FinishMap(const TypePtr& type, const VectorPtr& keys, const VectorPtr& values,
                               const std::vector<int32_t>& value_picks) {
  return WrapMap(type, entries_, Flatten(Gather(keys, picks_.data(), picked())),
                 Flatten(Gather(values, value_picks.data(), static_cast<int64_t>(value_picks.size()))));
}

MapPicks::MapPicks(const KernelArgs& call, VectorPtr keys, VectorPtr values)
    : keys_(std::move(keys)), values_(std::move(values)), picks_(call.rows) {
  std::optional<std::string> policy = call.query.config.Get("spark.sql.mapKeyDedupPolicy");
  last_wins_ = policy.has_value() && *policy == "LAST_WIN";
}

void MapPicks::Put(int64_t key_index, int64_t value_index) {
  if (keys_->IsNull(key_index)) Raise(Condition::NULL_MAP_KEY);
  for (int64_t i = 0; i < picks_.row_size(); ++i) {
    if (CompareRows(*keys_, picks_.picked_in_row(i), *keys_, key_index) != 0) continue;
    if (!last_wins_) {
      Raise(Condition::DUPLICATED_MAP_KEY, {{"key", keys_->GetValue(key_index).ToDisplay()},
                                            {"mapKeyDedupPolicy", "\"spark.sql.mapKeyDedupPolicy\""}});
    }
    value_picks_[picks_.picked() - picks_.row_size() + i] = static_cast<int32_t>(value_index);
    return;
  }
  picks_.Pick(key_index);
  value_picks_.push_back(static_cast<int32_t>(value_index));
}

void MapPicks::EndRow() { picks_.EndRow(); }

VectorPtr MapPicks::Finish(const TypePtr& type) { return picks_.FinishMap(type, keys_, values_, value_picks_); }

}  // namespace centella
