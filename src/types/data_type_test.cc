// Tests of type names, DDL, JSON and the schema tree.
#include "types/data_type.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace centella {
namespace {

TEST(DataType, DdlRoundTripsThroughItsNames) {
  const char* kTypes[] = {"boolean",
                          "tinyint",
                          "smallint",
                          "int",
                          "bigint",
                          "float",
                          "double",
                          "decimal(10,2)",
                          "decimal(38,0)",
                          "string",
                          "char(3)",
                          "varchar(7)",
                          "binary",
                          "date",
                          "timestamp",
                          "timestamp_ntz",
                          "time(6)",
                          "interval",
                          "interval year to month",
                          "interval month",
                          "interval day to second",
                          "interval hour",
                          "void",
                          "variant",
                          "array<map<string,struct<a:int,b:array<double>>>>",
                          "struct<>"};
  for (const char* text : kTypes) {
    TypePtr type = ParseTypeDdl(text);
    EXPECT_EQ(type->CatalogString(), text);
    EXPECT_TRUE(SameType(*ParseTypeDdl(type->ToSql()), *type)) << type->ToSql();
    EXPECT_TRUE(SameType(*ParseTypeJson(type->ToJson()), *type)) << type->ToJson();
  }
}

TEST(DataType, SchemaDdl) {
  TypePtr schema = ParseSchemaDdl(
      "a INT NOT NULL, `b c` STRUCT<d: STRING COMMENT 'x\"y', e DECIMAL> , f timestamp without time zone");
  EXPECT_EQ(schema->ToSql(), "STRUCT<a: INT NOT NULL, `b c`: STRUCT<d: STRING, e: DECIMAL(10,0)>, f: TIMESTAMP_NTZ>");
  EXPECT_TRUE(SameType(*ParseTypeJson(schema->ToJson()), *schema));
  EXPECT_EQ(ParseSchemaDdl("bigint")->id(), TypeId::kLong);
  EXPECT_EQ(schema->FieldIndex("A"), 0);
  EXPECT_EQ(schema->FieldIndex("A", true), -1);
}

TEST(DataType, RefusesNonsense) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "array<";
  for (const std::string& bad : {std::string("array<int"), std::string("foo"), std::string("decimal(39,0)"),
                                 std::string("decimal(5,6)"), std::string("char"), std::string("int int"), deep}) {
    EXPECT_THROW(ParseTypeDdl(bad), Error) << bad.substr(0, 50);
  }
  for (const char* bad : {"{\"type\":\"array\"}", "int", "\"nothing\""}) {
    try {
      ParseTypeJson(bad);
      FAIL() << bad << " was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.condition(), Condition::INVALID_JSON_DATA_TYPE) << bad;
    }
  }
}

TEST(DataType, Tree) {
  TypePtr schema = ParseSchemaDdl("a array<struct<b:int>>, m map<string,bigint>");
  EXPECT_EQ(TreeString(*schema),
            "root\n"
            " |-- a: array (nullable = true)\n"
            " |    |-- element: struct (containsNull = true)\n"
            " |    |    |-- b: integer (nullable = true)\n"
            " |-- m: map (nullable = true)\n"
            " |    |-- key: string\n"
            " |    |-- value: long (valueContainsNull = true)\n");
  EXPECT_EQ(TreeString(*schema, 1), "root\n |-- a: array (nullable = true)\n |-- m: map (nullable = true)\n");
}

}  // namespace
}  // namespace centella
