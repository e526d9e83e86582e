"""How many submissions are graded at once."""

from autograder.engine.local import grade_all

__all__ = ["grade_all"]
