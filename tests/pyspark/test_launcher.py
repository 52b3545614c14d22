"""`centella run`: what a script sees of python, of spark-submit and of SparkContext."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from conftest import BINARY, REMOTE, ROOT

SESSION = "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n"


def lines(finished):
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.splitlines()


# Script semantics: no session needed, so these are quick.


def test_script_sees_its_own_arguments_folder_and_name(run, script, tmp_path):
    (tmp_path / "beside.py").write_text("VALUE = 42\n")
    path = script(
        "import sys, os, beside\n"
        "print(sys.argv[1:], __name__, os.path.samefile(__file__, sys.argv[0]), beside.VALUE)\n"
        "print(os.path.samefile(sys.path[0], os.path.dirname(__file__)))\n"
        "print([k for k in ('ENDPOINT', 'CONF', 'PY_FILES', 'FILES', 'PACKAGES') if 'CENTELLA_' + k in os.environ])\n"
    )
    assert lines(run(path, "--conf", "a b", "-x")) == [
        "['--conf', 'a b', '-x'] __main__ True 42",
        "True",
        "[]",
    ]


@pytest.mark.parametrize(
    "program, code, message",
    [
        ("", 0, ""),
        ("import sys; sys.exit(7)", 7, ""),
        ("import sys; sys.exit('gone wrong')", 1, "gone wrong\n"),
        ("raise SystemExit", 0, ""),
        ("import os; os._exit(9)", 9, ""),
    ],
)
def test_exit_codes(run, script, program, code, message):
    finished = run(script(program))
    assert (finished.returncode, finished.stderr) == (code, message)


def test_traceback_is_pythons_own(run, script):
    path = script("def f():\n    raise ValueError('bad')\n\ntry:\n    f()\nexcept ValueError as e:\n    raise KeyError('k') from e\n")
    finished = run(path)
    plain = subprocess.run([sys.executable, path], capture_output=True, text=True)
    assert finished.returncode == 1
    assert finished.stderr == plain.stderr


def test_syntax_error_is_pythons_own(run, script):
    path = script("x = (\nprint 1\n")
    plain = subprocess.run([sys.executable, path], capture_output=True, text=True)
    finished = run(path)
    assert (finished.returncode, finished.stderr) == (1, plain.stderr)


def test_missing_script(run):
    finished = run("no_such_script.py")
    assert finished.returncode == 2
    assert "no_such_script.py" in finished.stderr and "Traceback" not in finished.stderr


def test_excepthook_and_atexit_of_the_script_run(run, script):
    path = script(
        SESSION + "import atexit, sys\n"
        "atexit.register(lambda: print('at exit', spark.range(2).count()))\n"
        "sys.excepthook = lambda kind, error, trace: print('hook', kind.__name__)\n"
        "raise RuntimeError\n"
    )
    finished = run(path)
    assert finished.returncode == 1
    assert finished.stdout.splitlines() == ["hook RuntimeError", "at exit 2"]


# Sessions and contexts.

CONTEXT_PROGRAM = """
from pyspark import SparkConf, SparkContext, SparkFiles
from pyspark.context import SparkContext as FromModule
from pyspark.sql import HiveContext, SQLContext, SparkSession
from pyspark.util import is_remote_only

print(is_remote_only())
spark = (SparkSession.builder.appName("Naming things").master("local[3]")
         .config("spark.sql.shuffle.partitions", 5).enableHiveSupport().getOrCreate())
sc = spark.sparkContext
print(sc.appName, sc.master, sc.uiWebUrl, sc.version == spark.version, sc.getConf().get("spark.master"))
print(SparkContext.getOrCreate() is sc, FromModule is SparkContext, SparkSession(sc) is spark)
print(spark.conf.get("spark.sql.shuffle.partitions"))
sc.setLogLevel("warn")
sc.setJobGroup("g", "a group")
print(spark.range(3).count(), sc.getLocalProperty("spark.jobGroup.id"))
sc.cancelJobGroup("g")
other = spark.newSession()
other.range(1).createOrReplaceTempView("only_there")
print(other.catalog.tableExists("only_there"), spark.catalog.tableExists("only_there"))
print(SQLContext(sc).sql("SELECT 1 AS one").collect(), HiveContext(sc).range(1).count())
sc._jsc.hadoopConfiguration().set("fs.s3a.access.key", "k")
print(spark.conf.get("spark.hadoop.fs.s3a.access.key"))
for attempt in (lambda: sc.parallelize([1]), lambda: spark.range(1).rdd.map(str),
                lambda: sc.broadcast(1), lambda: sc._jvm, lambda: SparkContext("local")):
    try:
        attempt()
    except Exception as error:
        print(type(error).__name__, str(error)[:46])
