// Functions that Spark replaces by others: to_char by the kind of its argument, decode with searches, try_add of dates,
// names that the session knows.
#include <algorithm>

#include "analyzer/analysis.h"
#include "analyzer/coercion.h"

namespace centella {

namespace {

bool IsTemporal(const DataType& type) { return type.is_datetime() || type.is(TypeId::kTime) || type.is_interval(); }

const char* TryOperator(const std::string& name) {
  if (name == "try_add") return "+";
  if (name == "try_subtract") return "-";
  if (name == "try_multiply") return "*";
  if (name == "try_divide") return "/";
  return nullptr;
}

}  // namespace

ExprPtr Analysis::ResolveRewritten(const std::string& name, const UnresolvedFunction& call, const Scope& scope) {
  auto session = [&](const char* function, std::string value) {
    return KnownCall(function, {MakeLiteral(Value::String(std::move(value)))}, types::String(), false, call.origin);
  };
  if (call.args.empty()) {
    if (name == "current_catalog") return session("current_catalog", environment_.current_catalog());
    if (name == "current_database" || name == "current_schema") {
      return session("current_schema", environment_.current_database());
    }
    if (name == "current_path") {
      return session("current_path", "system.builtin,system.session," + environment_.current_catalog() + "." +
                                         environment_.current_database());
    }
    return nullptr;
  }
  if (name == "to_char" || name == "to_varchar") {
    return call.args.size() == 2 ? ResolveToChar(call, ResolveArguments(call, scope), scope) : nullptr;
  }
  if (name == "decode" && call.args.size() > 2) return ResolveDecode(call, ResolveArguments(call, scope));
  if (name == "nullifzero" && call.args.size() == 1) {
    std::vector<ExprPtr> args = ResolveArguments(call, scope);
    ExprPtr zero = Coerce(MakeLiteral(Value::Int(0)), args[0]->type);
    return KnownCall("nullif", {args[0], zero}, args[0]->type, true, call.origin, "nullifzero");
  }
  if (name == "zeroifnull" && call.args.size() == 1) {
    std::vector<ExprPtr> args = ResolveArguments(call, scope);
    args.push_back(MakeLiteral(Value::Int(0)));
    return ResolveSameType("zeroifnull", call, std::move(args));
  }
  if (const char* op = TryOperator(name); op != nullptr && call.args.size() == 2) {
    std::vector<ExprPtr> args = ResolveArguments(call, scope);
    if (!IsTemporal(*args[0]->type) && !IsTemporal(*args[1]->type)) return nullptr;
    UnresolvedFunction plain = call;
    plain.name = {op};
    ExprPtr sum = ResolveArithmetic(op, plain, std::move(args));
    const auto* made = As<Call>(sum);
    if (made == nullptr) return sum;
    auto tolerant = std::make_shared<Call>(*made);
    tolerant->mode = EvalMode::kTry;
    tolerant->display = name;
    tolerant->nullable = true;
    return tolerant;
  }
  return nullptr;
}

// struct(a, b + 1 AS c): names from the columns, else col1, col2 …
ExprPtr Analysis::ResolveStruct(const UnresolvedFunction& call, const std::vector<ExprPtr>& given) {
  std::vector<ExprPtr> parts;
  std::vector<StructField> fields;
  for (size_t i = 0; i < given.size(); ++i) {
    std::string field = "col" + std::to_string(i + 1);
    ExprPtr value = given[i];
    const auto* written = given.size() == call.args.size() ? As<UnresolvedAttribute>(call.args[i]) : nullptr;
    std::string metadata;
    if (const auto* alias = As<Alias>(value)) {
      field = alias->name();
      metadata = alias->metadata;
      value = alias->child;
    } else if (const auto* attribute = As<Attribute>(value)) {
      field = attribute->name;
      metadata = attribute->metadata;
    } else if (written != nullptr) {
      field = written->parts.back();
    } else if (const auto* variable = As<LambdaVariable>(value)) {
      field = variable->parts.back();
    }
    parts.push_back(MakeLiteral(Value::String(field)));
    parts.push_back(value);
    fields.push_back({field, value->type, value->nullable, metadata});
  }
  return KnownCall("named_struct", std::move(parts), types::Struct(std::move(fields)), false, call.origin, "struct");
}

ExprPtr Analysis::ResolveToChar(const UnresolvedFunction& call, std::vector<ExprPtr> args, const Scope& scope) {
  auto as = [&](const char* function, std::vector<ExprPtr> parts) {
    UnresolvedFunction other = call;
    other.name = {function};
    return BindFunction(other, *registry_.Find(function), std::move(parts), scope);
  };
  const TypePtr& type = args[0]->type;
  if (type->is_datetime()) return as("date_format", std::move(args));
  if (type->is(TypeId::kBinary)) {
    const auto* literal = As<Literal>(args[1]);
    const std::string format = literal != nullptr && literal->type->is_string() && !literal->value.is_null()
                                   ? LowerCase(literal->value.string())
                                   : "";
    if (format == "base64") return as("base64", {args[0]});
    if (format == "hex") return as("hex", {args[0]});
    if (format == "utf-8") return as("decode", std::move(args));
    RaiseAt(call.origin, Condition::INVALID_PARAMETER_VALUE__BINARY_FORMAT,
            {{"parameter", "`format`"},
             {"functionName", "`to_char`"},
             {"invalidFormat", literal == nullptr ? QuoteSql(args[1]) : "'" + literal->value.ToDisplay() + "'"}});
  }
  if (type->is_string()) args[0] = Coerce(args[0], types::Decimal(38, 18));
  if (type->is(TypeId::kDouble)) args[0] = Coerce(args[0], types::Decimal(30, 15));
  if (type->is(TypeId::kFloat)) args[0] = Coerce(args[0], types::Decimal(14, 7));
  return as("to_char", std::move(args));
}

// decode(value, search, result, … [, default]): a CASE of <=>; without a default the NULL of a text takes part.
ExprPtr Analysis::ResolveDecode(const UnresolvedFunction& call, std::vector<ExprPtr> args) {
  const bool has_default = args.size() % 2 == 0;
  TypePtr value = args[0]->type;
  std::vector<TypePtr> results;
  for (size_t i = 1; i + 1 < args.size(); i += 2) {
    TypePtr both = WiderType(value, args[i]->type, context_.ansi);
    if (both == nullptr) {
      ExprPtr bad = KnownCall("<=>", {args[0], args[i]}, types::Boolean(), true, call.origin);
      RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__BINARY_OP_DIFF_TYPES,
              {{"sqlExpr", QuoteSql(bad)}, {"left", QuoteType(args[0]->type)}, {"right", QuoteType(args[i]->type)}});
    }
    value = both;
    results.push_back(args[i + 1]->type);
  }
  results.push_back(has_default ? args.back()->type : types::String());
  TypePtr result = WiderType(results, context_.ansi);
  if (result == nullptr) {
    std::string list;
    for (const TypePtr& type : results) list += (list.empty() ? "" : ", ") + QuoteType(type);
    RaiseAt(call.origin, Condition::DATATYPE_MISMATCH__DATA_DIFF_TYPES,
            {{"functionName", "`casewhen`"},
             {"dataType", "[" + list + "]"},
             {"sqlExpr", QuoteSql(KnownCall("decode_case", args, types::Null(), true, call.origin, "decode"))}});
  }
  bool nullable = !has_default;
  args[0] = Coerce(args[0], value);
  for (size_t i = 1; i + 1 < args.size(); i += 2) {
    args[i] = Coerce(args[i], value);
    args[i + 1] = Coerce(args[i + 1], result);
    nullable |= args[i + 1]->nullable;
  }
  if (has_default) {
    args.back() = Coerce(args.back(), result);
    nullable |= args.back()->nullable;
  }
  return KnownCall("decode_case", std::move(args), result, nullable, call.origin, "decode");
}

}  // namespace centella
