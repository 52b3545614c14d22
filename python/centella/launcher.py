"""`python3 -m centella.launcher script.py args…`: runs a PySpark script as spark-submit would.

Started by `centella run`, which owns the server; see README.md in this folder for what passes
between the two. The script runs in this process as `__main__`, with its own arguments, its own
folder first on sys.path, and tracebacks that begin at its own lines.
"""

from __future__ import annotations

import atexit
import builtins
import os
import signal
import sys
import threading
import time
import traceback
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any

_INTERRUPTED = 130  # 128 + SIGINT, as shells count


def main(arguments: list[str]) -> int:
    """Runs the script named first in `arguments`; gives the process's exit code."""
    if not arguments:
        print("centella: no script given", file=sys.stderr)
        return 2
    script = arguments[0]
    _prepare_paths(script)
    from centella import files, import_hook, sessions
    from centella.run_settings import RunSettings

    settings = RunSettings.from_environment(script)
    sessions.configure(settings)
    import_hook.install()
    atexit.register(sessions.stop_all)  # registered first, so it runs after the script's own
    try:
        for path in settings.py_files:
            files.add_to_import_path(path)
        for path in settings.files:
            files.keep_file(path)
        code = _compile(script)
    except OSError as error:
        print(f"centella: {_describe(error)}", file=sys.stderr)
        return 2
    except (SyntaxError, ValueError):
        _report(*sys.exc_info(), frames_to_hide=_all_frames)
        return 1
    sys.argv[:] = arguments
    _interrupt_queries_on_ctrl_c(sessions.interrupt_all)
    _allow_deep_plans()
    code = _run(code)
    _end_as_python_would()
    return code


def _prepare_paths(script: str) -> None:
    """sys.path as python has it for a script; our own folder moves to the end."""
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    kept = [entry for entry in sys.path[1:] if os.path.abspath(entry or ".") != own]
    sys.path[:] = [os.path.dirname(os.path.realpath(script)), *kept, own]
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    remaining = [entry for entry in inherited if entry and os.path.abspath(entry) != own]
    if remaining:
        os.environ["PYTHONPATH"] = os.pathsep.join(remaining)
    else:
        os.environ.pop("PYTHONPATH", None)


def _compile(script: str) -> CodeType:
    path = os.path.abspath(script)
    with open(path, "rb") as source:
        return compile(source.read(), path, "exec", dont_inherit=True)


def _describe(error: OSError) -> str:
    if error.filename is None or error.strerror is None:
        return str(error)
    return f"can't open {error.filename!r}: {error.strerror}"


def _run(code: CodeType) -> int:
    module = ModuleType("__main__")
    module.__dict__.update(
        __file__=code.co_filename, __builtins__=builtins, __package__=None, __spec__=None
    )
    module.__annotations__ = {}
    sys.modules["__main__"] = module
    try:
        exec(code, module.__dict__)
    except SystemExit as error:
        return _exit_code(error)
    except KeyboardInterrupt:
        _report(*sys.exc_info(), frames_to_hide=_launcher_frames)
        return _INTERRUPTED
    except BaseException:
        _report(*sys.exc_info(), frames_to_hide=_launcher_frames)
        return 1
    return 0


def _exit_code(error: SystemExit) -> int:
    """What python makes of sys.exit(error.code), its message included."""
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    sys.stdout.flush()
    print(error.code, file=sys.stderr)
    return 1


def _end_as_python_would() -> None:
    """Waits for the script's threads and runs its atexit handlers now, while queries still can run:
    once the interpreter shuts down, Spark Connect's client may not start the threads it needs."""
    try:
        pool_workers = sys.modules.get("concurrent.futures.thread")
        idle: Any = getattr(pool_workers, "_threads_queues", ())  # they wait for work for ever
        for thread in threading.enumerate():
            if thread is not threading.main_thread() and not thread.daemon and thread not in idle:
                thread.join()
        atexit._run_exitfuncs()
    except KeyboardInterrupt:
        pass


def _launcher_frames(trace: TracebackType | None) -> TracebackType | None:
    """The trace without our own frames at its head, and at its end (the handler of Ctrl-C)."""
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    at = trace
    while at is not None and at.tb_next is not None:
        if at.tb_next.tb_frame.f_code.co_filename == __file__:
            at.tb_next = None
        at = at.tb_next
    return trace


def _all_frames(trace: TracebackType | None) -> None:
    return None


def _report(kind: Any, error: Any, trace: Any, frames_to_hide: Any) -> None:
    """Prints an uncaught exception as python would, through the script's sys.excepthook if any."""
    from centella import sessions

    error = error.with_traceback(frames_to_hide(trace))
    sys.stdout.flush()
    sessions.wipe_progress()
    try:
        sys.excepthook(kind, error, error.__traceback__)
    except Exception:
        traceback.print_exception(kind, error, error.__traceback__)


_LONGEST_DELAY_SECONDS = 2.0


def _interrupt_queries_on_ctrl_c(interrupt: Any) -> None:
    """As PySpark: Ctrl-C stops the running queries, then raises KeyboardInterrupt in the script."""
    if threading.current_thread() is not threading.main_thread():
        return
    asked: list[float] = []  # when this Ctrl-C came, until it has been raised

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if not asked:
            asked.append(time.monotonic())
        if _holds_a_lock(frame) and time.monotonic() - asked[0] < _LONGEST_DELAY_SECONDS:
            main_thread = threading.main_thread().ident
            again = threading.Timer(0.005, signal.pthread_kill, (main_thread, signal.SIGINT))
            again.daemon = True
            again.start()
            return
        asked.clear()
        interrupt()
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, on_interrupt)


def _holds_a_lock(frame: FrameType | None) -> bool:
    """Whether the signal came inside a Condition that gRPC is about to leave: an exception raised there
    leaves the channel locked for ever, and every later call on it (the interrupt's own) hangs."""
    if frame is None or frame.f_code.co_filename != threading.__file__:
        return False
    return frame.f_code.co_name not in ("wait", "join", "_wait_for_tstate_lock")


_DEEP_STACK_BYTES = 64 << 20
_DEEP_RECURSION = 40_000


def _allow_deep_plans() -> None:
    """A thousand chained withColumns are nothing to classic PySpark, whose plans grow in the JVM. Here the
    client builds them recursively: within python's and protobuf's usual limits it fails at some hundred."""
    import resource

    if resource.getrlimit(resource.RLIMIT_STACK)[0] not in range(_DEEP_STACK_BYTES):
        sys.setrecursionlimit(max(sys.getrecursionlimit(), _DEEP_RECURSION))
    try:
        from google._upb import _message

        _message.SetAllowOversizeProtos(True)  # nested deeper than 100 messages, too
    except (ImportError, AttributeError):  # another implementation of protobuf, or none installed
        pass


if __name__ == "__main__":
    # The script replaces `__main__`; what runs it must live in a module that stays.
    from centella.launcher import main as launch

    sys.exit(launch(sys.argv[1:]))
