// The analyzer's inside: one object per analysis, whose methods are spread over this room's files by subject.
//
// Analysis goes bottom-up once: a node's children are resolved first, then its expressions against their output.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "analyzer/analyzer.h"
#include "analyzer/coercion.h"
#include "analyzer/relation.h"
#include "functions/registry.h"
#include "plan/expression.h"
#include "plan/logical_plan.h"
#include "plan/transform.h"

namespace centella {

[[noreturn]] void RaiseAt(const OriginPtr& origin, Condition condition, ErrorParameters parameters = {});

// "`a`.`b`", back-ticks doubled.
std::string QuoteName(const std::vector<std::string>& parts);
std::string QuoteName(const std::string& part);
// "\"sql\"" of an expression and "\"TYPE\"" of a type, as error parameters want them.
std::string QuoteSql(const ExprPtr& expression);
std::string QuoteType(const TypePtr& type);
// As Spark's Expression.sql: columns with their qualifiers.
std::string QualifiedSql(const ExprPtr& expression);
// "first", "second", … "10th".
std::string OrdinalWord(size_t zero_based);
// Names most like `wanted` first, quoted and comma separated; at most `limit` (0 = all).
// Of names as near, the first by name or by their place among `columns`.
std::string SuggestNames(const std::vector<std::string>& wanted, const std::vector<ExprPtr>& columns, size_t limit = 5,
                         bool by_name = true);

// Gives a variable a value until the end of the block.
template <typename T>
class Temporarily {
 public:
  Temporarily(T* variable, T value) : variable_(variable), before_(std::exchange(*variable, std::move(value))) {}
  ~Temporarily() { *variable_ = std::move(before_); }
  Temporarily(const Temporarily&) = delete;
  Temporarily& operator=(const Temporarily&) = delete;

 private:
  T* variable_;
  T before_;
};

// What a column name in a select list's later items may also mean: an earlier item.
struct LateralAlias {
  std::string name;
  ExprPtr attribute;  // refers to the item's alias
  int stage = 0;
  bool ambiguous = false;
  mutable bool used = false;
};

struct LambdaScope {
  const LambdaScope* parent = nullptr;
  std::vector<ExprPtr> parameters;  // LambdaVariables with ids and types
};

// Where a name is looked up, nearest first.
struct Scope {
  const Relation* input = nullptr;
  // Relations under `input` whose columns can be had by adding them to its output (ORDER BY a column that the select
  // list left out): nearest first.
  std::vector<const Relation*> below;
  // What aggregate functions' arguments see, when that isn't `input` (HAVING and ORDER BY over an Aggregate).
  const Relation* aggregate_input = nullptr;
  const Scope* outer = nullptr;  // the enclosing query's, for subqueries and lateral joins
  const std::vector<LateralAlias>* lateral = nullptr;
  const LambdaScope* lambda = nullptr;
  const std::vector<ExprPtr>* group_aliases = nullptr;  // GROUP BY may name these Aliases of the select list
  int* stage = nullptr;                                 // out: highest stage of a lateral alias used, + 1
  bool functions_only = false;                          // SELECT without FROM and the like: messages differ
};

// A common table expression in scope.
struct CteEntry {
  std::string name;
  PlanPtr definition;
  size_t visible = 0;  // entries before this one are visible to it
  bool resolved = false;
  Relation relation;
  int64_t id = 0;
  int uses = 0;
  bool may_recurse = false;                      // of a WITH RECURSIVE
  OriginPtr origin;                              // of the WITH
  std::shared_ptr<const LocalRelation> working;  // while the step of a recursion is resolved: what its name means
};

class Analysis {
 public:
  explicit Analysis(const AnalysisEnvironment& environment)
      : environment_(environment), context_(*environment.context()), registry_(FunctionRegistry::Builtin()) {}

  PlanPtr Run(const PlanPtr& plan);

