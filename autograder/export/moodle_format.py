"""Moodle: an assignment's own grading worksheet, filled in, for "Upload grading worksheet"."""

from __future__ import annotations

import re

from autograder.errors import GraderError
from autograder.export.exporter import Export, Exporter
from autograder.export.fill import Change, fill, find_students
from autograder.export.sheet import Sheet, parse_number
from autograder.people.person import Person
from autograder.scores.final import Row, reasons

# The worksheet is in the site's language: English and Vietnamese titles, and where the columns stand in any other.
_GRADE = ("grade", "điểm")
_MOST = ("maximum grade", "điểm tối đa", "điểm cao nhất")
_LOCKED = ("grade can be changed", "điểm có thể thay đổi", "điểm có thể được thay đổi")
_FEEDBACK = ("feedback comments", "nhận xét phản hồi", "phản hồi")
_NO = ("no", "không", "nein", "non")
_PARTICIPANT = re.compile(r"\S.*\d$")


def write(export: Export) -> list[Change]:
    """Fill in one file: the grade, and a summary where the feedback is empty. Locked rows stay as they are."""
    sheet = Sheet.read(
        export.need_template("the assignment's grading worksheet (View all submissions > Download grading worksheet)")
    )
    header = [sheet.value(0, column).strip().casefold() for column in range(len(sheet.rows[0]))]
    people_rows = [row for row in range(1, len(sheet.rows)) if _PARTICIPANT.match(sheet.value(row, 0).strip())]
    most_column = _find(header, _MOST)
    if most_column is None:
        most_column = _constant(sheet, people_rows)
    grade = _find(header, _GRADE)
    if grade is None and most_column:
        grade = most_column - 1
    if grade is None or not people_rows:
        raise GraderError(
            f"{sheet.path}: is no grading worksheet of Moodle: it has no column for the grade. Download it from the assignment's "
            "page ('Offline grading worksheet' must be switched on in the assignment's settings)."
        )
    most = parse_number(sheet.value(people_rows[0], most_column)) if most_column is not None else None
    locked_column = _find(header, _LOCKED)
    locked = {
        row
        for row in people_rows
        if locked_column is not None and sheet.value(row, locked_column).strip().casefold() in _NO
    }
    students = find_students(export, {row: _person(sheet, row) for row in people_rows})
    changes = fill(export, sheet, students, column=grade, most=most, leave=locked)
    feedback = _find(header, _FEEDBACK)
    if feedback is not None:
        for row, student in students.items():
            if row not in locked and not sheet.value(row, feedback).strip() and student.result:
                sheet.put(row, feedback, summary(student))
    export.save(sheet.content())
    return changes


def summary(row: Row) -> str:
    """Points by question, and how the score came about where that is more than their sum, in one line."""
    parts = [f"{name}: {value:g}" for name, value in row.questions.items() if value is not None]
    return ". ".join(filter(None, ("; ".join(parts), reasons(row))))


def _find(header: list[str], names: tuple[str, ...]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _constant(sheet: Sheet, rows: list[int]) -> int | None:
    """A column that holds the same number in every row: the highest grade there is."""
    for column in range(2, len(sheet.rows[0])):
        values = {sheet.value(row, column).strip() for row in rows}
        if len(values) == 1 and parse_number(values.copy().pop()) is not None:
            return column
    return None


def _person(sheet: Sheet, row: int) -> Person:
    """Full name, and whatever else may tell who it is: e-mail address, id number, login."""
    values = [sheet.value(row, column).strip() for column in range(2, min(6, len(sheet.rows[row])))]
    return Person(sheet.value(row, 1).strip(), tuple(filter(None, values)))


EXPORTER = Exporter(write, suffix=".csv", template=True)
