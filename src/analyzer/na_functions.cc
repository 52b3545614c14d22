// df.na: fill, drop and replace, with Spark's rules for which columns a value is for.
#include <algorithm>

#include "analyzer/analysis.h"

namespace centella {

std::vector<bool> Analysis::NaColumns(const NaFunction& node, const Relation& child) {
  std::vector<bool> chosen(child.output->size(), node.columns.empty());
  Scope scope;
  scope.input = &child;
  for (const std::string& name : node.columns) {
    UnresolvedAttribute wanted;
    wanted.parts = {name};
    wanted.origin = node.origin;
    ExprPtr column = LookUp(wanted, child);
    if (column == nullptr && name.find('.') != std::string::npos) RaiseUnsupported("na functions on nested fields");
    if (column == nullptr) {
      std::string names;
      for (const ExprPtr& c : child.output->columns()) {
        names += (names.empty() ? "" : ", ") + QuoteName(To<Attribute>(c).name);
      }
      RaiseAt(nullptr, Condition::UNRESOLVED_COLUMN__WITH_SUGGESTION,
              {{"objectName", QuoteName(name)}, {"proposal", names}});
    }
    chosen[child.output->IndexOf(To<Attribute>(column).id)] = true;
  }
  return chosen;
}

namespace {

// Whether fill's value is for a column of this type: numbers for numbers, strings for strings, booleans for booleans.
bool FitsKind(const DataType& value, const DataType& column) {
  if (value.is_numeric()) return column.is_numeric();
  if (value.is_string()) return column.is_string();
  return value.is(TypeId::kBoolean) && column.is(TypeId::kBoolean);
}

}  // namespace

// Whether so many of the checks hold. `make(function, arguments, type)` gives a call that is never null.
template <typename Make>
static ExprPtr AtLeast(int64_t needed, const std::vector<ExprPtr>& checks, const Make& make) {
  if (needed == static_cast<int64_t>(checks.size())) return Conjunction(checks);
  ExprPtr sum = MakeLiteral(Value::Int(0));
  for (const ExprPtr& check : checks) {
    ExprPtr one = make("if", {check, MakeLiteral(Value::Int(1)), MakeLiteral(Value::Int(0))}, types::Int());
    sum = make("+", {sum, one}, types::Int());
  }
  return make(">=", {sum, MakeLiteral(Value::Int(static_cast<int32_t>(needed)))}, types::Boolean());
}

Relation Analysis::ResolveNaFunction(const NaFunction& node, const Scope* outer) {
  Relation child = Resolve(node.child, outer);
  std::vector<bool> chosen = NaColumns(node, child);
  UnresolvedFunction call;
  call.name = {"coalesce"};
  call.origin = node.origin;
  Scope none;
  if (node.function == NaFunctionKind::kDrop) {
    // At least this many of the chosen columns aren't null (nor NaN).
    std::vector<ExprPtr> checks;
    for (size_t i = 0; i < chosen.size(); ++i) {
      if (!chosen[i]) continue;
      const ExprPtr& column = child.output->columns()[i];
      ExprPtr present = KnownCall("isnotnull", {column}, types::Boolean(), false, node.origin);
      if (column->type->is(TypeId::kFloat) || column->type->is(TypeId::kDouble)) {
        ExprPtr nan = KnownCall("isnan", {column}, types::Boolean(), false, node.origin);
        ExprPtr number = KnownCall("not", {nan}, types::Boolean(), false, node.origin);
        present = KnownCall("and", {present, number}, types::Boolean(), false, node.origin);
      }
      checks.push_back(present);
    }
    int64_t needed = node.min_non_nulls < 0 ? static_cast<int64_t>(checks.size()) : node.min_non_nulls;
    if (needed <= 0) return PassThrough(child.plan, node, child);
    auto filter = std::make_shared<Filter>();
    filter->condition = AtLeast(needed, checks, [&](const char* name, std::vector<ExprPtr> args, const TypePtr& type) {
      return KnownCall(name, std::move(args), type, false, node.origin, "", mode());
    });
    filter->child = child.plan;
    filter->plan_id = node.plan_id;
    return PassThrough(filter, node, child);
  }
  std::vector<ExprPtr> list = child.output->columns();
  std::vector<ExprPtr> values = ResolveAll(node.values, none);
  for (size_t i = 0; i < list.size(); ++i) {
    if (!chosen[i]) continue;
    const ExprPtr& column = child.output->columns()[i];
    const std::string& name = child.output->at(i).name;
    if (node.function == NaFunctionKind::kFill) {
      ExprPtr value;
      if (values.size() == 1) {
        value = values[0];
      } else {
        for (size_t k = 0; k < node.columns.size() && k < values.size(); ++k) {
          if (SameName(node.columns[k], name)) value = values[k];
        }
      }
      if (value == nullptr) continue;
      bool given_for_column = values.size() > 1 && values.size() == node.columns.size();
      if (!given_for_column && !FitsKind(*value->type, *column->type)) continue;
      ExprPtr filled = CastTo(value, column->type, mode(), node.origin);
      ExprPtr source = column;
      if (column->type->is(TypeId::kFloat) || column->type->is(TypeId::kDouble)) {
        // NaN counts as missing.
        source = KnownCall("nanvl", {column, MakeLiteral(Value::Null(column->type))}, column->type, true, node.origin);
      }
      list[i] = MakeAlias(
          KnownCall("coalesce", {source, filled}, column->type, source->nullable && filled->nullable, node.origin),
          name);
      continue;
    }
    // replace: CASE column WHEN old THEN new … ELSE column, for pairs of the column's kind.
    std::vector<ExprPtr> args;
    bool nullable = column->nullable;
    for (size_t k = 0; k + 1 < values.size(); k += 2) {
      const ExprPtr& from = values[k];
      const ExprPtr& to = values[k + 1];
      if (!FitsKind(*from->type, *column->type)) continue;
      TypePtr compared = column->type->is_numeric() ? types::Double() : column->type;
      ExprPtr same = KnownCall("=", {Coerce(column, compared), Coerce(from, compared)}, types::Boolean(),
                               column->nullable, node.origin);
      args.push_back(same);
      args.push_back(Coerce(to, column->type));
      nullable |= args.back()->nullable;
    }
    if (args.empty()) continue;
    args.push_back(column);
    list[i] = MakeAlias(KnownCall("case", std::move(args), column->type, nullable, node.origin), name);
  }
  return MakeProject(child, std::move(list), node);
}

}  // namespace centella
