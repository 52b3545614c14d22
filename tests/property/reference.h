// The slow reference: one row at a time, one value at a time, by a walk over the tree.
//
// It shares nothing with the evaluator but the kernels themselves, which it calls with one flat row: no encodings, no
// selections, no sharing of subtrees, no folding. Guards, nulls of strict functions and lambdas are its own.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "functions/registry.h"
#include "plan/expression.h"

namespace centella::property {

// What one row gives: a value, or the error that it raises.
struct Outcome {
  Value value;
  std::shared_ptr<const Error> error;
};
// Condition (and with it SQLSTATE and class) and parameters are the same.
bool SameError(const Error& a, const Error& b);
std::string Describe(const Outcome& outcome);

class Reference {
 public:
  Reference(ExprPtr expression, QueryContextPtr context)
      : expression_(std::move(expression)), context_(std::move(context)) {}
  // `columns[i]` is the row's value of column i.
  Outcome Row(const std::vector<Value>& columns);

 private:
  friend class RowLambda;
  struct Known {  // of a call or cast, found when first met
    ScalarKernel kernel;
    NullPolicy nulls = NullPolicy::kStrict;
    std::shared_ptr<const void> prepared;
    std::exception_ptr prepare_error;
  };

  Value Evaluate(const ExprPtr& expression);
  Value EvaluateCall(const ExprPtr& expression, const Call& call);
  std::optional<Value> EvaluateGuard(const Call& call);
  Value EvaluateLogical(const Call& call);
  Value EvaluateIn(const Call& call);
  Value RunKernel(const Known& known, const ExprPtr& expression, EvalMode mode, const std::vector<ExprPtr>& args,
                  std::vector<Value> values);
  bool IsTrue(const ExprPtr& condition);
  bool Equal(const ExprPtr& a, const Value& x, const ExprPtr& b, const Value& y);
  const Known& KnownOf(const ExprPtr& expression);

  ExprPtr expression_;
  QueryContextPtr context_;
  const std::vector<Value>* row_ = nullptr;
  std::map<ExprId, Value> variables_;
  std::unordered_map<const Expression*, Known> known_;
};

}  // namespace centella::property
