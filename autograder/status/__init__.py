"""Where a course stands: every assignment, every student, and what waits for whom."""

from autograder.status.overview import Overview, overview
from autograder.status.terminal import render_assignment, render_course, render_student

__all__ = ["Overview", "overview", "render_assignment", "render_course", "render_student"]
