"""Filling a teacher's own file: whose row it is, and which cell becomes what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.errors import GraderError
from autograder.export.exporter import Change, Export
from autograder.export.sheet import Sheet, parse_number
from autograder.people.match import Roster, id_and_name
from autograder.people.person import Ids, Person
from autograder.scores.final import MISSING, Row, reasons
from autograder.text import shortened


@dataclass
class Matched:
    """Whose the rows of a file are."""

    students: dict[int, Row] = field(default_factory=dict)
    """Row of the file -> the student's scores."""
    left: list[Change] = field(default_factory=list)
    """The rows that are nobody's, or nobody knows whose."""


def find_students(export: Export, people: Mapping[int, Sequence[Person]]) -> Matched:
    """Find whose each row of a file is.

    Args:
        people: row -> what it says of somebody, the most telling first.

    Raises:
        GraderError: there is nobody whose row is known.
    """
    roster = Roster([row.student for row in export.rows])
    by_id = {row.student.id: row for row in export.rows}
    found: dict[int, tuple[str, bool]] = {}
    matched = Matched()
    for number, ways in people.items():
        student, certain, problem = _whose(ways, roster, by_id)
        if student:
            found[number] = student, certain
        else:
            matched.left.append(Change(_label(ways), "", None, problem))
    claims: dict[str, list[int]] = {}
    for number, (student, _) in found.items():
        claims.setdefault(student, []).append(number)
    for student, numbers in claims.items():
        # One person may stand there more than once; several people may not be one.
        several = len({tuple(people[number]) for number in numbers}) > 1
        sure = [number for number in numbers if found[number][1]] if several else numbers
        for number in numbers:
            if number in sure and (len(sure) == 1 or not several):
                matched.students[number] = by_id[student]
            else:
                why = (
                    f"may be {student}, and so may be another row"
                    if len(sure) != 1
                    else f"is not {student}, who has another row"
                )
                matched.left.append(Change(_label(people[number]), "", None, why))
    if not matched.students:
        some = shortened([f"{change.who} {change.reason}" for change in matched.left], 5)
        raise GraderError(
            f"{export.template}: it is not clear of anybody in it who that is in the gradebook, so there is nothing to fill in"
            + (f": {'; '.join(some)}. " if some else ". ")
            + "Unless it is another class's: `grader roster FILE.csv` adds students and their ids."
        )
    return matched


def _whose(ways: Sequence[Person], roster: Roster, by_id: Mapping[str, Row]) -> tuple[str, bool, str]:
    """The student, whether an id says so, and else what the matter is."""
    all_found = [roster.find(person) for person in ways]
    known = [one for one in all_found if len(one.students) == 1 and one.students[0] in by_id]
    certain = list(dict.fromkeys(one.students[0] for one in known if one.certain))
    if len(certain) > 1:
        return "", False, f"may be {' or '.join(certain)}: its ids are those of different students"
    if known:
        return (certain or known[0].students)[0], bool(certain), ""
    # Whoever is in no roster is known by ids only; a number of the assignment's, by what was handed in under it.
    guests = [
        value
        for person in ways
        for value in person.ids
        if value in by_id
        and not by_id[value].student.enrolled
        and (person.kind is not Ids.PARTICIPANT or by_id[value].result)
    ]
    if guests:
        return guests[0], True, ""
    maybe = next((one.maybe for one in reversed(all_found) if one.maybe), ())
    return "", False, f"may be {' or '.join(maybe[:4])}" if maybe else "is not in the gradebook"


def _label(ways: Sequence[Person]) -> str:
    """A name, and what tells its row from one of the same name."""
    name = next((person.name for person in ways if person.name), "")
    number = next((person.ids[0] for person in ways if person.ids), "")
    return f"{name} ({number})" if name and number and not name.endswith(number) else name or number or "somebody"


def fill(
    export: Export, sheet: Sheet, matched: Matched, *, column: int, most: float | None, leave: set[int]
) -> list[Change]:
    """Fill in the scores, and tell what became of every row and of everybody without one.

    Args:
        most: the points that the other system gives; scores are scaled, should it be another number than ours.
        leave: rows that must stay as they are.
    """
    factor = most / export.assignment.points if most and export.assignment.points else 1.0
    changes: list[Change] = []
    for row, student in sorted(matched.students.items()):
        before = sheet.value(row, column).strip()
        who = id_and_name(student.student)
        if row in leave:
            changes.append(Change(who, before, None, "may not be changed"))
        elif student.score is None:
            changes.append(Change(who, before, None, "has no score yet"))
        elif student.status == MISSING:
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
    there = {student.student.id for student in matched.students.values()}
    changes += matched.left
    changes += [
        Change(id_and_name(row.student), "", None, "is not in the file")
        for row in export.rows
        if row.student.id not in there and row.status != MISSING
    ]
    return changes
