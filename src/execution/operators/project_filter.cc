// The transforms that evaluate expressions: filter, project, expand, generate.
#include "execution/operators/project_filter.h"

#include <algorithm>
#include <numeric>

namespace centella {
namespace {

constexpr int64_t kGeneratedRows = 64 << 10;  // about so many are generated at a time

using Compiled = std::shared_ptr<const CompiledExpressions>;

class FilterTransform final : public Transform {
 public:
  explicit FilterTransform(Compiled condition) : condition_(std::move(condition)) {}
  std::unique_ptr<TransformState> NewState(const Morsel& morsel) const override {
    return std::make_unique<State>(condition_, morsel);
  }

 private:
  struct State final : SimpleTransformState {
    State(const Compiled& condition, const Morsel& morsel) : executor(condition, morsel.partition) {}
    Batch Apply(Batch batch) override {
      SelectionPtr selection = executor.Filter(0, batch);
      if (selection != nullptr) batch.selection = std::move(selection);
      return batch;
    }
    ExpressionExecutor executor;
  };
  Compiled condition_;
};

class ProjectTransform final : public Transform {
 public:
  explicit ProjectTransform(Compiled expressions) : expressions_(std::move(expressions)) {}
  std::unique_ptr<TransformState> NewState(const Morsel& morsel) const override {
    return std::make_unique<State>(expressions_, morsel);
  }

 private:
  struct State final : SimpleTransformState {
    State(const Compiled& expressions, const Morsel& morsel) : executor(expressions, morsel.partition) {}
    Batch Apply(Batch batch) override {
      Batch result;
      result.rows = batch.live_rows();
      result.place = batch.place;
      result.columns = executor.Evaluate(batch);
      return result;
    }
    ExpressionExecutor executor;
  };
  Compiled expressions_;
};

class ExpandTransform final : public Transform {
 public:
  explicit ExpandTransform(std::vector<Compiled> projections) : projections_(std::move(projections)) {}
  std::unique_ptr<TransformState> NewState(const Morsel& morsel) const override {
    return std::make_unique<State>(projections_, morsel);
  }

 private:
  struct State final : TransformState {
    State(const std::vector<Compiled>& projections, const Morsel& morsel) {
      for (const Compiled& projection : projections) {
        executors.push_back(std::make_unique<ExpressionExecutor>(projection, morsel.partition));
      }
      next = executors.size();
    }
    void Consume(Batch batch) override {
      input = std::move(batch);
      next = 0;
    }
    bool Next(Batch* batch) override {
      if (next == executors.size()) return false;
      batch->rows = input.live_rows();
      batch->place = input.place;
      batch->selection = nullptr;
      batch->columns = executors[next++]->Evaluate(input);
      return true;
    }
    std::vector<std::unique_ptr<ExpressionExecutor>> executors;
    Batch input;
    size_t next = 0;
  };
  std::vector<Compiled> projections_;
};

class GenerateTransform final : public Transform {
 public:
  GenerateTransform(GenerateSpec spec, QueryContextPtr context)
      : spec_(std::move(spec)), context_(std::move(context)) {}
  std::unique_ptr<TransformState> NewState(const Morsel& morsel) const override {
    return std::make_unique<State>(*this, morsel);
  }

 private:
  struct State final : TransformState {
    State(const GenerateTransform& transform, const Morsel& morsel)
        : owner(transform), executor(transform.spec_.arguments, morsel.partition), partition(morsel.partition) {}

    void Consume(Batch batch) override {
      input = Compact(std::move(batch));
      next_row = 0;
      generated = GeneratedRows();
      position = 0;
    }

    bool Next(Batch* batch) override {
      const int64_t left = static_cast<int64_t>(generated.input_rows.size()) - position;
      if (left <= 0) {
        if (next_row == input.rows) return false;
        Generate();
        *batch = Batch();  // perhaps nothing came of these rows: the driver looks around before the next
        return true;
      }
      const int64_t n = std::min<int64_t>(left, owner.context_->batch_size);
      batch->rows = n;
      batch->selection = nullptr;
      batch->place = input.place;
      batch->columns.clear();
      for (int column : owner.spec_.keep) {
        batch->columns.push_back(Gather(input.columns[column], generated.input_rows.data() + position, n));
      }
      for (const VectorPtr& column : generated.columns) batch->columns.push_back(Slice(column, position, n));
      position += n;
      return true;
    }

