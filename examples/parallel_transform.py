"""Parallel transform: ten million rows through the same expressions on every core.

usage: parallel_transform.py [ROWS]        (default: 10000000)
"""

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    spark = SparkSession.builder.appName("Parallel transform").getOrCreate()
    numbers = spark.range(0, rows, 1, 8).withColumnRenamed("id", "value")
    transformed = (
        numbers.withColumn("square", F.col("value") * F.col("value"))
        .withColumn("kind", F.when(F.col("value") % 3 == 0, "fizz").otherwise("plain"))
        .withColumn("bucket", F.pmod(F.hash("value"), F.lit(4)))
    )
    transformed.show(5)
    transformed.groupBy("kind").agg(
        F.count("*").alias("rows"), F.max("square").alias("largest"), F.avg("value").alias("mean")
    ).orderBy("kind").show()
    transformed.groupBy("bucket").count().orderBy("bucket").show()
    spark.stop()


if __name__ == "__main__":
    main()
