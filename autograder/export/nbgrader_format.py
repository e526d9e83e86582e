"""nbgrader: points and feedback into a course's own `gradebook.db`, and a notebook for each student into `autograded/`.

nbgrader's formgrader, `nbgrader export` and `nbgrader generate_feedback` then show them as if `nbgrader autograde` had run.
What somebody entered by hand there, points, extra credit or comments, is left alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.course import Question
from autograder.errors import GraderError
from autograder.export.exporter import Change, Export, Exporter
from autograder.export.nbgrader_course import course_directory, opened
from autograder.export.nbgrader_notebook import MarkedCell, graded_notebook
from autograder.files import write_whole
from autograder.intake.unpack import as_graded
from autograder.language import speaking
from autograder.people.file_names import to_file_name
from autograder.people.match import id_and_name
from autograder.report.comment import comment, remarks
from autograder.report.words import count
from autograder.scores.final import MISSING, Row, language_of
from autograder.times import STAMP

if TYPE_CHECKING:
    from nbgrader.api import Gradebook, SubmittedAssignment
    from nbgrader.coursedir import CourseDirectory

_NO_FOLDER = re.compile(r"[/\x00\ud800-\udfff]|^\.{0,2}$")


@dataclass(frozen=True)
class Place:
    """Where a question stands in nbgrader's gradebook."""

    question: Question
    notebook: str
    grade: str
    """The grade cell's name."""
    most: float
    """Its points in nbgrader, which may be others than ours."""
    comment: str
    """The solution cell that comments are shown at; empty if the notebook has none."""


def write(export: Export) -> list[Change]:
    """Fill in one assignment; ``to`` is nbgrader's course directory.

    Raises:
        GraderError: nbgrader is not installed, ``to`` is no course directory, its database cannot be used, or its
            assignment has other questions than ours.
    """
    directory = course_directory(export.to)
    with opened(directory, export) as book:
        places = _places(export, book) if book else []
        if not places:
            places = _create(export, book)
        changes = []
        for row in export.rows:
            with speaking(language_of(row.student, export.course)):
                changes.append(_fill(export, directory, book, places, row))
        return changes


def _own_id(student: str) -> str:
    """A student's id in nbgrader, where it is a folder's name as well: ``a/b`` is ``a%2Fb`` there."""
    return to_file_name(student) if _NO_FOLDER.search(student) else student


def _places(export: Export, book: Gradebook) -> list[Place]:
    """Each question's cells; an empty list if nbgrader does not know the assignment."""
    from nbgrader.api import MissingEntry

    try:
        notebooks = book.find_assignment(export.assignment.name).notebooks
    except MissingEntry:
        return []
    cells = {cell.name: (notebook, cell) for notebook in notebooks for cell in notebook.grade_cells}
    if not cells:
        return []
    absent = [question.id for question in export.assignment.questions if question.id not in cells]
    if absent:
        raise GraderError(
            f"{export.to}: nbgrader's gradebook has no grade cell called {', '.join(absent)} in {export.assignment.name}; it has "
            f"{', '.join(sorted(cells))}. Make the assignment with `grader build --target nbgrader` and `nbgrader generate_assignment`."
        )
    places = []
    for question in export.assignment.questions:
        notebook, cell = cells[question.id]
        places.append(Place(question, notebook.name, cell.name, cell.max_score, _comment_cell(notebook, question)))
    return places


def _comment_cell(notebook: Any, question: Question) -> str:
    """The last solution cell that defines what the question asks for, or else the notebook's last one."""
    names = sorted(cell.name for cell in notebook.solution_cells)
    sources = {cell.name: cell.source or "" for cell in notebook.source_cells}
    defines = re.compile(rf"^[ \t]*(?:def|class)[ \t]+({'|'.join(question.names)})\b", re.MULTILINE)
    defining = [name for name in names if defines.search(sources.get(name, ""))]
    own = [name for name in names if re.search(rf"(?<!\w){question.id}(?!\w)", name)]
    return str((defining or own or names or [""])[-1])


