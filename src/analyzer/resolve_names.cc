// Names: columns by name and qualifier, nested fields, df["x"], lateral aliases, outer references, stars.
#include <regex>

#include "analyzer/analysis.h"

namespace centella {

bool Analysis::SameName(const std::string& a, const std::string& b) const {
  return context_.case_sensitive ? a == b : LowerCase(a) == LowerCase(b);
}

namespace {

constexpr const char* kLateralPrefix = "lateralAliasReference(";

ExprPtr WithName(const ExprPtr& attribute, const std::string& name, const OriginPtr& origin) {
  const auto& a = To<Attribute>(attribute);
  if (a.name == name && a.origin == origin) return attribute;
  auto copy = std::make_shared<Attribute>(a);
  copy->name = name;
  copy->origin = origin;
  return copy;
}

}  // namespace

// How many leading parts of `parts` are `attribute`'s qualifier followed by its name; 0 when it doesn't match so.
// `qualified` is the number of qualifier parts that must be given.
static bool Matches(const Attribute& attribute, const std::vector<std::string>& parts, size_t qualified,
                    bool case_sensitive) {
  auto same = [&](const std::string& a, const std::string& b) {
    return case_sensitive ? a == b : a.size() == b.size() && LowerCase(a) == LowerCase(b);
  };
  if (parts.size() <= qualified || attribute.qualifier.size() < qualified) return false;
  size_t skip = attribute.qualifier.size() - qualified;
  for (size_t i = 0; i < qualified; ++i) {
    if (!same(attribute.qualifier[skip + i], parts[i])) return false;
  }
  return same(attribute.name, parts[qualified]);
}

ExprPtr Analysis::LookUpIn(const UnresolvedAttribute& name, const std::vector<ExprPtr>& columns,
                           const std::vector<int>*, const Output* index, bool* found) {
  *found = false;
  size_t longest = std::min<size_t>(name.parts.size() - 1, 3);
  for (size_t k = 0; k <= longest; ++k) {
    size_t qualified = longest - k;
    std::vector<ExprPtr> candidates;
    auto consider = [&](const ExprPtr& column) {
      const auto& attribute = To<Attribute>(column);
      if (!Matches(attribute, name.parts, qualified, context_.case_sensitive)) return;
      for (const ExprPtr& other : candidates) {
        if (To<Attribute>(other).id == attribute.id) return;
      }
      candidates.push_back(column);
    };
    if (index != nullptr) {
      const std::vector<int>* places = index->Find(name.parts[qualified]);
      if (places != nullptr) {
        for (int place : *places) consider(columns[place]);
      }
    } else {
      for (const ExprPtr& column : columns) consider(column);
    }
    if (candidates.empty()) continue;
    if (candidates.size() > 1) {
      std::string names;
      for (const ExprPtr& candidate : candidates) {
        const auto& attribute = To<Attribute>(candidate);
        std::vector<std::string> parts = attribute.qualifier;
        parts.push_back(attribute.name);
        if (parts.size() == 2 && parts[0] == "__auto_generated_subquery_name") parts.erase(parts.begin());
        names += (names.empty() ? "" : ", ") + QuoteName(parts);
      }
      RaiseAt(name.origin, Condition::AMBIGUOUS_REFERENCE,
              {{"name", QuoteName(name.parts)}, {"referenceNames", "[" + names + "]"}});
    }
    *found = true;
    ExprPtr column = WithName(candidates[0], name.parts[qualified], name.origin);
    return ExtractPath(column, name.parts, qualified + 1, name.origin);
  }
  return nullptr;
}

ExprPtr Analysis::LookUp(const UnresolvedAttribute& name, const Relation& relation) {
  bool found = false;
  ExprPtr result = LookUpIn(name, relation.output->columns(), nullptr, relation.output.get(), &found);
  if (!found && !relation.hidden.empty()) result = LookUpIn(name, relation.hidden, nullptr, nullptr, &found);
  return result;
}

ExprPtr Analysis::ResolveAttribute(const ExprPtr& expression, const Scope& scope) {
  const auto& name = To<UnresolvedAttribute>(expression);
  CENTELLA_CHECK(!name.parts.empty(), "a column reference without a name");
  if (name.is_metadata) RaiseUnsupported("metadata columns");
  if (ExprPtr variable = ResolveLambdaName(name, scope)) return variable;
  if (name.plan_id >= 0) {
    if (ExprPtr column = ResolveByPlanId(name, scope)) return column;
  }
  if (scope.input != nullptr) {
    if (ExprPtr column = LookUp(name, *scope.input)) return column;
  }
  if (ExprPtr column = ResolveLateralAlias(name, scope)) return column;
  if (scope.group_aliases != nullptr) {
    for (const ExprPtr& item : *scope.group_aliases) {
      const auto* alias = As<Alias>(item);
      if (alias == nullptr || !SameName(alias->name(), name.parts[0])) continue;
      return ExtractPath(alias->child, name.parts, 1, name.origin);
    }
  }
  for (const Relation* below : scope.below) {
    if (ExprPtr column = LookUp(name, *below)) return column;
  }
  if (ExprPtr call = ResolveFunctionName(name)) return call;
  if (ExprPtr column = ResolveOuterName(name, scope)) return column;
  RaiseUnresolved(name, scope);
}

void Analysis::RaiseUnresolved(const UnresolvedAttribute& name, const Scope& scope) {
  if (name.plan_id >= 0) {
    RaiseAt(name.origin, Condition::CANNOT_RESOLVE_DATAFRAME_COLUMN,
            {{"name", QuoteSql(std::make_shared<UnresolvedAttribute>(name))}});
  }
  std::vector<ExprPtr> none;
  const std::vector<ExprPtr>& columns = scope.input == nullptr ? none : scope.input->output->columns();
  std::string object = QuoteName(name.parts);
  if (columns.empty()) {
    RaiseAt(name.origin, Condition::UNRESOLVED_COLUMN__WITHOUT_SUGGESTION, {{"objectName", object}});
  }
  RaiseAt(name.origin, Condition::UNRESOLVED_COLUMN__WITH_SUGGESTION,
          {{"objectName", object}, {"proposal", SuggestNames(name.parts, columns)}});
}

ExprPtr Analysis::ResolveLambdaName(const UnresolvedAttribute& name, const Scope& scope) {
  for (const LambdaScope* lambda = scope.lambda; lambda != nullptr; lambda = lambda->parent) {
    for (const ExprPtr& parameter : lambda->parameters) {
      if (!SameName(To<LambdaVariable>(parameter).parts[0], name.parts[0])) continue;
      return ExtractPath(parameter, name.parts, 1, name.origin);
    }
  }
  return nullptr;
}

ExprPtr Analysis::ResolveLateralAlias(const UnresolvedAttribute& name, const Scope& scope) {
  if (scope.lateral == nullptr) return nullptr;
  const LateralAlias* match = nullptr;
  int matches = 0;
  for (const LateralAlias& alias : *scope.lateral) {
    if (!SameName(alias.name, name.parts[0])) continue;
    match = &alias;
    ++matches;
  }
  if (matches == 0) return nullptr;
  if (matches > 1) {
    RaiseAt(nullptr, Condition::AMBIGUOUS_LATERAL_COLUMN_ALIAS,
            {{"name", QuoteName(name.parts[0])}, {"n", std::to_string(matches)}});
  }
  match->used = true;
  if (scope.stage != nullptr) *scope.stage = std::max(*scope.stage, match->stage + 1);
  ExprPtr reference = WithName(match->attribute, kLateralPrefix + name.parts[0] + ")", name.origin);
  return ExtractPath(reference, name.parts, 1, name.origin);
}

ExprPtr Analysis::ResolveFunctionName(const UnresolvedAttribute& name) {
  if (name.parts.size() != 1) return nullptr;
  static const char* const kNames[] = {
      "current_date", "current_timestamp", "localtimestamp", "current_time", "current_user", "user", "session_user"};
  std::string lower = LowerCase(name.parts[0]);
  for (const char* known : kNames) {
    if (lower != known || registry_.Find(lower) == nullptr) continue;
    std::string function = lower == "user" || lower == "session_user" ? "current_user" : lower;
    if (registry_.Find(function) == nullptr) function = lower;
    return ResolveFunction(MakeUnresolvedFunction(function, {}, name.origin), Scope{});
  }
  return nullptr;
}

ExprPtr Analysis::ResolveOuterName(const UnresolvedAttribute& name, const Scope& scope) {
  if (scope.outer == nullptr || scope.outer->input == nullptr) return nullptr;
  ExprPtr column = LookUp(name, *scope.outer->input);
  if (column == nullptr) return nullptr;
  return TransformUp(column, [](const ExprPtr& e) -> ExprPtr {
    if (e->kind() != ExprKind::kAttribute) return e;
    auto outer = std::make_shared<OuterReference>();
    outer->attribute = e;
    outer->type = e->type;
    outer->nullable = e->nullable;
    outer->origin = e->origin;
    return outer;
  });
}

// ---- df["x"] ------------------------------------------------------------------------------------------------------

namespace {

struct Candidate {
  ExprPtr column;
  int depth = 0;
  bool reachable = true;  // false: a node above doesn't put it out
};

class PlanIdSearch {
 public:
  using LookUpFunction = std::function<ExprPtr(const std::vector<ExprPtr>& columns, const Output* output,
                                               const std::vector<ExprPtr>& hidden)>;
  PlanIdSearch(int64_t plan_id, LookUpFunction look_up) : plan_id_(plan_id), look_up_(std::move(look_up)) {}

