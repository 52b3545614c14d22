// Logical plans: from unresolved (SQL, Connect) to resolved (after analysis) to optimised. Plain data; see plan/node.h.
#pragma once

#include <string>
#include <vector>

#include "plan/expression.h"
#include "plan/node.h"
#include "plan/table.h"

namespace centella {

enum class PlanKind : uint8_t {
  // resolved relations: what optimizer and execution see
  kLocalRelation,
  kRange,
  kScan,
  kProject,
  kFilter,
  kAggregate,
  kJoin,
  kSort,
  kLimit,
  kUnion,
  kWindow,
  kExpand,
  kGenerate,
  kRepartition,
  kSample,
  kSubqueryAlias,
  kCached,
  kDistinct,
  kSetOperation,
  kCteDef,
  kCteRef,
  kCollectMetrics,
  // unresolved relations: gone after analysis
  kUnresolvedRelation,
  kUnresolvedDataSource,
  kUnresolvedTableFunction,
  kInlineTable,
  kWithCte,
  kUsingJoin,
  kDeduplicate,
  kPivot,
  kUnpivot,
  kHint,
  kToDf,
  kWithColumns,
  kWithColumnsRenamed,
  kDrop,
  kNaFunction,
  kToSchema,
  kStatFunction,
  kWithWatermark,
  kUnresolvedSubqueryColumnAliases,
  kWithWindowDefinition,
  kAsOfJoin,
  kTranspose,
  // commands
  kCommand,
  kCreateView,
  kWriteFiles,
  kExplain,
};

// `plan_id` is Connect's id of the DataFrame that made this node (-1 = none): UnresolvedAttribute::plan_id refers to
// it. It survives rewriting during analysis and is ignored afterwards.
struct LogicalPlan {
  virtual ~LogicalPlan() = default;
  virtual PlanKind kind() const = 0;
  virtual std::shared_ptr<LogicalPlan> Clone() const = 0;
  virtual void VisitFields(FieldVisitor& v) = 0;
  void VisitAll(FieldVisitor& v) {
    v.Field("plan_id", plan_id);
    v.Field("origin", origin);
    VisitFields(v);
  }
  int64_t plan_id = -1;
  OriginPtr origin;
};

// Output columns of a resolved plan: Attribute expressions (AttributePtr cast to ExprPtr). Raises INTERNAL_ERROR when
// the plan isn't resolved.
std::vector<ExprPtr> OutputOf(const PlanPtr& plan);
// Output as a struct type (nullability and metadata as Spark's schema).
TypePtr SchemaOf(const PlanPtr& plan);

// ---- resolved relations -------------------------------------------------------------------------------------------

// Rows that travel with the plan (VALUES, createDataFrame). `output` are Attributes; partitions = Spark's slices.
struct LocalRelation final : NodeOf<LocalRelation, LogicalPlan, PlanKind::kLocalRelation> {
  std::vector<ExprPtr> output;
  TypePtr schema;
  std::vector<Batch> batches;
  void VisitFields(FieldVisitor& v) override {
    v.Field("output", output);
    v.Field("schema", schema);
    v.Field("batches", batches, schema);
  }
};

struct Range final : NodeOf<Range, LogicalPlan, PlanKind::kRange> {
  std::vector<ExprPtr> output;  // one BIGINT "id"; empty while unresolved
  int64_t start = 0, end = 0, step = 1;
  int64_t partitions = 0;  // 0 = default parallelism
  void VisitFields(FieldVisitor& v) override {
    v.Field("output", output);
    v.Field("start", start);
    v.Field("end", end);
    v.Field("step", step);
    v.Field("partitions", partitions);
  }
};

// `output` are Attributes for the fields `columns` of the table's schema. `filters` were pushed by the optimizer (over
// these attributes); the engine still applies those that the scan doesn't take exactly.
struct ScanPlan final : NodeOf<ScanPlan, LogicalPlan, PlanKind::kScan> {
  TablePtr table;
  std::vector<ExprPtr> output;
  std::vector<int64_t> columns;
  std::vector<ExprPtr> filters;
  int64_t limit = -1;
  void VisitFields(FieldVisitor& v) override {
    v.Field("table", table);
    v.Field("output", output);
    v.Field("columns", columns);
    v.Field("filters", filters);
    v.Field("limit", limit);
  }
};

struct Project final : NodeOf<Project, LogicalPlan, PlanKind::kProject> {
  std::vector<ExprPtr> expressions;  // resolved: Attribute or Alias
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("expressions", expressions);
    v.Field("child", child);
  }
};

