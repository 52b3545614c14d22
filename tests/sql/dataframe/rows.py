"""filter, sort, limit, distinct, sampling, set operations and the actions that return Python values."""

from golden import case
from pyspark.sql import functions as F


def numbers(spark):
    rows = [(1, "a", 5.0), (2, "b", None), (3, "a", 1.0), (4, None, 5.0), (2, "b", None)]
    return spark.createDataFrame(rows, "id INT, g STRING, v DOUBLE")


def case_filter_forms(spark):
    df = numbers(spark)
    return df.filter("id > 1").where(df.g == "b").filter(F.col("v").isNull())


def case_filter_and_or(spark):
    df = numbers(spark)
    return df.filter((df.id > 1) & (df.g == "a") | df.g.isNull())


@case(ordered=True)
def case_order(spark):
    return numbers(spark).orderBy(F.desc("v"), "id")


@case(ordered=True)
def case_order_nulls(spark):
    return numbers(spark).sort(F.col("g").desc_nulls_first(), F.col("v").asc_nulls_last(), F.col("id").desc())


@case(ordered=True)
def case_order_ascending_list(spark):
    return numbers(spark).orderBy(["g", "id"], ascending=[False, True])


@case(ordered=True)
def case_limit_offset(spark):
    return numbers(spark).orderBy("id", "v").offset(1).limit(2)


def case_head_first_take_tail(spark):
    df = numbers(spark).orderBy("id")
    return [[list(r) for r in df.take(2)], list(df.first()), list(df.head()), [list(r) for r in df.tail(1)], df.isEmpty()]


def case_count(spark):
    df = numbers(spark)
    return [df.count(), df.filter("id > 100").count(), df.filter("id > 100").isEmpty(), df.filter("id > 100").first()]


def case_distinct(spark):
    return numbers(spark).distinct()


def case_drop_duplicates(spark):
    return numbers(spark).dropDuplicates()


def case_drop_duplicates_of_columns(spark):
    return numbers(spark).dropDuplicates(["g"]).select("g")


def case_drop_duplicates_unknown(spark):
    return numbers(spark).dropDuplicates(["nope"])


def case_union(spark):
    df = numbers(spark)
    return df.union(df.filter("id = 1")).unionAll(df.limit(0))


def case_union_by_name(spark):
    a = spark.createDataFrame([(1, 2)], ["x", "y"])
    b = spark.createDataFrame([(3, 4)], ["y", "x"])
    return a.unionByName(b)


def case_union_by_name_missing(spark):
    a = spark.createDataFrame([(1, 2)], ["x", "y"])
    b = spark.createDataFrame([("s", 4)], ["z", "x"])
    return a.unionByName(b, allowMissingColumns=True)


def case_union_by_name_fails(spark):
    a = spark.createDataFrame([(1, 2)], ["x", "y"])
    b = spark.createDataFrame([(3, 4)], ["y", "z"])
    return a.unionByName(b)


def case_union_count_fails(spark):
    return spark.range(1).union(numbers(spark))


def case_intersect(spark):
    return numbers(spark).intersect(numbers(spark).filter("id < 3"))


def case_intersect_all(spark):
    return numbers(spark).intersectAll(numbers(spark))


def case_subtract(spark):
    return numbers(spark).subtract(numbers(spark).filter("id < 3"))


def case_except_all(spark):
    return numbers(spark).exceptAll(numbers(spark).limit(0)).exceptAll(spark.createDataFrame([(2, "b", None)], "id INT, g STRING, v DOUBLE"))


@case(ordered=True)
def case_sample_with_seed(spark):
    return spark.range(0, 100, 1, 2).sample(fraction=0.1, seed=42)


@case(ordered=True)
def case_sample_with_replacement(spark):
    return spark.range(0, 50, 1, 2).sample(True, 0.2, seed=7)


def case_random_split(spark):
    parts = spark.range(0, 50, 1, 2).randomSplit([0.5, 0.5], seed=1)
    return [[r.id for r in part.collect()] for part in parts]


def case_sample_by(spark):
    return spark.range(0, 40, 1, 2).selectExpr("id", "id % 2 AS k").sampleBy("k", {0: 0.5, 1: 0.1}, seed=3)


@case(ordered=True)
def case_rand_columns(spark):
    return spark.range(0, 6, 1, 2).select(F.rand(5).alias("u"), F.randn(5).alias("n"))


def case_repartition(spark):
    df = spark.range(0, 20, 1, 2).repartition(3)
    return [df.count(), df.coalesce(1).select(F.spark_partition_id()).distinct().count()]


def case_repartition_by_hash(spark):
    return spark.range(0, 10, 1, 2).repartition(4, "id").select("id", F.spark_partition_id().alias("p"))


def case_cache(spark):
    df = spark.range(5).cache()
    first = df.count()
    level = str(df.storageLevel)
    df.unpersist()
    return [first, df.count(), level]


def case_to_json(spark):
    return [r.value for r in numbers(spark).orderBy("id", "v").selectExpr("to_json(struct(*)) AS value").collect()]


def case_collect_rows(spark):
    return [repr(r) for r in spark.sql("SELECT 1 AS a, 'x' AS b, array(1.5) AS c, named_struct('p', NULL) AS d").collect()]


def case_to_local_iterator(spark):
    return [r.id for r in spark.range(0, 5, 1, 2).toLocalIterator()]


def case_hint(spark):
    return numbers(spark).hint("broadcast").join(spark.range(3), "id")


def case_same_semantics(spark):
    a = spark.range(3)
    return [a.sameSemantics(spark.range(3)), a.sameSemantics(spark.range(4)), a.isStreaming, a.isLocal()]


def case_is_local(spark):
    return [numbers(spark).isLocal(), spark.sql("SHOW CATALOGS").isLocal()]


def case_window_functions(spark):
    from pyspark.sql import Window

    w = Window.partitionBy("g").orderBy("id")
    frame = w.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    return numbers(spark).select(
        "id", F.row_number().over(w).alias("rn"), F.lag("v", 1).over(w).alias("l"), F.sum("id").over(frame).alias("s"),
        F.dense_rank().over(Window.orderBy(F.desc("id"))).alias("dr"), F.sum("id").over(w.rangeBetween(-1, 1)).alias("r"),
    )  # fmt: skip


def case_input_files_of_nothing(spark):
    return spark.range(1).inputFiles()


def case_observe(spark):
    from pyspark.sql import Observation

    seen = Observation("seen")
    spark.range(10).observe(seen, F.count(F.lit(1)).alias("n"), F.max("id").alias("m")).collect()
    return [seen.get["n"], seen.get["m"]]


def case_union_by_name_nested(spark):
    a = spark.sql("SELECT 1 AS id, named_struct('x', 1, 'y', 'a') AS s, array(named_struct('p', 1)) AS l")
    b = spark.sql("SELECT 2 AS id, named_struct('y', 'b', 'z', 2.5D) AS s, array(named_struct('q', 'w')) AS l, 7 AS more")
    return a.unionByName(b, allowMissingColumns=True)


def case_observe(spark):
    from pyspark.sql import Observation

    seen = Observation("seen")
    numbers(spark).filter("id > 1").observe(seen, F.count(F.lit(1)).alias("n"), F.max("id").alias("m")).collect()
    return seen.get


def case_observe_column(spark):
    return numbers(spark).observe("seen", F.col("id"))


@case(ordered=True)
def case_sample_with_replacement_often(spark):
    return spark.range(0, 30, 1, 1).sample(True, 2.0, seed=5)


def case_partitions_of_local_rows(spark):
    return numbers(spark).groupBy(F.spark_partition_id().alias("p")).count()
