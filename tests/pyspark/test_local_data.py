"""Data between Python and the engine: createDataFrame from rows, pandas and Arrow, and back again."""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pyspark.errors import PySparkException
from pyspark.sql import Row
from pyspark.sql import functions as F
from pyspark.sql import types as T

NOON = datetime.datetime(2026, 3, 1, 12, 30, 15, 123456)
EVERY_TYPE = [
    ("BOOLEAN", True),
    ("TINYINT", -128),
    ("SMALLINT", 32767),
    ("INT", -2147483648),
    ("BIGINT", 9223372036854775807),
    ("FLOAT", 1.5),
    ("DOUBLE", -0.1),
    ("DECIMAL(10,2)", Decimal("12345678.90")),
    ("DECIMAL(38,18)", Decimal("-12345678901234567890.123456789012345678")),
    ("STRING", "ñandú 🦤"),
    ("BINARY", bytearray(b"\x00\xff")),
    ("DATE", datetime.date(1999, 12, 31)),
    ("TIMESTAMP", NOON),
    ("TIMESTAMP_NTZ", NOON),
    ("INTERVAL DAY TO SECOND", datetime.timedelta(days=2, seconds=3, microseconds=4)),
    ("ARRAY<INT>", [1, None, 3]),
    ("MAP<STRING,DOUBLE>", {"a": 1.0, "b": None}),
    ("STRUCT<x:INT,y:ARRAY<STRING>>", Row(x=1, y=["p", "q"])),
]


@pytest.fixture(scope="module")
def spark(connect):
    return connect()


@pytest.mark.parametrize("name, value", EVERY_TYPE, ids=[name for name, _ in EVERY_TYPE])
def test_every_type_goes_there_and_back(spark, name, value):
    df = spark.createDataFrame([(value,), (None,)], f"c {name}")
    assert [row.c for row in df.collect()] == [value, None]
    assert df.select(F.col("c").isNull().alias("n")).collect() == [Row(n=False), Row(n=True)]


def test_schemas_are_inferred(spark):
    rows = [Row(a=1, b="x", c=[1.0], d={"k": 1}, e=None), Row(a=2, b=None, c=[], d={}, e=True)]
    df = spark.createDataFrame(rows)
    assert df.schema.simpleString() == (
        "struct<a:bigint,b:string,c:array<double>,d:map<string,bigint>,e:boolean>"
    )
    assert df.collect() == rows
    assert spark.createDataFrame([(1, "a")], ["n", "s"]).columns == ["n", "s"]
    assert spark.createDataFrame([{"z": 1, "y": 2}]).columns == ["y", "z"]  # sorted, as PySpark does
    assert spark.createDataFrame([1, 2], "int").collect() == [Row(value=1), Row(value=2)]


def test_no_rows(spark):
    empty = spark.createDataFrame([], "a INT, b STRING")
    assert (empty.collect(), empty.count(), empty.isEmpty()) == ([], 0, True)
    assert empty.toPandas().shape == (0, 2)


def test_wrong_values_are_refused(spark):
    # The client itself finds the first; pyarrow words it.
    with pytest.raises((PySparkException, pa.ArrowInvalid)):
        spark.createDataFrame([("x",)], "a INT").collect()
    with pytest.raises(PySparkException):
        spark.createDataFrame([(None,)], T.StructType([T.StructField("a", T.IntegerType(), False)])).collect()


def test_pandas(spark):
    frame = pd.DataFrame(
        {
            "i": np.array([1, 2, 3], dtype="int32"),
            "f": [0.5, np.nan, 2.5],
            "s": ["a", None, "c"],
            "t": pd.to_datetime(["2026-01-01 00:00", None, "2026-01-03 10:00"]),
            "k": pd.Categorical(["u", "v", "u"]),
        }
    )
    df = spark.createDataFrame(frame)
    assert df.schema.simpleString() == "struct<i:int,f:double,s:string,t:timestamp,k:string>"
    back = df.toPandas()
    assert back["i"].tolist() == [1, 2, 3] and back["i"].dtype == "int32"
    assert back["s"].tolist() == ["a", None, "c"]
    assert back["t"].tolist()[0] == pd.Timestamp("2026-01-01") and back["t"].isna().tolist() == [False, True, False]
    assert back["k"].tolist() == ["u", "v", "u"]


