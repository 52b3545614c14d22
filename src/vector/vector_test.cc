// Property tests: whatever is done to random nested vectors in any encoding, each row keeps its value.
#include "vector/vector.h"

#include <gtest/gtest.h>

#include <random>

#include "vector/arrow_bridge.h"
#include "vector/serialize.h"

namespace centella {
namespace {

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  int64_t Below(int64_t n) { return std::uniform_int_distribution<int64_t>(0, n - 1)(random_); }

  TypePtr Type(int depth) {
    const TypePtr kSimple[] = {types::Boolean(),
                               types::Byte(),
                               types::Short(),
                               types::Int(),
                               types::Long(),
                               types::Float(),
                               types::Double(),
                               types::String(),
                               types::Binary(),
                               types::Date(),
                               types::Timestamp(),
                               types::TimestampNtz(),
                               types::Decimal(10, 2),
                               types::Decimal(38, 5),
                               types::CalendarInterval(),
                               types::Null(),
                               types::YearMonthInterval(),
                               types::DayTimeInterval(),
                               types::Time()};
    const int64_t kind = depth >= 3 ? 0 : Below(6);
    if (kind == 1) return types::Array(Type(depth + 1));
    if (kind == 2) return types::Map(types::String(), Type(depth + 1));
    if (kind == 3) return types::Struct({{"a", Type(depth + 1), true, ""}, {"b", Type(depth + 1), true, ""}});
    return kSimple[Below(std::size(kSimple))];
  }

  Value Of(const TypePtr& type, bool nullable = true) {
    if (type->is(TypeId::kNull) || (nullable && Below(5) == 0)) return Value::Null(type);
    switch (type->physical()) {
      case PhysicalType::kBool: return Value::Integer(type, Below(2));
      case PhysicalType::kInt8: return Value::Integer(type, Below(256) - 128);
      case PhysicalType::kInt64:
        if (type->is(TypeId::kDecimal)) return Value::Of(type, int128_t{Below(100000)} - 50000);
        return Value::Integer(type, Below(1000000007));
      case PhysicalType::kInt128: return Value::Of(type, int128_t{Below(INT64_MAX)} * -1000);
      case PhysicalType::kFloat:
      case PhysicalType::kDouble: return Value::Of(type, static_cast<double>(Below(1000)) / 8);
      case PhysicalType::kString:
        return Value::Of(type, std::string(static_cast<size_t>(Below(40)), static_cast<char>('a' + Below(26))));
      case PhysicalType::kInterval:
        return Value::Of(type, CalendarIntervalValue{int32_t(Below(99)), int32_t(Below(99)), Below(9999)});
      case PhysicalType::kArray:
      case PhysicalType::kMap: return List(type);
      case PhysicalType::kStruct: {
        std::vector<Value> parts;
        for (const StructField& field : type->fields()) parts.push_back(Of(field.type));
        return Value::Nested(type, std::move(parts));
      }
      default: return Value::Integer(type, Below(30000) - 15000);
    }
  }

  // A vector in a random encoding and the values that it should have.
  VectorPtr Make(const TypePtr& type, int64_t size, std::vector<Value>* expected) {
    const int64_t kind = Below(4);
    if (kind == 0) {
      Value value = Of(type);
      expected->assign(static_cast<size_t>(size), value);
      return Vector::MakeConstant(value, size);
    }
    std::vector<Value> values;
    if (kind == 1) {
      for (int64_t i = 0; i < 1 + size / 2; ++i) values.push_back(Of(type));
      BufferPtr codes = Buffer::Allocate(size * 4);
      BufferPtr validity = Buffer::AllocateZeroed(BitmapBytes(size));
      expected->clear();
      for (int64_t i = 0; i < size; ++i) {
        const int64_t code = Below(static_cast<int64_t>(values.size()));
        const bool valid = Below(6) != 0;
        if (valid) SetBit(validity->mutable_data(), i);
        codes->mutable_as<int32_t>()[i] = static_cast<int32_t>(code);
        expected->push_back(valid ? values[code] : Value::Null(type));
      }
      return Vector::MakeDictionary(MakeVector(type, values), codes, size, validity);
    }
    for (int64_t i = 0; i < size; ++i) values.push_back(Of(type));
    *expected = values;
    return MakeVector(type, values);
  }

