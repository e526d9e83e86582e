"""Who is in the gradebook: what an import of a roster changes, and all that is known of one person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from autograder.gradebook.models import Identity, Override, ResultRow, State, Student, SubmissionRow, TestRow, to_result
from autograder.language import LANGUAGES, known_language
from autograder.people.roster_file import RosterFile


@dataclass
class RosterChange:
    """What an import of a roster changed."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    id_column: str = ""
    """The title of the column that the ids came from."""
    gone: list[Student] = field(default_factory=list)
    """Who was enrolled and is not in the file: still enrolled, unless ``synced``."""
    back: list[Student] = field(default_factory=list)
    """Who had left and is in the file."""
    synced: bool = False
    remarks: list[str] = field(default_factory=list)


def apply_roster(session: Session, roster: RosterFile, *, sync: bool) -> RosterChange:
    """Add the students of a class list, or update those known. A blank cell leaves what is known.

    Args:
        sync: whoever is enrolled and not in the file has left.
    """
    change = RosterChange(id_column=roster.id_column, remarks=list(roster.remarks), synced=sync)
    known = {student.id: student for student in all_students(session)}
    by_fold = {identity.casefold(): student for identity, student in known.items()}
    seen: set[str] = set()
    for entry in roster.students:
        student = known.get(entry.id) or by_fold.get(entry.id.casefold())
        if student is None:
            student = Student(id=entry.id, name="", email="", section="", language="", state=State.ENROLLED)
            session.add(student)
            added = True
        else:
            added = False
        seen.add(student.id)
        if entry.language and not known_language(entry.language):
            known_ones = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
            change.remarks.append(
                f"{student.id}: is told in the course's language, as none is called '{entry.language}' here. There are: {known_ones}."
            )
        before = _facts(student)
        if student.state == State.LEFT:
            change.back.append(student)
        student.state = State.ENROLLED
        for name in ("name", "email", "section", "language"):
            setattr(student, name, getattr(entry, name) or getattr(student, name))
        kinds = {kind for kind, _ in entry.ids}
        kept = [(one.kind, one.value) for one in student.ids if one.kind not in kinds]
        set_ids(student, [*kept, *entry.ids])
        change.added += added
        change.updated += not added and _facts(student) != before
    change.unchanged = len(seen) - change.added - change.updated
    gone = [one for one in known.values() if one.state == State.ENROLLED and one.id not in seen]
    change.gone = sorted(gone, key=lambda one: one.id)
    if sync:
        for student in change.gone:
            student.state = State.LEFT
    return change


def set_ids(student: Student, ids: Iterable[tuple[str, str]]) -> None:
    """Make these the ids that other systems know a student by."""
    wanted = set(ids)
    student.ids[:] = [one for one in student.ids if (one.kind, one.value) in wanted]
    there = {(one.kind, one.value) for one in student.ids}
    student.ids.extend(Identity(kind=kind, value=value) for kind, value in sorted(wanted - there))


def all_students(session: Session) -> Sequence[Student]:
    """Everybody there ever was, with their ids."""
    return session.scalars(sa.select(Student).options(selectinload(Student.ids))).all()


def everything_of(session: Session, identity: str) -> dict[str, Any]:
    """All that is kept of a student, as JSON may hold it, without what says how hidden tests are made. The student exists."""
    student = session.get_one(Student, identity, options=[selectinload(Student.ids)])
    own = sa.select(ResultRow).join(SubmissionRow).where(SubmissionRow.student_id == identity).order_by(ResultRow.id)
    overrides = sa.select(Override).where(Override.student_id == identity).order_by(Override.id)
    fields = ("id", "name", "email", "section", "language", "state")
    return {
        "student": {name: getattr(student, name) for name in fields},
        "ids": [{"kind": one.kind, "value": one.value} for one in student.ids],
        "results": [to_result(row).model_dump(mode="json", exclude={"tests": {"__all__": {"fault", "test"}}}) for row in session.scalars(own)],
        "overrides": [
            {
                "assignment": one.assignment, "question": one.question, "score": one.score, "withdrawn": one.withdrawn,
                "reason": one.reason, "author": one.author, "created_at": one.created_at.isoformat(),
            }
            for one in session.scalars(overrides)
        ],
    }  # fmt: skip


def erase(session: Session, identity: str) -> None:
    """Take out a student, and all that is kept of them. The bytes are overwritten, where the database can do that."""
    if session.connection().dialect.name == "sqlite":
        session.execute(sa.text("PRAGMA secure_delete = ON"))
    submissions = sa.select(SubmissionRow.id).where(SubmissionRow.student_id == identity)
    results = sa.select(ResultRow.id).where(ResultRow.submission_id.in_(submissions))
    for statement in (
        sa.delete(TestRow).where(TestRow.result_id.in_(results)),
        sa.delete(ResultRow).where(ResultRow.submission_id.in_(submissions)),
        sa.delete(SubmissionRow).where(SubmissionRow.student_id == identity),
        sa.delete(Override).where(Override.student_id == identity),
        sa.delete(Identity).where(Identity.student_id == identity),
        sa.delete(Student).where(Student.id == identity),
    ):
        session.execute(statement.execution_options(synchronize_session=False))


def _facts(student: Student) -> str:
    ids = sorted((one.kind, one.value) for one in student.ids)
    return json.dumps([student.name, student.email, student.section, student.language, student.state, ids])
