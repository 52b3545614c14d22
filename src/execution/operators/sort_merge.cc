// Merging sorted runs row by row.
#include "execution/operators/sort_merge.h"

#include <algorithm>

namespace centella {
namespace {

class MergeReader final : public MorselReader {
 public:
  MergeReader(std::shared_ptr<SortOperator::Shared> shared, size_t first, size_t last)
      : shared_(std::move(shared)),
        skip_(shared_->spec.offset),
        left_(shared_->spec.limit < 0 ? INT64_MAX : shared_->spec.limit) {
    for (size_t run = first; run < last; ++run) {
      cursors_.push_back({run, 0, shared_->runs[run].count, nullptr, 0, 0});
      Refill(cursors_.back());
      heap_.push_back(cursors_.size() - 1);
    }
    std::make_heap(heap_.begin(), heap_.end(), After{this});
  }

  ReadState Next(Batch* batch, EventPtr*) override {
    const ReadState state = Take(batch);
    if (state != ReadState::kBatch || skip_ == 0) return state;
    const int64_t skipped = std::min(skip_, batch->rows);
    skip_ -= skipped;
    *batch = SliceBatch(*batch, skipped, batch->rows - skipped);
    return state;
  }

 private:
  // The next rows, also those that are skipped.
  ReadState Take(Batch* batch) {
    if (heap_.empty() || left_ == 0) return ReadState::kFinished;
    if (heap_.size() == 1) return DrainLast(batch);
    const int64_t wanted = std::min<int64_t>(shared_->context->batch_size, left_);
    // Rows taken, as (loaded piece, row).
    std::vector<std::pair<const SortableRows*, int32_t>> taken;
    std::vector<std::shared_ptr<SortableRows>> pieces;
    while (static_cast<int64_t>(taken.size()) < wanted && !heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end(), After{this});
      Cursor& cursor = cursors_[heap_.back()];
      if (pieces.empty() || pieces.back() != cursor.rows) pieces.push_back(cursor.rows);
      taken.emplace_back(cursor.rows.get(), static_cast<int32_t>(cursor.row));
      if (Advance(cursor)) {
        std::push_heap(heap_.begin(), heap_.end(), After{this});
      } else {
        heap_.pop_back();
      }
    }
    Assemble(taken, pieces, batch);
    left_ -= batch->rows;
    return ReadState::kBatch;
  }

  struct Cursor {
    size_t run;
    int64_t next, end;  // not yet loaded, in run rows
    std::shared_ptr<SortableRows> rows;
    int64_t row, row_end;  // within `rows`
  };
  // Heap order: the cursor whose row comes last is lowest.
  struct After {
    MergeReader* reader;
    bool operator()(size_t a, size_t b) const {
      const Cursor& x = reader->cursors_[a];
      const Cursor& y = reader->cursors_[b];
      const int order = SortableRows::Compare(*x.rows, x.row, *y.rows, y.row, reader->shared_->spec.keys);
      return order != 0 ? order > 0 : a > b;
    }
  };

  void Refill(Cursor& cursor) {
    const SortRun& run = shared_->runs[cursor.run];
    Batch batch = run.slots.empty()
                      ? run.rows
                      : shared_->spill_file->Read(run.slots[cursor.next / SortRun::kSlotRows], shared_->spec.types);
    cursor.next += batch.rows;
    cursor.row = 0;
    cursor.row_end = batch.rows;
    cursor.rows = std::make_shared<SortableRows>(std::move(batch), shared_->spec.keys);
  }

  bool Advance(Cursor& cursor) {
    if (++cursor.row < cursor.row_end) return true;
    if (cursor.next >= cursor.end) return false;
    Refill(cursor);
    return true;
  }

  ReadState DrainLast(Batch* batch) {
    Cursor& cursor = cursors_[heap_[0]];
    const int64_t n =
        std::min({static_cast<int64_t>(shared_->context->batch_size), left_, cursor.row_end - cursor.row});
    *batch = SliceBatch(cursor.rows->batch(), cursor.row, n);
    cursor.row += n - 1;
    left_ -= n;
    if (!Advance(cursor)) heap_.clear();
    return ReadState::kBatch;
  }

  // One gather per piece that rows came from, then one over their concatenation.
  void Assemble(const std::vector<std::pair<const SortableRows*, int32_t>>& taken,
                std::vector<std::shared_ptr<SortableRows>>& pieces, Batch* batch) {
    std::sort(pieces.begin(), pieces.end());
    pieces.erase(std::unique(pieces.begin(), pieces.end()), pieces.end());
    std::vector<std::vector<int32_t>> rows(pieces.size());
    std::vector<std::pair<size_t, int32_t>> places;
    for (const auto& [piece, row] : taken) {
      const size_t p = std::lower_bound(pieces.begin(), pieces.end(), piece,
                                        [](const auto& a, const SortableRows* b) { return a.get() < b; }) -
                       pieces.begin();
      places.emplace_back(p, static_cast<int32_t>(rows[p].size()));
      rows[p].push_back(row);
    }
    std::vector<int32_t> starts(pieces.size(), 0);
    for (size_t p = 1; p < pieces.size(); ++p) starts[p] = starts[p - 1] + static_cast<int32_t>(rows[p - 1].size());
    std::vector<int32_t> order;
    for (const auto& [p, row] : places) order.push_back(starts[p] + row);
    batch->rows = static_cast<int64_t>(taken.size());
    batch->selection = nullptr;
    batch->columns.clear();
    for (size_t c = 0; c < shared_->spec.types.size(); ++c) {
      std::vector<VectorPtr> parts;
      for (size_t p = 0; p < pieces.size(); ++p) {
        parts.push_back(Gather(pieces[p]->batch().columns[c], rows[p].data(), static_cast<int64_t>(rows[p].size())));
      }
      batch->columns.push_back(Gather(Concat(parts), order.data(), batch->rows));
    }
  }

  std::shared_ptr<SortOperator::Shared> shared_;
  int64_t skip_, left_;
  std::vector<Cursor> cursors_;
  std::vector<size_t> heap_;
};

}  // namespace

std::unique_ptr<MorselReader> MakeSortMerge(std::shared_ptr<SortOperator::Shared> shared, size_t first, size_t last) {
  return std::make_unique<MergeReader>(std::move(shared), first, last);
}

}  // namespace centella
