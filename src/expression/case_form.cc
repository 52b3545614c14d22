// CASE: first which branch each row takes, then each branch's value on the rows that take it.
#include <algorithm>

#include "base/simd.h"
#include "expression/program.h"

namespace centella {
namespace {

// Rows that no branch has taken yet (choice == open) and whose condition is true take `branch`; gives how many. `truth` has
// `is_true` where it is.
template <typename Branch>
CENTELLA_WIDE_LOOPS int64_t Take(const uint8_t* truth, uint8_t is_true, int64_t rows, Branch branch, Branch open,
                                 Branch* __restrict choice) {
  int64_t taken = 0;
  for (int64_t i = 0; i < rows; ++i) {
    const bool takes = (truth[i] == is_true) & (choice[i] == open);
    choice[i] = takes ? branch : choice[i];
    taken += takes;
  }
  return taken;
}

// A condition's values as bytes, and which byte means true. `scratch` holds them where they aren't bytes without nulls.
const uint8_t* TruthOf(const Vector& condition, std::vector<uint8_t>* scratch, uint8_t* is_true) {
  if (condition.is_flat() && condition.physical() == PhysicalType::kBool && !condition.MayHaveNulls()) {
    *is_true = 1;
    return condition.data<uint8_t>();
  }
  DecodeTruth(condition, *scratch);
  *is_true = kTrue;
  return scratch->data();
}

// out[i] = values' row i where row i takes the branch, else rest's. `constant`: values has one row.
template <typename T, typename Branch>
CENTELLA_WIDE_LOOPS void Select(const Branch* choice, Branch branch, const T* values, bool constant, const T* rest,
                                int64_t rows, T* __restrict out) {
  if (constant) {
    const T value = values[0];
    for (int64_t i = 0; i < rows; ++i) out[i] = choice[i] == branch ? value : rest[i];
  } else {
    for (int64_t i = 0; i < rows; ++i) out[i] = choice[i] == branch ? values[i] : rest[i];
  }
}

// out[i] = values' row i where row i takes the branch, else what is there.
template <typename T, typename Branch>
CENTELLA_WIDE_LOOPS void Overwrite(const Branch* choice, Branch branch, const T* values, bool constant, int64_t rows,
                                   T* __restrict out) {
  if (constant) {
    const T value = values[0];
    for (int64_t i = 0; i < rows; ++i) out[i] = choice[i] == branch ? value : out[i];
  } else {
    for (int64_t i = 0; i < rows; ++i) out[i] = choice[i] == branch ? values[i] : out[i];
  }
}

// One CASE over one frame. `Branch` counts its conditions; as many as there are stands for the ELSE.
template <typename Branch>
class CaseForm {
 public:
  CaseForm(Runner& runner, const Node& node, Frame& frame)
      : runner_(runner),
        node_(node),
        frame_(frame),
        rows_(frame.rows()),
        conditions_(static_cast<Branch>(node.children.size() / 2)) {}

  VectorPtr Evaluate() {
    Choose();
    // Where a row takes no branch, or a branch isn't known on all rows, or may be null there, values are put together row by row.
    bool selectable = node_.has_else || counts_[conditions_] == 0;
    for (int64_t branch = 0; branch < conditions_ + int64_t{node_.has_else}; ++branch) {
      const int64_t count = counts_[branch];
      if (count == 0) continue;
      const int child = branch < conditions_ ? node_.children[2 * branch + 1] : node_.children.back();
      if (count == rows_) return runner_.Evaluate(child, frame_);
      Piece piece{static_cast<Branch>(branch), nullptr, {}};
      if (runner_.WorthAllRows(child, count, rows_)) {
        piece.values = runner_.Evaluate(child, frame_);
        selectable = selectable && !piece.values->MayHaveNulls();
      } else {
        piece.rows = RowsOf(piece.branch);
        Frame inner(frame_, piece.rows.data(), count);
        piece.values = runner_.Evaluate(child, inner);
        selectable = false;
      }
      pieces_.push_back(std::move(piece));
    }
    const VectorPtr selected = selectable ? SelectNumbers() : nullptr;
    return selected != nullptr ? selected : BlendPieces();
  }

