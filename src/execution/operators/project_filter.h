// The transforms that evaluate expressions: filter, project, expand, generate.
#pragma once

#include <memory>
#include <vector>

#include "execution/operator.h"
#include "expression/evaluator.h"

namespace centella {

// Keeps rows for which expression 0 of `condition` is true (adds a selection).
std::shared_ptr<Transform> MakeFilter(std::shared_ptr<const CompiledExpressions> condition);
// One output column per expression.
std::shared_ptr<Transform> MakeProject(std::shared_ptr<const CompiledExpressions> expressions);
// Each input batch once per projection.
std::shared_ptr<Transform> MakeExpand(std::vector<std::shared_ptr<const CompiledExpressions>> projections);

// explode and its kin: input columns `keep` (by position), then the generator's columns. `arguments` are the
// generator's arguments; `outer` gives a row of NULLs for input rows without output.
struct GenerateSpec {
  std::vector<int> keep;
  std::shared_ptr<const CompiledExpressions> arguments;
  GeneratorKernel kernel;
  std::shared_ptr<const void> prepared;
  TypePtr result_type;
  EvalMode mode = EvalMode::kAnsi;
  bool outer = false;
};
std::shared_ptr<Transform> MakeGenerate(GenerateSpec spec, QueryContextPtr context);

// Columns by position only: no evaluation.
std::shared_ptr<Transform> MakeColumnSelection(std::vector<int> columns);

}  // namespace centella
