"""What waits for whom: what students have yet to do, and what the instructor has, each with the command that does it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.beside import files_beside
from autograder.course import Assignment
from autograder.gradebook import Student
from autograder.intake.unpack import as_graded
from autograder.notebook import Found
from autograder.scores.course import Open, share
from autograder.scores.final import MISSING, Row
from autograder.scores.late import unknown_time
from autograder.scores.outline import Outline
from autograder.status.overview import Overview, is_unreadable


@dataclass(frozen=True)
class Waiting:
    """One kind of thing that waits, and for whose submissions.

    Attributes:
        what: said of the students.
        students: assignment -> students.
        command: what to do next about an assignment; empty if there is no command for it.
        tell_why: whether the message of each one's result says more of it.
    """

    what: str
    students: Mapping[str, Sequence[Student]]
    command: Callable[[str], str] = lambda _: ""
    tell_why: bool = False


def for_students(view: Overview) -> list[Waiting]:
    """Nothing handed in, by due date; files that cannot be read."""
    found = [
        Waiting("Nothing handed in, and due", _those(view, lambda row: row.status == MISSING and not isinstance(share(row, view.now), Open))),
        Waiting("Handed in, but the file cannot be read", _those(view, is_unreadable)),
        Waiting("Handed in, but it cannot be graded as it is", _newest(view, _is_to_come_again), tell_why=True),
    ]  # fmt: skip
    return [one for one in found if one.students]


def not_due(view: Overview, assignment: Assignment) -> list[Student]:
    """Who has handed in nothing yet, and still may."""
    rows = view.rows[assignment.name].values()
    return [row.student for row in rows if share(row, view.now) in (Open.NOT_DUE, Open.NO_DATE)]


def for_instructor(view: Overview) -> list[Waiting]:
    """What only the instructor can settle."""
    named = {one.name: one for one in view.assignments}
    stale = {one.name: one.fingerprint for one in view.assignments}
    ungraded = {
        one.name: list(view.students)
        for one in view.assignments
        if one.due and one.due < view.now and not view.outlines.get(one.name) and view.students
    }
    broken = _newest(view, lambda row, one: row.score is None and one.broken)
    others = _newest(view, lambda row, one: row.score is None and not one.broken and not one.hand_in_again)
    old = _newest(view, lambda _, one: one.assignment_fingerprint != stale[one.assignment])
    new = _newest(view, lambda _, one: has_changed(one, named[one.assignment]))
    unclear = _newest(view, lambda row, one: unknown_time(row.due, one))

    def grade(assignment: str) -> str:
        return f"grader grade {assignment} {shlex.quote(view.folder(assignment))}"

    found = [
        Waiting("Due, and nothing has been graded", ungraded, grade),
        Waiting("No score, as a hidden test failed by itself", broken, lambda name: f"grader check {name}, then {grade(name)}", tell_why=True),
        Waiting("No score, as the grader could not judge the submission", others, grade, tell_why=True),
        Waiting("Graded with another version of the assignment or of the grader", old, grade),
        Waiting("The file has changed since it was graded", new, grade),
        Waiting("Nobody knows when it was handed in", unclear, lambda name: f"grader import DOWNLOAD --assignment {name} --to . --times FILE.csv"),
        Waiting("In no roster", _strangers(view), lambda _: "grader roster FILE.csv"),
        Waiting("Results of an assignment that this course has not, or has no longer", _gone(view)),
    ]  # fmt: skip
    return [one for one in found if one.students]


def has_changed(graded: Outline, assignment: Assignment) -> bool:
    """Whether what lies where this was graded is something else by now. What is not there any more has not changed."""
    path = Path(graded.path)
    own = path.parts[-3:-1] == (
        graded.student,
        graded.assignment,
    )  # else it may be the student's own folder, or everybody's
    try:
        when = os.stat(path, follow_symlinks=False).st_ctime
        if path.parent.name == graded.assignment:
            beside = [facts.st_ctime for _, facts in files_beside(path, [])]
            when = max([when, os.stat(path.parent).st_ctime, *beside])  # the folder's tells of a file that is gone
    except OSError:
        return False
    # What the system noted as its last change no program can set back: older files need not be read, and there are thousands.
    if when < graded.graded_at.timestamp() - 24 * 3600:
        return False
    with as_graded(path, assignment) as file:
        ways = (True,) if own or file != path else (True, False)
        found = [Found(graded.student, file, None, own_folder=one).fingerprint for one in ways]
    return graded.submission_fingerprint not in found


def _those(view: Overview, is_one: Callable[[Row], bool]) -> dict[str, list[Student]]:
    found = {name: [row.student for row in rows.values() if is_one(row)] for name, rows in view.rows.items()}
    return {name: students for name, students in found.items() if students}


def _newest(view: Overview, is_one: Callable[[Row, Outline], bool]) -> dict[str, list[Student]]:
    """The same of those who have a result."""
    found = {
        name: [row.student for row in rows.values() if (one := view.outlines.get(name, {}).get(row.student.id)) and is_one(row, one)]
        for name, rows in view.rows.items()
    }  # fmt: skip
    return {name: students for name, students in found.items() if students}


def _is_to_come_again(row: Row, newest: Outline) -> bool:
    """Whether there is no score until something else is handed in."""
    return row.score is None and newest.hand_in_again


def _strangers(view: Overview) -> dict[str, list[Student]]:
    """Who has results and is in no roster, if there is one: under no assignment."""
    strangers = [one for one in view.students if not one.enrolled]
    return {"": strangers} if view.enrolled and strangers else {}


def _gone(view: Overview) -> dict[str, list[Student]]:
    by_id = {one.id: one for one in view.students}
    return {
        name: students
        for name, results in sorted(view.outlines.items())
        if name not in view.rows and (students := [by_id[one] for one in results if one in by_id])
    }
