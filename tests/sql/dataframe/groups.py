"""groupBy, agg in all its forms, pivot, unpivot, rollup, cube; joins through the DataFrame API."""

from golden import case
from pyspark.sql import functions as F


def sales(spark):
    rows = [("x", 2020, 10, 1.5), ("x", 2021, 20, None), ("y", 2020, None, 2.5), (None, 2021, 5, 0.5), ("x", 2020, 30, 3.5)]
    return spark.createDataFrame(rows, "shop STRING, year INT, n INT, v DOUBLE")


def left(spark):
    return spark.createDataFrame([(1, "a"), (2, "b"), (3, "c"), (None, "n")], "id INT, l STRING")


def right(spark):
    return spark.createDataFrame([(2, 20), (2, 21), (4, 40), (None, 0)], "id INT, r INT")


def case_agg_forms(spark):
    return sales(spark).groupBy("shop").agg(F.sum("n"), F.avg("v").alias("a"), F.count("*"), F.countDistinct("year").alias("y"))


def case_agg_dictionary(spark):
    return sales(spark).groupBy("shop").agg({"n": "sum", "v": "max", "*": "count"})


def case_agg_without_group(spark):
    return sales(spark).agg(F.max("n"), F.min("shop"), F.first("year"))


def case_shortcuts(spark):
    return sales(spark).groupBy("year").sum("n", "v")


def case_shortcuts_without_columns(spark):
    return sales(spark).groupBy("year").max()


def case_count(spark):
    return sales(spark).groupBy("shop", "year").count()


def case_mean_and_avg(spark):
    return sales(spark).groupBy(F.col("year") % 2).mean("v")


def case_group_by_position(spark):
    return sales(spark).select("shop", "n").groupBy(1).sum("n")


def case_sum_of_string(spark):
    return sales(spark).groupBy("year").sum("shop")


def case_pivot(spark):
    return sales(spark).groupBy("shop").pivot("year").sum("n")


def case_pivot_values(spark):
    return sales(spark).groupBy("shop").pivot("year", [2021, 2020, 1999]).agg(F.sum("n").alias("s"), F.count("v"))


def case_unpivot(spark):
    df = spark.createDataFrame([(1, 10, None), (2, None, 40)], "id INT, a INT, b INT")
    return df.unpivot("id", ["a", "b"], "name", "value")


def case_melt_all_values(spark):
    return spark.createDataFrame([(1, 10, 2.5)], "id INT, a INT, b DOUBLE").melt("id", None, "k", "v")


def case_rollup(spark):
    return sales(spark).rollup("shop", "year").agg(F.sum("n"), F.grouping_id())


def case_cube(spark):
    return sales(spark).cube("shop", "year").count()


def case_grouping_sets(spark):
    return sales(spark).groupingSets([("shop",), ()], "shop").agg(F.sum("n"))


@case(ordered=True)
def case_order_after_group(spark):
    return sales(spark).groupBy("shop").agg(F.sum("n").alias("s")).orderBy(F.desc_nulls_last("s"), "shop").limit(2)


def case_more_aggregates(spark):
    return sales(spark).agg(
        F.stddev("n"), F.variance("n"), F.sort_array(F.collect_list("n")), F.sort_array(F.collect_set("year")), F.corr("n", "v"),
        F.skewness("n"), F.kurtosis("n"), F.percentile_approx("n", 0.5), F.median("n"), F.mode("year"), F.max_by("shop", "n"),
        F.approx_count_distinct("n"), F.sum_distinct("year"), F.bool_or(F.col("n") > 5), F.count_if(F.col("n") > 5), F.product("n"),
    )  # fmt: skip


def case_having(spark):
    return sales(spark).groupBy("shop").agg(F.sum("n").alias("s")).where("s > 5")


def case_join_on_name(spark):
    return left(spark).join(right(spark), "id")


def case_join_on_names_list(spark):
    return left(spark).join(right(spark), ["id"], "left")


def case_join_on_condition(spark):
    a, b = left(spark), right(spark)
    return a.join(b, a.id == b.id, "full")


def case_join_kinds(spark):
    a, b = left(spark), right(spark)
    kinds = ["inner", "left_outer", "rightouter", "outer", "leftsemi", "left_anti", "cross"]
    return [sorted(str(tuple(r)) for r in a.join(b, a.id == b.id, kind).collect()) for kind in kinds]


def case_join_null_safe(spark):
    a, b = left(spark), right(spark)
    return a.join(b, a.id.eqNullSafe(b.id)).drop(b.id)


def case_join_unknown_kind(spark):
    return left(spark).join(right(spark), "id", "sideways")


def case_cross_join(spark):
    return left(spark).select("l").crossJoin(right(spark).select("r"))


def case_join_aliases(spark):
    a, b = left(spark).alias("a"), left(spark).alias("b")
    return a.join(b, F.col("a.id") == F.col("b.id") - 1).select("a.l", F.col("b.l").alias("bl"), "b.*")


def case_self_join_same_frame(spark):
    df = left(spark)
    return df.join(df, df.id == df.id)


def case_join_ambiguous(spark):
    a, b = left(spark), right(spark)
    return a.join(b, a.id == b.id).select("id")


def case_join_several_conditions(spark):
    a, b = left(spark), right(spark)
    return a.join(b, [a.id == b.id, b.r > 20], "left")


def case_join_using_missing(spark):
    return left(spark).join(right(spark), "l")


def case_broadcast(spark):
    return left(spark).join(F.broadcast(right(spark)), "id", "right")


def case_lookup_then_aggregate(spark):
    df = left(spark).join(right(spark), "id", "left").groupBy("l").agg(F.count("r").alias("n"), F.sum("r").alias("s"))
    return df.na.fill(0, ["s"])


def case_lateral_join(spark):
    df = spark.createDataFrame([(1, [1, 2]), (2, [])], "id INT, xs ARRAY<INT>")
    return df.lateralJoin(spark.tvf.explode(F.col("xs").outer()))


def case_scalar_subquery(spark):
    df = right(spark)
    return left(spark).select("l", df.agg(F.max("r")).scalar().alias("m"))


def case_exists(spark):
    return left(spark).alias("o").where(right(spark).where(F.col("id") == F.col("o.id").outer()).exists())
