"""Incremental extraction: each run takes only what changed since the last one, once.

usage: incremental_extraction.py [FOLDER]        (default: out/incremental)

A bookmark file remembers the newest change that was loaded. It is written after the load, so a
run that fails in between is repeated in full, and the load by batch id makes the repeat harmless.
"""

import json
import os
import shutil
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

BEGINNING = "1970-01-01 00:00:00"
FIRST_DAY = [
    (1, "open", "2026-05-01 09:00:00"),
    (2, "open", "2026-05-01 09:30:00"),
    (3, "open", "2026-05-01 10:00:00"),
]
SECOND_DAY = [
    (2, "paid", "2026-05-02 08:15:00"),
    (4, "open", "2026-05-02 08:45:00"),
]


def read_bookmark(path):
    if not os.path.exists(path):
        return BEGINNING
    with open(path) as file:
        return json.load(file)["changed_at"]


def write_bookmark(path, changed_at):
    with open(path + ".new", "w") as file:
        json.dump({"changed_at": changed_at}, file)
    os.replace(path + ".new", path)


def extract(spark, folder):
    bookmark = os.path.join(folder, "bookmark.json")
    since = read_bookmark(bookmark)
    source = spark.read.schema("id int, state string, changed_at timestamp").json(f"{folder}/source")
    changes = source.filter(F.col("changed_at") > F.lit(since).cast("timestamp"))
    newest = changes.agg(F.max("changed_at").cast("string").alias("newest")).first()["newest"]
    if newest is None:
        print(f"Nothing new since {since}.")
        return
    batch = newest.replace(" ", "_").replace(":", "-")
    changes.write.mode("overwrite").parquet(f"{folder}/loaded/batch={batch}")
    write_bookmark(bookmark, newest)
    print(f"Since {since}: {changes.count()} changes, up to {newest}.")
    changes.orderBy("changed_at").show()


def main():
    folder = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "out/incremental")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    spark = SparkSession.builder.appName("Incremental extraction").getOrCreate()
    for day in (FIRST_DAY, SECOND_DAY, []):
        if day:
            rows = spark.createDataFrame(day, ["id", "state", "changed_at"])
            rows.write.mode("append").json(f"{folder}/source")
        extract(spark, folder)

    print("Each order as it stands, from all batches:")
    spark.read.parquet(f"{folder}/loaded").createOrReplaceTempView("changes")
    spark.sql(
        """
        SELECT id, max_by(state, changed_at) AS state, count(*) AS changes
        FROM changes GROUP BY id ORDER BY id
        """
    ).show()
    spark.stop()


if __name__ == "__main__":
    main()
