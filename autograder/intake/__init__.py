"""Submissions as other systems hand them out, brought into the layout that `grader grade` and nbgrader read."""

from autograder.intake.intake import import_submissions
from autograder.intake.sources import SYSTEMS
from autograder.intake.task import Imported, Task

__all__ = ["SYSTEMS", "Imported", "Task", "import_submissions"]
