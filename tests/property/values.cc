// Random types and values, and their comparison.
#include "property/values.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include "types/decimal.h"

namespace centella::property {
namespace {

constexpr int64_t kFirstDay = -719162, kLastDay = 2932896;  // 0001-01-01, 9999-12-31
constexpr int64_t kMicrosPerDay = 86400LL * 1000000;

const std::vector<std::string>& Texts() {
  static const std::vector<std::string>* const kTexts =
      new std::vector<std::string>{"",
                                   " ",
                                   "a",
                                   "abc",
                                   "ABC",
                                   "Spark SQL",
                                   "  pad ",
                                   "\t\n",
                                   "aXbXc",
                                   "a,b,c",
                                   "a:1,b:2",
                                   "1",
                                   "-1",
                                   "007",
                                   "3.14",
                                   "1e5",
                                   "-1.5E-3",
                                   "9999999999999999999",
                                   "2147483648",
                                   "NaN",
                                   "Infinity",
                                   "true",
                                   "f",
                                   "Ünïcödé ñ",
                                   "日本語テキスト",
                                   "😀🎉",
                                   "ßẞ",
                                   "e\xCC\x81",
                                   "2024-02-29",
                                   "2023-02-29",
                                   "2021-03-28 02:30:00",
                                   "0001-01-01",
                                   "9999-12-31 23:59:59.999999",
                                   "12:34:56",
                                   "2020-06-01T10:00:00Z",
                                   "{\"a\":1,\"b\":[1,2,{\"c\":null}]}",
                                   "[1,2,3]",
                                   "{'a': 'x'",
                                   "null",
                                   "%",
                                   "a%b_",
                                   "%b%",
                                   "_",
                                   "\\",
                                   "(a+)(b*)",
                                   "[a-c]+",
                                   "[",
                                   "(",
                                   "\\d+",
                                   "yyyy-MM-dd",
                                   "yyyy-MM-dd HH:mm:ss.SSS",
                                   "EEE",
                                   "UTC",
                                   "America/Los_Angeles",
                                   "+05:30",
                                   "Mars/Base",
                                   "MONTH",
                                   "year",
                                   "week",
                                   "$.a",
                                   "$.b[1]",
                                   "$",
                                   "/a/b",
                                   "a INT, b STRING",
                                   "http://user:pw@host.com:8080/p/a?q=1&r=%20#frag",
                                   "0x1F",
                                   "FF",
                                   "dGVzdA==",
                                   "%s %d",
                                   "$999,999.99",
                                   "S99",
                                   "utf-8",
                                   "interval 1 day 2 hours",
                                   "1 year",
                                   "ASC",
                                   "a longer text that does not lie inline",
                                   std::string(300, 'x'),
                                   std::string("a\0b", 3),
                                   "\xFF\xFE",
                                   "<a><b>1</b></a>",
                                   "Robert",
                                   "-",
                                   "--1",
                                   "+1",
                                   ".",
                                   ".5",
                                   "5.",
                                   " 12 ",
                                   "1L",
                                   "0",
                                   "f0",
                                   "f1"};
  return *kTexts;
}

std::string Mutated(std::string text, Random& random) {
  const auto at = static_cast<size_t>(random.Below(static_cast<int64_t>(text.size()) + 1));
  switch (random.Below(5)) {
    case 0: return text.substr(0, at);
    case 1: return text.insert(at, random.Pick(Texts()));
    case 2: return at < text.size() ? text.erase(at, 1) : text;
    case 3:
      if (at < text.size()) text[at] = static_cast<char>(random.Between(32, 126));
      return text;
    default: return text + text;
  }
}

std::string RandomText(Random& random, const Hints& hints) {
  if (!hints.texts.empty() && random.Percent(60)) {
    const std::string& hint = random.Pick(hints.texts);
    return random.Percent(30) ? Mutated(hint, random) : hint;
  }
  if (random.Percent(85)) return random.Pick(Texts());
  std::string text;
  for (int64_t n = random.Below(20); n > 0; --n) text += static_cast<char>(random.Between('0', 'z'));
  return text;
}

int64_t RandomInteger(Random& random, const Hints& hints, int64_t low, int64_t high) {
  if (hints.largest_count != 0 && high > 1) {
    low = std::max(low, -hints.largest_count);
    high = std::min(high, hints.largest_count);
  }
  if (!hints.integers.empty() && random.Percent(25)) return std::clamp(random.Pick(hints.integers), low, high);
  if (random.Percent(60)) return std::clamp<int64_t>(random.Between(-3, 12), low, high);
  const int64_t edges[] = {low, high, low == high ? low : low + 1, low == high ? high : high - 1, 0, 1, -1, 31, 64,
                           100, 365};
  if (random.Percent(50)) return std::clamp(edges[random.Below(11)], low, high);
  const int bits = static_cast<int>(random.Below(63));
  return std::clamp(random.Between(-(int64_t{1} << bits), int64_t{1} << bits), low, high);
}

double RandomDouble(Random& random) {
  using Limits = std::numeric_limits<double>;
  static const double kEdges[] = {0.0,
                                  -0.0,
                                  1.0,
                                  -1.0,
                                  Limits::quiet_NaN(),
                                  Limits::infinity(),
                                  -Limits::infinity(),
                                  Limits::max(),
                                  Limits::lowest(),
                                  Limits::denorm_min(),
                                  0.1,
                                  0.5,
                                  -2.5,
                                  1.5,
                                  1e15,
                                  1e-5,
                                  9007199254740993.0,
                                  2147483648.0,
                                  9.3e18,
                                  1e38};
  if (random.Percent(40)) return kEdges[random.Below(20)];
  if (random.Percent(50)) return static_cast<double>(random.Between(-1000, 1000)) / 8;
  return static_cast<double>(random.Between(-1000000000, 1000000000)) *
         std::pow(10.0, static_cast<double>(random.Between(-12, 6)));
}

int128_t RandomUnscaled(Random& random, int precision) {
  const int128_t largest = kPowersOfTen[precision] - 1;
  if (random.Percent(30)) return std::min<int128_t>(random.Below(20), largest) * (random.Percent(50) ? 1 : -1);
  if (random.Percent(25)) return random.Percent(50) ? largest : -largest;
  const int digits = static_cast<int>(random.Between(1, precision));
  const auto bits = static_cast<uint128_t>(random.Next()) << 64 | random.Next();
  const auto value = static_cast<int128_t>(bits % static_cast<uint128_t>(kPowersOfTen[digits]));
  return random.Percent(50) ? value : -value;
}

int64_t RandomDay(Random& random, const Hints& hints) {
  if (hints.largest_count != 0) return 19000 + random.Below(hints.largest_count);
  if (random.Percent(60)) return random.Between(-800, 22000);
  if (random.Percent(80)) return random.Between(kFirstDay, kLastDay);
  return random.Percent(50) ? kFirstDay : kLastDay;
}

int64_t RandomMicros(Random& random, const Hints& hints) {
  const int64_t of_day[] = {0, 1, 999999, kMicrosPerDay - 1, 9000000000};
  const int64_t micros = random.Percent(50) ? of_day[random.Below(5)] : random.Below(kMicrosPerDay);
  const int64_t moment = RandomDay(random, hints) * kMicrosPerDay + micros;
  if (hints.largest_count != 0 || !random.Percent(10)) return moment;
  return 1616889600000000 + random.Between(-10, 10) * 1800000000;  // around a change of summer time
}

Value RandomNested(const TypePtr& type, Random& random, const Hints& hints) {
  std::vector<Value> parts;
  if (type->is(TypeId::kStruct)) {
    for (const StructField& field : type->fields()) {
      parts.push_back(RandomValue(field.type, random, hints, field.nullable ? 15 : 0));
    }
    return Value::Nested(type, std::move(parts));
  }
  const int64_t size = random.Percent(20) ? 0 : random.Between(1, 4);
  std::map<std::string, bool> keys;
  for (int64_t i = 0; i < size; ++i) {
    if (type->is(TypeId::kArray)) {
      parts.push_back(RandomValue(type->element(), random, hints, type->contains_null() ? 15 : 0));
      continue;
    }
    Value key = RandomValue(type->key(), random, hints, 0);
    if (!keys.emplace(Fingerprint(key), true).second) continue;
    parts.push_back(std::move(key));
    parts.push_back(RandomValue(type->value(), random, hints, type->value_contains_null() ? 15 : 0));
  }
  return Value::Nested(type, std::move(parts));
}

}  // namespace

Hints HintsOf(const FunctionDecl& decl) {
  // As many values as an argument says: the property is the same for small counts, and the machine lives.
  static const std::vector<std::string_view> kAsManyAsTold = {
      "array_repeat", "lpad", "repeat", "rpad", "sequence", "space", "array_insert", "format_number", "format_string"};
  Hints hints;
  for (std::string_view name : kAsManyAsTold) {
    if (name == decl.name) hints.largest_count = 50;
  }
  for (const Overload& overload : decl.overloads) {
    for (const TypePattern& pattern : overload.args) {
      const bool list =
          pattern.kind == TypePattern::Kind::kArray && pattern.parts[0].kind == TypePattern::Kind::kStruct;
      if (pattern.kind == TypePattern::Kind::kStruct || list) hints.texts = {"f0", "f1", "f2"};  // RandomType's names
    }
  }
  const std::string& sql = decl.example;
  for (size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') {
      const size_t end = sql.find('\'', i + 1);
      if (end == std::string::npos) break;
      hints.texts.push_back(sql.substr(i + 1, end - i - 1));
      i = end;
    } else if (std::isdigit(static_cast<unsigned char>(sql[i])) &&
               (i == 0 || !std::isalnum(static_cast<unsigned char>(sql[i - 1])))) {
      hints.integers.push_back(std::strtoll(sql.c_str() + i, nullptr, 10));
      while (i + 1 < sql.size() && std::isdigit(static_cast<unsigned char>(sql[i + 1]))) ++i;
    }
  }
  return hints;
}

