"""The `centella` command itself: its sub-commands' options, outputs, logs, signals and terminals."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time

import pytest

from conftest import BINARY, LISTENING, REMOTE

pytestmark = [pytest.mark.centella, pytest.mark.skipif(REMOTE is not None, reason="needs bin/centella")]

SESSION = "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n"


def centella(*arguments, **how):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60, **how)


# Help.


@pytest.mark.parametrize("command", [[], ["run"], ["server"], ["sql"]])
def test_help(command):
    finished = centella(*command, "--help")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "Usage: centella" in finished.stdout and "--help" in finished.stdout


@pytest.mark.parametrize("command", ["run", "server", "sql"])
def test_an_unknown_option_is_named(command):
    finished = centella(command, "--no-such-option")
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr.startswith(f"centella {command}: ") and "--no-such-option" in finished.stderr


def test_version():
    assert centella("--version").stdout.startswith("centella ")


# centella sql.

ROW = "SELECT 1 AS n, 'x,\"y' AS s, array(1, NULL) AS a, map('k', 1.5D) AS m, CAST(NULL AS DATE) AS d"


def test_sql_as_table_csv_and_json():
    table = centella("sql", "-e", "SELECT 1 AS n, 'ab' AS s UNION ALL SELECT 20, NULL").stdout
    assert table == "+---+----+\n|n  |s   |\n+---+----+\n|1  |ab  |\n|20 |NULL|\n+---+----+\n"
    csv = centella("sql", "--format", "csv", "-e", ROW).stdout
    assert csv == 'n,s,a,m,d\n1,"x,""y","[1, NULL]",{k -> 1.5},\n'
    line = centella("sql", "--format", "json", "-e", ROW).stdout
    assert json.loads(line) == {"n": 1, "s": 'x,"y', "a": [1, None], "m": {"k": 1.5}, "d": None}


def test_sql_from_a_file_and_from_standard_input(tmp_path):
    script = tmp_path / "script.sql"
    script.write_text("-- a comment; with a semicolon\nCREATE TEMP VIEW v AS SELECT 'a;b' AS x;\nSELECT * FROM v;\n")
    expected = "x\na;b\n"
    assert centella("sql", "--format", "csv", "-f", str(script)).stdout == expected
    assert centella("sql", "--format", "csv", input=script.read_text()).stdout == expected


def test_sql_errors_point_at_the_place():
    finished = centella("sql", input="SELECT 1;\n\nSELECT a,\n  nmae FROM VALUES (1, 2) AS t(a, name);\nSELECT 2;")
    assert finished.returncode == 1
    assert "UNRESOLVED_COLUMN.WITH_SUGGESTION" in finished.stderr and "SQLSTATE: 42703" in finished.stderr
    assert finished.stderr.endswith("\nline 4:   nmae FROM VALUES (1, 2) AS t(a, name)\n          ^^^^\n")
    assert "|2" not in finished.stdout  # the first error ends it
    finished = centella("sql", "-e", "SELECT 1 +")
    assert finished.returncode == 1 and "PARSE_SYNTAX_ERROR" in finished.stderr and "^^^" in finished.stderr


def test_sql_explain_is_a_text():
    assert centella("sql", "-e", "EXPLAIN SELECT * FROM range(3)").stdout.startswith("== Physical Plan ==\n")


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["-f", "no_such_file.sql"], "no_such_file.sql"),
        (["--conf", "x", "-e", "SELECT 1"], "KEY=VALUE"),
        (["--memory", "lots", "-e", "SELECT 1"], "--memory lots"),
        (["--format", "xml"], "xml"),
    ],
)
def test_sql_says_what_is_wrong_with_its_options(arguments, said):
    finished = centella("sql", *arguments, stdin=subprocess.DEVNULL)
    assert finished.returncode == 2
    assert finished.stderr.startswith("centella sql: ") and said in finished.stderr


# centella server.


class Server:
    def __init__(self, *options):
        self.process = subprocess.Popen(
            [BINARY, "server", "--port", "0", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.port = self.process.stdout.readline().split(LISTENING)[1].split()[0].rsplit(":", 1)[1]

    def stop(self, with_signal=signal.SIGTERM):
        """Exit code, and what it logged."""
        self.process.send_signal(with_signal)
        _, log = self.process.communicate(timeout=20)
        return self.process.returncode, log


def connect_and_fail(url, tmp_path, **environment):
    """A client of its own that counts to three and then asks for what isn't there."""
    path = tmp_path / "client.py"
    path.write_text(
        "import sys\nfrom pyspark.sql import SparkSession\n"
        "try:\n"
        "    spark = SparkSession.builder.remote(sys.argv[1]).getOrCreate()\n"
        "    print(spark.range(3).count())\n"
        "    spark.sql('SELECT nothing')\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, 'UNAUTHENTICATED' in str(error))\n"
        "    'spark' in globals() and spark.stop()\n"
    )
    own = {key: value for key, value in os.environ.items() if not key.startswith("SPARK_")}
    return subprocess.run(
        [sys.executable, str(path), url], env={**own, **environment}, capture_output=True, text=True, timeout=60
    ).stdout


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_server_logs_json_and_shuts_down_cleanly(with_signal, tmp_path):
    server = Server("--log-format", "json")
    assert connect_and_fail(f"sc://127.0.0.1:{server.port}", tmp_path) == "3\nAnalysisException False\n"
    code, log = server.stop(with_signal)
    entries = [json.loads(line) for line in log.splitlines()]
    assert code == 0
    assert any("UNRESOLVED_COLUMN" in entry["message"] and entry["level"] == "info" for entry in entries)
    assert entries[-1]["message"].startswith("stopping")


