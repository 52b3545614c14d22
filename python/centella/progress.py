"""A progress bar on stderr for queries that take long, when a person is watching."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from typing import Any, Iterable, TextIO

_SHOW_AFTER_SECONDS = 0.7
_REDRAW_SECONDS = 0.1


class ProgressBar:
    """A handler for SparkSession.registerProgressHandler; one line, wiped when the query ends."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._started: dict[str, float] = {}
        self._drawn_at = 0.0
        self._drawn = False

    @classmethod
    def for_terminal(cls, conf: dict[str, str]) -> "ProgressBar | None":
        """A bar if stderr is a terminal and spark.ui.showConsoleProgress does not forbid it."""
        wanted = conf.get("spark.ui.showConsoleProgress", "true").lower() != "false"
        if wanted and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            return cls(sys.stderr)
        return None

    def __call__(
        self,
        stages: Iterable[Any] | None,
        inflight_tasks: int,
        operation_id: str | None = None,
        done: bool = False,
    ) -> None:
        now = time.monotonic()
        with self._lock:
            key = operation_id or ""
            began = self._started.setdefault(key, now)
            if done:
                self._started.pop(key, None)
                self._wipe()
            elif now - began >= _SHOW_AFTER_SECONDS and now - self._drawn_at >= _REDRAW_SECONDS:
                self._drawn_at = now
                self._draw(list(stages or ()), inflight_tasks, now - began)

    def _draw(self, stages: list[Any], running: int, seconds: float) -> None:
        total = sum(stage.num_tasks for stage in stages)
        finished = sum(stage.num_completed_tasks for stage in stages)
        if total <= 0:
            return
        read = sum(stage.num_bytes_read for stage in stages)
        width = shutil.get_terminal_size((80, 24)).columns
        text = f" {finished}/{total} tasks, {running} running, {seconds:.0f} s"
        if read > 0:
            text += f", {_size(read)} read"
        room = max(10, min(40, width - len(text) - 10))
        filled = min(room, room * finished // total)
        bar = "=" * filled + (">" if filled < room else "") + " " * (room - filled - 1)
        self._drawn = True
        self._stream.write(f"\r[{bar}] {100 * finished // total:3d}%{text}\x1b[K")
        self._stream.flush()

    def wipe(self) -> None:
        """For a query whose end is not reported: Ctrl-C may come anywhere."""
        with self._lock:
            self._started.clear()
            self._wipe()

    def _wipe(self) -> None:
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = False


def _size(count: float) -> str:
    for unit in ("B", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
