// Plans and expressions to bytes and back; plan/field_bytes.h has the form.
#include "plan/serialize.h"

namespace centella {

std::string SerializePlan(const PlanPtr& plan) {
  FieldWriter writer;
  PlanPtr root = plan;
  writer.Field("plan", root);
  return writer.Take();
}

PlanPtr DeserializePlan(std::string_view bytes, const TableResolver& tables) {
  FieldReader reader(bytes, &tables);
  PlanPtr plan;
  reader.Field("plan", plan);
  reader.Finish();
  return plan;
}

std::string SerializeExpression(const ExprPtr& expression) {
  FieldWriter writer;
  ExprPtr root = expression;
  writer.Field("expression", root);
  return writer.Take();
}

ExprPtr DeserializeExpression(std::string_view bytes) {
  FieldReader reader(bytes, nullptr);
  ExprPtr expression;
  reader.Field("expression", expression);
  reader.Finish();
  return expression;
}

}  // namespace centella
