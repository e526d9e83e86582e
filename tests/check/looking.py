"""What one of the checks without a sandbox finds."""

from __future__ import annotations

from collections.abc import Callable

from autograder.check import Finding
from autograder.course import Course
from autograder.examine.examiner import Examiner, examine
from autograder.sandbox.client import namespace_error


def found_by(look: Callable[[Examiner], Finding], course: Course) -> Finding:
    found: list[Finding] = []
    examine(
        course.root, "doubling", course.secret, not namespace_error(), lambda examiner: found.append(look(examiner))
    )
    (finding,) = found
    return finding
