"""A small course, and a gradebook to export from."""

from tests.pooling_course import assignment, course, gradebook, make_result, tests

__all__ = ["assignment", "course", "gradebook", "make_result", "tests"]
