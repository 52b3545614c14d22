"""The golden-case format: reading cases, running one against a Spark Connect server, comparing answers.

record.py and replay.py are the two commands built on it. README.md beside this file describes the format.
"""

import collections
import dataclasses
import datetime
import decimal
import importlib.util
import inspect
import json
import math
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time

# Collected timestamps become local datetimes in the client: the recording must not depend on the machine's zone.
os.environ["TZ"] = "UTC"
time.tzset()

HERE = pathlib.Path(__file__).resolve().parent
CASES = HERE / "cases"
DATAFRAMES = HERE / "dataframe"
DATA = HERE / "data"

# What every session of a recording and of a replay starts from.
BASE_CONFIG = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
}

RELATIVE_TOLERANCE = 1e-12


# ---------------------------------------------------------------------------------------------------------------------
# Cases


@dataclasses.dataclass
class Case:
    """One query (or one DataFrame function) and how its answer is to be compared."""

    name: str
    sql: str = ""
    function: object = None
    config: dict = dataclasses.field(default_factory=dict)
    ordered: bool = False
    # Strings that hold derived doubles (describe, summary) may differ by the tolerance of doubles.
    numeric_strings: bool = False

    @property
    def group(self):
        """The name without the number of the statement."""
        return self.name.split(".")[0]

    def source(self):
        """The text that was recorded: an answer whose source changed since is stale."""
        return self.sql if self.function is None else inspect.getsource(self.function)


@dataclasses.dataclass
class CaseFile:
    """A file of cases that share one session: its configuration and set-up run once, before the first case."""

    path: pathlib.Path
    config: dict
    setup: list
    cases: list

    @property
    def label(self):
        """`select/basic`, `dataframe/joins`: how a file is named in filters and reports."""
        root = HERE if self.path.suffix == ".py" else CASES
        return str(self.path.relative_to(root).with_suffix(""))

    @property
    def answers(self):
        return self.path.with_suffix(".json")


def case(ordered=False, config=None, numeric_strings=False):
    """Decorates a DataFrame case: `ordered` compares rows in order, `config` is set around the case only."""

    def decorate(function):
        function.golden = {"ordered": ordered, "config": config or {}, "numeric_strings": numeric_strings}
        return function

    return decorate


def has_top_level_order_by(sql):
    """Whether the statement orders its result: an ORDER BY outside of parentheses, quotes and comments."""
    text = re.sub(r"--[^\n]*|/\*.*?\*/|'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`", " ", sql, flags=re.S)
    depth, flat = 0, []
    for character in text:
        depth += (character == "(") - (character == ")")
        flat.append(character if depth == 0 else " ")
    return re.search(r"\border\s+by\b", "".join(flat), re.I) is not None


def read_sql_file(path):
    """Parses a .sql case file. Raises ValueError on an unknown directive or a name used twice."""
    file = CaseFile(path, {}, [], [])
    group, count, flags, config = None, 0, set(), {}
    pending = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        directive = re.match(r"--\s*(case|config|setup|ordered|unordered|numeric-strings)\b:?\s*(.*)", line)
        if directive and not pending:
            word, rest = directive.groups()
            if word == "case":
                group, count, flags, config = rest.strip(), 0, set(), {}
            elif word == "config":
                key, _, value = rest.partition("=")
                (file.config if group is None else config)[key.strip()] = value.strip()
            elif word == "setup":
                group = None
            else:
                flags.add(word)
            continue
        if not pending and (not line.strip() or line.startswith("--")):
            continue
        pending.append(line)
        if not line.rstrip().endswith(";"):
            continue
        statement = "\n".join(pending).rstrip().removesuffix(";")
        pending = []
        if group is None:
            file.setup.append(statement)
            continue
        count += 1
        name = group if count == 1 else f"{group}.{count}"
        if any(known.name == name for known in file.cases):
            raise ValueError(f"{path}:{number}: the case {name} is there twice")
        ordered = "ordered" in flags or ("unordered" not in flags and has_top_level_order_by(statement))
        file.cases.append(Case(name, statement, None, dict(config), ordered, "numeric-strings" in flags))
    if pending:
        raise ValueError(f"{path}: the last statement does not end with a semicolon")
    return file