def test_server_stops_while_queries_run(tmp_path):
    server = Server()
    path = tmp_path / "client.py"
    path.write_text(
        "import sys\nfrom pyspark.sql import SparkSession\n"
        "spark = SparkSession.builder.remote(sys.argv[1]).getOrCreate()\n"
        "spark.registerProgressHandler(lambda **progress: print('running', flush=True))\n"
        "spark.range(0, 10**13, 1, 1000).selectExpr('sum(hash(id))').collect()\n"
    )
    own = {key: value for key, value in os.environ.items() if not key.startswith("SPARK_")}
    client = subprocess.Popen(
        [sys.executable, str(path), f"sc://127.0.0.1:{server.port}"], env=own, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL,
    )
    assert client.stdout.readline() == "running\n"
    assert server.stop()[0] == 0
    client.kill()
    client.wait()


def test_server_wants_its_token(tmp_path):
    server = Server("--token", "opensesame")
    url = f"sc://127.0.0.1:{server.port}/;"
    assert connect_and_fail(url + "authorization=Bearer%20opensesame", tmp_path).startswith("3\n")
    assert connect_and_fail(url + "authorization=Bearer%20wrong", tmp_path).endswith(" True\n")
    assert connect_and_fail(url, tmp_path).endswith(" True\n")
    assert server.stop()[0] == 0


def test_server_with_tls(tmp_path):
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "cert.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        + ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    server = Server("--tls-cert", certificate, "--tls-key", key, "--token", "opensesame", "--host", "0.0.0.0")
    url = f"sc://localhost:{server.port}/;use_ssl=true;token=opensesame"
    assert connect_and_fail(url, tmp_path, GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=certificate).startswith("3\n")
    assert server.stop()[0] == 0


def test_server_says_why_it_cannot_start(tmp_path):
    server = Server()
    (tmp_path / "empty").write_text("")
    for options, said in [
        (["--host", "0.0.0.0"], "TLS"),
        (["--tls-cert", "x.pem"], "TLS"),
        (["--tls-cert", "x.pem", "--tls-key", "y.pem"], "y.pem"),
        (["--token-file", str(tmp_path / "empty")], "empty"),
        (["--port", server.port], server.port),
    ]:
        finished = centella("server", *options)
        assert finished.returncode == 1
        assert finished.stderr.startswith("centella server: ") and said in finished.stderr
    assert server.stop()[0] == 0


