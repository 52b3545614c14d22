"""The other clients that a user may already have: full pyspark 3.5, 4.0, 4.1, 4.2 and 4.3.

The pinned client always runs this. Others run when CENTELLA_CLIENTS names a folder with one virtual
environment a version (`FOLDER/4.1.0/bin/python`); `make test-clients` makes it (install_clients.sh).
"""

from __future__ import annotations

import glob
import os
import subprocess
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

# What any Spark Connect server must do for a script that python runs by itself.
PLAIN_PROGRAM = """
import datetime, decimal, sys
import pyspark
from pyspark.errors import AnalysisException
from pyspark.sql import Row, SparkSession, functions as F

spark = SparkSession.builder.appName("plain").config("spark.sql.session.timeZone", "UTC").getOrCreate()
spark.conf.set("spark.sql.shuffle.partitions", "3")
sales = spark.createDataFrame(
    [(1, "a", 10.5), (2, "b", None), (3, "a", 2.0), (4, None, 1.0)], "id INT, shop STRING, amount DOUBLE")
shops = spark.createDataFrame([Row(shop="a", city="Lima"), Row(shop="b", city="Quito")])
joined = sales.join(shops, "shop", "left").na.fill({"city": "?"})
totals = joined.groupBy("city").agg(F.count("*").alias("n"), F.sum("amount").alias("total"))
totals.orderBy("city").show()
sales.write.mode("overwrite").partitionBy("shop").parquet(sys.argv[1])
back = spark.read.parquet(sys.argv[1])
back.printSchema()
print(back.where("shop = 'a'").select("id").orderBy("id").collect())
print(joined.orderBy("id").toPandas().shape, len(spark.range(0, 300_000, 1, 3).toPandas()))
row = spark.sql("SELECT DATE'2026-01-02' AS d, 1.50BD AS m, array(1, 2) AS a, map('k', 1) AS p").first()
print(row.d, row.m, row.a, row.p)
try:
    sales.select("amonut").collect()
except AnalysisException as error:
    print("amount" in str(error), "UNRESOLVED_COLUMN" in str(error))
try:
    spark.sql("SELECT 1 / 0").collect()
except Exception as error:
    print(type(error).__name__, "DIVIDE_BY_ZERO" in str(error))
cached = totals.cache()
print(cached.count(), cached.count())
print(sum(1 for _ in spark.range(50_000).toLocalIterator()), spark.range(10).sample(1.0, 3).count())
sales.createOrReplaceTempView("sales")
print([table.name for table in spark.catalog.listTables()], spark.table("sales").count())
spark.stop()
"""

PLAIN_OUTPUT = """+-----+---+-----+
| city|  n|total|
+-----+---+-----+
|    ?|  1|  1.0|
| Lima|  2| 12.5|
|Quito|  1| NULL|
+-----+---+-----+

root
 |-- id: integer (nullable = true)
 |-- amount: double (nullable = true)
 |-- shop: string (nullable = true)

[Row(id=1), Row(id=3)]
(4, 4) 300000
2026-01-02 1.50 [1, 2] {'k': 1}
True True
ArithmeticException True
3 3
50000 10
['sales'] 4
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


@pytest.mark.parametrize("python", pythons())
def test_plain_python(python, server, script, tmp_path):
    environment = dict(os.environ, SPARK_REMOTE=server)
    environment.pop("SPARK_CONNECT_MODE_ENABLED", None)  # our own session set it
    finished = subprocess.run(
        [python, script(PLAIN_PROGRAM), str(tmp_path / "out")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == PLAIN_OUTPUT


@pytest.mark.centella
@pytest.mark.parametrize("python", pythons())
def test_number_of_partitions(python, run, script):
    finished = run(script(COUNT_PARTITIONS), python=python)
    assert finished.stdout == "7\n", finished.stderr
