"""The reference pages and what they are made of: declarations of functions, and the table of configuration keys."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import pytest
import pyspark

from conftest import BINARY, IS_SPARK, ROOT

pytestmark = pytest.mark.skipif(IS_SPARK, reason="Centella's own pages")
SCRIPT = os.path.join(ROOT, "scripts", "reference")
# Examples whose result differs from run to run, or hangs on the machine.
CHANGING = re.compile(
    r"\b(rand|randn|random|randstr|uniform|uuid|shuffle|now|current_\w+|localtimestamp|curdate|curtime|version|user"
    r"|session_user|unix_timestamp|input_file\w*|aes_encrypt)\b"
)


@pytest.fixture(scope="module")
def spark(connect):
    return connect()


def test_the_page_of_functions_is_current():
    run = subprocess.run([sys.executable, SCRIPT, "--check", "functions"], capture_output=True, text=True,
                         env={**os.environ, "CENTELLA_BINARY": BINARY})
    assert run.returncode == 0, run.stdout + run.stderr


def examples(spark):
    """(function, query, result as `show` prints it) of every declaration that has an example."""
    for [name] in spark.sql("SHOW FUNCTIONS").collect():
        function, _, usage = [row[0] for row in spark.sql(f"DESCRIBE FUNCTION EXTENDED `{name}`").collect()]
        found = re.search(r"Examples:\n      > (.+);\n       (.*)", usage)
        if found and function == f"Function: {name}":  # an alias has its function's example
            yield name, found[1], found[2]


def shown(spark, query):
    """The only cell of a query's first row, as `show` prints it."""
    lines = spark.sql(query)._show_string(1, False, False).splitlines()
    return lines[3][1:-1].strip() if len(lines) > 4 else ""


def test_examples_give_what_they_say(spark):
    wrong, ran = [], 0
    for name, query, result in examples(spark):
        if CHANGING.search(query):
            continue
        ran += 1
        try:
            found = shown(spark, query)
        except Exception as error:  # all of them are to be shown
            found = f"{type(error).__name__}: {str(error)[:100]}"
        if found != result:
            wrong.append(f"{name}: {query}\n   says {result}\n   gives {found}")
    assert not wrong, "\n".join(wrong)
    assert ran > 300


def test_set_v_is_the_table(spark):
    rows = {row.key: row for row in spark.sql("SET -v").collect()}
    assert spark.sql("SET -v").columns == ["key", "value", "meaning", "Since version"]
    assert list(rows) == sorted(rows)
    assert rows["spark.sql.shuffle.partitions"].value == spark.conf.get("spark.sql.shuffle.partitions")
    assert not spark.conf.isModifiable("spark.sql.warehouse.dir") and spark.conf.isModifiable("spark.sql.ansi.enabled")
    table = pathlib.Path(ROOT, "src/base/configuration_keys.def").read_text()
    assert set(rows) == set(re.findall(r'^CENTELLA_CONFIG\("([^"]+)"', table, re.MULTILINE))


def test_keys_that_the_client_reads_are_in_the_client():
    table = pathlib.Path(ROOT, "src/base/configuration_keys.def").read_text()
    keys = re.findall(r'^CENTELLA_CONFIG\("([^"]+)", .*kActs, .*client', table, re.MULTILINE)
    sources = "".join(path.read_text() for path in pathlib.Path(pyspark.__file__).parent.rglob("*.py"))
    assert keys and [key for key in keys if key not in sources] == []
