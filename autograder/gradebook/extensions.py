"""Whether the extensions of `course.toml` are for people whom the gradebook knows."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.course import Course
from autograder.gradebook.models import Student
from autograder.people.match import Roster, id_and_name, plain


def refuse_extensions_of_strangers(course: Course, students: Sequence[Student]) -> None:
    """Refuse an extension that does not name a student by their own id. With nobody enrolled, nothing is known of anybody.

    Args:
        students: all of the gradebook, guests and those who have left among them.

    Raises:
        CourseError: naming the line, and who may be meant.
    """
    if not any(student.enrolled for student in students):
        return
    own = {plain(student.id) for student in students}
    for number, extension in enumerate(course.extensions):
        if plain(extension.student) not in own:
            raise course.wrong_extension(number, "student", _who(extension.student, students))


def _who(asked: str, students: Sequence[Student]) -> str:
    named = {student.id: id_and_name(student) for student in students}
    roster = Roster(students, everybody=True)
    bearers = roster.bearers(asked)
    if len(bearers) == 1:
        return f"'{asked}' is another id of {named[bearers[0]]}. Write the id that the gradebook has: \"{bearers[0]}\"."
    if bearers:
        return f"'{asked}' is an id of {len(bearers)} students: {'; '.join(named[one] for one in bearers)}. Write the id of one."
    if likely := roster.likeliest(asked):
        return f"nobody in the gradebook is '{asked}'; did you mean {' or '.join(named[one] for one in likely)}?"
    return f"nobody in the gradebook is '{asked}'. Add them to the roster, or take the extension out."