struct Filter final : NodeOf<Filter, LogicalPlan, PlanKind::kFilter> {
  ExprPtr condition;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("condition", condition);
    v.Field("child", child);
  }
};

enum class GroupingKind : uint8_t { kPlain, kAll, kRollup, kCube, kSets };

// GROUP BY. Resolved: kPlain, `aggregates` are Attribute/Alias over grouping expressions and AggregateCalls (mixed
// expressions allowed until the planner splits them). GROUPING SETS, CUBE and ROLLUP become Expand + Aggregate in analysis.
// Without grouping: one row.
struct Aggregate final : NodeOf<Aggregate, LogicalPlan, PlanKind::kAggregate> {
  std::vector<ExprPtr> grouping;
  std::vector<ExprPtr> aggregates;
  GroupingKind grouping_kind = GroupingKind::kPlain;
  std::vector<std::vector<ExprPtr>> grouping_sets;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("grouping", grouping);
    v.Field("aggregates", aggregates);
    v.EnumField("grouping_kind", grouping_kind);
    v.Field("grouping_sets", grouping_sets);
    v.Field("child", child);
  }
};

enum class JoinType : uint8_t { kInner, kCross, kLeft, kRight, kFull, kLeftSemi, kLeftAnti, kExistence };

// `condition` may be null. kExistence (from EXISTS/IN in a disjunction) adds one boolean `existence` attribute.
// `null_aware` marks the anti join of NOT IN. `lateral`: the right side may use OuterReferences to the left.
// `hint`: "broadcast_left", "broadcast_right", "merge", "shuffle_hash_left" … changes speed only, never rows.
struct Join final : NodeOf<Join, LogicalPlan, PlanKind::kJoin> {
  PlanPtr left;
  PlanPtr right;
  JoinType type = JoinType::kInner;
  ExprPtr condition;
  ExprPtr existence;
  bool null_aware = false;
  bool lateral = false;
  std::string hint;
  void VisitFields(FieldVisitor& v) override {
    v.Field("left", left);
    v.Field("right", right);
    v.EnumField("type", type);
    v.Field("condition", condition);
    v.Field("existence", existence);
    v.Field("null_aware", null_aware);
    v.Field("lateral", lateral);
    v.Field("hint", hint);
  }
};

struct Sort final : NodeOf<Sort, LogicalPlan, PlanKind::kSort> {
  std::vector<ExprPtr> order;  // SortOrder
  bool global = true;          // false: SORT BY / sortWithinPartitions
  bool all = false;            // ORDER BY ALL, until analysed
  bool all_ascending = true, all_nulls_first = true;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("order", order);
    v.Field("global", global);
    v.Field("all", all);
    v.Field("all_ascending", all_ascending);
    v.Field("all_nulls_first", all_nulls_first);
    v.Field("child", child);
  }
};

// OFFSET then LIMIT (limit null = none); expressions are foldable integers. `tail`: the last `limit` rows.
struct Limit final : NodeOf<Limit, LogicalPlan, PlanKind::kLimit> {
  ExprPtr limit;
  ExprPtr offset;
  bool tail = false;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("limit", limit);
    v.Field("offset", offset);
    v.Field("tail", tail);
    v.Field("child", child);
  }
};

