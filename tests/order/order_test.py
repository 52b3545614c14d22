#!/usr/bin/env python3
"""Partitions and order: answers don't depend on threads or on the size of batches.

Runs the golden SQL cases, TPC-H at scale factor 0.1 and ../fragments/queries.sql with 1, 2 and 7 threads and batches of 1, 7
and 4,096 rows: the same rows in the same order, floating sums bit for bit, the same error. What Spark gives for the same
partitions stands in the golden cases themselves (dataframe/partitions.py).

usage: order_test.py [--tool PATH] [--only golden|tpch|queries]; the last line is `N passed, N failed`.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("tpch", "sql", "fragments")]

import check  # noqa: E402
import fragments_test  # noqa: E402
import golden  # noqa: E402

# Partitions of local rows follow from this, not from the number of threads.
BASE = {**golden.BASE_CONFIG, "spark.default.parallelism": "3"}


def steadily(arguments, files, batch_sizes, config):
    """Yields (statement, problem or None) of each query."""
    command = [arguments.tool, "--steady", "--batch-sizes", batch_sizes]
    for key, value in config.items():
        command += ["--conf", f"{key}={value}"]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, timeout=600, check=False)
    if done.returncode != 0:
        yield str(files[-1]), f"the tool ended with {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}"
    for line in done.stdout.decode(errors="replace").splitlines():
        result = json.loads(line)
        if "planning" not in result:
            yield result["statement"][:100], "; ".join(result["differ"]) or None


def golden_cases(arguments, folder):
    for path in sorted(golden.CASES.rglob("*.sql")):
        file = golden.read_sql_file(path)
        script = folder / (file.label.replace("/", "_") + ".sql")
        text = ";\n".join([*file.setup, *(case.sql for case in file.cases)]) + ";\n"
        script.write_text(text.replace("${DATA}", str(golden.DATA)).replace("${TMP}", str(folder / "tmp")))
        for statement, problem in steadily(arguments, [script], "1,7,4096", {**BASE, **file.config}):
            yield f"{file.label}: {statement!r}", problem


def tpch(arguments, folder):
    files = [fragments_test.views_file(folder)]
    for number in range(1, 23):
        files.append(folder / f"q{number:02}.sql")
        files[-1].write_text(check.query_text(number, "0.1"))
    yield from steadily(arguments, files, "100,4096", BASE)


def queries(arguments, folder):
    files = [fragments_test.views_file(folder), ROOT / "tests" / "fragments" / "queries.sql"]
    yield from steadily(arguments, files, "100,4096", BASE)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    preset = os.environ.get("PRESET", "release")
    parser.add_argument("--tool", default=str(ROOT / "build" / preset / "tests" / "fragments_tool"))
    parser.add_argument("--only", choices=["golden", "tpch", "queries"])
    arguments = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="centella-order-") as folder:
        for name, suite in {"golden": golden_cases, "tpch": tpch, "queries": queries}.items():
            if arguments.only not in (None, name):
                continue
            for case, problem in suite(arguments, pathlib.Path(folder)):
                passed, failed = passed + (problem is None), failed + (problem is not None)
                if problem is not None:
                    print(f"FAIL {name} {case}: {problem}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
