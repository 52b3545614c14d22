"""What the end-to-end tests share: a server, sessions on it, and a way to run scripts.

Settings from the environment:
  CENTELLA_REMOTE    a Spark Connect URL to test instead of a server of our own
  CENTELLA_IS_SPARK  set when CENTELLA_REMOTE is real Spark: what only Centella does is skipped
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# A shell without job control starts what it puts into the background with SIGINT ignored, and children inherit that: the
# tests that press Ctrl-C need it as a terminal leaves it.
signal.signal(signal.SIGINT, signal.default_int_handler)

BINARY = os.environ.get("CENTELLA_BINARY", os.path.join(ROOT, "bin", "centella"))
REMOTE = os.environ.get("CENTELLA_REMOTE")
IS_SPARK = "CENTELLA_IS_SPARK" in os.environ
LISTENING = "Centella Spark Connect server listening on "

os.environ["TZ"] = "UTC"
time.tzset()


def pytest_configure(config):
    config.addinivalue_line("markers", "centella: needs Centella's own server or launcher binary")
    config.addinivalue_line("markers", "clients: needs other pyspark versions installed")
    if REMOTE is None and not os.path.exists(BINARY):
        pytest.exit(f"{BINARY} is not built (make build), and CENTELLA_REMOTE is not set.", 2)


def pending_tests():
    """Tests that Centella doesn't pass yet, one a line in pending.txt: they run, and their failures count as expected."""
    path = os.path.join(HERE, "pending.txt")
    if not os.path.exists(path):
        return set()
    with open(path) as lines:
        return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def pytest_collection_modifyitems(config, items):
    pending = set() if "CENTELLA_STRICT" in os.environ else pending_tests()
    for item in items:
        name = item.nodeid.split("/")[-1]
        if "!" + name in pending and not IS_SPARK:
            item.add_marker(pytest.mark.skip(reason="pending: see tests/pyspark/pending.txt"))
        if name in pending and not IS_SPARK:
            item.add_marker(pytest.mark.xfail(reason="pending: see tests/pyspark/pending.txt", strict=False, run=True))
        if IS_SPARK and item.get_closest_marker("centella"):
            item.add_marker(pytest.mark.skip(reason="Centella only; this server is Spark"))


def start_server(*options):
    """Starts bin/centella server on a free port; gives the process and its URL."""
    process = subprocess.Popen(
        [BINARY, "server", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for line in process.stdout:
        if LISTENING in line:
            return process, "sc://" + line.split(LISTENING)[1].split()[0]
    pytest.exit(f"the server ended with code {process.wait()} before it listened", 2)


def stop_server(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail("the server did not stop within 10 s of SIGTERM")


@pytest.fixture(scope="session")
def server():
    """URL of the server under test."""
    if REMOTE is not None:
        yield REMOTE
        return
    process, url = start_server()
    yield url
    assert process.poll() is None, f"the server died with code {process.returncode}"
    stop_server(process)


@pytest.fixture(scope="session")
def connect(server):
    """Opens sessions of their own; connect() gives one more."""
    from pyspark.sql import SparkSession

    opened = []

    def open_session(**conf):
        builder = SparkSession.builder.remote(server)
        builder.config("spark.sql.session.timeZone", "UTC")
        for key, value in conf.items():
            builder.config(key.replace("__", "."), value)
        opened.append(builder.create())
        return opened[-1]

    yield open_session
    for session in opened:
        session.stop()


@pytest.fixture
def spark(connect):
    """A fresh session."""
    session = connect()
    yield session
    session.stop()


class Runner:
    """Runs scripts with `centella run`, or with the launcher alone on a remote server."""

    def __init__(self, url: str | None) -> None:
        self._url = url

    def command(self, script, *arguments, options=(), conf=None, python=None, **lists):
        """Command line and environment; lists: py_files, files, packages."""
        conf = {"spark.sql.session.timeZone": "UTC", **(conf or {})}
        environment = dict(os.environ, PYSPARK_DRIVER_PYTHON=python or sys.executable)
        for name in ("SPARK_REMOTE", "MASTER", "SPARK_CONNECT_MODE_ENABLED"):
            environment.pop(name, None)
        if self._url is None:
            command = [BINARY, "run", *options]
            for key, value in conf.items():
                command += ["--conf", f"{key}={value}"]
            for name, values in lists.items():
                command += ["--" + name.replace("_", "-"), ",".join(values)]
        else:
            assert not options, "the launcher alone takes no command-line options"
            command = [python or sys.executable, "-m", "centella.launcher"]
            environment["PYTHONPATH"] = os.path.join(ROOT, "python")
            environment["CENTELLA_ENDPOINT"] = self._url
            environment["CENTELLA_CONF"] = json.dumps(conf)
            for name, values in lists.items():
                environment["CENTELLA_" + name.upper()] = ",".join(values)
        return [*command, str(script), *map(str, arguments)], environment

    def __call__(self, script, *arguments, cwd=None, timeout=120, **how):
        command, environment = self.command(script, *arguments, **how)
        return subprocess.run(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=timeout,
        )


@pytest.fixture(scope="session")
def run():
    """run(script, *arguments, conf=…, options=…): the finished process, output captured as text."""
    return Runner(REMOTE)


@pytest.fixture
def script(tmp_path):
    """script("print(1)"): a file with that program."""

    def write(text, name=None):
        path = tmp_path / (name or f"script_{uuid.uuid4().hex[:8]}.py")
        path.write_text(text)
        return str(path)

    return write
