"""Whole small jobs: clean, join, aggregate, tier, write partitioned, read back."""

import datetime

from golden import case
from pyspark.sql import Window
from pyspark.sql import functions as F


def orders(spark):
    rows = [
        (1, 10, "2024-01-05", "  Widget ", "2", "9.99"), (2, 11, "2024-01-05", "gadget", "1", "100.00"),
        (3, 10, "2024-02-10", "WIDGET", "x", "9.99"), (4, 12, "2024-02-11", "gizmo", "5", None),
        (5, 99, "2024-02-11", "gadget", "3", "95.50"), (5, 99, "2024-02-11", "gadget", "3", "95.50"),
        (6, None, "bad date", "widget", "7", "9.49"),
    ]  # fmt: skip
    return spark.createDataFrame(rows, "id INT, customer INT, day STRING, product STRING, quantity STRING, price STRING")


def customers(spark):
    return spark.createDataFrame([(10, "Ann", "ES"), (11, "Bob", "FR"), (12, "Eve", None)], "customer INT, name STRING, country STRING")


def cleaned(spark):
    return (
        orders(spark)
        .dropDuplicates()
        .withColumn("product", F.lower(F.trim("product")))
        .withColumn("quantity", F.expr("try_cast(quantity AS INT)"))
        .withColumn("price", F.col("price").cast("decimal(10,2)"))
        .withColumn("day", F.expr("try_to_date(day, 'yyyy-MM-dd')"))
        .na.fill({"quantity": 0})
    )


def case_clean(spark):
    return cleaned(spark)


@case(ordered=True)
def case_daily_summary(spark):
    enriched = cleaned(spark).join(customers(spark), "customer", "left")
    revenue = F.col("quantity") * F.coalesce("price", F.lit(0))
    summary = (
        enriched.where(F.col("day").isNotNull())
        .groupBy("day", F.coalesce("country", F.lit("??")).alias("country"))
        .agg(F.count("*").alias("orders"), F.sum(revenue).alias("revenue"), F.countDistinct("customer").alias("customers"))
    )
    tier = F.when(F.col("revenue") >= 100, "high").when(F.col("revenue") > 0, "low").otherwise("none")
    return summary.withColumn("tier", tier).orderBy("day", "country")


def case_partitioned_and_read_back(spark, folder):
    frame = cleaned(spark).withColumn("year", F.year("day")).withColumn("month", F.month("day"))
    frame.write.mode("overwrite").partitionBy("year", "month").parquet(folder + "/out")
    back = spark.read.parquet(folder + "/out")
    return back.where("month = 2").groupBy("year", "month").agg(F.sum("quantity").alias("q"), F.max("price").alias("p"))


@case(ordered=True)
def case_top_per_group(spark):
    ranked = Window.partitionBy("product").orderBy(F.desc_nulls_last("price"), "id")
    return cleaned(spark).withColumn("rank", F.row_number().over(ranked)).where("rank <= 1").orderBy("product").select("product", "id", "price")


@case(ordered=True)
def case_running_total(spark):
    so_far = Window.partitionBy("customer").orderBy("day", "id").rowsBetween(Window.unboundedPreceding, 0)
    frame = cleaned(spark).where("customer IS NOT NULL")
    return frame.select("customer", "id", F.sum("quantity").over(so_far).alias("total")).orderBy("customer", "id")


def case_incremental(spark, folder):
    cleaned(spark).where("id <= 2").write.parquet(folder + "/state")
    seen = spark.read.parquet(folder + "/state")
    fresh = cleaned(spark).join(seen.select("id"), "id", "left_anti")
    fresh.write.mode("append").parquet(folder + "/state")
    return spark.read.parquet(folder + "/state").select("id")


def case_sql_over_views(spark):
    cleaned(spark).createOrReplaceTempView("golden_orders")
    customers(spark).createOrReplaceTempView("golden_customers")
    return spark.sql(
        """WITH spent AS (SELECT customer, sum(quantity * price) AS total FROM golden_orders GROUP BY customer)
           SELECT c.name, round(s.total, 1) AS total, rank() OVER (ORDER BY s.total DESC NULLS LAST) AS place
           FROM golden_customers c LEFT JOIN spent s USING (customer)"""
    )


def case_pivot_by_month(spark):
    frame = cleaned(spark).withColumn("month", F.date_format("day", "yyyy-MM"))
    return frame.groupBy("product").pivot("month").agg(F.sum("quantity"))


def case_quality_report(spark):
    frame = cleaned(spark)
    checks = [F.sum(F.col(name).isNull().cast("int")).alias(name) for name in frame.columns]
    return frame.agg(F.count("*").alias("rows"), *checks)


def case_late_data(spark):
    limit = F.lit(datetime.date(2024, 2, 1))
    return cleaned(spark).withColumn("late", F.col("day") < limit).groupBy("late").count()
