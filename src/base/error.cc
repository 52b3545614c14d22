// The condition table and the text of errors.
#include "base/error.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <unordered_map>

namespace centella {
namespace {

constexpr std::string_view kIds[] = {
#define CENTELLA_CONDITION_NAME(id) #id,
#include "base/condition_names.def"
#undef CENTELLA_CONDITION_NAME
};

struct Row {
  Condition condition;
  std::string_view sqlstate;
  ExceptionClass exception;
  std::string_view parameters;  // names, separated by spaces
  std::string_view message;
};

constexpr Row kRows[] = {
#define CENTELLA_CONDITION(id, sqlstate, exception, parameters, message) \
  {Condition::id, sqlstate, ExceptionClass::exception, parameters, message},
#include "base/conditions.def"
#undef CENTELLA_CONDITION
};

// ---- what the compiler checks ---------------------------------------------------------------------------------------

constexpr bool HasWord(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    const size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == wanted) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

constexpr bool NamesAreSorted() {
  for (size_t i = 1; i < std::size(kIds); ++i) {
    if (kIds[i - 1] >= kIds[i]) return false;
  }
  return true;
}

// The enum is sorted by name, so rows that are in its order are sorted, and no two are the same.
constexpr bool RowsAreSorted() {
  for (size_t i = 1; i < std::size(kRows); ++i) {
    if (kRows[i - 1].condition >= kRows[i].condition) return false;
  }
  return true;
}

constexpr bool SqlStatesHaveFiveCharacters() {
  for (const Row& row : kRows) {
    const bool unnamed = kIds[static_cast<size_t>(row.condition)].starts_with("_LEGACY_ERROR_");
    if (row.sqlstate.size() != 5 && !(unnamed && row.sqlstate.empty())) return false;
  }
  return true;
}

constexpr bool SentencesUseParametersOnly() {
  for (const Row& row : kRows) {
    std::string_view rest = row.message;
    if (rest.empty()) return false;
    for (size_t open; (open = rest.find('<')) != std::string_view::npos;) {
      const size_t close = rest.find('>', open);
      if (close == std::string_view::npos || !HasWord(row.parameters, rest.substr(open + 1, close - open - 1)))
        return false;
      rest.remove_prefix(close + 1);
    }
  }
  return true;
}

static_assert(NamesAreSorted(), "condition_names.def: sorted, each name once");
static_assert(RowsAreSorted(), "conditions.def: sorted by id, each once");
static_assert(SqlStatesHaveFiveCharacters(), "conditions.def: a SQLSTATE has five characters");
static_assert(SentencesUseParametersOnly(), "conditions.def: a sentence's <name> is one of the row's parameters");

// What is known of each condition, indexed by it: its name with the dot of sub-conditions, and its row if it has one.
struct ConditionTable {
  std::vector<std::string> names;
  std::vector<ConditionInfo> infos;
  std::vector<std::string_view> parameters;
  std::unordered_map<std::string_view, Condition> by_name;  // those with a row

