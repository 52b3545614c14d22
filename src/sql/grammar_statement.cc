// Statements other than queries: views, SHOW, DESCRIBE, EXPLAIN, SET, USE, CACHE, INSERT …
//
// Small ones become Command by name. What Centella has no statement for is refused by name, so that nobody reads a
// syntax error where the syntax is right.
#include <algorithm>
#include <array>

#include "sql/grammar.h"

namespace centella {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string Trimmed(std::string_view text) {
  const size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return "";
  return std::string(text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1));
}

// Statements that Spark has and Centella doesn't.
constexpr std::array<std::string_view, 17> kRefused = {"ALTER",  "ANALYZE",  "BEGIN",  "CALL",    "COMMENT", "DECLARE",
                                                       "DELETE", "FETCH",    "LOAD",   "MERGE",   "MSCK",    "OPEN",
                                                       "REPAIR", "TRUNCATE", "UPDATE", "EXECUTE", "CLOSE"};
// Statements of Hive that Spark names but doesn't have.
constexpr std::array<std::string_view, 10> kNotAllowed = {"GRANT",  "REVOKE", "EXPORT", "IMPORT",   "LOCK",
                                                          "UNLOCK", "START",  "COMMIT", "ROLLBACK", "DFS"};

}  // namespace

PlanPtr Grammar::SingleStatement() {
  if (sql_.find_first_not_of(" \t\r\n") == std::string_view::npos) Raise(Condition::PARSE_EMPTY_STATEMENT);
  PlanPtr plan = Statement();
  ExpectEnd();
  return plan;
}

Names Grammar::SingleMultipartIdentifier() {
  Names parts = MultipartIdentifier();
  if (Peek().kind != TokenKind::kEnd)
    SyntaxError(0, AtEnd(1) ? ": extra input '" + std::string(Peek().text) + "'" : "");
  return parts;
}

PlanPtr Grammar::Statement() {
  Nesting nesting(this);
  if (AtAny({"SELECT", "WITH", "FROM", "VALUES", "TABLE", "MAP", "REDUCE"}) || AtSymbol("(")) return Query();
  if (At("CREATE")) return Create();
  if (At("REPLACE")) Refuse("REPLACE TABLE");
  if (At("DROP")) return DropRule();
  if (At("SHOW")) return Show();
  if (AtAny({"DESCRIBE", "DESC"})) return Describe();
  if (At("EXPLAIN")) return ExplainRule();
  if (At("SET")) return Set();
  if (At("RESET")) return Reset();
  if (At("USE")) return Use();
  if (At("CACHE")) return Cache();
  if (At("UNCACHE")) return Uncache();
  if (AtWords({"CLEAR", "CACHE"})) {
    next_ += 2;
    return NewCommand("clear_cache");
  }
  if (At("REFRESH")) return Refresh();
  if (At("INSERT")) return Insert();
  const Token& token = Peek();
  if (token.kind == TokenKind::kWord && AtEnd(1))
    SyntaxError(std::find(kRefused.begin(), kRefused.end(), token.word) != kRefused.end() ? 1 : 0);
  if (token.Is("ADD") && AtAny({"JAR", "JARS", "FILE", "FILES", "ARCHIVE", "ARCHIVES"}, 1))
    Refuse("ADD " + Peek(1).word);
  if (token.Is("LIST") && AtAny({"JAR", "JARS", "FILE", "FILES", "ARCHIVE", "ARCHIVES"}, 1)) {
    Refuse("LIST " + Peek(1).word);
  }
  if (token.kind == TokenKind::kWord) {
    if (std::find(kRefused.begin(), kRefused.end(), token.word) != kRefused.end()) {
      const bool second =
          AtIdentifier(1) &&
          AtAny({"TABLE", "VIEW", "DATABASE", "SCHEMA", "REPAIR", "INTO", "FROM", "DATA", "ON", "NAMESPACE"}, 1);
      if (second && AtEnd(2)) SyntaxError(2);
      Refuse("the statement " + token.word + (second ? " " + Peek(1).word : ""));
    }
    if (std::find(kNotAllowed.begin(), kNotAllowed.end(), token.word) != kNotAllowed.end()) {
      const std::string operation = token.word;
      const size_t first = next_;
      while (!AtEnd()) Take();
      Fail(Condition::INVALID_STATEMENT_OR_CLAUSE, {{"operation", operation}}, first);
    }
  }
  SyntaxError();
}