TypePtr RandomNumericType(Random& random) {
  switch (random.Below(8)) {
    case 0: return types::Byte();
    case 1: return types::Short();
    case 2: return types::Int();
    case 3: return types::Long();
    case 4: return types::Float();
    case 5: return types::Double();
    default: {
      const int precision = static_cast<int>(random.Between(1, 38));
      return types::Decimal(precision, static_cast<int>(random.Between(0, std::min(precision, 20))));
    }
  }
}

namespace {

// What is of no type is always NULL.
TypePtr ArrayOf(TypePtr element, bool nulls) { return types::Array(element, nulls || element->is(TypeId::kNull)); }
TypePtr MapOf(TypePtr key, TypePtr value, bool nulls) {
  return types::Map(std::move(key), value, nulls || value->is(TypeId::kNull));
}
StructField FieldOf(size_t number, TypePtr type, bool nulls) {
  return {"f" + std::to_string(number), type, nulls || type->is(TypeId::kNull), ""};
}

}  // namespace

TypePtr RandomType(Random& random, int depth) {
  if (depth > 0 && random.Percent(30)) {
    const bool nulls = random.Percent(70);
    switch (random.Below(3)) {
      case 0: return ArrayOf(RandomType(random, depth - 1), nulls);
      case 1: {
        TypePtr key = random.Percent(50) ? types::String() : random.Percent(50) ? types::Int() : types::Date();
        return MapOf(key, RandomType(random, depth - 1), nulls);
      }
      default: {
        std::vector<StructField> fields;
        for (int64_t i = random.Between(1, 3); i > 0; --i) {
          fields.push_back(FieldOf(fields.size(), RandomType(random, depth - 1), random.Percent(80)));
        }
        return types::Struct(std::move(fields));
      }
    }
  }
  switch (random.Below(14)) {
    case 0: return types::Boolean();
    case 1: return types::String();
    case 2: return types::String();
    case 3: return types::Binary();
    case 4: return types::Date();
    case 5: return types::Timestamp();
    case 6: return types::TimestampNtz();
    case 7: return random.Percent(50) ? types::YearMonthInterval() : types::DayTimeInterval();
    case 8: return random.Percent(30) ? types::CalendarInterval() : types::Time();
    default: return random.Percent(3) ? types::Null() : RandomNumericType(random);
  }
}

