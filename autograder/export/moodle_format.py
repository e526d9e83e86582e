"""Moodle: an assignment's own grading worksheet, filled in, for "Upload grading worksheet"."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.export.exporter import Change, Export, Exporter
from autograder.export.fill import fill, find_students
from autograder.export.moodle_worksheet import read_worksheet
from autograder.export.sheet import Sheet
from autograder.language import _, speaking
from autograder.result import Status
from autograder.scores.final import MISSING, Row, language_of, reasons
from autograder.text import count


def write(export: Export) -> list[Change]:
    """Fill in one file: the grade, and a summary where the feedback is empty. Locked rows stay as they are."""
    sheet = Sheet.read(
        export.need_template("the assignment's grading worksheet (View all submissions > Download grading worksheet)")
    )
    found = read_worksheet(sheet, export.grade_column)
    sheet.write_numbers_as_in((found.grade, found.grade + 1))
    matched = find_students(export, {row: found.people(row, export.assignment.name) for row in found.rows})
    locked = found.locked
    changes = fill(export, sheet, matched, column=found.grade, most=found.most, leave=locked)
    title = sheet.value(0, found.grade).strip()
    if found.feedback is not None:
        changes += _tell_why(
            export, sheet, {row: one for row, one in matched.students.items() if row not in locked}, found.feedback
        )
    if found.most is None:
        changes.append(
            Change(title, "", None, f"has no maximum beside it, so it is taken for {export.assignment.points:g}")
        )
    if found.changeable is None:
        changes.append(
            Change(
                title,
                "",
                None,
                "may be locked in some rows, which this worksheet does not tell; Moodle leaves those out itself",
            )
        )
    changes += [
        Change(f"row {row + 1}", "", None, "begins with no participant's number")
        for row in range(1, len(sheet.rows))
        if row not in found.rows and any(sheet.value(row, column).strip() for column in range(len(sheet.rows[row])))
    ]
    export.save(sheet.content(), in_place=True)
    return changes


def _tell_why(export: Export, sheet: Sheet, students: Mapping[int, Row], column: int) -> list[Change]:
    """Write summaries where nothing is written yet, and say so."""
    filled = kept = 0
    for row, student in students.items():
        if student.status == MISSING:
            continue
        with speaking(language_of(student.student, export.course)):
            told = summary(student)
        before = sheet.value(row, column).strip()
        if not before:
            sheet.put(row, column, told)
            filled += 1
        elif before != told:
            kept += 1
    said = [f"is filled in for {count(filled, 'student')}"] if filled else []
    said += (
        [f"holds other text for {count(kept, 'student')}, which stays; it may tell an earlier score"] if kept else []
    )
    return [Change(sheet.value(0, column).strip(), "", None, "; ".join(said))] if said else []


def summary(row: Row) -> str:
    """Points by question, how the score came about where that is more than their sum, and why there is none, in one line."""
    if row.result is None:
        return reasons(row)
    points = "; ".join(f"{name}: {value:g}" for name, value in row.questions.items() if value is not None)
    why = reasons(row).rstrip(".")
    told = [points, _("Final score: {why}", why=why) if why else ""]
    if row.result.status is not Status.GRADED:
        told.append(" ".join(row.result.message.split()))
    return ". ".join(filter(None, told))


EXPORTER = Exporter(write, suffix=".csv", template=True)