def test_idle_sessions_expire():
    from pyspark.sql.connect.session import SparkSession

    server = Server("--session-timeout", "1")
    session = SparkSession(connection=f"sc://127.0.0.1:{server.port}")
    assert session.range(3).count() == 3
    deadline = time.monotonic() + 20
    while True:
        time.sleep(1.6)  # longer than the limit: asking keeps a session alive
        try:
            session.range(3).count()
        except Exception as error:
            assert "INVALID_HANDLE.SESSION_CLOSED" in str(error)
            break
        assert time.monotonic() < deadline, "the session is still there"
    assert server.stop()[0] == 0


# centella run at a terminal.


def at_a_terminal(command, environment, keys=()):
    """Runs a command on a terminal of its own; keys: (what to wait for, what to type). Gives exit code and output."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], command, {**environment, "TERM": "xterm"})
    output, waiting = b"", list(keys)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            output += os.read(terminal, 65536)
        except OSError:  # the other side is closed
            break
        if waiting and waiting[0][0] in output:
            os.write(terminal, waiting.pop(0)[1])
    else:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), output


def test_long_queries_show_their_progress(run, script):
    query = "spark.range(0, 10**13, 1, 100_000).selectExpr('sum(hash(id, id % 13))').collect()\n"
    code, output = at_a_terminal(*run.command(script(SESSION + query)), keys=[(b" tasks, ", b"\x03")])
    assert code == 130
    assert b"/100000 tasks, " in output
    assert output.count(b"\r\x1b[K") == 1, output  # wiped before the traceback
    bar, rest = output.split(b"\r\x1b[K", 1)
    assert b"[>" in bar and rest.rstrip().endswith(b"KeyboardInterrupt")


def test_quick_queries_show_none(run, script):
    code, output = at_a_terminal(*run.command(script(SESSION + "print(spark.range(3).count())\n")))
    assert (code, output) == (0, b"3\r\n")


def test_progress_can_be_turned_off(run, script):
    program = SESSION + (
        "spark.registerProgressHandler(lambda **progress: print('progress', flush=True))\n"
        "spark.range(0, 10**13, 1, 100_000).selectExpr('sum(hash(id, id % 13))').collect()\n"
    )
    command = run.command(script(program), conf={"spark.ui.showConsoleProgress": "false"})
    code, output = at_a_terminal(*command, keys=[(b"progress\r\nprogress\r\nprogress", b"\x03")])
    assert code == 130 and b" tasks, " not in output


def test_a_script_reads_the_terminal(run, script):
    program = SESSION + "name = input('who? ')\nprint('hello', name, spark.range(2).count())\n"
    code, output = at_a_terminal(*run.command(script(program)), keys=[(b"who? ", b"me\n")])
    assert code == 0 and output.endswith(b"hello me 2\r\n")


def test_sigterm_ends_script_and_command(run, script):
    program = SESSION + "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n"
    command, environment = run.command(script(program))
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    child = process.stdout.readline().strip()
    process.terminate()
    assert process.wait(20) == 128 + signal.SIGTERM
    assert not os.path.exists(f"/proc/{child}")


def test_zip_files_are_imported_from(run, script, tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "shipped.zip", "w") as archive:
        archive.writestr("from_zip.py", "VALUE = 5\n")
    finished = run(script(SESSION + "import from_zip\nprint(from_zip.VALUE)\n"), py_files=[str(tmp_path / "shipped.zip")])
    assert (finished.returncode, finished.stdout) == (0, "5\n"), finished.stderr


def test_options_without_meaning_are_told_once(run, script):
    options = ["--executor-memory", "4g", "--num-executors=3", "--deploy-mode", "client"]
    finished = run(script("print('ran')\n"), options=options)
    assert (finished.returncode, finished.stdout) == (0, "ran\n")
    [told] = finished.stderr.splitlines()
    assert all(name in told for name in ("--executor-memory", "--num-executors", "--deploy-mode"))


def test_a_python_without_pyspark_is_told_what_to_do(script):
    path = script("from pyspark.sql import SparkSession\n")
    isolated = script(f"#!/bin/sh\nexec {sys.executable} -S \"$@\"\n", name="python")
    os.chmod(isolated, 0o755)
    finished = centella("run", path, env=dict(os.environ, PYSPARK_DRIVER_PYTHON=isolated))
    assert finished.returncode == 1
    assert "PYSPARK_PYTHON" in finished.stderr.splitlines()[-1]
