// Connect's relations to unresolved plans: dispatch, and the relational operations.
#include <google/protobuf/repeated_ptr_field.h>

#include "plan/depth_guard.h"
#include "server/connect/convert.h"
#include "server/connect/names.h"
#include "spark/connect/catalog.pb.h"
#include "spark/connect/common.pb.h"
#include "spark/connect/expressions.pb.h"
#include "spark/connect/relations.pb.h"
#include "spark/connect/types.pb.h"
#include "sql/parser.h"

// Clients of older versions send the fields that the protocol now calls deprecated.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace centella::connect {
namespace {

using proto::Relation;

template <typename Message>
StringMap OptionsOf(const Message& options) {
  return StringMap(options.begin(), options.end());
}

JoinType JoinTypeOf(proto::Join::JoinType type) {
  switch (type) {
    case proto::Join::JOIN_TYPE_INNER: return JoinType::kInner;
    case proto::Join::JOIN_TYPE_FULL_OUTER: return JoinType::kFull;
    case proto::Join::JOIN_TYPE_LEFT_OUTER: return JoinType::kLeft;
    case proto::Join::JOIN_TYPE_RIGHT_OUTER: return JoinType::kRight;
    case proto::Join::JOIN_TYPE_LEFT_ANTI: return JoinType::kLeftAnti;
    case proto::Join::JOIN_TYPE_LEFT_SEMI: return JoinType::kLeftSemi;
    case proto::Join::JOIN_TYPE_CROSS: return JoinType::kCross;
    default: break;
  }
  RaiseInvalidEnum("spark.connect.Join.JoinType", proto::Join::JoinType_Name(type), type);
}

// SELECT without FROM: one row without columns.
PlanPtr OneRow() {
  auto relation = std::make_shared<LocalRelation>();
  relation->schema = types::Struct({});
  Batch batch;
  batch.rows = 1;
  relation->batches.push_back(std::move(batch));
  return relation;
}

// What is known to Spark and not built here, by the name that a user knows it by; null for anything else.
const char* NotBuilt(Relation::RelTypeCase kind) {
  switch (kind) {
    case Relation::kMapPartitions: return "Python functions over partitions (mapInPandas, mapInArrow)";
    case Relation::kGroupMap: return "Python functions over groups (applyInPandas, applyInArrow)";
    case Relation::kCoGroupMap: return "Python functions over cogroups";
    case Relation::kWithWatermark: return "withWatermark";
    case Relation::kApplyInPandasWithState: return "applyInPandasWithState";
    case Relation::kCommonInlineUserDefinedTableFunction: return "Python table functions";
    case Relation::kCommonInlineUserDefinedDataSource: return "Python data sources";
    case Relation::kAsOfJoin: return "the as-of join";
    case Relation::kNearestByJoin: return "the nearest-by join";
    case Relation::kTranspose: return "transpose";
    case Relation::kRelationChanges: return "changes of a table";
    case Relation::kParse: return "reading CSV, JSON or XML from a column of text";
    case Relation::kMlRelation: return "Spark ML";
    default: return nullptr;
  }
}

PlanPtr RangeFromProto(const proto::Range& message) {
  if (message.step() == 0) RaiseBad("the step of a range cannot be 0");
  if (message.has_num_partitions() && message.num_partitions() <= 0) {
    RaiseBad("the number of partitions must be positive, but is " + std::to_string(message.num_partitions()));
  }
  auto range = std::make_shared<Range>();
  range->start = message.start();
  range->end = message.end();
  range->step = message.step();
  range->partitions = message.num_partitions();
  return range;
}

}  // namespace

PlanPtr PlanConverter::FromRelation(const Relation& relation) { return Convert(relation); }

