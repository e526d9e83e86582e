"""A solution script: Jupytext percent cells with the part each one plays."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.files import read_text

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
_HEADER = re.compile(r"^# ?%%(\s|$)")
_KIND = re.compile(r"(?:^|\s)\[(markdown|md|raw)\]\s*$")
_KEY = re.compile(r"(?:^|\s)\s*([\w.:-]+)=")
_CHECK_KEYS = ("check", "points", "title")
_JUPYTEXT = re.compile(r"# ---\n(?:#.*\n)*?# ---\n")
_OTHER_FORMAT = re.compile(r"^#\s+format_name: (?!percent)", re.MULTILINE)


class Role(Enum):
    """What a cell is for; follows from its kind, its header and whether it holds a solution."""

    TEXT = "text"
    GIVEN = "given"  # code that students get as it is: imports, data, helpers
    QUESTION = "question"  # code with a solution region that students replace
    CHECK = "check"  # public check, worth points
    TIMING = "timing"  # how fast a function is: students run it, grading leaves it out
    DEMO = "demo"  # plots and experiments: students run them, grading does not


@dataclass(frozen=True)
class Check:
    """The header of a public check cell: ``# %% check="conv2d" points=4 title="Dark to light"``."""

    question: str
    points: float
    title: str


@dataclass(frozen=True)
class ScriptCell:
    """One cell of a solution script; ``line`` is that of its ``# %%`` header, counted from 1."""

    role: Role
    source: str
    line: int
    check: Check | None = None
    inlined: str = ""
    """The import in the script that stands for this source, if it is the package's own."""


def read_script(path: Path) -> tuple[ScriptCell, ...]:
    """Read a percent script.

    Not by Jupytext itself, whose import takes longer than grading a dozen submissions; a test compares the two.

    Raises:
        CourseError: the file is missing, a solution marker is unbalanced or a check header is wrong.
    """
    if not path.exists():
        raise CourseError(f"{path}: is not there. Every assignment needs a solution script.")
    lines = read_text(path).splitlines()
    _check_markers(path, lines)
    headers = [number for number, line in enumerate(lines, 1) if _HEADER.match(line)]
    _check_beginning(path, lines[: headers[0] - 1] if headers else lines)
    ends = [*(number - 1 for number in headers[1:]), len(lines)]
    return tuple(
        _cell(path, lines[number - 1], lines[number:end], number) for number, end in zip(headers, ends, strict=True)
    )


def _check_beginning(path: Path, lines: list[str]) -> None:
    """Before the first cell stands nothing but the header that Jupytext writes when a notebook is saved."""
    text = "\n".join(lines).strip() + "\n"
    header = _JUPYTEXT.match(text)
    if header and _OTHER_FORMAT.search(header[0]):
        raise CourseError(
            f"{path}:1: Jupytext has saved this in another format. Choose its percent format, py:percent."
        )
    if text[header.end() if header else 0 :].strip():
        raise CourseError(f"{path}:1: begin every cell, the first one too, with '# %%' or '# %% [markdown]'.")


def _cell(path: Path, header: str, lines: list[str], line: int) -> ScriptCell:
    kind, title, metadata = _read_header(header)
    if kind in ("markdown", "md"):
        wrong = next((number for number, text in enumerate(lines, line + 1) if text and not text.startswith("#")), None)
        if wrong:
            raise CourseError(f"{path}:{wrong}: every line of a text cell begins with '#'.")
        return ScriptCell(Role.TEXT, "\n".join(text[2:] for text in lines).strip("\n"), line)
    if kind:
        raise CourseError(
            f"{path}:{line}: '[{kind}]' is no kind of cell for students. Write '# %%' or '# %% [markdown]'."
        )
    source = "\n".join(lines).strip("\n")
    if "check" in metadata or "check=" in header or "points" in metadata:
        question, points = metadata.get("check"), metadata.get("points")
        title = metadata.get("title", title)
        if not (
            isinstance(question, str)
            and isinstance(points, int | float)
            and not isinstance(points, bool)
            and points > 0
            and title
            and isinstance(title, str)
        ):
            raise CourseError(
                f'{path}:{line}: a check cell starts with # %% check="question" points=4 title="What it shows".{_misspelt(metadata)}'
            )
        if BEGIN in source:
            raise CourseError(f"{path}:{line}: a check cell cannot hold a solution; move the solution to its own cell.")
        return ScriptCell(Role.CHECK, source, line, Check(question, float(points), title))
    if BEGIN in source:
        return ScriptCell(Role.QUESTION, source, line)
    tags = metadata.get("tags")
    roles = (role for role in (Role.TIMING, Role.DEMO) if isinstance(tags, list) and role.value in tags)
    return ScriptCell(next(roles, Role.GIVEN), source, line)


def _misspelt(metadata: dict[str, Any]) -> str:
    """The keys that stand in the place of one that is missing."""
    missing = [key for key in _CHECK_KEYS if key not in metadata]
    close = ((key, difflib.get_close_matches(key, missing, 1)) for key in metadata if key not in _CHECK_KEYS)
    return "".join(f" There is no key '{key}'; did you mean '{one}'?" for key, ones in close for one in ones)


def _read_header(header: str) -> tuple[str, str, dict[str, Any]]:
    """A cell's kind, title and metadata, as Jupytext writes them: ``# %% a title [markdown] key="JSON" other=2``.

    A `title` among the metadata is put first by Jupytext when a notebook is saved.
    """
    rest = header.lstrip("#").strip().lstrip("%")
    title, metadata = rest, {}
    for key in _KEY.finditer(rest):  # a title may hold a '=', too
        if (found := _read_metadata(rest[key.start() :])) is not None:
            title, metadata = rest[: key.start()], found
            break
    kind = _KIND.search(title)
    return (kind[1], title[: kind.start()].strip(), metadata) if kind else ("", title.strip(), metadata)


def _read_metadata(text: str) -> dict[str, Any] | None:
    """The keys and values of ``key="JSON" other=2``; None if it is anything else."""
    metadata: dict[str, Any] = {}
    while text.strip():
        if (key := _KEY.match(text)) is None:
            return None
        try:
            metadata[key[1]], end = json.JSONDecoder().raw_decode(text, key.end())
        except ValueError:
            return None
        text = text[end:]
    return metadata


def _check_markers(path: Path, lines: list[str]) -> None:
    opened: int | None = None
    for number, line in enumerate(lines, 1):
        if _HEADER.match(line) and opened:
            raise CourseError(f"{path}:{opened}: '{BEGIN}' has no '{END}' before the cell ends.")
        if BEGIN in line:
            if opened:
                raise CourseError(f"{path}:{number}: '{BEGIN}' inside the region that line {opened} began.")
            if line.strip() != BEGIN:
                raise CourseError(f"{path}:{number}: '{BEGIN}' must stand alone on its line.")
            opened = number
        elif END in line:
            if not opened:
                raise CourseError(f"{path}:{number}: '{END}' without a '{BEGIN}' before it.")
            if line.strip() != END:
                raise CourseError(f"{path}:{number}: '{END}' must stand alone on its line.")
            opened = None
        elif re.search(r"(BEGIN|END)[ _]SOLUTION", line, re.IGNORECASE):
            raise CourseError(f"{path}:{number}: a misspelt solution marker; write '{BEGIN}' or '{END}'.")
    if opened:
        raise CourseError(f"{path}:{opened}: '{BEGIN}' has no '{END}'.")
