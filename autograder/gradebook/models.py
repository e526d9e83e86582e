"""The gradebook's tables, and how a `Result` becomes rows and a `Result` again."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Double, ForeignKey, Index, Text, TypeDecorator, case, func, null
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from autograder.result import MOST_BYTES, CellError, Result, TestResult

SCHEMA = 4
"""The version of these tables; raise it with every change of them, and add to `UPGRADES`."""

UPGRADES = {
    1: ("ALTER TABLE test_outcome ADD COLUMN diagnosis TEXT",),
    2: ("ALTER TABLE test_outcome ADD COLUMN fault TEXT NOT NULL DEFAULT ''",),
    3: (
        "ALTER TABLE student ADD COLUMN state TEXT NOT NULL DEFAULT 'guest'",
        "ALTER TABLE student ADD COLUMN language TEXT NOT NULL DEFAULT ''",
        "UPDATE student SET state = 'enrolled' WHERE name <> '' OR email <> '' OR section <> ''",
        "CREATE TABLE identity (student_id TEXT NOT NULL REFERENCES student (id), kind TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (student_id, kind, value))",
        "ALTER TABLE submission ADD COLUMN late BOOLEAN NOT NULL DEFAULT false",
        "ALTER TABLE override ADD COLUMN withdrawn BOOLEAN NOT NULL DEFAULT false",
        "ALTER TABLE result ADD COLUMN language TEXT NOT NULL DEFAULT 'en'",
        "ALTER TABLE result ADD COLUMN hand_in_again BOOLEAN NOT NULL DEFAULT false",
        "ALTER TABLE test_outcome ADD COLUMN english TEXT NOT NULL DEFAULT ''",
    ),
}
"""Version -> what makes the next one of it."""

_ESCAPE = "\ue000"  # private use: no keyboard types it
_UNSTORABLE = re.compile(f"[\x00\ud800-\udfff{_ESCAPE}]")
_ESCAPED = re.compile(f"{_ESCAPE}([0-9a-f]{{4}})")


class AnyText(TypeDecorator[str]):
    """Text that holds every Python string: PostgreSQL refuses NUL, and neither database takes half a surrogate pair."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _UNSTORABLE.sub(lambda match: f"{_ESCAPE}{ord(match[0]):04x}", value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value)


class IsoTime(TypeDecorator[datetime]):
    """A time as ISO 8601 text, in UTC if its zone is known: SQLite keeps no zone, PostgreSQL no unknown one."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else (value.astimezone(UTC) if value.tzinfo else value).isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class JsonText(TypeDecorator[Any]):
    """JSON as Python writes it: with NaN and Infinity, which PostgreSQL's own JSON types refuse.

    What is larger than any result is by now was written before results had a largest size; it is read as None.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return case((func.length(column) <= 4 * MOST_BYTES, column), else_=null())


class Base(DeclarativeBase):
    type_annotation_map = {str: AnyText, float: Double, datetime: IsoTime}  # noqa: RUF012  # SQLAlchemy's own idiom


class Version(Base):
    """One row: the version of the tables."""

    __tablename__ = "gradebook_version"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class State(StrEnum):
    """How a student came to be in the gradebook, and whether they still are in the class."""

    ENROLLED = "enrolled"
    GUEST = "guest"
    """Graded, but in no roster."""
    LEFT = "left"
    """In the roster once; their results are kept, and no table shows them."""


class Student(Base):
    """From the roster, or from the first submission under an unknown id."""

    __tablename__ = "student"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    section: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=State.GUEST)
    language: Mapped[str] = mapped_column(default="")
    """Of what they read, as the catalogue of messages calls it; empty for the course's."""
    ids: Mapped[list[Identity]] = relationship(order_by="Identity.kind, Identity.value", cascade="all, delete-orphan")
    """What other systems know them by."""

    @property
    def enrolled(self) -> bool:
        return self.state == State.ENROLLED

    @property
    def has_left(self) -> bool:
        return self.state == State.LEFT


