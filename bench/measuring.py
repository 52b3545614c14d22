"""What the benchmarks share: servers in processes of their own, processor time, geometric means."""
import math
import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = str(ROOT / "bin/centella")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpu_milliseconds(pid):
    """Processor time that a process has used in all its threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def geometric_mean(values):
    return math.exp(sum(math.log(v) for v in values) / len(values)) if values else float("nan")


class ConnectServer:
    """A Spark Connect server in a process of its own, from the command that starts it (a port is appended to it)."""

    def __init__(self, command, seconds=30):
        """Returns when the server listens; `listening_ms` is how long that took."""
        self.port = free_port()
        self.sessions = []
        began = time.perf_counter()
        self.process = subprocess.Popen([*command, "--port", str(self.port)], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        while not self._listens():
            if self.process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended at start with code {self.process.returncode}")
            if time.perf_counter() - began > seconds:
                self.process.kill()
                raise RuntimeError(f"{command[0]} didn't listen within {seconds} s")
            time.sleep(0.001)
        self.listening_ms = (time.perf_counter() - began) * 1000
        self.url = f"sc://127.0.0.1:{self.port}"

    def _listens(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def session(self):
        from pyspark.sql.connect.session import SparkSession

        session = SparkSession.builder.remote(self.url).create()
        self.sessions.append(session)
        return session

    def cpu_milliseconds(self):
        return cpu_milliseconds(self.process.pid)

    def peak_memory(self):
        """MB that were resident at most; 0 when the process is gone."""
        try:
            for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM"):
                    return int(line.split()[1]) // 1024
        except OSError:
            pass
        return 0

    def close(self):
        # A session that outlives its server asks it to clean up when Python ends, again and again for ten minutes.
        for session in self.sessions:
            session.stop()
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def centella_command(threads, binary=BINARY):
    return [binary, "server", "--threads", str(threads)]
