"""createDataFrame from rows, dictionaries, pandas and Arrow; range; schemas given, inferred and wrong."""

import datetime
import decimal

import pandas as pd
import pyarrow as pa
from pyspark.sql import Row
from pyspark.sql import functions as F
from pyspark.sql import types as T


def case_tuples_and_names(spark):
    return spark.createDataFrame([(1, "a"), (2, None)], ["id", "name"])


def case_tuples_without_names(spark):
    return spark.createDataFrame([(1, 2.5, True)])


def case_dictionaries(spark):
    return spark.createDataFrame([{"b": 1, "a": "x"}, {"a": "y", "b": 2}])


def case_rows(spark):
    return spark.createDataFrame([Row(id=1, tags=["x", "y"]), Row(id=2, tags=[])])


def case_ddl_schema(spark):
    return spark.createDataFrame([(1, "a", None)], "id INT, name STRING NOT NULL, score DOUBLE")


def case_every_simple_type(spark):
    schema = T.StructType(
        [
            T.StructField("byte", T.ByteType()),
            T.StructField("short", T.ShortType()),
            T.StructField("int", T.IntegerType(), False),
            T.StructField("long", T.LongType()),
            T.StructField("float", T.FloatType()),
            T.StructField("double", T.DoubleType()),
            T.StructField("decimal", T.DecimalType(20, 5)),
            T.StructField("string", T.StringType()),
            T.StructField("binary", T.BinaryType()),
            T.StructField("bool", T.BooleanType()),
            T.StructField("date", T.DateType()),
            T.StructField("ts", T.TimestampType()),
            T.StructField("ntz", T.TimestampNTZType()),
            T.StructField("dt", T.DayTimeIntervalType()),
        ]
    )
    moment = datetime.datetime(2024, 2, 29, 23, 59, 59, 999999)
    row = (-128, 32767, 7, -(2**63), 0.1, -0.0, decimal.Decimal("12345.67890"), "é😀", b"\x00\xff", True)
    row += (datetime.date(1, 1, 1), moment, moment, datetime.timedelta(days=-1, microseconds=1))
    return spark.createDataFrame([row, (None, None, 0) + (None,) * 11], schema)


def case_nested(spark):
    schema = "id INT, xs ARRAY<INT>, kv MAP<STRING, ARRAY<STRING>>, st STRUCT<a: INT, b: STRUCT<c: DATE>>"
    rows = [
        (1, [1, None], {"k": ["v", None]}, (5, (datetime.date(2020, 1, 1),))),
        (2, [], {}, (None, None)),
        (3, None, None, None),
    ]
    return spark.createDataFrame(rows, schema)


def case_scalars_with_a_type(spark):
    return spark.createDataFrame([1, 2, None], T.IntegerType())


def case_empty_with_schema(spark):
    return spark.createDataFrame([], "a INT, b ARRAY<STRUCT<x: STRING>>")


def case_empty_without_schema(spark):
    return spark.createDataFrame([])


def case_only_nulls(spark):
    return spark.createDataFrame([(None,), (None,)], ["x"])


def case_null_in_required(spark):
    return spark.createDataFrame([(None,)], T.StructType([T.StructField("a", T.IntegerType(), False)]))


def case_pandas(spark):
    frame = pd.DataFrame({"i": [1, 2], "f": [1.5, None], "s": ["x", None], "b": [True, False]})
    frame["t"] = pd.to_datetime(["2024-01-01 10:00:00.000000", "2024-06-01 00:00:00.000001"])
    return spark.createDataFrame(frame)


def case_pandas_with_schema(spark):
    return spark.createDataFrame(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), "a BIGINT, b STRING")


def case_pandas_empty(spark):
    return spark.createDataFrame(pd.DataFrame({"a": pd.Series(dtype="int64")}))


def case_arrow(spark):
    table = pa.table(
        {
            "i8": pa.array([1, None], pa.int8()),
            "s": pa.array(["a", "b"], pa.large_string()),
            "d": pa.array([decimal.Decimal("1.50"), None], pa.decimal128(10, 2)),
            "day": pa.array([0, 19000], pa.date32()),
            "xs": pa.array([[1], None], pa.list_(pa.int64())),
            "st": pa.array([{"p": 1.5}, None], pa.struct([("p", pa.float32())])),
        }
    )
    return spark.createDataFrame(table)


def case_range(spark):
    return spark.range(3, 10, 2)


def case_range_partitions(spark):
    return spark.range(0, 10, 1, 4).select("id", F.spark_partition_id().alias("p"))


def case_monotonic_ids(spark):
    return spark.range(0, 6, 1, 3).select("id", F.monotonically_increasing_id().alias("m"))


def case_to_pandas(spark):
    frame = spark.sql("SELECT id, id / 2 AS h, string(id) AS s FROM range(3)").toPandas()
    return [str(frame.dtypes.to_dict()), frame.to_csv(index=False)]


def case_to_arrow(spark):
    table = spark.sql("SELECT 1 AS a, 'x' AS b, array(1) AS c, 1.50 AS d, date'2020-01-01' AS e").toArrow()
    return [str(table.schema), str(table.to_pylist())]


def case_to_arrow_more_types(spark):
    text = "SELECT timestamp'2020-01-01' AS t, timestamp_ntz'2020-01-01' AS n, X'01' AS x, map('a', 1) AS m, NULL AS v"
    return str(spark.sql(text).toArrow().schema)


def case_sql_with_named_arguments(spark):
    return spark.sql("SELECT :a + 1 AS x, :b AS y", {"a": 5, "b": "it's"})


def case_sql_with_positions(spark):
    return spark.sql("SELECT ? * 2 AS x, ? AS y", [3, None])


def case_sql_with_frame(spark):
    return spark.sql("SELECT count(*) AS n FROM {t} WHERE id > {low}", t=spark.range(10), low=6)


def case_table(spark):
    spark.range(2).createOrReplaceTempView("golden_t")
    return spark.table("golden_t")


def case_temp_view_twice(spark):
    spark.range(2).createOrReplaceTempView("golden_u")
    spark.range(2).createTempView("golden_u")


def case_catalog_of_views(spark):
    spark.range(2).createOrReplaceTempView("golden_w")
    there = spark.catalog.tableExists("golden_w")
    dropped = spark.catalog.dropTempView("golden_w"), spark.catalog.dropTempView("golden_w")
    return [there, list(dropped), spark.catalog.currentDatabase(), spark.catalog.currentCatalog()]
