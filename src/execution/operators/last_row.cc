// The last row that a top-n may still want.
#include "execution/operators/last_row.h"

#include "execution/operators/ordered_bits.h"

namespace centella {
namespace {

// Calls `body` with functions of a row of `a` and `b`, columns of one type, that give its value, or what that begins with, as an
// unsigned number of the same order; for a type without such numbers they give the same for all.
template <typename Body>
void WithOrderedValues(const Vector& a, const Vector& b, Body&& body) {
  const bool number = WithNumberType(a.physical(), [&]<typename T>(T) {
    const auto values = [](const Vector& column) {
      return [data = column.data<T>()](int64_t row) { return OrderedBits(data[row]); };
    };
    body(values(a), values(b));
  });
  if (number) return;
  if (a.physical() == PhysicalType::kString) {
    const auto beginnings = [](const Vector& column) {
      return [data = column.data<StringView>()](int64_t row) { return LoadText(data[row], 0); };
    };
    body(beginnings(a), beginnings(b));
  } else {
    const auto same = [](int64_t) { return uint64_t{0}; };
    body(same, same);
  }
}

}  // namespace

void LastRow::Set(const Batch& batch, int64_t row, const std::vector<SortKey>& keys, Place place) {
  columns_.clear();
  for (const SortKey& key : keys) columns_.push_back(CopyCompact(*Slice(batch.columns[key.column], row, 1)));
  place_ = place;
}

void LastRow::FindCandidates(const Vector& column, const SortKey& key, Selection* candidates) const {
  const Vector& last = *columns_[0];
  const int64_t n = column.size();
  candidates->resize(n);
  int32_t* out = candidates->data();
  size_t count = 0;
  const auto take = [&](auto wanted) {
    for (int64_t i = 0; i < n; ++i) {
      out[count] = static_cast<int32_t>(i);
      count += static_cast<size_t>(wanted(i));
    }
  };
  if (last.IsNull(0)) {
    take([&](int64_t i) { return !key.nulls_first || column.IsNull(i); });
  } else {
    WithOrderedValues(column, last, [&](auto value, auto last_value) {
      const auto bound = last_value(0);
      const bool nulls = key.nulls_first, descending = !key.ascending;
      if (column.MayHaveNulls()) {
        take(
            [&](int64_t i) { return column.IsNull(i) ? nulls : (descending ? value(i) >= bound : value(i) <= bound); });
      } else if (descending) {
        take([=](int64_t i) { return value(i) >= bound; });
      } else {
        take([=](int64_t i) { return value(i) <= bound; });
      }
    });
  }
  candidates->resize(count);
}

void LastRow::DropBeyond(Batch* batch, const std::vector<SortKey>& keys, Place place) const {
  auto kept = std::make_shared<Selection>();
  FindCandidates(*Flatten(batch->columns[keys[0].column]), keys[0], kept.get());
  if (!kept->empty()) {
    const std::vector<VectorPtr> columns = KeyColumns(*batch, keys);
    std::erase_if(*kept, [&](int32_t row) {
      const int order = CompareKeys(columns, row, columns_, 0, keys);
      return order > 0 || (order == 0 && place >= place_);
    });
  }
  if (static_cast<int64_t>(kept->size()) == batch->rows) return;
  batch->selection = std::move(kept);
  *batch = Compact(std::move(*batch));
}

}  // namespace centella
