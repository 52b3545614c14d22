// WITH RECURSIVE: an anchor and a step that reads the rows of the round before, run round after round during analysis; the
// query then reads what they gave. Spark's limits bound the rounds and the rows.
#include <algorithm>

#include "analyzer/analysis.h"

namespace centella {

namespace {

bool Mentions(const PlanPtr& plan, const std::string& lower_name) {
  bool found = false;
  std::function<void(const PlanPtr&)> look = [&](const PlanPtr& p) {
    Walk(p, [&](const PlanPtr& node) {
      const auto* relation = As<UnresolvedRelation>(node);
      found =
          found || (relation != nullptr && relation->name.size() == 1 && LowerCase(relation->name[0]) == lower_name);
      for (const ExprPtr& expression : ExpressionsOf(*node)) {
        Walk(expression, [&](const ExprPtr& e) {
          const auto* subquery = As<Subquery>(e);
          if (subquery != nullptr && subquery->plan != nullptr && !found) look(subquery->plan);
          return !found;
        });
      }
      return !found;
    });
  };
  look(plan);
  return found;
}

int64_t LimitOf(const QueryContext& context, const char* key, int64_t fallback) {
  const std::string text = context.config.Get(key).value_or("");
  return text.empty() ? fallback : std::strtoll(text.c_str(), nullptr, 10);
}

}  // namespace

bool Analysis::IsRecursive(const CteEntry& entry) const {
  return entry.may_recurse && Mentions(entry.definition, LowerCase(entry.name));
}

// CTEs in place of their references, so that the plan can run by itself.
PlanPtr Analysis::WithoutReferences(const PlanPtr& plan) {
  return TransformUp(plan, [&](const PlanPtr& node) -> PlanPtr {
    PlanPtr out = MapExpressions(node, [&](const ExprPtr& expression) {
      return TransformUp(expression, [&](const ExprPtr& e) -> ExprPtr {
        const auto* subquery = As<Subquery>(e);
        if (subquery == nullptr || subquery->plan == nullptr) return e;
        auto copy = std::make_shared<Subquery>(*subquery);
        copy->plan = WithoutReferences(subquery->plan);
        return copy;
      });
    });
    const auto* reference = As<CteRef>(out);
    if (reference == nullptr) return out;
    for (const CteEntry& entry : ctes_) {
      if (!entry.resolved || entry.id != reference->id) continue;
      PlanPtr definition = WithoutReferences(entry.relation.plan);
      auto project = std::make_shared<Project>();
      project->child = definition;
      std::vector<ExprPtr> columns = OutputOf(definition);
      for (size_t i = 0; i < columns.size(); ++i) {
        const auto& wanted = To<Attribute>(reference->output[i]);
        bool same = To<Attribute>(columns[i]).id == wanted.id;
        project->expressions.push_back(same ? columns[i] : MakeAlias(columns[i], wanted.name, wanted.id));
      }
      return project;
    }
    return out;
  });
}

Relation Analysis::ResolveRecursiveCte(size_t index) {
  PlanPtr definition = ctes_[index].definition;
  std::vector<std::string> columns;
  if (const auto* alias = As<SubqueryAlias>(definition); alias != nullptr && !alias->columns.empty()) {
    columns = alias->columns;
    definition = alias->child;
  }
  int64_t most_rounds = LimitOf(context_, "spark.sql.cteRecursionLevelLimit", 100);
  if (const auto* hint = As<Hint>(definition)) {
    const auto* level = hint->parameters.empty() ? nullptr : As<Literal>(hint->parameters[0]);
    if (level != nullptr && !level->value.is_null() && level->value.type()->is_integral()) {
      most_rounds = level->value.integer();
    }
    definition = hint->child;
  }
  const auto* onion = As<SetOperation>(definition);
  const std::string lower = LowerCase(ctes_[index].name);
  if (onion == nullptr || onion->operation != SetOperationKind::kUnion || Mentions(onion->left, lower)) {
    RaiseAt(nullptr, Condition::INVALID_RECURSIVE_CTE);
  }
  if (!onion->all) RaiseAt(ctes_[index].origin, Condition::UNION_NOT_SUPPORTED_IN_RECURSIVE_CTE);
  const int64_t goal = std::exchange(row_goal_, -1);
  Relation anchor = Resolve(onion->left, nullptr);
  // What the step reads: a relation whose rows are put in for each round, known by its origin.
  auto working = std::make_shared<LocalRelation>();
  working->origin = std::make_shared<ErrorContext>();
  std::vector<StructField> fields;
  for (size_t i = 0; i < anchor.output->size(); ++i) {
    const Attribute& column = anchor.output->at(i);
    fields.push_back({i < columns.size() ? columns[i] : column.name, column.type, true, ""});
  }
  if (!columns.empty() && columns.size() != fields.size()) {
    RaiseAt(nullptr, Condition::ASSIGNMENT_ARITY_MISMATCH,
            {{"numTarget", std::to_string(fields.size())}, {"numExpr", std::to_string(columns.size())}});
  }
  working->schema = types::Struct(fields);
  for (const StructField& field : fields) {
    working->output.push_back(MakeAttribute(field.name, field.type, true, NextExprId()));
  }
  ctes_[index].working = working;
  const size_t visible = std::exchange(visible_ctes_, index + 1);
  Relation step = Resolve(onion->right, nullptr);
  visible_ctes_ = visible;
  ctes_[index].working = nullptr;
  if (step.output->size() != fields.size()) {
    RaiseAt(onion->origin, Condition::NUM_COLUMNS_MISMATCH,
            {{"operator", "UNION"},
             {"firstNumColumns", std::to_string(fields.size())},
             {"invalidOrdinalNum", "second"},
             {"invalidNumColumns", std::to_string(step.output->size())}});
  }
  std::vector<ExprPtr> list;
  for (size_t i = 0; i < fields.size(); ++i) {
    const ExprPtr& column = step.output->columns()[i];
    if (!UpCasts(*column->type, *fields[i].type)) {
      RaiseAt(nullptr, Condition::CANNOT_MERGE_INCOMPATIBLE_DATA_TYPE,
              {{"left", QuoteType(fields[i].type)}, {"right", QuoteType(column->type)}});
    }
    list.push_back(MakeAlias(Coerce(column, fields[i].type), fields[i].name));
  }
  Project plain;
  return RunRounds(anchor, MakeProject(step, std::move(list), plain).plan, working, goal, most_rounds);
}

Relation Analysis::RunRounds(const Relation& anchor, const PlanPtr& step,
                             const std::shared_ptr<const LocalRelation>& working, int64_t goal, int64_t most_rounds) {
  const int64_t most_rows = LimitOf(context_, "spark.sql.cteRecursionRowLimit", 1000000);
  auto all = std::make_shared<LocalRelation>();
  all->schema = working->schema;
  for (const StructField& field : working->schema->fields()) {
    all->output.push_back(MakeAttribute(field.name, field.type, true, NextExprId()));
  }
  int64_t rows = 0, sequence = 0;
  std::vector<Batch> round = environment_.RunNow(WithoutReferences(anchor.plan));
  for (int64_t number = 0;; ++number) {
    int64_t fresh = 0;
    std::vector<Batch> compact;
    for (const Batch& batch : round) {
      Batch dense = Compact(batch);
      if (dense.rows == 0) continue;
      fresh += dense.rows;
      dense.place = {};
      dense.place.sequence = sequence++;
      compact.push_back(dense);
      all->batches.push_back(std::move(dense));
    }
    rows += fresh;
    if (fresh == 0 || (goal >= 0 && rows >= goal)) break;
    if (most_rows >= 0 && rows > most_rows) {
      RaiseAt(nullptr, Condition::RECURSION_ROW_LIMIT_EXCEEDED, {{"rowLimit", std::to_string(most_rows)}});
    }
    if (most_rounds >= 0 && number >= most_rounds) {
      RaiseAt(nullptr, Condition::RECURSION_LEVEL_LIMIT_EXCEEDED, {{"levelLimit", std::to_string(most_rounds)}});
    }
    context_.cancellation->ThrowIfCancelled();
    PlanPtr bound = BindWorkingRows(step, *working, compact);
    round = environment_.RunNow(WithoutReferences(bound));
  }
  Project source;
  return Leaf(all, source);
}

// The rows of a round where the step reads them, in subqueries too.
PlanPtr Analysis::BindWorkingRows(const PlanPtr& plan, const LocalRelation& working, const std::vector<Batch>& rows) {
  return TransformUp(plan, [&](const PlanPtr& node) -> PlanPtr {
    const auto* local = As<LocalRelation>(node);
    if (local != nullptr && local->origin == working.origin) {
      auto copy = std::make_shared<LocalRelation>(*local);
      copy->batches = rows;
      return copy;
    }
    return MapExpressions(node, [&](const ExprPtr& expression) {
      return TransformUp(expression, [&](const ExprPtr& e) -> ExprPtr {
        const auto* subquery = As<Subquery>(e);
        if (subquery == nullptr || subquery->plan == nullptr) return e;
        auto copy = std::make_shared<Subquery>(*subquery);
        copy->plan = BindWorkingRows(subquery->plan, working, rows);
        return copy;
      });
    });
  });
}

}  // namespace centella
