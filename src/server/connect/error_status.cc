// See error_status.h.
#include "server/connect/error_status.h"

#include <google/protobuf/any.pb.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <new>

#include "session/session.h"
#include "spark/connect/base.pb.h"

namespace centella::connect {
namespace {

// gRPC clients refuse headers beyond 8 KB, and the message travels in three encodings.
constexpr size_t kMaxMessageBytes = 1024;
constexpr size_t kMaxParameterBytes = 1024;

std::string JsonString(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string json = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      json += "\\u00";
      json += kDigits[c >> 4];
      json += kDigits[c & 15];
    } else {
      json += c;
    }
  }
  return json + "\"";
}

// At most `limit` bytes, cut between characters.
std::string Shortened(const std::string& text, size_t limit) {
  if (text.size() <= limit) return text;
  size_t end = limit - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

// Protobuf strings must be UTF-8; user data in messages may not be.
std::string ValidUtf8(const std::string& text) {
  std::string valid;
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80                   ? 1
                          : lead >= 0xc2 && lead < 0xe0 ? 2
                          : (lead >> 4) == 14           ? 3
                          : (lead >> 3) == 30           ? 4
                                                        : 0;
    bool good = length > 0 && i + length <= text.size();
    for (size_t k = 1; good && k < length; ++k) good = (static_cast<unsigned char>(text[i + k]) & 0xc0) == 0x80;
    if (good) {
      valid.append(text, i, length);
      i += length;
    } else {
      valid += "\xef\xbf\xbd";
      ++i;
    }
  }
  return valid;
}

std::vector<std::string> With(std::vector<std::string> classes) {
  classes.push_back("java.lang.Throwable");
  classes.push_back("java.lang.Object");
  return classes;
}

// Conditions that Spark hasn't named yet have no SQLSTATE for its clients.
bool HasSqlState(const Error& error) {
  return !error.info().sqlstate.empty() && !error.info().name.starts_with("_LEGACY_ERROR_TEMP_");
}

// A few conditions are thrown as several classes.
ExceptionClass ClassOf(const Error& error) {
  if (error.condition() == Condition::CAST_INVALID_INPUT) {
    const auto target = error.parameters().find("targetType");
    const std::string_view type = target == error.parameters().end() ? std::string_view() : target->second;
    if (type.starts_with("\"DATE") || type.starts_with("\"TIME")) return ExceptionClass::kDateTime;
    if (type.starts_with("\"BOOLEAN")) return ExceptionClass::kRuntime;
  }
  if (error.condition() == Condition::SCALAR_SUBQUERY_TOO_MANY_ROWS && error.contexts().empty()) {
    return ExceptionClass::kRuntime;
  }
  return error.info().exception;
}

void FillError(const Error& error, ::spark::connect::FetchErrorDetailsResponse_Error* out) {
  for (const std::string& name : JvmClassesOf(error)) out->add_error_type_hierarchy(name);
  out->set_message(ValidUtf8(error.what()));
  auto* throwable = out->mutable_spark_throwable();
  throwable->set_error_class(std::string(error.info().name));
  if (HasSqlState(error)) throwable->set_sql_state(std::string(error.info().sqlstate));
  for (const auto& [key, value] : error.parameters()) {
    (*throwable->mutable_message_parameters())[key] = ValidUtf8(value);
  }
  using Context = ::spark::connect::FetchErrorDetailsResponse_QueryContext;
  for (const ErrorContext& context : error.contexts()) {
    Context* added = throwable->add_query_contexts();
    added->set_context_type(context.is_dataframe ? Context::DATAFRAME : Context::SQL);
    added->set_fragment(ValidUtf8(context.fragment));
    if (context.is_dataframe) {
      added->set_call_site(ValidUtf8(context.call_site));
      added->set_summary("== DataFrame ==\n" +
                         ValidUtf8("\"" + context.fragment + "\" was called from\n" + context.call_site) + "\n");
      continue;
    }
    added->set_object_type(context.object_type);
    added->set_object_name(ValidUtf8(context.object_name));
    added->set_start_index(context.start_index);
    added->set_stop_index(context.stop_index);
    added->set_summary("== SQL ==\n" + ValidUtf8(context.fragment) + "\n" +
                       std::string(std::min<size_t>(context.fragment.size(), 200), '^') + "\n");
  }
}

}  // namespace

