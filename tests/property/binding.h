// From a function's name and arguments to a bound expression, by the analyzer itself: what it refuses is no call.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/analyzer.h"
#include "functions/registry.h"
#include "plan/expression.h"

namespace centella::property {

// The columns that expressions of one trial may read.
struct Input {
  std::vector<ExprPtr> attributes;
  std::vector<TypePtr> types;
  std::vector<bool> nullable;

  ExprPtr Add(const TypePtr& type, bool nulls);
};

class Binder {
 public:
  explicit Binder(QueryContextPtr context);
  ~Binder();
  const QueryContextPtr& context() const;

  // The resolved expression, or null when the analyzer refuses the call. `why` gets its condition.
  ExprPtr Bind(const ExprPtr& unresolved, const Input& input, std::string* why = nullptr) const;
  // The same for a function that only analysis calls: by its signatures, as they are declared.
  ExprPtr BindInternal(const FunctionDecl& decl, const std::vector<ExprPtr>& args) const;
  // With columns by position in place of attributes.
  static ExprPtr ToColumns(const ExprPtr& resolved, const Input& input);

 private:
  class Environment;
  std::unique_ptr<Environment> environment_;
};

// A context with random settings: ANSI or not, zone.
QueryContextPtr MakeContext(bool ansi, const std::string& zone);

// An expression in a form that a reader can follow, with types.
std::string Print(const ExprPtr& expression);

}  // namespace centella::property
