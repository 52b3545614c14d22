"""Size: plans deeper and wider than anybody writes by hand, results and inputs larger than a message."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest
from google._upb import _message

from pyspark.sql import functions as F

from conftest import IS_SPARK


@pytest.fixture(scope="module")
def spark(connect):
    return connect()


@pytest.fixture
def recursion_limit():
    limit = sys.getrecursionlimit()
    yield sys.setrecursionlimit
    sys.setrecursionlimit(limit)


def test_a_thousand_chained_with_columns(spark, recursion_limit):
    # Spark's own analysis of a thousand takes minutes and its stack; the plan is what is tested. The client builds
    # it recursively (`centella run` lets every script do so).
    recursion_limit(30_000)
    count = 100 if IS_SPARK else 1000
    df = spark.range(3)
    for number in range(count):
        df = df.withColumn("x", (F.col("x") if number else F.col("id")) + 1)
    assert [row.x for row in df.orderBy("id").collect()] == [count, count + 1, count + 2]


def test_a_thousand_columns(spark):
    wide = spark.range(2).withColumns({f"c{n}": F.col("id") + n for n in range(1000)})
    assert len(wide.columns) == 1001
    assert wide.orderBy("id").collect()[1]["c999"] == 1000


@pytest.mark.skipif(IS_SPARK, reason="ten thousand ORs overflow Spark's stack or take minutes")
def test_ten_thousand_ors_of_columns(spark):
    """Written down as reduce(or_, conditions) nests them; the client's own way of doing so is quadratic."""
    _message.SetAllowOversizeProtos(True)
    request = spark.range(30_000).filter(F.col("id") == 0).groupBy().count()._plan.to_proto(spark.client)
    at = request.root.aggregate.input.filter.condition
    at.Clear()
    for number in reversed(range(10_000)):
        left, right = None, at
        if number > 0:
            at.unresolved_function.function_name = "or"
            left = at.unresolved_function.arguments.add()
            right = at.unresolved_function.arguments.add()
        right.unresolved_function.function_name = "=="
        right.unresolved_function.arguments.add().unresolved_attribute.unparsed_identifier = "id"
        right.unresolved_function.arguments.add().literal.long = number * 2
        at = left
    table = spark.client.to_table(request, {})[0]
    assert table.column(0)[0].as_py() == 10_000


def test_a_thousand_ors_of_columns(run, script):
    program = (
        "from functools import reduce\nfrom operator import or_\n"
        "from pyspark.sql import SparkSession, functions as F\n"
        "spark = SparkSession.builder.getOrCreate()\n"
        "condition = reduce(or_, [F.col('id') == n * 2 for n in range(1000)])\n"
        "print(spark.range(3000).filter(condition).count())\n"
    )
    finished = run(script(program))
    assert (finished.stdout, finished.stderr) == ("1000\n", "")


def test_ten_thousand_ors_of_text(spark):
    count = 1000 if IS_SPARK else 10_000
    text = " OR ".join(f"id = {n * 2}" for n in range(count))
    assert spark.sql(f"SELECT count(*) FROM range(30000) WHERE {text}").first()[0] == count
    assert spark.range(30_000).filter(text).count() == count


def test_a_long_in_list(spark):
    assert spark.range(100_000).filter(F.col("id").isin(list(range(0, 20_000, 2)))).count() == 10_000


def test_deep_nesting_is_an_answer_or_an_error_never_a_crash(spark):
    for text in ("SELECT " + "(" * 3000 + "1" + ")" * 3000, "SELECT " + "abs(" * 3000 + "1" + ")" * 3000):
        try:
            assert spark.sql(text).first()[0] == 1
        except Exception as error:
            assert "UNAVAILABLE" not in str(error)
    assert spark.range(2).count() == 2