std::shared_ptr<Command> Grammar::NewCommand(std::string name) const {
  auto command = std::make_shared<Command>();
  command->name = std::move(name);
  return command;
}

// Everything up to the end as written, without a semicolon.
std::string Grammar::RestOfStatement() {
  const size_t first = next_;
  if (Peek().kind == TokenKind::kEnd) return "";
  while (Peek().kind != TokenKind::kEnd && !(AtSymbol(";") && Peek(1).kind == TokenKind::kEnd)) Take();
  return next_ == first ? "" : TextFrom(first);
}

bool Grammar::IfExists() { return AcceptWords({"IF", "EXISTS"}); }
bool Grammar::IfNotExists() { return AcceptWords({"IF", "NOT", "EXISTS"}); }

// ---- CREATE, DROP -------------------------------------------------------------------------------------------------

PlanPtr Grammar::Create() {
  Take();
  const bool replace = AcceptWords({"OR", "REPLACE"});
  if (AtEnd()) SyntaxError();
  if (AtAny({"GLOBAL", "LOCAL", "TEMPORARY", "TEMP", "VIEW"}) && !At("FUNCTION", 1)) return CreateViewRule(replace);
  if (AtAny({"TABLE", "EXTERNAL"}) || AtWords({"TEMPORARY", "TABLE"})) {
    if (replace) Refuse("CREATE OR REPLACE TABLE");
    return CreateTable();
  }
  if (AtAny({"FUNCTION", "DATABASE", "SCHEMA", "NAMESPACE", "INDEX", "MATERIALIZED", "STREAMING", "FLOW", "ROLE",
             "TEMPORARY", "TEMP"})) {
    if (AtEnd(1)) SyntaxError(1);
    Refuse("CREATE " + (AtAny({"TEMPORARY", "TEMP"}) ? Peek(1).word : Peek().word));
  }
  SyntaxError();
}

// (name type [, …]): the text between the parentheses; empty, and nothing taken, when the columns have no types.
std::string Grammar::TypedColumns() {
  if (!AtSymbol("(") || AtSymbol(",", 2) || AtSymbol(")", 2) || At("COMMENT", 2)) return "";
  Take();
  const size_t first = next_;
  for (int depth = 1; depth > 0; Take()) {
    if (AtEnd()) SyntaxError();
    depth += AtSymbol("(") ? 1 : AtSymbol(")") ? -1 : 0;
  }
  const std::string text = TextFrom(first);
  return text.substr(0, text.size() - 1);
}

