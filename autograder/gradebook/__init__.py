"""Where results are kept: SQLite beside the course, or PostgreSQL by URL."""

from autograder.gradebook.models import Override, State, Student
from autograder.gradebook.people import RosterChange
from autograder.gradebook.store import Gradebook, in_force

__all__ = ["Gradebook", "Override", "RosterChange", "State", "Student", "in_force"]