// UNION ALL. Resolved: children have the same types; `output` is fresh.
struct Union final : NodeOf<Union, LogicalPlan, PlanKind::kUnion> {
  std::vector<PlanPtr> children;
  std::vector<ExprPtr> output;
  bool by_name = false;
  bool allow_missing_columns = false;
  void VisitFields(FieldVisitor& v) override {
    v.Field("children", children);
    v.Field("output", output);
    v.Field("by_name", by_name);
    v.Field("allow_missing_columns", allow_missing_columns);
  }
};

// Window functions of one specification; output = child's output + expressions (Alias over WindowExpr).
struct Window final : NodeOf<Window, LogicalPlan, PlanKind::kWindow> {
  std::vector<ExprPtr> expressions;
  std::vector<ExprPtr> partition_by;
  std::vector<ExprPtr> order_by;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("expressions", expressions);
    v.Field("partition_by", partition_by);
    v.Field("order_by", order_by);
    v.Field("child", child);
  }
};

// Each input row once per projection (grouping sets, unpivot).
struct Expand final : NodeOf<Expand, LogicalPlan, PlanKind::kExpand> {
  std::vector<std::vector<ExprPtr>> projections;
  std::vector<ExprPtr> output;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("projections", projections);
    v.Field("output", output);
    v.Field("child", child);
  }
};

// explode and its kin: child's output + generator's columns. `outer` keeps rows whose generator gives none.
struct Generate final : NodeOf<Generate, LogicalPlan, PlanKind::kGenerate> {
  ExprPtr generator;  // UnresolvedFunction, then Call
  bool outer = false;
  std::string qualifier;
  std::vector<std::string> column_names;
  std::vector<ExprPtr> generator_output;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("generator", generator);
    v.Field("outer", outer);
    v.Field("qualifier", qualifier);
    v.Field("column_names", column_names);
    v.Field("generator_output", generator_output);
    v.Field("child", child);
  }
};

// repartition(n), repartition(n, cols), repartitionByRange, coalesce(n) (shuffle false), REPARTITION hint.
struct Repartition final : NodeOf<Repartition, LogicalPlan, PlanKind::kRepartition> {
  int64_t partitions = 0;  // 0 = not given
  bool shuffle = true;
  bool by_range = false;
  std::vector<ExprPtr> expressions;  // SortOrder for ranges
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("partitions", partitions);
    v.Field("shuffle", shuffle);
    v.Field("by_range", by_range);
    v.Field("expressions", expressions);
    v.Field("child", child);
  }
};

struct Sample final : NodeOf<Sample, LogicalPlan, PlanKind::kSample> {
  double lower = 0, upper = 1;
  bool with_replacement = false;
  bool has_seed = false;
  int64_t seed = 0;
  bool deterministic_order = false;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("lower", lower);
    v.Field("upper", upper);
    v.Field("with_replacement", with_replacement);
    v.Field("has_seed", has_seed);
    v.Field("seed", seed);
    v.Field("deterministic_order", deterministic_order);
    v.Field("child", child);
  }
};

struct SubqueryAlias final : NodeOf<SubqueryAlias, LogicalPlan, PlanKind::kSubqueryAlias> {
  std::vector<std::string> qualifier;  // usually one part
  std::vector<std::string> columns;    // AS t(a, b), or empty
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("qualifier", qualifier);
    v.Field("columns", columns);
    v.Field("child", child);
  }
};

// A cached or checkpointed result: reads `table` (in memory), which is filled from `child` at first use.
struct Cached final : NodeOf<Cached, LogicalPlan, PlanKind::kCached> {
  TablePtr table;
  std::vector<ExprPtr> output;
  void VisitFields(FieldVisitor& v) override {
    v.Field("table", table);
    v.Field("output", output);
  }
};

// DISTINCT (becomes Aggregate in the optimizer).
struct Distinct final : NodeOf<Distinct, LogicalPlan, PlanKind::kDistinct> {
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override { v.Field("child", child); }
};

enum class SetOperationKind : uint8_t { kUnion, kIntersect, kExcept };

