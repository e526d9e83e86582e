"""Submissions as other systems hand them out, brought into the layout that `grader grade` and nbgrader read."""

from autograder.intake.intake import Imported, import_submissions
from autograder.intake.sources import SYSTEMS

__all__ = ["SYSTEMS", "Imported", "import_submissions"]