    // Some input rows' output: so many rows that it, and the arrays that it comes from, stay within bounds, going by what
    // rows gave so far.
    void Generate() {
      const GenerateSpec& spec = owner.spec_;
      const int64_t wanted = std::min(kGeneratedRows / std::max<int64_t>(rows_per_input, 1), 4 * piece_rows);
      const int64_t rows = std::clamp<int64_t>(wanted, 1, input.rows - next_row);
      const int64_t piece_begin = next_row;
      piece_rows = rows;
      std::vector<VectorPtr> args = executor.Evaluate(Piece(piece_begin, rows));
      for (VectorPtr& arg : args) {
        if (!arg->is_constant()) arg = Flatten(arg);
      }
      const KernelArgs kernel_args{.query = *owner.context_,
                                   .mode = spec.mode,
                                   .rows = rows,
                                   .args = args,
                                   .result_type = spec.result_type,
                                   .prepared = spec.prepared.get(),
                                   .partition = partition};
      generated = spec.kernel(kernel_args);
      rows_per_input = std::max<int64_t>(rows_per_input, generated.input_rows.size() / rows);
      if (spec.outer) AddOuterRows();
      for (int32_t& row : generated.input_rows) row += static_cast<int32_t>(piece_begin);
      next_row += rows;
      position = 0;
    }

    Batch Piece(int64_t begin, int64_t rows) const {
      return rows == input.rows ? input : SliceBatch(input, begin, rows);
    }

    // A row of NULLs, in place, for each input row that gave none.
    void AddOuterRows() {
      std::vector<int32_t> rows, sources;
      size_t at = 0;
      for (int32_t row = 0; row < piece_rows; ++row) {
        const size_t before = at;
        while (at < generated.input_rows.size() && generated.input_rows[at] == row) {
          rows.push_back(row);
          sources.push_back(static_cast<int32_t>(at++));
        }
        if (at == before) {
          rows.push_back(row);
          sources.push_back(-1);
        }
      }
      for (VectorPtr& column : generated.columns) {
        column = Gather(column, sources.data(), static_cast<int64_t>(sources.size()));
      }
      generated.input_rows = std::move(rows);
    }

    const GenerateTransform& owner;
    ExpressionExecutor executor;
    int32_t partition;
    Batch input;
    int64_t next_row = 0;
    int64_t piece_rows = 1;      // how many were taken last; begins carefully
    int64_t rows_per_input = 0;  // the most output rows that were seen
    GeneratedRows generated;
    int64_t position = 0;
  };

  GenerateSpec spec_;
  QueryContextPtr context_;
};

class ColumnSelectionTransform final : public Transform {
 public:
  explicit ColumnSelectionTransform(std::vector<int> columns) : columns_(std::move(columns)) {}
  std::unique_ptr<TransformState> NewState(const Morsel&) const override { return std::make_unique<State>(columns_); }

 private:
  struct State final : SimpleTransformState {
    explicit State(const std::vector<int>& c) : columns(c) {}
    Batch Apply(Batch batch) override {
      Batch result;
      result.rows = batch.rows;
      result.selection = batch.selection;
      result.place = batch.place;
      for (int column : columns) result.columns.push_back(batch.columns[column]);
      return result;
    }
    const std::vector<int>& columns;
  };
  std::vector<int> columns_;
};

}  // namespace

std::shared_ptr<Transform> MakeFilter(Compiled condition) {
  return std::make_shared<FilterTransform>(std::move(condition));
}
std::shared_ptr<Transform> MakeProject(Compiled expressions) {
  return std::make_shared<ProjectTransform>(std::move(expressions));
}
std::shared_ptr<Transform> MakeExpand(std::vector<Compiled> projections) {
  return std::make_shared<ExpandTransform>(std::move(projections));
}
std::shared_ptr<Transform> MakeGenerate(GenerateSpec spec, QueryContextPtr context) {
  return std::make_shared<GenerateTransform>(std::move(spec), std::move(context));
}
std::shared_ptr<Transform> MakeColumnSelection(std::vector<int> columns) {
  return std::make_shared<ColumnSelectionTransform>(std::move(columns));
}

}  // namespace centella