def test_arrow(spark):
    table = pa.table(
        {
            "id": pa.array([1, 2, None], pa.int64()),
            "name": pa.array(["a", "b", "c"], pa.large_string()),
            "tags": pa.array([["x"], [], None], pa.list_(pa.string())),
            "code": pa.array(["p", "q", "p"]).dictionary_encode(),
        }
    )
    table = table.set_column(3, "code", table.column("code").cast(pa.string()))
    df = spark.createDataFrame(table)
    back = df.toArrow()
    assert back.to_pylist() == table.to_pylist()
    assert df.filter("id IS NOT NULL").select("name").toArrow().column(0).to_pylist() == ["a", "b"]


def test_numpy(spark):
    df = spark.createDataFrame(np.arange(6).reshape(3, 2))
    assert [tuple(row) for row in df.collect()] == [(0, 1), (2, 3), (4, 5)]


def test_notebook_html(connect):
    session = connect()
    df = session.createDataFrame([(1, "<b>"), (2, None)], "n INT, s STRING")
    assert not (df._repr_html_() or "").startswith("<table")
    session.conf.set("spark.sql.repl.eagerEval.enabled", "true")
    html = df._repr_html_()
    assert html.startswith("<table border='1'>")
    assert "<tr><th>n</th><th>s</th></tr>" in html
    assert "<td>1</td><td>&lt;b&gt;</td>" in html and "<td>NULL</td>" in html


SHOW = """+---+-----------+------+
|  n|          s|     x|
+---+-----------+------+
|  1|alpha be...|1.0E10|
|  2|       NULL|  -0.5|
+---+-----------+------+
only showing top 2 rows
"""

VERTICAL = """-RECORD 0---------------
 n   | 1
 s   | alpha beta gamma
 x   | 1.0E10
only showing top 1 row
"""


def test_show_and_print_schema(spark, capsys):
    rows = [(1, "alpha beta gamma", 1e10), (2, None, -0.5), (3, "z", 1e-7)]
    df = spark.createDataFrame(rows, "n INT, s STRING, x DOUBLE")
    df.show(2, truncate=11)
    assert capsys.readouterr().out == SHOW
    df.show(1, truncate=False, vertical=True)
    printed = capsys.readouterr().out.splitlines()
    assert [line.rstrip() for line in printed] == VERTICAL.splitlines()
    df.printSchema()
    assert capsys.readouterr().out == (
        "root\n |-- n: integer (nullable = true)\n |-- s: string (nullable = true)\n"
        " |-- x: double (nullable = true)\n\n"
    )


def test_explain_and_describe(spark, capsys):
    df = spark.range(10).filter("id > 3")
    df.explain()
    assert "== Physical Plan ==" in capsys.readouterr().out
    summary = {row["summary"]: row["id"] for row in df.describe().collect()}
    assert summary == {"count": "6", "mean": "6.5", "stddev": "1.8708286933869707", "min": "4", "max": "9"}


def test_head_take_tail_first(spark):
    df = spark.range(0, 100, 1, 7)
    assert df.first() == Row(id=0) and df.head() == Row(id=0)
    assert [row.id for row in df.take(3)] == [0, 1, 2]
    assert [row.id for row in df.tail(2)] == [98, 99]
    assert [row.id for row in df.toLocalIterator()] == list(range(100))


def test_duplicate_column_names(spark):
    df = spark.sql("SELECT 1 AS a, 2 AS a")
    assert tuple(df.first()) == (1, 2)
    assert df.toPandas().values.tolist() == [[1, 2]]
