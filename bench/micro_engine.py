"""One engine in a process of its own: loads tables into its memory and answers cases, a JSON line for each request.

usage: micro_engine.py centella|duckdb|polars --threads N [--binary PATH]
Requests: {"load": table, "path": file}, {"drop": table}, {"run": name, "numbers": {...}}; answers {"ms", "cpu_ms", "rows"}
or {"error"}.
"""
import argparse
import json
import os
import sys
import time

import micro_cases
from measuring import BINARY, ConnectServer, centella_command, cpu_milliseconds


class Centella:
    """A server with the Spark Connect client in front of it: its ordinary interface. Tables are cached DataFrames."""

    def __init__(self, threads, binary):
        self.server = ConnectServer(centella_command(threads, binary))
        self.process = self.server.process.pid
        self.spark = self.server.session()
        self.tables = {}

    def load(self, table, path):
        frame = self.spark.read.parquet(path).cache()
        frame.createOrReplaceTempView(table)
        frame.count()
        self.tables[table] = frame

    def drop(self, table):
        self.spark.catalog.dropTempView(table)
        self.tables.pop(table).unpersist()

    def answer(self, case, numbers):
        return [tuple(row.values()) for row in self.spark.sql(case.sql.format(**numbers)).toArrow().to_pylist()]

    def close(self):
        self.server.close()


class DuckDB:
    """Native tables of an in-memory database."""

    def __init__(self, threads, binary):
        import duckdb
        self.process = os.getpid()
        self.connection = duckdb.connect()
        self.connection.execute(f"SET threads = {threads}")

    def load(self, table, path):
        self.connection.execute(f"CREATE TABLE {table} AS SELECT * FROM '{path}'")

    def drop(self, table):
        self.connection.execute(f"DROP TABLE {table}")

    def answer(self, case, numbers):
        return self.connection.execute((case.duckdb or case.sql).format(**numbers)).fetchall()

    def close(self):
        self.connection.close()


class Polars:
    """DataFrames in memory, asked lazily."""

    def __init__(self, threads, binary):
        os.environ["POLARS_MAX_THREADS"] = str(threads)
        import polars
        self.polars, self.process, self.tables = polars, os.getpid(), {}

    def load(self, table, path):
        self.tables[table] = self.polars.read_parquet(path).lazy()

    def drop(self, table):
        del self.tables[table]

    def answer(self, case, numbers):
        return case.polars(self.polars, self.tables).collect().rows()

    def close(self):
        pass


def plain(value):
    """As JSON: numbers are compared as doubles, the rest as text."""
    return value if value is None or isinstance(value, int) else float(value) if not isinstance(value, str) and hasattr(
        value, "__float__") else str(value)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=["centella", "duckdb", "polars"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--binary", default=BINARY)
    arguments = parser.parse_args()
    engine = {"centella": Centella, "duckdb": DuckDB, "polars": Polars}[arguments.engine](arguments.threads,
                                                                                         arguments.binary)
    cases = {case.name: case for case in micro_cases.all_cases()}
    print(json.dumps({"ready": engine.process}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            start, cpu = time.perf_counter(), cpu_milliseconds(engine.process)
            rows = []
            if "load" in request:
                engine.load(request["load"], request["path"])
            elif "drop" in request:
                engine.drop(request["drop"])
            else:
                rows = engine.answer(cases[request["run"]], request["numbers"])
            answer = {"ms": (time.perf_counter() - start) * 1000, "cpu_ms": cpu_milliseconds(engine.process) - cpu,
                      "rows": [[plain(value) for value in row] for row in rows]}
        except Exception as error:  # the others go on; the runner reports it
            answer = {"error": f"{type(error).__name__}: {error}"[:400]}
        print(json.dumps(answer), flush=True)
    engine.close()


main()
