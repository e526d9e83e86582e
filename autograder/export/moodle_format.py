"""Moodle: an assignment's own grading worksheet, filled in, for "Upload grading worksheet"."""

from __future__ import annotations

from autograder.export.exporter import Change, Export, Exporter
from autograder.export.fill import fill, find_students
from autograder.export.moodle_worksheet import read_worksheet
from autograder.export.sheet import Sheet
from autograder.language import _, speaking
from autograder.result import Status
from autograder.scores.final import MISSING, Row, language_of, reasons


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
    if found.feedback is not None:
        for row, student in matched.students.items():
            if row not in locked and not sheet.value(row, found.feedback).strip() and student.status != MISSING:
                with speaking(language_of(student.student, export.course)):
                    sheet.put(row, found.feedback, summary(student))
    title = sheet.value(0, found.grade).strip()
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
    export.save(sheet.content(), in_place=True)
    return changes


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
