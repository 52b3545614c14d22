#!/usr/bin/env python3
"""Plans cut into fragments run in two processes: the 22 TPC-H queries, those of queries.sql, and the golden SQL cases.

The tool beside this file runs each query's fragments in two processes, then the whole query in one, and says whether both gave
the same rows in the same order to the bit. TPC-H's answers are compared with those that real Spark gave, too, and both
processes must have read and sent rows. The golden cases' local rows are divided as if they were read: every type crosses.

usage: fragments_test.py [--tool PATH] [--only tpch|queries|golden] [--threads N]; the last line is `N passed, N failed`.
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
sys.path[:0] = [str(ROOT / "tests" / "tpch"), str(ROOT / "tests" / "sql")]

import check  # noqa: E402
import golden  # noqa: E402

SECONDS_FOR_A_FILE = 120


def run_tool(arguments, files, flags=()):
    """One dictionary a query. Raises when the tool breaks or hangs."""
    command = [arguments.tool, "--threads", str(arguments.threads), *flags, *map(str, files)]
    done = subprocess.run(command, capture_output=True, timeout=SECONDS_FOR_A_FILE, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the tool ended with {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}")
    return [json.loads(line) for line in done.stdout.decode(errors="replace").splitlines()]


def views_file(folder):
    """A file that makes TPC-H's tables at scale factor 0.1 temporary views."""
    data = check.data_folder("0.1")
    views = folder / "views.sql"
    views.write_text("".join(f"CREATE TEMPORARY VIEW {table} USING parquet OPTIONS (path '{data / table}.parquet');\n"
                             for table in check.TABLES))
    return views


def tpch(arguments, folder):
    """Yields (name, problem or None), as the other suites do."""
    views = views_file(folder)
    queries = []
    for number in range(1, 23):
        queries.append(folder / f"q{number:02}.sql")
        queries[-1].write_text(check.query_text(number, "0.1"))
    answers = {int(number): answer for number, answer in json.loads(check.ANSWERS.read_text()).items()}
    results = run_tool(arguments, [views, *queries], ["--conf", "spark.sql.session.timeZone=UTC"])
    for number, result in enumerate(results, 1):
        problem = problem_of(result)
        if problem is None:
            result["rows"] = [[v.strip() if isinstance(v, str) else v for v in row] for row in result["rows"]]
            problem = check.difference(answers[number], result, True)
        if problem is None and not all(process["rows_read"] > 0 for process in result["processes"]):
            problem = f"one process had nothing to read: {result['processes']}"
        if problem is None and not any(process["rows_sent"] > 0 for process in result["processes"]):
            problem = "no rows went from process to process"
        yield f"tpch q{number:02}", problem
    if len(results) != 22:
        yield "tpch", f"{len(results)} answers to 22 queries"


def problem_of(result):
    if "planning" in result:
        return f"it was not run: {result['planning']['message']}"
    if not result["same"]:
        return f"two processes differ from one; errors: {result['error']} and {result['error_whole']}"
    return f"it failed: {result['error']['message']}" if result["error"] else None


def queries(arguments, folder):
    """queries.sql: what shows a difference in order, in places or in the last bit. The last of them fails."""
    results = run_tool(arguments, [views_file(folder), HERE / "queries.sql"], ["--conf", "spark.sql.session.timeZone=UTC"])
    for number, result in enumerate(results, 1):
        failed = number == len(results)
        problem = None if failed and result.get("same") and result["error"] else problem_of(result)
        yield f"queries {number}", problem


def golden_cases(arguments, folder):
    """Every statement of the golden SQL files that can be planned."""
    for path in sorted(golden.CASES.rglob("*.sql")):
        file = golden.read_sql_file(path)
        statements = [*file.setup, *(case.sql for case in file.cases)]
        script = folder / (file.label.replace("/", "_") + ".sql")
        text = ";\n".join(statements) + ";\n"
        script.write_text(text.replace("${DATA}", str(golden.DATA)).replace("${TMP}", str(folder / "tmp")))
        flags = ["--divide-local-rows"]
        for key, value in {**golden.BASE_CONFIG, **file.config}.items():
            flags += ["--conf", f"{key}={value}"]
        crossed = 0
        try:
            results = run_tool(arguments, [script], flags)
        except (RuntimeError, subprocess.TimeoutExpired, ValueError) as error:
            yield f"golden {file.label}", str(error)
            continue
        for result in results:
            if "planning" in result:
                continue
            crossed += any(process["rows_sent"] > 0 for process in result["processes"])
            problem = None if result["same"] else problem_of(result)
            yield f"golden {file.label}: {result['statement'][:100]!r}", problem
        if crossed == 0:
            yield f"golden {file.label}", "no rows went from process to process"


def run_suites(title, suites, parser):
    """Runs the suites (name -> function of arguments and a folder, which yields (case, problem or None)), prints what fails
    and the closing line; gives the exit code."""
    preset = os.environ.get("PRESET", "release")
    parser.add_argument("--tool", default=str(ROOT / "build" / preset / "tests" / "fragments_tool"))
    parser.add_argument("--only", choices=list(suites))
    arguments = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix=f"centella-{title}-") as folder:
        for name, suite in suites.items():
            if arguments.only not in (None, name):
                continue
            for case, problem in suite(arguments, pathlib.Path(folder)):
                passed, failed = passed + (problem is None), failed + (problem is not None)
                if problem is not None:
                    print(f"FAIL {name} {case}: {problem}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1, help="of each process")
    return run_suites("fragments", {"tpch": tpch, "queries": queries, "golden": golden_cases}, parser)


if __name__ == "__main__":
    sys.exit(main())