// [GLOBAL] [TEMPORARY] VIEW [IF NOT EXISTS] name [(columns)] … AS query, or USING format OPTIONS (…)
PlanPtr Grammar::CreateViewRule(bool replace) {
  const size_t first = next_;
  auto view = std::make_shared<CreateView>();
  view->replace = replace;
  view->global = Accept("GLOBAL");
  if (!view->global) Accept("LOCAL");
  view->temporary = Accept("TEMPORARY") || Accept("TEMP");
  Expect("VIEW");
  view->if_not_exists = IfNotExists();
  view->name = MultipartIdentifier();
  const std::string schema = TypedColumns();
  if (!schema.empty() && !At("USING")) SyntaxError();
  if (At("USING")) {
    Take();
    auto source = std::make_shared<UnresolvedDataSource>();
    source->schema = schema;
    Names format = MultipartIdentifier();
    for (size_t i = 0; i < format.size(); ++i) source->format += (i > 0 ? "." : "") + format[i];
    if (At("OPTIONS")) {
      Take();
      source->options = Properties();
    }
    const auto path = source->options.find("path");
    if (path != source->options.end()) {
      source->paths.push_back(path->second);
      source->options.erase(path);
    }
    view->child = std::move(source);
    return view;
  }
  const bool refused = view->temporary && view->if_not_exists;
  if (AcceptSymbol("(")) {
    do {
      view->columns.push_back(Identifier());
      if (AtEnd()) SyntaxError();
      if (Accept("COMMENT")) StringLiteral();
      if (!AtSymbol(",") && !AtSymbol(")")) SyntaxError();
    } while (AcceptSymbol(","));
    ExpectSymbol(")", true);
  }
  while (!At("AS") && !AtEnd()) {
    if (Accept("COMMENT")) {
      StringLiteral();
    } else if (At("TBLPROPERTIES")) {
      Take();
      Properties();
      if (view->temporary) {
        while (!AtEnd()) Take();
        Fail(Condition::_LEGACY_ERROR_TEMP_0035,
             {{"message", "TBLPROPERTIES can't coexist with CREATE TEMPORARY VIEW"}}, first - 1);
      }
    } else if (AtWords({"WITH", "SCHEMA"})) {
      next_ += 2;
      Take();
    } else {
      SyntaxError();
    }
  }
  Expect("AS");
  const size_t query = next_;
  view->child = Query();
  view->text = TextFrom(query);
  if (view->temporary && view->name.size() > 1 && !(view->global && view->name.size() == 2)) {
    std::string qualifier;
    for (size_t i = 0; i + 1 < view->name.size(); ++i) qualifier += (i > 0 ? ".`" : "`") + view->name[i] + "`";
    Fail(Condition::INVALID_TEMP_OBJ_QUALIFIER,
         {{"objectType", "VIEW"}, {"objectName", "`" + view->name.back() + "`"}, {"qualifier", qualifier}}, 0);
  }
  if (refused) Fail(Condition::_LEGACY_ERROR_TEMP_0053, {}, 0);
  return view;
}

// TABLE [IF NOT EXISTS] name … AS query becomes a write; without a query it is a command.
PlanPtr Grammar::CreateTable() {
  if (At("EXTERNAL") || At("TEMPORARY")) Refuse("CREATE " + Peek().word + " TABLE");
  Take();
  auto write = std::make_shared<WriteFiles>();
  write->table_method = "save_as_table";
  const bool if_not_exists = IfNotExists();
  write->mode = if_not_exists ? SaveMode::kIgnore : SaveMode::kError;
  write->table = MultipartIdentifier();
  std::string columns;
  if (AtSymbol("(")) {
    const size_t open = next_;
    const size_t closing = FindClosing(next_);
    next_ = std::min(closing + 1, tokens_.size() - 1);
    columns = TextFrom(open);
    if (columns.size() > 1) columns = Trimmed(std::string_view(columns).substr(1, columns.size() - 2));
  }
  while (!AtEnd() && !At("AS") && !AtQuery()) {
    if (Accept("USING")) {
      Names format = MultipartIdentifier();
      for (size_t i = 0; i < format.size(); ++i) write->format += (i > 0 ? "." : "") + format[i];
    } else if (Accept("OPTIONS")) {
      for (auto& [key, value] : Properties()) write->options[key] = value;
    } else if (AcceptWords({"PARTITIONED", "BY"})) {
      write->partition_by = IdentifierList();
    } else if (Accept("LOCATION")) {
      write->path = StringLiteral();
    } else if (Accept("COMMENT")) {
      StringLiteral();
    } else if (Accept("TBLPROPERTIES")) {
      Properties();
    } else if (AtAny({"CLUSTERED", "CLUSTER", "STORED", "ROW", "SKEWED", "LIKE", "DEFAULT"})) {
      Refuse("the clause " + Peek().word + " of CREATE TABLE");
    } else {
      SyntaxError();
    }
  }
  Accept("AS");
  if (!AtEnd()) {
    write->child = Query();
    if (!columns.empty()) Refuse("CREATE TABLE with both columns and a query");
    return write;
  }
  auto command = NewCommand("create_table");
  command->target = write->table;
  command->arguments["columns"] = columns;
  command->arguments["format"] = write->format;
  command->arguments["location"] = write->path;
  command->arguments["if_not_exists"] = if_not_exists ? "true" : "false";
  std::string partitions;
  for (const std::string& name : write->partition_by) partitions += (partitions.empty() ? "" : ",") + name;
  command->arguments["partition_by"] = partitions;
  for (const auto& [key, value] : write->options) command->arguments["option." + key] = value;
  return command;
}

