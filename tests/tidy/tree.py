"""The files that the tidy test looks at, as text and as code without comments."""

import functools
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


@functools.cache
def tracked():
    """Paths, relative to the root, of what is committed or about to be."""
    listing = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                             capture_output=True, text=True).stdout
    return tuple(path for path in sorted(set(listing.splitlines())) if (ROOT / path).is_file())


@functools.cache
def text(path):
    """A file's text; empty for what is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def sources(*suffixes, under=""):
    return [path for path in tracked() if path.startswith(under) and path.endswith(suffixes)]


def numbered(path):
    return enumerate(text(path).splitlines(), 1)


BLANKED = re.compile(r"""R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'""",
                     re.DOTALL)


@functools.cache
def code(path):
    """A C++ file without comments and the insides of literals; lines keep their numbers."""
    return BLANKED.sub(lambda found: "\n" * found.group().count("\n") or ('""' if found.group()[0] != "/" else " "),
                       text(path))


def numbered_code(path):
    return enumerate(code(path).splitlines(), 1)
