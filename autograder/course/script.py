"""A solution script: Jupytext percent cells with the part each one plays."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from autograder.errors import CourseError

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
_HEADER = re.compile(r"^# ?%%(\s|$)")
_METADATA = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[\d.]+)')


class Role(Enum):
    """What a cell is for; follows from its kind, its header and whether it holds a solution."""

    TEXT = "text"
    GIVEN = "given"  # code that students get as it is: imports, data, helpers
    QUESTION = "question"  # code with a solution region that students replace
    CHECK = "check"  # public check, worth points
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


def read_script(path: Path) -> tuple[ScriptCell, ...]:
    """Read a percent script.

    Not by Jupytext itself, whose import takes longer than grading a dozen submissions; a test compares the two.

    Raises:
        CourseError: the file is missing, a solution marker is unbalanced or a check header is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CourseError(
            f"{path}: cannot be read ({error.strerror}). Every assignment needs a solution script there."
        ) from None
    lines = text.splitlines()
    _check_markers(path, lines)
    headers = [number for number, line in enumerate(lines, 1) if _HEADER.match(line)]
    if any(line.strip() for line in lines[: headers[0] - 1 if headers else None]):
        raise CourseError(f"{path}:1: begin every cell, the first one too, with '# %%' or '# %% [markdown]'.")
    ends = [*(number - 1 for number in headers[1:]), len(lines)]
    return tuple(
        _cell(path, lines[number - 1], lines[number:end], number) for number, end in zip(headers, ends, strict=True)
    )


def _cell(path: Path, header: str, lines: list[str], line: int) -> ScriptCell:
    if "[markdown]" in header:
        wrong = next((number for number, text in enumerate(lines, line + 1) if text and not text.startswith("#")), None)
        if wrong:
            raise CourseError(f"{path}:{wrong}: every line of a text cell begins with '#'.")
        return ScriptCell(Role.TEXT, "\n".join(text[2:] for text in lines).strip("\n"), line)
    source = "\n".join(lines).strip("\n")
    try:
        metadata: dict[str, Any] = {name: json.loads(value) for name, value in _METADATA.findall(header)}
    except ValueError:
        metadata = {"check": None}
    if "check" in metadata or "check=" in header:
        question, points, title = metadata.get("check"), metadata.get("points"), metadata.get("title")
        if not (
            isinstance(question, str) and isinstance(points, int | float) and points > 0 and isinstance(title, str)
        ):
            raise CourseError(
                f'{path}:{line}: a check cell starts with # %% check="question" points=4 title="What it shows".'
            )
        if BEGIN in source:
            raise CourseError(f"{path}:{line}: a check cell cannot hold a solution; move the solution to its own cell.")
        return ScriptCell(Role.CHECK, source, line, Check(question, float(points), title))
    if BEGIN in source:
        return ScriptCell(Role.QUESTION, source, line)
    return ScriptCell(Role.DEMO if "demo" in metadata.get("tags", ()) else Role.GIVEN, source, line)


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
