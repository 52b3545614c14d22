#!/usr/bin/env python3
"""Records the expected output of the end-to-end scripts from real Spark.

usage: record_expected.py PYTHON [NAME…]

PYTHON is an interpreter with pyspark==4.2.1 and pyarrow, Java 17 on PATH. Each script runs as it
would on a user's machine: `PYTHON script.py`, classic mode, local[2].
"""

import os
import subprocess
import sys
import tempfile

import cases

SUBMIT = (
    "--master local[2] --conf spark.ui.enabled=false --conf spark.sql.session.timeZone=UTC "
    "pyspark-shell"
)


def record(case: cases.Case, python: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        output = ""
        for script in cases.prepare(case, folder):
            environment = dict(os.environ, PYSPARK_SUBMIT_ARGS=SUBMIT, SPARK_LOCAL_IP="127.0.0.1")
            run = subprocess.run(
                [python, script, *case.arguments],
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            if run.returncode != 0:
                sys.exit(f"{script}:\n{run.stderr[-3000:]}")
            output += run.stdout
        with open(case.expected_path, "w", encoding="utf8") as file:
            file.write(cases.normalize(output, folder, case.ordered))
        print("recorded", case.name, flush=True)


def main() -> None:
    python, names = sys.argv[1], sys.argv[2:]
    for case in [*cases.SEED_CASES, *cases.EXAMPLE_CASES, cases.FLIGHTS_CASE]:
        if not names or case.name in names:
            record(case, python)


if __name__ == "__main__":
    main()
