"""The systems that `grader build --target` writes for."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.course import Assignment, Course

TARGETS = {
    "nbgrader": "autograder.targets.nbgrader",
    "otter": "autograder.targets.otter",
    "gradescope": "autograder.targets.gradescope",
}
"""Name -> the module whose ``build(course, assignments, to)`` writes and returns the files written."""


def build_target(target: str, course: Course, assignments: Sequence[Assignment], to: Path) -> list[Path]:
    """Write these assignments for a system and return the files written.

    Raises:
        CourseError: a source is wrong; names file and line.
        GraderError: what the system needs is not installed, or the folder cannot be written.
    """
    done: list[Path] = importlib.import_module(TARGETS[target]).build(course, assignments, to)
    return done
