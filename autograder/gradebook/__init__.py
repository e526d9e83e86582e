"""Where results are kept: SQLite beside the course, or PostgreSQL by URL."""

from autograder.gradebook.extensions import refuse_extensions_of_strangers
from autograder.gradebook.models import Override, State, Student
from autograder.gradebook.roster import RosterChange
from autograder.gradebook.store import Gradebook, in_force

__all__ = [
    "Gradebook",
    "Override",
    "RosterChange",
    "State",
    "Student",
    "in_force",
    "refuse_extensions_of_strangers",
]
