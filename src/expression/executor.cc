// ExpressionExecutor: runs a program over batches, and replays a failing batch row by row for the first row's error.
#include "expression/program.h"

namespace centella {

struct ExpressionExecutor::Impl {
  Impl(std::shared_ptr<const CompiledExpressions> compiled_in, int32_t partition_in)
      : compiled(std::move(compiled_in)),
        program(static_cast<const Program&>(*compiled)),
        partition(partition_in),
        runner(program, partition) {}

  static VectorPtr Fill(void* source, int slot) {
    auto* from = static_cast<std::pair<const Program*, const Batch*>*>(source);
    int64_t ordinal = from->first->ordinals[slot];
    CENTELLA_CHECK(ordinal >= 0 && ordinal < static_cast<int64_t>(from->second->columns.size()),
                   "column " + std::to_string(ordinal) + " isn't in the batch");
    return from->second->columns[ordinal];
  }

  // Calls `run` with the frame of the batch's live rows.
  template <typename Run>
  void OnLiveRows(const Batch& batch, Run&& run) {
    std::pair<const Program*, const Batch*> source{&program, &batch};
    Frame root(batch.rows, static_cast<int>(program.ordinals.size()), program.cached, &Fill, &source);
    if (batch.selection == nullptr) {
      run(root);
      return;
    }
    Frame live(root, batch.selection->data(), batch.live_rows());
    run(live);
  }

  // Evaluates row after row until one raises. Comes back when none does (a nondeterministic expression).
  void Replay(const std::vector<int>& roots, const Batch& batch) {
    Runner replay(program, partition);
    replay.set_replaying(true);
    std::pair<const Program*, const Batch*> source{&program, &batch};
    Frame root(batch.rows, static_cast<int>(program.ordinals.size()), program.cached, &Fill, &source);
    for (int64_t i = 0; i < batch.live_rows(); ++i) {
      auto row = static_cast<int32_t>(batch.selection ? (*batch.selection)[i] : i);
      Frame one(root, &row, 1);
      for (int node : roots) replay.Evaluate(node, one);
    }
  }

  // Runs `work`; when it raises over more than one row, the error of the first failing row is raised in its place.
  template <typename Work>
  void Guarded(const std::vector<int>& roots, const Batch& batch, Work&& work) {
    try {
      work();
    } catch (const Error&) {
      if (batch.live_rows() > 1) Replay(roots, batch);
      throw;
    }
  }

  std::shared_ptr<const CompiledExpressions> compiled;
  const Program& program;
  int32_t partition;
  Runner runner;
};

ExpressionExecutor::ExpressionExecutor(std::shared_ptr<const CompiledExpressions> compiled, int32_t partition)
    : impl_(std::make_unique<Impl>(std::move(compiled), partition)) {}
ExpressionExecutor::~ExpressionExecutor() = default;

std::vector<VectorPtr> ExpressionExecutor::Evaluate(const Batch& batch) {
  std::vector<VectorPtr> out;
  out.reserve(impl_->program.roots.size());
  impl_->Guarded(impl_->program.roots, batch, [&] {
    impl_->OnLiveRows(batch, [&](Frame& frame) {
      for (int root : impl_->program.roots) out.push_back(impl_->runner.Evaluate(root, frame));
    });
  });
  return out;
}

VectorPtr ExpressionExecutor::EvaluateOne(size_t expression, const Batch& batch) {
  VectorPtr out;
  int root = impl_->program.roots[expression];
  impl_->Guarded({root}, batch,
                 [&] { impl_->OnLiveRows(batch, [&](Frame& frame) { out = impl_->runner.Evaluate(root, frame); }); });
  return out;
}

SelectionPtr ExpressionExecutor::Filter(size_t expression, const Batch& batch) {
  auto out = std::make_shared<Selection>();
  int root = impl_->program.roots[expression];
  impl_->Guarded({root}, batch,
                 [&] { impl_->OnLiveRows(batch, [&](Frame& frame) { impl_->runner.TrueRows(root, frame, *out); }); });
  if (batch.selection != nullptr) {
    for (int32_t& row : *out) row = (*batch.selection)[row];
  } else if (static_cast<int64_t>(out->size()) == batch.rows) {
    return nullptr;
  }
  return out;
}

}  // namespace centella
