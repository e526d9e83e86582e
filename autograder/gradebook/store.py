"""The gradebook: results are added and never rewritten; every addition is on disk when the call returns."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload, selectinload

from autograder.course import Assignment, Course
from autograder.errors import GradebookError, UnstorableError
from autograder.gradebook._database import display_name, explained, make_engine, parse_url
from autograder.gradebook.extensions import refuse_extensions_of_strangers
from autograder.gradebook.models import (
    SCHEMA,
    UPGRADES,
    Base,
    Override,
    ResultRow,
    State,
    Student,
    SubmissionRow,
    TestRow,
    Version,
    to_result,
    to_row,
    to_submission,
    to_test_values,
)
from autograder.gradebook.outlines import outlines
from autograder.gradebook.people import all_students, erase, everything_of, set_ids
from autograder.gradebook.roster import RosterChange, apply_roster
from autograder.people.asked import student_asked_for
from autograder.people.match import plain
from autograder.people.roster_file import read_roster
from autograder.result import Result, Status
from autograder.scores.outline import Outline

FILE = "gradebook.db"


def exists(url: str | sa.URL) -> bool:
    """Whether a gradebook may be there: SQLite's file is, or somebody's server is to say.

    Raises:
        GradebookError: it is no gradebook's URL.
    """
    parsed = parse_url(url)
    return parsed.get_backend_name() != "sqlite" or Path(parsed.database or "").exists()


class Gradebook:
    """A gradebook at a database URL; a context manager. Its tables are made if the database is new.

    Args:
        url: ``sqlite:////folder/gradebook.db`` or ``postgresql+psycopg://user:password@host/database``.

    Raises:
        GradebookError: by every method, when the database cannot be reached, read or written, is no
            gradebook, or is of another version; the sentence says which database and what to do.
    """

    def __init__(self, url: str | sa.URL) -> None:
        parsed = parse_url(url)
        self.name = display_name(parsed)
        """For messages: the file, or the URL without its password."""
        self._engine = make_engine(parsed)
        self._reader = self._engine.execution_options(begin="BEGIN")
        # A transaction that reads before it writes can be refused without waiting; one that locks first waits its turn.
        self._writer = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        try:
            self._prepare()
        except BaseException:  # Ctrl-C, too, must not leave a connection open
            self.close()
            raise

    @classmethod
    def open(cls, course_root: Path, url: str | None = None) -> Self:
        """The gradebook at ``url``; by default the file `gradebook.db` in the course's folder."""
        return cls(url or sa.URL.create("sqlite", database=str(course_root / FILE)))

    @classmethod
    def of(cls, course: Course, url: str | None = None) -> Self:
        """The gradebook of a course, whose extensions are all for people that it knows, if anybody is enrolled.

        Raises:
            CourseError: an extension is for somebody else; names the line, and who may be meant.
        """
        book = cls.open(course.root, url)
        try:
            if course.extensions:
                refuse_extensions_of_strangers(course, book.students(left=True))
        except BaseException:  # the same
            book.close()
            raise
        return book

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # Results

    def record(self, result: Result, *, again: bool = True) -> None:
        """Add a result, and the student if unknown. Results recorded before stay as they are.

        Args:
            again: False to add nothing if this submission has a result by the same sources: another run was faster.

        Raises:
            UnstorableError: no database can hold this result; others can be recorded.
        """
        for test in result.tests:  # SQLite would make NULL of NaN
            if any(math.isnan(number or 0) for number in (test.points, test.earned, test.ratio, test.seconds)):
                raise UnstorableError(
                    f"{result.student}, {result.assignment}: '{test.test}' has points or a time that is NaN."
                )
        with self._write() as session:
            self._add_student(session, result.student)
            # Two runs that record for the same student take turns. (SQLite's writers do anyway.)
            session.execute(sa.select(Student.id).where(Student.id == result.student).with_for_update())
            if not again and self._is_graded(session, result):
                return
            new = to_submission(result)
            same = sa.select(SubmissionRow).where(
                SubmissionRow.assignment == new.assignment,
                SubmissionRow.student_id == new.student_id,
                SubmissionRow.fingerprint == new.fingerprint,
                SubmissionRow.path == new.path,
                SubmissionRow.submitted_at.is_not_distinct_from(new.submitted_at),
                SubmissionRow.late == new.late,
            )
            row = to_row(result)
            row.submission = session.scalars(same).first() or new
            session.add(row)
            session.flush()
            if tests := to_test_values(result):
                session.execute(sa.insert(TestRow), [test | {"result_id": row.id} for test in tests])

    def _is_graded(self, session: Session, result: Result) -> bool:
        newest = (
            sa.select(
                SubmissionRow.fingerprint, ResultRow.assignment_fingerprint, ResultRow.status, ResultRow.isolation
            )
            .join(ResultRow.submission)
            .where(ResultRow.id.in_(self._newest(result.assignment, [result.student])))
        )
        submission, sources, status, isolation = session.execute(newest).first() or ("", "", Status.NOT_GRADABLE, ())
        same = (submission, sources) == (result.submission_fingerprint, result.assignment_fingerprint)
        with_less_care = "process" in isolation and "process" not in result.isolation
        return same and status != Status.NOT_GRADABLE and not with_less_care

    def latest(self, student: str, assignment: str) -> Result | None:
        """The newest result, by order of recording."""
        return next(iter(self._results(self._newest(assignment, [student]))), None)

    def latest_results(self, assignment: str, students: Collection[str] | None = None) -> list[Result]:
        """The newest result of each student, or of each of these, sorted by student."""
        found = self._results(self._newest(assignment, students))
        return sorted(found, key=lambda result: result.student)

    def outlines(self, students: Collection[str] | None = None) -> list[Outline]:
        """Of every newest result in the course, or of these students, what decides its score, for all assignments at once."""
        with self._read() as session:
            return outlines(session, students)

    def history(self, student: str, assignment: str) -> list[Result]:
        """All of a student's results, oldest first."""
        own = (SubmissionRow.assignment == assignment, SubmissionRow.student_id == student)
        return self._results(sa.select(ResultRow.id).join(SubmissionRow).where(*own))

    def graded(self, assignment: str) -> dict[str, tuple[str, str, Status]]:
        """Of each student's newest result: submission fingerprint, assignment fingerprint, status.

        What has not changed need not be graded again.
        """
        columns = (
            SubmissionRow.student_id,
            SubmissionRow.fingerprint,
            ResultRow.assignment_fingerprint,
            ResultRow.status,
        )
        query = sa.select(*columns).join(ResultRow.submission).where(ResultRow.id.in_(self._newest(assignment)))
        with self._read() as session:
            return {
                student: (submission, sources, Status(status))
                for student, submission, sources, status in session.execute(query)
            }

    def slowest(self) -> dict[str, float]:
        """The longest, in seconds, that grading took for anything of each student's."""
        query = (
            sa.select(SubmissionRow.student_id, sa.func.max(ResultRow.seconds))
            .join(ResultRow.submission)
            .group_by(SubmissionRow.student_id)
        )
        with self._read() as session:
            return {row[0]: row[1] for row in session.execute(query)}

    def _newest(self, assignment: str, students: Collection[str] | None = None) -> sa.Select[Any]:
        """The id of each student's newest result, or of each of these."""
        query = sa.select(sa.func.max(ResultRow.id)).join(SubmissionRow).where(SubmissionRow.assignment == assignment)
        if students is not None:
            query = query.where(SubmissionRow.student_id.in_(students))
        return query.group_by(SubmissionRow.student_id)

    def _results(self, ids: sa.Select[Any]) -> list[Result]:
        query = sa.select(ResultRow).where(ResultRow.id.in_(ids)).order_by(ResultRow.id)
        with self._read() as session:
            rows = session.scalars(query.options(joinedload(ResultRow.submission), selectinload(ResultRow.tests)))
            return [to_result(row) for row in rows]

    # Students

    def _add_student(self, session: Session, student: str) -> None:
        values = {"id": student, "name": "", "email": "", "section": "", "state": State.GUEST, "language": ""}
        if self._engine.dialect.name == "sqlite":
            session.execute(sqlite.insert(Student).values(values).on_conflict_do_nothing())
        else:
            session.execute(postgresql.insert(Student).values(values).on_conflict_do_nothing())

    def students(self, *, left: bool = False) -> list[Student]:
        """Everyone in the roster or with a submission to any assignment, sorted by id.

        Args:
            left: those who have left the class, too.
        """
        with self._read() as session:
            found = all_students(session)
        return sorted((one for one in found if left or one.state != State.LEFT), key=lambda student: student.id)

    def student(self, asked: str) -> Student:
        """The student who has this id, whichever system's it is; whoever has left is found, too.

        Raises:
            GradebookError: it is nobody's, or several people's; names who may be meant.
        """
        everybody = self.students(left=True)
        own = student_asked_for(asked, everybody)
        return next(one for one in everybody if one.id == own)

    def import_roster(self, path: Path, *, sync: bool = False, sure: bool = False) -> RosterChange:
        """Add the students of a class list, or update those known: all of them or, on an error, none.

        Rows are matched by any id. A blank cell leaves what is known; students that the file does not name stay.

        Args:
            sync: whoever is enrolled and not in the file has left: kept, but in no table.
            sure: even if that takes out more than half of the class.

        Raises:
            GradebookError: names file and line: it cannot be read, a row has ids of two students, too many would leave.
        """
        roster = read_roster(path)
        with self._write() as session:
            return apply_roster(session, roster, sync=sync, sure=sure)

    def add_ids(self, ids: Mapping[str, Iterable[tuple[str, str]]]) -> None:
        """Add what other systems know students by: id -> kinds and values. An id that was somebody else's is theirs no more."""
        with self._write() as session:
            everybody = {student.id: student for student in all_students(session)}
            new = {(kind, plain(value)) for pairs in ids.values() for kind, value in pairs}
            for student in everybody.values():
                kept = [(one.kind, one.value) for one in student.ids if (one.kind, plain(one.value)) not in new]
                set_ids(student, [*kept, *ids.get(student.id, ())])

    def everything_of(self, student: str) -> dict[str, Any]:
        """All that is kept of the student who has this id, for them to read.

        Raises:
            GradebookError: it is nobody's, or several people's.
        """
        with self._read() as session:
            return everything_of(session, student_asked_for(student, all_students(session)))

    def erase(self, student: str) -> None:
        """Take out the student who has this id, with all results, overrides and ids; nothing brings them back.

        Raises:
            GradebookError: it is nobody's, or several people's.
        """
        with self._write() as session:
            erase(session, student_asked_for(student, all_students(session)))

    # Overrides

    def add_override(
        self, *, student: str, assignment: Assignment, question: str | None, score: float, reason: str, author: str
    ) -> Override:
        """Set a score by hand; the graded result stays. The newest override of a student's question counts.

        Args:
            student: any id of theirs.
            question: its id; None sets the whole score, whatever the questions earn and however late it is.
            score: from 0 to the points of the question or assignment.

        Raises:
            GradebookError: no such student or question (who and what may be meant is named), a score out of
                range, or no reason or author.
        """
        points = {entry.id: entry.points for entry in assignment.questions}
        if question is not None and question not in points:
            raise GradebookError(f"{assignment.name} has no question '{question}'. It has: {', '.join(points)}.")
        largest = assignment.points if question is None else points[question]
        if not 0 <= score <= largest:
            what = assignment.name if question is None else f"question '{question}'"
            raise GradebookError(f"A score for {what} lies between 0 and {largest:g}, not {score:g}.")
        if not reason.strip() or not author.strip():
            raise GradebookError(
                "An override needs a reason and an author: whoever disputes the score will ask for both."
            )
        with self._write() as session:
            student = student_asked_for(student, all_students(session))
            override = Override(
                student_id=student, assignment=assignment.name, question=question, score=float(score),
                reason=reason.strip(), author=author.strip(), created_at=datetime.now(UTC),
            )  # fmt: skip
            session.add(override)
        return override

    def withdraw_override(
        self, *, student: str, assignment: Assignment, question: str | None, reason: str, author: str
    ) -> Override:
        """Take back what was set by hand for a question, or for the whole score: what was graded counts again.

        Args:
            student: any id of theirs.
            question: its id; None for the whole score.

        Raises:
            GradebookError: no such student; nothing of this is set by hand; no reason or author.
        """
        if not reason.strip() or not author.strip():
            raise GradebookError("Withdrawing needs a reason and an author, as the override did.")
        with self._write() as session:
            student = student_asked_for(student, all_students(session))
            query = (
                sa.select(Override)
                .where(Override.assignment == assignment.name, Override.student_id == student)
                .order_by(Override.id)
            )
            there = in_force(session.scalars(query).all())
            if question not in there:
                others = ", ".join(name or "the whole score" for name in there) or "nothing"
                what = f"question '{question}'" if question else "the whole score"
                raise GradebookError(f"{student}, {assignment.name}: {what} is not set by hand. Set by hand: {others}.")
            override = Override(
                student_id=student, assignment=assignment.name, question=question, score=there[question].score,
                reason=reason.strip(), author=author.strip(), created_at=datetime.now(UTC), withdrawn=True,
            )  # fmt: skip
            session.add(override)
        return override

    def overrides(self, assignment: str) -> list[Override]:
        """All of them, oldest first; later ones supersede earlier ones of the same student and question."""
        with self._read() as session:
            query = sa.select(Override).where(Override.assignment == assignment).order_by(Override.id)
            return list(session.scalars(query))

    # The database

    @contextmanager
    def _read(self) -> Iterator[Session]:
        with explained(self.name), Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def _write(self) -> Iterator[Session]:
        with explained(self.name), Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def _prepare(self) -> None:
        """Make the tables of a new gradebook, bring those of an older version up to date; refuse any other database."""
        with self._read() as session:
            version = self._version(session)
        if version is None or version in UPGRADES:
            with self._write() as session:
                if session.connection().dialect.name == "postgresql":  # two graders may start at once
                    session.execute(sa.select(sa.func.pg_advisory_xact_lock(0x67726164)))
                version = self._version(session)
                if version is None:
                    Base.metadata.create_all(session.connection())
                    session.add(Version(version=SCHEMA))
                    version = SCHEMA
                while version in UPGRADES:
                    for statement in UPGRADES[version]:
                        session.execute(sa.text(statement))
                    version += 1
                    session.execute(sa.update(Version).values(version=version))
        if version > SCHEMA:
            raise GradebookError(
                f"{self.name}: was written by a newer cnn-autograder (gradebook version {version}; this one reads "
                f"{SCHEMA}). Upgrade with `pip install --upgrade cnn-autograder`."
            )
        if version < SCHEMA:
            raise GradebookError(
                f"{self.name}: holds tables of an unknown version ({version}; this cnn-autograder writes {SCHEMA}). "
                "Restore it from a copy, or choose another with --gradebook."
            )

    def _version(self, session: Session) -> int | None:
        """The version of the tables; None if the database is empty."""
        tables = sa.inspect(session.connection()).get_table_names()
        if Version.__tablename__ in tables:
            return session.scalar(sa.select(sa.func.max(Version.version))) or 0
        if tables:
            some = ", ".join(sorted(tables)[:3])
            raise GradebookError(
                f"{self.name}: is no gradebook of cnn-autograder; it holds other tables ({some}), "
                "perhaps nbgrader's. Choose another with --gradebook sqlite:///grades.db."
            )
        return None


def in_force(overrides: Iterable[Override]) -> dict[str | None, Override]:
    """Of one student's overrides for an assignment, oldest first, those that count: question, or None for the whole score, -> override."""
    found: dict[str | None, Override] = {}
    for one in overrides:
        found.pop(one.question, None)
        if not one.withdrawn:
            found[one.question] = one
    return found
