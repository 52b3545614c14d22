"""Lookup and enrichment: readings joined with two small tables, one of them broadcast.

usage: lookup_enrichment.py
"""

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

READINGS = [
    (1, "s-01", "C", 21.5),
    (2, "s-02", "F", 70.0),
    (3, "s-01", "C", 22.5),
    (4, "s-03", "K", 295.15),
    (5, "s-09", "C", 19.0),
]
SENSORS = [("s-01", "hall", 1), ("s-02", "cellar", 2), ("s-03", "attic", 1)]
UNITS = [("C", 1.0, 0.0), ("F", 5.0 / 9.0, -160.0 / 9.0), ("K", 1.0, -273.15)]


def main():
    spark = SparkSession.builder.appName("Lookup and enrichment").getOrCreate()
    readings = spark.createDataFrame(READINGS, "id int, sensor string, unit string, value double")
    sensors = spark.createDataFrame(SENSORS, "sensor string, room string, floor int")
    units = spark.createDataFrame(UNITS, "unit string, factor double, offset double")

    celsius = F.round(F.col("value") * F.col("factor") + F.col("offset"), 1)
    enriched = (
        readings.join(F.broadcast(units), "unit")
        .join(sensors, "sensor", "left")
        .select("id", "sensor", "room", "floor", celsius.alias("celsius"))
    )
    enriched.orderBy("id").show()

    print("Readings of sensors that the table does not know:")
    readings.join(sensors, "sensor", "left_anti").orderBy("id").show()

    print("Average by floor:")
    by_floor = enriched.groupBy("floor").agg(F.round(F.avg("celsius"), 2).alias("celsius"))
    by_floor.orderBy(F.asc_nulls_last("floor")).show()
    spark.stop()


if __name__ == "__main__":
    main()