 private:
  // ---- analyzer.cc: the driver
  Relation Resolve(const PlanPtr& plan, const Scope* outer);
  Relation ResolveNode(const PlanPtr& plan, const Scope* outer);
  Relation ResolveCommand(const PlanPtr& plan, const Scope* outer);
  Relation ResolveFilter(const Filter& node, const Scope* outer);
  Relation FilterOverWindows(const Filter& node, const Relation& child, PlanPtr input, ExprPtr condition);
  Relation ResolveHavingFilter(const Filter& node, const Relation& child, const Scope* outer);
  Relation ResolveLimit(const Limit& node, const Scope* outer);
  Relation ResolveSample(const Sample& node, const Scope* outer);
  Relation ResolveRepartition(const Repartition& node, const Scope* outer);
  Relation ResolveCollectMetrics(const CollectMetrics& node, const Scope* outer);
  // A relation for a node without names of its own to add.
  Relation Leaf(PlanPtr plan, const LogicalPlan& source);
  Relation Above(PlanPtr plan, const LogicalPlan& source, std::initializer_list<const Relation*> children);
  // Above, with the same columns as its child and what lies below still reachable.
  Relation PassThrough(PlanPtr plan, const LogicalPlan& source, const Relation& child);

  // ---- sorting.cc
  Relation ResolveSort(const Sort& node, const Scope* outer);
  ExprPtr ResolveOrder(const ExprPtr& order, const Scope& scope);
  void CheckOrder(const ExprPtr& order);
  void CheckSortOnly(const Sort& sort, const LogicalPlan& source);

  // ---- resolve_relations.cc
  Relation ResolveRelation(const UnresolvedRelation& node, const Scope* outer);
  Relation ResolveDataSource(const UnresolvedDataSource& node);
  Relation ResolveTableFunction(const UnresolvedTableFunction& node, const Scope* outer);
  Relation ResolveInlineTable(const InlineTable& node, const Scope* outer);
  Relation ResolveLeafColumns(const PlanPtr& plan);
  Relation ResolveSubqueryAlias(const SubqueryAlias& node, const Scope* outer);
  Relation ResolveWithCte(const WithCte& node, const Scope* outer);
  PlanPtr InlineCte(const PlanPtr& plan, int64_t id, const PlanPtr& definition);
  std::optional<Relation> ResolveCteName(const UnresolvedRelation& node);
  PlanPtr ScanOf(const TablePtr& table, const std::vector<std::string>& qualifier);
  PlanPtr UseView(const ViewDefinition& view, const LogicalPlan& source);
  std::vector<std::string> IdentifierOf(const ExprPtr& written, const Scope& scope);
  PlanPtr RangePlan(const UnresolvedTableFunction& node, const Scope& scope);

  // ---- recursive_ctes.cc
  bool IsRecursive(const CteEntry& entry) const;
  Relation ResolveRecursiveCte(size_t index);
  Relation RunRounds(const Relation& anchor, const PlanPtr& step, const std::shared_ptr<const LocalRelation>& working,
                     int64_t goal, int64_t most_rounds);
  PlanPtr BindWorkingRows(const PlanPtr& plan, const LocalRelation& working, const std::vector<Batch>& rows);
  PlanPtr WithoutReferences(const PlanPtr& plan);

  // ---- joins.cc
  Relation ResolveJoin(const Join& node, const Scope* outer);
  Relation ResolveUsingJoin(const UsingJoin& node, const Scope* outer);
  std::pair<Relation, Relation> JoinSides(const PlanPtr& left, const PlanPtr& right, bool lateral, const Scope* outer);
  // The same relation with fresh ids where they collide with `taken`.
  Relation Reinstantiate(const Relation& relation);

