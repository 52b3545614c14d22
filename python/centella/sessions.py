"""Opens Spark Connect sessions the way a script's builder asked for them, and closes them.

Kept apart from the import hook: the hook decides what a script sees, this file what it gets.
"""

from __future__ import annotations

import threading
import warnings
import weakref
from typing import Any

from centella import files
from centella.progress import ProgressBar
from centella.run_settings import RunSettings, slots_of_master

_settings: RunSettings | None = None
_options: "weakref.WeakKeyDictionary[Any, dict[str, str]]" = weakref.WeakKeyDictionary()
_opened: "weakref.WeakSet[Any]" = weakref.WeakSet()
_bars: list[ProgressBar] = []
_lock = threading.RLock()

# The client's own keys: they say where to connect, which is settled already.
_CLIENT_KEYS = ("spark.remote", "spark.api.mode")


def configure(settings: RunSettings) -> None:
    """Says which run this process belongs to; called once, before the script starts."""
    global _settings
    _settings = settings


def settings() -> RunSettings:
    """This run's settings."""
    assert _settings is not None, "centella.sessions.configure() comes first"
    return _settings


def options_of(session: Any) -> dict[str, str]:
    """What the run and the builder configured for a session, as text."""
    return _options.get(session, {})


def get_or_create(options: dict[str, Any]) -> Any:
    """SparkSession.builder.getOrCreate(): the active session with `options` set, or a new one."""
    from pyspark.sql.connect.session import SparkSession

    with _lock:
        session = SparkSession.getActiveSession()
        if session is None or session.client.is_closed:
            session = SparkSession._default_session
        if session is None or session.client.is_closed:
            return create(options)
        _apply(session, _with_master(_as_text(options)))
        return session


def create(options: dict[str, Any]) -> Any:
    """A new session; it becomes the default and the active one where there is none."""
    from pyspark.sql.connect.session import SparkSession

    with _lock:
        asked = _as_text(options)
        session = SparkSession(connection=asked.get("spark.remote", settings().endpoint))
        SparkSession._set_default_and_active_session(session)
        defaults = {"spark.app.name": settings().script_name, "spark.master": "local[*]"}
        wanted = _with_master({**defaults, **settings().conf, **asked})
        settings().explain_jvm_options(wanted)
        _opened.add(session)
        _options[session] = {}
        _apply(session, wanted)
        _ship_files(session)
        bar = ProgressBar.for_terminal(wanted)
        if bar is not None and hasattr(session, "registerProgressHandler"):
            session.registerProgressHandler(bar)
            _bars.append(bar)
        return session


def new_session(session: Any) -> Any:
    """SparkSession.newSession(): same server and options, its own views and configuration."""
    from pyspark.sql.connect.session import SparkSession

    with _lock:
        other = SparkSession(connection=settings().endpoint)
        _opened.add(other)
        _options[other] = {}
        _apply(other, dict(options_of(session)))
        return other


def wipe_progress() -> None:
    """Clears the terminal's line for what is printed next."""
    for bar in _bars:
        bar.wipe()


def interrupt_all() -> None:
    """Asks the server to stop whatever this process has running; gives up after two seconds."""
    sessions = [session for session in list(_opened) if not session.client.is_closed]

    def interrupt() -> None:
        for session in sessions:
            try:
                session.interruptAll()
            except Exception:  # the query may be over already, or the server gone
                pass

    if sessions:
        # Not in this thread: a signal handler may have stopped it in the middle of a gRPC call.
        thread = threading.Thread(target=interrupt, daemon=True)
        thread.start()
        thread.join(2.0)


def stop_all() -> None:
    """Stops the sessions that the script left open."""
    for session in list(_opened):
        try:
            if not session.client.is_closed:
                session.stop()
        except Exception:  # the process ends: the server drops what it could not be told
            pass


def _as_text(options: dict[str, Any]) -> dict[str, str]:
    return {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in options.items()
        if value is not None
    }


def _with_master(options: dict[str, str]) -> dict[str, str]:
    """local[N] also means N task slots, unless the program says how many."""
    slots = slots_of_master(options.get("spark.master", ""))
    if slots is not None:
        options.setdefault("spark.default.parallelism", str(slots))
    master = options.get("spark.master")
    if master is not None and not master.startswith("local"):
        settings().tell_once(
            "master", f"running on this machine; the cluster of --master {master} is not used."
        )
    return options


def _apply(session: Any, options: dict[str, str]) -> None:
    """One Config request, `silent` as the client's own builder sends it: keys of a kind that can't
    change come back as warnings, not as an error."""
    pairs = {key: value for key, value in options.items() if key not in _CLIENT_KEYS}
    _options.setdefault(session, {}).update(pairs)
    if not pairs:
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if hasattr(session.conf, "_set_all"):
            session.conf._set_all(configs=pairs, silent=True)
        else:
            _apply_one_by_one(session, pairs)
    for warning in caught:
        text = str(warning.message)
        settings().tell_once(text, text)


def _apply_one_by_one(session: Any, pairs: dict[str, str]) -> None:
    """For 3.5, whose protocol has no `silent`."""
    for key, value in pairs.items():
        try:
            session.conf.set(key, value)
        except Exception as error:
            warnings.warn(str(error).split("\n")[0])


def _ship_files(session: Any) -> None:
    """Uploads --py-files and --files for Python workers; both are in place locally already."""
    for path in settings().py_files:
        session.addArtifacts(files.local_path(path), pyfile=True)
    for path in settings().files:
        session.addArtifacts(files.local_path(path), file=True)
