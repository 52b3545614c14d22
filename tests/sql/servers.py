"""Starting and stopping the two servers that golden cases run against: real Spark's (to record) and Centella's."""

import contextlib
import os
import pathlib
import queue
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

SPARK_VERSION = "4.2.1"


def cache_folder():
    """Where downloads and generated data stay between runs; `make clean` leaves it alone."""
    root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(root) / "centella"


def find_spark_home(given=None):
    """SPARK_HOME of a pyspark wheel of the right version; installs one into the cache when none is named."""
    home = given or os.environ.get("SPARK_HOME")
    if home:
        return pathlib.Path(home)
    environment = cache_folder() / f"spark-{SPARK_VERSION}"
    python = environment / "bin" / "python"
    if not python.exists():
        print(f"Installing pyspark {SPARK_VERSION} into {environment} (once, about 460 MB)", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", f"pyspark=={SPARK_VERSION}"], check=True)
    return next((environment / "lib").glob("python3*/site-packages/pyspark"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def spark_server(spark_home=None, confs=None, memory="4g"):
    """Runs real Spark's Connect server on a free port; yields its URL and stops it in the end."""
    home = find_spark_home(spark_home)
    port = free_port()
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.ui.enabled": "false",
        "spark.default.parallelism": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
        **(confs or {}),
    }
    command = [str(home / "bin" / "spark-submit"), "--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
    command += ["--master", "local[2]", "--driver-memory", memory]
    for key, value in settings.items():
        command += ["--conf", f"{key}={value}"]
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "TZ": "UTC"}
    with tempfile.TemporaryDirectory(prefix="golden-spark-") as folder:
        log_path = pathlib.Path(folder) / "server.log"
        with open(log_path, "wb") as log:
            process = subprocess.Popen(
                command + ["spark-internal"], cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            _wait_for_port(port, process, log_path)
            yield f"sc://127.0.0.1:{port}"
        finally:
            _stop(process)


def _wait_for_port(port, process, log_path, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at start:\n{log_path.read_text()[-3000:]}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError(f"the server did not listen within {seconds} s:\n{log_path.read_text()[-3000:]}")


def _stop(process):
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class CentellaServer:
    """A Centella server of our own on a free port, with its log kept for the report of a crash."""

    def __init__(self, binary, flags=(), start_seconds=30):
        command = [str(binary), "server", "--port", "0", *flags]
        self.folder = tempfile.TemporaryDirectory(prefix="golden-centella-")
        binary = pathlib.Path(binary).resolve()
        command[0] = str(binary)
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder.name
        )
        self.lines = []
        self._listening = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        try:
            address = self._listening.get(timeout=start_seconds)
        except queue.Empty:
            address = None
        if address is None:
            self.stop()
            raise RuntimeError("the server did not start:\n" + "\n".join(self.lines[-20:]))
        self.url = f"sc://{address}"

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            del self.lines[:-2000]
            found = re.search(r"Spark Connect server listening on (\S+:\d+)", line)
            if found:
                self._listening.put(found.group(1))
        self._listening.put(None)

    def died(self):
        """None while the server runs, else a sentence about its end."""
        code = self.process.poll()
        if code is None:
            return None
        # A sanitizer's report begins with what matters.
        report = next((i for i, line in enumerate(self.lines) if "Sanitizer" in line or "runtime error" in line), None)
        shown = self.lines[-3:] if report is None else self.lines[report:report + 12]
        return f"the server ended with code {code}: " + " | ".join(shown)

    def stop(self):
        if self.process.poll() is None:
            _stop(self.process)
        self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