class Identity(Base):
    """An id by which a system knows a student: login, e-mail address, number."""

    __tablename__ = "identity"
    student_id: Mapped[str] = mapped_column(ForeignKey("student.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


class SubmissionRow(Base):
    """A file that a student handed in; graded once or more."""

    __tablename__ = "submission"
    __table_args__ = (Index("submission_by_assignment", "assignment", "student_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[str] = mapped_column(ForeignKey("student.id"))
    assignment: Mapped[str]
    fingerprint: Mapped[str]
    path: Mapped[str]
    submitted_at: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False)


class ResultRow(Base):
    """One grading of a submission. A larger id is a newer one: no clock decides."""

    __tablename__ = "result"
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    format: Mapped[int]
    status: Mapped[str]
    message: Mapped[str]
    graded_at: Mapped[datetime]
    seconds: Mapped[float]
    assignment_fingerprint: Mapped[str]
    language: Mapped[str]
    hand_in_again: Mapped[bool] = mapped_column(default=False)
    isolation: Mapped[Any] = mapped_column(JsonText)
    cell_errors: Mapped[Any] = mapped_column(JsonText)
    submission: Mapped[SubmissionRow] = relationship()
    tests: Mapped[list[TestRow]] = relationship(order_by="TestRow.position")


class TestRow(Base):
    """One test's outcome in a result."""

    __test__ = False  # pytest: not a test class
    __tablename__ = "test_outcome"
    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    test: Mapped[str]
    question: Mapped[str]
    title: Mapped[str]
    public: Mapped[bool]
    points: Mapped[float]
    earned: Mapped[float]
    outcome: Mapped[str]
    message: Mapped[str]
    english: Mapped[str]
    fault: Mapped[str]
    difference: Mapped[Any | None] = mapped_column(JsonText)
    diagnosis: Mapped[Any | None] = mapped_column(JsonText)
    ratio: Mapped[float | None]
    limits: Mapped[Any | None] = mapped_column(JsonText)
    seconds: Mapped[float]


class Override(Base):
    """A score set by hand. Rows are only ever added; the newest counts."""

    __tablename__ = "override"
    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[str] = mapped_column(ForeignKey("student.id"))
    assignment: Mapped[str] = mapped_column(index=True)
    question: Mapped[str | None]
    """None: the whole score."""
    score: Mapped[float]
    reason: Mapped[str]
    author: Mapped[str]
    created_at: Mapped[datetime]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    """This row takes back the ones before it: what was graded counts again."""


_OF_SUBMISSION = ("assignment", "path", "submitted_at", "late")
_OF_RESULT = (
    "format",
    "status",
    "message",
    "graded_at",
    "seconds",
    "assignment_fingerprint",
    "language",
    "hand_in_again",
)
_OF_TEST = tuple(TestResult.model_fields)


def to_submission(result: Result) -> SubmissionRow:
    """The row of the file that was graded."""
    own = {name: getattr(result, name) for name in _OF_SUBMISSION}
    return SubmissionRow(student_id=result.student, fingerprint=result.submission_fingerprint, **own)


def to_row(result: Result) -> ResultRow:
    """The row of a grading, without its submission and tests."""
    own = {name: getattr(result, name) for name in _OF_RESULT}
    errors = [error.model_dump() for error in result.cell_errors]
    return ResultRow(isolation=result.isolation, cell_errors=errors, **own)


def to_test_values(result: Result) -> list[dict[str, Any]]:
    """The values of the tests' rows, without their result's id."""
    return [test.model_dump() | {"position": position} for position, test in enumerate(result.tests)]


_TOO_MANY = CellError(cell=0, error="more errors than can be shown; grade this submission again to see the first")


def to_result(row: ResultRow) -> Result:
    """What was recorded, equal in every field; of what is larger than results are by now, the part that fits."""
    submission = row.submission
    return Result.model_validate(
        {name: getattr(submission, name) for name in _OF_SUBMISSION}
        | {name: getattr(row, name) for name in _OF_RESULT}
        | {
            "student": submission.student_id,
            "submission_fingerprint": submission.fingerprint,
            "isolation": tuple(row.isolation or ()),
            "cell_errors": (_TOO_MANY,) if row.cell_errors is None else tuple(row.cell_errors),
            "tests": tuple({name: getattr(test, name) for name in _OF_TEST} for test in row.tests),
        }
    ).bounded()
