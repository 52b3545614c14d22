"""What `centella run` hands to the launcher: read once from the environment, kept for the run."""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.parse

_PREFIX = "CENTELLA_"


class RunSettings:
    """The options of one `centella run`.

    endpoint     the loopback server's URL, in the form the client takes
    conf         what --conf, --properties-file, --name and --master said (key to value)
    py_files     --py-files, paths
    files        --files, paths
    packages     --packages, --jars and --repositories, as they were written
    script_name  file name of the script, Spark's default application name
    """

    def __init__(
        self,
        endpoint: str,
        conf: dict[str, str] | None = None,
        py_files: list[str] | None = None,
        files: list[str] | None = None,
        packages: list[str] | None = None,
        script_name: str = "pyspark-shell",
    ) -> None:
        self.endpoint = client_url(endpoint)
        self.conf = dict(conf or {})
        self.py_files = list(py_files or [])
        self.files = list(files or [])
        self.packages = list(packages or [])
        self.script_name = script_name
        self._told: set[str] = set()

    @classmethod
    def from_environment(cls, script: str) -> "RunSettings":
        """Reads CENTELLA_* and removes it, so that a child process does not inherit the token."""
        endpoint = _take("ENDPOINT")
        if not endpoint:
            raise SystemExit(
                "centella: CENTELLA_ENDPOINT is not set. The launcher is started by "
                "`centella run script.py`; to use a server that already runs, set SPARK_REMOTE "
                "and start the script with python."
            )
        conf = json.loads(_take("CONF") or "{}")
        return cls(
            endpoint,
            {str(key): str(value) for key, value in conf.items()},
            _split(_take("PY_FILES")),
            _split(_take("FILES")),
            _split(_take("PACKAGES")),
            os.path.basename(script),
        )

    def tell_once(self, topic: str, sentence: str) -> None:
        """Says on stderr, once a run and topic, what an option can't mean here."""
        if topic not in self._told:
            self._told.add(topic)
            print(f"centella: {sentence}", file=sys.stderr)

    def explain_jvm_options(self, conf: dict[str, str]) -> None:
        """Tells about jars and packages, which have no JVM to run in."""
        named = list(self.packages)
        for key in ("spark.jars", "spark.jars.packages"):
            named += _split(conf.get(key))
        if named:
            self.tell_once(
                "jars",
                f"no JVM runs here, so jars and packages are not loaded ({', '.join(named)}). "
                "Formats and connectors that Centella has are built in; others are refused by name.",
            )


def client_url(endpoint: str) -> str:
    """The endpoint in a form every client from 3.5 on can use.

    The clients take `token=` to mean TLS unless the host is spelled `localhost`, and 3.5 even then.
    A URL parameter they don't know becomes a gRPC header, so the token travels as one.
    """
    return re.sub(
        r";token=([^;]*)",
        lambda match: ";authorization="
        + urllib.parse.quote("Bearer " + urllib.parse.unquote(match.group(1)), safe=""),
        endpoint,
    )


def slots_of_master(master: str) -> int | None:
    """N of local, local[N] and local[N,failures]; None where the engine decides."""
    if master == "local":
        return 1
    match = re.fullmatch(r"local\[\s*(\d+)\s*(?:,\s*\d+\s*)?\]", master)
    return int(match.group(1)) if match and int(match.group(1)) > 0 else None


def _take(name: str) -> str | None:
    return os.environ.pop(_PREFIX + name, None)


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