PlanPtr PlanConverter::Convert(const Relation& relation) {
  const DepthGuard guard;
  if (const char* feature = NotBuilt(relation.rel_type_case())) RaiseUnsupported(feature);
  PlanPtr plan = ConvertBasic(relation);
  if (plan == nullptr) plan = ConvertColumns(relation);
  if (plan == nullptr) plan = ConvertNa(relation);
  if (plan == nullptr) plan = ConvertStatistics(relation);
  if (plan == nullptr) plan = ConvertEager(relation);
  if (plan == nullptr) {
    Raise(Condition::CONNECT_INVALID_PLAN__INVALID_ONE_OF_FIELD_NOT_SET,
          {{"fullName", "spark.connect.Relation"}, {"name", "rel_type"}});
  }
  if (!relation.has_common() || !relation.common().has_plan_id()) return plan;
  // Two DataFrames may share a node (a checkpoint): each gets a copy of its own.
  auto copy = plan.use_count() == 1 ? std::const_pointer_cast<LogicalPlan>(plan) : plan->Clone();
  copy->plan_id = relation.common().plan_id();
  return copy;
}

PlanPtr PlanConverter::ConvertSample(const Relation& relation) {
  const proto::Sample& message = relation.sample();
  auto sample = std::make_shared<Sample>();
  sample->child = Convert(message.input());
  sample->lower = message.lower_bound();
  sample->upper = message.upper_bound();
  sample->with_replacement = message.with_replacement();
  if (!(sample->lower >= 0) || !(sample->upper >= sample->lower) || (!sample->with_replacement && sample->upper > 1)) {
    RaiseBad("a sample's fraction must be in [0, 1], or not below 0 with replacement");
  }
  sample->has_seed = message.has_seed();
  sample->seed = message.seed();
  sample->deterministic_order = message.deterministic_order();
  return sample;
}

PlanPtr PlanConverter::ConvertBasic(const Relation& relation) {
  switch (relation.rel_type_case()) {
    case Relation::kRead: return ConvertRead(relation);
    case Relation::kProject: return ConvertProject(relation);
    case Relation::kFilter: {
      auto filter = std::make_shared<Filter>();
      filter->child = Convert(relation.filter().input());
      filter->condition = ConvertExpression(relation.filter().condition());
      return filter;
    }
    case Relation::kJoin: return ConvertJoin(relation);
    case Relation::kLateralJoin: return ConvertLateralJoin(relation);
    case Relation::kSetOp: return ConvertSetOperation(relation);
    case Relation::kSort: return ConvertSort(relation);
    case Relation::kLimit:
    case Relation::kTail: {
      auto limit = std::make_shared<Limit>();
      limit->tail = relation.has_tail();
      limit->child = Convert(limit->tail ? relation.tail().input() : relation.limit().input());
      limit->limit = MakeLiteral(Value::Int(limit->tail ? relation.tail().limit() : relation.limit().limit()));
      return limit;
    }
    case Relation::kOffset: {
      auto limit = std::make_shared<Limit>();
      limit->child = Convert(relation.offset().input());
      limit->offset = MakeLiteral(Value::Int(relation.offset().offset()));
      return limit;
    }
    case Relation::kAggregate: return ConvertAggregate(relation);
    case Relation::kDeduplicate: return ConvertDeduplicate(relation);
    case Relation::kRange: return RangeFromProto(relation.range());
    case Relation::kSubqueryAlias: {
      auto alias = std::make_shared<SubqueryAlias>();
      alias->child = Convert(relation.subquery_alias().input());
      alias->qualifier = StringsOf(relation.subquery_alias().qualifier());
      alias->qualifier.push_back(relation.subquery_alias().alias());
      return alias;
    }
    case Relation::kSample: return ConvertSample(relation);
    case Relation::kRepartition: {
      const proto::Repartition& message = relation.repartition();
      if (message.num_partitions() <= 0) {
        RaiseBad("the number of partitions must be positive, but is " + std::to_string(message.num_partitions()));
      }
      auto repartition = std::make_shared<Repartition>();
      repartition->child = Convert(message.input());
      repartition->partitions = message.num_partitions();
      repartition->shuffle = message.shuffle();
      return repartition;
    }
    case Relation::kRepartitionByExpression: {
      const proto::RepartitionByExpression& message = relation.repartition_by_expression();
      auto repartition = std::make_shared<Repartition>();
      repartition->child = Convert(message.input());
      repartition->partitions = message.num_partitions();
      repartition->expressions = ConvertAll(message.partition_exprs());
      for (const ExprPtr& expression : repartition->expressions) {
        repartition->by_range |= expression->kind() == ExprKind::kSortOrder;
      }
      return repartition;
    }
    case Relation::kWithRelations: return ConvertWithRelations(relation);
    default: return nullptr;
  }
}