  // ---- resolve_names.cc
  ExprPtr ResolveAttribute(const ExprPtr& expression, const Scope& scope);
  // By name in one relation: null when it isn't there; raises when ambiguous.
  ExprPtr LookUp(const UnresolvedAttribute& name, const Relation& relation);
  ExprPtr LookUpIn(const UnresolvedAttribute& name, const std::vector<ExprPtr>& columns,
                   const std::vector<int>* by_first, const Output* index, bool* found);
  ExprPtr ResolveByPlanId(const UnresolvedAttribute& name, const Scope& scope);
  ExprPtr ResolveLambdaName(const UnresolvedAttribute& name, const Scope& scope);
  ExprPtr ResolveLateralAlias(const UnresolvedAttribute& name, const Scope& scope);
  ExprPtr ResolveFunctionName(const UnresolvedAttribute& name);
  ExprPtr ResolveOuterName(const UnresolvedAttribute& name, const Scope& scope);
  [[noreturn]] void RaiseUnresolved(const UnresolvedAttribute& name, const Scope& scope);
  // child.field, child[key]
  ExprPtr ExtractField(const ExprPtr& child, const std::string& field, const OriginPtr& origin);
  ExprPtr ExtractValue(const ExprPtr& child, const ExprPtr& key, const OriginPtr& origin);
  ExprPtr ExtractPath(ExprPtr child, const std::vector<std::string>& parts, size_t from, const OriginPtr& origin);
  // Stars and regular expressions to columns (appended); false when it is neither.
  bool ExpandStar(const ExprPtr& expression, const Scope& scope, std::vector<ExprPtr>* out);
  std::vector<ExprPtr> StarColumns(const UnresolvedStar& star, const Scope& scope);
  std::vector<ExprPtr> RegexColumns(const UnresolvedRegex& regex, const Scope& scope);
  std::vector<ExprPtr> ExceptColumns(std::vector<ExprPtr> columns, const UnresolvedStar& star, const Scope& scope);
  bool SameName(const std::string& a, const std::string& b) const;

  // ---- resolve_expressions.cc
  ExprPtr ResolveExpression(const ExprPtr& expression, const Scope& scope);
  ExprPtr ResolveExpressionNode(const ExprPtr& expression, const Scope& scope);
  std::vector<ExprPtr> ResolveAll(const std::vector<ExprPtr>& expressions, const Scope& scope);
  ExprPtr ResolveCast(const Cast& cast, const Scope& scope);
  ExprPtr ResolveAlias(const Alias& alias, const Scope& scope);
  ExprPtr ResolveUpdateField(const UpdateField& update, const Scope& scope);
  // Alias or Attribute: what may stand in a select list.
  ExprPtr Named(const ExprPtr& resolved, const ExprPtr& written);
  // A checked cast written by the user.
  ExprPtr CastTo(const ExprPtr& child, const TypePtr& target, EvalMode mode, const OriginPtr& origin);
  void CheckTimeType(const TypePtr& type) const;
  // A cast added by coercion; the child itself when it already has the type.
  ExprPtr Coerce(const ExprPtr& child, const TypePtr& target);

  // ---- resolve_functions.cc
  ExprPtr ResolveFunction(const ExprPtr& expression, const Scope& scope);
  ExprPtr BindFunction(const UnresolvedFunction& call, const FunctionDecl& decl, std::vector<ExprPtr> args,
                       const Scope& scope);
  ExprPtr BindAggregate(const UnresolvedFunction& call, const FunctionDecl& decl, const ExprPtr& bound,
                        const Scope& scope);
  ExprPtr ResolveOverGenerator(const UnresolvedFunction& call, const Scope& scope);
  std::vector<ExprPtr> ResolveArguments(const UnresolvedFunction& call, const Scope& scope);
  // Chooses the overload, casts the arguments and computes type and nullability.
  std::shared_ptr<Call> BindCall(const FunctionDecl& decl, const std::string& name, std::vector<ExprPtr> args,
                                 const OriginPtr& origin);
  [[noreturn]] void RaiseArguments(const FunctionDecl& decl, const std::string& name, const std::vector<ExprPtr>& args,
                                   const OriginPtr& origin);
  void CheckScalarSyntax(const UnresolvedFunction& call, const FunctionDecl& decl);
  // ---- lambdas.cc
  std::vector<ExprPtr> ResolveLambdaArguments(const UnresolvedFunction& call, const FunctionDecl& decl,
                                              const Scope& scope);
  ExprPtr ResolveLambda(const Lambda& lambda, const std::vector<TypePtr>& types, const std::vector<bool>& nullable,
                        const Scope& scope);

