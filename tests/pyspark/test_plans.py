"""What the optimizer makes of a query, seen in EXPLAIN: where rules act, and where they must not."""

from __future__ import annotations

import re

import pytest

from conftest import IS_SPARK

pytestmark = pytest.mark.skipif(IS_SPARK, reason="Spark's own plans are others")


@pytest.fixture(scope="module")
def explain(connect, tmp_path_factory):
    spark = connect()
    folder = tmp_path_factory.mktemp("plans")
    for name, columns in {"a": "id AS k, id % 10 AS x", "b": "id AS k, id % 7 AS y", "c": "id AS k, id % 5 AS v"}.items():
        path = str(folder / name)
        spark.range(1000).selectExpr(*columns.split(", ")).coalesce(1).write.parquet(path)
        spark.read.parquet(path).createOrReplaceTempView(name)

    def plan(sql):
        return spark.sql("EXPLAIN " + sql).first()[0]

    plan.run = lambda sql: sorted(map(tuple, spark.sql(sql).collect()))
    return plan


def pushed(plan, column):
    """The pushed filters of the scans that read `column`."""
    return [line for line in plan.splitlines() if "Scan" in line and re.search(rf"[\[ ]{column}[,\]]", line)]


def test_filters_that_follow_from_an_or_are_pushed(explain):
    sql = "SELECT a.k FROM a JOIN b ON a.k = b.k WHERE (x = 1 AND y = 2) OR (x = 3 AND y = 4)"
    plan = explain(sql)
    assert "(x = 1) OR (x = 3)" in pushed(plan, "x")[0], plan
    assert "(y = 2) OR (y = 4)" in pushed(plan, "y")[0], plan
    assert explain.run(sql) == [(k,) for k in range(1000) if (k % 10, k % 7) in ((1, 2), (3, 4))]


def test_what_may_fail_or_says_nothing_is_not_pushed(explain):
    for condition in ("(1 / x = 1 AND y = 2) OR (x = 3 AND y = 4)", "(x = 1 AND y = 2) OR y = 4"):
        plan = explain(f"SELECT a.k FROM a JOIN b ON a.k = b.k WHERE {condition}")
        assert "x = " not in pushed(plan, "x")[0], plan
        assert "OR" in pushed(plan, "y")[0], plan


SEMI = "SELECT a.k, y FROM a JOIN b ON a.k = b.k WHERE a.k IN (SELECT k FROM c GROUP BY k {})"


def test_a_selective_semi_join_goes_below_the_join(explain):
    plan = explain(SEMI.format("HAVING sum(v) > 3"))
    lines = [line for line in plan.splitlines() if "HashJoin" in line]
    assert "Inner" in lines[0] and "LeftSemi" in lines[1], plan
    assert explain.run(SEMI.format("HAVING sum(v) > 3")) == [(k, k % 7) for k in range(1000) if k % 5 > 3]


def test_a_semi_join_that_drops_nothing_stays(explain):
    plan = explain(SEMI.format(""))
    lines = [line for line in plan.splitlines() if "HashJoin" in line]
    assert "LeftSemi" in lines[0], plan


def test_rows_that_are_counted_are_not_dropped_before(explain):
    """A join's filter may not reach a scan below a function that counts its rows."""
    sql = """SELECT n FROM (SELECT k, monotonically_increasing_id() AS n FROM a) t JOIN b ON t.k = b.k WHERE y = 3"""
    assert explain.run(sql) == [(k,) for k in range(1000) if k % 7 == 3]


def test_a_filter_reaches_the_scan_below_an_aggregation(explain):
    sql = "SELECT b.k, s FROM b JOIN (SELECT k, sum(v) AS s FROM c GROUP BY k) t ON b.k = t.k WHERE y = 3"
    assert explain.run(sql) == [(k, k % 5) for k in range(1000) if k % 7 == 3]