PlanPtr PlanConverter::ConvertColumns(const Relation& relation) {
  switch (relation.rel_type_case()) {
    case Relation::kToDf: {
      auto renamed = std::make_shared<ToDf>();
      renamed->child = Convert(relation.to_df().input());
      renamed->names = StringsOf(relation.to_df().column_names());
      return renamed;
    }
    case Relation::kToSchema: {
      auto schema = std::make_shared<ToSchema>();
      schema->child = Convert(relation.to_schema().input());
      schema->schema = TypeFromProto(relation.to_schema().schema());
      if (!schema->schema->is(TypeId::kStruct)) {
        Raise(Condition::CONNECT_INVALID_PLAN__INVALID_SCHEMA_NON_STRUCT_TYPE,
              {{"inputSchema", "of to()"}, {"dataType", schema->schema->CatalogString()}});
      }
      return schema;
    }
    case Relation::kWithColumns: {
      auto columns = std::make_shared<WithColumns>();
      columns->child = Convert(relation.with_columns().input());
      for (const auto& alias : relation.with_columns().aliases()) {
        if (alias.name_size() != 1) RaiseBad("withColumns takes one name for each column");
        columns->aliases.push_back(ConvertAlias(alias, OriginFromProto(alias.expr())));
      }
      return columns;
    }
    case Relation::kWithColumnsRenamed: {
      const proto::WithColumnsRenamed& message = relation.with_columns_renamed();
      auto renamed = std::make_shared<WithColumnsRenamed>();
      renamed->child = Convert(message.input());
      for (const auto& rename : message.renames()) {
        renamed->from.push_back(rename.col_name());
        renamed->to.push_back(rename.new_col_name());
      }
      if (message.renames_size() == 0) {
        for (const auto& [from, to] : OptionsOf(message.rename_columns_map())) {
          renamed->from.push_back(from);
          renamed->to.push_back(to);
        }
      }
      return renamed;
    }
    case Relation::kDrop: {
      auto drop = std::make_shared<Drop>();
      drop->child = Convert(relation.drop().input());
      drop->columns = ConvertAll(relation.drop().columns());
      drop->names = StringsOf(relation.drop().column_names());
      return drop;
    }
    case Relation::kHint: {
      auto hint = std::make_shared<Hint>();
      hint->child = Convert(relation.hint().input());
      hint->name = relation.hint().name();
      hint->parameters = ConvertAll(relation.hint().parameters());
      return hint;
    }
    case Relation::kUnpivot: return ConvertUnpivot(relation);
    case Relation::kCollectMetrics: {
      auto metrics = std::make_shared<CollectMetrics>();
      metrics->child = Convert(relation.collect_metrics().input());
      metrics->name = relation.collect_metrics().name();
      metrics->metrics = ConvertAll(relation.collect_metrics().metrics());
      return metrics;
    }
    case Relation::kUnresolvedTableValuedFunction: {
      auto function = std::make_shared<UnresolvedTableFunction>();
      function->name = {relation.unresolved_table_valued_function().function_name()};
      function->args = ConvertAll(relation.unresolved_table_valued_function().arguments());
      return function;
    }
    default: return nullptr;
  }
}

PlanPtr PlanConverter::ConvertRead(const Relation& relation) {
  const proto::Read& message = relation.read();
  if (message.is_streaming()) RaiseUnsupported("readStream");
  switch (message.read_type_case()) {
    case proto::Read::kNamedTable: {
      auto table = std::make_shared<UnresolvedRelation>();
      table->name = ParseMultipartIdentifier(message.named_table().unparsed_identifier());
      table->options = OptionsOf(message.named_table().options());
      return table;
    }
    case proto::Read::kDataSource: {
      const proto::Read::DataSource& source = message.data_source();
      if (source.predicates_size() > 0) RaiseUnsupported("jdbc() with predicates");
      auto result = std::make_shared<UnresolvedDataSource>();
      result->format = source.format();
      result->schema = source.schema();
      result->options = OptionsOf(source.options());
      result->paths = StringsOf(source.paths());
      return result;
    }
    case proto::Read::READ_TYPE_NOT_SET: break;
  }
  Raise(Condition::CONNECT_INVALID_PLAN__INVALID_ONE_OF_FIELD_NOT_SET,
        {{"fullName", "spark.connect.Read"}, {"name", "read_type"}});
}