def read_dataframe_file(path):
    """Imports a .py case file; every function named case_… is a case."""
    spec = importlib.util.spec_from_file_location(f"golden_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("golden", sys.modules[__name__])
    spec.loader.exec_module(module)
    file = CaseFile(path, {}, [], [])
    for name, function in vars(module).items():
        if name.startswith("case_") and inspect.isfunction(function):
            settings = getattr(function, "golden", {})
            file.cases.append(Case(name.removeprefix("case_"), function=function, **settings))
    return file


def read_all(patterns=()):
    """All case files; with patterns, only cases whose `file:name` contains one of them.

    The statements of one `-- case:` stay together, since a later one may use what an earlier one made.
    """
    files = [read_sql_file(path) for path in sorted(CASES.rglob("*.sql"))]
    files += [read_dataframe_file(path) for path in sorted(DATAFRAMES.glob("*.py"))]
    if patterns:
        for file in files:
            wanted = {c.group for c in file.cases if any(p in f"{file.label}:{c.name}" for p in patterns)}
            file.cases = [c for c in file.cases if c.group in wanted]
    return [file for file in files if file.cases]


# ---------------------------------------------------------------------------------------------------------------------
# Values


def encode(value, data_type=None):
    """A collected value in its exact, JSON-able form; `data_type` tells structs and maps from lists."""
    from pyspark.sql import types as T

    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, datetime.timedelta):
        return f"{value // datetime.timedelta(microseconds=1)}us"
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, dict):
        key, item = (data_type.keyType, data_type.valueType) if isinstance(data_type, T.MapType) else (None, None)
        return [[encode(k, key), encode(v, item)] for k, v in value.items()]
    if isinstance(data_type, T.StructType):
        return [encode(v, field.dataType) for v, field in zip(value, data_type.fields)]
    if isinstance(value, (list, tuple)):
        element = data_type.elementType if isinstance(data_type, T.ArrayType) else None
        return [encode(v, element) for v in value]
    if isinstance(value, T.VariantVal):
        return value.toJson()
    return repr(value)


def encode_schema(schema):
    """The schema as JSON, without the mark that Spark leaves on columns it named itself: no program means it."""
    encoded = schema.jsonValue()
    for field in encoded["fields"]:
        field["metadata"].pop("__autoGeneratedAlias", None)
    return encoded


def _plain(key, text):
    """A message parameter without what no other engine can repeat: expression ids, and the printing of a whole plan."""
    return "<plan>" if key == "treeNode" else re.sub(r"#\d+L?", "#n", text)


def encode_error(error):
    """What a client can learn from an exception, but for its sentence."""
    from pyspark.errors import PySparkException

    if not isinstance(error, PySparkException):
        return {"class": type(error).__name__, "message": str(error)}
    contexts = []
    for context in error.getQueryContext() or []:
        # A DataFrame's context has no offsets, and its call site is a line of the client's program.
        if context.contextType().name == "SQL":
            position = {"start": context.startIndex(), "stop": context.stopIndex()}
            contexts.append({"type": "SQL", "fragment": context.fragment(), **position})
        else:
            contexts.append({"type": "DataFrame", "fragment": context.fragment()})
    parameters = {key: _plain(key, str(value)) for key, value in sorted((error.getMessageParameters() or {}).items())}
    return {
        "class": type(error).__name__,
        "condition": error.getCondition(),
        "sqlState": error.getSqlState(),
        "parameters": parameters,
        "context": contexts,
    }


# ---------------------------------------------------------------------------------------------------------------------
# Running


def connect(url):
    """A new session of its own. A dead server is noticed in a second instead of in minutes."""
    from pyspark.logger import PySparkLogger
    from pyspark.sql.connect.client.retries import DefaultPolicy
    from pyspark.sql.connect.session import SparkSession

    # The client logs each error with the server's stack trace; here errors are answers.
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        PySparkLogger.getLogger(name).setLevel("CRITICAL")
    spark = SparkSession.builder.remote(url).create()
    spark.client.set_retry_policies([DefaultPolicy(max_retries=3, max_backoff=500)])
    return spark


