// How Spark names a column of an expression, and quotes an expression in error messages: one printer for both.
//
// Casts that the engine added don't show, nor do quotes of strings. Some functions print under another name or with
// the arguments they take by default; two tables below hold those.
#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "plan/depth_guard.h"
#include "plan/transform.h"
#include "types/decimal.h"

namespace centella {
namespace {

constexpr std::array<std::string_view, 20> kInfix = {"+", "-",  "*", "/",  "%",   "div", "&",  "|",   "^",   "=",
                                                     "<", "<=", ">", ">=", "<=>", "<<",  ">>", ">>>", "and", "or"};

// Functions that print in capitals (unless called by an alias).
constexpr std::array<std::string_view, 40> kCapitals = {"acos",
                                                        "acosh",
                                                        "asin",
                                                        "asinh",
                                                        "atan",
                                                        "atan2",
                                                        "atanh",
                                                        "cbrt",
                                                        "ceil",
                                                        "cos",
                                                        "cosh",
                                                        "cot",
                                                        "csc",
                                                        "degrees",
                                                        "dense_rank",
                                                        "e",
                                                        "exp",
                                                        "expm1",
                                                        "floor",
                                                        "hypot",
                                                        "log",
                                                        "log10",
                                                        "log1p",
                                                        "log2",
                                                        "percent_rank",
                                                        "pi",
                                                        "power",
                                                        "radians",
                                                        "rank",
                                                        "regexp",
                                                        "regexp_like",
                                                        "rlike",
                                                        "sec",
                                                        "signum",
                                                        "sin",
                                                        "sinh",
                                                        "spark_partition_id",
                                                        "sqrt",
                                                        "tan",
                                                        "tanh"};

// What a function prints as when its own name isn't kept.
constexpr std::array<std::array<std::string_view, 2>, 8> kRenamed = {{{"array_agg", "collect_list"},
                                                                      {"curdate", "current_date"},
                                                                      {"current_database", "current_schema"},
                                                                      {"dateadd", "date_add"},
                                                                      {"random", "rand"},
                                                                      {"string_agg", "listagg"},
                                                                      {"to_varchar", "to_char"},
                                                                      {"||", "concat"}}};

// Printed after the arguments given, from the argument number `after` on.
struct DefaultArguments {
  std::string_view name;
  size_t after;  // how many arguments come before `texts`
  std::array<std::string_view, 6> texts;
};
// array_sort's own comparison, as Spark writes it out.
constexpr std::string_view kSortComparison =
    "lambdafunction((IF(((namedlambdavariable() IS NULL) AND (namedlambdavariable() IS NULL)), 0, "
    "(IF((namedlambdavariable() IS NULL), 1, (IF((namedlambdavariable() IS NULL), -1, "
    "(IF((namedlambdavariable() < namedlambdavariable()), -1, "
    "(IF((namedlambdavariable() > namedlambdavariable()), 1, 0)))))))))), namedlambdavariable(), "
    "namedlambdavariable())";
constexpr std::string_view kSameLambda = "lambdafunction(namedlambdavariable(), namedlambdavariable())";
constexpr std::array<DefaultArguments, 44> kDefaults = {{
    {"sort_array", 1, {"true"}},
    {"array_sort", 1, {kSortComparison}},
    {"aggregate", 3, {kSameLambda}},
    {"reduce", 3, {kSameLambda}},
    {"lag", 1, {"1", "NULL"}},
    {"lead", 1, {"1", "NULL"}},
    {"lpad", 2, {" "}},
    {"rpad", 2, {" "}},
    {"locate", 2, {"1"}},
    {"position", 2, {"1"}},
    {"charindex", 2, {"1"}},
    {"round", 1, {"0"}},
    {"bround", 1, {"0"}},
    {"substr", 2, {"2147483647"}},
    {"substring", 2, {"2147483647"}},
    {"split", 2, {"-1"}},
    {"overlay", 3, {"-1"}},
    {"percentile", 2, {"1"}},
    {"percentile_approx", 2, {"10000"}},
    {"approx_percentile", 2, {"10000"}},
    {"approx_top_k", 1, {"5", "10000"}},
    {"approx_top_k_accumulate", 1, {"10000"}},
    {"listagg", 1, {"NULL"}},
    {"string_agg", 1, {"NULL"}},
    {"from_unixtime", 1, {"yyyy-MM-dd HH:mm:ss"}},
    {"unix_timestamp", 0, {"current_timestamp()", "yyyy-MM-dd HH:mm:ss"}},
    {"to_unix_timestamp", 1, {"yyyy-MM-dd HH:mm:ss"}},
    {"months_between", 2, {"true"}},
    {"make_interval", 0, {"0", "0", "0", "0", "0", "0"}},
    {"try_make_interval", 0, {"0", "0", "0", "0", "0", "0"}},
    {"make_dt_interval", 0, {"0", "0", "0", "0.000000"}},
    {"make_ym_interval", 0, {"0", "0"}},
    {"mask", 1, {"X", "x", "n", "NULL"}},
    {"regexp_replace", 3, {"1"}},
    {"regexp_extract", 2, {"1"}},
    {"regexp_extract_all", 2, {"1"}},
    {"regexp_instr", 2, {"0"}},
    {"replace", 2, {""}},
    {"sentences", 1, {"", ""}},
    {"str_to_map", 1, {",", ":"}},
    {"current_time", 0, {"6"}},
    {"aes_encrypt", 2, {"GCM", "DEFAULT", "", ""}},
    {"aes_decrypt", 2, {"GCM", "DEFAULT", ""}},
    {"try_aes_decrypt", 2, {"GCM", "DEFAULT", ""}},
}};
// Trailing entries of `texts` that are default-constructed have no data: that tells them from "".
bool IsGiven(std::string_view text) { return text.data() != nullptr; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

template <typename Array>
bool Contains(const Array& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsWord(std::string_view name) {
  return !name.empty() && ((name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z') || name[0] == '_');
}

std::string QuoteIfNeeded(const std::string& name) {
  bool plain = !name.empty();
  bool digits = true;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9';
    digits = digits && digit;
    plain = plain && (digit || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
  }
  if (plain && !digits) return name;
  std::string quoted = "`";
  for (const char c : name) quoted += c == '`' ? std::string("``") : std::string(1, c);
  return quoted + "`";
}

// A call of any kind: resolved, aggregate or unresolved.
struct CallParts {
  std::string function;  // canonical, lower case
  std::string shown;     // under which it was called, lower case
  const std::vector<ExprPtr>& args;
};

class NamePrinter {
 public:
  void Print(const ExprPtr& expression);
  std::string Take() { return std::move(out_); }

 private:
  void PrintLiteral(const Literal& literal);
  void PrintCast(const Cast& cast);
  void PrintCall(const CallParts& call, bool distinct = false);
  bool PrintOperator(const CallParts& call);
  bool PrintExtraction(const CallParts& call);
  bool PrintSpecialForm(const CallParts& call);
  void PrintFunction(const CallParts& call, bool distinct);
  void PrintCase(const std::vector<ExprPtr>& args);
  void PrintAggregate(const AggregateCall& call);
  void PrintUnresolved(const UnresolvedFunction& call);
  void PrintTail(const std::string& function, const std::vector<ExprPtr>& order, const ExprPtr& filter);
  void PrintWindow(const WindowExpr& window);
  void PrintFrame(const WindowExpr& window);
  void PrintBound(FrameBound bound, const ExprPtr& offset);
  void PrintSubquery(const Subquery& subquery);
  void PrintLambda(const Lambda& lambda);
  void PrintStar(const UnresolvedStar& star);
  void PrintUpdate(const UpdateField& update);
  void PrintNames(const std::vector<std::string>& parts);
  void PrintList(const std::vector<ExprPtr>& expressions, size_t from = 0);
  void PrintOrder(const SortOrder& order);

  std::string out_;
};

void NamePrinter::Print(const ExprPtr& expression) {
  if (expression == nullptr) return;
  DepthGuard guard;
  switch (expression->kind()) {
    case ExprKind::kLiteral: return PrintLiteral(To<Literal>(expression));
    case ExprKind::kAlias: {
      const Alias& alias = To<Alias>(expression);
      Print(alias.child);
      out_ += " AS " + QuoteIfNeeded(alias.names.empty() ? "" : alias.names[0]);
      return;
    }
    case ExprKind::kSortOrder: return PrintOrder(To<SortOrder>(expression));
    case ExprKind::kCast: return PrintCast(To<Cast>(expression));
    case ExprKind::kAttribute: out_ += To<Attribute>(expression).name; return;
    case ExprKind::kColumn: out_ += To<Column>(expression).name; return;
    case ExprKind::kCall: {
      const Call& call = To<Call>(expression);
      if (call.function == "from_json" && call.type != nullptr && call.type->is(TypeId::kMap)) {
        out_ += "entries";
        return;
      }
      // -x and negative(x) are one function of two spellings.
      if (call.display == "negative") return PrintFunction({call.function, call.display, call.args}, false);
      return PrintCall({Lower(call.function), Lower(call.display.empty() ? call.function : call.display), call.args});
    }
    case ExprKind::kAggregate: return PrintAggregate(To<AggregateCall>(expression));
    case ExprKind::kWindow: return PrintWindow(To<WindowExpr>(expression));
    case ExprKind::kLambda: return PrintLambda(To<Lambda>(expression));
    case ExprKind::kLambdaVariable: {
      const LambdaVariable& variable = To<LambdaVariable>(expression);
      if (variable.id != 0)
        out_ += "namedlambdavariable()";
      else
        PrintNames(variable.parts);
      return;
    }
    case ExprKind::kSubquery: return PrintSubquery(To<Subquery>(expression));
    case ExprKind::kOuterReference:
      out_ += "outer(";
      Print(To<OuterReference>(expression).attribute);
      out_ += ')';
      return;
    case ExprKind::kUnresolvedAttribute: return PrintNames(To<UnresolvedAttribute>(expression).parts);
    case ExprKind::kUnresolvedStar: return PrintStar(To<UnresolvedStar>(expression));
    case ExprKind::kUnresolvedRegex: out_ += To<UnresolvedRegex>(expression).pattern; return;
    case ExprKind::kUnresolvedFunction: return PrintUnresolved(To<UnresolvedFunction>(expression));
    case ExprKind::kUnresolvedExtract: {
      const UnresolvedExtract& extract = To<UnresolvedExtract>(expression);
      Print(extract.child);
      out_ += '[';
      Print(extract.extraction);
      out_ += ']';
      return;
    }
    case ExprKind::kNamedArgument:
      out_ += To<NamedArgument>(expression).name + " => ";
      return Print(To<NamedArgument>(expression).value);
    case ExprKind::kUpdateField: return PrintUpdate(To<UpdateField>(expression));
    case ExprKind::kParameter: {
      const Parameter& parameter = To<Parameter>(expression);
      out_ += parameter.name.empty() ? "?" : ":" + parameter.name;
      return;
    }
  }
}

void NamePrinter::PrintLiteral(const Literal& literal) {
  const Value& value = literal.value;
  if (value.is_null()) {
    out_ += "NULL";
  } else if (value.type()->is(TypeId::kDecimal)) {
    char buffer[kMaxDecimalText];
    out_.append(buffer, WriteDecimalScientific(value.decimal(), value.type()->scale(), buffer) - buffer);
  } else if (value.type()->is_string() || value.type()->is_numeric()) {
    out_ += value.ToDisplay();
  } else {
    out_ += value.ToSql();
  }
}

void NamePrinter::PrintCast(const Cast& cast) {
  // Nor do casts to nested types: SQL had no words for them.
  if (cast.implicit || (cast.target != nullptr && cast.target->is_nested())) return Print(cast.child);
  out_ += cast.mode == EvalMode::kTry ? "TRY_CAST(" : "CAST(";
  Print(cast.child);
  out_ += " AS ";
  out_ += cast.target == nullptr ? "?" : cast.target->ToSql();
  out_ += ')';
}

void NamePrinter::PrintCall(const CallParts& call, bool distinct) {
  if (!distinct && (PrintOperator(call) || PrintExtraction(call) || PrintSpecialForm(call))) return;
  PrintFunction(call, distinct);
}

// Operators by their symbol; by name when they were called by one (mod, shiftleft).
bool NamePrinter::PrintOperator(const CallParts& call) {
  const bool by_name = IsWord(call.shown) && !IsWord(call.function);
  if (by_name) return false;
  const std::string& name = call.function;
  if (call.args.size() == 2 && call.shown == "between") {
    // a BETWEEN b AND c, resolved to (a >= b) AND (a <= c).
    const auto* low = As<Call>(call.args[0]);
    const auto* high = As<Call>(call.args[1]);
    if (low != nullptr && high != nullptr && low->args.size() == 2 && high->args.size() == 2) {
      out_ += "between(";
      PrintList({low->args[0], low->args[1], high->args[1]});
      out_ += ')';
      return true;
    }
  }
  if (call.args.size() == 2 && IsWord(name) && Contains(kInfix, call.shown) && !IsWord(call.shown)) {
    // Arithmetic of dates and intervals, whose kernels have names: (a - b), but ts + INTERVAL '1' DAY.
    const bool bare = name.ends_with("_add_interval") || name.ends_with("_sub_interval");
    if (!bare) out_ += '(';
    Print(call.args[0]);
    out_ += ' ' + call.shown + ' ';
    Print(call.args[1]);
    if (!bare) out_ += ')';
    return true;
  }
  if (call.args.size() == 2 && Contains(kInfix, name)) {
    out_ += '(';
    Print(call.args[0]);
    out_ += ' ';
    out_ += name == "and" || name == "or" ? Upper(name) : name;
    out_ += ' ';
    Print(call.args[1]);
    out_ += ')';
    return true;
  }
  if (call.args.size() == 2 && (name == "<>" || name == "!=")) {
    out_ += "(NOT (";
    Print(call.args[0]);
    out_ += " = ";
    Print(call.args[1]);
    out_ += "))";
    return true;
  }
  if (call.args.size() != 1) return false;
  if (name == "not" || name == "!") {
    out_ += "(NOT ";
  } else if (name == "positive" || name == "+") {
    out_ += "(+ ";
  } else if (name == "-" || name == "negative") {
    out_ += "(- ";
  } else if (name == "~") {
    out_ += '~';
    Print(call.args[0]);
    return true;
  } else {
    return false;
  }
  Print(call.args[0]);
  out_ += ')';
  return true;
}

bool NamePrinter::PrintExtraction(const CallParts& call) {
  if (call.args.size() != 2) return false;
  const bool field = call.function == "get_struct_field" || call.function == "get_array_struct_fields";
  const bool item = call.function == "get_array_item" || call.function == "get_map_value";
  if (!field && !item) return false;
  Print(call.args[0]);
  out_ += field ? "." : "[";
  Print(call.args[1]);
  if (item) out_ += ']';
  return true;
}

bool NamePrinter::PrintSpecialForm(const CallParts& call) {
  const std::string& name = call.function;
  const std::vector<ExprPtr>& args = call.args;
  if (name == "case" || name == "when") {
    PrintCase(args);
    return true;
  }
  if (name == "in" && !args.empty()) {
    out_ += '(';
    Print(args[0]);
    out_ += " IN (";
    PrintList(args, 1);
    out_ += "))";
    return true;
  }
  if ((name == "isnull" || name == "isnotnull") && args.size() == 1) {
    out_ += '(';
    Print(args[0]);
    out_ += name == "isnull" ? " IS NULL)" : " IS NOT NULL)";
    return true;
  }
  if (name == "if" && args.size() == 3) {
    out_ += "(IF(";
    PrintList(args);
    out_ += "))";
    return true;
  }
  if (name == "like" && args.size() >= 2) {
    Print(args[0]);
    out_ += " LIKE ";
    Print(args[1]);
    const auto* escape = args.size() > 2 ? As<Literal>(args[2]) : nullptr;
    if (escape != nullptr && !escape->value.is_null() && escape->value.string() != "\\") {
      out_ += " ESCAPE '" + escape->value.string() + "'";
    }
    return true;
  }
  if ((name == "extract" || call.shown == "extract" || call.shown == "datepart") && args.size() == 2) {
    out_ += call.shown == "datepart" ? "datepart(" : "extract(";
    Print(args[0]);
    out_ += " FROM ";
    Print(args[1]);
    out_ += ')';
    return true;
  }
  if (args.size() == 2 && (name == "trim" || name == "ltrim" || name == "rtrim")) {
    out_ += name == "trim" ? "TRIM(BOTH " : name == "ltrim" ? "TRIM(LEADING " : "TRIM(TRAILING ";
    Print(args[0]);
    out_ += " FROM ";
    Print(args[1]);
    out_ += ')';
    return true;
  }
  return false;
}

void NamePrinter::PrintCase(const std::vector<ExprPtr>& args) {
  out_ += "CASE";
  size_t i = 0;
  for (; i + 1 < args.size(); i += 2) {
    out_ += " WHEN ";
    Print(args[i]);
    out_ += " THEN ";
    Print(args[i + 1]);
  }
  if (i < args.size()) {
    out_ += " ELSE ";
    Print(args[i]);
  }
  out_ += " END";
}

void NamePrinter::PrintFunction(const CallParts& call, bool distinct) {
  std::string name = call.shown;
  for (const auto& [from, to] : kRenamed) {
    if (name == from) name = to;
  }
  const bool with_scale = (name == "ceil" || name == "floor") && call.args.size() == 2;
  out_ += Contains(kCapitals, name) && !with_scale ? Upper(name) : name;
  out_ += distinct ? "(DISTINCT " : "(";
  if (call.function == "named_struct" && name == "struct" && call.args.size() % 2 == 0) {
    // struct(a, 1 AS b): the names stand before the values.
    for (size_t i = 0; i + 1 < call.args.size(); i += 2) {
      if (i > 0) out_ += ", ";
      const std::string before = std::exchange(out_, "");
      Print(call.args[i + 1]);
      const std::string value = std::exchange(out_, before);
      out_ += value;
      const auto* given = As<Literal>(call.args[i]);
      const std::string field = given != nullptr ? given->value.ToDisplay() : "";
      const bool own_name = value == field || value.ends_with("." + field) ||
                            field == "col" + std::to_string(i / 2 + 1) ||
                            call.args[i + 1]->kind() == ExprKind::kLambdaVariable;
      if (!own_name) out_ += " AS " + QuoteIfNeeded(field);
    }
    out_ += ')';
    return;
  }
  const bool ranking = name == "rank" || name == "dense_rank" || name == "percent_rank";
  if (ranking) {
    out_ += ')';
    return;
  }
  if (name == "count" && call.args.empty()) out_ += '1';
  if (name == "log" && call.args.size() == 1) out_ += "E(), ";
  // These print without their last arguments: the schema, and Spark's own flag for nulls.
  const bool first_only = name == "from_json" || name == "from_csv" || name == "schema_of_csv" || name == "first" ||
                          name == "last" || name == "first_value" || name == "last_value" || name == "any_value";
  if (name == "current_catalog" || name == "current_schema" || name == "current_path") {
    out_ += ')';
    return;
  }
  if (call.args.size() == 2 && (name == "shuffle" || name == "nullifzero" || name == "zeroifnull")) {
    Print(call.args[0]);
  } else if (first_only && !call.args.empty()) {
    Print(call.args[0]);
  } else {
    PrintList(call.args);
  }
  const bool pads_bytes = (name == "lpad" || name == "rpad") && call.args.size() == 2 &&
                          call.args[0]->type != nullptr && call.args[0]->type->is(TypeId::kBinary);
  if (pads_bytes) {
    out_ += ", X'00')";
    return;
  }
  const auto* defaults = std::find_if(kDefaults.begin(), kDefaults.end(),
                                      [&](const DefaultArguments& entry) { return entry.name == name; });
  if (defaults != kDefaults.end() && call.args.size() >= defaults->after) {
    for (size_t i = call.args.size() - defaults->after; i < defaults->texts.size(); ++i) {
      if (!IsGiven(defaults->texts[i])) break;
      if (i > 0 || !call.args.empty()) out_ += ", ";
      out_ += defaults->texts[i];
    }
    if ((name == "make_interval" || name == "try_make_interval") && call.args.size() < 7) out_ += ", 0.000000";
  }
  out_ += ')';
}

void NamePrinter::PrintAggregate(const AggregateCall& call) {
  const std::string function = Lower(call.function);
  // The ordering of WITHIN GROUP went among the arguments; it is printed behind them.
  std::vector<ExprPtr> written = call.args;
  if (!call.order_by.empty() && function == "listagg_sorted" && written.size() > 2) {
    const auto* directions = As<Literal>(written[2]);
    const bool delimited = directions != nullptr && directions->value.string().starts_with('y');
    written.resize(delimited ? 2 : 1);
  }
  if (!call.order_by.empty() && function != "listagg_sorted" && !written.empty()) written.erase(written.begin());
  PrintCall({function, Lower(call.display.empty() ? call.function : call.display), written}, call.distinct);
  PrintTail(function, call.order_by, call.filter);
}

void NamePrinter::PrintUnresolved(const UnresolvedFunction& call) {
  const std::string name = call.name.empty() ? "" : Lower(call.name.back());
  PrintCall({name, name, call.args}, call.distinct);
  PrintTail(name, call.order_by, call.filter);
}

void NamePrinter::PrintTail(const std::string& function, const std::vector<ExprPtr>& order, const ExprPtr& filter) {
  if (!order.empty()) {
    out_ += " WITHIN GROUP (ORDER BY ";
    const bool mode = function.starts_with("mode");
    const bool brief = mode || function.starts_with("percentile");
    for (size_t i = 0; i < order.size(); ++i) {
      if (i > 0) out_ += ", ";
      const auto* sort = As<SortOrder>(order[i]);
      if (!brief || sort == nullptr) {
        Print(order[i]);
        continue;
      }
      Print(sort->child);
      // mode() looks for the smallest of several: Spark keeps that order reversed.
      if (sort->ascending == mode) out_ += " DESC";
    }
    out_ += ')';
  }
  if (filter != nullptr) {
    out_ += " FILTER (WHERE ";
    Print(filter);
    out_ += ')';
  }
}

void NamePrinter::PrintOrder(const SortOrder& order) {
  Print(order.child);
  out_ += order.ascending ? " ASC" : " DESC";
  out_ += order.nulls_first ? " NULLS FIRST" : " NULLS LAST";
}

void NamePrinter::PrintWindow(const WindowExpr& window) {
  Print(window.function);
  out_ += " OVER ";
  if (!window.window_name.empty()) {
    out_ += window.window_name;
    return;
  }
  out_ += '(';
  if (!window.partition_by.empty()) {
    out_ += "PARTITION BY ";
    PrintList(window.partition_by);
    out_ += ' ';
  }
  if (!window.order_by.empty()) {
    out_ += "ORDER BY ";
    PrintList(window.order_by);
    out_ += ' ';
  }
  PrintFrame(window);
  out_ += ')';
}

// "-2" for lag(x, 2), "2" for lead(x, 2).
std::string OffsetText(bool lag, const std::vector<ExprPtr>& args) {
  int64_t offset = 1;
  if (const auto* literal = args.size() > 1 ? As<Literal>(args[1]) : nullptr;
      literal != nullptr && !literal->value.is_null() && literal->value.type()->is_integral()) {
    offset = literal->value.integer();
  }
  return std::to_string(lag ? -offset : offset);
}

void NamePrinter::PrintFrame(const WindowExpr& window) {
  std::string name;
  const std::vector<ExprPtr>* args = nullptr;
  if (const auto* call = As<Call>(window.function)) {
    name = Lower(call->function);
    args = &call->args;
  } else if (const auto* unresolved = As<UnresolvedFunction>(window.function);
             unresolved && !unresolved->name.empty()) {
    name = Lower(unresolved->name.back());
    args = &unresolved->args;
  }
  if (name == "lag" || name == "lead") {
    const std::string offset = OffsetText(name == "lag", *args);
    out_ += "ROWS BETWEEN " + offset + " FOLLOWING AND " + offset + " FOLLOWING";
    return;
  }
  if (window.unit == FrameUnit::kDefault) {
    const bool by_row =
        name == "row_number" || name == "rank" || name == "dense_rank" || name == "percent_rank" || name == "ntile";
    if (by_row) {
      out_ += "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
    } else if (window.order_by.empty()) {
      out_ += "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING";
    } else {
      out_ += "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
    }
    return;
  }
  out_ += window.unit == FrameUnit::kRows ? "ROWS BETWEEN " : "RANGE BETWEEN ";
  PrintBound(window.lower, window.lower_offset);
  out_ += " AND ";
  PrintBound(window.upper, window.upper_offset);
}

void NamePrinter::PrintBound(FrameBound bound, const ExprPtr& offset) {
  switch (bound) {
    case FrameBound::kUnboundedPreceding: out_ += "UNBOUNDED PRECEDING"; return;
    case FrameBound::kUnboundedFollowing: out_ += "UNBOUNDED FOLLOWING"; return;
    case FrameBound::kCurrentRow: out_ += "CURRENT ROW"; return;
    case FrameBound::kPreceding:
    case FrameBound::kFollowing: Print(offset); out_ += bound == FrameBound::kPreceding ? " PRECEDING" : " FOLLOWING";
  }
}

void NamePrinter::PrintSubquery(const Subquery& subquery) {
  if (subquery.subquery == SubqueryKind::kIn) {
    out_ += '(';
    if (subquery.values.size() == 1) {
      Print(subquery.values[0]);
    } else {
      out_ += "named_struct(";
      for (size_t i = 0; i < subquery.values.size(); ++i) {
        const std::string name = ColumnNameOf(subquery.values[i]);
        out_ += (i > 0 ? ", '" : "'") + name + "', ";
        Print(subquery.values[i]);
      }
      out_ += ')';
    }
    out_ += " IN (listquery(";
  } else {
    out_ += subquery.subquery == SubqueryKind::kExists ? "exists(" : "scalarsubquery(";
  }
  std::vector<std::string> outer;
  Walk(subquery.plan, [&outer](const PlanPtr& node) {
    for (const ExprPtr& expression : ExpressionsOf(*node)) {
      Walk(expression, [&outer](const ExprPtr& part) {
        if (const auto* reference = As<OuterReference>(part)) {
          const std::string name = ColumnNameOf(reference->attribute);
          if (!Contains(outer, name)) outer.push_back(name);
        }
        return true;
      });
    }
    return true;
  });
  for (size_t i = 0; i < outer.size(); ++i) out_ += (i > 0 ? ", " : "") + outer[i];
  out_ += subquery.subquery == SubqueryKind::kIn ? ")))" : ")";
}

void NamePrinter::PrintLambda(const Lambda& lambda) {
  out_ += "lambdafunction(";
  Print(lambda.body);
  for (const ExprPtr& parameter : lambda.parameters) {
    out_ += ", ";
    Print(parameter);
  }
  out_ += ')';
}

void NamePrinter::PrintStar(const UnresolvedStar& star) {
  PrintNames(star.target);
  out_ += star.target.empty() ? "*" : ".*";
}

void NamePrinter::PrintUpdate(const UpdateField& update) {
  out_ += "update_fields(";
  Print(update.child);
  out_ += update.value != nullptr ? ", WithField(" : ", dropfield(";
  Print(update.value);
  out_ += "))";
}

void NamePrinter::PrintNames(const std::vector<std::string>& parts) {
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out_ += '.';
    out_ += QuoteIfNeeded(parts[i]);
  }
}

void NamePrinter::PrintList(const std::vector<ExprPtr>& expressions, size_t from) {
  for (size_t i = from; i < expressions.size(); ++i) {
    if (i > from) out_ += ", ";
    Print(expressions[i]);
  }
}

}  // namespace

std::string ColumnNameOf(const ExprPtr& expression) {
  // A column keeps its name through a cast.
  if (const auto* cast = As<Cast>(expression)) {
    if (const auto* column = As<Attribute>(cast->child)) return column->name;
    if (const auto* alias = As<Alias>(cast->child); alias != nullptr && !alias->names.empty()) return alias->name();
  }
  if (const auto* alias = As<Alias>(expression); alias != nullptr && !alias->names.empty()) return alias->name();
  return ExpressionSql(expression);
}

std::string ExpressionSql(const ExprPtr& expression) {
  NamePrinter printer;
  printer.Print(expression);
  return printer.Take();
}

}  // namespace centella