  // ---- special_functions.cc: operators and forms with coercion of their own; null when `name` isn't one.
  ExprPtr ResolveSpecial(const std::string& name, const UnresolvedFunction& call, const Scope& scope);
  ExprPtr ResolveWithDefaults(const std::string& name, const UnresolvedFunction& call, const Scope& scope);
  // ---- rewritten_functions.cc: functions that become others; null when `name` isn't one.
  ExprPtr ResolveRewritten(const std::string& name, const UnresolvedFunction& call, const Scope& scope);
  // ---- within_group.cc: puts the ordering among the arguments; gives the function that takes them.
  const FunctionDecl* ResolveWithinGroup(const UnresolvedFunction& call, const FunctionDecl& decl, const Scope& scope,
                                         std::vector<ExprPtr>* args);
  // ---- time_windows.cc: window(…) among the node's expressions becomes a column of its child.
  PlanPtr ExtractTimeWindows(const PlanPtr& plan);
  ExprPtr ResolveToChar(const UnresolvedFunction& call, std::vector<ExprPtr> args, const Scope& scope);
  ExprPtr ResolveDecode(const UnresolvedFunction& call, std::vector<ExprPtr> args);
  ExprPtr ResolveStruct(const UnresolvedFunction& call, const std::vector<ExprPtr>& given);
  ExprPtr ResolveCase(const UnresolvedFunction& call, std::vector<ExprPtr> args);
  ExprPtr ResolveIn(const UnresolvedFunction& call, std::vector<ExprPtr> args);
  ExprPtr ResolveComparison(const std::string& op, const UnresolvedFunction& call, std::vector<ExprPtr> args);
  ExprPtr ResolveLogical(const std::string& op, const UnresolvedFunction& call, std::vector<ExprPtr> args);
  ExprPtr ResolveSameType(const std::string& name, const UnresolvedFunction& call, std::vector<ExprPtr> args);
  ExprPtr ResolveConcat(const UnresolvedFunction& call, std::vector<ExprPtr> args);
  ExprPtr ResolveCount(const UnresolvedFunction& call, const Scope& scope);
  // ---- arithmetic.cc
  ExprPtr ResolveArithmetic(const std::string& op, const UnresolvedFunction& call, std::vector<ExprPtr> args);
  ExprPtr ResolveTemporalArithmetic(const std::string& op, const UnresolvedFunction& call, const ExprPtr& left,
                                    const ExprPtr& right);
  ExprPtr ResolveNegative(const UnresolvedFunction& call, const ExprPtr& arg);
  // A call of a function that we know by name, with arguments of the right types already.
  ExprPtr KnownCall(const std::string& function, std::vector<ExprPtr> args, TypePtr type, bool nullable,
                    const OriginPtr& origin, const std::string& display = "", EvalMode mode = EvalMode::kAnsi);

  // ---- select_list.cc
  Relation ResolveProject(const Project& node, const Scope* outer);
  struct SelectItem {
    ExprPtr expression;  // resolved Attribute or Alias
    int stage = 0;
  };
  std::vector<SelectItem> ResolveSelectList(const std::vector<ExprPtr>& list, const Scope& scope);
  // Generators, windows and stages above `child`; `columns` are the final select list.
  PlanPtr BuildProjections(PlanPtr child, std::vector<SelectItem> items, const LogicalPlan& source);
  PlanPtr BuildStage(PlanPtr child, std::vector<ExprPtr> list, const LogicalPlan& source);
  // Makes `attributes` part of the plan's output when they are within reach; null when they aren't.
  PlanPtr Expose(const PlanPtr& plan, const std::vector<ExprPtr>& attributes);
  // Adds what expressions use but `relation` doesn't put out.
  PlanPtr ExposeUsed(const Relation& relation, const std::vector<ExprPtr>& expressions, bool* changed);