TypePtr RandomTypeFor(const TypePattern& pattern, TypePtr (&variables)[26], Random& random, int depth) {
  using Kind = TypePattern::Kind;
  switch (pattern.kind) {
    case Kind::kExact: return pattern.exact;
    case Kind::kVariable: {
      TypePtr& bound = variables[pattern.variable - 'A'];
      if (bound == nullptr) bound = RandomType(random, depth);
      return bound;
    }
    case Kind::kNumeric: return RandomNumericType(random);
    case Kind::kIntegral: {
      const TypePtr integral[] = {types::Byte(), types::Short(), types::Int(), types::Long()};
      return integral[random.Below(4)];
    }
    case Kind::kDecimal: {
      const int precision = static_cast<int>(random.Percent(50) ? random.Between(1, 18) : random.Between(1, 38));
      return types::Decimal(precision, static_cast<int>(random.Between(0, precision)));
    }
    case Kind::kAny: return RandomType(random, depth + 1);
    case Kind::kStruct: {
      std::vector<StructField> fields;
      for (int64_t i = random.Between(1, 3); i > 0; --i) {
        fields.push_back(FieldOf(fields.size(), RandomType(random, depth), random.Percent(80)));
      }
      return types::Struct(std::move(fields));
    }
    case Kind::kInterval: {
      const int64_t kind = random.Below(3);
      return kind == 0 ? types::YearMonthInterval() : kind == 1 ? types::DayTimeInterval() : types::CalendarInterval();
    }
    case Kind::kArray: return ArrayOf(RandomTypeFor(pattern.parts[0], variables, random, depth), random.Percent(75));
    case Kind::kMap: {
      TypePtr key = RandomTypeFor(pattern.parts[0], variables, random, 1);
      while (key->is(TypeId::kMap) || key->is(TypeId::kNull)) {  // no type of keys
        if (pattern.parts[0].kind == Kind::kVariable) variables[pattern.parts[0].variable - 'A'] = nullptr;
        key = RandomTypeFor(pattern.parts[0], variables, random, 0);
      }
      return MapOf(key, RandomTypeFor(pattern.parts[1], variables, random, depth), random.Percent(75));
    }
    case Kind::kLambda: return nullptr;
  }
  return nullptr;
}

