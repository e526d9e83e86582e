"""Filling a teacher's own file: whose row it is, and which cell becomes what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.export.exporter import Export
from autograder.export.sheet import Sheet, parse_number
from autograder.people.match import Roster
from autograder.people.person import Person
from autograder.scores.final import MISSING, Row, reasons


@dataclass(frozen=True)
class Change:
    """What becomes of one row. ``after`` is None where the cell stays as it is, and ``reason`` says why."""

    who: str
    before: str
    after: str | None
    reason: str = ""


def find_students(export: Export, people: Mapping[int, Person]) -> dict[int, Row]:
    """Row of the file -> the student's scores. Rows of people that the gradebook does not know are left out."""
    roster = Roster([row.student for row in export.rows])
    by_id = {row.student.id: row for row in export.rows}
    found: dict[int, Row] = {}
    for number, person in people.items():
        known = [student for student in roster.find(person).students if student in by_id]
        if not known:  # whoever is in no roster is known by ids only
            known = [value for value in person.ids if value in by_id]
        if known:
            found[number] = by_id[known[0]]
    return found


def fill(
    export: Export, sheet: Sheet, students: Mapping[int, Row], *, column: int, most: float | None, leave: set[int]
) -> list[Change]:
    """Fill in the scores, and tell what became of every row and of everybody without one.

    Args:
        most: the points that the other system gives; scores are scaled, should it be another number than ours.
        leave: rows that must stay as they are.
    """
    factor = most / export.assignment.points if most and export.assignment.points else 1.0
    changes: list[Change] = []
    for row, student in students.items():
        before = sheet.value(row, column).strip()
        who = student.student.name or student.student.id
        if row in leave:
            changes.append(Change(who, before, None, "may not be changed"))
        elif student.score is None:
            changes.append(Change(who, before, None, "has no score yet"))
        elif student.status == MISSING and not student.overrides:
            changes.append(Change(who, before, None, "has handed in nothing"))
        else:
            after = sheet.number(student.score * factor)
            old, new = parse_number(before), parse_number(after)
            if old is not None and new is not None and abs(old - new) < 0.005:
                changes.append(Change(who, before, None, "unchanged"))
                continue
            sheet.put(row, column, after)
            scaled = "" if factor == 1 else f"{student.score:g} of {student.max_score:g}"
            changes.append(Change(who, before, after, "; ".join(filter(None, (scaled, reasons(student))))))
    there = {student.student.id for student in students.values()}
    changes += [
        Change(row.student.name or row.student.id, "", None, "is not in the file")
        for row in export.rows
        if row.student.id not in there and row.result is not None
    ]
    return changes
