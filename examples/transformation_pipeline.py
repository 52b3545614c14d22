"""A transformation pipeline: clean, enrich, aggregate — each step a function from DataFrame to DataFrame.

usage: transformation_pipeline.py
"""

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

SIGN_UPS = [
    (1, " ada byron ", "Ada@Example.org", "lisbon", "2026-01-03"),
    (2, "Grace Hopper", "grace@example.org ", "Porto", "2026-01-04"),
    (3, "ADA BYRON", "ada@example.org", "Lisbon ", "2026-01-09"),
    (4, "Katherine Johnson", "katherine@example.org", "Madrid", "2026-02-01"),
    (5, "Hedy Lamarr", None, "Vienna", "2026-02-11"),
    (6, "Radia Perlman", "radia@example.org", None, "2026-02-12"),
]


def clean(people):
    """One spelling for everything; without an address nobody can be told apart."""
    return (
        people.withColumn("name", F.initcap(F.trim("name")))
        .withColumn("email", F.lower(F.trim("email")))
        .withColumn("city", F.coalesce(F.initcap(F.trim("city")), F.lit("Unknown")))
        .withColumn("joined", F.to_date("joined"))
        .na.drop(subset=["email"])
    )


def keep_first(people):
    """Of several sign-ups with one address, the earliest."""
    earliest = people.groupBy("email").agg(F.min("id").alias("id"))
    return people.join(earliest, ["id", "email"], "left_semi")


def enrich(people):
    country = (
        F.when(F.col("city").isin("Lisbon", "Porto"), "Portugal")
        .when(F.col("city") == "Madrid", "Spain")
        .otherwise("elsewhere")
    )
    return people.withColumn("country", country).withColumn("month", F.date_format("joined", "yyyy-MM"))


def aggregate(people):
    return people.groupBy("country").agg(
        F.count("*").alias("people"), F.collect_set("month").alias("months")
    )


def main():
    spark = SparkSession.builder.appName("Transformation pipeline").getOrCreate()
    raw = spark.createDataFrame(SIGN_UPS, ["id", "name", "email", "city", "joined"])
    people = raw.transform(clean).transform(keep_first).transform(enrich)
    people.orderBy("id").show(truncate=False)
    people.transform(aggregate).withColumn("months", F.sort_array("months")).orderBy("country").show()
    spark.stop()


if __name__ == "__main__":
    main()
