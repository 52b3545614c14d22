// Tests of the string, regular-expression, datetime and JSON functions: answers recorded from Spark 4.2.1.
#include <gtest/gtest.h>

#include "functions/cast.h"
#include "functions/kernels.h"
#include "functions/registry.h"
#include "types/calendar.h"
#include "types/text.h"

namespace centella {
namespace {

const FunctionRegistry& Registry() { return FunctionRegistry::Builtin(); }

struct Arg {
  Value value;
  Arg(const char* text) : value(Value::String(text)) {}  // NOLINT: short calls
  Arg(int number) : value(Value::Int(number)) {}         // NOLINT
  Arg(int64_t number) : value(Value::Long(number)) {}    // NOLINT
  Arg(bool boolean) : value(Value::Boolean(boolean)) {}  // NOLINT
  Arg(double number) : value(Value::Double(number)) {}   // NOLINT
  Arg(Value v) : value(std::move(v)) {}                  // NOLINT
};

// A value of a type from its text.
Value Of(const char* type, const char* text) {
  const QueryContext query =
      QueryContext::FromConfiguration(Configuration().With("spark.sql.session.timeZone", "UTC"), nullptr);
  const TypePtr target = ParseTypeDdl(type);
  const VectorPtr args[] = {MakeVector(types::String(), {Value::String(text)})};
  return FindCast(types::String(), target, EvalMode::kAnsi)(KernelArgs{query, EvalMode::kAnsi, 1, args, target})
      ->GetValue(0);
}

// The function's answer as text, or the name of the condition it raises.
std::string Call(const char* name, const std::vector<Arg>& arguments, EvalMode mode = EvalMode::kAnsi) {
  const QueryContext query =
      QueryContext::FromConfiguration(Configuration().With("spark.sql.session.timeZone", "UTC"), nullptr);
  const FunctionDecl* decl = Registry().Find(name);
  if (decl == nullptr) return std::string("no function ") + name;
  std::vector<TypePtr> arg_types;
  std::vector<VectorPtr> args;
  std::vector<const Value*> constants;
  bool nullable[16] = {};
  for (const Arg& argument : arguments) {
    arg_types.push_back(argument.value.type());
    args.push_back(MakeVector(argument.value.type(), {argument.value}));
    constants.push_back(&argument.value);
  }
  const Overload* overload = FindExactOverload(*decl, arg_types);
  if (overload == nullptr) return std::string("no overload of ") + name;
  try {
    const TypePtr type = ResultTypeOf(*overload, BindArgs{arg_types, {nullable, arg_types.size()}, constants, mode});
    std::shared_ptr<const void> prepared;
    if (decl->prepare) prepared = decl->prepare(constants, query);
    if (decl->nulls == NullPolicy::kStrict) {
      for (const Arg& argument : arguments) {
        if (argument.value.is_null()) return "NULL";
      }
    }
    KernelArgs call{query, mode, 1, args, type, nullptr, prepared.get()};
    return ValueToString(overload->kernel(call)->GetValue(0), TimeZone());
  } catch (const Error& error) {
    return std::string(error.info().name);
  }
}

TEST(Strings, Parts) {
  EXPECT_EQ(Call("substring", {"Spark SQL", 5}), "k SQL");
  EXPECT_EQ(Call("substring", {"Spark SQL", -3}), "SQL");
  EXPECT_EQ(Call("substring", {"añb", 2, 1}), "ñ");
  EXPECT_EQ(Call("substring", {"abc", -5, 3}), "a");
  EXPECT_EQ(Call("substring", {"abc", 0, 2}), "ab");
  EXPECT_EQ(Call("right", {"Spark SQL", 3}), "SQL");
  EXPECT_EQ(Call("substring_index", {"www.apache.org", ".", -2}), "apache.org");
  EXPECT_EQ(Call("split_part", {"11.12.13", ".", -1}), "13");
  EXPECT_EQ(Call("split_part", {"11.12.13", ".", 0}), "INVALID_INDEX_OF_ZERO");
  EXPECT_EQ(Call("locate", {"bar", "foobarbar", 5}), "7");
  EXPECT_EQ(Call("instr", {"áéí", "í"}), "3");
  EXPECT_EQ(Call("find_in_set", {"ab", "abc,b,ab,c,def"}), "3");
  EXPECT_EQ(Call("trim", {"xy", "xyabcyx"}), "abc");
  EXPECT_EQ(Call("btrim", {"xyabcyx", "xy"}), "abc");
}

TEST(Strings, Changes) {
  EXPECT_EQ(Call("upper", {"straße, a string of more bytes"}), "STRASSE, A STRING OF MORE BYTES");
  EXPECT_EQ(Call("initcap", {"sPark éCOLE x"}), "Spark École X");
  EXPECT_EQ(Call("translate", {"AaBbCc", "abc", "12"}), "A1B2C");
  EXPECT_EQ(Call("lpad", {"hi", 5, "xy"}), "xyxhi");
  EXPECT_EQ(Call("rpad", {"hi there", 2}), "hi");
  EXPECT_EQ(Call("overlay", {"Spark SQL", "ANSI ", 7, 0}), "Spark ANSI SQL");
  EXPECT_EQ(Call("replace", {"ABCabc", "abc", "DEF"}), "ABCDEF");
  EXPECT_EQ(Call("reverse", {"añb"}), "bña");
  EXPECT_EQ(Call("concat", {"a", "", "a text that is not inline"}), "aa text that is not inline");
  EXPECT_EQ(Call("concat_ws", {",", "a", Value::Null(types::String()), 7}), "a,7");
  EXPECT_EQ(Call("elt", {3, "a", "b"}), "INVALID_ARRAY_INDEX");
  EXPECT_EQ(Call("elt", {3, "a", "b"}, EvalMode::kLegacy), "NULL");
  EXPECT_EQ(Call("char", {int64_t{233}}), "é");
}

TEST(Datetime, FieldsAndTruncation) {
  const Value day = Of("date", "2021-01-03"), instant = Of("timestamp", "2020-05-17 12:34:56.789123");
  EXPECT_EQ(Call("weekofyear", {day}), "53");
  EXPECT_EQ(Call("dayofweek", {day}), "1");
  EXPECT_EQ(Call("extract", {"yearofweek", day}), "2020");
  EXPECT_EQ(Call("extract", {"SECOND", instant}), "56.789123");
  EXPECT_EQ(Call("extract", {"foo", day}), "INVALID_EXTRACT_FIELD");
  EXPECT_EQ(Call("trunc", {day, "Q"}), "NULL");
  EXPECT_EQ(Call("trunc", {Of("date", "2020-05-17"), "week"}), "2020-05-11");
  EXPECT_EQ(Call("date_trunc", {"HOUR", instant}), "2020-05-17 12:00:00");
  EXPECT_EQ(Call("date_trunc", {"millisecond", instant}), "2020-05-17 12:34:56.789");
}

TEST(Datetime, Arithmetic) {
  const Value day = Of("date", "2020-01-31");
  EXPECT_EQ(Call("add_months", {day, 1}), "2020-02-29");
  EXPECT_EQ(Call("next_day", {Of("date", "2020-01-01"), "TU"}), "2020-01-07");
  EXPECT_EQ(Call("next_day", {day, "xx"}), "ILLEGAL_DAY_OF_WEEK");
  EXPECT_EQ(Call("months_between", {Of("timestamp", "1997-02-28 10:30:00"), Of("timestamp", "1996-10-30")}),
            "3.94959677");
  EXPECT_EQ(Call("timestamp_add_interval", {Of("timestamp", "2020-01-31"), Of("interval month", "1")}),
            "2020-02-29 00:00:00");
  EXPECT_EQ(Call("timestampdiff", {"MONTH", Of("timestamp", "2020-01-31"), Of("timestamp", "2020-03-30")}), "1");
  EXPECT_EQ(Call("timestampadd", {"QUARTER", int64_t{1}, Of("timestamp", "2020-01-31")}), "2020-04-30 00:00:00");
  EXPECT_EQ(Call("multiply_interval", {Of("interval", "1 year 2 months 25 days 5 hours 6 minutes 7.008 seconds"), 2.5}),
            "2 years 11 months 62 days 24 hours 45 minutes 17.52 seconds");
  EXPECT_EQ(Call("divide_interval", {Of("interval day to second", "1 00:00:00"), 0}), "INTERVAL_DIVIDED_BY_ZERO");
  EXPECT_EQ(Call("make_date", {2020, 2, 30}), "DATETIME_FIELD_OUT_OF_BOUNDS.WITH_SUGGESTION");
  EXPECT_EQ(Call("make_date", {2020, 2, 30}, EvalMode::kLegacy), "NULL");
  EXPECT_EQ(Call("make_timestamp", {2020, 1, 1, 1, 2, Value::Decimal(60000000, 16, 6)}), "2020-01-01 01:03:00");
  EXPECT_EQ(Call("from_utc_timestamp", {Of("timestamp", "2016-08-31"), "Asia/Seoul"}), "2016-08-31 09:00:00");
}

TEST(Datetime, Patterns) {
  const Value instant = Of("timestamp", "2020-01-02 13:04:05.678");
  EXPECT_EQ(Call("date_format", {instant, "yyyy-MM-dd HH:mm:ss.SSS"}), "2020-01-02 13:04:05.678");
  EXPECT_EQ(Call("date_format", {Of("timestamp", "2020-01-02"), "E EEEE MMM MMMM d D y yy Q QQQ G a h K k H m s"}),
            "Thu Thursday Jan January 2 2 2020 20 1 Q1 AD AM 12 0 24 0 0 0");
  EXPECT_EQ(Call("date_format", {instant, "SSSSSS z VV XXX x O Z F"}), "678000 UTC UTC Z +00 GMT +0000 2");
  EXPECT_EQ(Call("date_format", {instant, "YYYY"}), "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION");
  EXPECT_EQ(Call("date_format", {instant, "b"}), "INVALID_DATETIME_PATTERN.WITH_SUGGESTION");
  EXPECT_EQ(Call("date_format", {instant, "e"}), "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN");
  EXPECT_EQ(Call("to_date", {"12/31/2020", "MM/dd/yyyy"}), "2020-12-31");
  EXPECT_EQ(Call("to_date", {"20201231", "yyyyMMdd"}), "2020-12-31");
  EXPECT_EQ(Call("to_timestamp", {"31 Dec 2020", "dd MMM yyyy"}), "2020-12-31 00:00:00");
  EXPECT_EQ(Call("to_timestamp", {"2020-01-01T10:00:00.123Z", "yyyy-MM-dd'T'HH:mm:ss.SSSX"}),
            "2020-01-01 10:00:00.123");
  EXPECT_EQ(Call("to_timestamp", {"2020-01-01 1 PM", "yyyy-MM-dd h a"}), "2020-01-01 13:00:00");
  EXPECT_EQ(Call("to_date", {"20-1-1", "yy-M-d"}), "2020-01-01");
  EXPECT_EQ(Call("to_timestamp", {"2020-01-01", "yyyy-MM-dd[ HH:mm]"}), "2020-01-01 00:00:00");
  EXPECT_EQ(Call("to_date", {"2020-1-1", "yyyy-MM-dd"}), "CANNOT_PARSE_TIMESTAMP");
  EXPECT_EQ(Call("to_date", {"2020-02-30", "yyyy-MM-dd"}, EvalMode::kLegacy), "NULL");
  EXPECT_EQ(Call("try_to_timestamp", {"x", "yyyy"}), "NULL");
  EXPECT_EQ(Call("unix_timestamp", {"2020-01-01 00:00:00"}), "1577836800");
  EXPECT_EQ(Call("from_unixtime", {int64_t{0}, "yyyy"}), "1970");
}

TEST(Regex, JavaSyntax) {
  EXPECT_EQ(Call("rlike", {"Spark", "S.*k$"}), "true");
  EXPECT_EQ(Call("rlike", {"x1", "^[a-z&&[^bc]]\\d$"}), "true");
  EXPECT_EQ(Call("rlike", {"b1", "^[a-z&&[^bc]]\\d$"}), "false");
  EXPECT_EQ(Call("rlike", {"é", "^\\p{L}$"}), "true");
  EXPECT_EQ(Call("rlike", {"A", "\\p{Lower}"}), "false");
  EXPECT_EQ(Call("rlike", {"a", "("}), "INVALID_PARAMETER_VALUE.PATTERN");
  EXPECT_EQ(Call("regexp_extract", {"100-200", "(\\d+)-(\\d+)", 2}), "200");
  EXPECT_EQ(Call("regexp_extract", {"100-200", "(\\d+)", 2}), "INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX");
  EXPECT_EQ(Call("regexp_extract_all", {"100-200, 300-400", "(\\d+)-(\\d+)", 1}), "[100, 300]");
  EXPECT_EQ(Call("regexp_replace", {"100-200", "(\\d+)", "<$1>"}), "<100>-<200>");
  EXPECT_EQ(Call("regexp_replace", {"abc", "", "-"}), "-a-b-c-");
  EXPECT_EQ(Call("regexp_count", {"aaa", "a"}), "3");
  EXPECT_EQ(Call("regexp_substr", {"abc", "x"}), "NULL");
  EXPECT_EQ(Call("split", {"oneAtwoBthreeC", "[ABC]"}), "[one, two, three, ]");
  EXPECT_EQ(Call("split", {"oneAtwoBthreeC", "[ABC]", 2}), "[one, twoBthreeC]");
  EXPECT_EQ(Call("split", {"abc", ""}), "[a, b, c]");
  EXPECT_EQ(Call("split", {"a.b", "\\."}), "[a, b]");
}

TEST(Strings, Encodings) {
  EXPECT_EQ(Call("hex", {int64_t{17}}), "11");
  EXPECT_EQ(Call("hex", {"Spark SQL"}), "537061726B2053514C");
  EXPECT_EQ(Call("unhex", {"537061726B2053514C"}), "Spark SQL");
  EXPECT_EQ(Call("unhex", {"xy"}), "NULL");
  EXPECT_EQ(Call("base64", {"Spark SQL"}), "U3BhcmsgU1FM");
  EXPECT_EQ(Call("unbase64", {"U3BhcmsgU1FM"}), "Spark SQL");
  EXPECT_EQ(Call("md5", {"Spark"}), "8cde774d6f7333752ed72cacddb05126");
  EXPECT_EQ(Call("crc32", {"Spark"}), "1557323817");
  EXPECT_EQ(Call("levenshtein", {"kitten", "sitting"}), "3");
  EXPECT_EQ(Call("soundex", {"Miller"}), "M460");
  EXPECT_EQ(Call("mask", {"abcd-EFGH-8765-4321"}), "xxxx-XXXX-nnnn-nnnn");
  EXPECT_EQ(Call("luhn_check", {"8112189876"}), "true");
  EXPECT_EQ(Call("format_number", {12332.123456, 4}), "12,332.1235");
  EXPECT_EQ(Call("format_number", {1234567, "#,###.00"}), "1,234,567.00");
  EXPECT_EQ(Call("format_number", {-5, "0.00;(0.00)"}), "(5.00)");
  EXPECT_EQ(Call("format_string", {"%05d|%-5s|%,.2f|%x", 42, "ab", 1234567.891, 255}), "00042|ab   |1,234,567.89|ff");
  EXPECT_EQ(Call("format_string", {"%.2f %.3g %e", 2.565, 0.00001234, 12345.678}), "2.57 1.23e-05 1.234568e+04");
  EXPECT_EQ(Call("format_string", {"%999999999d", 1}), "UNSUPPORTED_FEATURE.CENTELLA");
  EXPECT_EQ(Call("to_number", {"12,454.8-", "99,999.9S"}), "-12454.8");
  EXPECT_EQ(Call("to_number", {"12,3", "9,9,9"}), "INVALID_FORMAT.MISMATCH_INPUT");
  EXPECT_EQ(Call("to_char", {Of("decimal(4,2)", "-5.50"), "$99.9PR"}), "<$ 5.5>");
  EXPECT_EQ(Call("encode", {"é", "x"}), "INVALID_PARAMETER_VALUE.CHARSET");
}

TEST(Json, LooksUpAndConverts) {
  EXPECT_EQ(Call("get_json_object", {"{\"a\":{\"b\":[1,{\"c\":\"x\"}]}}", "$.a.b[1].c"}), "x");
  EXPECT_EQ(Call("get_json_object", {"{'a': [1, 2]}", "$.a"}), "[1,2]");
  EXPECT_EQ(Call("get_json_object", {"[{\"b\":1},{\"b\":2}]", "$[*].b"}), "[1,2]");
  EXPECT_EQ(Call("get_json_object", {"{\"a\":", "$.a"}), "NULL");
  EXPECT_EQ(Call("json_array_length", {"[1,2,[3]]"}), "3");
  EXPECT_EQ(Call("json_object_keys", {"{\"a\":1,\"b\":{}}"}), "[a, b]");
  EXPECT_EQ(Call("schema_of_json", {"[{\"col\":0}]"}), "ARRAY<STRUCT<col: BIGINT>>");
  EXPECT_EQ(Call("from_json", {"{\"a\":1, \"b\":0.8}", "a INT, b DOUBLE"}), "{1, 0.8}");
  EXPECT_EQ(Call("from_json", {"{\"a\":\"x\", \"b\":[1,2]}", "a INT, b ARRAY<STRING>"}), "{null, [1, 2]}");
  EXPECT_EQ(Call("from_json", {"{\"a\":", "a INT"}), "{null}");
  EXPECT_EQ(Call("from_json", {"{\"k\":{\"x\":1.5}}", "map<string,struct<x:decimal(4,1)>>"}), "{k -> {1.5}}");
  const TypePtr pair = types::Struct(
      {{"a", types::Int(), true, ""}, {"t", types::Timestamp(), true, ""}, {"n", types::Int(), true, ""}});
  EXPECT_EQ(Call("to_json", {Value::Nested(pair, {Value::Int(1), Value::Integer(types::Timestamp(), 1500000),
                                                  Value::Null(types::Int())})}),
            "{\"a\":1,\"t\":\"1970-01-01T00:00:01.500Z\"}");
}

}  // namespace
}  // namespace centella
