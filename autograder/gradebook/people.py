"""Who is in the gradebook, and all that is known of one person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from autograder.gradebook.models import Identity, Override, ResultRow, Student, SubmissionRow, TestRow, to_result


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
