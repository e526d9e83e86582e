"""The student whom an instructor names, by whichever id is at hand."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.errors import GradebookError
from autograder.people.match import Known, Roster, id_and_name

_MOST_LISTED = 20
"""So small a class is listed whole."""


def student_asked_for(asked: str, students: Sequence[Known]) -> str:
    """The student who has this id: student number, login, e-mail address or any other that the gradebook holds, in any case.

    Args:
        students: all of the gradebook, guests and those who have left among them.

    Raises:
        GradebookError: it is nobody's, or several people's; names who may be meant.
    """
    known = {student.id: student for student in students}
    roster = Roster(students, everybody=True)
    found = roster.bearers(asked)
    if len(found) == 1:
        return found[0]
    if found:
        those = "; ".join(id_and_name(known[one]) for one in found)
        raise GradebookError(
            f"'{asked}' is an id of {len(found)} students: {those}. Name one of them by the id that stands first."
        )
    if likely := roster.likeliest(asked):
        raise GradebookError(
            f"No student has the id '{asked}'; did you mean {' or '.join(id_and_name(known[one]) for one in likely)}?"
        )
    if not known:
        hint = "Nobody is in the gradebook yet: import a roster, or grade a submission."
    elif len(known) > _MOST_LISTED:
        hint = f"{len(known)} students are known, none by an id like it."
    else:
        hint = f"Known are: {', '.join(sorted(id_and_name(student) for student in students))}."
    raise GradebookError(f"No student has the id '{asked}'. {hint}")
