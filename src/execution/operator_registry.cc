// The list of operators.
#include "execution/operator_registry.h"

namespace centella {
namespace {

std::vector<OperatorDeclaration> Declarations() {
  std::vector<OperatorDeclaration> all;
  const auto add = [&all](PhysicalKind kind, std::string_view name, OperatorDeclaration declaration) {
    declaration.name = name;
    CENTELLA_CHECK(declaration.kind == kind, "an operator stands under another's name in operators.def");
    CENTELLA_CHECK(declaration.build && declaration.check && declaration.line && declaration.samples != nullptr,
                   "the declaration of " + std::string(name) + " isn't complete");
    all.push_back(std::move(declaration));
  };
#define CENTELLA_OPERATOR(name) add(PhysicalKind::k##name, #name, operators::Declare##name());
#include "execution/operators.def"
#undef CENTELLA_OPERATOR
  return all;
}

}  // namespace

const std::vector<OperatorDeclaration>& Operators() {
  static const std::vector<OperatorDeclaration> all = Declarations();
  return all;
}

const OperatorDeclaration& DeclarationOf(PhysicalKind kind) {
  const std::vector<OperatorDeclaration>& all = Operators();
  CENTELLA_CHECK(static_cast<size_t>(kind) < all.size(), "no such physical operator");
  return all[static_cast<size_t>(kind)];
}

std::string NamesOf(const std::vector<ExprPtr>& expressions) {
  std::string text = "[";
  for (size_t i = 0; i < expressions.size(); ++i) text += (i > 0 ? ", " : "") + ColumnNameOf(expressions[i]);
  return text + "]";
}

std::string OutputNames(const PhysicalPlan& plan) {
  std::string text = "[";
  for (size_t i = 0; i < plan.columns().size(); ++i) text += (i > 0 ? ", " : "") + plan.columns()[i].name;
  return text + "]";
}

}  // namespace centella
