// Frames: lazy gathering of columns, cached results, and the joining of branch results.
#include <algorithm>

#include "expression/program.h"

namespace centella {

Frame::Frame(int64_t rows, int slots, int results, Fill fill, void* source)
    : rows_(rows), fill_(fill), source_(source), slots_(slots), results_(results) {}

Frame::Frame(Frame& parent, const int32_t* picks, int64_t rows)
    : rows_(rows), parent_(&parent), picks_(picks), slots_(parent.slots_.size()), results_(parent.results_.size()) {}

Frame* Frame::Root() {
  Frame* frame = this;
  while (frame->parent_ != nullptr) frame = frame->parent_;
  return frame;
}

const int32_t* Frame::RootPicks() {
  if (parent_->parent_ == nullptr) return picks_;
  if (root_picks_.empty() && rows_ > 0) {
    const int32_t* outer = parent_->RootPicks();
    root_picks_.resize(rows_);
    for (int64_t i = 0; i < rows_; ++i) root_picks_[i] = outer[picks_[i]];
  }
  return root_picks_.data();
}

const VectorPtr& Frame::Slot(int slot) {
  VectorPtr& vector = slots_[slot];
  if (vector != nullptr) return vector;
  if (parent_ == nullptr) {
    vector = fill_(source_, slot);
  } else if (parent_->slots_[slot] != nullptr) {
    vector = Gather(parent_->slots_[slot], picks_, rows_);
  } else {
    vector = Gather(Root()->Slot(slot), RootPicks(), rows_);
  }
  return vector;
}

Encoding Frame::SlotEncoding(int slot) {
  return slots_[slot] != nullptr ? slots_[slot]->encoding() : Root()->Slot(slot)->encoding();
}

VectorPtr Frame::CachedResult(int cache) {
  if (results_[cache] != nullptr || parent_ == nullptr) return results_[cache];
  VectorPtr outer = parent_->CachedResult(cache);
  if (outer != nullptr) results_[cache] = Gather(outer, picks_, rows_);
  return results_[cache];
}

Frame::Peel* Frame::FindPeel(int slot) {
  for (auto& peel : peels_) {
    if (peel->slot == slot) return peel.get();
  }
  return nullptr;
}

Frame::Peel* Frame::AddPeel(std::unique_ptr<Peel> peel) {
  peels_.push_back(std::move(peel));
  return peels_.back().get();
}

// ---- Blend --------------------------------------------------------------------------------------------------------

void Blend::Put(VectorPtr values, std::vector<int32_t> rows) {
  if (!rows.empty()) pieces_.push_back({std::move(values), std::move(rows), false});
}

void Blend::PutDense(VectorPtr values, std::vector<int32_t> rows) {
  if (!rows.empty()) pieces_.push_back({std::move(values), std::move(rows), true});
}

namespace {

bool IsNestedPhysical(PhysicalType type) {
  return type == PhysicalType::kArray || type == PhysicalType::kMap || type == PhysicalType::kStruct;
}

template <typename T>
void Scatter(const Vector& values, const std::vector<int32_t>& rows, bool dense, T* out, uint8_t* validity) {
  DecodedVector decoded(values);
  if (validity == nullptr && values.is_flat()) {
    const T* data = values.data<T>();
    if (dense) {
      for (int32_t row : rows) out[row] = data[row];
    } else {
      for (size_t i = 0; i < rows.size(); ++i) out[rows[i]] = data[i];
    }
    return;
  }
  if (validity == nullptr) {
    for (size_t i = 0; i < rows.size(); ++i) out[rows[i]] = decoded.Value<T>(dense ? rows[i] : static_cast<int64_t>(i));
    return;
  }
  if (!decoded.may_have_nulls()) {
    for (size_t i = 0; i < rows.size(); ++i) {
      out[rows[i]] = decoded.Value<T>(dense ? rows[i] : static_cast<int64_t>(i));
      SetBit(validity, rows[i]);
    }
    return;
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    int64_t at = dense ? rows[i] : static_cast<int64_t>(i);
    if (decoded.IsNull(at)) continue;
    out[rows[i]] = decoded.Value<T>(at);
    SetBit(validity, rows[i]);
  }
}

}  // namespace

template <typename T>
VectorPtr Blend::FinishFlat() {
  MutableVectorPtr out = Vector::MakeFlat(type_, rows_);
  bool all_valid = true;
  int64_t put = 0;
  for (const Piece& piece : pieces_) {
    all_valid = all_valid && !piece.values->MayHaveNulls();
    put += static_cast<int64_t>(piece.rows.size());
  }
  all_valid = all_valid && put == rows_;
  BufferPtr validity;
  if (!all_valid) {
    validity = Buffer::AllocateZeroed(BitmapBytes(rows_));
    std::memset(static_cast<void*>(out->mutable_data<T>()), 0, sizeof(T) * rows_);
  }
  for (const Piece& piece : pieces_) {
    Scatter<T>(*piece.values, piece.rows, piece.dense, out->mutable_data<T>(),
               all_valid ? nullptr : validity->mutable_data());
    out->AddHeaps(*piece.values);
  }
  out->set_validity(std::move(validity));
  return out;
}

// Branches that are all constants (CASE … THEN 'a' … ELSE 'b') stay a dictionary of those constants.
VectorPtr Blend::FinishConstants() {
  std::vector<VectorPtr> values;
  BufferPtr codes = Buffer::AllocateZeroed(rows_ * 4);
  BufferPtr validity = Buffer::AllocateZeroed(BitmapBytes(rows_));
  int64_t put = 0;
  for (const Piece& piece : pieces_) {
    auto code = static_cast<int32_t>(values.size());
    values.push_back(Gather(piece.values, std::vector<int32_t>{0}.data(), 1));
    for (int32_t row : piece.rows) {
      codes->mutable_as<int32_t>()[row] = code;
      SetBit(validity->mutable_data(), row);
    }
    put += static_cast<int64_t>(piece.rows.size());
  }
  if (put == rows_) validity = nullptr;
  return Vector::MakeDictionary(Flatten(Concat(values)), std::move(codes), rows_, std::move(validity));
}

VectorPtr Blend::FinishNested() {
  std::vector<VectorPtr> values;
  std::vector<int32_t> picks(rows_, -1);
  int64_t offset = 0;
  for (const Piece& piece : pieces_) {
    for (size_t i = 0; i < piece.rows.size(); ++i) {
      picks[piece.rows[i]] = static_cast<int32_t>(offset + (piece.dense ? piece.rows[i] : static_cast<int64_t>(i)));
    }
    offset += piece.values->size();
    values.push_back(piece.values);
  }
  return Gather(values.size() == 1 ? values[0] : Concat(values), picks.data(), rows_);
}

VectorPtr Blend::Finish() {
  if (pieces_.empty()) return Vector::MakeNull(type_, rows_);
  if (pieces_.size() == 1 && static_cast<int64_t>(pieces_[0].rows.size()) == rows_) return pieces_[0].values;
  bool constants = std::all_of(pieces_.begin(), pieces_.end(), [](const Piece& p) { return p.values->is_constant(); });
  if (IsNestedPhysical(type_->physical())) return FinishNested();
  if (constants && type_->physical() == PhysicalType::kString) return FinishConstants();
  switch (type_->physical()) {
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return FinishFlat<int8_t>();
    case PhysicalType::kInt16: return FinishFlat<int16_t>();
    case PhysicalType::kInt32:
    case PhysicalType::kFloat: return FinishFlat<int32_t>();
    case PhysicalType::kInt64:
    case PhysicalType::kDouble: return FinishFlat<int64_t>();
    case PhysicalType::kInt128: return FinishFlat<int128_t>();
    case PhysicalType::kString: return FinishFlat<StringView>();
    case PhysicalType::kInterval: return FinishFlat<CalendarIntervalValue>();
    default: return Vector::MakeNull(type_, rows_);
  }
}

}  // namespace centella