PlanPtr PlanConverter::ConvertProject(const Relation& relation) {
  auto project = std::make_shared<Project>();
  project->child = relation.project().has_input() ? Convert(relation.project().input()) : OneRow();
  project->expressions = ConvertAll(relation.project().expressions());
  return project;
}

PlanPtr PlanConverter::ConvertJoin(const Relation& relation) {
  const proto::Join& message = relation.join();
  if (message.has_join_data_type()) RaiseUnsupported("joinWith");
  if (message.using_columns_size() > 0) {
    if (message.has_join_condition()) RaiseBad("a join has either a condition or columns that it uses");
    auto join = std::make_shared<UsingJoin>();
    join->left = Convert(message.left());
    join->right = Convert(message.right());
    join->type = JoinTypeOf(message.join_type());
    join->columns = StringsOf(message.using_columns());
    return join;
  }
  auto join = std::make_shared<Join>();
  join->left = Convert(message.left());
  join->right = Convert(message.right());
  join->type = JoinTypeOf(message.join_type());
  if (message.has_join_condition()) join->condition = ConvertExpression(message.join_condition());
  return join;
}

PlanPtr PlanConverter::ConvertLateralJoin(const Relation& relation) {
  const proto::LateralJoin& message = relation.lateral_join();
  auto join = std::make_shared<Join>();
  join->left = Convert(message.left());
  join->right = Convert(message.right());
  join->type = JoinTypeOf(message.join_type());
  join->lateral = true;
  if (message.has_join_condition()) join->condition = ConvertExpression(message.join_condition());
  return join;
}

PlanPtr PlanConverter::ConvertSetOperation(const Relation& relation) {
  const proto::SetOperation& message = relation.set_op();
  if (!message.has_left_input() || !message.has_right_input()) RaiseBad("a set operation has two inputs");
  auto operation = std::make_shared<SetOperation>();
  switch (message.set_op_type()) {
    case proto::SetOperation::SET_OP_TYPE_UNION: operation->operation = SetOperationKind::kUnion; break;
    case proto::SetOperation::SET_OP_TYPE_INTERSECT: operation->operation = SetOperationKind::kIntersect; break;
    case proto::SetOperation::SET_OP_TYPE_EXCEPT: operation->operation = SetOperationKind::kExcept; break;
    default:
      RaiseInvalidEnum("spark.connect.SetOperation.SetOpType",
                       proto::SetOperation::SetOpType_Name(message.set_op_type()), message.set_op_type());
  }
  if (operation->operation != SetOperationKind::kUnion && message.by_name()) {
    RaiseBad("only a union goes by name");
  }
  if (message.allow_missing_columns() && !message.by_name()) RaiseBad("allowMissingColumns needs a union by name");
  operation->left = Convert(message.left_input());
  operation->right = Convert(message.right_input());
  operation->all = message.is_all();
  operation->by_name = message.by_name();
  operation->allow_missing_columns = message.allow_missing_columns();
  return operation;
}