// DROP [TEMPORARY] VIEW | TABLE [IF EXISTS] name
PlanPtr Grammar::DropRule() {
  Take();
  const bool temporary = Accept("TEMPORARY") || Accept("TEMP");
  if (AtAny({"FUNCTION", "DATABASE", "SCHEMA", "NAMESPACE", "INDEX", "VARIABLE", "ROLE"})) {
    if (AtEnd(1)) SyntaxError(1);
    Refuse("DROP " + Peek().word);
  }
  if (temporary || !AtAny({"VIEW", "TABLE"})) SyntaxError();
  auto command = NewCommand(Take().Is("VIEW") ? "drop_view" : "drop_table");
  command->arguments["if_exists"] = IfExists() ? "true" : "false";
  command->target = MultipartIdentifier();
  if (command->name == "drop_table") command->arguments["purge"] = Accept("PURGE") ? "true" : "false";
  return command;
}

// ---- SHOW, DESCRIBE, EXPLAIN --------------------------------------------------------------------------------------

// [FROM | IN] name
void Grammar::OptionalTarget(Command* command) {
  if (Accept("FROM") || Accept("IN")) command->target = MultipartIdentifier();
}

PlanPtr Grammar::Show() {
  Take();
  if (AtEnd()) SyntaxError();
  const auto with_pattern = [this](std::shared_ptr<Command> command) -> PlanPtr {
    OptionalTarget(command.get());
    if (Accept("LIKE") || AtString()) command->arguments["pattern"] = StringLiteral();
    return command;
  };
  if (AcceptWords({"TABLES"})) return with_pattern(NewCommand("show_tables"));
  if (AcceptWords({"VIEWS"})) return with_pattern(NewCommand("show_views"));
  if (Accept("DATABASES") || Accept("SCHEMAS") || Accept("NAMESPACES"))
    return with_pattern(NewCommand("show_databases"));
  if (Accept("CATALOGS")) return with_pattern(NewCommand("show_catalogs"));
  if (Accept("COLUMNS")) {
    auto command = NewCommand("show_columns");
    if (!AtAny({"FROM", "IN"})) SyntaxError();
    const size_t name = next_ + 1;
    OptionalTarget(command.get());
    command->origin = OriginFrom(name);
    if (Accept("FROM") || Accept("IN")) {
      Names database = MultipartIdentifier();
      command->target.insert(command->target.begin(), database.begin(), database.end());
    }
    return command;
  }
  const size_t ahead = AtAny({"USER", "SYSTEM", "ALL"}) ? 1 : 0;
  if (At("FUNCTIONS", ahead)) {
    auto command = NewCommand("show_functions");
    command->arguments["scope"] = ahead == 1 ? Lower(Take().text) : "all";
    Take();
    OptionalTarget(command.get());
    Accept("LIKE");
    if (AtString()) {
      command->arguments["pattern"] = StringLiteral();
    } else if (AtIdentifier()) {
      Names name = MultipartIdentifier();
      command->arguments["pattern"] = name.back();
    }
    return command;
  }
  if (AcceptWords({"TBLPROPERTIES"})) {
    auto command = NewCommand("show_table_properties");
    command->target = MultipartIdentifier();
    if (AcceptSymbol("(")) {
      command->arguments["key"] = PropertyKey();
      ExpectSymbol(")");
    }
    return command;
  }
  if (AcceptWords({"CURRENT", "NAMESPACE"}) || AcceptWords({"CURRENT", "DATABASE"})) {
    return NewCommand("show_current_namespace");
  }
  if (AtAny({"CREATE", "PARTITIONS", "TABLE", "PROCEDURES", "CACHED", "INDEXES", "TRANSACTIONS", "ROLES", "GRANT"}) &&
      !AtEnd(1)) {
    Refuse("SHOW " + Peek().word + (At("CREATE") || At("TABLE") ? " " + std::string(Peek(1).text) : ""));
  }
  SyntaxError(AtIdentifier() && AtEnd(1) ? 1 : 0, AtIdentifier() && AtEnd(1) ? ": missing 'FUNCTIONS'" : "");
}