// INTERSECT / EXCEPT [ALL] (and UNION until analysed).
struct SetOperation final : NodeOf<SetOperation, LogicalPlan, PlanKind::kSetOperation> {
  SetOperationKind operation = SetOperationKind::kUnion;
  bool all = false;
  bool by_name = false;
  bool allow_missing_columns = false;
  PlanPtr left;
  PlanPtr right;
  void VisitFields(FieldVisitor& v) override {
    v.EnumField("operation", operation);
    v.Field("all", all);
    v.Field("by_name", by_name);
    v.Field("allow_missing_columns", allow_missing_columns);
    v.Field("left", left);
    v.Field("right", right);
  }
};

// A shared subplan: definitions above their uses. `id` links CteRef to CteDef.
struct CteDef final : NodeOf<CteDef, LogicalPlan, PlanKind::kCteDef> {
  std::vector<int64_t> ids;
  std::vector<PlanPtr> definitions;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("ids", ids);
    v.Field("definitions", definitions);
    v.Field("child", child);
  }
};
struct CteRef final : NodeOf<CteRef, LogicalPlan, PlanKind::kCteRef> {
  int64_t id = 0;
  std::vector<ExprPtr> output;
  void VisitFields(FieldVisitor& v) override {
    v.Field("id", id);
    v.Field("output", output);
  }
};

// df.observe: aggregates computed while rows pass.
struct CollectMetrics final : NodeOf<CollectMetrics, LogicalPlan, PlanKind::kCollectMetrics> {
  std::string name;
  std::vector<ExprPtr> metrics;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("name", name);
    v.Field("metrics", metrics);
    v.Field("child", child);
  }
};

// ---- unresolved relations -----------------------------------------------------------------------------------------

struct UnresolvedRelation final : NodeOf<UnresolvedRelation, LogicalPlan, PlanKind::kUnresolvedRelation> {
  std::vector<std::string> name;  // also {"parquet", "/path"} for parquet.`/path`
  StringMap options;
  bool is_streaming = false;
  void VisitFields(FieldVisitor& v) override {
    v.Field("name", name);
    v.Field("options", options);
    v.Field("is_streaming", is_streaming);
  }
};

// spark.read: format + schema (DDL or JSON, "" = infer) + options + paths.
struct UnresolvedDataSource final : NodeOf<UnresolvedDataSource, LogicalPlan, PlanKind::kUnresolvedDataSource> {
  std::string format;  // "" = spark.sql.sources.default
  std::string schema;
  StringMap options;  // keys as given; matched without case
  std::vector<std::string> paths;
  std::vector<std::string> predicates;  // JDBC
  bool is_streaming = false;
  void VisitFields(FieldVisitor& v) override {
    v.Field("format", format);
    v.Field("schema", schema);
    v.Field("options", options);
    v.Field("paths", paths);
    v.Field("predicates", predicates);
    v.Field("is_streaming", is_streaming);
  }
};

// range(…), explode(…), inline(…) … in FROM.
struct UnresolvedTableFunction final
    : NodeOf<UnresolvedTableFunction, LogicalPlan, PlanKind::kUnresolvedTableFunction> {
  std::vector<std::string> name;
  std::vector<ExprPtr> args;
  void VisitFields(FieldVisitor& v) override {
    v.Field("name", name);
    v.Field("args", args);
  }
};

// VALUES (…), (…).
struct InlineTable final : NodeOf<InlineTable, LogicalPlan, PlanKind::kInlineTable> {
  std::vector<std::string> names;
  std::vector<std::vector<ExprPtr>> rows;
  void VisitFields(FieldVisitor& v) override {
    v.Field("names", names);
    v.Field("rows", rows);
  }
};

struct WithCte final : NodeOf<WithCte, LogicalPlan, PlanKind::kWithCte> {
  std::vector<std::string> names;
  std::vector<PlanPtr> definitions;  // SubqueryAlias when it has column aliases
  bool recursive = false;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("names", names);
    v.Field("definitions", definitions);
    v.Field("recursive", recursive);
    v.Field("child", child);
  }
};

