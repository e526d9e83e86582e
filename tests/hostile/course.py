"""The course that the corpus is graded in: two questions, and secrets to look for."""

from __future__ import annotations

from pathlib import Path

from autograder.course import Course
from tests.conftest import ASSIGNMENT_TOML, HIDDEN_TESTS, SOLUTION, write_course

PLANTED = {
    "hidden tests": "planted-4b1f-in-the-hidden-tests",
    "solution": "planted-9c2e-in-the-solution",
    "environment": "planted-77aa-in-the-environment",
    "file": "planted-d03c-in-a-file-that-everybody-may-read",
    "course secret": "planted-5e5e-as-the-course-secret",
}
"""Where it is -> what no result may hold."""


def write(root: Path) -> Course:
    """Write it; ``root`` must be a new folder."""
    course = write_course(
        root,
        # Room for outputs; a minute for those who hang in a cell, which costs ten seconds each otherwise.
        assignment=ASSIGNMENT_TOML.replace("file_mb = 1", "file_mb = 30").replace(
            "cell_seconds = 2", "cell_seconds = 1"
        ),
        hidden_tests=f"PLANTED = {PLANTED['hidden tests']!r}\n" + HIDDEN_TESTS,
        doubling=SOLUTION.replace("    ### BEGIN SOLUTION", f"    ### BEGIN SOLUTION\n    # {PLANTED['solution']}", 1),
    )
    (root / "course.secret").write_text(PLANTED["course secret"], encoding="ascii")
    planted = root / "planted.txt"
    planted.write_text(PLANTED["file"], encoding="ascii")
    planted.chmod(0o644)
    return course
