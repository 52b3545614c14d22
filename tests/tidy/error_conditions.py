"""Rules about error conditions: what is raised stands in the table with its parameters, and has a case that raises it."""

import functools
import json
import re

from tree import numbered, numbered_code, sources, text

TABLE = "src/base/conditions.def"
ROW = re.compile(r'^CENTELLA_CONDITION\((\w+), "\w*", \w+, "([\w ]*)"', re.MULTILINE)
# A condition that is looked at, not raised.
COMPARED = re.compile(r"(?:[=!]=|\bcase)\s*(?:\w+::)?Condition::([A-Z_][A-Z0-9_]+)\b")
NAMED = re.compile(r"\bCondition::([A-Z_][A-Z0-9_]+)\b")


@functools.cache
def rows():
    """Identifier -> names of its parameters, as conditions.def has them."""
    return {found[1]: set(found[2].split()) for found in ROW.finditer(text(TABLE))}


def engine_sources():
    return [path for path in sources(".cc", ".h", under="src/") if not path.endswith("_test.cc")]


def raised():
    """Yields (path, line, identifier) of what the engine raises."""
    for path in engine_sources():
        for number, line in numbered_code(path):
            compared = COMPARED.findall(line)
            for name in NAMED.findall(line):
                if name not in compared:
                    yield path, number, name


def spark_name(identifier):
    """UNRESOLVED_COLUMN__WITH_SUGGESTION -> UNRESOLVED_COLUMN.WITH_SUGGESTION"""
    return identifier if identifier.startswith("_LEGACY") else identifier.replace("__", ".", 1)


def check_conditions_have_a_row():
    for path, number, name in raised():
        if name not in rows():
            yield path, number, f"{name} is not in {TABLE}"


def check_conditions_are_raised():
    used = {name for _, _, name in raised()}
    for name in rows():
        if name not in used:
            yield TABLE, 1, f"{name} is raised nowhere: take its row out"


def keys_of(source, at):
    """The names in {{"name", value}, ...} that opens at source[at], or None when it isn't a plain list of pairs."""
    keys, depth, opened = [], 0, False
    while at < len(source):
        character = source[at]
        if character == '"':
            end = at + 1
            while source[end] != '"' or source[end - 1] == "\\":
                end += 1
            if opened:
                keys.append(source[at + 1:end])
            at, opened = end, False
        elif character in "{(":
            depth += 1
            opened = character == "{" and depth == 2
        elif character in "})":
            depth -= 1
            if depth == 0:
                return keys
        elif not character.isspace():
            opened = False
        at += 1
    return None


def check_parameters_are_the_rows():
    """Names passed where a condition is raised are those of its row, all of them."""
    for path in engine_sources():
        source = text(path)
        for found in re.finditer(r"\bCondition::([A-Z_][A-Z0-9_]+)\b\s*,\s*(?=\{)", source):
            keys, wanted = keys_of(source, found.end()), rows().get(found[1])
            if keys is None or wanted is None:
                continue
            number = source.count("\n", 0, found.start()) + 1
            for key in sorted(set(keys) - wanted):
                yield path, number, f"{found[1]} has no parameter {key}"
            for key in sorted(wanted - set(keys)):
                yield path, number, f"{found[1]} lacks its parameter {key}"


def golden_conditions():
    """Conditions in recorded answers, those of pending cases left out."""
    pending = {line.strip() for line in text("tests/sql/pending.txt").splitlines() if line[:1] not in ("#", "[")}
    for path in sources(".json", under="tests/sql/cases/") + sources(".json", under="tests/sql/dataframe/"):
        file = path.removeprefix("tests/sql/").removeprefix("cases/").removesuffix(".json")
        for case, answer in json.loads(text(path)).items():
            condition = (answer.get("error") or {}).get("condition")
            if condition and f"{file}:{case}" not in pending:
                yield condition


def tested_conditions():
    """Conditions that unit tests and pytest cases name."""
    for path in sources("_test.cc", under="src/"):
        yield from map(spark_name, NAMED.findall(text(path)))
        yield from re.findall(r'"([A-Z_][A-Z0-9_.]+)"', text(path))
    for path in sources(".py", under="tests/pyspark/"):
        yield from re.findall(r'["\'\[]([A-Z_][A-Z0-9_.]+)[\]"\']', text(path))


def check_conditions_have_a_case():
    shown = {*golden_conditions(), *tested_conditions()}
    for name in rows():
        if spark_name(name) not in shown:
            yield TABLE, 1, f"{name} has no case that raises it: record one in tests/sql, or write a test"


def check_cases_of_conditions_pass():
    """A case that is pending shows nothing of its condition."""
    for number, line in numbered("tests/pyspark/pending.txt"):
        if (found := re.search(r"\[([A-Z][A-Z0-9_.]+)-", line)) and found[1] in map(spark_name, rows()):
            yield "tests/pyspark/pending.txt", number, f"the case of {found[1]} is pending"
