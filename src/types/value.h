// A single value of any type: literals, statistics, partition values. Not for data in bulk (that is Vector).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "types/data_type.h"

namespace centella {

using int128_t = __int128;

struct CalendarIntervalValue {
  int32_t months = 0;
  int32_t days = 0;
  int64_t micros = 0;
  bool operator==(const CalendarIntervalValue&) const = default;
};

// A typed value; null is monostate. Integers of every width, dates, timestamps, intervals and booleans are int64
// (booleans 0/1); decimals are unscaled int128; float and double are double; arrays hold their elements, structs
// their fields, maps alternate key, value, key, value …
class Value {
 public:
  Value() : type_(types::Null()) {}
  static Value Null(TypePtr type) { return Value(std::move(type), std::monostate{}); }
  static Value Boolean(bool v) { return Value(types::Boolean(), int64_t{v}); }
  static Value Int(int32_t v) { return Value(types::Int(), int64_t{v}); }
  static Value Long(int64_t v) { return Value(types::Long(), v); }
  static Value Double(double v) { return Value(types::Double(), v); }
  static Value String(std::string v) { return Value(types::String(), std::move(v)); }
  static Value Decimal(int128_t unscaled, int precision, int scale) {
    return Value(types::Decimal(precision, scale), unscaled);
  }
  // Any integer-like physical type (bool … int64).
  static Value Integer(TypePtr type, int64_t v) { return Value(std::move(type), v); }
  static Value Of(TypePtr type, std::string v) { return Value(std::move(type), std::move(v)); }
  static Value Of(TypePtr type, double v) { return Value(std::move(type), v); }
  static Value Of(TypePtr type, int128_t v) { return Value(std::move(type), v); }
  static Value Of(TypePtr type, CalendarIntervalValue v) { return Value(std::move(type), v); }
  static Value Nested(TypePtr type, std::vector<Value> parts) { return Value(std::move(type), std::move(parts)); }

  const TypePtr& type() const { return type_; }
  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool boolean() const { return std::get<int64_t>(data_) != 0; }
  int64_t integer() const { return std::get<int64_t>(data_); }
  int128_t decimal() const { return std::get<int128_t>(data_); }
  double floating() const { return std::get<double>(data_); }
  const std::string& string() const { return std::get<std::string>(data_); }
  const CalendarIntervalValue& interval() const { return std::get<CalendarIntervalValue>(data_); }
  const std::vector<Value>& parts() const { return std::get<std::vector<Value>>(data_); }

  // Same type and value (NaN equals NaN).
  bool operator==(const Value& other) const;
  // As an SQL literal: 1, 1L, 'a', DATE '2020-01-01' … (Spark's Literal.sql).
  std::string ToSql() const;
  // As Spark prints it in plans and column names: 1, a, 2020-01-01.
  std::string ToDisplay() const;

 private:
  using Data =
      std::variant<std::monostate, int64_t, int128_t, double, std::string, CalendarIntervalValue, std::vector<Value>>;
  Value(TypePtr type, Data data) : type_(std::move(type)), data_(std::move(data)) {}
  TypePtr type_;
  Data data_;
};

}  // namespace centella
