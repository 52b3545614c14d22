"""The stand-in for pyspark's SparkContext: what makes sense without a JVM, and clear refusals.

A script sees it as `spark.sparkContext`, `SparkContext(...)` or `SparkContext.getOrCreate()`.
"""

from __future__ import annotations

import getpass
import os
import sys
import threading
import time
from typing import Any, ClassVar

from centella import files
from centella.errors import raise_no_rdds, raise_not_supported
from centella.run_settings import RunSettings

_LOG_LEVELS = {"ALL", "DEBUG", "ERROR", "FATAL", "INFO", "OFF", "TRACE", "WARN"}


class _NoJvm:
    """`SparkContext._jvm`: None to pyspark's own modules, an explanation to a script."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: Any) -> None:
        if instance is not None:
            raise_not_supported(f"SparkContext.{self._name} (Centella has no JVM)")
        return None


class _HadoopConfiguration:
    """`sc._jsc.hadoopConfiguration()`: how scripts hand over credentials for object stores."""

    def __init__(self, context: "SparkContext") -> None:
        self._context = context

    def set(self, key: str, value: Any) -> None:
        self._context._session.conf.set("spark.hadoop." + key, str(value))

    def get(self, key: str, default: str | None = None) -> str | None:
        return self._context._session.conf.get("spark.hadoop." + key, default)

    def unset(self, key: str) -> None:
        self._context._session.conf.unset("spark.hadoop." + key)


class _JavaContext:
    """The one corner of the Java context that scripts reach for."""

    def __init__(self, context: "SparkContext") -> None:
        self._context = context

    def hadoopConfiguration(self) -> _HadoopConfiguration:
        return _HadoopConfiguration(self._context)

    def sc(self) -> "_JavaContext":
        return self

    def __getattr__(self, name: str) -> Any:
        raise_not_supported(f"SparkContext._jsc.{name} (Centella has no JVM)")


class SparkContext:
    """One application's context over one Spark Connect session; at most one is active."""

    # pyspark's own modules look at these names on the class.
    _active_spark_context: ClassVar["SparkContext | None"] = None
    _lock: ClassVar[Any] = threading.RLock()
    _gateway = None
    _jvm = _NoJvm("_jvm")
    PACKAGE_EXTENSIONS = (".zip", ".egg", ".jar")

    def __init__(
        self,
        master: str | None = None,
        appName: str | None = None,
        sparkHome: str | None = None,
        pyFiles: list[str] | None = None,
        environment: dict[str, Any] | None = None,
        batchSize: int = 0,
        serializer: Any = None,
        conf: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        from centella import sessions

        if SparkContext._active_spark_context is not None:
            raise ValueError(
                "Cannot run multiple SparkContexts at once; one is active already. Call its stop() "
                "first, or use SparkContext.getOrCreate()."
            )
        options = dict(conf.getAll()) if conf is not None else {}
        if master:
            options["spark.master"] = master
        if appName:
            options["spark.app.name"] = appName
        self._adopt(sessions.get_or_create(options))
        self.environment = dict(environment or {})
        for path in pyFiles or []:
            self.addPyFile(path)

    def _adopt(self, session: Any) -> None:
        from centella import sessions

        self._session = session
        self._settings: RunSettings = sessions.settings()
        self._options = sessions.options_of(session)
        self.startTime = int(time.time() * 1000)
        self.environment: dict[str, Any] = {}
        self._properties = threading.local()
        self._application_id = f"local-{self.startTime}"
        SparkContext._active_spark_context = self

    @classmethod
    def _of_session(cls, session: Any) -> "SparkContext":
        """The active context, made for `session` when there is none or its session has stopped."""
        with cls._lock:
            active = cls._active_spark_context
            if active is None or _is_stopped(active._session):
                active = cls.__new__(cls)
                active._adopt(session)
            return active

    @classmethod
    def getOrCreate(cls, conf: Any = None) -> "SparkContext":
        with cls._lock:
            active = cls._active_spark_context
            if active is None or _is_stopped(active._session):
                cls._active_spark_context = None
                active = cls(conf=conf)
            return active

    @classmethod
    def _ensure_initialized(cls, *args: Any, **kwargs: Any) -> None:
        """pyspark starts its JVM here; there is none."""

    @classmethod
    def setSystemProperty(cls, key: str, value: str) -> None:
        from centella import sessions

        sessions.settings().conf[key] = value

    def __enter__(self) -> "SparkContext":
        return self

    def __exit__(self, *error: Any) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<SparkContext master={self.master} appName={self.appName}>"

    def _repr_html_(self) -> str:
        rows = [("Version", f"v{self.version}"), ("Master", self.master), ("AppName", self.appName)]
        cells = "".join(f"<dt>{name}</dt><dd><code>{value}</code></dd>" for name, value in rows)
        return f"<div><p><b>SparkContext</b></p><dl>{cells}</dl></div>"

    # What the application is.

    @property
    def appName(self) -> str:
        return self._options.get("spark.app.name", self._settings.script_name)

    @property
    def master(self) -> str:
        return self._options.get("spark.master", "local[*]")

    @property
    def version(self) -> str:
        return self._session.version

    @property
    def applicationId(self) -> str:
        return self._session.conf.get("spark.app.id", self._application_id)

    @property
    def defaultParallelism(self) -> int:
        """The server's number of task slots; it answers this key even when nobody set it."""
        return int(self._session.conf.get("spark.default.parallelism", str(os.cpu_count() or 1)))

    @property
    def defaultMinPartitions(self) -> int:
        return min(self.defaultParallelism, 2)

    @property
    def uiWebUrl(self) -> None:
        return None

    @property
    def resources(self) -> dict[str, Any]:
        return {}

    @property
    def pythonVer(self) -> str:
        return "%d.%d" % sys.version_info[:2]

    @property
    def pythonExec(self) -> str:
        return sys.executable

    @property
    def _jsc(self) -> _JavaContext:
        return _JavaContext(self)

    def sparkUser(self) -> str:
        return getpass.getuser()

    def getConf(self) -> Any:
        from pyspark.conf import SparkConf

        conf = SparkConf()
        known = {"spark.app.name": self.appName, "spark.master": self.master, **self._options}
        conf.setAll(list({**known, "spark.app.id": self.applicationId}.items()))
        return conf

    def setLogLevel(self, logLevel: str) -> None:
        """Checked as Spark checks it. The engine's log goes to its own stream, not the script's."""
        if str(logLevel).upper() not in _LOG_LEVELS:
            from pyspark.errors import IllegalArgumentException

            raise IllegalArgumentException(
                f"{logLevel} is not a log level; take one of {', '.join(sorted(_LOG_LEVELS))}."
            )

    def setCheckpointDir(self, dirName: str) -> None:
        self._session.conf.set("spark.checkpoint.dir", dirName)

    def getCheckpointDir(self) -> str | None:
        return self._session.conf.get("spark.checkpoint.dir", None)

    def stop(self) -> None:
        with SparkContext._lock:
            if SparkContext._active_spark_context is self:
                SparkContext._active_spark_context = None
        if not _is_stopped(self._session):
            self._session.stop()

    # Files.

    def addPyFile(self, path: str) -> None:
        self._session.addArtifacts(files.add_to_import_path(path), pyfile=True)

    def addFile(self, path: str, recursive: bool = False) -> None:
        source = files.keep_file(path)
        if not os.path.isdir(source):
            self._session.addArtifacts(source, file=True)

    def addArchive(self, path: str) -> None:
        self._session.addArtifacts(files.local_path(path), archive=True)

    # Groups, tags and cancelling: Spark Connect knows tags only, so a group is a tag of its own.

    def setLocalProperty(self, key: str, value: str | None) -> None:
        values = vars(self._properties)
        if value is None:
            values.pop(key, None)
        else:
            values[key] = value

    def getLocalProperty(self, key: str) -> str | None:
        return vars(self._properties).get(key)

    def setJobDescription(self, value: str) -> None:
        self.setLocalProperty("spark.job.description", value)

    def setJobGroup(self, groupId: str, description: str, interruptOnCancel: bool = False) -> None:
        previous = self.getLocalProperty("spark.jobGroup.id")
        if previous is not None:
            self._session.removeTag(_group_tag(previous))
        self.setLocalProperty("spark.jobGroup.id", groupId)
        self.setJobDescription(description)
        self._session.addTag(_group_tag(groupId))

    def cancelJobGroup(self, groupId: str) -> None:
        self._session.interruptTag(_group_tag(groupId))

    def cancelAllJobs(self) -> None:
        self._session.interruptAll()

    def addJobTag(self, tag: str) -> None:
        self._session.addTag(tag)

    def removeJobTag(self, tag: str) -> None:
        self._session.removeTag(tag)

    def getJobTags(self) -> set[str]:
        return {tag for tag in self._session.getTags() if not tag.startswith(_GROUP_PREFIX)}

    def clearJobTags(self) -> None:
        for tag in self.getJobTags():
            self._session.removeTag(tag)

    def cancelJobsWithTag(self, tag: str) -> None:
        self._session.interruptTag(tag)


_GROUP_PREFIX = "job-group:"


def _group_tag(group: str) -> str:
    return _GROUP_PREFIX + group.replace(",", ";")  # a tag may not hold a comma


def _is_stopped(session: Any) -> bool:
    return session.client.is_closed  # session.is_stopped is newer than 3.5


def _refusal(name: str) -> Any:
    def refuse(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise_no_rdds(f"SparkContext.{name}")

    refuse.__name__ = name
    refuse.__doc__ = "Needs RDDs: refused by name."
    return refuse


for _name in (
    "parallelize textFile wholeTextFiles binaryFiles binaryRecords sequenceFile hadoopFile "
    "hadoopRDD newAPIHadoopFile newAPIHadoopRDD pickleFile union emptyRDD range broadcast "
    "accumulator runJob statusTracker dump_profiles show_profiles"
).split():
    setattr(SparkContext, _name, _refusal(_name))
