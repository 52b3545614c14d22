"""Errors as PySpark raises them: the class, the condition, the SQLSTATE, the parameters, the place."""

from __future__ import annotations

import pytest

from pyspark.errors import (
    AnalysisException,
    ArithmeticException,
    ArrayIndexOutOfBoundsException,
    DateTimeException,
    IllegalArgumentException,
    NumberFormatException,
    ParseException,
    PySparkException,
    SparkRuntimeException,
)
from pyspark.sql import functions as F

# SQL text, exception class, condition, SQLSTATE, some of the parameters
SQL_ERRORS = [
    ("SELECT 1 +", ParseException, "PARSE_SYNTAX_ERROR", "42601", {"error": "end of input"}),
    ("SELEC 1", ParseException, "PARSE_SYNTAX_ERROR", "42601", {"error": "'SELEC'"}),
    (
        "SELECT nmae FROM VALUES ('x', 1) AS people(name, age)",
        AnalysisException,
        "UNRESOLVED_COLUMN.WITH_SUGGESTION",
        "42703",
        {"objectName": "`nmae`", "proposal": "`age`, `name`"},
    ),
    (
        "SELECT * FROM no_such_table",
        AnalysisException,
        "TABLE_OR_VIEW_NOT_FOUND",
        "42P01",
        {"relationName": "`no_such_table`"},
    ),
    (
        "SELECT no_such_function(1)",
        AnalysisException,
        "UNRESOLVED_ROUTINE",
        "42883",
        {"routineName": "`no_such_function`"},
    ),
    ("SELECT substr()", AnalysisException, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605", {}),
    (
        "SELECT a.id FROM range(2) a JOIN range(2) b WHERE id = 1",
        AnalysisException,
        "AMBIGUOUS_REFERENCE",
        "42704",
        {"name": "`id`"},
    ),
    (
        "SELECT id, count(*) FROM range(2)",
        AnalysisException,
        "MISSING_GROUP_BY",
        "42803",
        {},
    ),
    (
        "SELECT array(1) + 1",
        AnalysisException,
        "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
        "42K09",
        {},
    ),
    (
        "SELECT 1 UNION SELECT 1, 2",
        AnalysisException,
        "NUM_COLUMNS_MISMATCH",
        "42826",
        {"operator": "UNION"},
    ),
    ("SELECT 1 / 0", ArithmeticException, "DIVIDE_BY_ZERO", "22012", {}),
    (
        "SELECT 2147483647 + 1",
        ArithmeticException,
        "ARITHMETIC_OVERFLOW",
        "22003",
        {},
    ),
    (
        "SELECT CAST('abc' AS INT)",
        NumberFormatException,
        "CAST_INVALID_INPUT",
        "22018",
        {"expression": "'abc'", "targetType": '"INT"'},
    ),
    ("SELECT CAST('2026-99-01' AS DATE)", DateTimeException, "CAST_INVALID_INPUT", "22018", {}),
    (
        "SELECT array(1, 2)[5]",
        ArrayIndexOutOfBoundsException,
        "INVALID_ARRAY_INDEX",
        "22003",
        {"indexValue": "5", "arraySize": "2"},
    ),
    ("SELECT raise_error('stop')", SparkRuntimeException, "USER_RAISED_EXCEPTION", "P0001", {}),
    (
        "SELECT (SELECT id FROM range(2))",
        PySparkException,
        "SCALAR_SUBQUERY_TOO_MANY_ROWS",
        "21000",
        {},
    ),
]


@pytest.fixture(scope="module")
def spark(connect):
    return connect()


def outcome(action):
    with pytest.raises(PySparkException) as caught:
        action()
    return caught.value


@pytest.mark.parametrize("text, kind, condition, state, parameters", SQL_ERRORS)
def test_sql_error(spark, text, kind, condition, state, parameters):
    error = outcome(lambda: spark.sql(text).collect())
    assert isinstance(error, kind), f"{type(error)}: {error}"
    assert error.getCondition() == condition
    assert error.getSqlState() == state
    found = error.getMessageParameters() or {}
    assert {key: found.get(key) for key in parameters} == parameters
    assert str(error).strip().startswith(f"[{condition}]")
    assert spark.sql("SELECT 1").first()[0] == 1  # the session lives on


def test_sql_error_points_at_its_place(spark):
    error = outcome(lambda: spark.sql("SELECT 1,\n  CAST('x' AS INT) + 1").collect())
    [context] = error.getQueryContext()
    assert (context.fragment(), context.startIndex(), context.stopIndex()) == ("CAST('x' AS INT)", 12, 27)


def test_a_missing_column_suggests_near_names(spark):
    people = spark.createDataFrame([(1, "a", 2.0)], ["id", "name", "amount"])
    error = outcome(lambda: people.select("amonut").collect())
    assert isinstance(error, AnalysisException)
    assert error.getCondition() == "UNRESOLVED_COLUMN.WITH_SUGGESTION"
    assert error.getMessageParameters()["proposal"].startswith("`amount`")


def test_an_error_in_the_middle_of_a_result(spark):
    numbers = spark.range(0, 100_000, 1, 4).select(F.expr("1 / (id - 77777)"))
    error = outcome(numbers.collect)
    assert isinstance(error, ArithmeticException)
    assert error.getCondition() == "DIVIDE_BY_ZERO"


def test_without_ansi_the_same_gives_null(connect):
    lenient = connect(spark__sql__ansi__enabled="false")
    row = lenient.sql("SELECT 1 / 0, CAST('abc' AS INT), array(1)[5], 2147483647 + 1").first()
    assert tuple(row) == (None, None, None, -2147483648)


def test_files(spark, tmp_path):
    missing = outcome(lambda: spark.read.parquet(str(tmp_path / "none")).collect())
    assert (missing.getCondition(), missing.getSqlState()) == ("PATH_NOT_FOUND", "42K03")
    spark.range(1).write.parquet(str(tmp_path / "there"))
    again = outcome(lambda: spark.range(1).write.parquet(str(tmp_path / "there")))
    assert (again.getCondition(), again.getSqlState()) == ("PATH_ALREADY_EXISTS", "42K04")
    unknown = outcome(lambda: spark.read.format("no_such_format").load(str(tmp_path)).collect())
    assert unknown.getCondition() == "DATA_SOURCE_NOT_FOUND"


def test_configuration(spark):
    unknown = outcome(lambda: spark.conf.get("spark.no.such.key"))
    assert unknown.getCondition() == "SQL_CONF_NOT_FOUND"
    assert spark.conf.get("spark.no.such.key", "default") == "default"
    wrong = outcome(lambda: spark.conf.set("spark.sql.shuffle.partitions", "many"))
    assert isinstance(wrong, IllegalArgumentException)
    static = outcome(lambda: spark.conf.set("spark.sql.warehouse.dir", "/elsewhere"))
    assert static.getCondition() == "CANNOT_MODIFY_STATIC_CONFIG"


