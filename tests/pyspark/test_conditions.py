"""Error conditions that no ordinary program meets: plans that no client makes, streams that no client asks for, limits.

The plans are built by hand from the protocol's messages. What ordinary programs meet is in tests/sql, recorded from Spark.
"""

from __future__ import annotations

import uuid

import grpc
import pyarrow as pa
import pyarrow.parquet
import pytest

import pyspark.sql.connect.proto as pb
from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from conftest import IS_SPARK

pytestmark = pytest.mark.skipif(IS_SPARK, reason="Centella's own limits; Spark's conditions differ here and there")
HASH = "0" * 64


@pytest.fixture(scope="module")
def spark(connect):
    return connect()


def relation(**fields):
    return pb.Relation(**fields)


def ipc(table):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def column(name):
    return pb.Expression(unresolved_attribute=pb.Expression.UnresolvedAttribute(unparsed_identifier=name))


def ten_rows():
    return relation(range=pb.Range(end=10, step=1))


def projected(expression):
    return relation(project=pb.Project(input=ten_rows(), expressions=[expression]))


def local(**fields):
    return relation(local_relation=pb.LocalRelation(**fields))


def frame_by_column(frame_type=1):
    bound = pb.Expression.Window.WindowFrame.FrameBoundary
    window = pb.Expression.Window(
        window_function=pb.Expression(
            unresolved_function=pb.Expression.UnresolvedFunction(function_name="sum", arguments=[column("id")])
        ),
        order_spec=[pb.Expression.SortOrder(child=column("id"), direction=1, null_ordering=1)],
        frame_spec=pb.Expression.Window.WindowFrame(
            frame_type=frame_type, lower=bound(value=column("id")), upper=bound(current_row=True)
        ),
    )
    return projected(pb.Expression(window=window))


# The condition, and what makes the relation that brings it about.
PLANS = [
    ("CONNECT_INVALID_PLAN.NO_HANDLER_FOR_EXTENSION", lambda: relation(extension={"type_url": "x"})),
    ("CONNECT_INVALID_PLAN.INVALID_ONE_OF_FIELD_NOT_SET", lambda: relation(project=pb.Project(input=relation()))),
    ("CONNECT_INVALID_PLAN.INVALID_ONE_OF_FIELD_NOT_SET", lambda: projected(pb.Expression())),
    (
        "CONNECT_INVALID_PLAN.INVALID_ENUM",
        lambda: relation(set_op=pb.SetOperation(left_input=ten_rows(), right_input=ten_rows())),
    ),
    ("CONNECT_INVALID_PLAN.INVALID_ENUM", lambda: relation(join=pb.Join(left=ten_rows(), right=ten_rows()))),
    ("CONNECT_INVALID_PLAN.INVALID_ENUM", lambda: frame_by_column(frame_type=0)),
    (
        "CONNECT_INVALID_PLAN.INVALID_WITH_RELATION_REFERENCE",
        lambda: projected(pb.Expression(subquery_expression=pb.SubqueryExpression(plan_id=77, subquery_type=1))),
    ),
    (
        "CONNECT_INVALID_PLAN.NOT_FOUND_CACHED_LOCAL_RELATION",
        lambda: relation(cached_local_relation=pb.CachedLocalRelation(hash=HASH)),
    ),
    (
        "CONNECT_INVALID_PLAN.NOT_FOUND_CHUNKED_CACHED_LOCAL_RELATION",
        lambda: relation(chunked_cached_local_relation=pb.ChunkedCachedLocalRelation(dataHashes=[HASH])),
    ),
    ("CONNECT_INVALID_PLAN.SCHEMA_REQUIRED_FOR_LOCAL_RELATION", lambda: local()),
    # Spark's answer to these has no condition: an exception of Arrow's reader, "Missing schema".
    ("CONNECT_INVALID_PLAN.INPUT_DATA_NO_SCHEMA", lambda: local(data=b"")),
    ("CONNECT_INVALID_PLAN.INPUT_DATA_NO_SCHEMA", lambda: local(data=b"", schema="a BIGINT")),
    ("CONNECT_INVALID_PLAN.INPUT_DATA_NO_SCHEMA", lambda: local(data=b"\0\0")),
    ("CONNECT_INVALID_PLAN.INPUT_DATA_NO_SCHEMA", lambda: local(data=b"\xff\xff\xff\xff\0\0\0\0")),
    ("CONNECT_INVALID_PLAN.INVALID_SCHEMA_NON_STRUCT_TYPE", lambda: local(schema="int")),
    ("INVALID_JSON_DATA_TYPE", lambda: local(schema='{"type": "nothing"}')),
    (
        "CONNECT_INVALID_PLAN.ASSERTION_FAILURE",
        lambda: local(data=ipc(pa.table({"a": [1]})), schema="a BIGINT, b BIGINT"),
    ),
    (
        "CONNECT_INVALID_PLAN.DATA_TYPE_UNSUPPORTED_PROTO_TO_CATALYST",
        lambda: projected(pb.Expression(cast=pb.Expression.Cast(expr=column("id"), type=pb.DataType()))),
    ),
    (
        "CONNECT_INVALID_PLAN.DATAFRAME_NOT_FOUND",
        lambda: relation(cached_remote_relation=pb.CachedRemoteRelation(relation_id="nothing")),
    ),
    ("DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WITHOUT_FOLDABLE", frame_by_column),
    ("DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WITHOUT_FOLDABLE", lambda: frame_by_column(frame_type=2)),
]