// JOIN … USING (a, b), NATURAL JOIN, df.join(other, ["a"]).
struct UsingJoin final : NodeOf<UsingJoin, LogicalPlan, PlanKind::kUsingJoin> {
  PlanPtr left;
  PlanPtr right;
  JoinType type = JoinType::kInner;
  std::vector<std::string> columns;
  bool natural = false;
  void VisitFields(FieldVisitor& v) override {
    v.Field("left", left);
    v.Field("right", right);
    v.EnumField("type", type);
    v.Field("columns", columns);
    v.Field("natural", natural);
  }
};

struct Deduplicate final : NodeOf<Deduplicate, LogicalPlan, PlanKind::kDeduplicate> {
  std::vector<std::string> columns;
  bool all_columns = false;
  bool within_watermark = false;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("columns", columns);
    v.Field("all_columns", all_columns);
    v.Field("within_watermark", within_watermark);
    v.Field("child", child);
  }
};

// Values may be empty (then they are found by running a distinct query on the pivot column).
struct Pivot final : NodeOf<Pivot, LogicalPlan, PlanKind::kPivot> {
  std::vector<ExprPtr> grouping;  // DataFrame form; SQL groups by all other columns (sql = true)
  ExprPtr column;
  std::vector<ExprPtr> values;
  std::vector<ExprPtr> aggregates;
  bool sql = false;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("grouping", grouping);
    v.Field("column", column);
    v.Field("values", values);
    v.Field("aggregates", aggregates);
    v.Field("sql", sql);
    v.Field("child", child);
  }
};

struct Unpivot final : NodeOf<Unpivot, LogicalPlan, PlanKind::kUnpivot> {
  std::vector<ExprPtr> ids;
  bool ids_given = true;
  std::vector<std::vector<ExprPtr>> values;  // groups of value columns
  bool values_given = true;
  std::vector<std::string> aliases;  // of the groups, "" = none
  std::string variable_column;
  std::vector<std::string> value_columns;
  bool include_nulls = true;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("ids", ids);
    v.Field("ids_given", ids_given);
    v.Field("values", values);
    v.Field("values_given", values_given);
    v.Field("aliases", aliases);
    v.Field("variable_column", variable_column);
    v.Field("value_columns", value_columns);
    v.Field("include_nulls", include_nulls);
    v.Field("child", child);
  }
};

struct Hint final : NodeOf<Hint, LogicalPlan, PlanKind::kHint> {
  std::string name;
  std::vector<ExprPtr> parameters;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("name", name);
    v.Field("parameters", parameters);
    v.Field("child", child);
  }
};

struct ToDf final : NodeOf<ToDf, LogicalPlan, PlanKind::kToDf> {
  std::vector<std::string> names;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("names", names);
    v.Field("child", child);
  }
};

struct WithColumns final : NodeOf<WithColumns, LogicalPlan, PlanKind::kWithColumns> {
  std::vector<ExprPtr> aliases;  // Alias
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("aliases", aliases);
    v.Field("child", child);
  }
};

struct WithColumnsRenamed final : NodeOf<WithColumnsRenamed, LogicalPlan, PlanKind::kWithColumnsRenamed> {
  std::vector<std::string> from;
  std::vector<std::string> to;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("from", from);
    v.Field("to", to);
    v.Field("child", child);
  }
};

struct Drop final : NodeOf<Drop, LogicalPlan, PlanKind::kDrop> {
  std::vector<ExprPtr> columns;
  std::vector<std::string> names;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("columns", columns);
    v.Field("names", names);
    v.Field("child", child);
  }
};

enum class NaFunctionKind : uint8_t { kFill, kDrop, kReplace };

// na.fill (values one per column, or one for all), na.drop (min_non_nulls, -1 = all columns), na.replace (pairs old, new).
struct NaFunction final : NodeOf<NaFunction, LogicalPlan, PlanKind::kNaFunction> {
  NaFunctionKind function = NaFunctionKind::kFill;
  std::vector<std::string> columns;
  std::vector<ExprPtr> values;
  int64_t min_non_nulls = -1;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.EnumField("function", function);
    v.Field("columns", columns);
    v.Field("values", values);
    v.Field("min_non_nulls", min_non_nulls);
    v.Field("child", child);
  }
};

