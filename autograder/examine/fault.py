"""A hidden test that fails by itself: it fails the reference, too, and so says nothing about a submission."""

from __future__ import annotations

import inspect
import traceback
from pathlib import Path

import pytest

from autograder.course import Assignment
from autograder.course.asked import FIXTURES
from autograder.text import meant

_MOST_FRAMES = 5


def describe_fault(problem: BaseException, assignment: Assignment) -> str:
    """The exception with the lines of the course's own files that it came through, as Python shows them."""
    if isinstance(problem, pytest.FixtureLookupError):
        return _unknown_fixture(problem)
    kind = type(problem).__name__
    lines = [f"{kind}: {problem}" if str(problem) else kind]
    files = (assignment.folder, assignment.script_path.parent)
    frames = [
        frame
        for frame in traceback.extract_tb(problem.__traceback__)
        if any(Path(frame.filename).is_relative_to(folder) for folder in files)
    ]
    for frame in frames[-_MOST_FRAMES:]:
        lines.append(f"  {Path(frame.filename).name}, line {frame.lineno}, in {frame.name}")
        lines += [f"    {frame.line}"] if frame.line else []
    return "\n".join(lines)


def _unknown_fixture(problem: pytest.FixtureLookupError) -> str:
    """Who asks for a fixture that there is not; pytest raises that error in its own files only."""
    asks = [problem.request.function, *(fixture.func for fixture in problem.fixturestack)][-1]
    lines, first = inspect.getsourcelines(asks)
    line = next(
        number for number, text in enumerate(lines) if text.lstrip().startswith(("def ", "async def "))
    )  # after its marks
    name = problem.argname or ""
    return (
        f"There is no fixture '{name}'{meant(name, FIXTURES) or '.'}\n"
        f"  {Path(inspect.getfile(asks)).name}, line {first + line}, in {asks.__name__}\n    {lines[line].strip()}"
    )
