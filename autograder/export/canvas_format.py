"""Canvas: the gradebook's own export, with one assignment's column filled in, for "Import Grades"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from autograder.errors import GraderError
from autograder.export.exporter import Export, Exporter
from autograder.export.fill import Change, fill, find_students
from autograder.export.sheet import Sheet, parse_number
from autograder.people.person import Person

_STUDENT = ("student", "id", "sis user id", "sis login id", "integration id", "root account", "section")
_TOTALS = re.compile(r"(Current|Final|Unposted|Override) (Score|Points|Grade|Status)")  # Canvas drops these columns


def write(export: Export) -> list[Change]:
    """Fill in one file. A student without a score is left out, since Canvas takes a blank cell for a score taken back."""
    sheet = Sheet.read(export.need_template("the gradebook exported from Canvas (Grades > Export)"))
    header = [sheet.value(0, column).strip() for column in range(len(sheet.rows[0]))]
    if [name.lower() for name in header[:2]] != ["student", "id"]:
        raise GraderError(
            f"{sheet.path}: is no gradebook exported from Canvas: its first columns are not Student and ID."
        )
    column = _column(export, sheet, header)
    points_row = next((row for row in range(1, len(sheet.rows)) if "Points Possible" in sheet.value(row, 0)), None)
    if points_row is not None and "(read only)" in sheet.value(points_row, column):
        raise GraderError(f"{sheet.path}: Canvas does not let '{header[column]}' be imported: it is read only.")
    most = parse_number(sheet.value(points_row, column)) if points_row is not None else None
    places = {name.lower(): place for place, name in enumerate(header)}
    first = 1 if points_row is None else points_row + 1
    people = {row: _person(sheet, row, places) for row in range(first, len(sheet.rows)) if sheet.value(row, 0).strip()}
    students = find_students(export, people)
    excused = {row for row in people if sheet.value(row, column).strip().upper() == "EX"}
    changes = fill(export, sheet, students, column=column, most=most, leave=excused)
    sheet.leave_out({row for row in people if not sheet.value(row, column).strip()})
    export.save(sheet.content())
    return changes


def _column(export: Export, sheet: Sheet, header: list[str]) -> int:
    """The assignment's column: `Title (12345)`, or the title alone."""
    known = [
        place for place, name in enumerate(header) if name and name.lower() not in _STUDENT and not _TOTALS.search(name)
    ]
    titles = {place: re.sub(r" \(\d+\)$", "", header[place]).casefold() for place in known}
    wanted = {export.assignment.title.casefold(), export.assignment.name.casefold()}
    found = [place for place in known if titles[place] in wanted]
    if len(found) != 1:
        names = ", ".join(f"'{header[place]}'" for place in known) or "none"
        raise GraderError(
            f"{sheet.path}: needs exactly one column for '{export.assignment.title}' (or '{export.assignment.name}'). "
            f"Its assignments are: {names}. Create the assignment in Canvas under that title, and export again."
        )
    return found[0]


def _person(sheet: Sheet, row: int, places: Mapping[str, int]) -> Person:
    values = [
        sheet.value(row, places[name]).strip()
        for name in ("sis user id", "sis login id", "integration id", "id")
        if name in places
    ]
    return Person(sheet.value(row, 0).strip(), tuple(filter(None, values)))


EXPORTER = Exporter(write, suffix=".csv", template=True)