def request_of(spark, plan):
    request = spark.client._execute_plan_request_with_metadata()
    request.plan.CopyFrom(plan)
    return request


def condition_of(spark, plan):
    with pytest.raises(PySparkException) as caught:
        spark.client._execute(request_of(spark, plan))
    return caught.value.getCondition()


@pytest.mark.parametrize("condition, make", PLANS)
def test_a_plan_that_means_nothing(spark, condition, make):
    assert condition_of(spark, pb.Plan(root=make())) == condition
    assert spark.range(3).count() == 3  # the session lives on


def test_what_spark_says_of_a_frame_by_column(spark):
    with pytest.raises(PySparkException) as caught:
        spark.client._execute(request_of(spark, pb.Plan(root=frame_by_column())))
    assert caught.value.getMessageParameters() == {
        "location": "lower",
        "expression": '"id"',
        "sqlExpr": '"ROWS BETWEEN id FOLLOWING AND CURRENT ROW"',
    }


def test_a_compressed_plan_that_is_none(spark):
    packed = pb.Plan.CompressedOperation(data=b"not zstd", op_type=1, compression_codec=1)
    assert condition_of(spark, pb.Plan(compressed_operation=packed)) == "CONNECT_INVALID_PLAN.CANNOT_PARSE"


# Statements whose condition is ours, or that Spark answers with an exception that has no condition.
STATEMENTS = [
    ("SELECT 'a' COLLATE UNICODE", "UNSUPPORTED_FEATURE.CENTELLA"),
    ("SELECT id FROM range(3) LIMIT id", "INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE"),
    ("SELECT from_csv('1', CAST(id AS STRING)) FROM range(3)", "INVALID_SCHEMA.NON_STRING_LITERAL"),
    ("SELECT ceil(1.5, CAST(id AS INT)) FROM range(3)", "NON_FOLDABLE_ARGUMENT"),
    ("SELECT from_json('{}', 'a INT', map('mode', CAST(id AS STRING))) FROM range(3)", "INVALID_OPTIONS.NON_MAP_FUNCTION"),
    # Their golden cases are pending for the parameters or the place, not for the condition.
    ("SELECT array_sort(array(1, 2), (a, b) -> CAST(NULL AS INT))", "COMPARATOR_RETURNS_NULL"),
    ("SELECT 1 IN (SELECT array(1))", "DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH"),
    ("SELECT percentile(id, CAST(NULL AS DOUBLE)) FROM range(3)", "DATATYPE_MISMATCH.UNEXPECTED_NULL"),
    ("SELECT timestampadd(YEAR, 300000, TIMESTAMP '2020-01-01 00:00:00')", "DATETIME_OVERFLOW"),
    ("SELECT abs(x -> x)", "INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION"),
    (
        "SELECT aes_decrypt(X'00112233445566778899AABBCCDDEEFF', '0000111122223333', 'ECB')",
        "INVALID_PARAMETER_VALUE.AES_CRYPTO_ERROR",
    ),
    ("SELECT id.*[1] FROM range(3)", "INVALID_USAGE_OF_STAR_OR_REGEX"),
    ("SELECT sequence(1, 5, -1)", "INVALID_PARAMETER_VALUE.SEQUENCE_BOUNDARIES"),
    (
        "SELECT * FROM VALUES (1, 2) AS t(x, y) UNPIVOT ((a, b) FOR c IN ((x, y), (x)))",
        "UNPIVOT_VALUE_SIZE_MISMATCH",
    ),
    (
        "SELECT (SELECT count(*) FROM (SELECT * FROM VALUES (1) AS a(x) WHERE x = id) FULL JOIN VALUES (2) AS b(y)"
        " ON x = y) FROM range(3)",
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.ACCESSING_OUTER_QUERY_COLUMN_IS_NOT_ALLOWED",
    ),
    ("SELECT " + "(" * 5000 + "1" + ")" * 5000, "FAILED_TO_PARSE_TOO_COMPLEX"),
]


@pytest.mark.parametrize("text, condition", STATEMENTS)
def test_a_statement_of_its_own(spark, text, condition):
    with pytest.raises(PySparkException) as caught:
        spark.sql(text).collect()
    assert caught.value.getCondition() == condition


