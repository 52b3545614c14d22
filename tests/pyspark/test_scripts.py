"""Whole scripts, unmodified: the seeds' programs and the examples, against what Spark printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

import cases
from conftest import IS_SPARK


def check(case, run, folder):
    folder = str(folder)
    output = ""
    for path in cases.prepare(case, folder):
        finished = run(path, *case.arguments, cwd=folder)
        assert finished.returncode == 0, finished.stderr
        output += finished.stdout
    with open(case.expected_path, encoding="utf8") as file:
        expected = file.read()
    assert cases.normalize(output, folder, case.ordered) == expected


def named(all_cases):
    return pytest.mark.parametrize("case", all_cases, ids=[case.name for case in all_cases])


@named(cases.SEED_CASES)
def test_seed(case, run, tmp_path):
    if IS_SPARK and case.name == "seed_partitions":
        pytest.skip("getNumPartitions is Centella's own extension of Connect")
    check(case, run, tmp_path)


@pytest.mark.parametrize("name", cases.REFUSED_SEEDS)
def test_what_is_not_built_yet_is_refused_by_name(name, run, tmp_path):
    if IS_SPARK and name == "refused_rate_stream":
        pytest.skip("Spark runs it for ever")
    case = cases.seed(name)
    [path] = cases.prepare(case, str(tmp_path))
    finished = run(path, "--JOB_NAME", "j", cwd=str(tmp_path))
    assert finished.returncode == 1
    last = finished.stderr.strip()[-2000:]
    assert re.search(cases.REFUSED_SEEDS[name], last, re.IGNORECASE), last




@named(cases.EXAMPLE_CASES)
def test_example(case, run, tmp_path):
    check(case, run, tmp_path)


def test_flights(run, tmp_path):
    if not os.path.exists(os.path.join(cases.FLIGHTS, "weather.csv")):
        fetch = os.path.join(cases.ROOT, "scripts", "fetch-flights")
        if subprocess.run([sys.executable, fetch]).returncode != 0:
            pytest.skip("the flights could not be fetched")
    check(cases.FLIGHTS_CASE, run, tmp_path)
