"""na.*, describe, summary, stat.*, replace."""

from golden import case
from pyspark.sql import functions as F


def data(spark):
    rows = [(1, "a", 1.5, True), (2, None, None, None), (None, None, float("nan"), False), (4, "a", 3.0, True)]
    return spark.createDataFrame(rows, "i INT, s STRING, d DOUBLE, b BOOLEAN")


def case_drop_any(spark):
    return data(spark).na.drop()


def case_drop_all(spark):
    return data(spark).dropna("all", subset=["i", "s"])


def case_drop_threshold(spark):
    return data(spark).na.drop(thresh=3)


def case_drop_subset(spark):
    return data(spark).na.drop(subset=["s"])


def case_fill_number(spark):
    return data(spark).na.fill(0)


def case_fill_double(spark):
    return data(spark).fillna(9.9)


def case_fill_string(spark):
    return data(spark).na.fill("?")


def case_fill_boolean(spark):
    return data(spark).na.fill(False)


def case_fill_dictionary(spark):
    return data(spark).na.fill({"i": -1, "s": "none", "d": 0.5})


def case_fill_subset(spark):
    return data(spark).na.fill(7, subset=["i"])


def case_fill_unknown(spark):
    return data(spark).na.fill(7, subset=["nope"])


def case_replace_value(spark):
    return data(spark).na.replace("a", "z")


def case_replace_dictionary(spark):
    return data(spark).replace({1: 10, 4: 40})


def case_replace_lists(spark):
    return data(spark).na.replace([1, 2], [100, 200], "i")


def case_replace_with_none(spark):
    return data(spark).na.replace("a", None)


@case(ordered=True, numeric_strings=True)
def case_describe(spark):
    return data(spark).select("i", "s").describe()


@case(ordered=True, numeric_strings=True)
def case_describe_columns(spark):
    return spark.range(10).selectExpr("id", "id * 0.5 AS h", "double(id) AS d").describe("h", "d")


@case(ordered=True, numeric_strings=True)
def case_summary(spark):
    return spark.range(1, 11).selectExpr("id", "string(id) AS s").summary()


@case(ordered=True, numeric_strings=True)
def case_summary_of(spark):
    return spark.range(1, 11).summary("count", "33%", "max")


def case_summary_unknown(spark):
    return spark.range(3).summary("nonsense")


def case_crosstab(spark):
    df = spark.createDataFrame([("a", 1), ("a", 2), ("b", 1), ("a", 1), (None, 2)], "k STRING, v INT")
    return df.crosstab("k", "v")


def case_freq_items(spark):
    return spark.createDataFrame([(1, "a"), (1, "b"), (1, "a")], "x INT, y STRING").freqItems(["x"], 0.9)


def case_corr_cov(spark):
    df = spark.createDataFrame([(1, 2.0), (2, 4.5), (3, 5.0)], "x INT, y DOUBLE")
    return [round(df.corr("x", "y"), 10), round(df.cov("x", "y"), 10)]


def case_approx_quantile(spark):
    return spark.range(1, 101).approxQuantile("id", [0.0, 0.25, 0.5, 1.0], 0.0)


def case_approx_quantile_of_two(spark):
    return spark.range(1, 11).selectExpr("id", "id * 2.5D AS d").approxQuantile(["id", "d"], [0.5], 0.1)


def case_count_nulls(spark):
    df = data(spark)
    return df.select([F.count(F.when(F.col(c).isNull(), 1)).alias(c) for c in df.columns])


def case_isnan(spark):
    return data(spark).select(F.isnan("d"), F.nanvl("d", F.lit(0.0)), F.isnull("s"), F.coalesce("s", F.lit("x")))