def _create(export: Export, book: Gradebook | None) -> list[Place]:
    """Make the assignment as `nbgrader generate_assignment` would, without any source: one grade cell for each question."""
    assignment = export.assignment
    places = [
        Place(question, assignment.name, question.id, question.points, f"{question.id}-solution")
        for question in assignment.questions
    ]
    if book and not export.dry_run:
        book.update_or_create_assignment(assignment.name, duedate=assignment.due)
        book.update_or_create_notebook(assignment.name, assignment.name)
        for place in places:
            where = (place.notebook, assignment.name)
            book.update_or_create_grade_cell(place.grade, *where, max_score=place.most, cell_type="code")
            book.update_or_create_solution_cell(place.comment, *where)
    return places


def _fill(
    export: Export, directory: CourseDirectory, book: Gradebook | None, places: Sequence[Place], row: Row
) -> Change:
    """One student's points, penalty, comments and notebooks."""
    from nbgrader.api import MissingEntry

    student, name = row.student, export.assignment.name
    who = id_and_name(student)
    try:
        submission = book.find_submission(name, _own_id(student.id)) if book else None
    except MissingEntry:
        submission = None
    before = _score(submission) if submission else ""
    if row.score is None:
        return Change(who, before, None, "has no score yet")
    if row.status == MISSING:
        return Change(who, before, None, "has handed in nothing")
    points = _points(row, places)
    factor = sum(place.most for place in places) / export.assignment.points
    lost = round(row.penalty * factor, 2)
    if book is None or export.dry_run:
        after = _expected(submission, places, points, lost)
        return Change(who, before, *_told(before, after, "", row, factor))
    if submission is None:
        _add_student(book, row)
        submission = book.add_submission(name, _own_id(student.id))
    try:
        kept = _put(book, submission, places, points, lost, _timestamp(export, directory, row), row)
    except MissingEntry as error:
        book.db.rollback()
        return Change(who, before, None, f"nbgrader's own submission does not fit its assignment: {error}")
    changed = _write_notebooks(export, directory, submission, places, row)
    book.db.expire_all()
    now, reason = _told(before, _score(submission), kept, row, factor)
    return Change(who, before, now, "its notebook was written" if changed and now is None else reason)


def _told(before: str, after: str, kept: str, row: Row, factor: float) -> tuple[str | None, str]:
    notes = [kept]
    if before == after:
        return None, "; ".join(filter(None, ["unchanged", kept]))
    if abs(factor - 1) > 1e-9:
        notes.append(f"{row.score:g} of {row.max_score:g}")
    return after, "; ".join(filter(None, notes))


def _points(row: Row, places: Sequence[Place]) -> dict[str, float]:
    """Question id -> points in nbgrader. nbgrader has no score but its questions' sum: a whole score set by hand is
    spread over them."""
    if any(override.question is None for override in row.overrides):
        share = (row.score or 0.0) / row.max_score
        return {place.question.id: round(place.most * share, 4) for place in places}
    return {
        place.question.id: round((row.questions[place.question.id] or 0.0) * place.most / place.question.points, 4)
        for place in places
    }


def _score(submission: SubmittedAssignment) -> str:
    score = max(0.0, submission.score - submission.late_submission_penalty)
    return f"{score:.2f}".rstrip("0").rstrip(".")


def _expected(
    submission: SubmittedAssignment | None, places: Sequence[Place], points: dict[str, float], lost: float
) -> str:
    """The score that filling in would give."""
    ours = {place.grade: points[place.question.id] for place in places}
    score = -lost
    if submission is None:
        score += sum(ours.values())
    else:
        for grade in (grade for notebook in submission.notebooks for grade in notebook.grades):
            auto = ours.get(grade.name, grade.auto_score)
            score += (grade.manual_score if grade.manual_score is not None else auto or 0.0) + (
                grade.extra_credit or 0.0
            )
    return f"{max(0.0, score):.2f}".rstrip("0").rstrip(".")


def _add_student(book: Gradebook, row: Row) -> None:
    """Add a student that nbgrader does not know; one that it knows stays as is."""
    from nbgrader.api import MissingEntry

    try:
        book.find_student(_own_id(row.student.id))
    except MissingEntry:
        last, comma, first = row.student.name.partition(",")
        # Which part of a name is the family's, only a comma tells.
        names = {"last_name": last.strip(), "first_name": first.strip()} if comma else {}
        book.add_student(_own_id(row.student.id), email=row.student.email or None, **names)