 private:
  // A branch's value on the rows that take it, or on all rows.
  struct Piece {
    Branch branch;
    VectorPtr values;
    std::vector<int32_t> rows;  // empty: `values` has all rows
  };

  // Fills choice_ and counts_.
  void Choose() {
    counts_.assign(size_t{conditions_} + 1, 0);
    choice_.assign(rows_, conditions_);
    int64_t open = rows_;
    std::vector<uint8_t> truth;
    uint8_t is_true = kTrue;
    for (Branch branch = 0; branch < conditions_ && open > 0; ++branch) {
      const int condition = node_.children[2 * branch];
      if (runner_.WorthAllRows(condition, open, rows_)) {
        const VectorPtr values = runner_.Evaluate(condition, frame_);
        const uint8_t* bytes = TruthOf(*values, &truth, &is_true);
        counts_[branch] = Take(bytes, is_true, rows_, branch, conditions_, choice_.data());
      } else {
        const std::vector<int32_t> rest = RowsOf(conditions_);
        Frame inner(frame_, rest.data(), open);
        DecodeTruth(*runner_.Evaluate(condition, inner), truth);
        for (int64_t i = 0; i < open; ++i) {
          if (truth[i] != kTrue) continue;
          choice_[rest[i]] = branch;
          ++counts_[branch];
        }
      }
      open -= counts_[branch];
    }
    counts_[conditions_] = open;
  }

  std::vector<int32_t> RowsOf(Branch branch) const {
    std::vector<int32_t> rows(rows_);
    size_t at = 0;
    for (int64_t i = 0; i < rows_; ++i) {
      rows[at] = static_cast<int32_t>(i);
      at += choice_[i] == branch;
    }
    rows.resize(at);
    return rows;
  }

  // Picks each row's value among branches that are known on all rows and have no nulls, without a jump a row. Null when they
  // aren't numbers of up to 64 bits.
  VectorPtr SelectNumbers() const {
    switch (node_.type->physical()) {
      case PhysicalType::kBool:
      case PhysicalType::kInt8: return SelectFrom<int8_t>();
      case PhysicalType::kInt16: return SelectFrom<int16_t>();
      case PhysicalType::kInt32:
      case PhysicalType::kFloat: return SelectFrom<int32_t>();
      case PhysicalType::kInt64:
      case PhysicalType::kDouble: return SelectFrom<int64_t>();
      default: return nullptr;
    }
  }

  template <typename T>
  VectorPtr SelectFrom() const {
    MutableVectorPtr out = Vector::MakeFlat(node_.type, rows_);
    T* to = out->mutable_data<T>();
    VectorPtr first = Flatten(pieces_[0].values);
    for (size_t p = 1; p < pieces_.size(); ++p) {
      const VectorPtr& values = pieces_[p].values;
      const VectorPtr each = values->is_dictionary() ? Flatten(values) : values;
      if (p == 1) {
        Select(choice_.data(), pieces_[p].branch, each->data<T>(), each->is_constant(), first->data<T>(), rows_, to);
      } else {
        Overwrite(choice_.data(), pieces_[p].branch, each->data<T>(), each->is_constant(), rows_, to);
      }
    }
    return out;
  }

  VectorPtr BlendPieces() {
    Blend blend(node_.type, rows_);
    for (Piece& piece : pieces_) {
      if (piece.rows.empty()) {
        blend.PutDense(std::move(piece.values), RowsOf(piece.branch));
      } else {
        blend.Put(std::move(piece.values), std::move(piece.rows));
      }
    }
    return blend.Finish();
  }

  Runner& runner_;
  const Node& node_;
  Frame& frame_;
  const int64_t rows_;
  const Branch conditions_;
  std::vector<Branch> choice_;   // of each row
  std::vector<int64_t> counts_;  // rows of each branch
  std::vector<Piece> pieces_;    // of the branches that rows take; two or more when they are put together
};

}  // namespace

VectorPtr Runner::EvaluateCase(const Node& node, Frame& frame) {
  if (node.children.size() < 2 * 255) return CaseForm<uint8_t>(*this, node, frame).Evaluate();
  return CaseForm<uint32_t>(*this, node, frame).Evaluate();
}

}  // namespace centella
