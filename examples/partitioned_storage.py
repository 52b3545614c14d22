"""Partitioned storage: events in folders by year, month and day, of which a query reads a few.

usage: partitioned_storage.py [FOLDER]        (default: out/events)
"""

import os
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

EVENTS = [
    ("u1", "login", "2026-01-01 10:00:00"),
    ("u2", "logout", "2026-01-01 10:05:00"),
    ("u1", "purchase", "2026-01-02 11:15:00"),
    ("u3", "login", "2026-01-02 12:00:00"),
    ("u4", "view", "2026-02-15 09:30:00"),
    ("u2", "view", "2026-02-15 23:59:59"),
]


def main():
    folder = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "out/events")
    spark = SparkSession.builder.appName("Partitioned storage").getOrCreate()
    day = F.to_date("happened_at")
    events = spark.createDataFrame(EVENTS, ["user", "event", "happened_at"])
    dated = (
        events.withColumn("year", F.year(day))
        .withColumn("month", F.month(day))
        .withColumn("day", F.dayofmonth(day))
    )
    dated.write.mode("overwrite").partitionBy("year", "month", "day").parquet(folder)
    for path, _, names in sorted(os.walk(folder)):
        if any(name.endswith(".parquet") for name in names):
            print(os.path.relpath(path, folder))

    everything = spark.read.parquet(folder)
    everything.printSchema()

    print("January, found by its folders alone:")
    january = everything.filter("year = 2026 AND month = 1")
    january.orderBy("happened_at").show(truncate=False)

    print("One day, asked for by path:")
    spark.read.parquet(f"{folder}/year=2026/month=2/day=15").orderBy("happened_at").show()

    print("Appending a day leaves the others alone:")
    more = spark.createDataFrame([("u9", "login", "2026-02-16 08:00:00", 2026, 2, 16)], everything.columns)
    more.write.mode("append").partitionBy("year", "month", "day").parquet(folder)
    counted = spark.read.parquet(folder).groupBy("year", "month", "day").count()
    counted.orderBy("year", "month", "day").show()
    spark.stop()


if __name__ == "__main__":
    main()
