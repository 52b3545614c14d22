// What the engine knows of each operator. An operator is one file of operators/ and one line in operators.def: the file has the
// node (a PhysicalPlan with its fields listed once) and a function that declares it:
//
//   OperatorDeclaration operators::DeclareLimit() {
//     return OperatorOf<PhysicalLimit>()
//         .Plans(PlanKind::kLimit, PlanLimit)  // the logical nodes that become this one; none is needed
//         .Builds(BuildLimit)                  // the pipelines of the node
//         .Checks(CheckLimit)                  // what must hold of a node that came as bytes
//         .Shows(LineOfLimit)                  // its line in `explain`
//         .Samples(SamplesOfLimit);            // runnable plans for tests and the fuzzer; together they set every field
//   }
//
// Planning, building, checking, printing, bytes, comparing, cutting into fragments and the tests go by these declarations.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "execution/physical_check.h"
#include "execution/physical_plan.h"
#include "execution/pipeline_builder.h"
#include "execution/planner.h"

namespace centella {

using LogicalPlanner = Planned (*)(const PlanPtr& plan, Planner& planner);

struct OperatorDeclaration {
  PhysicalKind kind = PhysicalKind::kValues;
  std::string_view name;  // as in operators.def
  std::shared_ptr<PhysicalPlan> (*make)() = nullptr;
  std::vector<std::pair<PlanKind, LogicalPlanner>> plans;
  std::function<Built(const PhysicalPtr&, PipelineBuilder&)> build;
  std::function<void(const PhysicalPtr&, const PlanCheck&)> check;
  std::function<std::string(const PhysicalPtr&)> line;
  std::vector<PhysicalPtr> (*samples)() = nullptr;
  // Has one child and works on each of its morsels by itself: it may run wherever the child does. Of others all rows go
  // through one process, unless cluster/fragments.cc knows better.
  bool morsel_by_morsel = false;
};

// Declares the operator whose node is `Node`.
template <typename Node>
class OperatorOf {
 public:
  OperatorOf() {
    declaration_.kind = Node::kKind;
    declaration_.make = []() -> std::shared_ptr<PhysicalPlan> { return std::make_shared<Node>(); };
  }
  OperatorOf& Plans(PlanKind logical, LogicalPlanner plan) {
    declaration_.plans.emplace_back(logical, plan);
    return *this;
  }
  OperatorOf& Builds(Built (*build)(const Node& node, PipelineBuilder& builder)) {
    declaration_.build = [build](const PhysicalPtr& plan, PipelineBuilder& builder) {
      return build(To<Node>(plan), builder);
    };
    return *this;
  }
  OperatorOf& Checks(void (*check)(const Node& node, const PlanCheck& checked)) {
    declaration_.check = [check](const PhysicalPtr& plan, const PlanCheck& checked) { check(To<Node>(plan), checked); };
    return *this;
  }
  OperatorOf& Shows(std::string (*line)(const Node& node)) {
    declaration_.line = [line](const PhysicalPtr& plan) { return line(To<Node>(plan)); };
    return *this;
  }
  OperatorOf& Samples(std::vector<PhysicalPtr> (*samples)()) {
    declaration_.samples = samples;
    return *this;
  }
  OperatorOf& MorselByMorsel() {
    declaration_.morsel_by_morsel = true;
    return *this;
  }
  operator OperatorDeclaration() const { return declaration_; }  // NOLINT: what a declaring function gives back

 private:
  OperatorDeclaration declaration_;
};

namespace operators {
#define CENTELLA_OPERATOR(name) OperatorDeclaration Declare##name();
#include "execution/operators.def"
#undef CENTELLA_OPERATOR
}  // namespace operators

// All of operators.def, in its order: declaration of kind k at index k.
const std::vector<OperatorDeclaration>& Operators();
const OperatorDeclaration& DeclarationOf(PhysicalKind kind);

// For the lines of `explain`: names in brackets, of expressions and of a node's output columns.
std::string NamesOf(const std::vector<ExprPtr>& expressions);
std::string OutputNames(const PhysicalPlan& plan);

}  // namespace centella