Value RandomValue(const TypePtr& type, Random& random, const Hints& hints, int null_percent) {
  if (type->is(TypeId::kNull) || random.Percent(null_percent)) return Value::Null(type);
  switch (type->id()) {
    case TypeId::kBoolean: return Value::Integer(type, random.Below(2));
    case TypeId::kByte: return Value::Integer(type, RandomInteger(random, hints, INT8_MIN, INT8_MAX));
    case TypeId::kShort: return Value::Integer(type, RandomInteger(random, hints, INT16_MIN, INT16_MAX));
    case TypeId::kInt: return Value::Integer(type, RandomInteger(random, hints, INT32_MIN, INT32_MAX));
    case TypeId::kYearMonthInterval: return Value::Integer(type, RandomInteger(random, {}, INT32_MIN, INT32_MAX));
    case TypeId::kLong: return Value::Integer(type, RandomInteger(random, hints, INT64_MIN, INT64_MAX));
    case TypeId::kDayTimeInterval:
      if (hints.largest_count != 0 || random.Percent(50))
        return Value::Integer(type, random.Between(-1000, 1000) * 3600000000);
      return Value::Integer(type, RandomInteger(random, {}, INT64_MIN, INT64_MAX));
    case TypeId::kFloat: return Value::Of(type, static_cast<double>(static_cast<float>(RandomDouble(random))));
    case TypeId::kDouble: return Value::Of(type, RandomDouble(random));
    case TypeId::kDecimal: return Value::Of(type, RandomUnscaled(random, type->precision()));
    case TypeId::kDate: return Value::Integer(type, RandomDay(random, hints));
    case TypeId::kTime: return Value::Integer(type, random.Below(kMicrosPerDay) * 1000);
    case TypeId::kTimestamp:
    case TypeId::kTimestampNtz: return Value::Integer(type, RandomMicros(random, hints));
    case TypeId::kCalendarInterval:
      return Value::Of(type, CalendarIntervalValue{static_cast<int32_t>(random.Between(-30, 30)),
                                                   static_cast<int32_t>(random.Between(-400, 400)),
                                                   random.Between(-100, 100) * 1800000000});
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kStruct: return RandomNested(type, random, hints);
    default: return Value::Of(type, RandomText(random, hints));
  }
}

