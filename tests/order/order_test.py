#!/usr/bin/env python3
"""Partitions and order: answers don't depend on threads or on the size of batches.

Runs the golden SQL cases with 1, 2 and 7 threads and batches of 1, 7 and 4,096 rows, TPC-H at scale factor 0.1 and
../fragments/queries.sql with batches of 100 and 4,096: the same rows in the same order, floating sums bit for bit, the same
error. What Spark gives for the same partitions stands in the golden cases themselves.

usage: order_test.py [--tool PATH] [--only golden|tpch|queries]; the last line is `N passed, N failed`.
"""

import argparse
import json
import pathlib
import subprocess
import sys

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
        # Hundreds of thousands of rows one by one would take minutes.
        sizes = "1000,4096" if path.stem == "volume" else "1,7,4096"
        for statement, problem in steadily(arguments, [script], sizes, {**BASE, **file.config}):
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
    return fragments_test.run_suites("order", {"golden": golden_cases, "tpch": tpch, "queries": queries}, parser)


if __name__ == "__main__":
    sys.exit(main())