class FileRun:
    """One case file against one server, in one session."""

    def __init__(self, file, url, config):
        """`config` is set in the session after BASE_CONFIG and before the file's own."""
        self.file = file
        self.url = url
        self.config = {**BASE_CONFIG, **config, **file.config}
        self.spark = None
        self.folder = None

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="golden-")
        self.spark = connect(self.url)
        for key, value in self.config.items():
            self.spark.conf.set(key, value)
        for statement in self.file.setup:
            self.spark.sql(self._with_paths(statement)).collect()
        return self

    def __exit__(self, *_):
        if self.spark is not None:
            try:
                self.spark.stop()
            except Exception:  # The server may be gone: the cases have said so already.
                pass
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _with_paths(self, text):
        return text.replace("${TMP}", self.folder).replace("${DATA}", str(DATA))

    def _without_paths(self, answer):
        text = json.dumps(answer)
        for path, name in ((self.folder, "${TMP}"), (str(DATA), "${DATA}")):
            text = text.replace(path, name)
        return json.loads(text)

    def answer(self, case):
        """Runs the case; gives {schema, rows}, {value} or {error}."""
        previous = {key: self.spark.conf.get(key, None) for key in case.config}
        try:
            for key, value in case.config.items():
                self.spark.conf.set(key, value)
            result = self._result(case)
            answer = self._encode_result(result)
        except Exception as error:
            answer = {"error": encode_error(error)}
        finally:
            for key, value in previous.items():
                self.spark.conf.unset(key) if value is None else self.spark.conf.set(key, value)
        return self._without_paths(answer)

    def _result(self, case):
        if case.function is None:
            return self.spark.sql(self._with_paths(case.sql))
        if len(inspect.signature(case.function).parameters) > 1:
            folder = os.path.join(self.folder, case.name)
            os.makedirs(folder, exist_ok=True)
            return case.function(self.spark, folder)
        return case.function(self.spark)

    def _encode_result(self, result):
        from pyspark.sql import DataFrame

        if not isinstance(result, DataFrame):
            return {"value": encode(result)}
        schema = result.schema
        rows = result.collect()
        return {"schema": encode_schema(schema), "rows": [encode(row, schema) for row in rows]}


# ---------------------------------------------------------------------------------------------------------------------
# Comparing


def _as_float(text):
    try:
        return float(text)
    except ValueError:
        return None


def _same_float(expected, got):
    a, b = _as_float(expected), _as_float(got)
    if a is None or b is None:
        return False
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    if a == b:
        return math.copysign(1, a) == math.copysign(1, b)
    return math.isclose(a, b, rel_tol=RELATIVE_TOLERANCE, abs_tol=0)


def same_value(expected, got, data_type, numeric_strings=False):
    """Equality of two encoded values of a type in Spark's JSON form (a name, or an object with `type`)."""
    if not isinstance(expected, list) and expected == got and type(expected) is type(got):
        return True
    if expected is None or got is None:
        return False
    kind = data_type if isinstance(data_type, str) else data_type.get("type")
    if kind in ("float", "double") or (kind == "string" and numeric_strings):
        return isinstance(expected, str) and isinstance(got, str) and _same_float(expected, got)
    if not isinstance(expected, list) or not isinstance(got, list) or len(expected) != len(got):
        return False
    if kind == "array":
        types = [data_type["elementType"]] * len(expected)
    elif kind == "struct":
        types = [field["type"] for field in data_type["fields"]]
    elif kind == "map":
        pair = {"type": "struct", "fields": [{"type": data_type["keyType"]}, {"type": data_type["valueType"]}]}
        types = [pair] * len(expected)
    else:
        return False
    return all(same_value(a, b, t, numeric_strings) for a, b, t in zip(expected, got, types))


