// Tests of casts: answers recorded from Spark 4.2.1.
#include "functions/cast.h"

#include <gtest/gtest.h>

#include "types/text.h"

namespace centella {
namespace {

QueryContext Context() {
  return QueryContext::FromConfiguration(Configuration().With("spark.sql.session.timeZone", "UTC"), nullptr);
}

Value Cast(const Value& value, const char* to, EvalMode mode) {
  const QueryContext query = Context();
  const TypePtr target = ParseTypeDdl(to);
  const ScalarKernel kernel = FindCast(value.type(), target, mode);
  const VectorPtr args[] = {MakeVector(value.type(), {value})};
  const uint8_t* validity = args[0]->validity();
  return kernel(KernelArgs{query, mode, 1, args, target, validity})->GetValue(0);
}

std::string Text(const char* from, const std::string& text, const char* to, EvalMode mode) {
  const Value input = Cast(Value::String(text), from, EvalMode::kAnsi);
  return ValueToString(Cast(input, to, mode), TimeZone());
}

struct Case {
  const char* from;
  const char* text;
  const char* to;
  const char* result;  // of ANSI, or the condition it raises
  const char* legacy;
};

TEST(Cast, AnswersLikeSpark) {
  const Case kCases[] = {
      {"string", "abc", "int", "CAST_INVALID_INPUT", "NULL"},
      {"string", "1.9", "int", "CAST_INVALID_INPUT", "1"},
      {"string", " 12 ", "int", "12", "12"},
      {"string", "300", "tinyint", "CAST_INVALID_INPUT", "NULL"},
      {"int", "300", "tinyint", "CAST_OVERFLOW", "44"},
      {"double", "1e20", "int", "CAST_OVERFLOW", "2147483647"},
      {"double", "1e20", "tinyint", "CAST_OVERFLOW", "-1"},
      {"double", "NaN", "int", "CAST_OVERFLOW", "0"},
      {"double", "NaN", "decimal(4,2)", "NULL", "NULL"},
      {"double", "123456.789", "decimal(4,2)", "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION", "NULL"},
      {"string", "12345678901234567890123456789012345678901", "decimal(10,2)", "NUMERIC_OUT_OF_SUPPORTED_RANGE",
       "NULL"},
      {"decimal(4,1)", "300.5", "tinyint", "CAST_OVERFLOW", "44"},
      {"decimal(21,1)", "30000000000000000000.5", "bigint", "CAST_OVERFLOW", "-6893488147419103232"},
      {"decimal(3,1)", "-2.5", "int", "-2", "-2"},
      {"decimal(10,7)", "0.0000001", "string", "0.0000001", "1E-7"},
      {"timestamp", "2200-01-01 00:00:00.5", "int", "CAST_OVERFLOW", "NULL"},
      {"timestamp", "2020-01-01 00:00:00.5", "decimal(20,6)", "1577836800.500000", "1577836800.500000"},
      {"string", "12:34:56.789123", "time(0)", "12:34:56.789123", "12:34:56.789123"},
      {"time(6)", "12:34:56.789123", "time(0)", "12:34:56", "12:34:56"},
      {"timestamp", "2020-01-01 12:00:00", "date", "2020-01-01", "2020-01-01"},
      {"double", "1.5", "timestamp", "1970-01-01 00:00:01.5", "1970-01-01 00:00:01.5"},
      {"double", "1e30", "timestamp", "CAST_OVERFLOW", "+294247-01-10 04:00:54.775807"},
      {"decimal(10,7)", "1.9999999", "timestamp", "1970-01-01 00:00:01.999999", "1970-01-01 00:00:01.999999"},
      {"interval day to second", "1 02:03:04.5", "int", "93784", "93784"},
      {"interval day to second", "1 02:03:04.5", "interval hour", "INTERVAL '26' HOUR", "INTERVAL '26' HOUR"},
      {"interval month", "1400", "tinyint", "CAST_OVERFLOW", "CAST_OVERFLOW"},
      {"int", "2147483647", "interval year", "CAST_OVERFLOW", "CAST_OVERFLOW"},
      {"string", "x", "interval day", "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING_WITH_NOTICE",
       "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING_WITH_NOTICE"},
      {"string", "x", "interval", "NULL", "NULL"},
      {"string", "yes", "boolean", "true", "true"},
      {"string", "2020-02-30", "date", "CAST_INVALID_INPUT", "NULL"},
  };
  for (const Case& c : kCases) {
    for (EvalMode mode : {EvalMode::kAnsi, EvalMode::kLegacy, EvalMode::kTry}) {
      std::string got;
      try {
        got = Text(c.from, c.text, c.to, mode);
      } catch (const Error& error) {
        got = error.info().name;
        EXPECT_TRUE(CastCanFail(ParseTypeDdl(c.from), ParseTypeDdl(c.to), mode)) << c.from << " to " << c.to;
      }
      std::string wanted = mode == EvalMode::kLegacy ? c.legacy : c.result;
      const bool raises = wanted.find('_') != std::string::npos;
      if (mode == EvalMode::kTry && raises) wanted = "NULL";
      EXPECT_EQ(got, wanted) << "CAST(" << c.from << " '" << c.text << "' AS " << c.to << "), mode "
                             << static_cast<int>(mode);
    }
  }
}

TEST(Cast, NestedValuesGoPartByPart) {
  const TypePtr strings = types::Array(types::String());
  const Value mixed = Value::Nested(strings, {Value::String("1"), Value::String("x")});
  EXPECT_EQ(ValueToString(Cast(mixed, "array<int>", EvalMode::kTry), TimeZone()), "[1, null]");
  EXPECT_THROW(Cast(mixed, "array<int>", EvalMode::kAnsi), Error);
  EXPECT_EQ(Cast(mixed, "string", EvalMode::kAnsi).string(), "[1, x]");
  const TypePtr pair = types::Struct({{"a", types::String(), true, ""}, {"b", strings, true, ""}});
  const Value row = Value::Nested(pair, {Value::String("7"), Value::Nested(strings, {Value::String("8")})});
  EXPECT_EQ(ValueToString(Cast(row, "struct<x:bigint,y:array<double>>", EvalMode::kAnsi), TimeZone()), "{7, [8.0]}");
}

TEST(Cast, DeadRowsNeverFail) {
  const QueryContext query = Context();
  const TypePtr strings = types::Array(types::String());
  const Value bad = Value::Nested(strings, {Value::String("x")});
  const Value good = Value::Nested(strings, {Value::String("1")});
  const VectorPtr args[] = {MakeVector(strings, {bad, good})};
  const TypePtr target = types::Array(types::Int());
  const uint8_t validity = 2;  // the first row is dead
  const VectorPtr out =
      FindCast(strings, target, EvalMode::kAnsi)(KernelArgs{query, EvalMode::kAnsi, 2, args, target, &validity});
  EXPECT_EQ(ValueToString(out->GetValue(1), TimeZone()), "[1]");
}

TEST(Cast, AllowedPairs) {
  auto allowed = [](const char* from, const char* to, bool ansi) {
    return CanCast(*ParseTypeDdl(from), *ParseTypeDdl(to), ansi ? EvalMode::kAnsi : EvalMode::kLegacy);
  };
  EXPECT_FALSE(allowed("int", "binary", true));
  EXPECT_TRUE(allowed("int", "binary", false));
  EXPECT_FALSE(allowed("boolean", "timestamp", true));
  EXPECT_FALSE(allowed("date", "int", true));
  EXPECT_FALSE(allowed("int", "date", false));
  EXPECT_FALSE(allowed("int", "array<int>", false));
  EXPECT_TRUE(allowed("map<string,string>", "map<int,string>", true));
  EXPECT_FALSE(allowed("map<string,string>", "map<int,string>", false));
  EXPECT_FALSE(allowed("struct<a:int>", "struct<a:int,b:int>", true));
  EXPECT_FALSE(allowed("timestamp_ntz", "int", false));
}

}  // namespace
}  // namespace centella
