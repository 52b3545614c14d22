"""A client that stops reading stops its query, whose memory stays bounded; a client that is gone leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from pyspark.sql import SparkSession

from conftest import start_server, stop_server

pytestmark = pytest.mark.centella

ENDLESS = "SELECT id, repeat('x', 1000) AS text FROM range(1000000000)"
# What may wait for a client: results (16 MB), responses not yet sent (16 MB) and sent (10 MB), each perhaps with one message
# more (4 MB), gRPC's windows, and what encoding and the allocator need beside.
BOUND_MB = 160


class Process:
    """A server's memory and CPU time."""

    def __init__(self, process):
        self.pid = process.pid

    def megabytes(self):
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wait_until_idle(self, seconds=30):
        """Until it uses (nearly) no CPU time for half a second."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            before = self.cpu_seconds()
            time.sleep(0.5)
            if self.cpu_seconds() - before < 0.05:
                return
        pytest.fail(f"the server still works after {seconds} s, with {self.megabytes():.0f} MB")


@pytest.fixture
def server_process():
    process, url = start_server("--threads", "2", "--abandoned-after", "1")
    yield process, url
    assert process.poll() is None
    stop_server(process)


def test_a_client_that_stops_reading_stops_its_query(server_process):
    process, url = server_process
    server = Process(process)
    spark = SparkSession.builder.remote(url).create()
    assert spark.sql("SELECT count(*) FROM range(10)").collect()[0][0] == 10
    before = server.megabytes()
    rows = spark.sql(ENDLESS).toLocalIterator()
    assert next(rows).id == 0
    server.wait_until_idle()
    assert server.megabytes() - before < BOUND_MB
    # It goes on where it was, far beyond what had been made, and stops again.
    for expected in range(1, 100_000):
        row = next(rows)
        assert row.id == expected
    assert len(row.text) == 1000
    server.wait_until_idle()
    assert server.megabytes() - before < BOUND_MB
    # A small query beside it has its turn.
    assert spark.sql("SELECT sum(id) FROM range(1000)").collect()[0][0] == 499_500
    spark.interruptAll()
    with pytest.raises(Exception, match="OPERATION_CANCELED"):
        for _ in rows:
            pass
    spark.stop()


def test_a_client_killed_in_mid_stream_leaves_nothing(server_process, script):
    process, url = server_process
    server = Process(process)
    program = (
        "import sys\nfrom pyspark.sql import SparkSession\n"
        f"rows = SparkSession.builder.remote(sys.argv[1]).getOrCreate().sql({ENDLESS!r}).toLocalIterator()\n"
        "for row in rows:\n    if row.id == 5000:\n        print('reading', flush=True)\n"
    )
    environment = dict(os.environ)
    environment.pop("SPARK_CONNECT_MODE_ENABLED", None)  # set by our own session; a new process takes it amiss
    before = server.megabytes()
    for _ in range(3):
        client = subprocess.Popen(
            [sys.executable, script(program), url], stdout=subprocess.PIPE, text=True, env=environment
        )
        assert client.stdout.readline().strip() == "reading"
        client.send_signal(signal.SIGKILL)
        client.wait()
    server.wait_until_idle()
    # Abandoned operations are looked for twice a second; what they held is given back.
    deadline = time.monotonic() + 15
    while server.megabytes() - before > 150 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert server.megabytes() - before < 150  # an abandoned result would hold more; the allocator keeps some
    spark = SparkSession.builder.remote(url).create()
    assert spark.sql("SELECT count(*) FROM range(1000)").collect()[0][0] == 1000
    spark.stop()
