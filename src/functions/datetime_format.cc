// Dates and times to and from text by a pattern: date_format, to_date, to_timestamp, unix_timestamp, from_unixtime.
#include <algorithm>
#include <memory>
#include <string>

#include "functions/cast.h"
#include "functions/datetime_fields.h"
#include "functions/datetime_pattern.h"
#include "functions/registry.h"
#include "functions/text_kernels.h"
#include "types/calendar.h"

namespace centella {
namespace {

constexpr std::string_view kDefaultPattern = "yyyy-MM-dd HH:mm:ss";

// The compiled pattern of a text argument; a constant's is compiled once a batch.
class PatternArgument {
 public:
  PatternArgument(const KernelArgs& call, bool for_parsing) : for_parsing_(for_parsing) {
    const auto policy = call.query.config.Get("spark.sql.legacy.timeParserPolicy");
    if (policy.has_value() && (*policy == "LEGACY" || *policy == "legacy")) {
      RaiseUnsupported("spark.sql.legacy.timeParserPolicy=LEGACY");
    }
  }
  const DatetimePattern& Of(std::string_view pattern) {
    if (compiled_ == nullptr || pattern != text_) {
      compiled_ = std::make_unique<DatetimePattern>(pattern, for_parsing_);
      text_ = std::string(pattern);
    }
    return *compiled_;
  }

