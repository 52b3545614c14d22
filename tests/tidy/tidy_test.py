"""The tidy test: the habits of this code base that a program can check. Standard library only.

usage: tidy_test.py            prints `file:line: message` for each fault, then `N passed, N failed` (rules, not files)
The rules are the functions named `check_...`, here and in error_conditions.py; each yields (path, line, message).
Exceptions stand in exceptions.py, each with its reason.
"""

import pathlib
import re
import sys

from configuration_keys import *  # noqa: F403 (its rules)
from error_conditions import *  # noqa: F403 (its rules)
from exceptions import LONG_FILES, LONG_FUNCTIONS, THROWS
from tree import code, numbered, numbered_code, sources, text, tracked

# In the order of dependence: a room may include itself and those before it.
ROOMS = ("base types vector plan functions expression sql state storage connectors catalog analyzer optimizer python "
         "execution streaming cluster session server cli").split()
FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 80
FORBIDDEN_NAMES = re.compile(r"(^|[_.-])(utils?|helpers?|common|misc)($|[_.-])")
SOURCE_SUFFIXES = (".h", ".cc", ".def", ".py", ".sh")
# Where headers of the libraries that we keep at arm's length may be included, and only in .cc files.
FOREIGN_INCLUDES = {
    re.compile(r"^(arrow|parquet)/"): (r"^src/(storage|connectors|python|cluster|server)/", r"^src/vector/arrow_", r"^src/cli/versions\.cc$"),
    re.compile(r"^(grpc|grpcpp|google/(protobuf|rpc)|spark/connect)/|\.pb\.h$"): (r"^src/(session|server)/", r"^src/cli/versions\.cc$"),
}


def room_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "src" else None


# --- rules ------------------------------------------------------------------------------------------------------------

def check_rooms_are_known():
    """Every folder of src/ is a room of the list, and has a README.md of at most a page."""
    folders = {room_of(path) for path in sources("", under="src/")} - {None}
    for room in sorted(folders):
        if room not in ROOMS:
            yield f"src/{room}", 1, "is not a room of the house; see docs/architecture.md"
        readme = f"src/{room}/README.md"
        if readme not in tracked():
            yield readme, 1, "is missing: a page that says what the room is for and what always holds"
        elif len(text(readme).splitlines()) > 60:
            yield readme, 61, "is longer than a page (60 lines)"


def check_includes_point_upwards():
    """A room includes itself and the rooms above it."""
    include = re.compile(r'^\s*#\s*include\s+"([a-z_]+)/[^"]+"')
    for path in sources(".h", ".cc", under="src/"):
        room = room_of(path)
        for number, line in numbered(path):
            found = include.match(line)
            if not found or found[1] not in ROOMS or room not in ROOMS:
                continue
            if ROOMS.index(found[1]) > ROOMS.index(room):
                yield path, number, f"{room} includes {found[1]}, which lies below it"


def check_public_headers_stand_alone():
    """include/centella shows nothing of src/."""
    for path in sources(".h", under="include/"):
        for number, line in numbered(path):
            if found := re.match(r'\s*#\s*include\s+"(?!centella/)([^"]+)"', line):
                yield path, number, f"a public header includes {found[1]}"


def check_foreign_includes():
    """Arrow, gRPC and protobuf stay in a few rooms, because their headers cost seconds each. A header of ours that
    includes them is for its own folder only (but for vector/arrow_types.h, which is there to be included)."""
    include = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')
    included = [(path, number, found[1]) for path in sources(".h", ".cc", under="src/")
                for number, line in numbered(path) if (found := include.match(line))]
    heavy = set()
    for path, number, header in included:
        for pattern, allowed in FOREIGN_INCLUDES.items():
            if pattern.search(header):
                if not any(re.search(place, path) for place in allowed):
                    yield path, number, f"<{header}> may not be included in this room"
                elif path.endswith(".h") and path != "src/vector/arrow_types.h":
                    heavy.add(path)
    for path, number, header in included:
        if f"src/{header}" in heavy and pathlib.PurePath(path).parent != pathlib.PurePath(f"src/{header}").parent:
            yield path, number, f"{header} includes Arrow, gRPC or protobuf, so it is for its own folder only"


def check_files_are_short():
    for path in sources(".h", ".cc", ".py"):
        lines = text(path).count("\n")
        if lines > LONG_FILES.get(path, FILE_LINES_MAX):
            yield path, lines, f"has {lines} lines; {FILE_LINES_MAX} are enough: split it by what it is about"