# Metrics of df.observe that are none.
METRICS = [
    ("count(DISTINCT id)", "INVALID_OBSERVED_METRICS.AGGREGATE_EXPRESSION_WITH_DISTINCT_UNSUPPORTED"),
    ("sum(id) FILTER (WHERE id > 1)", "INVALID_OBSERVED_METRICS.AGGREGATE_EXPRESSION_WITH_FILTER_UNSUPPORTED"),
    ("sum(id) OVER (ORDER BY id)", "INVALID_OBSERVED_METRICS.WINDOW_EXPRESSIONS_UNSUPPORTED"),
]


@pytest.mark.parametrize("metric, condition", METRICS)
def test_a_metric_that_is_none(spark, metric, condition):
    with pytest.raises(PySparkException) as caught:
        spark.range(3).observe("m", F.expr(metric).alias("n")).collect()
    assert caught.value.getCondition() == condition


def test_views_that_lie_too_deep(spark):
    spark.conf.set("spark.sql.view.maxNestedViewDepth", "2")
    try:
        with pytest.raises(PySparkException) as caught:
            for depth, source in enumerate(["range(3)", "deep0", "deep1", "deep2"]):
                spark.sql(f"CREATE OR REPLACE TEMPORARY VIEW deep{depth} AS SELECT * FROM {source}")
            spark.sql("SELECT * FROM deep3").collect()
        assert caught.value.getCondition() == "VIEW_EXCEED_MAX_NESTED_DEPTH"
    finally:
        spark.conf.unset("spark.sql.view.maxNestedViewDepth")


def test_schemas_that_do_not_go_together(spark, tmp_path):
    for name, kind in (("a", pa.int64()), ("b", pa.list_(pa.int64()))):
        pyarrow.parquet.write_table(pa.table({"x": pa.array([], kind)}), str(tmp_path / f"{name}.parquet"))
    with pytest.raises(PySparkException) as caught:
        spark.read.option("mergeSchema", "true").parquet(str(tmp_path)).collect()
    assert caught.value.getCondition() == "CANNOT_MERGE_SCHEMAS"


def test_a_hint_without_partitions(spark):
    with pytest.raises(PySparkException) as caught:
        spark.range(3).hint("repartition", 0).collect()
    assert caught.value.getCondition() == "INVALID_HINT_PARAMETER.NON_POSITIVE_PARTITIONS"


@pytest.mark.parametrize("separator, condition", [
    ("", "INVALID_DELIMITER_VALUE.EMPTY_STRING"), ("\\", "INVALID_DELIMITER_VALUE.SINGLE_BACKSLASH")
])
def test_a_separator_that_separates_nothing(spark, tmp_path, separator, condition):
    (tmp_path / "a.csv").write_text("1,2\n")
    with pytest.raises(PySparkException) as caught:
        spark.read.option("sep", separator).csv(str(tmp_path / "a.csv")).collect()
    assert caught.value.getCondition() == condition


def test_a_parquet_type_that_spark_does_not_have(spark, tmp_path):
    path = str(tmp_path / "a.parquet")
    pyarrow.parquet.write_table(pa.table({"t": pa.array([1], pa.time64("ns"))}), path)
    with pytest.raises(PySparkException) as caught:
        spark.read.parquet(path).collect()
    assert caught.value.getCondition() == "PARQUET_TYPE_ILLEGAL"


def test_a_folder_that_cannot_be_written(spark, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PySparkException) as caught:
        spark.range(3).write.parquet(str(tmp_path / "file" / "below"))
    assert caught.value.getCondition() == "TASK_WRITE_FAILED"


def reattach(spark, operation):
    request = pb.ReattachExecuteRequest(
        session_id=spark.client._session_id, user_context=pb.UserContext(user_id=spark.client._user_id), operation_id=operation
    )
    return spark.client._stub.ReattachExecute(request, metadata=spark.client._builder.metadata())


def message_of(stream):
    with pytest.raises(grpc.RpcError) as caught:
        for _ in stream:
            pass
    return caught.value.details()


def running(spark, reattachable):
    """Begins a query that waits for its reader; gives its id and the stream of its answers."""
    request = request_of(spark, spark.range(50_000_000)._plan.to_proto(spark.client))
    request.operation_id = str(uuid.uuid4())
    request.request_options.add().reattach_options.reattachable = reattachable
    stream = spark.client._stub.ExecutePlan(request, metadata=spark.client._builder.metadata())
    next(stream)
    return request.operation_id, stream


def test_a_query_that_cannot_be_reattached(spark):
    operation, stream = running(spark, reattachable=False)
    assert "[INVALID_CURSOR.NOT_REATTACHABLE]" in message_of(reattach(spark, operation))
    stream.cancel()


def test_another_stream_takes_a_query_over(spark):
    operation, stream = running(spark, reattachable=True)
    second = reattach(spark, operation)
    next(second)
    assert "[INVALID_CURSOR.DISCONNECTED]" in message_of(stream)
    spark.interruptOperation(operation)
    second.cancel()