// DESCRIBE [TABLE] [EXTENDED | FORMATTED] name [column], DESCRIBE [QUERY] query, FUNCTION, DATABASE
PlanPtr Grammar::Describe() {
  Take();
  if (AtEnd()) SyntaxError();
  if (At("FUNCTION") && !AtEnd(1)) {
    Take();
    auto command = NewCommand("describe_function");
    command->arguments["extended"] = At("EXTENDED") && !AtEnd(1) && Accept("EXTENDED") ? "true" : "false";
    if (AtString()) {
      command->target = {StringLiteral()};
    } else if (Peek().kind == TokenKind::kSymbol) {
      command->target = {std::string(Take().text)};
    } else {
      command->target = MultipartIdentifier();
    }
    return command;
  }
  if (AtAny({"DATABASE", "SCHEMA", "NAMESPACE"}) && AtIdentifier(1)) {
    Take();
    auto command = NewCommand("describe_database");
    command->arguments["extended"] = At("EXTENDED") && AtIdentifier(1) && Accept("EXTENDED") ? "true" : "false";
    command->target = MultipartIdentifier();
    return command;
  }
  if (AtAny({"CATALOG", "PROCEDURE"}) && AtIdentifier(1)) Refuse("DESCRIBE " + Peek().word);
  const bool query = At("QUERY") && AtQuery(1);
  if (query || (AtQuery() && !At("TABLE"))) {
    if (query) Take();
    const size_t first = next_;
    auto command = NewCommand("describe_query");
    command->child = Query();
    command->arguments["text"] = TextFrom(first);
    return command;
  }
  if (At("TABLE") && AtIdentifier(1)) Take();
  auto command = NewCommand("describe_table");
  command->arguments["extended"] = "false";
  if (AtAny({"EXTENDED", "FORMATTED"}) && AtIdentifier(1)) {
    Take();
    command->arguments["extended"] = "true";
  }
  const size_t name = next_;
  command->target = MultipartIdentifier();
  command->origin = OriginFrom(name);
  if (At("PARTITION") && AtSymbol("(", 1)) Refuse("DESCRIBE of a partition");
  if (AtWords({"AS", "JSON"})) Refuse("DESCRIBE … AS JSON");
  if (AtIdentifier()) {
    Names column = MultipartIdentifier();
    std::string joined;
    for (const std::string& part : column) joined += (joined.empty() ? "" : ".") + part;
    command->arguments["column"] = joined;
  }
  return command;
}

PlanPtr Grammar::ExplainRule() {
  Take();
  auto explain = std::make_shared<Explain>();
  constexpr std::array<std::pair<std::string_view, ExplainMode>, 5> kModes = {{{"LOGICAL", ExplainMode::kSimple},
                                                                               {"FORMATTED", ExplainMode::kFormatted},
                                                                               {"EXTENDED", ExplainMode::kExtended},
                                                                               {"CODEGEN", ExplainMode::kCodegen},
                                                                               {"COST", ExplainMode::kCost}}};
  for (const auto& [word, mode] : kModes) {
    if (!At(word)) continue;
    if (word == "LOGICAL") Refuse("EXPLAIN LOGICAL");
    Take();
    explain->mode = mode;
    break;
  }
  explain->child = Statement();
  return explain;
}

