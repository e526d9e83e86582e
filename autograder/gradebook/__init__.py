"""Where results are kept: SQLite beside the course, or PostgreSQL by URL."""

from autograder.gradebook.models import Override, Student
from autograder.gradebook.roster import RosterCounts, RosterStudent, read_roster
from autograder.gradebook.store import Gradebook

__all__ = ["Gradebook", "Override", "RosterCounts", "RosterStudent", "Student", "read_roster"]
