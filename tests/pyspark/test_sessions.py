"""Sessions over Spark Connect: isolation, interrupts, tags, reattaching, artifacts, cloning, caches."""

from __future__ import annotations

import hashlib
import threading
import time
import uuid

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pyspark import StorageLevel
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import Row
from pyspark.sql import functions as F
from pyspark.sql.connect.client import SparkConnectClient
from pyspark.sql.connect.proto import base_pb2 as proto
from pyspark.sql.connect.session import SparkSession as ConnectSession

from conftest import IS_SPARK

ENDLESS = "sum(hash(id, id % 13))"


def endless(session):
    """Days of work in pieces of less than a second: Spark only cancels between two tasks, and a
    task that can't be killed would keep its slot for ever."""
    return session.range(0, 10**13, 1, 100_000).selectExpr(ENDLESS)


class Running:
    """A query in a thread; result() gives its value or the exception it ended with."""

    def __init__(self, session, tag=None):
        self._value = None
        self._thread = threading.Thread(target=self._run, args=(session, tag), daemon=True)
        self._thread.start()

    def _run(self, session, tag):
        try:
            if tag is not None:
                session.addTag(tag)
            self._value = endless(session).collect()
        except BaseException as error:
            self._value = error

    def alive(self):
        return self._thread.is_alive()

    def result(self):
        self._thread.join(20)
        assert not self._thread.is_alive(), "the query did not end"
        return self._value