  // ---- generators.cc
  PlanPtr ExtractGenerators(PlanPtr child, std::vector<ExprPtr>* list, const LogicalPlan& source);
  Relation ResolveGenerate(const Generate& node, const Scope* outer);
  std::vector<StructField> GeneratorColumns(const ExprPtr& generator);
  PlanPtr MakeGenerate(const ExprPtr& generator, bool outer, const std::string& qualifier,
                       const std::vector<std::string>& names, const PlanPtr& child, const OriginPtr& origin);

  // ---- windows.cc
  ExprPtr ResolveWindow(const WindowExpr& window, const Scope& scope);
  void CheckFrame(WindowExpr* window);
  PlanPtr ExtractWindows(PlanPtr child, std::vector<ExprPtr>* list);
  PlanPtr ReplaceWindowNames(const WithWindowDefinition& node);

  // ---- aggregates.cc
  Relation ResolveAggregate(const Aggregate& node, const Scope* outer);
  Relation BuildAggregate(const Relation& child, std::vector<ExprPtr> grouping, std::vector<SelectItem> items,
                          const LogicalPlan& source);
  ExprPtr MapOverAggregate(const ExprPtr& expression, const Relation& relation, std::vector<ExprPtr>* added);
  ExprPtr ResolveGroupingItem(const ExprPtr& item, const std::vector<ExprPtr>& list, const Scope& scope);
  std::vector<ExprPtr> GroupByAll(const std::vector<SelectItem>& items);
  void CheckAggregateItem(const ExprPtr& expression, const std::vector<ExprPtr>& grouping, const LogicalPlan& source);
  void CheckGroupingExpression(const ExprPtr& expression);
  // HAVING and ORDER BY over a select's Aggregate: expressions in terms of its output, which may get new columns.
  std::vector<ExprPtr> ResolveOverAggregate(const std::vector<ExprPtr>& expressions, Relation* relation,
                                            const Scope* outer);
  // Splits expressions into what an Aggregate computes and what stands above it.
  struct AggregateSplit {
    std::vector<ExprPtr> grouping;
    std::vector<ExprPtr> grouping_names;  // Attribute or Alias put out for each grouping expression
    std::vector<ExprPtr> outputs;         // the Aggregate's output list
  };
  ExprPtr SplitExpression(const ExprPtr& expression, AggregateSplit* split, const Relation& child,
                          const LogicalPlan& source, bool window_function);
  PlanPtr AddToAggregate(const PlanPtr& plan, const LogicalPlan* aggregate, const std::vector<ExprPtr>& added);
  // ---- grouping_sets.cc
  struct GroupingSets {
    std::vector<ExprPtr> grouping;          // all grouping expressions
    std::vector<std::vector<size_t>> sets;  // positions in `grouping`
  };
  // What GROUPING SETS, CUBE and ROLLUP say, or nothing for a plain GROUP BY.
  std::optional<GroupingSets> FindGroupingSets(const Aggregate& node, const std::vector<ExprPtr>& list,
                                               const Scope& scope);
  Relation BuildGroupingSets(const Relation& child, const GroupingSets& sets, std::vector<SelectItem> items,
                             const LogicalPlan& source);
  ExprPtr GroupingBits(const Call& call, const std::vector<ExprPtr>& grouping, const ExprPtr& id);
  // ---- pivot.cc
  std::vector<std::pair<ExprPtr, std::string>> PivotValues(const ExprPtr& column, const Relation& child);
  Relation ResolvePivot(const Pivot& node, const Scope* outer);
  Relation ResolveUnpivot(const Unpivot& node, const Scope* outer);

  // ---- subqueries.cc
  ExprPtr ResolveSubquery(const Subquery& subquery, const Scope& scope);
  void CheckCorrelation(const Subquery& subquery);

  // ---- set_operations.cc
  Relation ResolveUnion(const Union& node, const Scope* outer);
  Relation ResolveSetOperation(const SetOperation& node, const Scope* outer);
  Relation MakeUnion(std::vector<Relation> children, bool by_name, bool allow_missing, const LogicalPlan& source);
  void WidenColumns(std::vector<Relation>* children, const std::string& name, const LogicalPlan& source);
  Relation AlignByName(const Relation& child, const Relation& first, bool allow_missing, const LogicalPlan& source);

