"""Makes `import pyspark` give a script what it knows, whichever client is installed.

A finder at the head of sys.meta_path does two things. It lets the real module load and then adds
or replaces a few names in it (`_PATCHES`), and it supplies modules that the client-only package
does not have (`_STAND_INS`). It never supplies `pyspark.core`: the client decides by that import
whether it `is_remote_only()`, and must go on deciding truly.
"""

from __future__ import annotations

import functools
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from types import ModuleType
from typing import Any, Callable, Sequence

from centella import inference, sessions
from centella.files import SparkFiles
from centella.rdd import RDD, Broadcast, to_json
from centella.spark_context import SparkContext
from centella.sql_context import HiveContext, SQLContext


def install() -> None:
    """Installs the finder; pyspark must not have been imported yet."""
    # The client asks these at every turn, some before a session exists.
    os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
    # With either set, builder.master() would raise; the session's address is passed directly.
    os.environ.pop("SPARK_REMOTE", None)
    os.environ.pop("MASTER", None)
    sys.meta_path.insert(0, _Finder())


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules that this file has something to say about, and leaves the rest alone."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname == "pyspark" and _is_missing(fullname):
            raise ModuleNotFoundError(
                f"No module named 'pyspark': {sys.executable} has neither pyspark nor pyspark-client; install "
                "one of them there, or name another Python in PYSPARK_PYTHON",
                name=fullname,
            )
        if fullname in _NOT_YET and _is_missing(fullname):
            raise ModuleNotFoundError(
                f"No module named {fullname!r}: {_NOT_YET[fullname]} Centella yet", name=fullname
            )
        if fullname not in _PATCHES and fullname not in _STAND_INS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None and fullname in _STAND_INS:
            return importlib.machinery.ModuleSpec(fullname, _StandInLoader(), origin="centella")
        if spec is not None and spec.loader is not None:
            spec.loader = _PatchingLoader(spec.loader)  # type: ignore[arg-type]
        return spec


def _is_missing(name: str) -> bool:
    return importlib.machinery.PathFinder.find_spec(name) is None