struct ToSchema final : NodeOf<ToSchema, LogicalPlan, PlanKind::kToSchema> {
  TypePtr schema;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("schema", schema);
    v.Field("child", child);
  }
};

// describe, summary, crosstab, cov, corr, approxQuantile, freqItems, sampleBy: `arguments` as Connect gives them.
struct StatFunction final : NodeOf<StatFunction, LogicalPlan, PlanKind::kStatFunction> {
  std::string function;
  std::vector<std::string> columns;
  std::vector<ExprPtr> arguments;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("function", function);
    v.Field("columns", columns);
    v.Field("arguments", arguments);
    v.Field("child", child);
  }
};

// SELECT … WINDOW w AS (…): specifications by name (WindowExpr without function).
struct WithWindowDefinition final : NodeOf<WithWindowDefinition, LogicalPlan, PlanKind::kWithWindowDefinition> {
  std::vector<std::string> names;
  std::vector<ExprPtr> windows;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("names", names);
    v.Field("windows", windows);
    v.Field("child", child);
  }
};

// ---- commands -----------------------------------------------------------------------------------------------------

// Small statements by name: SHOW TABLES, SET, RESET, USE, DESCRIBE, DROP VIEW, CACHE TABLE … `arguments` by key.
// The session runs them; `output` is what they return (Spark's columns).
struct Command final : NodeOf<Command, LogicalPlan, PlanKind::kCommand> {
  std::string name;  // "show_tables", "set", "describe_table", "describe_query", "drop_view", "cache_table" …
  StringMap arguments;
  std::vector<std::string> target;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("name", name);
    v.Field("arguments", arguments);
    v.Field("target", target);
    v.Field("child", child);
  }
};

struct CreateView final : NodeOf<CreateView, LogicalPlan, PlanKind::kCreateView> {
  std::vector<std::string> name;
  std::vector<std::string> columns;
  bool global = false;
  bool temporary = true;
  bool replace = false;
  bool if_not_exists = false;
  std::string text;  // the query's text, when from SQL
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("name", name);
    v.Field("columns", columns);
    v.Field("global", global);
    v.Field("temporary", temporary);
    v.Field("replace", replace);
    v.Field("if_not_exists", if_not_exists);
    v.Field("text", text);
    v.Field("child", child);
  }
};

enum class SaveMode : uint8_t { kError, kAppend, kOverwrite, kIgnore };

// df.write.format(…).save(path), INSERT OVERWRITE DIRECTORY.
struct WriteFiles final : NodeOf<WriteFiles, LogicalPlan, PlanKind::kWriteFiles> {
  std::string format;
  std::string path;
  std::vector<std::string> table;  // saveAsTable / insertInto, else empty
  std::string table_method;        // "save_as_table", "insert_into" or ""
  SaveMode mode = SaveMode::kError;
  StringMap options;
  std::vector<std::string> partition_by;
  std::vector<std::string> sort_by;
  std::vector<std::string> bucket_by;
  int64_t buckets = 0;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.Field("format", format);
    v.Field("path", path);
    v.Field("table", table);
    v.Field("table_method", table_method);
    v.EnumField("mode", mode);
    v.Field("options", options);
    v.Field("partition_by", partition_by);
    v.Field("sort_by", sort_by);
    v.Field("bucket_by", bucket_by);
    v.Field("buckets", buckets);
    v.Field("child", child);
  }
};

enum class ExplainMode : uint8_t { kSimple, kExtended, kCodegen, kCost, kFormatted };

struct Explain final : NodeOf<Explain, LogicalPlan, PlanKind::kExplain> {
  ExplainMode mode = ExplainMode::kSimple;
  PlanPtr child;
  void VisitFields(FieldVisitor& v) override {
    v.EnumField("mode", mode);
    v.Field("child", child);
  }
};

}  // namespace centella