std::vector<std::string> JvmClassesOf(const Error& error) {
  const std::string_view name = error.info().name;
  if (name.starts_with("INVALID_HANDLE") || name.starts_with("INVALID_CURSOR") || name == "OPERATION_CANCELED") {
    return With({"org.apache.spark.SparkSQLException", "java.sql.SQLException", "java.lang.Exception"});
  }
  if (error.condition() == Condition::DATA_SOURCE_NOT_FOUND) {
    // A class that isn't found; clients have no exception of their own for it.
    return With({"org.apache.spark.SparkClassNotFoundException", "java.lang.ClassNotFoundException",
                 "java.lang.ReflectiveOperationException", "java.lang.Exception"});
  }
  if (error.condition() == Condition::INCONSISTENT_BEHAVIOR_CROSS_VERSION__DATETIME_PATTERN_RECOGNITION) {
    return With({"org.apache.spark.SparkUpgradeException", "java.lang.RuntimeException", "java.lang.Exception"});
  }
  switch (ClassOf(error)) {
    case ExceptionClass::kAnalysis: return With({"org.apache.spark.sql.AnalysisException", "java.lang.Exception"});
    case ExceptionClass::kParse:
      return With({"org.apache.spark.sql.catalyst.parser.ParseException", "org.apache.spark.sql.AnalysisException",
                   "java.lang.Exception"});
    case ExceptionClass::kTempTableExists:
      return With({"org.apache.spark.sql.catalyst.analysis.TempTableAlreadyExistsException",
                   "org.apache.spark.sql.AnalysisException", "java.lang.Exception"});
    case ExceptionClass::kArithmetic:
      return With({"org.apache.spark.SparkArithmeticException", "java.lang.ArithmeticException",
                   "java.lang.RuntimeException", "java.lang.Exception"});
    case ExceptionClass::kArrayIndex:
      return With({"org.apache.spark.SparkArrayIndexOutOfBoundsException", "java.lang.ArrayIndexOutOfBoundsException",
                   "java.lang.IndexOutOfBoundsException", "java.lang.RuntimeException", "java.lang.Exception"});
    case ExceptionClass::kDateTime:
      return With({"org.apache.spark.SparkDateTimeException", "java.time.DateTimeException",
                   "java.lang.RuntimeException", "java.lang.Exception"});
    case ExceptionClass::kNumberFormat:
      return With({"org.apache.spark.SparkNumberFormatException", "java.lang.NumberFormatException",
                   "java.lang.IllegalArgumentException", "java.lang.RuntimeException", "java.lang.Exception"});
    case ExceptionClass::kIllegalArgument:
      return With({"org.apache.spark.SparkIllegalArgumentException", "java.lang.IllegalArgumentException",
                   "java.lang.RuntimeException", "java.lang.Exception"});
    case ExceptionClass::kUnsupportedOperation:
      return With({"org.apache.spark.SparkUnsupportedOperationException", "java.lang.UnsupportedOperationException",
                   "java.lang.RuntimeException", "java.lang.Exception"});
    case ExceptionClass::kRuntime:
      return With({"org.apache.spark.SparkRuntimeException", "java.lang.RuntimeException", "java.lang.Exception"});
    case ExceptionClass::kNoSuchElement:
      return With({"org.apache.spark.SparkNoSuchElementException", "java.util.NoSuchElementException",
                   "java.lang.RuntimeException", "java.lang.Exception"});
    case ExceptionClass::kInvalidPlan:
      return With({"org.apache.spark.sql.connect.common.InvalidPlanInput", "java.lang.Exception"});
    default: break;
  }
  return With({"org.apache.spark.SparkException", "java.lang.Exception"});
}

grpc::Status ErrorStore::ToStatus(const Error& error) {
  const std::string id = NewUuid();
  {
    std::lock_guard lock(mutex_);
    errors_.emplace(id, error);
    order_.push_back(id);
    if (order_.size() > kKept) {
      errors_.erase(order_.front());
      order_.pop_front();
    }
  }
  const std::vector<std::string> classes = JvmClassesOf(error);
  std::string classes_json = "[";
  for (const std::string& name : classes) classes_json += (classes_json.size() > 1 ? "," : "") + JsonString(name);
  std::string parameters = "{";
  for (const auto& [key, value] : error.parameters()) {
    parameters += (parameters.size() > 1 ? "," : "") + JsonString(key) + ":" + JsonString(ValidUtf8(value));
  }
  google::rpc::ErrorInfo info;
  info.set_reason(classes[0]);
  info.set_domain("org.apache.spark");
  auto& metadata = *info.mutable_metadata();
  metadata["classes"] = classes_json + "]";
  metadata["errorId"] = id;
  metadata["errorClass"] = std::string(error.info().name);
  if (HasSqlState(error)) metadata["sqlState"] = std::string(error.info().sqlstate);
  if (parameters.size() < kMaxParameterBytes) metadata["messageParameters"] = parameters + "}";
  google::rpc::Status status;
  status.set_code(grpc::StatusCode::INTERNAL);
  status.set_message(Shortened(ValidUtf8(error.what()), kMaxMessageBytes));
  status.add_details()->PackFrom(info);
  return grpc::Status(grpc::StatusCode::INTERNAL, status.message(), status.SerializeAsString());
}

std::optional<Error> ErrorStore::Find(const std::string& id) const {
  std::lock_guard lock(mutex_);
  const auto found = errors_.find(id);
  if (found == errors_.end()) return std::nullopt;
  return found->second;
}

void FillErrorDetails(const Error& error, ::spark::connect::FetchErrorDetailsResponse* response) {
  response->set_root_error_idx(0);
  constexpr int kMostCauses = 5;
  const Error* at = &error;
  for (int i = 0; at != nullptr && i < kMostCauses; ++i) {
    auto* added = response->add_errors();
    FillError(*at, added);
    at = at->cause();
    if (at != nullptr && i + 1 < kMostCauses) added->set_cause_idx(i + 1);
  }
}

Error CurrentError() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error(Condition::OUT_OF_MEMORY, {{"needed", "some"}, {"budget", "the machine's"}});
  } catch (const std::exception& error) {
    return Error(Condition::INTERNAL_ERROR, {{"message", error.what()}});
  } catch (...) {
    return Error(Condition::INTERNAL_ERROR, {{"message", "an unknown exception"}});
  }
}

}  // namespace centella::connect
