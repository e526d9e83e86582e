"""The newest results of a whole course, in outline."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from autograder.gradebook.models import ResultRow, SubmissionRow, TestRow
from autograder.result import Status
from autograder.scores.outline import Outline


def outlines(session: Session, students: Collection[str] | None) -> list[Outline]:
    """One for each student, or each of these, and assignment that has been graded, in two queries."""
    newest = (
        sa.select(sa.func.max(ResultRow.id))
        .join(ResultRow.submission)
        .group_by(SubmissionRow.assignment, SubmissionRow.student_id)
    )
    if students is not None:
        newest = newest.where(SubmissionRow.student_id.in_(students))
    results = sa.select(
        ResultRow.id, SubmissionRow.student_id, SubmissionRow.assignment, ResultRow.status, ResultRow.message,
        SubmissionRow.path, SubmissionRow.submitted_at, SubmissionRow.late, ResultRow.graded_at,
        SubmissionRow.fingerprint, ResultRow.assignment_fingerprint, ResultRow.hand_in_again,
    ).join(ResultRow.submission).where(ResultRow.id.in_(newest))  # fmt: skip
    found = {
        number: Outline(student, assignment, Status(status), *rest)
        for number, student, assignment, status, *rest in session.execute(results)
    }
    # 300 students with 14 assignments have some 100,000 tests: without the layers that a few rows can afford.
    column = TestRow.__table__.c
    question, outcome = (sa.type_coerce(one, sa.Text) for one in (column.question, column.outcome))  # plain words
    tests = (
        sa.select(column.result_id, question, column.earned, outcome, column.fault != "")
        .where(column.result_id.in_(newest))
        .order_by(column.result_id, column.position)
    )
    for number, *test in session.execute(tests):
        found[number].add(*test)
    return list(found.values())