class _PatchingLoader(importlib.abc.Loader):
    """Loads a module as ever, then changes it."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        if module.__name__ not in _ONLY_IF_MISSING:
            _replace_names(module, _STAND_INS.get(module.__name__, {}))
        patch = _PATCHES.get(module.__name__)
        if patch is not None:
            patch(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


class _StandInLoader(importlib.abc.Loader):
    """Makes a module of nothing but our names."""

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        _replace_names(module, _STAND_INS[module.__name__])


def _replace_names(module: ModuleType, names: dict[str, Any]) -> None:
    for name, value in names.items():
        setattr(module, name, value)


# Top-level packages that jobs import and that Centella will bring itself, some day.
_NOT_YET = {
    "awsglue": "AWS Glue jobs do not run on",
    "delta": "Delta Lake's Python API does not run on",
}

_CONTEXT_NAMES = {"SparkContext": SparkContext}
_FILE_NAMES = {"SparkFiles": SparkFiles}

# Modules the client-only package lacks; a full package's own get these names put into them.
_STAND_INS: dict[str, dict[str, Any]] = {
    "pyspark.context": _CONTEXT_NAMES,
    "pyspark.files": _FILE_NAMES,
    "pyspark.rdd": {"RDD": RDD},
    "pyspark.broadcast": {"Broadcast": Broadcast},
}
# A full package's own modules of these names subclass and pickle their classes: left alone.
_ONLY_IF_MISSING = {"pyspark.rdd", "pyspark.broadcast"}


def _patch_package(module: ModuleType) -> None:
    module.SparkContext = SparkContext  # type: ignore[attr-defined]
    module.SparkFiles = SparkFiles  # type: ignore[attr-defined]
    module.SQLContext = SQLContext  # type: ignore[attr-defined]
    module.HiveContext = HiveContext  # type: ignore[attr-defined]
    for name, value in (("RDD", RDD), ("Broadcast", Broadcast)):
        if not hasattr(module, name):
            setattr(module, name, value)
    _load_connect_client()


def _load_connect_client() -> None:
    """Loads pandas, Arrow and gRPC now, so that asking for the session doesn't pay for them.

    What a full package may lack of them is reported by builder.getOrCreate(), in its own words.
    """
    try:
        importlib.import_module("pyspark.sql.connect.session")
    except ImportError:
        pass


def _patch_core_context(module: ModuleType) -> None:
    module.SparkContext = SparkContext  # type: ignore[attr-defined]


def _patch_core_files(module: ModuleType) -> None:
    module.SparkFiles = SparkFiles  # type: ignore[attr-defined]


def _patch_sql(module: ModuleType) -> None:
    module.SQLContext = SQLContext  # type: ignore[attr-defined]
    module.HiveContext = HiveContext  # type: ignore[attr-defined]


def _patch_sql_session(module: ModuleType) -> None:
    """The SparkSession that scripts import, and its builder."""
    session_class = module.SparkSession
    builder_class = session_class.Builder

    def get_or_create(self: Any) -> Any:
        return sessions.get_or_create(self._options)

    def create(self: Any) -> Any:
        return sessions.create(self._options)

    def new(cls: Any, sparkContext: Any = None, *args: Any, **kwargs: Any) -> Any:
        options = kwargs.get("options") or {}
        return sessions.get_or_create(options)  # of another class: __init__ does not follow

    builder_class.getOrCreate = get_or_create
    builder_class.create = create
    # Without SPARK_REMOTE nothing is left to contradict; master and remote may both be given.
    builder_class._validate_startup_urls = lambda self: None
    session_class.__new__ = staticmethod(new)


def _patch_connect_session(module: ModuleType) -> None:
    """The session a script gets: what plain PySpark's has and Connect's has not."""
    session_class = module.SparkSession

    def enable_hive_support(self: Any) -> Any:
        return self.config("spark.sql.catalogImplementation", "hive")

    def get_or_create(self: Any) -> Any:
        return sessions.get_or_create(self._options)

    session_class.Builder.enableHiveSupport = enable_hive_support
    session_class.Builder.getOrCreate = get_or_create
    session_class.sparkContext = property(lambda self: SparkContext._of_session(self))
    session_class._sc = session_class.sparkContext
    session_class._jsc = property(lambda self: SparkContext._of_session(self)._jsc)
    session_class.newSession = lambda self: sessions.new_session(self)
    if "__enter__" not in vars(session_class):
        session_class.__enter__ = lambda self: self
        session_class.__exit__ = lambda self, *error: self.stop()
    _forget_context_on_stop(session_class)
    inference.speed_up(session_class)


def _forget_context_on_stop(session_class: Any) -> None:
    """spark.stop() ends the application: a SparkContext may be made anew afterwards."""
    stop = session_class.stop

    def stop_session(self: Any) -> None:
        stop(self)
        with SparkContext._lock:
            context = SparkContext._active_spark_context
            if context is not None and context._session is self:
                SparkContext._active_spark_context = None

    stop_session.__doc__ = stop.__doc__
    session_class.stop = stop_session


def _patch_connect_reader(module: ModuleType) -> None:
    """spark.read looks at what it reads at once, as without Connect: a missing file or table, or a format
    that isn't there, is an error of that line. The schema is kept, so nothing is asked twice."""
    for name in ("load", "table"):
        _look_at_once(module.DataFrameReader, name)


def _look_at_once(reader_class: Any, name: str) -> None:
    lazy = getattr(reader_class, name)

    @functools.wraps(lazy)
    def read(self: Any, *args: Any, **kwargs: Any) -> Any:
        dataframe = lazy(self, *args, **kwargs)
        dataframe.schema
        return dataframe

    setattr(reader_class, name, read)


def _patch_connect_dataframe(module: ModuleType) -> None:
    module.DataFrame.rdd = property(RDD)
    module.DataFrame.toJSON = to_json


_PATCHES: dict[str, Callable[[ModuleType], None]] = {
    "pyspark": _patch_package,
    "pyspark.core.context": _patch_core_context,
    "pyspark.core.files": _patch_core_files,
    "pyspark.sql": _patch_sql,
    "pyspark.sql.session": _patch_sql_session,
    "pyspark.sql.connect.session": _patch_connect_session,
    "pyspark.sql.connect.dataframe": _patch_connect_dataframe,
    "pyspark.sql.connect.readwriter": _patch_connect_reader,
}
