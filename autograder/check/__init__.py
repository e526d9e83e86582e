"""`grader check`: an assignment proves itself before a student sees it."""

from autograder.check.check import check
from autograder.check.finding import Finding

__all__ = ["Finding", "check"]
