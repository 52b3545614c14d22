// The registry of node kinds: one line per kind.
#include "plan/node_registry.h"

#include <map>

namespace centella {
namespace {

template <typename Base>
struct Entry {
  std::string_view name;
  std::shared_ptr<Base> (*make)();
};

template <typename Base, typename T>
std::shared_ptr<Base> Make() {
  return std::make_shared<T>();
}

#define CENTELLA_EXPRESSION(T) {T::kKind, Entry<Expression>{#T, &Make<Expression, T>}},
#define CENTELLA_PLAN(T) {T::kKind, Entry<LogicalPlan>{#T, &Make<LogicalPlan, T>}},

const std::map<ExprKind, Entry<Expression>>& Expressions() {
  static const std::map<ExprKind, Entry<Expression>> entries = {
      CENTELLA_EXPRESSION(Literal) CENTELLA_EXPRESSION(Alias) CENTELLA_EXPRESSION(SortOrder) CENTELLA_EXPRESSION(Cast)
          CENTELLA_EXPRESSION(Attribute) CENTELLA_EXPRESSION(Column) CENTELLA_EXPRESSION(Call)
              CENTELLA_EXPRESSION(AggregateCall) CENTELLA_EXPRESSION(WindowExpr) CENTELLA_EXPRESSION(Lambda)
                  CENTELLA_EXPRESSION(LambdaVariable) CENTELLA_EXPRESSION(Subquery) CENTELLA_EXPRESSION(OuterReference)
                      CENTELLA_EXPRESSION(UnresolvedAttribute) CENTELLA_EXPRESSION(UnresolvedStar)
                          CENTELLA_EXPRESSION(UnresolvedRegex) CENTELLA_EXPRESSION(UnresolvedFunction)
                              CENTELLA_EXPRESSION(UnresolvedExtract) CENTELLA_EXPRESSION(NamedArgument)
                                  CENTELLA_EXPRESSION(UpdateField) CENTELLA_EXPRESSION(Parameter)};
  return entries;
}

const std::map<PlanKind, Entry<LogicalPlan>>& Plans() {
  static const std::map<PlanKind, Entry<LogicalPlan>> entries = {
      CENTELLA_PLAN(LocalRelation) CENTELLA_PLAN(Range) CENTELLA_PLAN(ScanPlan) CENTELLA_PLAN(Project)
          CENTELLA_PLAN(Filter) CENTELLA_PLAN(Aggregate) CENTELLA_PLAN(Join) CENTELLA_PLAN(Sort) CENTELLA_PLAN(Limit)
              CENTELLA_PLAN(Union) CENTELLA_PLAN(Window) CENTELLA_PLAN(Expand) CENTELLA_PLAN(Generate)
                  CENTELLA_PLAN(Repartition) CENTELLA_PLAN(Sample) CENTELLA_PLAN(SubqueryAlias) CENTELLA_PLAN(Cached)
                      CENTELLA_PLAN(Distinct) CENTELLA_PLAN(SetOperation) CENTELLA_PLAN(CteDef) CENTELLA_PLAN(CteRef)
                          CENTELLA_PLAN(CollectMetrics) CENTELLA_PLAN(UnresolvedRelation)
                              CENTELLA_PLAN(UnresolvedDataSource) CENTELLA_PLAN(UnresolvedTableFunction)
                                  CENTELLA_PLAN(InlineTable) CENTELLA_PLAN(WithCte) CENTELLA_PLAN(UsingJoin)
                                      CENTELLA_PLAN(Deduplicate) CENTELLA_PLAN(Pivot) CENTELLA_PLAN(Unpivot)
                                          CENTELLA_PLAN(Hint) CENTELLA_PLAN(ToDf) CENTELLA_PLAN(WithColumns)
                                              CENTELLA_PLAN(WithColumnsRenamed) CENTELLA_PLAN(Drop)
                                                  CENTELLA_PLAN(NaFunction) CENTELLA_PLAN(ToSchema)
                                                      CENTELLA_PLAN(StatFunction) CENTELLA_PLAN(WithWindowDefinition)
                                                          CENTELLA_PLAN(Command) CENTELLA_PLAN(CreateView)
                                                              CENTELLA_PLAN(WriteFiles) CENTELLA_PLAN(Explain)};
  return entries;
}

#undef CENTELLA_EXPRESSION
#undef CENTELLA_PLAN

template <typename Kind, typename Map>
auto MakeByNumber(const Map& entries, int64_t kind) -> decltype(entries.begin()->second.make()) {
  if (kind < 0 || kind > 255) return nullptr;
  const auto found = entries.find(static_cast<Kind>(kind));
  return found == entries.end() ? nullptr : found->second.make();
}

template <typename Map, typename Kind>
std::string_view FindName(const Map& entries, Kind kind) {
  const auto found = entries.find(kind);
  return found == entries.end() ? "?" : found->second.name;
}

}  // namespace

std::shared_ptr<Expression> NewExpression(int64_t kind) { return MakeByNumber<ExprKind>(Expressions(), kind); }
std::shared_ptr<LogicalPlan> NewPlan(int64_t kind) { return MakeByNumber<PlanKind>(Plans(), kind); }
std::string_view NameOf(ExprKind kind) { return FindName(Expressions(), kind); }
std::string_view NameOf(PlanKind kind) { return FindName(Plans(), kind); }

std::vector<ExprKind> RegisteredExpressions() {
  std::vector<ExprKind> kinds;
  for (const auto& [kind, entry] : Expressions()) kinds.push_back(kind);
  return kinds;
}

std::vector<PlanKind> RegisteredPlans() {
  std::vector<PlanKind> kinds;
  for (const auto& [kind, entry] : Plans()) kinds.push_back(kind);
  return kinds;
}

}  // namespace centella