  ExprPtr AddFields(const ExprPtr& column, const TypePtr& target);
  Relation AddNestedFields(const Relation& child, const Relation& other, const LogicalPlan& source);

  // ---- dataframe_nodes.cc
  Relation ResolveToDf(const ToDf& node, const Scope* outer);
  Relation ResolveWithColumns(const WithColumns& node, const Scope* outer);
  Relation ResolveWithColumnsRenamed(const WithColumnsRenamed& node, const Scope* outer);
  Relation ResolveDrop(const Drop& node, const Scope* outer);
  Relation ResolveDeduplicate(const Deduplicate& node, const Scope* outer);
  Relation ResolveHint(const Hint& node, const Scope* outer);
  Relation ResolveToSchema(const ToSchema& node, const Scope* outer);
  ExprPtr ReconcileColumn(const ExprPtr& column, const StructField& field, const std::vector<std::string>& path,
                          const OriginPtr& origin);
  // ---- na_functions.cc
  Relation ResolveNaFunction(const NaFunction& node, const Scope* outer);
  std::vector<bool> NaColumns(const NaFunction& node, const Relation& child);
  // ---- stat_functions.cc
  Relation ResolveStatFunction(const StatFunction& node, const Scope* outer);
  Relation Describe(const StatFunction& node, const Relation& child, std::vector<std::string> statistics,
                    const Scope* outer);
  std::shared_ptr<LogicalPlan> Covariance(const StatFunction& node, const Relation& child, const ExprPtr& a,
                                          const ExprPtr& b);
  Relation FrequentItems(const StatFunction& node, const Relation& child);
  PlanPtr Crosstab(const StatFunction& node, const Relation& child);

  // ---- checks.cc
  void CheckNoAggregates(const ExprPtr& expression, const std::string& clause, const LogicalPlan& source);
  void CheckCondition(const ExprPtr& condition, const LogicalPlan& source);
  void CheckProjectList(const std::vector<ExprPtr>& list, const LogicalPlan& source);

  Relation MakeProject(const Relation& child, std::vector<ExprPtr> list, const LogicalPlan& source);
  EvalMode mode() const { return context_.eval_mode(); }

  const AnalysisEnvironment& environment_;
  const QueryContext& context_;
  const FunctionRegistry& registry_;
  int depth_ = 0;
  int view_depth_ = 0;
  bool window_function_ = false;  // the next function resolved is the one before OVER
  OriginPtr coercion_origin_;     // of the function whose arguments are being coerced
  OriginPtr plan_origin_;         // of the plan node whose expressions are being resolved
  std::vector<CteEntry> ctes_;
  size_t visible_ctes_ = 0;
  int64_t row_goal_ = -1;  // so many rows of the relation below are enough, when a LIMIT stands right above it
};

// The narrowest decimal that holds an integer literal (DECIMAL(1,0) for 5), or nullptr for anything else.
TypePtr DecimalForLiteral(const ExprPtr& expression);
// Equal in what they compute: columns by id whatever their spelling.
bool SameMeaning(const ExprPtr& a, const ExprPtr& b);
bool ContainsAggregate(const ExprPtr& expression);  // outside of window functions' own position
bool ContainsWindow(const ExprPtr& expression);
bool IsGenerator(const ExprPtr& expression);
bool ContainsGenerator(const ExprPtr& expression);
// Refers to Attributes, without those of subqueries' own plans.
void CollectAttributes(const ExprPtr& expression, std::vector<ExprPtr>* out);
// The Attribute by which an Attribute or Alias is referred to from above.
ExprPtr ToAttribute(const ExprPtr& named);
// Replaces attributes by id.
ExprPtr RenameIds(const ExprPtr& expression, const IdMap& ids);
PlanPtr RenameIds(const PlanPtr& plan, const IdMap& ids);

}  // namespace centella