// ---- SET, RESET, USE ----------------------------------------------------------------------------------------------

// SET, SET -v, SET key, SET key=value: keys and values are taken as written.
PlanPtr Grammar::Set() {
  if (AtWords({"SET", "TIME", "ZONE"})) return SetTimeZone();
  Take();
  if (AtAny({"CATALOG", "ROLE"}) && AtIdentifier(1)) Refuse("SET " + Peek().word);
  if (AtAny({"VAR", "VARIABLE", "SESSION"}) && AtIdentifier(1)) Refuse("session variables");
  auto command = NewCommand("set");
  if (AtSymbol("-") && At("V", 1)) {
    next_ += 2;
    command->arguments["verbose"] = "true";
    return command;
  }
  const std::string text = RestOfStatement();
  if (text.empty()) return command;
  const auto unquoted = [](std::string_view part) {
    const std::string trimmed = Trimmed(part);
    const bool quoted = trimmed.size() >= 2 && trimmed.front() == '`' && trimmed.back() == '`';
    return quoted ? UnquoteIdentifier(trimmed) : trimmed;
  };
  const size_t equals = text.find('=');
  command->arguments["key"] = unquoted(std::string_view(text).substr(0, equals));
  if (equals != std::string::npos) command->arguments["value"] = unquoted(std::string_view(text).substr(equals + 1));
  return command;
}

