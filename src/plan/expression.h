// Expressions, unresolved (from SQL or Connect) and resolved (after analysis). Plain data; see plan/node.h.
#pragma once

#include <string>
#include <vector>

#include "base/query_context.h"
#include "plan/node.h"

namespace centella {

enum class ExprKind : uint8_t {
  // resolved or neutral
  kLiteral,
  kAlias,
  kSortOrder,
  kCast,
  kAttribute,
  kColumn,
  kCall,
  kAggregate,
  kWindow,
  kLambda,
  kLambdaVariable,
  kSubquery,
  kOuterReference,
  // unresolved: gone after analysis
  kUnresolvedAttribute,
  kUnresolvedStar,
  kUnresolvedRegex,
  kUnresolvedFunction,
  kUnresolvedExtract,
  kNamedArgument,
  kUpdateField,
  kParameter,
};

// `type` is null while unresolved. Immutable once shared.
struct Expression {
  virtual ~Expression() = default;
  virtual ExprKind kind() const = 0;
  virtual std::shared_ptr<Expression> Clone() const = 0;
  // Every node visits these first through VisitAll; VisitFields visits its own.
  virtual void VisitFields(FieldVisitor& v) = 0;
  void VisitAll(FieldVisitor& v) {
    v.Field("type", type);
    v.Field("nullable", nullable);
    v.Field("origin", origin);
    VisitFields(v);
  }
  bool resolved() const { return type != nullptr; }

