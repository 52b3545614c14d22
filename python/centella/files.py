"""Files shipped with a job: the stand-in for pyspark's SparkFiles, and --files and --py-files."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import urllib.parse

from centella.errors import raise_not_supported

_root: str | None = None


class SparkFiles:
    """Finds files added with `--files` or `SparkContext.addFile`, as on Spark's driver."""

    @classmethod
    def get(cls, filename: str) -> str:
        """Absolute path of an added file; the file need not exist."""
        return os.path.join(cls.getRootDirectory(), filename)

    @classmethod
    def getRootDirectory(cls) -> str:
        """The folder of this run's added files, made on first use and removed at exit."""
        global _root
        if _root is None:
            _root = tempfile.mkdtemp(prefix="centella-files-")
            atexit.register(shutil.rmtree, _root, ignore_errors=True)
        return _root


def local_path(path: str) -> str:
    """The absolute path that a path or file: URI means; refuses other schemes by name.

    Spark lets `path#name` rename a file on arrival; the fragment is kept off the path.
    """
    parsed = urllib.parse.urlparse(path)
    if len(parsed.scheme) > 1 and parsed.scheme != "file":
        raise_not_supported(f"shipping a file from {parsed.scheme}:// ({path})")
    plain = urllib.parse.unquote(parsed.path) if parsed.scheme == "file" else path.split("#")[0]
    absolute = os.path.abspath(plain)
    if not os.path.exists(absolute):
        raise FileNotFoundError(f"No such file to ship with the job: {path}")
    return absolute


def keep_file(path: str) -> str:
    """Puts a file where SparkFiles.get finds it; gives the local path it came from."""
    source = local_path(path)
    name = urllib.parse.urlparse(path).fragment or os.path.basename(source)
    target = SparkFiles.get(name)
    if os.path.isdir(source):
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy(source, target)
    return source


def add_to_import_path(path: str) -> str:
    """Makes a .py, .zip, .egg or .whl importable right after the script's own folder."""
    source = local_path(path)
    entry = source
    if source.endswith(".py"):
        keep_file(path)
        entry = SparkFiles.getRootDirectory()
    if entry not in sys.path:
        sys.path.insert(1, entry)
    return source
