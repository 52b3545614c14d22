"""The launcher infers schemas from one row of each kind: the same schema, or the same error, as from all rows."""

from __future__ import annotations

import datetime
import decimal
import os
import sys

import pytest

from pyspark.sql import Row
from pyspark.sql.connect.session import SparkSession

from conftest import ROOT

sys.path.insert(0, os.path.join(ROOT, "python"))

from centella.inference import representatives  # noqa: E402

CONFIGS = {
    "spark.sql.pyspark.inferNestedDictAsStruct.enabled": "false",
    "spark.sql.pyspark.legacy.inferArrayTypeFromFirstElement.enabled": "false",
    "spark.sql.pyspark.legacy.inferMapTypeFromFirstPair.enabled": "false",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
}
DAY = datetime.date(2026, 1, 1)

ROWS = [
    [(1, "a"), (2, "b"), (None, "c")],
    [(None, None), (1, None), (None, "x"), (3, "y")],
    [(1,), (1, 2), (1, 2, "three"), (4, 5, "six")],
    [[1, 2.5], (1, None), [None, 3.5]],
    [(True, b"x", DAY, decimal.Decimal("1.50"))] * 3,
    [(1,), (2.5,)],
    [(1, "a"), (2, 3), (4, "b")],
    [({"a": 1},), ({"b": 2},)],
    [([1],), ([None],), (["x"],)],
    [Row(a=1, b="x"), Row(a=2, b=None)],
    [{"a": 1}, {"a": 2, "b": "x"}],
    [(datetime.datetime(2026, 1, 1),), (None,)],
    [(2**70,), (1,)],
]


@pytest.mark.parametrize("rows", ROWS, ids=map(str, range(len(ROWS))))
def test_the_same_schema_or_error(rows):
    infer = getattr(SparkSession._inferSchemaFromList, "__wrapped__", SparkSession._inferSchemaFromList)

    def outcome(data):
        try:
            return infer(None, data, ["x", "y"], CONFIGS).simpleString()
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    assert outcome(representatives(rows)) == outcome(rows)


def test_few_rows_are_looked_at():
    assert representatives([(n, "x") for n in range(1000)] + [(None, "x")]) == [(0, "x"), (None, "x")]
