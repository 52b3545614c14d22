// The columns that an operator wants of its input.
#include "execution/input_columns.h"

#include "plan/transform.h"

namespace centella {

InputColumns::InputColumns(const PhysicalPlan& child) : plain_(child.columns().size()) {
  for (size_t i = 0; i < plain_; ++i) {
    const StructField& field = child.columns()[i];
    auto column = std::make_shared<Column>();
    column->ordinal = static_cast<int64_t>(i);
    column->name = field.name;
    column->type = field.type;
    column->nullable = field.nullable;
    expressions_.push_back(column);
  }
}

int InputColumns::Add(const ExprPtr& expression) {
  if (const Column* column = As<Column>(expression); column != nullptr && plain_ > 0) {
    return static_cast<int>(column->ordinal);
  }
  for (size_t i = plain_; i < expressions_.size(); ++i) {
    if (SameExpression(expressions_[i], expression)) return static_cast<int>(i);
  }
  expressions_.push_back(expression);
  return static_cast<int>(expressions_.size() - 1);
}

std::vector<TypePtr> InputColumns::types() const {
  std::vector<TypePtr> types;
  for (const ExprPtr& expression : expressions_) types.push_back(expression->type);
  return types;
}

}  // namespace centella
