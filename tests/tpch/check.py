#!/usr/bin/env python3
"""Runs the 22 TPC-H queries through Spark Connect and checks every value of every answer.

At scale factor 0.1 the answers are those that real Spark gave (`--record` re-records them, with Java); at any scale
`--against duckdb` asks DuckDB over the same files. The last line is `N passed, N failed`.
"""

import argparse
import contextlib
import datetime
import decimal
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "sql"))

import servers  # noqa: E402

TABLES = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]
ANSWERS = HERE / "answers" / "sf0.1.json"


def data_folder(scale):
    """The tables at a scale as Parquet, generated into the cache once. Raises when tpchgen-cli is not installed."""
    folder = servers.cache_folder() / "tpch" / f"sf{scale}"
    if all((folder / f"{table}.parquet").exists() for table in TABLES):
        return folder
    tool = shutil.which("tpchgen-cli") or str(pathlib.Path(sys.executable).parent / "tpchgen-cli")
    if not os.path.exists(tool):
        raise SystemExit("tpchgen-cli is not installed: pip install -r requirements-test.txt")
    print(f"Generating TPC-H at scale factor {scale} into {folder}", flush=True)
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    subprocess.run([tool, "parquet", "-s", str(scale), "--output-dir", str(partial)], check=True)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return folder


def query_text(number, scale):
    """The statement; the fraction of Q11 depends on the scale."""
    fraction = format(decimal.Decimal("0.0001") / decimal.Decimal(str(scale)), "f")
    return (HERE / "queries" / f"q{number:02}.sql").read_text().replace("${FRACTION}", fraction)


def plain(value):
    """A value as JSON holds it: decimals and dates as strings, doubles as numbers."""
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return value.strip() if isinstance(value, str) else value


def open_session(url, folder):
    """A session in which the eight tables are temporary views over the files."""
    from pyspark.sql.connect.session import SparkSession

    spark = SparkSession.builder.remote(url).create()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    for table in TABLES:
        spark.read.parquet(str(folder / f"{table}.parquet")).createOrReplaceTempView(table)
    return spark


def run_spark(spark, text):
    frame = spark.sql(text)
    types = [field.dataType.simpleString() for field in frame.schema.fields]
    rows = [[plain(value) for value in row] for row in frame.collect()]
    return {"columns": frame.columns, "types": types, "rows": rows}


def duckdb_answers(folder, numbers, scale):
    import duckdb

    connection = duckdb.connect()
    for table in TABLES:
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{folder / (table + '.parquet')}')")
    answers = {}
    for number in numbers:
        rows = connection.execute(query_text(number, scale)).fetchall()
        answers[number] = {"rows": [[plain(value) for value in row] for row in rows]}
    return answers


def same(expected, got, exact):
    """Equality of two values; `exact` is off for DuckDB, whose types differ (a decimal divided is a double there)."""
    if expected == got and (not exact or type(expected) is type(got)):
        return True
    numbers = (int, float, str)
    if not isinstance(expected, numbers) or not isinstance(got, numbers):
        return False
    if exact:
        return isinstance(expected, float) and isinstance(got, float) and math.isclose(expected, got, rel_tol=1e-12)
    try:
        # Spark keeps a decimal quotient to six places or so, and rounds there.
        return math.isclose(float(expected), float(got), rel_tol=1e-9, abs_tol=1e-6)
    except ValueError:
        return False


def difference(expected, got, exact):
    """None, or where two answers part. All 22 queries order their rows; ties are compared as they come from sorting."""
    for key in ("columns", "types"):
        if exact and expected[key] != got[key]:
            return f"{key}: expected {expected[key]}, got {got[key]}"
    if len(expected["rows"]) != len(got["rows"]):
        return f"expected {len(expected['rows'])} rows, got {len(got['rows'])}"
    for index, (a, b) in enumerate(zip(expected["rows"], got["rows"])):
        if not all(same(x, y, exact) for x, y in zip(a, b)):
            return f"row {index}: expected {a}, got {b}"
    return None


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--server", help="sc://host:port of a running server")
    where.add_argument("--spawn", metavar="BINARY", help="start this centella, check, stop it")
    where.add_argument("--spark", action="store_true", help="start real Spark")
    parser.add_argument("--spark-home", help="the pyspark folder for --spark")
    parser.add_argument("--sf", default="0.1", help="the scale factor; other than 0.1 needs --against duckdb")
    parser.add_argument("--against", choices=["recorded", "duckdb"], default="recorded")
    parser.add_argument("--memory", help="passed to the spawned server, as in --memory 512MB")
    parser.add_argument("--threads", help="passed to the spawned server")
    parser.add_argument("--query", type=int, action="append", help="only this query; may be repeated")
    parser.add_argument("--record", action="store_true", help="store what --server or --spark answers, at 0.1")
    return parser, parser.parse_args()


@contextlib.contextmanager
def server(arguments):
    if arguments.server:
        yield arguments.server
    elif arguments.spark:
        with servers.spark_server(arguments.spark_home) as url:
            yield url
    else:
        flags = ["--memory", arguments.memory] if arguments.memory else []
        flags += ["--threads", arguments.threads] if arguments.threads else []
        with servers.CentellaServer(arguments.spawn, flags) as running:
            yield running.url


def check(spark, numbers, scale, answers, exact):
    """Prints a line a query; returns (passed, failed)."""
    passed = failed = 0
    for number in numbers:
        started = time.monotonic()
        try:
            problem = difference(answers[number], run_spark(spark, query_text(number, scale)), exact)
        except Exception as error:
            problem = f"{type(error).__name__}: {str(error)[:500]}"
        milliseconds = (time.monotonic() - started) * 1000
        print(f"q{number:02} {'FAIL' if problem else 'ok'} {milliseconds:.0f} ms {problem or ''}".rstrip(), flush=True)
        passed, failed = passed + (not problem), failed + bool(problem)
    return passed, failed


def main():
    parser, arguments = parse_arguments()
    if arguments.sf != "0.1" and arguments.against == "recorded":
        parser.error("answers are recorded at --sf 0.1 only: use --against duckdb")
    numbers = arguments.query or list(range(1, 23))
    folder = data_folder(arguments.sf)
    with server(arguments) as url:
        spark = open_session(url, folder)
        if arguments.record:
            recorded = {number: run_spark(spark, query_text(number, arguments.sf)) for number in numbers}
            lines = [f'"{number}": {json.dumps(answer, ensure_ascii=False)}' for number, answer in recorded.items()]
            ANSWERS.write_text("{\n" + ",\n".join(lines) + "\n}\n")
            print(f"{len(recorded)} recorded")
            return 0
        if arguments.against == "duckdb":
            answers = duckdb_answers(folder, numbers, arguments.sf)
        else:
            answers = {int(number): answer for number, answer in json.loads(ANSWERS.read_text()).items()}
        passed, failed = check(spark, numbers, arguments.sf, answers, arguments.against == "recorded")
        spark.stop()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