def until(ask):
    """Calls ask() until it names operations: a query just sent may not be running yet."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        found = ask()
        if found:
            return found
        time.sleep(0.1)
    pytest.fail("no operation was seen")


def operations(session):
    """Ids of the operations that the server knows of a session."""
    request = proto.GetStatusRequest(session_id=session.session_id)
    request.user_context.CopyFrom(user_context(session))
    request.operation_status.SetInParent()
    answer = stub(session).GetStatus(request, metadata=metadata(session))
    return [operation.operation_id for operation in answer.operation_statuses]


def assert_cancelled(value):
    assert isinstance(value, PySparkException), value
    assert value.getCondition() == "OPERATION_CANCELED"
    assert value.getSqlState() == "HY008"


def test_sessions_do_not_see_each_other(connect):
    one, two = connect(), connect()
    one.conf.set("spark.sql.shuffle.partitions", "3")
    two.conf.set("spark.sql.shuffle.partitions", "4")
    one.range(1).createOrReplaceTempView("v")
    two.range(2).createOrReplaceTempView("v")
    assert (one.table("v").count(), two.table("v").count()) == (1, 2)
    assert one.conf.get("spark.sql.shuffle.partitions") == "3"
    one.conf.unset("spark.sql.shuffle.partitions")
    assert one.conf.get("spark.sql.shuffle.partitions") == "200"
    assert two.conf.get("spark.sql.shuffle.partitions") == "4"
    assert one.conf.isModifiable("spark.sql.shuffle.partitions")
    assert not one.conf.isModifiable("spark.sql.warehouse.dir")


def test_a_stopped_session_says_so_and_others_go_on(connect, spark):
    other = connect()
    assert other.range(1).count() == 1
    other.stop()
    assert other.is_stopped
    with pytest.raises(Exception):
        other.range(1).count()
    assert spark.range(1).count() == 1


def test_version_is_sparks(spark):
    assert spark.version == "4.2.1"


# Interrupts and tags.


def test_interrupt_all(spark):
    query = Running(spark)
    operations = until(spark.interruptAll)
    assert [uuid.UUID(operation) for operation in operations]
    assert_cancelled(query.result())
    assert spark.range(3).count() == 3


def test_interrupt_by_tag_spares_the_others(spark):
    tagged, other = Running(spark, "one"), Running(spark, "two")
    until(lambda: spark.interruptTag("one"))
    assert_cancelled(tagged.result())
    assert other.alive()
    assert spark.interruptTag("three") == []
    until(lambda: spark.interruptTag("two"))
    assert_cancelled(other.result())


def test_interrupt_by_operation(spark):
    query = Running(spark)
    seen = until(lambda: operations(spark))
    assert len(seen) == 1
    assert until(lambda: spark.interruptOperation(seen[0])) == seen
    assert_cancelled(query.result())


def test_one_sessions_interrupt_spares_the_other(connect, spark):
    other = connect()
    query = Running(other)
    until(lambda: operations(other))
    assert spark.interruptAll() == []
    assert query.alive()
    until(other.interruptAll)
    assert_cancelled(query.result())


def test_tags(spark):
    spark.addTag("a")
    spark.addTag("b")
    spark.removeTag("a")
    assert spark.getTags() == {"b"}
    assert spark.range(1).count() == 1
    spark.clearTags()
    assert spark.getTags() == set()
    for wrong in ("", "a,b"):
        with pytest.raises(Exception):
            spark.addTag(wrong)


# The protocol below the client: operations that are sent again, lost and found.


def stub(session):
    return session.client._stub.__dict__.get("_stub", session.client._stub)


def metadata(session):
    return session.client._builder.metadata()


def user_context(session):
    return proto.UserContext(user_id=session.client._user_id or "")


def execute_request(session, df, operation=None, reattachable=True):
    request = proto.ExecutePlanRequest(
        session_id=session.session_id, operation_id=operation or str(uuid.uuid4())
    )
    request.user_context.CopyFrom(user_context(session))
    request.plan.CopyFrom(df._plan.to_proto(session.client))
    option = request.request_options.add()
    option.reattach_options.reattachable = reattachable
    return request


def same_operation(session, kind, operation, **fields):
    request = kind(session_id=session.session_id, operation_id=operation, **fields)
    request.user_context.CopyFrom(user_context(session))
    return request


def error_of(call):
    with pytest.raises(grpc.RpcError) as caught:
        list(call)
    return caught.value


def test_reattaching_continues_after_the_last_response(spark):
    df = spark.range(0, 600_000, 1, 12)
    request = execute_request(spark, df)
    stream = stub(spark).ExecutePlan(request, metadata=metadata(spark))
    responses = [next(stream), next(stream)]
    stream.cancel()  # the connection breaks
    reattach = same_operation(
        spark,
        proto.ReattachExecuteRequest,
        request.operation_id,
        last_response_id=responses[-1].response_id,
    )
    responses += list(stub(spark).ReattachExecute(reattach, metadata=metadata(spark)))
    assert responses[-1].HasField("result_complete")
    assert len({response.response_id for response in responses}) == len(responses)
    rows = sum(r.arrow_batch.row_count for r in responses if r.HasField("arrow_batch"))
    assert rows == 600_000

    # From the beginning, the same again: nothing was released.
    again = same_operation(spark, proto.ReattachExecuteRequest, request.operation_id)
    replayed = list(stub(spark).ReattachExecute(again, metadata=metadata(spark)))
    assert [r.response_id for r in replayed] == [r.response_id for r in responses]

    release = same_operation(spark, proto.ReleaseExecuteRequest, request.operation_id)
    release.release_all.SetInParent()
    stub(spark).ReleaseExecute(release, metadata=metadata(spark))
    error = error_of(stub(spark).ReattachExecute(again, metadata=metadata(spark)))
    assert "INVALID_HANDLE.OPERATION_NOT_FOUND" in error.details() or (
        "INVALID_HANDLE.OPERATION_ABANDONED" in error.details()
    )


def test_what_was_released_cannot_be_read_again(spark):
    request = execute_request(spark, spark.range(0, 1000, 1, 4))
    responses = list(stub(spark).ExecutePlan(request, metadata=metadata(spark)))
    release = same_operation(spark, proto.ReleaseExecuteRequest, request.operation_id)
    release.release_until.response_id = responses[-2].response_id
    stub(spark).ReleaseExecute(release, metadata=metadata(spark))
    again = same_operation(spark, proto.ReattachExecuteRequest, request.operation_id)
    error = error_of(stub(spark).ReattachExecute(again, metadata=metadata(spark)))
    assert "INVALID_CURSOR.POSITION_NOT_AVAILABLE" in error.details()


def test_an_operation_sent_twice_runs_once(spark):
    """A client that lost the answer sends the same request: it is attached to the same operation."""
    request = execute_request(spark, spark.range(0, 100, 1, 2))
    first = list(stub(spark).ExecutePlan(request, metadata=metadata(spark)))
    second = list(stub(spark).ExecutePlan(request, metadata=metadata(spark)))
    assert [r.response_id for r in second] == [r.response_id for r in first]


def test_an_operation_id_names_one_plan(spark):
    request = execute_request(spark, spark.range(0, 100, 1, 2))
    list(stub(spark).ExecutePlan(request, metadata=metadata(spark)))
    other = execute_request(spark, spark.range(7), operation=request.operation_id)
    error = error_of(stub(spark).ExecutePlan(other, metadata=metadata(spark)))
    assert "INVALID_HANDLE.OPERATION_ALREADY_EXISTS" in error.details()


def test_handles_must_be_uuids(spark):
    request = execute_request(spark, spark.range(1), operation="not-a-uuid")
    error = error_of(stub(spark).ExecutePlan(request, metadata=metadata(spark)))
    assert "INVALID_HANDLE.FORMAT" in error.details()


def test_a_released_session_is_closed(connect):
    session = connect()
    session.range(1).count()
    request = proto.ReleaseSessionRequest(session_id=session.session_id)
    request.user_context.CopyFrom(user_context(session))
    stub(session).ReleaseSession(request, metadata=metadata(session))
    late = execute_request(session, session.range(1))
    error = error_of(stub(session).ExecutePlan(late, metadata=metadata(session)))
    assert "INVALID_HANDLE.SESSION_CLOSED" in error.details()
    session.client._closed = True


def test_the_server_side_session_is_checked(spark):
    spark.range(1).count()
    request = execute_request(spark, spark.range(1))
    request.client_observed_server_side_session_id = str(uuid.uuid4())
    error = error_of(stub(spark).ExecutePlan(request, metadata=metadata(spark)))
    assert "INVALID_HANDLE.SESSION_CHANGED" in error.details()


def test_batches_come_in_chunks_when_asked(spark):
    request = execute_request(spark, spark.range(0, 3, 1, 1).selectExpr("id", "repeat('x', 100000) AS s"))
    chunking = request.request_options.add().result_chunking_options
    chunking.allow_arrow_batch_chunking = True
    chunking.preferred_arrow_chunk_size = 50_000
    responses = list(stub(spark).ExecutePlan(request, metadata=metadata(spark)))
    chunks = [r.arrow_batch for r in responses if r.HasField("arrow_batch")]
    assert [chunk.chunk_index for chunk in chunks] == list(range(len(chunks)))
    assert {chunk.num_chunks_in_batch for chunk in chunks} == {len(chunks)} and len(chunks) > 5
    assert {chunk.row_count for chunk in chunks} == {3} and max(len(chunk.data) for chunk in chunks) <= 50_000
    table = pa.ipc.open_stream(b"".join(chunk.data for chunk in chunks)).read_all()
    assert table.column("id").to_pylist() == [0, 1, 2] and table.column("s")[2].as_py() == "x" * 100_000


def test_a_row_larger_than_a_message(spark):
    rows = spark.range(0, 3, 1, 1).selectExpr("id", "repeat('x', 50000000 + CAST(id AS INT)) AS s").collect()
    assert [len(row.s) - 50_000_000 for row in rows] == [0, 1, 2]  # 150 MB in one batch; clients take 128


# Artifacts and cloning.


def test_artifacts(spark, tmp_path):
    module = tmp_path / "shipped_module.py"
    module.write_text("VALUE = 1\n")
    spark.addArtifacts(str(module), pyfile=True)
    spark.addArtifacts(str(module), pyfile=True)  # the same again is fine
    module.write_text("VALUE = 2\n")
    with pytest.raises(PySparkException) as caught:
        spark.addArtifacts(str(module), pyfile=True)
    assert "ARTIFACT_ALREADY_EXISTS" in str(caught.value)


def test_cached_artifacts_are_known(spark):
    blob = b"some bytes to keep" * 1000
    name = "cache/" + hashlib.sha256(blob).hexdigest()

    def known():
        request = proto.ArtifactStatusesRequest(session_id=spark.session_id, names=[name])
        request.user_context.CopyFrom(user_context(spark))
        answer = stub(spark).ArtifactStatus(request, metadata=metadata(spark))
        return answer.statuses[name].exists

    assert not known()
    spark.client.cache_artifact(blob)
    assert known()


def test_a_large_artifact_goes_in_chunks(spark, tmp_path):
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(range(256)) * 4096 * 3)  # three megabytes
    spark.addArtifacts(str(path), file=True)
    assert spark.range(1).count() == 1


def test_a_clone_has_the_state_and_goes_its_own_way(spark):
    spark.conf.set("spark.sql.shuffle.partitions", "6")
    spark.range(5).createOrReplaceTempView("shared")
    client = spark.client.clone()
    clone = ConnectSession.__new__(ConnectSession)
    clone._client, clone._session_id = client, client._session_id
    clone.release_session_on_close = True
    assert clone.session_id != spark.session_id
    assert clone.conf.get("spark.sql.shuffle.partitions") == "6"
    assert clone.table("shared").count() == 5
    clone.conf.set("spark.sql.shuffle.partitions", "7")
    clone.range(1).createOrReplaceTempView("shared")
    assert spark.conf.get("spark.sql.shuffle.partitions") == "6"
    assert spark.table("shared").count() == 5
    clone.stop()


# Progress.


def test_progress_is_reported(spark):
    seen = []

    def handler(stages, inflight_tasks, operation_id, done):
        seen.append((done, operation_id, [stage.num_tasks for stage in stages or []]))

    spark.registerProgressHandler(handler)
    spark.range(0, 3 * 10**8, 1, 8).selectExpr(ENDLESS).collect()
    spark.removeProgressHandler(handler)
    assert seen[-1][0] is True
    spark.clearProgressHandlers()


# Compressed plans.


def compress(request, content, kind):
    request.plan.Clear()
    request.plan.compressed_operation.data = content
    request.plan.compressed_operation.op_type = kind
    request.plan.compressed_operation.compression_codec = proto.COMPRESSION_CODEC_ZSTD


def test_plans_may_come_compressed(connect):
    session = connect(spark__connect__session__planCompression__threshold="100")
    numbers = list(range(2000))
    assert session.range(3000).filter(F.col("id").isin(numbers)).count() == 2000
    plan = session.range(10).filter(F.col("id").isin(numbers))._plan.to_proto(session.client)
    assert plan.HasField("compressed_operation")
    session.range(5).filter(F.col("id").isin(numbers)).createOrReplaceTempView("compressed")  # a command
    assert session.table("compressed").count() == 5


def test_a_compressed_plan_is_bounded(spark):
    zstandard = pytest.importorskip("zstandard")
    relation = proto.Plan.CompressedOperation.OP_TYPE_RELATION
    bomb = zstandard.ZstdCompressor().compress(bytes(2 << 30))
    for content in (bomb, b"no zstd at all", zstandard.compress(b"\xff\xff\xff"), bomb[: len(bomb) // 2]):
        request = execute_request(spark, spark.range(1))
        compress(request, content, relation)
        assert "CONNECT_INVALID_PLAN" in error_of(stub(spark).ExecutePlan(request, metadata=metadata(spark))).details()
    assert spark.range(3).count() == 3


# Views and caches.


def test_temporary_views(spark):
    df = spark.createDataFrame([Row(a=1, b="x"), Row(a=2, b="y")])
    df.createTempView("t")
    with pytest.raises(AnalysisException) as caught:
        df.createTempView("t")
    assert caught.value.getCondition() == "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS"
    df.limit(1).createOrReplaceTempView("t")
    assert spark.sql("SELECT b FROM t").collect() == [Row(b="x")]
    assert [table.name for table in spark.catalog.listTables() if table.isTemporary] == ["t"]
    assert spark.catalog.dropTempView("t") is True
    assert spark.catalog.dropTempView("t") is False
    assert not spark.catalog.tableExists("t")


def test_global_temporary_views_are_shared(connect, spark):
    name = "g" + uuid.uuid4().hex[:8]
    spark.range(4).createOrReplaceGlobalTempView(name)
    assert connect().table(f"global_temp.{name}").count() == 4
    assert spark.catalog.dropGlobalTempView(name) is True


def test_a_cached_dataframe(spark):
    df = spark.range(0, 10, 1, 2).withColumn("r", F.rand())
    assert df.storageLevel == StorageLevel.NONE and not df.is_cached
    df.cache()
    assert df.is_cached and df.storageLevel == StorageLevel.MEMORY_AND_DISK_DESER
    first = df.orderBy("id").collect()
    assert df.orderBy("id").collect() == first
    assert df.filter("id > 5").orderBy("id").collect() == first[6:]
    df.unpersist()
    assert not df.is_cached
    df.persist(StorageLevel.DISK_ONLY)
    assert df.storageLevel == StorageLevel.DISK_ONLY
    df.unpersist(blocking=True)


def test_a_cached_table(spark):
    spark.range(3).createOrReplaceTempView("c")
    spark.catalog.cacheTable("c")
    assert spark.catalog.isCached("c")
    assert spark.table("c").count() == 3
    spark.catalog.uncacheTable("c")
    assert not spark.catalog.isCached("c")
    spark.sql("CACHE TABLE c")
    spark.catalog.clearCache()
    assert not spark.catalog.isCached("c")


def test_a_cache_outlives_the_file_it_came_from(spark, tmp_path):
    path = str(tmp_path / "data")
    spark.range(5).write.parquet(path)
    df = spark.read.parquet(path).cache()
    assert df.count() == 5
    for file in (tmp_path / "data").glob("*.parquet"):
        file.unlink()
    assert df.count() == 5
    df.unpersist()


@pytest.mark.skipif(IS_SPARK, reason="classic Spark does so; over Connect it lists the files at each use")
def test_a_dataframe_keeps_the_files_it_found(spark, tmp_path):
    path = str(tmp_path / "data")
    spark.range(5).write.parquet(path)
    df = spark.read.parquet(path)
    assert df.count() == 5
    spark.range(5).write.mode("append").parquet(path)
    assert (df.count(), df.filter("id >= 0").count()) == (5, 5)
    assert spark.read.parquet(path).count() == 10
    spark.range(7).write.mode("overwrite").parquet(path)
    with pytest.raises(PySparkException) as caught:
        df.collect()
    assert caught.value.getCondition() == "FAILED_READ_FILE.FILE_NOT_EXIST"
    spark.catalog.refreshByPath(path)
    assert df.count() == 7


def test_a_file_replaced_under_its_name_is_read_anew(spark, tmp_path):
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"a": list(range(1000))}), path)
    df = spark.read.parquet(str(path))
    assert (df.count(), df.agg(F.max("a")).first()[0]) == (1000, 999)
    pq.write_table(pa.table({"a": list(range(5000, 5500))}), path)
    assert (df.count(), df.agg(F.max("a")).first()[0]) == (500, 5499)