PlanPtr PlanConverter::ConvertAggregate(const Relation& relation) {
  const proto::Aggregate& message = relation.aggregate();
  if (!message.has_input()) RaiseBad("an aggregate needs an input");
  std::vector<ExprPtr> grouping = ConvertAll(message.grouping_expressions());
  std::vector<ExprPtr> functions = ConvertAll(message.aggregate_expressions());
  if (message.group_type() == proto::Aggregate::GROUP_TYPE_PIVOT) {
    if (!message.has_pivot()) RaiseBad("a pivot needs its column");
    auto pivot = std::make_shared<Pivot>();
    pivot->child = Convert(message.input());
    pivot->grouping = std::move(grouping);
    pivot->aggregates = std::move(functions);
    pivot->column = ConvertExpression(message.pivot().col());
    for (const auto& value : message.pivot().values()) pivot->values.push_back(MakeLiteral(LiteralFromProto(value)));
    return pivot;
  }
  auto aggregate = std::make_shared<Aggregate>();
  aggregate->child = Convert(message.input());
  switch (message.group_type()) {
    case proto::Aggregate::GROUP_TYPE_GROUPBY: break;
    case proto::Aggregate::GROUP_TYPE_ROLLUP: aggregate->grouping_kind = GroupingKind::kRollup; break;
    case proto::Aggregate::GROUP_TYPE_CUBE: aggregate->grouping_kind = GroupingKind::kCube; break;
    case proto::Aggregate::GROUP_TYPE_GROUPING_SETS:
      aggregate->grouping_kind = GroupingKind::kSets;
      for (const auto& set : message.grouping_sets()) {
        aggregate->grouping_sets.push_back(ConvertAll(set.grouping_set()));
      }
      break;
    default: RaiseBad("an aggregate with an unknown kind of grouping");
  }
  // The result of groupBy().agg() begins with the grouping columns.
  if (config_.Get("spark.sql.retainGroupColumns").value_or("true") != "false") aggregate->aggregates = grouping;
  aggregate->grouping = std::move(grouping);
  for (ExprPtr& function : functions) aggregate->aggregates.push_back(std::move(function));
  return aggregate;
}

PlanPtr PlanConverter::ConvertSort(const Relation& relation) {
  auto sort = std::make_shared<Sort>();
  sort->child = Convert(relation.sort().input());
  for (const auto& order : relation.sort().order()) sort->order.push_back(ConvertSortOrder(order));
  sort->global = !relation.sort().has_is_global() || relation.sort().is_global();
  return sort;
}

PlanPtr PlanConverter::ConvertDeduplicate(const Relation& relation) {
  const proto::Deduplicate& message = relation.deduplicate();
  if (!message.has_input()) RaiseBad("dropDuplicates needs an input");
  if (message.all_columns_as_keys() && message.column_names_size() > 0) {
    RaiseBad("dropDuplicates takes either all columns or some");
  }
  if (!message.all_columns_as_keys() && message.column_names_size() == 0) RaiseBad("dropDuplicates needs columns");
  if (message.within_watermark()) RaiseUnsupported("dropDuplicatesWithinWatermark");
  auto deduplicate = std::make_shared<Deduplicate>();
  deduplicate->child = Convert(message.input());
  deduplicate->columns = StringsOf(message.column_names());
  deduplicate->all_columns = message.all_columns_as_keys();
  return deduplicate;
}

PlanPtr PlanConverter::ConvertUnpivot(const Relation& relation) {
  const proto::Unpivot& message = relation.unpivot();
  auto unpivot = std::make_shared<Unpivot>();
  unpivot->child = Convert(message.input());
  unpivot->ids = ConvertAll(message.ids());
  unpivot->values_given = message.has_values();
  for (const auto& value : message.values().values()) {
    unpivot->values.push_back({ConvertExpression(value)});
    unpivot->aliases.push_back("");
  }
  unpivot->variable_column = message.variable_column_name();
  unpivot->value_columns = {message.value_column_name()};
  return unpivot;
}

PlanPtr PlanConverter::ConvertWithRelations(const Relation& relation) {
  const proto::WithRelations& message = relation.with_relations();
  references_.emplace_back();
  auto with = std::make_shared<WithCte>();  // spark.sql("… FROM {df}", df=df): references are names
  for (const auto& reference : message.references()) {
    PlanPtr plan = Convert(reference);
    if (const auto* alias = As<SubqueryAlias>(plan); alias != nullptr && message.root().has_sql()) {
      with->names.push_back(alias->qualifier.back());
      with->definitions.push_back(alias->child);
    }
    if (reference.common().has_plan_id()) references_.back()[reference.common().plan_id()] = std::move(plan);
  }
  PlanPtr root = Convert(message.root());
  references_.pop_back();
  if (with->names.empty()) return root;
  with->child = std::move(root);
  return with;
}

}  // namespace centella::connect
