// The one error type of the engine: Spark's condition, SQLSTATE, parameters and query context.
//
// Every failure a user can cause is raised with Raise(Condition::X, {{"name", "value"}...}); the condition table
// (conditions.def) gives SQLSTATE, the exception class that PySpark raises, and our sentence.
// Failures of our own are CENTELLA_CHECK, which raises INTERNAL_ERROR with the values that broke it.
#pragma once

#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace centella {

// All conditions. An identifier's double underscore stands for the dot of a sub-condition:
// UNRESOLVED_COLUMN__WITH_SUGGESTION is Spark's UNRESOLVED_COLUMN.WITH_SUGGESTION. Every condition of Spark has a name
// here; those that the engine raises have a row in conditions.def (the tidy test refuses a raise without one).
enum class Condition : uint16_t {
#define CENTELLA_CONDITION_NAME(id) id,
#include "base/condition_names.def"
#undef CENTELLA_CONDITION_NAME
};

// Which exception class a Spark client raises for a condition (the server maps it to the JVM class names
// that PySpark's error conversion knows).
enum class ExceptionClass : uint8_t {
  kAnalysis,
  kParse,
  kArithmetic,
  kArrayIndex,
  kDateTime,
  kNumberFormat,
  kIllegalArgument,
  kUnsupportedOperation,
  kRuntime,
  kSpark,
  kTempTableExists,
  kNoSuchElement,
  kInvalidPlan,  // a Connect plan that means nothing
};

struct ConditionInfo {
  std::string_view name;  // "UNRESOLVED_COLUMN.WITH_SUGGESTION"
  std::string_view sqlstate;
  ExceptionClass exception;
  std::string_view message;  // our sentence; <param> is replaced by the parameter
};

// The table's row; never fails.
const ConditionInfo& InfoOf(Condition condition);

// The condition with this name, or nullptr.
const Condition* FindCondition(std::string_view name);

// Where in the user's program an error arose: a fragment of SQL text or a DataFrame call.
struct ErrorContext {
  bool is_dataframe = false;
  std::string fragment;     // the SQL fragment, or the DataFrame function's name
  std::string call_site;    // DataFrame only
  std::string object_type;  // "VIEW" …, mostly empty
  std::string object_name;
  int start_index = -1;  // first and last character of the fragment in the statement, zero-based
  int stop_index = -1;
};

using ErrorParameters = std::map<std::string, std::string>;

// Copyable; what() is the whole message: "[CONDITION] sentence SQLSTATE: 12345" with the query context below.
class Error : public std::exception {
 public:
  Error(Condition condition, ErrorParameters parameters, std::vector<ErrorContext> contexts = {});

  Condition condition() const { return data_->condition; }
  const ConditionInfo& info() const { return InfoOf(data_->condition); }
  const ErrorParameters& parameters() const { return data_->parameters; }
  const std::vector<ErrorContext>& contexts() const { return data_->contexts; }
  // Error that caused this one, or nullptr.
  const Error* cause() const { return data_->cause.get(); }
  const char* what() const noexcept override { return data_->text.c_str(); }
  // The sentence without the condition's brackets.
  std::string Sentence() const;

  // Copies with one more context or a cause.
  Error WithContext(ErrorContext context) const;
  Error WithCause(const Error& cause) const;
  // A copy whose what() goes on with `text` (a parser shows the statement and the place in it).
  Error WithDetail(const std::string& text) const;

 private:
  struct Data {
    Condition condition;
    ErrorParameters parameters;
    std::vector<ErrorContext> contexts;
    std::shared_ptr<const Error> cause;
    std::string text;
  };
  explicit Error(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  std::shared_ptr<const Data> data_;
};

[[noreturn]] void Raise(Condition condition, ErrorParameters parameters = {}, std::vector<ErrorContext> contexts = {});

// For what isn't built yet: UNSUPPORTED_FEATURE.CENTELLA, whose sentence names `what`.
[[noreturn]] void RaiseUnsupported(std::string_view what);

[[noreturn]] void RaiseInternal(const char* file, int line, std::string_view message);

// Our own bug, not the user's: raises INTERNAL_ERROR (XX000). `message` may be any expression giving a string.
#define CENTELLA_CHECK(condition, message)                                                     \
  do {                                                                                         \
    if (!(condition)) [[unlikely]]                                                             \
      ::centella::RaiseInternal(__FILE__, __LINE__, std::string(#condition ": ") + (message)); \
  } while (false)

}  // namespace centella
