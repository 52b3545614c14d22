"""select, withColumn(s), renaming, dropping, casting, Column methods and the names that results get."""

from golden import case
from pyspark.sql import functions as F


def people(spark):
    rows = [(1, "Ann", 30, 1.5), (2, "Bob", None, -2.0), (3, None, 41, None)]
    return spark.createDataFrame(rows, "id INT, name STRING, age INT, score DOUBLE")


def case_select_forms(spark):
    df = people(spark)
    return df.select("id", df.name, df["age"], F.col("score"), (F.col("id") + 1).alias("next"), F.lit("x"))


def case_select_star_and_expr(spark):
    return people(spark).select("*", F.expr("id * 2 AS twice"))


def case_select_expr(spark):
    return people(spark).selectExpr("id", "upper(name) AS u", "age + 1", "CASE WHEN age > 35 THEN 'old' END AS c")


def case_with_column(spark):
    return people(spark).withColumn("age", F.coalesce("age", F.lit(0))).withColumn("new", F.col("age") * 2)


def case_with_columns(spark):
    return people(spark).withColumns({"a": F.col("id") + 1, "name": F.lower("name"), "b": F.lit(None)})


def case_with_column_renamed(spark):
    return people(spark).withColumnRenamed("name", "full_name").withColumnRenamed("nope", "x")


def case_with_columns_renamed(spark):
    return people(spark).withColumnsRenamed({"id": "key", "age": "years"})


def case_drop(spark):
    df = people(spark)
    return df.drop("name", "nope").drop(df.age)


def case_to_df(spark):
    return people(spark).toDF("a", "b", "c", "d")


def case_to_df_wrong_count(spark):
    return people(spark).toDF("a", "b")


def case_columns_and_types(spark):
    df = people(spark)
    return [df.columns, [list(pair) for pair in df.dtypes], df.schema.simpleString()]


def case_col_regex(spark):
    return people(spark).select(people(spark).colRegex("`.*e`"))


def case_cast(spark):
    df = people(spark)
    return df.select(df.id.cast("string"), df.age.cast("double").alias("d"), df.score.cast("decimal(5,2)"), df.id.astype("bigint"))


def case_column_methods(spark):
    df = people(spark)
    return df.select(
        df.id.between(1, 2), df.name.isin("Ann", "Zed"), df.name.startswith("A"), df.name.like("%o%"), df.name.rlike("^B"),
        df.name.substr(1, 2), df.age.isNull(), df.age.isNotNull(), df.name.contains("n"), df.age.eqNullSafe(None),
        df.name.endswith("b"), ~(df.id == 1), -df.id, df.score.isNaN(),
    )  # fmt: skip


def case_when(spark):
    df = people(spark)
    size = F.when(df.age > 40, "old").when(df.age > 20, "young").otherwise("unknown")
    return df.select("id", size.alias("size"), F.when(df.id == 1, 1).alias("one"))


def case_nested_access(spark):
    df = spark.sql("SELECT named_struct('a', 1, 'b', named_struct('c', 'x')) AS s, map('k', 5) AS m, array(1, 2) AS xs")
    return df.select("s.a", "s.b.c", df.s.b.c, df.m["k"], df.m.k, df.xs[1], df.xs.getItem(0), df.s.getField("a"), "s.*")


def case_with_and_drop_fields(spark):
    df = spark.sql("SELECT named_struct('a', 1, 'b', 2) AS s")
    return df.select(df.s.withField("c", F.lit("new")).alias("w"), df.s.dropFields("a").alias("d"))


def case_weird_names(spark):
    df = spark.createDataFrame([(1, 2)], ["a.b", "c d"])
    return df.select("`a.b`", F.col("c d"), df["`a.b`"] + 1)


def case_metadata(spark):
    return people(spark).select(F.col("id").alias("id", metadata={"unit": "piece"})).withMetadata("id", {"k": [1, 2]})


def case_literals(spark):
    import datetime
    import decimal

    values = [1, 2**40, 1.5, True, "s", None, b"\x01", decimal.Decimal("1.50"), datetime.date(2020, 1, 1)]
    values += [datetime.datetime(2020, 1, 1, 10), datetime.timedelta(hours=25), [1, 2], ["a"]]
    return spark.range(1).select(*[F.lit(v).alias(f"c{i}") for i, v in enumerate(values)])


@case(ordered=True)
def case_transform(spark):
    return people(spark).transform(lambda df: df.where("id > 1")).transform(lambda df: df.orderBy(F.desc("id")))


def case_many_with_columns(spark):
    df = spark.range(2)
    for number in range(60):
        df = df.withColumn(f"c{number}", F.col("id" if number == 0 else f"c{number - 1}") + 1)
    return df.select("id", "c59")


def case_to_schema(spark):
    return people(spark).select("id", "name").to(__import__("pyspark").sql.types.StructType.fromDDL("name STRING, id BIGINT"))


def case_explode(spark):
    df = spark.sql("SELECT 1 AS id, array('a', 'b') AS xs UNION ALL SELECT 2, NULL")
    return df.select("id", F.explode_outer("xs").alias("x"))


def case_posexplode_and_json(spark):
    df = spark.sql("""SELECT '{"a": 1, "b": "x"}' AS j, map('p', 1, 'q', 2) AS m""")
    return df.select(F.from_json("j", "a INT, b STRING").alias("p"), F.posexplode("m"))


def case_higher_order(spark):
    df = spark.sql("SELECT array(1, 2, 3) AS xs, map('a', 1) AS m")
    return df.select(
        F.transform("xs", lambda x: x * 2).alias("t"), F.filter("xs", lambda x: x > 1).alias("f"),
        F.aggregate("xs", F.lit(0), lambda a, x: a + x).alias("r"), F.exists("xs", lambda x: x == 2).alias("e"),
        F.transform_values("m", lambda k, v: v + 1).alias("v"), F.zip_with("xs", "xs", lambda x, y: x + y).alias("z"),
    )  # fmt: skip


def case_functions_of_dates(spark):
    df = spark.sql("SELECT date'2024-01-31' AS d, timestamp'2024-01-31 10:11:12' AS t, '2024-02-01' AS s")
    return df.select(
        F.year("d"), F.add_months("d", 1), F.date_add("d", 1), F.date_format("t", "yyyy/MM"), F.to_date("s"), F.hour("t"),
        F.datediff(F.to_date("s"), "d"), F.trunc("d", "month"), F.date_trunc("hour", "t"), F.last_day("d"), F.unix_timestamp("t"),
    )  # fmt: skip


def case_functions_of_strings(spark):
    df = spark.createDataFrame([("Hello World",), (None,)], ["s"])
    return df.select(
        F.upper("s"), F.concat_ws("-", "s", F.lit("x")), F.split("s", " "), F.regexp_replace("s", "o", "0"), F.length("s"),
        F.substring("s", 1, 3), F.lpad("s", 14, "*"), F.regexp_extract("s", r"(\w+)$", 1), F.initcap("s"), F.md5("s"),
        F.instr("s", "W"), F.format_string("%s!", "s"), F.translate("s", "lo", "01"), F.trim("s"), F.levenshtein("s", F.lit("x")),
    )  # fmt: skip