def _difference_of_rows(case, schema, expected, got):
    if len(expected) != len(got):
        return f"expected {len(expected)} rows {short(expected)}, got {len(got)} rows {short(got)}"

    def same(a, b):
        return same_value(a, b, schema, case.numeric_strings)

    if case.ordered:
        for index, (a, b) in enumerate(zip(expected, got)):
            if not same(a, b):
                return f"row {index}: expected {short(a)}, got {short(b)}"
        return None
    # Equal rows cancel out first; only what is left (doubles that differ a little, or real differences) is searched.
    left = collections.Counter(json.dumps(row) for row in got)
    missing = []
    for row in expected:
        text = json.dumps(row)
        if left[text] > 0:
            left[text] -= 1
        else:
            missing.append(row)
    extra = [json.loads(text) for text in left.elements()]
    for row in missing:
        match = next((index for index, other in enumerate(extra) if same(row, other)), None)
        if match is None:
            return f"expected the row {short(row)}, got {short(extra)}"
        del extra[match]
    return None


def short(value, limit=300):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _difference_of_errors(expected, got):
    if "message" in expected:
        return f"the recorded error is the client's own, not Spark's: {short(expected)}"
    if expected["condition"] is None:
        # Spark let an exception of Java's through: to fail is right, and our condition names it better.
        return None
    for context in (expected.get("context") or []) + (got.get("context") or []):
        # Where a fragment with a folder in it ends depends on how long the folder's name is where it ran.
        if "${" in context["fragment"]:
            context.pop("stop", None)
    for key in ("condition", "sqlState", "class", "parameters", "context"):
        if expected.get(key) != got.get(key):
            return f"error {key}: expected {short(expected.get(key))}, got {short(got.get(key))}"
    return None


def _kind(answer):
    return next(kind for kind in ("error", "value", "rows") if kind in answer)


def difference(case, expected, got):
    """None when the answers agree, else one or two lines that say where they part."""
    kinds = _kind(expected), _kind(got)
    if kinds[0] != kinds[1]:
        return f"expected {kinds[0]} {short(expected[kinds[0]])}, got {kinds[1]} {short(got[kinds[1]])}"
    if kinds[0] == "error":
        return _difference_of_errors(expected["error"], got["error"])
    if kinds[0] == "value":
        return _difference_of_values(case, expected["value"], got["value"])
    if expected["schema"] != got["schema"]:
        return _difference_of_schemas(_fields(expected), _fields(got))
    return _difference_of_rows(case, expected["schema"], expected["rows"], got["rows"])


def _difference_of_values(case, expected, got):
    if json.dumps(expected) == json.dumps(got):
        return None
    if case.numeric_strings and isinstance(expected, str) and isinstance(got, str):
        return None if _same_float(expected, got) else f"expected {short(expected)}, got {short(got)}"
    if isinstance(expected, str) and "\n" in expected:
        return f"expected\n{expected}\ngot\n{got}"
    return f"expected {short(expected)}, got {short(got)}"


def _difference_of_schemas(expected, got):
    if len(expected) != len(got):
        return f"schema: expected {short(expected)}, got {short(got)}"
    apart = [f"expected {a}, got {b}" for a, b in zip(expected, got) if a != b]
    return short("schema: " + "; ".join(apart))


def _fields(answer):
    """The schema on one line; only what a reader needs to see a difference."""
    return [
        f"{f['name']}: {f['type'] if isinstance(f['type'], str) else json.dumps(f['type'])}"
        f"{'' if f['nullable'] else ' not null'}{' ' + json.dumps(f['metadata']) if f['metadata'] else ''}"
        for f in answer["schema"]["fields"]
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Answers on disk


def load_answers(file):
    return json.loads(file.answers.read_text()) if file.answers.exists() else {}


def store_answers(file, answers):
    """One case a line, so that a re-recording shows in a diff as the cases that changed."""
    lines = [f"{json.dumps(name)}: {json.dumps(answer, ensure_ascii=False)}" for name, answer in answers.items()]
    file.answers.write_text("{\n" + ",\n".join(lines) + "\n}\n")