 private:
  Value List(const TypePtr& type) {
    std::vector<Value> parts;
    const int64_t n = Below(4);
    for (int64_t i = 0; i < n; ++i) {
      if (type->is(TypeId::kMap)) {
        parts.push_back(Of(type->key(), false));
        parts.push_back(Of(type->value()));
      } else {
        parts.push_back(Of(type->element()));
      }
    }
    return Value::Nested(type, std::move(parts));
  }

  std::mt19937 random_;
};

void ExpectSame(const VectorPtr& vector, const std::vector<Value>& expected, const char* what) {
  ASSERT_EQ(vector->size(), static_cast<int64_t>(expected.size())) << what;
  for (size_t i = 0; i < expected.size(); ++i) {
    const Value got = vector->GetValue(static_cast<int64_t>(i));
    ASSERT_TRUE(got == expected[i]) << what << " row " << i << " of " << vector->type()->CatalogString() << ": "
                                    << got.ToSql() << " instead of " << expected[i].ToSql();
  }
}

TEST(Vector, ReshapingKeepsValues) {
  for (uint32_t seed = 0; seed < 600; ++seed) {
    Generator generator(seed);
    const TypePtr type = generator.Type(0);
    const int64_t size = 1 + generator.Below(40);
    std::vector<Value> expected;
    const VectorPtr vector = generator.Make(type, size, &expected);
    ExpectSame(vector, expected, "as made");
    ExpectSame(Flatten(vector), expected, "flattened");
    ExpectSame(CopyCompact(*vector), expected, "copied");

    std::vector<int32_t> rows;
    std::vector<Value> gathered;
    for (int i = 0; i < 20; ++i) {
      rows.push_back(static_cast<int32_t>(generator.Below(size + 1) - 1));
      gathered.push_back(rows.back() < 0 ? Value::Null(type) : expected[rows.back()]);
    }
    const VectorPtr picked = Gather(vector, rows.data(), 20);
    ExpectSame(picked, gathered, "gathered");
    ExpectSame(Flatten(picked), gathered, "gathered and flattened");

    const int64_t offset = generator.Below(size), length = generator.Below(size - offset + 1);
    std::vector<Value> sliced(expected.begin() + offset, expected.begin() + offset + length);
    ExpectSame(Slice(vector, offset, length), sliced, "sliced");
    int64_t nulls = 0;
    for (const Value& value : expected) nulls += value.is_null();
    ASSERT_EQ(vector->CountNulls(), nulls);

    std::vector<Value> other_values, both = gathered;
    const VectorPtr other = generator.Make(type, 7, &other_values);
    both.insert(both.end(), other_values.begin(), other_values.end());
    both.insert(both.end(), sliced.begin(), sliced.end());
    ExpectSame(Concat({picked, other, Slice(vector, offset, length)}), both, "concatenated");
  }
}

TEST(Vector, SerialisedAndArrowRoundTrips) {
  for (uint32_t seed = 0; seed < 400; ++seed) {
    Generator generator(seed);
    const TypePtr type = generator.Type(0);
    const int64_t size = generator.Below(50);
    std::vector<Value> first, second;
    Batch batch;
    batch.rows = size;
    batch.place = {3, 7};
    batch.columns = {generator.Make(type, size, &first), generator.Make(types::String(), size, &second)};
    std::string bytes;
    SerializeBatch(batch, &bytes);
    SerializeBatch(batch, &bytes);
    std::string_view rest = bytes;
    for (int i = 0; i < 2; ++i) {
      Batch back = DeserializeBatch({type, types::String()}, &rest);
      ASSERT_EQ(back.place, batch.place);
      ExpectSame(back.columns[0], first, "serialised");
      ExpectSame(back.columns[1], second, "serialised");
    }
    ASSERT_TRUE(rest.empty());

    const TypePtr schema = types::Struct({{"x", type, true, ""}, {"y", types::String(), true, ""}});
    TypePtr read_schema;
    const std::string stream = WriteIpcStream({batch, batch}, *schema, {"UTC", seed % 2 == 0});
    std::vector<Batch> back = ReadIpcStream(stream, &read_schema);
    ASSERT_TRUE(SameType(*read_schema, *schema)) << read_schema->ToSql() << " instead of " << schema->ToSql();
    ASSERT_EQ(back.size(), size == 0 ? 0u : 2u);
    if (size == 0) continue;
    ExpectSame(back[1].columns[0], first, "through Arrow");
    ExpectSame(back[1].columns[1], second, "through Arrow");
  }
}

TEST(Vector, CorruptBytesRaise) {
  Generator generator(1);
  std::mt19937 random(5);
  for (uint32_t seed = 0; seed < 300; ++seed) {
    const TypePtr type = generator.Type(0);
    std::vector<Value> values;
    Batch batch;
    batch.rows = 9;
    batch.columns = {generator.Make(type, 9, &values)};
    std::string bytes;
    SerializeBatch(batch, &bytes);
    bytes[random() % bytes.size()] ^= static_cast<char>(1 + random() % 255);
    if (seed % 3 == 0) bytes.resize(random() % bytes.size());
    std::string_view rest = bytes;
    try {
      Batch back = DeserializeBatch({type}, &rest);  // raising or answering are both fine, crashing isn't
      for (int64_t i = 0; i < std::min<int64_t>(back.rows, 20); ++i) back.columns[0]->GetValue(i);
    } catch (const Error&) {
    }
    const std::string stream = WriteIpcStream({batch}, *types::Struct({{"x", type, true, ""}}), {});
    std::string corrupt = stream;
    corrupt[random() % corrupt.size()] ^= static_cast<char>(1 + random() % 255);
    try {
      TypePtr schema;
      ReadIpcStream(corrupt, &schema);
    } catch (const Error&) {
    }
  }
}

TEST(Vector, AStreamThatEndsBeforeItsSchemaHasNone) {
  using namespace std::string_view_literals;
  for (const std::string_view bytes :
       {""sv, "\0\0"sv, "\0\0\0\0"sv, "\xff\xff\xff\xff"sv, "\xff\xff\xff\xff\0\0\0\0"sv}) {
    TypePtr schema = types::Int();
    EXPECT_TRUE(ReadIpcStream(bytes, &schema).empty());
    EXPECT_EQ(schema, nullptr);
  }
}

TEST(Vector, DictionariesCompose) {
  const VectorPtr base = MakeVector(types::Int(), {Value::Int(10), Value::Null(types::Int()), Value::Int(30)});
  BufferPtr codes = Buffer::Allocate(8), outer = Buffer::Allocate(12);
  codes->mutable_as<int32_t>()[0] = 2;
  codes->mutable_as<int32_t>()[1] = 1;
  for (int i = 0; i < 3; ++i) outer->mutable_as<int32_t>()[i] = i % 2;
  const VectorPtr inner = Vector::MakeDictionary(base, codes, 2);
  const VectorPtr both = Vector::MakeDictionary(inner, outer, 3);
  EXPECT_EQ(both->base(), base);
  EXPECT_TRUE(both->GetValue(2) == Value::Int(30));
  EXPECT_TRUE(both->IsNull(1));
  EXPECT_TRUE(Gather(Vector::MakeConstant(Value::Int(4), 5), outer->as<int32_t>(), 3)->is_constant());
}

}  // namespace
}  // namespace centella