 private:
  bool for_parsing_;
  std::string text_;
  std::unique_ptr<DatetimePattern> compiled_;
};

// In ANSI mode raises Java's sentence; else answers false.
bool CannotParse(const KernelArgs& call, const std::string& message, const char* function) {
  if (call.mode != EvalMode::kAnsi) return false;
  Raise(Condition::CANNOT_PARSE_TIMESTAMP, {{"message", message}, {"func", function}});
}

template <bool zoned>
VectorPtr DateFormat(const KernelArgs& call) {
  PatternArgument patterns(call, false);
  std::string text;
  const TimeZone utc;
  return TextRows<int64_t, StringView>(call, [&](int64_t micros, const StringView& pattern, StringHeap& heap) {
    text.clear();
    patterns.Of(pattern.view()).Format(micros, zoned ? call.query.zone : utc, &text);
    return heap.Add(text);
  });
}

// One text by a pattern as the instant or wall clock it tells.
bool ParseOne(const KernelArgs& call, const DatetimePattern& pattern, std::string_view text, bool zoned,
              const char* function, int64_t* out) {
  DatetimePattern::Parsed parsed;
  if (!pattern.Parse(text, &parsed)) return CannotParse(call, parsed.error, function);
  *out = parsed.local_micros;
  if (zoned) *out = (parsed.has_zone ? parsed.zone : call.query.zone).ToUtcMicros(parsed.local_micros);
  return true;
}

template <bool zoned>
VectorPtr ToTimestamp(const KernelArgs& call) {
  PatternArgument patterns(call, true);
  return ValueRows<int64_t, StringView, StringView>(
      call, [&](const StringView& text, const StringView& pattern, int64_t* out) {
        return ParseOne(call, patterns.Of(pattern.view()), text.view(), zoned, "`try_to_timestamp`", out);
      });
}

VectorPtr ToDate(const KernelArgs& call) {
  PatternArgument patterns(call, true);
  return ValueRows<int32_t, StringView, StringView>(
      call, [&](const StringView& text, const StringView& pattern, int32_t* out) {
        int64_t micros;
        if (!ParseOne(call, patterns.Of(pattern.view()), text.view(), false, "`try_to_date`", &micros)) return false;
        *out = static_cast<int32_t>(FloorDiv(micros, kMicrosPerDay));
        return true;
      });
}

VectorPtr UnixTimestampByPattern(const KernelArgs& call) {
  PatternArgument patterns(call, true);
  return ValueRows<int64_t, StringView, StringView>(
      call, [&](const StringView& text, const StringView& pattern, int64_t* out) {
        if (!ParseOne(call, patterns.Of(pattern.view()), text.view(), true, "`try_to_timestamp`", out)) return false;
        *out = FloorDiv(*out, kMicrosPerSecond);
        return true;
      });
}
VectorPtr UnixTimestampOfText(const KernelArgs& call) {
  PatternArgument patterns(call, true);
  const DatetimePattern& pattern = patterns.Of(kDefaultPattern);
  return ValueRows<int64_t, StringView>(call, [&](const StringView& text, int64_t* out) {
    if (!ParseOne(call, pattern, text.view(), true, "`try_to_timestamp`", out)) return false;
    *out = FloorDiv(*out, kMicrosPerSecond);
    return true;
  });
}
// An instant's or date's seconds; a pattern is ignored.
VectorPtr UnixTimestampOfInstant(const KernelArgs& call) {
  return ValueRows<int64_t, int64_t>(call, [](int64_t micros, int64_t* out) {
    *out = micros / kMicrosPerSecond;  // towards zero, as Spark cuts it
    return true;
  });
}
VectorPtr UnixTimestampOfDate(const KernelArgs& call) {
  return ValueRows<int64_t, int32_t>(call, [&call](int32_t days, int64_t* out) {
    *out = FloorDiv(call.query.zone.ToUtcMicros(MidnightMicros(days)), kMicrosPerSecond);
    return true;
  });
}
VectorPtr UnixTimestampNow(const KernelArgs& call) {
  return Vector::MakeConstant(Value::Long(FloorDiv(call.query.start_micros, kMicrosPerSecond)), call.rows);
}

// from_unixtime multiplies as Java does: what doesn't fit wraps around.
int64_t SecondsToMicros(int64_t seconds) {
  return static_cast<int64_t>(static_cast<uint64_t>(seconds) * static_cast<uint64_t>(kMicrosPerSecond));
}

VectorPtr FromUnixTime1(const KernelArgs& call) {
  PatternArgument patterns(call, false);
  const DatetimePattern& pattern = patterns.Of(kDefaultPattern);
  std::string text;
  return TextRows<int64_t>(call, [&](int64_t seconds, StringHeap& heap) {
    text.clear();
    pattern.Format(SecondsToMicros(seconds), call.query.zone, &text);
    return heap.Add(text);
  });
}
VectorPtr FromUnixTime2(const KernelArgs& call) {
  PatternArgument patterns(call, false);
  std::string text;
  return TextRows<int64_t, StringView>(call, [&](int64_t seconds, const StringView& pattern, StringHeap& heap) {
    text.clear();
    patterns.Of(pattern.view()).Format(SecondsToMicros(seconds), call.query.zone, &text);
    return heap.Add(text);
  });
}

// A function of one argument that is a cast.
ScalarKernel CastOf(const TypePtr& to, bool tolerant) {
  return [to, tolerant](const KernelArgs& call) {
    const EvalMode mode = tolerant ? EvalMode::kTry : call.mode;
    const ScalarKernel kernel = FindCast(call.args[0]->type(), to, mode);
    KernelArgs inner{call.query, mode, call.rows, call.args, call.result_type, call.validity};
    return kernel(inner);
  };
}

ScalarKernel Tolerant(ScalarKernel kernel) {
  return [kernel = std::move(kernel)](const KernelArgs& call) {
    KernelArgs inner{call.query, EvalMode::kTry, call.rows, call.args, call.result_type, call.validity};
    return kernel(inner);
  };
}

// In ANSI mode what can't be read raises instead of giving NULL. A cast of a text counts as nullable all the same.
bool ParsedNullable(const BindArgs& args) {
  if (args.mode != EvalMode::kAnsi) return true;
  if (args.types.size() == 1 && args.types[0]->is_string()) return true;
  return std::any_of(args.nullable.begin(), args.nullable.end(), [](bool nullable) { return nullable; });
}
bool UnixNullable(const BindArgs& args) {
  if (args.mode != EvalMode::kAnsi) return true;
  return std::any_of(args.nullable.begin(), args.nullable.end(), [](bool nullable) { return nullable; });
}

void AddTimestampForms(FunctionRegistry& registry, const char* name, const TypePtr& type, bool zoned, bool tolerant) {
  FunctionBuilder builder = registry.Scalar(name, "The instant that a text tells, by a pattern or as a cast reads it.");
  builder.Group("datetime_funcs")
      .AlwaysNullable()
      .Example(std::string("SELECT ") + name + "('2016-12-31', 'yyyy-MM-dd')", "2016-12-31 00:00:00");
  if (!tolerant) builder.Nullable(ParsedNullable);
  const std::string result = " -> " + type->CatalogString();
  const ScalarKernel parse = zoned ? ToTimestamp<true> : ToTimestamp<false>;
  auto add = [&](const std::string& signature, ScalarKernel kernel) {
    builder.Overload(signature, std::move(kernel));
    if (!tolerant) builder.CanFailAnsi();
  };
  for (const char* from : {"string", "date", "timestamp", "timestamp_ntz"}) {
    const ScalarKernel cast = CastOf(type, tolerant);
    add(from + result, cast);
    if (std::string_view(from) == "date") builder.CanFail();
    if (std::string_view(from) == "string") {
      builder.Overload("string, string" + result, tolerant ? Tolerant(parse) : parse).CanFail();
    } else {
      // A value that is already a date or an instant needs no pattern.
      add(std::string(from) + ", string" + result, cast);
      // A date beyond the range of timestamps is no less an error without ANSI, nor when trying.
      if (std::string_view(from) == "date") builder.CanFail();
    }
  }
}

}  // namespace

void RegisterDatetimeFormats(FunctionRegistry& registry) {
  registry.Scalar("date_format", "An instant's text by a pattern.")
      .Group("datetime_funcs")
      .Example("SELECT date_format('2016-04-08', 'y')", "2016")
      .Overload("timestamp, string -> string", DateFormat<true>)
      .CanFail()
      .Overload("timestamp_ntz, string -> string", DateFormat<false>)
      .CanFail();
  AddTimestampForms(registry, "to_timestamp", types::Timestamp(), true, false);
  AddTimestampForms(registry, "to_timestamp_ltz", types::Timestamp(), true, false);
  AddTimestampForms(registry, "to_timestamp_ntz", types::TimestampNtz(), false, false);
  AddTimestampForms(registry, "try_to_timestamp", types::Timestamp(), true, true);
  for (const bool tolerant : {false, true}) {
    FunctionBuilder to_date = registry.Scalar(tolerant ? "try_to_date" : "to_date",
                                              "The date that a text tells, by a pattern or as a cast reads it.");
    to_date.Group("datetime_funcs")
        .AlwaysNullable()
        .Example("SELECT to_date('2016-12-31', 'yyyy-MM-dd')", "2016-12-31");
    if (!tolerant) to_date.Nullable(ParsedNullable);
    for (const char* from : {"string", "date", "timestamp", "timestamp_ntz"}) {
      to_date.Overload(std::string(from) + " -> date", CastOf(types::Date(), tolerant));
      if (!tolerant) to_date.CanFailAnsi();
    }
    to_date.Overload("string, string -> date", tolerant ? Tolerant(ToDate) : ScalarKernel(ToDate)).CanFail();
    to_date.Overload("date, string -> date", CastOf(types::Date(), tolerant));
    to_date.Overload("timestamp, string -> date", CastOf(types::Date(), tolerant));
  }
  for (const char* name : {"unix_timestamp", "to_unix_timestamp"}) {
    FunctionBuilder builder = registry.Scalar(name, "The seconds after 1970 of an instant or of a text by a pattern.");
    builder.Group("datetime_funcs")
        .Nullable(UnixNullable)
        .Example(std::string("SELECT ") + name + "('2016-04-08', 'yyyy-MM-dd')", "1460073600");
    builder.Overload("string -> bigint", UnixTimestampOfText).CanFailAnsi();
    builder.Overload("string, string -> bigint", UnixTimestampByPattern).CanFail();
    builder.Overload("timestamp -> bigint", UnixTimestampOfInstant);
    builder.Overload("timestamp, string -> bigint", UnixTimestampOfInstant);
    builder.Overload("date -> bigint", UnixTimestampOfDate).CanFail();
    builder.Overload("date, string -> bigint", UnixTimestampOfDate).CanFail();
    if (std::string_view(name) == "unix_timestamp") builder.Overload("-> bigint", UnixTimestampNow);
  }
  registry.Scalar("from_unixtime", "The text of an instant given in seconds after 1970.")
      .Group("datetime_funcs")
      .AlwaysNullable()
      .Example("SELECT from_unixtime(0, 'yyyy-MM-dd HH:mm:ss')", "1970-01-01 00:00:00")
      .Overload("bigint -> string", FromUnixTime1)
      .Overload("bigint, string -> string", FromUnixTime2)
      .CanFail();
}

}  // namespace centella