# A line that opens a function's body, at the depth where functions are defined: `... name(...) ... {`. Not a namespace,
# class, enum, initialiser or lambda table.
NO_FUNCTION = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b[^()]*$|[=,]\s*$|=\s*\{?$")


# A brace that opens a value and no body: an argument's default, or a member in a constructor's list.
MEMBER_VALUE = re.compile(r"\)\s*(noexcept\s*)?:[^:].*[\w>]$", re.DOTALL)


def opens_value(head):
    return head.count("(") != head.count(")") or MEMBER_VALUE.search(head)


def functions(path):
    """Yields (first line, lines, name) of each function, found by counting braces: approximate, good enough."""
    open_braces, statement, first = [], "", 1  # (kind, first line, statement before the brace)
    for number, line in numbered_code(path):
        if line.lstrip().startswith("#"):
            continue
        for character in line + "\n":
            if character == "{":
                head = statement.strip()
                if any(kind == "function" for kind, _, _ in open_braces):
                    kind = "inner"
                elif opens_value(head):
                    kind = "value"
                else:
                    kind = "function" if "(" in head and not NO_FUNCTION.search(head) else "scope"
                open_braces.append((kind, first, statement))
                statement = ""
            elif character == "}" and open_braces:
                kind, start, before = open_braces.pop()
                if kind == "function":
                    name = re.search(r"([~\w:]+|operator\S+)\s*\(", before)
                    yield start, number - start + 1, name[1] if name else "?"
                statement = before + "()" if kind == "value" else ""
                first = start if kind == "value" else first
            elif character == ";" and statement.count("(") == statement.count(")"):
                statement = ""
            else:
                if not statement.strip() and not character.isspace():
                    first, statement = number, ""
                statement += character


def check_functions_are_short():
    for path in sources(".cc", ".h", under="src/"):
        if path.endswith("_test.cc"):
            continue
        for start, lines, name in functions(path):
            limit = LONG_FUNCTIONS.get(f"{path}:{name}", FUNCTION_LINES_MAX)
            if lines > limit:
                yield path, start, f"{name} has {lines} lines; at most {limit}"


def check_header_comments():
    """Every file says in its first line what it is for."""
    for path in sources(*SOURCE_SUFFIXES) + [path for path in tracked() if path.startswith("scripts/")]:
        lines = [line for line in text(path).splitlines() if line.strip() and not line.startswith("#!")]
        comment = ("//", "/*") if path.endswith((".h", ".cc", ".def")) else ("#", '"""', 'r"""')
        if lines and not lines[0].startswith(comment):
            yield path, 1, "does not begin with a comment that says what it is for"


def check_guards():
    for path in sources(".h", under="src/") + sources(".h", under="include/"):
        if not re.search(r"^#pragma once$", text(path), re.MULTILINE):
            yield path, 1, "has no #pragma once"


def check_names():
    for path in tracked():
        for part in pathlib.PurePath(path).parts:
            if FORBIDDEN_NAMES.search(part):
                yield path, 1, f"`{part}` does not say what is in it"


def check_throws():
    """Errors are raised with Raise(...), which carries Spark's condition. A caught one may be passed on, with more said."""
    for path in sources(".cc", ".h", under="src/"):
        if room_of(path) == "base" or path in THROWS or path.endswith("_test.cc"):
            continue
        caught = set(re.findall(r"\bError\s*&?\s+(\w+)\b", code(path)))
        for number, line in numbered_code(path):
            for thrown in re.findall(r"\bthrow\b\s*(\w*)", line):
                if thrown and thrown not in caught:
                    yield path, number, "throws by itself; use Raise(Condition::...)"


def check_tables_are_sorted():
    """Sorted tables merge without conflicts and show doubles."""
    for path, pattern in (("src/base/condition_names.def", r"CENTELLA_CONDITION_NAME\((\w+)\)"),
                          ("src/base/conditions.def", r"CENTELLA_CONDITION\((\w+),"),
                          ("src/base/configuration_keys.def", r'CENTELLA_CONFIG\("([^"]+)"')):
        if path not in tracked():
            continue
        last = ""
        for number, line in numbered(path):
            if found := re.match(pattern, line):
                if found[1] <= last:
                    yield path, number, f"{found[1]} stands after {last}: keep the table sorted, each entry once"
                last = found[1]


# Pieced together, so that this file does not find itself.
MACHINE = re.compile("|".join((r"(?<![\w.])/(wo" + r"rk|ro" + r"ot)/\w", r"/home/[a-z]\w*/", r"/var/tmp/cen" + r"tella",
                               r"\b(pypi\.or" + r"g|files\.pythonhos" + r"ted|registry\.npm" + r"js|proxy\.gol" + r"ang"
                               r"|repo1?\.ma" + r"ven|artifac" + r"tory|crates\.i" + r"o)\b")))


def check_no_machine_paths():
    """Nothing of one machine or of a package registry is committed."""
    for path in tracked():
        for number, line in numbered(path):
            if found := MACHINE.search(line):
                yield path, number, f"`{found[0]}` belongs to one machine or is a registry's host"


def check_exceptions_are_needed():
    """An exception whose file is gone is taken out again."""
    for name in [*LONG_FILES, *THROWS, *(key.rsplit(":", 1)[0] if "::" not in key else key.split(":", 1)[0] for key in LONG_FUNCTIONS)]:
        if name not in tracked():
            yield "tests/tidy/exceptions.py", 1, f"{name} is no longer there"


def main():
    rules = [rule for name, rule in globals().items() if name.startswith("check_")]
    failed = 0
    for rule in rules:
        faults = list(rule())
        failed += bool(faults)
        for path, line, message in faults:
            print(f"{path}:{line}: {message} [{rule.__name__[len('check_'):]}]")
    print(f"{len(rules) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
