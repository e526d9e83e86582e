"""The files that an instructor hands out with an assignment: `files = [...]` in `assignment.toml`."""

from __future__ import annotations

import contextlib
import functools
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.beside import BOUNDS, MOST_BYTES, MOST_BYTES_IN_ALL, MOST_FILES, passed_over
from autograder.errors import CourseError, SubmissionError
from autograder.files import open_regular
from autograder.times import STAMP

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
"""Of a path, that every system takes."""
_NEVER = "assignment.toml hidden_tests.py probes.py mistakes.py alternatives.py equivalent_mutants.toml".split()
_NAMES_OF_TARGETS = ("tests", "cnn_autograder.zip", "cnn_autograder.json", STAMP)
"""What otter-grader and nbgrader put beside a notebook."""


def read_shipped(folder: Path, name: str, entries: Sequence[str], packages: Sequence[str]) -> dict[str, bytes]:
    """Path below the assignment's folder -> content of each file, sorted; an entry that is a folder stands for all files in it.

    Args:
        folder: the assignment's.
        name: the assignment's, whose template lies beside the files.
        packages: that students may import, which a module of theirs must not hide.

    Raises:
        CourseError: a file is missing, leads elsewhere, is too large, or clashes with another.
    """
    toml = folder / "assignment.toml"
    found: dict[str, bytes] = {}
    left = MOST_BYTES_IN_ALL
    for entry in entries:
        for path in _paths(folder, entry, toml):
            if problem := _problem(path, name, packages):
                raise CourseError(f"{toml}: files: '{path}' {problem}.")
            content = _content(folder / path, path, toml)
            left -= len(content) if path not in found else 0
            found[path] = content
            if left < 0 or len(found) > MOST_FILES:
                raise CourseError(f"{toml}: files: there may be {BOUNDS}. Leave some out, or make them smaller.")
    same = {path.casefold(): path for path in found}
    for path in found:
        if same[path.casefold()] != path:
            raise CourseError(
                f"{toml}: files: '{path}' and '{same[path.casefold()]}' are one file on Windows and macOS. Rename one."
            )
    return dict(sorted(found.items()))


def _paths(folder: Path, entry: str, toml: Path) -> Iterator[str]:
    """The files that an entry stands for."""
    parts = entry.removesuffix("/").split("/")
    if not all(_PART.fullmatch(part) for part in parts):
        raise CourseError(
            f"{toml}: files: '{entry}' is no path below {folder}. Write letters, digits and . _ - with / between folders, and no '..'."
        )
    path = folder.joinpath(*parts)
    if path.is_symlink() or not (path.is_dir() or path.is_file()):
        what = "is a link; put the file itself there" if path.is_symlink() else "is not there"
        raise CourseError(f"{toml}: files: '{entry}' {what}. Paths are relative to {folder}.")
    if path.is_file():
        yield "/".join(parts)
        return
    below = sorted(
        one.relative_to(folder).as_posix() for one in path.rglob("*") if one.is_symlink() or not one.is_dir()
    )
    yield from (one for one in below if not passed_over(one))


def _problem(path: str, name: str, packages: Sequence[str]) -> str:
    parts = path.split("/")
    if not all(_PART.fullmatch(part) for part in parts):
        return "has a name that not every system takes: write letters, digits and . _ -"
    if path in _NEVER:
        return "must not reach students"
    if parts[0] in _NAMES_OF_TARGETS or path in (f"{name}.ipynb", f"{name}.py"):
        return "has a name that something else beside the notebook has: rename it"
    if passed_over(path):
        return "is a notebook or a file that is left behind by a tool, which cannot be handed out so"
    module = parts[0].removesuffix(".py")
    if path.endswith(".py") and (module in sys.stdlib_module_names or module in _modules(tuple(packages))):
        return f"would hide the module '{module}' in a notebook: rename it"
    return ""


@functools.lru_cache(maxsize=16)
def _modules(packages: tuple[str, ...]) -> set[str]:
    """What a notebook may import of these distributions, as far as they are installed, and of those that are always there."""
    from importlib.metadata import PackageNotFoundError

    from autograder.sandbox.room import ALWAYS, import_names

    found: set[str] = set()
    for package in (*ALWAYS, *packages):
        with contextlib.suppress(PackageNotFoundError):
            found.update(import_names(package))
    return found


def _content(file: Path, path: str, toml: Path) -> bytes:
    try:
        with open(open_regular(file), "rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except (SubmissionError, OSError) as error:
        raise CourseError(f"{toml}: files: '{path}': {error}") from None
    if len(content) > MOST_BYTES:
        raise CourseError(
            f"{toml}: files: '{path}' is larger than {MOST_BYTES // 2**20} MB. Make it smaller, or have a given cell make the data."
        )
    return content
