// The condition table and the text of errors.
#include "base/error.h"

#include <algorithm>
#include <array>
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
  std::string_view message;
};

constexpr Row kRows[] = {
#define CENTELLA_CONDITION(id, sqlstate, exception, message) \
  {Condition::id, sqlstate, ExceptionClass::exception, message},
#include "base/conditions.def"
#undef CENTELLA_CONDITION
};

// What is known of each condition, indexed by it: its name with the dot of sub-conditions, and its row if it has one.
struct ConditionTable {
  std::vector<std::string> names;
  std::vector<ConditionInfo> infos;
  std::unordered_map<std::string_view, Condition> by_name;  // those with a row

  ConditionTable() {
    names.reserve(std::size(kIds));
    for (std::string_view id : kIds) {
      std::string& name = names.emplace_back(id);
      if (size_t at = name.find("__"); at != std::string::npos) name.replace(at, 2, ".");
      infos.push_back({name, "", ExceptionClass::kSpark, ""});
    }
    for (const Row& row : kRows) {
      ConditionInfo& info = infos[static_cast<size_t>(row.condition)];
      info = {info.name, row.sqlstate, row.exception, row.message};
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
