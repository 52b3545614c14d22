"""Rules about configuration keys: what acts is read, what is read stands in the table, and the page shows the table."""

import functools
import re
import subprocess
import sys

from tree import ROOT, sources, text

TABLE = "src/base/configuration_keys.def"
ROW = re.compile(r'^CENTELLA_CONFIG\("([^"]+)", k\w+, (?:nullptr|"(?:[^"\\]|\\.)*"), k(\w+), \w+, "(.*)"\)$', re.MULTILINE)
# A key that is read: the argument of one of Configuration's functions, or of a reader that a file makes of them.
READ = re.compile(r'(?:\.|->|\b)(?:Get|GetBool|GetInt|GetDouble|GetString|LimitOf)\((?:\w+, )?"(spark\.[\w.]+)"')
NAMED = re.compile(r'"(spark\.[\w.]+)"')


@functools.cache
def keys():
    """Key -> (effect, doc)."""
    return {found[1]: (found[2], found[3]) for found in ROW.finditer(text(TABLE))}


def engine_sources():
    return [path for path in sources(".cc", ".h", under="src/") if not path.endswith("_test.cc")]


def check_configuration_rows_are_understood():
    rows = len(re.findall(r"^CENTELLA_CONFIG\(", text(TABLE), re.MULTILINE))
    if rows != len(keys()):
        yield TABLE, 1, f"{rows} rows, of which {len(keys())} are as the first line says"


def check_acting_keys_are_read():
    """A key that acts is named somewhere in src/; one that the client reads says so in its doc (a test of tests/pyspark asks
    the client)."""
    named = {key for path in engine_sources() for key in NAMED.findall(text(path))}
    read = {key for path in engine_sources() for key in READ.findall(text(path))}
    for key, (effect, doc) in keys().items():
        if effect == "Acts" and key not in named and "client" not in doc:
            yield TABLE, 1, f"{key} is said to act, but nobody reads it"
        if effect != "Acts" and key in read:
            yield TABLE, 1, f"{key} is said to change nothing, but it is read"


def check_read_keys_are_known():
    for path in engine_sources():
        for number, line in enumerate(text(path).splitlines(), 1):
            for key in READ.findall(line):
                if key not in keys():
                    yield path, number, f"{key} is not in {TABLE}"


def check_configuration_page_is_current():
    run = subprocess.run([sys.executable, str(ROOT / "scripts/reference"), "--check", "configuration"], capture_output=True, text=True)
    if run.returncode != 0:
        yield "docs/configuration.md", 1, "is not as scripts/reference writes it"