// SET TIME ZONE LOCAL | 'zone' | INTERVAL '1' HOUR
PlanPtr Grammar::SetTimeZone() {
  next_ += 3;
  auto command = NewCommand("set_time_zone");
  if (Accept("LOCAL")) {
    command->arguments["local"] = "true";
    return command;
  }
  if (AtString()) {
    command->arguments["zone"] = StringLiteral();
    return command;
  }
  if (!AtInterval()) SyntaxError();
  const size_t first = next_;
  const ExprPtr interval = Interval();
  const Value& value = To<Literal>(interval).value;
  constexpr int64_t kSecond = 1000000;
  if (!value.type()->is(TypeId::kDayTimeInterval) || value.integer() % kSecond != 0 ||
      std::abs(value.integer()) > 18 * 3600 * kSecond) {
    Fail(Condition::_LEGACY_ERROR_TEMP_0064,
         {{"msg", "The interval value must be in the range of [-18, +18] hours with second precision"}}, first);
  }
  const int64_t seconds = std::abs(value.integer()) / kSecond;
  const auto two = [](int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  std::string zone = (value.integer() < 0 ? "-" : "+") + two(seconds / 3600) + ":" + two(seconds / 60 % 60);
  if (seconds % 60 != 0) zone += ":" + two(seconds % 60);
  command->arguments["zone"] = std::move(zone);
  return command;
}

PlanPtr Grammar::Reset() {
  Take();
  auto command = NewCommand("reset");
  const std::string key = RestOfStatement();
  if (!key.empty()) command->arguments["key"] = key.starts_with('`') ? UnquoteIdentifier(key) : key;
  return command;
}

PlanPtr Grammar::Use() {
  Take();
  const bool database = AtAny({"DATABASE", "SCHEMA", "NAMESPACE"}) && AtIdentifier(1);
  if (database) Take();
  auto command = NewCommand(database ? "use_database" : "use");
  command->target = MultipartIdentifier();
  return command;
}

// ---- CACHE, REFRESH -----------------------------------------------------------------------------------------------

// CACHE [LAZY] TABLE name [OPTIONS (…)] [[AS] query]
PlanPtr Grammar::Cache() {
  Take();
  auto command = NewCommand("cache_table");
  command->arguments["lazy"] = Accept("LAZY") ? "true" : "false";
  Expect("TABLE");
  command->target = MultipartIdentifier();
  if (Accept("OPTIONS")) {
    for (auto& [key, value] : Properties()) command->arguments["option." + key] = value;
  }
  const bool has_as = Accept("AS");
  if (has_as || !AtEnd()) {
    const size_t first = next_;
    command->child = Query();
    command->arguments["text"] = TextFrom(first);
    if (command->target.size() > 1) {
      std::string qualifier;
      for (size_t i = 0; i + 1 < command->target.size(); ++i) qualifier += (i > 0 ? "." : "") + command->target[i];
      Fail(Condition::_LEGACY_ERROR_TEMP_0037, {{"quoted", qualifier}}, 0);
    }
  }
  return command;
}

PlanPtr Grammar::Uncache() {
  Take();
  Expect("TABLE");
  auto command = NewCommand("uncache_table");
  command->arguments["if_exists"] = IfExists() ? "true" : "false";
  command->target = MultipartIdentifier();
  return command;
}

// REFRESH TABLE name, REFRESH FUNCTION name, REFRESH path
PlanPtr Grammar::Refresh() {
  Take();
  if (AtEnd()) SyntaxError();
  if (At("FUNCTION") && !AtEnd(1)) Refuse("REFRESH FUNCTION");
  if (At("TABLE") && !AtEnd(1)) {
    Take();
    auto command = NewCommand("refresh_table");
    command->target = MultipartIdentifier();
    return command;
  }
  auto command = NewCommand("refresh_path");
  command->arguments["path"] = AtString() ? StringLiteral() : RestOfStatement();
  return command;
}

// ---- INSERT -------------------------------------------------------------------------------------------------------

// INSERT INTO | OVERWRITE [TABLE] name [(columns)] query, INSERT OVERWRITE [LOCAL] DIRECTORY …
PlanPtr Grammar::Insert() {
  Take();
  if (!AtAny({"INTO", "OVERWRITE"})) SyntaxError();
  const bool overwrite = Take().Is("OVERWRITE");
  if (AtEnd()) SyntaxError();
  if (AtAny({"DIRECTORY", "LOCAL"}) && !AtEnd(1)) return InsertDirectory(overwrite);
  if (At("TABLE") && AtIdentifier(1)) Take();
  auto write = std::make_shared<WriteFiles>();
  write->table_method = "insert_into";
  write->mode = overwrite ? SaveMode::kOverwrite : SaveMode::kAppend;
  const size_t name = next_;
  write->table = MultipartIdentifier();
  write->origin = OriginFrom(name);
  if (At("WITH") && AtSymbol("(", 1)) {
    Take();
    write->options = Properties();
  }
  if (At("PARTITION") && AtSymbol("(", 1)) Refuse("INSERT with a PARTITION clause");
  if (AtAny({"REPLACE"}) && At("WHERE", 1)) Refuse("INSERT … REPLACE WHERE");
  if (AtWords({"BY", "NAME"})) Refuse("INSERT … BY NAME");
  if (AtSymbol("(") && !AtQuery(1)) Refuse("INSERT with a list of columns");
  write->child = Query();
  return write;
}

// [LOCAL] DIRECTORY ['path'] USING format [OPTIONS (…)] query
PlanPtr Grammar::InsertDirectory(bool overwrite) {
  Accept("LOCAL");
  Expect("DIRECTORY");
  if (!overwrite) SyntaxError();
  auto write = std::make_shared<WriteFiles>();
  write->mode = SaveMode::kOverwrite;
  if (AtString()) write->path = StringLiteral();
  if (AtAny({"ROW", "STORED"})) Refuse("Hive formats of INSERT OVERWRITE DIRECTORY");
  Expect("USING");
  Names format = MultipartIdentifier();
  for (size_t i = 0; i < format.size(); ++i) write->format += (i > 0 ? "." : "") + format[i];
  if (Accept("OPTIONS")) write->options = Properties();
  const auto path = write->options.find("path");
  if (path != write->options.end()) {
    write->path = path->second;
    write->options.erase(path);
  }
  write->child = Query();
  return write;
}

}  // namespace centella