  ConditionTable() {
    names.reserve(std::size(kIds));
    parameters.resize(std::size(kIds));
    for (std::string_view id : kIds) {
      std::string& name = names.emplace_back(id);
      if (size_t at = name.find("__"); at != std::string::npos) name.replace(at, 2, ".");
      infos.push_back({name, "", ExceptionClass::kSpark, ""});
    }
    for (const Row& row : kRows) {
      ConditionInfo& info = infos[static_cast<size_t>(row.condition)];
      info = {info.name, row.sqlstate, row.exception, row.message};
      parameters[static_cast<size_t>(row.condition)] = row.parameters;
      by_name.emplace(info.name, row.condition);
    }
  }
};

const ConditionTable& Table() {
  static const ConditionTable* table = new ConditionTable();
  return *table;
}

// `message` with each <parameter> that is known replaced by its value.
std::string FillSentence(std::string_view message, const ErrorParameters& parameters) {
  std::string out;
  size_t at = 0;
  while (at < message.size()) {
    size_t open = message.find('<', at);
    if (open == std::string_view::npos) break;
    size_t close = message.find('>', open);
    if (close == std::string_view::npos) break;
    out.append(message.substr(at, open - at));
    auto found = parameters.find(std::string(message.substr(open + 1, close - open - 1)));
    if (found != parameters.end()) {
      out.append(found->second);
    } else {
      out.append(message.substr(open, close - open + 1));
    }
    at = close + 1;
  }
  out.append(message.substr(std::min(at, message.size())));
  return out;
}

// What follows the sentence: where in the user's program.
std::string DescribeContext(const ErrorContext& context) {
  std::string out;
  if (context.is_dataframe) {
    out = "\n== DataFrame ==\n\"" + context.fragment + "\" was called from\n" + context.call_site + "\n";
    return out;
  }
  out = "\n== SQL";
  if (!context.object_name.empty()) {
    out += " of " + (context.object_type.empty() ? std::string("object") : context.object_type) + " " +
           context.object_name;
  }
  if (context.start_index >= 0) out += " (position " + std::to_string(context.start_index + 1) + ")";
  out += " ==\n" + context.fragment + "\n";
  size_t width = std::min<size_t>(context.fragment.find('\n'), context.fragment.size());
  out += std::string(width, '^') + "\n";
  return out;
}

std::string FullText(const ConditionInfo& info, const ErrorParameters& parameters,
                     const std::vector<ErrorContext>& contexts) {
  // Conditions that Spark never named are shown without a name, and some have no SQLSTATE.
  std::string text;
  if (!info.name.starts_with("_LEGACY_ERROR_")) text = "[" + std::string(info.name) + "] ";
  text += FillSentence(info.message, parameters);
  if (!info.sqlstate.empty()) text += " SQLSTATE: " + std::string(info.sqlstate);
  for (const ErrorContext& context : contexts) text += DescribeContext(context);
  return text;
}

}  // namespace

const ConditionInfo& InfoOf(Condition condition) { return Table().infos[static_cast<size_t>(condition)]; }

const Condition* FindCondition(std::string_view name) {
  auto found = Table().by_name.find(name);
  return found == Table().by_name.end() ? nullptr : &found->second;
}

Error::Error(Condition condition, ErrorParameters parameters, std::vector<ErrorContext> contexts) {
#ifndef NDEBUG
  for (const auto& [name, value] : parameters) {
    assert(HasWord(Table().parameters[static_cast<size_t>(condition)], name) &&
           "a parameter that the condition's row doesn't have");
  }
#endif
  auto data = std::make_shared<Data>();
  data->condition = condition;
  data->parameters = std::move(parameters);
  data->contexts = std::move(contexts);
  data->text = FullText(InfoOf(condition), data->parameters, data->contexts);
  data_ = std::move(data);
}

std::string Error::Sentence() const { return FillSentence(info().message, data_->parameters); }

Error Error::WithContext(ErrorContext context) const {
  auto data = std::make_shared<Data>(*data_);
  data->contexts.push_back(std::move(context));
  data->text = FullText(info(), data->parameters, data->contexts);
  return Error(std::shared_ptr<const Data>(std::move(data)));
}

Error Error::WithCause(const Error& cause) const {
  auto data = std::make_shared<Data>(*data_);
  data->cause = std::make_shared<const Error>(cause);
  return Error(std::shared_ptr<const Data>(std::move(data)));
}

Error Error::WithDetail(const std::string& text) const {
  auto data = std::make_shared<Data>(*data_);
  data->text += text;
  return Error(std::shared_ptr<const Data>(std::move(data)));
}

void Raise(Condition condition, ErrorParameters parameters, std::vector<ErrorContext> contexts) {
  throw Error(condition, std::move(parameters), std::move(contexts));
}

void RaiseUnsupported(std::string_view what) {
  Raise(Condition::UNSUPPORTED_FEATURE__CENTELLA, {{"feature", std::string(what)}});
}

void RaiseInternal(const char* file, int line, std::string_view message) {
  std::string_view path(file);
  if (size_t slash = path.rfind('/'); slash != std::string_view::npos) path.remove_prefix(slash + 1);
  Raise(Condition::INTERNAL_ERROR,
        {{"message", std::string(message) + " (" + std::string(path) + ":" + std::to_string(line) + ")"}});
}

}  // namespace centella