  bool matched = false;
  std::vector<Candidate> Search(const RelationFrame& frame, int depth) {
    std::vector<Candidate> out;
    if (frame.plan_id == plan_id_) {
      matched = true;
      if (ExprPtr column = look_up_(frame.output->columns(), frame.output.get(), frame.hidden)) {
        out.push_back({column, depth, true});
      }
    } else {
      for (const RelationFramePtr& child : frame.children) {
        for (Candidate& candidate : Search(*child, depth + 1)) out.push_back(std::move(candidate));
      }
    }
    for (Candidate& candidate : out) {
      if (frame.renamed != nullptr) candidate.column = RenameIds(candidate.column, *frame.renamed);
      std::vector<ExprPtr> used;
      CollectAttributes(candidate.column, &used);
      for (const ExprPtr& attribute : used) {
        ExprId id = To<Attribute>(attribute).id;
        bool hidden = std::any_of(frame.hidden.begin(), frame.hidden.end(),
                                  [&](const ExprPtr& column) { return To<Attribute>(column).id == id; });
        if (frame.output->IndexOf(id) < 0 && !hidden) candidate.reachable = false;
      }
    }
    return out;
  }

 private:
  int64_t plan_id_;
  LookUpFunction look_up_;
};

}  // namespace

ExprPtr Analysis::ResolveByPlanId(const UnresolvedAttribute& name, const Scope& scope) {
  for (const Scope* at = &scope; at != nullptr; at = at->outer) {
    const Relation* input = at->input;
    if (input == nullptr || input->frame == nullptr) continue;
    PlanIdSearch search(name.plan_id, [&](const std::vector<ExprPtr>& columns, const Output* output,
                                          const std::vector<ExprPtr>& hidden) {
      bool found = false;
      ExprPtr column = LookUpIn(name, columns, nullptr, output, &found);
      if (!found) column = LookUpIn(name, hidden, nullptr, nullptr, &found);
      return column;
    });
    std::vector<Candidate> candidates = search.Search(*input->frame, 0);
    if (!search.matched) continue;
    std::vector<Candidate> reachable;
    for (const Candidate& candidate : candidates) {
      if (candidate.reachable) reachable.push_back(candidate);
    }
    // A column that the select list dropped may still be filtered or sorted by.
    if (reachable.empty() && !at->below.empty() && candidates.size() == 1 && Expose(input->plan, [&] {
                                                                               std::vector<ExprPtr> used;
                                                                               CollectAttributes(candidates[0].column,
                                                                                                 &used);
                                                                               return used;
                                                                             }()) != nullptr) {
      reachable = candidates;
    }
    if (reachable.size() > 1) {
      RaiseAt(name.origin == nullptr ? coercion_origin_ : name.origin, Condition::AMBIGUOUS_COLUMN_REFERENCE,
              {{"name", QuoteSql(std::make_shared<UnresolvedAttribute>(name))}});
    }
    if (reachable.empty()) RaiseUnresolved(name, scope);
    if (at == &scope) return reachable[0].column;
    return TransformUp(reachable[0].column, [](const ExprPtr& e) -> ExprPtr {
      if (e->kind() != ExprKind::kAttribute) return e;
      auto outer = std::make_shared<OuterReference>();
      outer->attribute = e;
      outer->type = e->type;
      outer->nullable = e->nullable;
      return outer;
    });
  }
  RaiseAt(name.origin, Condition::CANNOT_RESOLVE_DATAFRAME_COLUMN,
          {{"name", QuoteSql(std::make_shared<UnresolvedAttribute>(name))}});
}

// ---- nested fields ------------------------------------------------------------------------------------------------

ExprPtr Analysis::ExtractPath(ExprPtr child, const std::vector<std::string>& parts, size_t from,
                              const OriginPtr& origin) {
  for (size_t i = from; i < parts.size(); ++i) child = ExtractField(child, parts[i], origin);
  return child;
}

ExprPtr Analysis::ExtractField(const ExprPtr& child, const std::string& field, const OriginPtr& origin) {
  bool array = child->type->is(TypeId::kArray) && child->type->element()->is(TypeId::kStruct);
  if (!child->type->is(TypeId::kStruct) && !array) {
    return ExtractValue(child, MakeLiteral(Value::String(field)), origin);
  }
  const DataType& type = array ? *child->type->element() : *child->type;
  int index = type.FieldIndex(field, context_.case_sensitive);
  if (index == -1) {
    std::string fields;
    for (const StructField& f : type.fields()) fields += (fields.empty() ? "" : ", ") + QuoteName(f.name);
    RaiseAt(origin, Condition::FIELD_NOT_FOUND, {{"fieldName", QuoteName(field)}, {"fields", fields}});
  }
  if (index == -2) {
    int64_t count = std::count_if(type.fields().begin(), type.fields().end(),
                                  [&](const StructField& f) { return SameName(f.name, field); });
    RaiseAt(origin, Condition::AMBIGUOUS_REFERENCE_TO_FIELDS,
            {{"field", QuoteName(field)}, {"count", std::to_string(count)}});
  }
  const StructField& found = type.fields()[index];
  ExprPtr name = MakeLiteral(Value::String(found.name));
  if (array) {
    return KnownCall("get_array_struct_fields", {child, name},
                     types::Array(found.type, child->type->contains_null() || found.nullable), child->nullable, origin);
  }
  return KnownCall("get_struct_field", {child, name}, found.type, child->nullable || found.nullable, origin);
}

ExprPtr Analysis::ExtractValue(const ExprPtr& child, const ExprPtr& key, const OriginPtr& origin) {
  const TypePtr& type = child->type;
  const auto* literal = As<Literal>(key);
  bool string_key = literal != nullptr && literal->type->is_string() && !literal->value.is_null();
  if (type->is(TypeId::kStruct) || (type->is(TypeId::kArray) && type->element()->is(TypeId::kStruct) && string_key)) {
    if (string_key) return ExtractField(child, literal->value.string(), origin);
    RaiseAt(nullptr, Condition::INVALID_EXTRACT_FIELD_TYPE, {{"extraction", QuoteSql(key)}});
  }
  auto mismatch = [&](const std::string& required) {
    ExprPtr call = KnownCall(type->is(TypeId::kMap) ? "get_map_value" : "get_array_item", {child, key}, types::Null(),
                             true, origin);
    RaiseAt(origin, Condition::DATATYPE_MISMATCH__UNEXPECTED_INPUT_TYPE,
            {{"sqlExpr", QuoteSql(call)},
             {"paramIndex", "second"},
             {"inputSql", QuoteSql(key)},
             {"inputType", QuoteType(key->type)},
             {"requiredType", required}});
  };
  if (type->is(TypeId::kArray)) {
    if (!key->type->is_integral() && !key->type->is(TypeId::kNull)) mismatch("\"INTEGRAL\"");
    ExprPtr index = key->type->is(TypeId::kLong) ? key : Coerce(key, types::Int());
    bool nullable = type->contains_null() || child->nullable || !context_.ansi || (key->nullable && literal == nullptr);
    std::vector<ExprPtr> used;
    CollectAttributes(key, &used);
    if (used.empty() && !(literal != nullptr && literal->value.is_null())) {
      // A fixed place may be outside, unless the array is written out.
      const auto* built = As<Call>(child);
      bool inside = built != nullptr && built->function == "array" && literal != nullptr && !literal->value.is_null() &&
                    literal->value.integer() >= 0 &&
                    literal->value.integer() < static_cast<int64_t>(built->args.size());
      nullable = !inside || built->args[static_cast<size_t>(literal->value.integer())]->nullable;
    }
    return KnownCall("get_array_item", {child, index}, type->element(), nullable, origin, "", mode());
  }
  if (type->is(TypeId::kMap)) {
    TypePtr common = TightestCommonType(key->type, type->key(), context_.ansi);
    ExprPtr cast = key;
    if (common == nullptr || !SameTypeIgnoringNullability(*common, *type->key())) {
      if (!ImplicitlyCasts(key->type, type->key(), context_.ansi)) mismatch(QuoteType(type->key()));
    }
    cast = Coerce(key, type->key());
    return KnownCall("get_map_value", {child, cast}, type->value(), true, origin);
  }
  if (type->is(TypeId::kVariant)) RaiseUnsupported("extraction from VARIANT values");
  RaiseAt(origin, Condition::INVALID_EXTRACT_BASE_FIELD_TYPE, {{"base", QuoteSql(child)}, {"other", QuoteType(type)}});
}

// ---- stars --------------------------------------------------------------------------------------------------------

bool Analysis::ExpandStar(const ExprPtr& expression, const Scope& scope, std::vector<ExprPtr>* out) {
  std::vector<ExprPtr> columns;
  if (const auto* star = As<UnresolvedStar>(expression)) {
    columns = StarColumns(*star, scope);
  } else if (const auto* regex = As<UnresolvedRegex>(expression)) {
    columns = RegexColumns(*regex, scope);
  } else {
    return false;
  }
  out->insert(out->end(), columns.begin(), columns.end());
  return true;
}

std::vector<ExprPtr> Analysis::StarColumns(const UnresolvedStar& star, const Scope& scope) {
  static const std::vector<ExprPtr> kNone;
  const std::vector<ExprPtr>& all = scope.input == nullptr ? kNone : scope.input->output->columns();
  if (star.plan_id >= 0 && star.target.empty() && scope.input != nullptr && scope.input->frame != nullptr) {
    // df["*"]: the columns of that DataFrame, found through the first of them.
    std::vector<ExprPtr> out;
    PlanIdSearch find(star.plan_id,
                      [&](const std::vector<ExprPtr>& columns, const Output*, const std::vector<ExprPtr>&) -> ExprPtr {
                        out = columns;
                        return columns.empty() ? nullptr : columns[0];
                      });
    find.Search(*scope.input->frame, 0);
    if (!find.matched) {
      RaiseAt(star.origin, Condition::CANNOT_RESOLVE_DATAFRAME_COLUMN, {{"name", "`*`"}});
    }
    return ExceptColumns(std::move(out), star, scope);
  }
  if (star.target.empty()) {
    return ExceptColumns(all, star, scope);
  }
  std::vector<ExprPtr> out;
  auto collect = [&](const std::vector<ExprPtr>& columns) {
    for (const ExprPtr& column : columns) {
      const std::vector<std::string>& qualifier = To<Attribute>(column).qualifier;
      if (qualifier.size() < star.target.size()) continue;
      bool same = true;
      size_t skip = qualifier.size() - star.target.size();
      for (size_t i = 0; i < star.target.size() && same; ++i) same = SameName(qualifier[skip + i], star.target[i]);
      if (same) out.push_back(column);
    }
  };
  collect(all);
  if (scope.input != nullptr && !scope.input->hidden.empty()) {
    // t.* over a USING join also has t's own key columns, in t's order.
    std::vector<ExprPtr> with_hidden = scope.input->hidden;
    std::vector<ExprPtr> own;
    own.swap(out);
    collect(with_hidden);
    out.insert(out.end(), own.begin(), own.end());
  }
  if (!out.empty()) return ExceptColumns(std::move(out), star, scope);
  // struct.*
  UnresolvedAttribute name;
  name.parts = star.target;
  name.origin = star.origin;
  ExprPtr structure = scope.input == nullptr ? nullptr : LookUp(name, *scope.input);
  if (structure == nullptr && scope.outer != nullptr) structure = ResolveOuterName(name, scope);
  if (structure != nullptr && structure->type->is(TypeId::kStruct)) {
    for (const StructField& field : structure->type->fields()) {
      out.push_back(MakeAlias(ExtractField(structure, field.name, star.origin), field.name));
    }
    return out;
  }
  RaiseAt(star.origin, Condition::CANNOT_RESOLVE_STAR_EXPAND,
          {{"targetString", QuoteName(star.target)}, {"columns", SuggestNames({}, all, 0)}});
}

std::vector<ExprPtr> Analysis::ExceptColumns(std::vector<ExprPtr> columns, const UnresolvedStar& star,
                                             const Scope& scope) {
  for (const std::vector<std::string>& parts : star.except) {
    UnresolvedAttribute name;
    name.parts = parts;
    name.origin = star.origin;
    ExprPtr dropped = LookUp(name, *scope.input);
    if (dropped == nullptr) {
      RaiseAt(name.origin, Condition::UNRESOLVED_COLUMN__WITH_SUGGESTION,
              {{"objectName", QuoteName(parts)}, {"proposal", SuggestNames(parts, columns, 5, /*by_name=*/false)}});
    }
    const auto* attribute = As<Attribute>(dropped);
    if (attribute == nullptr) RaiseUnsupported("EXCEPT of a nested field");
    std::erase_if(columns, [&](const ExprPtr& column) {
      const auto* own = As<Attribute>(column);
      return own != nullptr && own->id == attribute->id;
    });
  }
  return columns;
}

std::vector<ExprPtr> Analysis::RegexColumns(const UnresolvedRegex& node, const Scope& scope) {
  std::vector<ExprPtr> out;
  if (scope.input == nullptr) return out;
  std::string pattern = node.pattern;
  if (pattern.size() >= 2 && pattern.front() == '`' && pattern.back() == '`') {
    pattern = pattern.substr(1, pattern.size() - 2);
  }
  auto flags = std::regex::ECMAScript;
  if (!context_.case_sensitive) flags |= std::regex::icase;
  std::regex regex;
  try {
    regex = std::regex(pattern, flags);
  } catch (const std::regex_error&) {
    RaiseUnsupported("the regular expression '" + pattern + "' in colRegex");
  }
  for (const ExprPtr& column : scope.input->output->columns()) {
    // std::regex recurses by the text's length; column names are short, hostile ones are left out.
    const std::string& name = To<Attribute>(column).name;
    if (name.size() <= 1000 && std::regex_match(name, regex)) out.push_back(column);
  }
  return out;
}

}  // namespace centella
