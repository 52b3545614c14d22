// Builds the small results of commands: rows of values to a LocalRelation.
#pragma once

#include <string>
#include <vector>

#include "plan/logical_plan.h"

namespace centella {

// Rows of one struct type, given value by value.
class LocalRows {
 public:
  explicit LocalRows(std::vector<StructField> fields);
  // One value a field, each of the field's type or null.
  void Add(std::vector<Value> row);
  // Rows so far as a resolved plan with fresh attributes.
  PlanPtr ToPlan() const;

 private:
  TypePtr schema_;
  std::vector<std::vector<Value>> columns_;
};

// A resolved LocalRelation of these batches.
PlanPtr MakeLocalRelation(const TypePtr& schema, std::vector<Batch> batches);

// Shorthands for the commonest fields and values.
StructField StringField(std::string name, bool nullable = true);
StructField BooleanField(std::string name);
Value OptionalString(const std::string* text);

}  // namespace centella
