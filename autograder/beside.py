"""Files that lie beside a notebook in its student's own folder: modules and small data that its code may use.

How many and how large they may be is the same for what an instructor hands out with an assignment.
"""

from __future__ import annotations

import itertools
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import SubmissionError
from autograder.files import open_regular
from autograder.language import _, joined
from autograder.text import file_name, shortened
from autograder.times import STAMP

MOST_FILES = 50
MOST_BYTES = 2 * 2**20
"""Of one file."""
MOST_BYTES_IN_ALL = 5 * 2**20
_MOST_IN_FOLDER = 1_000
_MOST_NAMES = 5_000
"""In all folders together."""
_MOST_LEVELS = 8
_LONGEST_NAME = 100
"""Bytes, of one part of a path."""
_MOST_TOLD = 8
LITTER = ("__pycache__", "__MACOSX", "Thumbs.db", "desktop.ini")

BOUNDS = f"at most {MOST_FILES} files, {MOST_BYTES // 2**20} MB each and {MOST_BYTES_IN_ALL // 2**20} MB in all"


@dataclass(frozen=True)
class Beside:
    """The files beside a notebook."""

    files: tuple[tuple[str, bytes], ...] = ()
    """Path below the notebook's folder, with `/` and in Unicode's composed form -> content; sorted."""
    left_out: tuple[str, ...] = ()
    """Which are not among them, and why; for the student."""


NOTHING = Beside()


def read_beside(notebook: Path) -> Beside:
    """Read the plain files in a notebook's folder and below.

    Other notebooks, hidden files and what Python, nbgrader or an operating system leaves behind are passed over.
    """
    odd: list[str] = []
    found: dict[str, tuple[str, int]] = {}
    for place, facts in files_beside(notebook, odd):
        path = unicodedata.normalize("NFC", place)  # as Python writes modules' names; macOS takes names apart
        parts = path.split("/")  # the outermost come first
        if any("/".join(parts[:n]) in found for n in range(1, len(parts) + 1)):
            odd.append(_aside(path, _("another file has the same name in another Unicode form")))
        else:
            found[path] = place, facts.st_size
    files = []
    taken, left_out = choose((path, size) for path, (_, size) in found.items())
    for path in taken:
        place, size = found[path]
        try:
            files.append((path, _content(notebook.parent / place, size)))
        except SubmissionError as problem:
            odd.append(_aside(path, str(problem)))
    return Beside(tuple(sorted(files)), tuple(shortened(odd + left_out, _MOST_TOLD)))


def choose(sizes: Iterable[tuple[str, int]]) -> tuple[list[str], list[str]]:
    """Which files are taken, and which are not and why: code first, and then those that lie least deep."""
    taken: list[str] = []
    left_out: list[str] = []
    left = MOST_BYTES_IN_ALL
    for path, size in sorted(sizes, key=lambda one: (not one[0].endswith(".py"), one[0].count("/"), one[0])):
        if problem := problem_of(path, size):
            left_out.append(_aside(path, str(problem)))
        elif len(taken) == MOST_FILES:
            left_out.append(_aside(path, _("more than {most} files", most=MOST_FILES)))
        elif size > left:
            left_out.append(_aside(path, _("more than {most} MB in all", most=MOST_BYTES_IN_ALL // 2**20)))
        else:
            taken.append(path)
            left -= size
    return taken, left_out


def problem_of(path: str, size: int) -> str:
    """Why a file cannot lie beside a notebook; empty if it can."""
    parts = path.split("/")
    if not path.isprintable() or "\\" in path or not all(parts) or ".." in parts:
        return _("its name holds signs that a name should not have")
    if len(parts) > _MOST_LEVELS:
        return _("it lies more than {most} folders deep", most=_MOST_LEVELS)
    if any(len(part.encode()) > _LONGEST_NAME for part in parts):
        return _("its name is too long")
    return _("larger than {most} MB", most=MOST_BYTES // 2**20) if size > MOST_BYTES else ""


def passed_over(path: str) -> bool:
    """Whether a file is nothing that code could use: a notebook, hidden, or left behind by a tool."""
    parts = path.split("/")
    return (
        parts[0].casefold() == STAMP
        or parts[-1].lower().endswith((".ipynb", ".pyc"))
        or any(part.startswith((".", "~")) or part in LITTER for part in parts)
    )


def files_beside(notebook: Path, odd: list[str]) -> Iterator[tuple[str, os.stat_result]]:
    """Path and facts of each plain file beside a notebook and below; ``odd`` gets what is none. The outermost folders are looked at first."""
    left = _MOST_NAMES
    level = [""]
    while level:
        below: list[str] = []
        for here in level:
            most = min(left, _MOST_IN_FOLDER)
            try:
                with os.scandir(notebook.parent / here) as scanned:
                    entries = sorted(itertools.islice(scanned, most + 1), key=lambda one: one.name)
            except OSError:
                odd.append(_aside(here, _("cannot be read")))
                continue
            left -= len(entries)
            if len(entries) > most:  # which come first is chance
                odd.append(_aside(here, _("too many files")))
                if left <= 0:
                    return
                continue
            for entry in entries:
                path = f"{here}/{entry.name}" if here else entry.name
                if path == notebook.name or passed_over(path):
                    continue
                try:
                    facts = entry.stat(follow_symlinks=False)
                except OSError:
                    odd.append(_aside(path, _("cannot be read")))
                    continue
                if stat.S_ISDIR(facts.st_mode):
                    if path.count("/") + 1 < _MOST_LEVELS:
                        below.append(path)
                    else:
                        odd.append(_aside(path, _("lies too deep")))
                elif stat.S_ISREG(facts.st_mode):
                    yield path, facts
                else:
                    odd.append(_aside(path, _("a link") if stat.S_ISLNK(facts.st_mode) else _("no plain file")))
        level = below


def _aside(path: str, problem: str) -> str:
    """A file, or all of them if there is no path, and why it is not there."""
    return joined("", [file_name(path[:200]) if path else _("all files"), " (", problem, ")"])


def _content(path: Path, size: int) -> bytes:
    """At most as many bytes as there were when the folder was looked at.

    Raises:
        SubmissionError: it cannot be opened, or is no regular file any more.
    """
    with open(open_regular(path), "rb") as file:
        return file.read(size)