  TypePtr type;
  bool nullable = true;
  OriginPtr origin;  // where in the program it stands, for errors; may be null; not part of equality
};

// Identity of a column through a plan: unique within a session, fresh for each new output column.
using ExprId = int64_t;
ExprId NextExprId();

struct Literal final : NodeOf<Literal, Expression, ExprKind::kLiteral> {
  Value value;
  void VisitFields(FieldVisitor& v) override { v.Field("value", value); }
};

// `child AS name`. Several names (of a generator's columns) while unresolved only.
struct Alias final : NodeOf<Alias, Expression, ExprKind::kAlias> {
  ExprPtr child;
  std::vector<std::string> names;
  ExprId id = 0;
  std::string metadata;  // JSON object, or empty = the child's
  bool has_metadata = false;
  bool implicit = false;  // made by the engine for an unnamed expression
  void VisitFields(FieldVisitor& v) override {
    v.Field("child", child);
    v.Field("names", names);
    v.Field("id", id);
    v.Field("metadata", metadata);
    v.Field("has_metadata", has_metadata);
    v.Field("implicit", implicit);
  }
  const std::string& name() const { return names[0]; }
};

struct SortOrder final : NodeOf<SortOrder, Expression, ExprKind::kSortOrder> {
  ExprPtr child;
  bool ascending = true;
  bool nulls_first = true;  // Spark's default: first when ascending, last when descending
  void VisitFields(FieldVisitor& v) override {
    v.Field("child", child);
    v.Field("ascending", ascending);
    v.Field("nulls_first", nulls_first);
  }
};

struct Cast final : NodeOf<Cast, Expression, ExprKind::kCast> {
  ExprPtr child;
  TypePtr target;
  EvalMode mode = EvalMode::kAnsi;
  bool mode_given = false;  // TRY_CAST says so; else analysis sets it from the session
  bool implicit = false;    // added by coercion
  void VisitFields(FieldVisitor& v) override {
    v.Field("child", child);
    v.Field("target", target);
    v.EnumField("mode", mode);
    v.Field("mode_given", mode_given);
    v.Field("implicit", implicit);
  }
};

// A resolved column of a child's output, by id.
struct Attribute final : NodeOf<Attribute, Expression, ExprKind::kAttribute> {
  std::string name;
  ExprId id = 0;
  std::vector<std::string> qualifier;
  std::string metadata;
  void VisitFields(FieldVisitor& v) override {
    v.Field("name", name);
    v.Field("id", id);
    v.Field("qualifier", qualifier);
    v.Field("metadata", metadata);
  }
};
using AttributePtr = std::shared_ptr<const Attribute>;

// A column of the input batch by position: what execution sees instead of Attribute.
struct Column final : NodeOf<Column, Expression, ExprKind::kColumn> {
  int64_t ordinal = 0;
  std::string name;  // for printing
  void VisitFields(FieldVisitor& v) override {
    v.Field("ordinal", ordinal);
    v.Field("name", name);
  }
};

// A resolved scalar function, special form (and, or, case, coalesce, in …) or generator, by its registered name.
// Arguments already have the types of the chosen signature. CASE is Call{"case", [cond, value, …, else?]}.
struct Call final : NodeOf<Call, Expression, ExprKind::kCall> {
  std::string function;
  std::vector<ExprPtr> args;
  EvalMode mode = EvalMode::kAnsi;
  std::string display;  // the name the user wrote, when column names need it ("substr")
  void VisitFields(FieldVisitor& v) override {
    v.Field("function", function);
    v.Field("args", args);
    v.EnumField("mode", mode);
    v.Field("display", display);
  }
};

// A resolved aggregate function.
struct AggregateCall final : NodeOf<AggregateCall, Expression, ExprKind::kAggregate> {
  std::string function;
  std::vector<ExprPtr> args;
  bool distinct = false;
  bool ignore_nulls = false;
  ExprPtr filter;
  std::vector<ExprPtr> order_by;  // SortOrder: WITHIN GROUP
  EvalMode mode = EvalMode::kAnsi;
  std::string display;
  void VisitFields(FieldVisitor& v) override {
    v.Field("function", function);
    v.Field("args", args);
    v.Field("distinct", distinct);
    v.Field("ignore_nulls", ignore_nulls);
    v.Field("filter", filter);
    v.Field("order_by", order_by);
    v.EnumField("mode", mode);
    v.Field("display", display);
  }
};

enum class FrameUnit : uint8_t { kDefault, kRows, kRange };
enum class FrameBound : uint8_t { kUnboundedPreceding, kPreceding, kCurrentRow, kFollowing, kUnboundedFollowing };

// function OVER (PARTITION BY … ORDER BY … frame). The function is an AggregateCall, a Call of a window function, or
// unresolved. `window_name` refers to a WINDOW clause while unresolved. Offsets are non-negative literals (or
// interval literals) with the side in the bound.
struct WindowExpr final : NodeOf<WindowExpr, Expression, ExprKind::kWindow> {
  ExprPtr function;
  std::vector<ExprPtr> partition_by;
  std::vector<ExprPtr> order_by;  // SortOrder
  FrameUnit unit = FrameUnit::kDefault;
  FrameBound lower = FrameBound::kUnboundedPreceding;
  FrameBound upper = FrameBound::kCurrentRow;
  ExprPtr lower_offset;
  ExprPtr upper_offset;
  std::string window_name;
  bool ignore_nulls = false;
  void VisitFields(FieldVisitor& v) override {
    v.Field("function", function);
    v.Field("partition_by", partition_by);
    v.Field("order_by", order_by);
    v.EnumField("unit", unit);
    v.EnumField("lower", lower);
    v.EnumField("upper", upper);
    v.Field("lower_offset", lower_offset);
    v.Field("upper_offset", upper_offset);
    v.Field("window_name", window_name);
    v.Field("ignore_nulls", ignore_nulls);
  }
};

// x -> body, (x, y) -> body. Parameters are LambdaVariables, by id once resolved.
struct Lambda final : NodeOf<Lambda, Expression, ExprKind::kLambda> {
  std::vector<ExprPtr> parameters;
  ExprPtr body;
  void VisitFields(FieldVisitor& v) override {
    v.Field("parameters", parameters);
    v.Field("body", body);
  }
};
struct LambdaVariable final : NodeOf<LambdaVariable, Expression, ExprKind::kLambdaVariable> {
  std::vector<std::string> parts;
  ExprId id = 0;
  void VisitFields(FieldVisitor& v) override {
    v.Field("parts", parts);
    v.Field("id", id);
  }
};

enum class SubqueryKind : uint8_t { kScalar, kExists, kIn, kTable };

// A subquery in an expression; `values` are the left side of IN. Until Connect's plan references are put in place
// `plan_id` may stand for the plan.
struct Subquery final : NodeOf<Subquery, Expression, ExprKind::kSubquery> {
  SubqueryKind subquery = SubqueryKind::kScalar;
  PlanPtr plan;
  std::vector<ExprPtr> values;
  int64_t plan_id = -1;
  void VisitFields(FieldVisitor& v) override {
    v.EnumField("subquery", subquery);
    v.Field("plan", plan);
    v.Field("values", values);
    v.Field("plan_id", plan_id);
  }
};

// In a subquery's plan: a column of the enclosing query.
struct OuterReference final : NodeOf<OuterReference, Expression, ExprKind::kOuterReference> {
  ExprPtr attribute;
  void VisitFields(FieldVisitor& v) override { v.Field("attribute", attribute); }
};

struct UnresolvedAttribute final : NodeOf<UnresolvedAttribute, Expression, ExprKind::kUnresolvedAttribute> {
  std::vector<std::string> parts;
  int64_t plan_id = -1;  // Connect: the DataFrame it was taken from (df["x"])
  bool is_metadata = false;
  void VisitFields(FieldVisitor& v) override {
    v.Field("parts", parts);
    v.Field("plan_id", plan_id);
    v.Field("is_metadata", is_metadata);
  }
};

// *, t.*, with EXCEPT.
struct UnresolvedStar final : NodeOf<UnresolvedStar, Expression, ExprKind::kUnresolvedStar> {
  std::vector<std::string> target;
  int64_t plan_id = -1;
  std::vector<std::vector<std::string>> except;
  void VisitFields(FieldVisitor& v) override {
    v.Field("target", target);
    v.Field("plan_id", plan_id);
    v.Field("except", except);
  }
};

struct UnresolvedRegex final : NodeOf<UnresolvedRegex, Expression, ExprKind::kUnresolvedRegex> {
  std::string pattern;
  int64_t plan_id = -1;
  void VisitFields(FieldVisitor& v) override {
    v.Field("pattern", pattern);
    v.Field("plan_id", plan_id);
  }
};

// Any function call as written; operators too ("+", "and", "not", "==", "<=>", "like", "between", "in", "case", "isnull" …).
struct UnresolvedFunction final : NodeOf<UnresolvedFunction, Expression, ExprKind::kUnresolvedFunction> {
  std::vector<std::string> name;
  std::vector<ExprPtr> args;
  bool distinct = false;
  bool ignore_nulls = false;
  ExprPtr filter;
  std::vector<ExprPtr> order_by;  // WITHIN GROUP
  bool internal = false;          // Connect's internal functions
  void VisitFields(FieldVisitor& v) override {
    v.Field("name", name);
    v.Field("args", args);
    v.Field("distinct", distinct);
    v.Field("ignore_nulls", ignore_nulls);
    v.Field("filter", filter);
    v.Field("order_by", order_by);
    v.Field("internal", internal);
  }
};

// child[extraction], child.field.
struct UnresolvedExtract final : NodeOf<UnresolvedExtract, Expression, ExprKind::kUnresolvedExtract> {
  ExprPtr child;
  ExprPtr extraction;
  void VisitFields(FieldVisitor& v) override {
    v.Field("child", child);
    v.Field("extraction", extraction);
  }
};

struct NamedArgument final : NodeOf<NamedArgument, Expression, ExprKind::kNamedArgument> {
  std::string name;
  ExprPtr value;
  void VisitFields(FieldVisitor& v) override {
    v.Field("name", name);
    v.Field("value", value);
  }
};

// Column.withField / dropFields (value null = drop).
struct UpdateField final : NodeOf<UpdateField, Expression, ExprKind::kUpdateField> {
  ExprPtr child;
  std::string field;
  ExprPtr value;
  void VisitFields(FieldVisitor& v) override {
    v.Field("child", child);
    v.Field("field", field);
    v.Field("value", value);
  }
};

// :name or ? (`name` empty, position counted from 0).
struct Parameter final : NodeOf<Parameter, Expression, ExprKind::kParameter> {
  std::string name;
  int64_t position = 0;
  void VisitFields(FieldVisitor& v) override {
    v.Field("name", name);
    v.Field("position", position);
  }
};

// Builders for the commonest nodes.
ExprPtr MakeLiteral(Value value);
ExprPtr MakeAttribute(std::string name, TypePtr type, bool nullable, ExprId id, std::vector<std::string> qualifier = {},
                      std::string metadata = {});
ExprPtr MakeAlias(ExprPtr child, std::string name, ExprId id = 0);  // id 0 = a fresh one
ExprPtr MakeUnresolvedFunction(std::string name, std::vector<ExprPtr> args, OriginPtr origin = nullptr);
ExprPtr MakeUnresolvedAttribute(std::vector<std::string> parts, OriginPtr origin = nullptr);
// A resolved call whose type the caller knows.
ExprPtr MakeCall(std::string function, std::vector<ExprPtr> args, TypePtr type, bool nullable,
                 EvalMode mode = EvalMode::kAnsi);
ExprPtr MakeCast(ExprPtr child, TypePtr target, EvalMode mode);
// AND of all; TRUE for none. Balanced, so that ten thousand terms don't nest deep.
ExprPtr Conjunction(std::vector<ExprPtr> terms);
// The terms of nested ANDs of resolved calls.
std::vector<ExprPtr> SplitConjunction(const ExprPtr& condition);

// As Spark names a column of this expression ("sum(amount)", "(a + 1)", "CASE WHEN … END") — toPrettySQL.
std::string ColumnNameOf(const ExprPtr& expression);
// As Spark quotes an expression in error messages, without the outer quotes — toSQLExpr.
std::string ExpressionSql(const ExprPtr& expression);

}  // namespace centella
