"""Submissions as other systems hand them out, brought into the layout that `grader grade` and nbgrader read."""

from autograder.intake.intake import Imported, import_submissions

__all__ = ["Imported", "import_submissions"]
