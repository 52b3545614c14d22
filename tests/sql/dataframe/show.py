"""What show, printSchema, explain's kin and the notebook print: strings, exactly."""

import contextlib
import io

from pyspark.sql import functions as F


def printed(action):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        action()
    return out.getvalue()


def mixed(spark):
    return spark.sql(
        """SELECT * FROM VALUES
        (1, 'short', 1.5D, date'2024-01-01', array(1, NULL), named_struct('a', 1, 'b', 'x'), map('k', 1.5)),
        (22, 'a string that is longer than twenty characters', NULL, NULL, NULL, NULL, NULL),
        (NULL, 'é😀中文', 1e10D, date'1999-12-31', array(), named_struct('a', NULL, 'b', ''), map())
        AS v(id, s, d, day, xs, st, kv)"""
    )


def case_show(spark):
    return printed(mixed(spark).show)


def case_show_untruncated(spark):
    return printed(lambda: mixed(spark).show(truncate=False))


def case_show_truncate_number(spark):
    return printed(lambda: mixed(spark).show(2, 5))


def case_show_truncate_tiny(spark):
    return printed(lambda: mixed(spark).show(2, 2))


def case_show_vertical(spark):
    return printed(lambda: mixed(spark).show(2, True, True))


def case_show_more_rows(spark):
    return printed(lambda: spark.range(25).show())


def case_show_one_row_of_more(spark):
    return printed(lambda: spark.range(3).show(1))


def case_show_zero(spark):
    return printed(lambda: spark.range(3).show(0))


def case_show_empty(spark):
    return printed(spark.createDataFrame([], "a INT, long_column_name STRING").show)


def case_show_no_columns(spark):
    return printed(spark.range(2).select().show)


def case_show_numbers(spark):
    text = """SELECT float(0.1) AS f, 1e-5D AS e, 100.0D AS h, 1.50 AS m, cast(0 AS decimal(10,8)) AS z, double('NaN') AS n,
              9007199254740993L AS l, true AS b, X'41FF' AS x, -0.0D AS neg, 1e7D AS big, 0.001D AS small"""
    return printed(spark.sql(text).show)


def case_show_times(spark):
    text = """SELECT timestamp'2024-01-01 10:00:00' AS a, timestamp'2024-01-01 10:00:00.120' AS b, timestamp_ntz'2024-01-01' AS c,
              INTERVAL '1 02:03:04' DAY TO SECOND AS d, INTERVAL '1-2' YEAR TO MONTH AS e, date'0001-01-01' AS f,
              INTERVAL 1 HOUR AS g, date'-0044-03-15' AS h"""
    return printed(lambda: spark.sql(text).show(truncate=False))


def case_show_control_characters(spark):
    return printed(lambda: spark.sql(r"SELECT 'a\nb' AS n, 'a\tb' AS t, 'a\rb' AS r, 'x|y' AS p, '' AS e").show())


def case_show_nested(spark):
    text = "SELECT array(struct(1 AS a, 'x' AS b)) AS p, map('k', array(1, NULL)) AS q, struct(struct(NULL AS z) AS y) AS r"
    return printed(lambda: spark.sql(text).show(truncate=False))


def case_show_wide_strings(spark):
    return printed(spark.createDataFrame([("中文字符", 1), ("ab", 2), ("ｆｕｌｌ", 3)], ["列", "n"]).show)


def case_show_after_group(spark):
    df = spark.range(10).groupBy((F.col("id") % 3).alias("k")).agg(F.sum("id"), F.avg("id")).orderBy("k")
    return printed(df.show)


def case_print_schema(spark):
    return printed(mixed(spark).printSchema)


def case_print_schema_level(spark):
    df = spark.sql("SELECT named_struct('a', array(named_struct('b', map('k', 1)))) AS s, 1L AS l")
    return printed(lambda: df.printSchema(2)) + printed(df.printSchema)


def case_print_schema_types(spark):
    text = """SELECT 1Y AS a, 1S AS b, 1 AS c, 1L AS d, 1F AS e, 1D AS f, 1.50 AS g, 'x' AS h, X'00' AS i, true AS j, NULL AS k,
              date'2020-01-01' AS l, timestamp'2020-01-01' AS m, timestamp_ntz'2020-01-01' AS n, INTERVAL '1' DAY AS o,
              INTERVAL '1' MONTH AS p, cast('a' AS char(3)) AS q, parse_json('1') AS r"""
    return printed(spark.sql(text).printSchema)


def case_repr(spark):
    return [repr(mixed(spark)), str(spark.range(1).id), repr(F.col("a") + 1), str(F.sum("x").alias("y"))]


def case_repr_html(spark):
    spark.conf.set("spark.sql.repl.eagerEval.enabled", "true")
    try:
        return [spark.range(2)._repr_html_(), repr(spark.range(2))]
    finally:
        spark.conf.unset("spark.sql.repl.eagerEval.enabled")


def case_schema_json(spark):
    return mixed(spark).schema.json()
