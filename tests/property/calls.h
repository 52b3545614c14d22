// Random calls of a registered function, made from its signatures alone.
#pragma once

#include <string>
#include <vector>

#include "functions/registry.h"
#include "plan/expression.h"
#include "property/binding.h"
#include "property/random.h"
#include "property/values.h"

namespace centella::property {

// Gives an argument of a type: a column, a literal, a tree.
using ArgumentMaker = std::function<ExprPtr(const TypePtr& type)>;

// A lambda's parameter as its body sees it.
struct Parameter {
  std::string name;
  TypePtr type;
};

class CallMaker {
 public:
  CallMaker(Random& random, ArgumentMaker argument) : random_(random), argument_(std::move(argument)) {}
  // An unresolved call whose arguments fit the overload's patterns.
  ExprPtr Make(const FunctionDecl& decl, const Overload& overload);

 private:
  ExprPtr MakeLambda(const TypePattern& pattern, TypePtr (&variables)[26]);
  ExprPtr Body(const TypePattern& result, const TypePtr& wanted, const std::vector<Parameter>& parameters);
  ExprPtr Condition(const std::vector<Parameter>& parameters);
  ExprPtr Anything(const std::vector<Parameter>& parameters);
  ExprPtr OfType(const TypePtr& type, const std::vector<Parameter>& parameters);

  Random& random_;
  ArgumentMaker argument_;
};

// A literal of a random value; texts and counts from the function's example where they help.
ExprPtr RandomLiteral(const TypePtr& type, Random& random, const Hints& hints);

// Whether the expression is one that the evaluator runs alone, with the same answer each time.
bool IsPlainScalar(const ExprPtr& expression);

}  // namespace centella::property