spark.stop()
sc = SparkContext(conf=SparkConf().setMaster("local").setAppName("Again"))
print(sc, SparkSession.builder.getOrCreate().range(4).count())
sc.stop()
"""

CONTEXT_OUTPUT = """True
Naming things local[3] None True local[3]
True True True
5
3 g
True False
[Row(one=1)] 1
k
PySparkNotImplementedError [NOT_IMPLEMENTED] SparkContext.parallelize (RD
PySparkNotImplementedError [NOT_IMPLEMENTED] RDD.map (RDDs do not run on 
PySparkNotImplementedError [NOT_IMPLEMENTED] SparkContext.broadcast (RDDs
PySparkNotImplementedError [NOT_IMPLEMENTED] SparkContext._jvm (Centella 
ValueError Cannot run multiple SparkContexts at once; one
<SparkContext master=local appName=Again> 4
"""


def test_sessions_and_contexts(run, script):
    finished = run(script(CONTEXT_PROGRAM))
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == CONTEXT_OUTPUT


@pytest.mark.centella
def test_master_and_parallelism(run, script):
    program = (
        "from pyspark.sql import SparkSession\n"
        "spark = SparkSession.builder.master('local[3]').getOrCreate()\n"
        "print(spark.sparkContext.defaultParallelism, spark.conf.get('spark.master'))\n"
        "print(spark.range(100).rdd.getNumPartitions())\n"
        "print(spark.range(100).repartition(7).rdd.getNumPartitions())\n"
        "print(spark.range(100).repartition(7).coalesce(2).rdd.getNumPartitions())\n"
        "print(spark.range(0, 10, 1, 5).filter('id > 3').rdd.getNumPartitions())\n"
        "print(spark.createDataFrame([(1,)] * 9, ['a']).repartition(4, 'a').rdd.getNumPartitions())\n"
    )
    assert lines(run(script(program))) == ["3 local[3]", "3", "7", "2", "5", "4"]


def test_to_json_gives_texts(run, script):
    program = SESSION + (
        "texts = spark.range(2).selectExpr('id', 'NULL AS n').toJSON()\n"
        "print(texts.collect(), texts.first(), texts.take(1), texts.count(), list(texts.toLocalIterator()))\n"
    )
    one, two = '{"id":0}', '{"id":1}'
    assert lines(run(script(program))) == [f"['{one}', '{two}'] {one} ['{one}'] 2 ['{one}', '{two}']"]


@pytest.mark.centella
def test_nothing_is_said_about_ordinary_configuration(run, script):
    program = (
        "from pyspark.sql import SparkSession\n"
        "spark = (SparkSession.builder.appName('quiet').master('local[*]').enableHiveSupport()\n"
        ".config('spark.executor.memory', '4g').config('spark.executor.cores', '4')\n"
        ".config('spark.sql.warehouse.dir', 'wh').config('spark.driver.memory', '1g').getOrCreate())\n"
        "print(spark.range(3).count())\n"
    )
    finished = run(script(program))
    assert (finished.stdout, finished.stderr) == ("3\n", "")


def test_conf_of_the_run_loses_to_the_script(run, script):
    program = (
        "from pyspark.sql import SparkSession\n"
        "b = SparkSession.builder.config('spark.sql.shuffle.partitions', '11')\n"
        "spark = b.getOrCreate()\n"
        "print(spark.conf.get('spark.sql.shuffle.partitions'), spark.conf.get('spark.my.own'))\n"
    )
    conf = {"spark.sql.shuffle.partitions": "9", "spark.my.own": "x=y z"}
    assert lines(run(script(program), conf=conf)) == ["11 x=y z"]


def test_py_files_and_files(run, script, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    module = tmp_path / "elsewhere" / "shipped.py"
    module.write_text("def greet():\n    return 'hello from a py-file'\n")
    data = tmp_path / "elsewhere" / "rates.txt"
    data.write_text("eur=1\n")
    program = SESSION + (
        "import shipped, os\nfrom pyspark import SparkFiles\n"
        "print(shipped.greet())\nprint(open(SparkFiles.get('rates.txt')).read().strip())\n"
        "spark.sparkContext.addFile(os.path.abspath(__file__))\n"
        "print(os.path.exists(SparkFiles.get(os.path.basename(__file__))))\n"
    )
    finished = run(script(program), py_files=[str(module)], files=[str(data)])
    assert lines(finished) == ["hello from a py-file", "eur=1", "True"]


def test_packages_are_explained_once(run, script):
    program = SESSION + "print(spark.newSession().range(1).count())\n"
    finished = run(script(program), packages=["org.example:thing:1.0"])
    assert lines(finished) == ["1"]
    told = [line for line in finished.stderr.splitlines() if "org.example:thing:1.0" in line]
    assert len(told) == 1 and "JVM" in told[0]


def test_ctrl_c_interrupts_the_query_and_ends_the_script(run, script):
    program = (
        SESSION + "spark.registerProgressHandler(lambda **progress: print('started', flush=True))\n"
        "spark.range(0, 10**13, 1, 100_000).selectExpr('sum(hash(id, id % 13))').collect()\n"
    )
    command, environment = run.command(script(program))
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout.readline() == "started\n"
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the whole foreground group
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.strip().endswith("KeyboardInterrupt")
    assert "launcher.py" not in errors


def test_ctrl_c_waits_until_a_lock_is_left(run, script):
    # What gRPC's channel needs: an exception raised in Condition.__exit__ would keep the lock for ever.
    program = (
        "import os, signal, threading, time\n"
        "left = []\n"
        "body = 'os.kill(os.getpid(), signal.SIGINT); left.append(sum(range(1000)))'\n"
        "exec(compile(f'def __exit__(): {body}', threading.__file__, 'exec'))\n"
        "try:\n    __exit__()\n    time.sleep(20)\n"
        "except KeyboardInterrupt:\n    print(left)\n"
    )
    assert lines(run(script(program))) == ["[499500]"]


# Options that the binary itself reads.

needs_binary = pytest.mark.skipif(REMOTE is not None, reason="needs bin/centella")


@needs_binary
def test_spark_submits_options(run, script, tmp_path):
    properties = tmp_path / "job.conf"
    properties.write_text("# a comment\nspark.my.a  from file\nspark.my.b=from file\n")
    program = SESSION + (
        "print(spark.sparkContext.appName, spark.sparkContext.master)\n"
        "print(spark.conf.get('spark.my.a'), '|', spark.conf.get('spark.my.b'))\n"
    )
    options = ["--name", "Named", "--master", "local[2]", "--properties-file", str(properties)]
    finished = run(script(program), options=options, conf={"spark.my.b": "from option"})
    assert lines(finished) == ["Named local[2]", "from file | from option"]


@needs_binary
def test_unknown_option_is_refused(run, script):
    finished = run(script(""), options=["--no-such-option"])
    assert finished.returncode == 2
    assert "--no-such-option" in finished.stderr


@needs_binary
def test_nothing_is_left_running(run, script):
    program = SESSION + "import os\nprint(os.getppid(), os.getpid())\n"
    parent, child = lines(run(script(program)))[0].split()
    for process in (parent, child):
        assert not os.path.exists(f"/proc/{process}")


@needs_binary
def test_killing_the_command_ends_the_script_too(run, script):
    program = SESSION + "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n"
    command, environment = run.command(script(program))
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    child = process.stdout.readline().strip()
    process.kill()
    process.wait()
    deadline = time.monotonic() + 5
    while os.path.exists(f"/proc/{child}") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{child}")


@needs_binary
def test_the_runs_endpoint_wants_its_token(run, script):
    program = SESSION + (
        "import grpc\nfrom pyspark.sql.connect.proto import base_pb2, base_pb2_grpc\n"
        "endpoint = spark.client._builder.endpoint\n"
        "stub = base_pb2_grpc.SparkConnectServiceStub(grpc.insecure_channel(endpoint))\n"
        "request = base_pb2.ConfigRequest(session_id='00000000-0000-4000-8000-000000000000')\n"
        "request.operation.get_all.SetInParent()\n"
        "try:\n    stub.Config(request)\nexcept grpc.RpcError as error:\n    print(error.code().name)\n"
    )
    assert lines(run(script(program))) == ["UNAUTHENTICATED"]


def test_plain_python_with_spark_remote(server, script):
    # It doesn't stop its session, as most scripts don't: what the client asks then must not keep the interpreter from ending.
    program = (
        "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\nprint(spark.range(5).count())\n"
    )
    finished = subprocess.run(
        [sys.executable, script(program)],
        env=dict(os.environ, SPARK_REMOTE=server),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (finished.returncode, finished.stdout) == (0, "5\n"), finished.stderr