std::string Fingerprint(const Value& value) {
  if (value.is_null()) return "N";
  auto bytes = [](const auto& v) { return std::string(reinterpret_cast<const char*>(&v), sizeof(v)); };
  switch (value.type()->physical()) {
    case PhysicalType::kFloat:
    case PhysicalType::kDouble: {
      const double number = std::isnan(value.floating()) ? std::numeric_limits<double>::quiet_NaN() : value.floating();
      return "d" + bytes(number);
    }
    case PhysicalType::kString: return "s" + bytes(value.string().size()) + value.string();
    case PhysicalType::kInterval:
      return "i" + bytes(value.interval().months) + bytes(value.interval().days) + bytes(value.interval().micros);
    case PhysicalType::kArray:
    case PhysicalType::kMap:
    case PhysicalType::kStruct: {
      std::string out = "p" + bytes(value.parts().size());
      for (const Value& part : value.parts()) out += Fingerprint(part);
      return out;
    }
    default: return "n" + bytes(value.type()->is(TypeId::kDecimal) ? value.decimal() : int128_t{value.integer()});
  }
}

bool SameValue(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return a.is_null() == b.is_null();
  if (a.type()->physical() != b.type()->physical()) return false;
  return Fingerprint(a) == Fingerprint(b);
}

std::string Describe(const Value& value) {
  std::string text;
  if (!value.is_null() && value.type()->is_nested()) {
    for (const Value& part : value.parts()) text += (text.empty() ? "" : ", ") + Describe(part);
    text = (value.type()->is(TypeId::kArray) ? "array("
            : value.type()->is(TypeId::kMap) ? "map("
                                             : "struct(") +
           text + ")";
  } else {
    try {
      text = value.ToSql();
    } catch (const Error& error) {
      text = std::string("a value that can't be shown: ") + error.what();
    }
  }
  return text.size() > 400 ? text.substr(0, 400) + "…" : text;
}

std::string NullabilityFault(const Value& value, const DataType& type) {
  if (value.is_null() || !type.is_nested()) return "";
  const std::vector<Value>& parts = value.parts();
  for (size_t i = 0; i < parts.size(); ++i) {
    const size_t field = type.is(TypeId::kArray) ? 0 : type.is(TypeId::kMap) ? i % 2 : i;
    const StructField& declared = type.fields()[field];
    if (parts[i].is_null() && !declared.nullable)
      return "a null in " + type.CatalogString() + " where its type has none";
    if (std::string fault = NullabilityFault(parts[i], *declared.type); !fault.empty()) return fault;
  }
  return "";
}

}  // namespace centella::property