def test_a_large_local_relation_is_sent_in_chunks(spark):
    rows = 1_200_000  # three columns of eight bytes and a string: over 64 MB
    table = pa.table(
        {
            "k": pa.array(range(rows), pa.int64()),
            "v": pa.array((n % 97 for n in range(rows)), pa.int64()),
            "s": pa.array([f"row number {n:031d}" for n in range(rows)]),
        }
    )
    assert table.nbytes > 64 << 20
    df = spark.createDataFrame(table)
    total = df.agg(F.count("*"), F.sum("k"), F.sum("v"), F.max("s")).first()
    assert tuple(total) == (
        rows,
        rows * (rows - 1) // 2,
        sum(n % 97 for n in range(rows)),
        f"row number {rows - 1:031d}",
    )


def test_a_large_result(spark):
    df = spark.range(0, 2_000_000, 1, 8).withColumn("text", F.concat(F.lit("value "), "id"))
    table = df.toArrow()
    assert table.num_rows == 2_000_000
    assert table.column("id").to_pylist() == list(range(2_000_000))  # in partition order
    assert table.column("text")[1_999_999].as_py() == "value 1999999"


def test_to_local_iterator_stops_early(spark):
    rows = spark.range(0, 5_000_000, 1, 50).toLocalIterator()
    assert [next(rows).id for _ in range(3)] == [0, 1, 2]
    rows.close()
    assert spark.range(1).count() == 1


def test_64_sessions_at_once(connect):
    sessions = [connect() for _ in range(16 if IS_SPARK else 64)]
    barrier = threading.Barrier(len(sessions))

    def work(number):
        session = sessions[number]
        session.conf.set("spark.sql.shuffle.partitions", str(number + 1))
        session.range(number + 1).createOrReplaceTempView("mine")
        barrier.wait(60)
        total = session.sql("SELECT count(*), sum(id) FROM mine").first()
        return (*total, session.conf.get("spark.sql.shuffle.partitions"))

    with ThreadPoolExecutor(len(sessions)) as pool:
        found = list(pool.map(work, range(len(sessions))))
    assert found == [(n + 1, n * (n + 1) // 2, str(n + 1)) for n in range(len(sessions))]


def test_a_client_killed_in_mid_stream(spark, server, script):
    program = (
        "from pyspark.sql import SparkSession\n"
        f"spark = SparkSession.builder.remote({server!r}).getOrCreate()\n"
        "rows = spark.range(0, 10**10, 1, 64).selectExpr('id', 'hash(id)').toLocalIterator()\n"
        "print(next(rows).id, flush=True)\n"
        "import time\ntime.sleep(60)\n"
    )
    path = script(program)
    environment = dict(os.environ)
    environment.pop("SPARK_CONNECT_MODE_ENABLED", None)  # set by our own session; a new process takes it amiss
    before = resident_size(server)
    for _ in range(2):
        client = subprocess.Popen(
            [sys.executable, path], stdout=subprocess.PIPE, text=True, env=environment
        )
        assert client.stdout.readline() == "0\n"
        client.send_signal(signal.SIGKILL)
        client.wait()
    until_idle(server)
    assert spark.range(1000).selectExpr("sum(id)").first()[0] == 499500
    if before is not None:
        assert resident_size(server) - before < 512 << 20


def resident_size(server):
    """Bytes resident in the server's process; None when that isn't ours to see."""
    process = process_of(server)
    if process is None:
        return None
    with open(f"/proc/{process}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def until_idle(server):
    """Until the server's process takes no more processor time: nobody reads, so the query waits."""
    process = process_of(server)
    used, deadline = -1, time.monotonic() + 30
    while process is not None:
        assert time.monotonic() < deadline, "the query goes on though nobody reads"
        with open(f"/proc/{process}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        now = int(fields[11]) + int(fields[12])
        if now - used <= 1:
            return
        used = now
        time.sleep(0.3)


def process_of(server):
    port = int(server.split(":")[2].split("/")[0])
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            if b"server" in words and words[0].endswith(b"centella") and listens(entry, port):
                return entry
        except OSError:
            continue
    return None


def listens(process, port):
    with open(f"/proc/{process}/net/tcp") as file:
        sockets = [line.split() for line in file][1:]
    inodes = {f"socket:[{s[9]}]" for s in sockets if s[3] == "0A" and int(s[1].split(":")[1], 16) == port}
    folder = f"/proc/{process}/fd"
    return any(os.readlink(os.path.join(folder, fd)) in inodes for fd in os.listdir(folder))
