"""The other clients that a user may already have: full pyspark 3.5, 4.0, 4.1, 4.2 and 4.3.

The pinned client always runs this. Others run when CENTELLA_CLIENTS names a folder with one virtual
environment a version (`FOLDER/4.1.0/bin/python`); install_clients.sh makes such a folder.
"""

from __future__ import annotations

import glob
import os
import sys

import pytest

PROGRAM = """
import sys
import pyspark
from pyspark import SparkContext
from pyspark.sql import SparkSession, Window, functions as F

spark = (SparkSession.builder.appName("smoke").master("local[2]")
         .config("spark.sql.shuffle.partitions", 3).enableHiveSupport().getOrCreate())
sc = spark.sparkContext
print(sc.appName, sc.master, SparkContext.getOrCreate() is sc)
print(spark.conf.get("spark.sql.shuffle.partitions"))
df = spark.createDataFrame([(1, "a"), (2, "b"), (3, "a")], ["n", "s"])
df.groupBy("s").agg(F.sum("n").alias("total")).orderBy("s").show()
by_s = Window.partitionBy("s").orderBy("n")
print([r.place for r in df.withColumn("place", F.row_number().over(by_s)).orderBy("n").collect()])
print(df.toPandas()["n"].sum(), spark.sql("SELECT count(*) AS c FROM range(9)").first().c)
df.createOrReplaceTempView("t")
other = spark.newSession()
print(spark.catalog.tableExists("t"), other.catalog.tableExists("t"))
df.write.mode("overwrite").parquet(sys.argv[1])
print(spark.read.parquet(sys.argv[1]).filter("n > 1").count())
for attempt in (lambda: sc.parallelize([1]), lambda: df.select("nope").collect()):
    try:
        attempt()
    except Exception as error:
        print(type(error).__name__, str(error)[:27])
spark.stop()
print(SparkSession.builder.getOrCreate().range(5).count())
"""

OUTPUT = """smoke local[2] True
3
+---+-----+
|  s|total|
+---+-----+
|  a|    4|
|  b|    2|
+---+-----+

[1, 1, 2]
6 9
True False
2
PySparkNotImplementedError [NOT_IMPLEMENTED] SparkCont
AnalysisException [UNRESOLVED_COLUMN.WITH_SUG
5
"""

COUNT_PARTITIONS = """
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print(spark.range(10).repartition(7).rdd.getNumPartitions())
"""


def pythons():
    folder = os.environ.get("CENTELLA_CLIENTS")
    found = sorted(glob.glob(os.path.join(folder, "*", "bin", "python"))) if folder else []
    others = [
        pytest.param(python, id=python.split(os.sep)[-3], marks=pytest.mark.clients)
        for python in found
    ]
    return [pytest.param(sys.executable, id="pinned"), *others]


@pytest.mark.parametrize("python", pythons())
def test_client(python, run, script, tmp_path):
    finished = run(script(PROGRAM), tmp_path / "out", python=python)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == OUTPUT


@pytest.mark.centella
@pytest.mark.parametrize("python", pythons())
def test_number_of_partitions(python, run, script):
    finished = run(script(COUNT_PARTITIONS), python=python)
    assert finished.stdout == "7\n", finished.stderr
