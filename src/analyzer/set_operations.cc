// UNION, INTERSECT, EXCEPT: widening, checks, and alignment by name.
#include <algorithm>

#include "analyzer/analysis.h"

namespace centella {

namespace {

const char* NameOf(SetOperationKind kind, bool all) {
  switch (kind) {
    case SetOperationKind::kUnion: return "UNION";
    case SetOperationKind::kIntersect: return all ? "INTERSECT ALL" : "INTERSECT";
    default: return all ? "EXCEPT ALL" : "EXCEPT";
  }
}

}  // namespace

void Analysis::WidenColumns(std::vector<Relation>* children, const std::string& name, const LogicalPlan& source) {
  size_t width = children->front().output->size();
  for (size_t c = 1; c < children->size(); ++c) {
    size_t other = (*children)[c].output->size();
    if (other == width) continue;
    RaiseAt(source.origin, Condition::NUM_COLUMNS_MISMATCH,
            {{"operator", name},
             {"firstNumColumns", std::to_string(width)},
             {"invalidOrdinalNum", OrdinalWord(c)},
             {"invalidNumColumns", std::to_string(other)}});
  }
  std::vector<TypePtr> targets;
  for (size_t i = 0; i < width; ++i) {
    TypePtr type = children->front().output->at(i).type;
    for (size_t c = 1; c < children->size(); ++c) {
      const TypePtr& other = (*children)[c].output->at(i).type;
      TypePtr wider = WiderType(type, other, context_.ansi);
      if (wider == nullptr) {
        RaiseAt(source.origin, Condition::INCOMPATIBLE_COLUMN_TYPE,
                {{"operator", name},
                 {"columnOrdinalNumber", OrdinalWord(i)},
                 {"tableOrdinalNumber", OrdinalWord(c)},
                 {"dataType1", QuoteType(other)},
                 {"dataType2", QuoteType(type)},
                 {"hint", ""}});
      }
      type = wider;
    }
    targets.push_back(type);
  }
  Temporarily<OriginPtr> coercion(&coercion_origin_, source.origin);
  for (Relation& child : *children) {
    bool casts = false;
    std::vector<ExprPtr> list;
    for (size_t i = 0; i < width; ++i) {
      const ExprPtr& column = child.output->columns()[i];
      ExprPtr cast = Coerce(column, targets[i]);
      casts |= cast != column;
      list.push_back(cast == column ? column : MakeAlias(cast, child.output->at(i).name));
    }
    if (!casts) continue;
    auto project = std::make_shared<Project>();
    project->expressions = std::move(list);
    project->child = child.plan;
    child = Above(project, *project, {&child});
  }
}

// Structs get the fields of `target` in its order, nulls for those that they lack, then their others; in arrays, too.
ExprPtr Analysis::AddFields(const ExprPtr& column, const TypePtr& target) {
  const DataType& type = *column->type;
  if (type.is(TypeId::kArray) && target->is(TypeId::kArray)) {
    const TypePtr& element = type.element();
    if (!element->is_nested() || SameTypeIgnoringNullability(*element, *target->element())) return column;
    auto variable = std::make_shared<LambdaVariable>();
    variable->parts = {"x"};
    variable->id = NextExprId();
    variable->type = element;
    variable->nullable = type.contains_null();
    ExprPtr body = AddFields(variable, target->element());
    if (body == variable) return column;
    auto lambda = std::make_shared<Lambda>();
    lambda->parameters = {variable};
    lambda->body = body;
    lambda->type = body->type;
    lambda->nullable = body->nullable;
    return KnownCall("transform", {column, lambda}, types::Array(body->type, type.contains_null()), column->nullable,
                     nullptr);
  }
  if (!type.is(TypeId::kStruct) || !target->is(TypeId::kStruct) || SameTypeIgnoringNullability(type, *target)) {
    return column;
  }
  std::vector<ExprPtr> args;
  std::vector<StructField> fields;
  auto add = [&](const std::string& name, const ExprPtr& value) {
    args.push_back(MakeLiteral(Value::String(name)));
    args.push_back(value);
    fields.push_back({name, value->type, value->nullable, ""});
  };
  for (const StructField& wanted : target->fields()) {
    int index = type.FieldIndex(wanted.name, context_.case_sensitive);
    if (index < 0) {
      add(wanted.name, MakeLiteral(Value::Null(wanted.type)));
    } else {
      add(type.fields()[index].name, AddFields(ExtractField(column, type.fields()[index].name, nullptr), wanted.type));
    }
  }
  for (const StructField& own : type.fields()) {
    if (target->FieldIndex(own.name, context_.case_sensitive) >= 0) continue;
    add(own.name, ExtractField(column, own.name, nullptr));
  }
  ExprPtr built = KnownCall("named_struct", std::move(args), types::Struct(std::move(fields)), false, nullptr);
  if (!column->nullable) return built;
  ExprPtr is_null = KnownCall("isnull", {column}, types::Boolean(), false, nullptr);
  return KnownCall("if", {is_null, MakeLiteral(Value::Null(built->type)), built}, built->type, true, nullptr);
}

// The relation with the nested fields that `other` has and it lacks.
Relation Analysis::AddNestedFields(const Relation& child, const Relation& other, const LogicalPlan& source) {
  bool changed = false;
  std::vector<ExprPtr> list;
  for (const ExprPtr& column : child.output->columns()) {
    const std::vector<int>* places = other.output->Find(To<Attribute>(column).name);
    ExprPtr filled = places == nullptr ? column : AddFields(column, other.output->at((*places)[0]).type);
    changed |= filled != column;
    list.push_back(filled == column ? column : MakeAlias(filled, To<Attribute>(column).name));
  }
  return changed ? MakeProject(child, std::move(list), source) : child;
}

Relation Analysis::AlignByName(const Relation& child, const Relation& first, bool allow_missing,
                               const LogicalPlan& source) {
  auto check_duplicates = [&](const Relation& side) {
    for (size_t i = 0; i < side.output->size(); ++i) {
      const std::vector<int>* places = side.output->Find(side.output->at(i).name);
      if (places->size() > 1 && !context_.case_sensitive) {
        RaiseAt(source.origin, Condition::COLUMN_ALREADY_EXISTS,
                {{"columnName", QuoteName(LowerCase(side.output->at(i).name))}});
      }
    }
  };
  check_duplicates(child);
  check_duplicates(first);
  std::vector<ExprPtr> list;
  for (size_t i = 0; i < first.output->size(); ++i) {
    const Attribute& wanted = first.output->at(i);
    const std::vector<int>* places = child.output->Find(wanted.name);
    if (places != nullptr) {
      list.push_back(child.output->columns()[(*places)[0]]);
      continue;
    }
    if (!allow_missing) {
      std::string names;
      for (const ExprPtr& column : child.output->columns()) {
        names += (names.empty() ? "" : ", ") + To<Attribute>(column).name;
      }
      RaiseAt(source.origin, Condition::UNRESOLVED_COLUMN_AMONG_FIELD_NAMES,
              {{"colName", wanted.name}, {"fieldNames", names}});
    }
    list.push_back(MakeAlias(MakeLiteral(Value::Null(wanted.type)), wanted.name));
  }
  for (const ExprPtr& column : child.output->columns()) {
    if (first.output->Find(To<Attribute>(column).name) != nullptr) continue;
    if (!allow_missing) continue;  // the counts differ: NUM_COLUMNS_MISMATCH says so
    list.push_back(column);
  }
  if (!allow_missing && child.output->size() != first.output->size()) return child;
  return MakeProject(child, std::move(list), source);
}

Relation Analysis::MakeUnion(std::vector<Relation> children, bool by_name, bool allow_missing,
                             const LogicalPlan& source) {
  if (by_name) {
    Project plain;  // alignment projections are no DataFrames of the program
    plain.origin = source.origin;
    for (size_t c = 1; c < children.size(); ++c) {
      children[c] = AlignByName(children[c], children[0], allow_missing, plain);
      if (!allow_missing) continue;
      children[c] = AddNestedFields(children[c], children[0], plain);
      for (size_t b = 0; b < c; ++b) children[b] = AddNestedFields(children[b], children[c], plain);
      // Columns that only the later side has: nulls before.
      for (size_t b = 0; b < c; ++b) {
        std::vector<ExprPtr> list = children[b].output->columns();
        for (size_t i = list.size(); i < children[c].output->size(); ++i) {
          const Attribute& extra = children[c].output->at(i);
          list.push_back(MakeAlias(MakeLiteral(Value::Null(extra.type)), extra.name));
        }
        if (list.size() != children[b].output->size()) children[b] = MakeProject(children[b], std::move(list), plain);
      }
    }
  }
  WidenColumns(&children, "UNION", source);
  auto node = std::make_shared<Union>();
  node->plan_id = source.plan_id;
  node->origin = source.origin;
  for (size_t i = 0; i < children[0].output->size(); ++i) {
    const Attribute& column = children[0].output->at(i);
    bool nullable = false;
    TypePtr type = column.type;
    for (const Relation& child : children) {
      nullable |= child.output->at(i).nullable;
      type = TightestCommonType(type, child.output->at(i).type, context_.ansi);
      if (type == nullptr) type = column.type;
    }
    node->output.push_back(MakeAttribute(column.name, type, nullable, NextExprId(), {}, column.metadata));
  }
  for (Relation& child : children) node->children.push_back(child.plan);
  // Spark doesn't look for DataFrame columns under a union.
  return Leaf(node, source);
}

Relation Analysis::ResolveUnion(const Union& node, const Scope* outer) {
  std::vector<Relation> children;
  for (const PlanPtr& child : node.children) children.push_back(Resolve(child, outer));
  CENTELLA_CHECK(!children.empty(), "a union of nothing");
  if (!node.output.empty()) {
    auto copy = std::make_shared<Union>(node);
    copy->children.clear();
    for (const Relation& child : children) copy->children.push_back(child.plan);
    return Leaf(copy, node);
  }
  return MakeUnion(std::move(children), node.by_name, node.allow_missing_columns, node);
}

Relation Analysis::ResolveSetOperation(const SetOperation& node, const Scope* outer) {
  // Long chains of UNION lean to the left: one node of many children.
  std::vector<Relation> children;
  if (node.operation == SetOperationKind::kUnion) {
    std::vector<const PlanPtr*> parts = {&node.right};
    const PlanPtr* at = &node.left;
    while (const auto* inner = As<SetOperation>(*at)) {
      if (inner->operation != SetOperationKind::kUnion || inner->all != node.all || inner->by_name || node.by_name ||
          inner->plan_id >= 0) {
        break;
      }
      parts.push_back(&inner->right);
      at = &inner->left;
    }
    parts.push_back(at);
    for (size_t i = parts.size(); i-- > 0;) children.push_back(Resolve(*parts[i], outer));
    Relation out = MakeUnion(std::move(children), node.by_name, node.allow_missing_columns, node);
    if (node.all) return out;
    for (const ExprPtr& column : out.output->columns()) {
      if (IsComparable(*column->type)) continue;
      RaiseAt(node.origin, Condition::UNSUPPORTED_FEATURE__SET_OPERATION_ON_MAP_TYPE,
              {{"colName", QuoteName(To<Attribute>(column).name)}, {"dataType", QuoteType(column->type)}});
    }
    auto distinct = std::make_shared<Distinct>();
    distinct->child = out.plan;
    return PassThrough(distinct, node, out);
  }
  auto [left, right] = JoinSides(node.left, node.right, false, outer);
  children.push_back(std::move(left));
  children.push_back(std::move(right));
  std::string name = NameOf(node.operation, node.all);
  WidenColumns(&children, name, node);
  for (const ExprPtr& column : children[0].output->columns()) {
    if (IsComparable(*column->type)) continue;
    RaiseAt(node.origin, Condition::UNSUPPORTED_FEATURE__SET_OPERATION_ON_MAP_TYPE,
            {{"colName", QuoteName(To<Attribute>(column).name)}, {"dataType", QuoteType(column->type)}});
  }
  auto copy = std::make_shared<SetOperation>(node);
  copy->left = children[0].plan;
  copy->right = children[1].plan;
  return Above(copy, node, {&children[0], &children[1]});
}

}  // namespace centella