def _put(
    book: Gradebook,
    submission: SubmittedAssignment,
    places: Sequence[Place],
    points: dict[str, float],
    lost: float,
    timestamp: datetime | None,
    row: Row,
) -> str:
    """Enter everything, in one transaction; return what was kept of what others entered."""
    where = (submission.assignment.name, submission.student.id)
    by_hand = 0
    texts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for place in places:
        grade = book.find_grade(place.grade, place.notebook, *where)
        auto = points[place.question.id]
        by_hand += grade.manual_score is not None
        if grade.auto_score != auto:
            # As nbgrader does it: points given by hand stay, and are to be looked at again.
            grade.needs_manual_grade = grade.manual_score is not None
            grade.auto_score = auto
        elif grade.manual_score is None:
            grade.needs_manual_grade = False
        if place.comment:
            texts[place.notebook, place.comment].append(_comment(row, place))
    for (notebook, cell), paragraphs in texts.items():
        book.find_comment(cell, notebook, *where).auto_comment = "\n\n".join(paragraphs)
    for notebook in dict.fromkeys(place.notebook for place in places):
        book.find_submission_notebook(notebook, *where).late_submission_penalty = lost
        lost = 0.0  # nbgrader adds up the notebooks'
    submission.timestamp = timestamp
    book.db.commit()
    return f"{count(by_hand, 'question')} with points given by hand in nbgrader" if by_hand else ""


def _timestamp(export: Export, directory: CourseDirectory, row: Row) -> datetime | None:
    """What nbgrader finds in `submitted/`: formgrader takes any other time for that of an older submission."""
    from nbgrader.utils import parse_utc

    folder = Path(directory.format_path(directory.submitted_directory, _own_id(row.student.id), export.assignment.name))
    moment: datetime | None
    try:
        moment = directory.get_existing_timestamp(str(folder)) if folder.is_dir() else None
    except Exception:  # nbgrader stumbles over a file that holds no time
        moment = None
    if not folder.is_dir() and row.result:
        moment = parse_utc(row.result.submitted_at)
    return moment


def _comment(row: Row, place: Place) -> str:
    override = next((entry for entry in row.overrides if entry.question in (None, place.question.id)), None)
    return comment(row.result, place.question, by_hand=override is not None)


def _write_notebooks(
    export: Export, directory: CourseDirectory, submission: SubmittedAssignment, places: Sequence[Place], row: Row
) -> bool:
    """Write what nbgrader shows and makes feedback of; return whether anything changed."""
    folder = Path(
        directory.format_path(directory.autograded_directory, submission.student.id, submission.assignment.name)
    )
    wanted: dict[Path, bytes] = {}
    with as_graded(Path(row.result.path), export.assignment) if row.result else nullcontext() as graded:
        for notebook in submission.assignment.notebooks:
            submitted = graded
            if submitted and len(submission.assignment.notebooks) > 1 and submitted.stem != notebook.name:
                beside = submitted.with_name(f"{notebook.name}.ipynb")
                submitted = beside if beside.is_file() else None
            wanted[folder / f"{notebook.name}.ipynb"] = graded_notebook(
                submitted, _marked(notebook, places), remarks(row), export.assignment.limits.file_mb
            )
    if submission.timestamp:
        wanted[folder / STAMP] = f"{submission.timestamp.isoformat(' ')} UTC\n".encode()
    changed = False
    for path, content in wanted.items():
        if not path.is_file() or path.read_bytes() != content:
            export.written.append(write_whole(path, content))
            changed = True
    return changed


def _marked(notebook: Any, places: Sequence[Place]) -> list[MarkedCell]:
    """All cells that nbgrader looks for in a notebook, in the questions' order."""
    order = [name for place in places for name in (place.comment, place.grade)]
    grades = {cell.name: cell for cell in notebook.grade_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name: cell for cell in notebook.task_cells}
    return [
        MarkedCell(
            name,
            points=(grades.get(name) or tasks[name]).max_score if name in grades or name in tasks else None,
            grade=name in grades,
            solution=name in solutions,
            task=name in tasks,
        )
        for name in sorted(
            {*grades, *solutions, *tasks}, key=lambda name: (order.index(name) if name in order else len(order), name)
        )
    ]


EXPORTER = Exporter(write)
