"""The commands as Python functions; `grader` only parses arguments, calls these and prints.

Every function takes the course's folder as ``course`` (default: the course the working directory lies in) and keyword
arguments only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import Course
from autograder.errors import CourseError, GraderError
from autograder.grading.run import Grading, grade
from autograder.result import Outcome, Result, TestResult
from autograder.text import shortened

__all__ = [
    "Grading", "Replay", "build", "ci_report", "export", "export_course", "grade", "import_", "override", "replay", "report", "roster",
    "scores", "show", "status", "withdraw",
]  # fmt: skip

if TYPE_CHECKING:
    from autograder.examine._context import Trace
    from autograder.export import Exported
    from autograder.gradebook import Override, RosterChange
    from autograder.intake import Imported
    from autograder.scores.final import Row
    from autograder.status import Overview


def build(
    *,
    course: Path | None = None,
    assignments: Sequence[str] = (),
    target: str | None = None,
    to: Path | None = None,
) -> list[Path]:
    """Write the student templates of these assignments (default: all) and return the files written.

    Args:
        target: write for this system instead, one of `autograder.targets.TARGETS`.
        to: the folder for it.

    Raises:
        CourseError: a source is wrong; names file and line. Nothing of that assignment is written.
        GraderError: what the target needs is not installed, or the folder cannot be written.
    """
    from autograder.build import build_template
    from autograder.targets import build_target

    found = Course.find(course)
    chosen = found.assignments(assignments)
    for assignment in chosen:
        assignment.refuse_bad_tests()
    if target and to:
        return build_target(target, found, chosen, to)
    return [path for assignment in chosen for path in build_template(found, assignment)]


def scores(*, run: Grading, course: Path | None = None, gradebook: str | None = None) -> list[Row]:
    """The final scores of everybody whom a run of `grade` was about."""
    from autograder.gradebook import Gradebook
    from autograder.scores.final import final_rows

    found_course = Course.find(course)
    here = {result.student for result in run.results} | set(run.missing)
    with Gradebook.of(found_course, gradebook) as book:
        return final_rows(course=found_course, assignment=run.assignment, gradebook=book, students=here)


def ci_report(*, run: Grading, rows: Sequence[Row], system: str, to: Path, course: Path | None = None) -> list[Path]:
    """Write what a CI system reads of a run of `grade`; return the files.

    Args:
        rows: the run's `scores`.
        system: one of `autograder.ci.SYSTEMS`.
        to: folder.

    Raises:
        GraderError: a file cannot be written.
    """
    from autograder.ci import write_reports

    return write_reports(
        system=system,
        course=Course.find(course),
        assignment=run.assignment,
        rows=rows,
        to=to,
    )


def show(*, student: str, assignment: str, course: Path | None = None, gradebook: str | None = None) -> Row:
    """The latest result of a student, and the final score.

    Args:
        student: any id of theirs.

    Raises:
        GraderError: there is none; it is nobody's id, or several people's.
    """
    from autograder.gradebook import Gradebook
    from autograder.people.match import id_and_name
    from autograder.scores.final import MISSING, final_rows

    found_course = Course.find(course)
    chosen = found_course.assignment(assignment)
    with Gradebook.of(found_course, gradebook) as book:
        person = book.student(student)
        rows = final_rows(course=found_course, assignment=chosen, gradebook=book, students=[person.id])
        if not rows or rows[0].status == MISSING:
            graded = sorted(book.graded(chosen.name))
            raise GraderError(
                f"{id_and_name(person)} has no result for {assignment}. "
                + (
                    f"There are results of: {', '.join(shortened(graded, 8))}."
                    if graded
                    else "Nothing has been graded for it yet."
                )
            )
        return rows[0]


def status(*, course: Path | None = None, gradebook: str | None = None) -> Overview:
    """Where the course stands by now: every assignment and student."""
    from autograder.gradebook import Gradebook
    from autograder.status import overview

    found_course = Course.find(course)
    with Gradebook.of(found_course, gradebook) as book:
        return overview(found_course, book, datetime.now(UTC))


@dataclass(frozen=True)
class Replay:
    """One test of a submission, run again."""

    path: Path
    recorded: TestResult
    now: TestResult
    trace: Trace
    source: str
    """Of the test."""
    remarks: tuple[str, ...]
    """Why the two results may differ."""


def replay(
    *, student: str, assignment: str, test: str, course: Path | None = None, gradebook: str | None = None
) -> Replay:
    """Run one test of a student's latest graded submission again, on the same inputs. Nothing is recorded.

    Args:
        student: any id of theirs.
        test: its name, as `grader show` prints it.

    Raises:
        GraderError: no such result, test or file.
    """
    from autograder.examine.examiner import Examiner, examine
    from autograder.intake.look import lies_in_own_folder
    from autograder.intake.unpack import as_graded
    from autograder.notebook import Found

    found_course = Course.find(course)
    chosen = found_course.assignment(assignment)
    result = show(student=student, assignment=assignment, course=course, gradebook=gradebook).result
    if result is None:
        raise GraderError(
            f"{student} has handed nothing in for {assignment}; the score was set by hand. There is nothing to run again."
        )
    recorded = next((one for one in result.tests if one.test == test), None)
    if recorded is None:
        close = _meant(test, result)
        others = ", ".join(shortened([one.test for one in result.tests], 8))
        quoted = " or ".join(f"'{name}'" for name in close)
        hint = f"Did you mean {quoted}?" if close else f"It has: {others}."
        raise GraderError(
            f"{result.student}'s result for {assignment} has no test '{test}'. {hint} `grader show {result.student} {assignment}` lists all."
        )
    path = Path(result.path)
    if not path.is_file():
        raise GraderError(f"{path}: the submission is not there any more. Grade it again where it is now.")
    if not found_course.secret_path.exists():
        raise GraderError(
            f"{found_course.secret_path}: is not there, and without it the test's inputs cannot be made again. Restore it from a copy."
        )
    remarks = []
    if chosen.fingerprint != result.assignment_fingerprint:
        remarks.append("The assignment has changed since this submission was graded.")
    seen: list[tuple[TestResult, Trace, str]] = []

    def serve(examiner: Examiner) -> None:
        now, trace, function = examiner.replay(found, test)
        seen.append((now, trace, function))

    with as_graded(path, chosen) as file:
        found = Found(result.student, file, result.submitted_at)
        with_files = replace(found, own_folder=True)
        if with_files.fingerprint == result.submission_fingerprint:
            found = with_files
        elif found.fingerprint != result.submission_fingerprint:
            found = replace(found, own_folder=file != path or lies_in_own_folder(path, assignment))
            remarks.insert(0, "The submission has changed since it was graded.")
        examine(found_course.root, assignment, found_course.secret, "process" not in result.isolation, serve)
    now, trace, source = seen[0]
    if recorded.outcome is Outcome.SKIPPED and now.outcome is not Outcome.SKIPPED:
        remarks.append(f"Beside the other tests of the submission, this one was skipped: {recorded.message}")
    return Replay(path, recorded, now, trace, source, tuple(remarks))


def report(
    *,
    assignment: str,
    course: Path | None = None,
    gradebook: str | None = None,
    to: Path | None = None,
    force: bool = False,
) -> list[Path]:
    """Write the HTML reports of an assignment, for the class and for each student; return the files, the class's first.

    Args:
        to: folder; default `reports/<assignment>` in the course's folder.
        force: write where other things lie, or replace an `index.html` that is none of ours.

    Raises:
        GraderError: nothing has been graded yet.
    """
    from autograder.gradebook import Gradebook
    from autograder.report import write_report
    from autograder.scores.final import final_rows, refuse_ungraded

    found_course = Course.find(course)
    chosen = found_course.assignment(assignment)
    with Gradebook.of(found_course, gradebook) as book:
        rows = final_rows(course=found_course, assignment=chosen, gradebook=book)
        refuse_ungraded(chosen, rows)
        return write_report(
            course=found_course,
            assignment=chosen,
            rows=rows,
            to=to or found_course.root / "reports" / chosen.name,
            force=force or to is None,
        )


def export(
    *,
    assignment: str,
    format: str,
    course: Path | None = None,
    gradebook: str | None = None,
    to: Path | None = None,
    template: Path | None = None,
    dry_run: bool = False,
    grade_column: str | None = None,
    force: bool = False,
) -> Exported:
    """Write the scores of an assignment in one format.

    Args:
        format: one of `autograder.export.format_names`.
        to: file, or folder where the format has several files; default `exports/<assignment>…` in the course's
            folder.
        template: your own file, for formats that fill one in; it stays as it is unless ``to`` is the same.
        dry_run: write nothing.
        grade_column: the title of the template's column for the score, where it is not found.
        force: replace a file of another kind, too.

    Raises:
        GraderError.
    """
    from autograder.export import export as write
    from autograder.gradebook import Gradebook

    found_course = Course.find(course)
    chosen = found_course.assignment(assignment)
    with Gradebook.of(found_course, gradebook) as book:
        return write(
            course=found_course,
            assignment=chosen,
            gradebook=book,
            format=format,
            to=to,
            template=template,
            dry_run=dry_run,
            grade_column=grade_column,
            force=force,
        )


def export_course(
    *,
    format: str,
    to: Path | None = None,
    dry_run: bool = False,
    force: bool = False,
    course: Path | None = None,
    gradebook: str | None = None,
) -> list[Path]:
    """Write the scores of all assignments and the grade of the course; return the file written.

    Args:
        format: csv, json or html.
        to: default `exports/course.<format>` in the course's folder.
        dry_run: write nothing.
        force: replace another file.

    Raises:
        GraderError.
    """
    from autograder.export.course_export import export_course as write

    return write(status(course=course, gradebook=gradebook), format, to, dry_run=dry_run, force=force)


def override(
    *,
    student: str,
    assignment: str,
    score: float,
    reason: str,
    author: str,
    question: str | None = None,
    course: Path | None = None,
    gradebook: str | None = None,
) -> Override:
    """Set a student's points for one question, or for the whole assignment, whatever was graded.

    Args:
        student: any id of theirs.

    Raises:
        GraderError: no such student, question or score.
    """
    from autograder.gradebook import Gradebook

    found_course = Course.find(course)
    chosen = found_course.assignment(assignment)
    with Gradebook.of(found_course, gradebook) as book:
        return book.add_override(
            student=student, assignment=chosen, question=question, score=score, reason=reason, author=author
        )


def withdraw(
    *,
    student: str,
    assignment: str,
    reason: str,
    author: str,
    question: str | None = None,
    course: Path | None = None,
    gradebook: str | None = None,
) -> Override:
    """Take back what was set by hand for one question, or for the whole assignment: what was graded counts again.

    Args:
        student: any id of theirs.

    Raises:
        GraderError: no such student; nothing of this is set by hand.
    """
    from autograder.gradebook import Gradebook

    found_course = Course.find(course)
    chosen = found_course.assignment(assignment)
    with Gradebook.of(found_course, gradebook) as book:
        return book.withdraw_override(
            student=student, assignment=chosen, question=question, reason=reason, author=author
        )


def roster(
    *, path: Path, sync: bool = False, sure: bool = False, course: Path | None = None, gradebook: str | None = None
) -> RosterChange:
    """Import students from a class list; those known already, by any id, are updated.

    Args:
        sync: whoever was enrolled and is not in the file has left: kept in the gradebook, and in no table.
        sure: even if that takes out more than half of the class.

    Raises:
        GraderError: names file and line; nothing is imported then.
    """
    from autograder.gradebook import Gradebook, refuse_extensions_of_strangers

    found_course = Course.find(course)
    with Gradebook.open(found_course.root, gradebook) as book:
        change = book.import_roster(path, sync=sync, sure=sure)
        try:
            refuse_extensions_of_strangers(found_course, book.students(left=True))
        except CourseError as error:  # the roster stays: it may be what the extension was waiting for, or course.toml is to be mended next
            change.remarks.append(str(error))
    return change


def import_(
    *,
    source: Path,
    assignment: str,
    to: Path,
    system: str | None = None,
    times: Path | None = None,
    map: Path | None = None,
    anyone: bool = False,
    course: Path | None = None,
    gradebook: str | None = None,
) -> Imported:
    """Bring another system's download of submissions into `submitted/<student>/<assignment>/` below ``to``.

    Args:
        source: zip or folder of Canvas, Moodle, Gradescope or nbgrader, or a folder of git clones.
        system: which of these it is, one of `autograder.intake.SYSTEMS`; default: what it is recognised as.
        times: a table of ids and times of handing in, for systems whose download tells none.
        map: a table of two columns, other ids of students and theirs in the roster, which the gradebook keeps.
        anyone: write what nobody in the roster has handed in under the id that it bears.

    Raises:
        GraderError: it cannot be read or is not recognised; a table cannot be read.
    """
    from autograder.gradebook import Gradebook
    from autograder.intake import Task, import_submissions

    found_course = Course.find(course)
    chosen = found_course.assignment(assignment)
    with Gradebook.of(found_course, gradebook) as book:
        done = import_submissions(
            Task(
                source, chosen, book.students(left=True), lambda student: found_course.due(chosen, student), to,
                system, times, map, found_course.time_zone, anyone,
            )
        )  # fmt: skip
        if done.ids:
            book.add_ids(done.ids)
    return done


def _meant(test: str, result: Result) -> list[str]:
    """The tests that may be meant by a name that is none: its cases, or those whose name or title comes close."""
    cases = [one.test for one in result.tests if one.test.startswith(f"{test}[")]
    known = {text.lower(): one.test for one in result.tests for text in (one.title, one.test)}
    close = get_close_matches(test.lower(), known, 3)
    return cases[:3] or list(dict.fromkeys(known[text] for text in close))
