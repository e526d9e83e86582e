"""Canvas: the gradebook's own export, with one assignment's column filled in, for "Import Grades"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from autograder.errors import GraderError
from autograder.export.exporter import Change, Export, Exporter
from autograder.export.fill import fill, find_students
from autograder.export.sheet import Sheet, parse_number
from autograder.people.columns import CANVAS
from autograder.people.person import Ids, Person

_STUDENT = ("student", "id", "sis user id", "sis login id", "integration id", "root account", "section")
_TOTALS = re.compile(r"(Current|Final|Unposted|Override) (Score|Points|Grade|Status)")  # Canvas drops these columns


def write(export: Export) -> list[Change]:
    """Fill in one file. A student without a score is left out, since Canvas takes a blank cell for a score taken back."""
    sheet = Sheet.read(export.need_template("the gradebook exported from Canvas (Grades > Export)"))
    header = [sheet.value(0, column).strip() for column in range(len(sheet.rows[0]))]
    if [name.lower() for name in header[:2]] != ["student", "id"]:
        raise GraderError(
            f"{sheet.path}: is no gradebook exported from Canvas: its first columns are not Student and ID but {' and '.join(repr(name) for name in header[:2])}. "
            "Should it be one in another language: set yours to English in Canvas (Account > Settings), and export it again."
        )
    column = _column(export, sheet, header)
    sheet.write_numbers_as_in((column,), unknown=sheet.delimiter == ";")
    points_row = next((row for row in range(1, len(sheet.rows)) if "Points Possible" in sheet.value(row, 0)), None)
    if points_row is not None and "(read only)" in sheet.value(points_row, column):
        raise GraderError(f"{sheet.path}: Canvas does not let '{header[column]}' be imported: it is read only.")
    points = sheet.value(points_row, column).strip() if points_row is not None else ""
    most = parse_number(points)
    if points and (most is None or re.search(r"\d,\d{3}$", points)):
        raise GraderError(
            f"{sheet.path}: the points possible of '{header[column]}' are '{points}', which may be read in several ways, or in none. Write a "
            "plain number there, as in 1000 or 12.5."
        )
    places = {name.lower(): place for place, name in enumerate(header)}
    first = 1 if points_row is None else points_row + 1
    people = {row: _people(sheet, row, places) for row in range(first, len(sheet.rows)) if sheet.value(row, 0).strip()}
    matched = find_students(export, people)
    excused = {row for row in people if sheet.value(row, column).strip().upper() == "EX"}
    changes = fill(export, sheet, matched, column=column, most=most, leave=excused)
    blank = {row for row in people if not sheet.value(row, column).strip()}
    sheet.leave_out(blank)
    export.save(sheet.content(), in_place=not blank)
    return changes


def _column(export: Export, sheet: Sheet, header: list[str]) -> int:
    """The assignment's column: `Title (12345)`, or the title alone."""
    known = [
        place for place, name in enumerate(header) if name and name.lower() not in _STUDENT and not _TOTALS.search(name)
    ]
    titles = {place: re.sub(r" \(\d+\)$", "", header[place]).casefold() for place in known}
    wanted = {export.assignment.title.casefold(), export.assignment.name.casefold()}
    found = [place for place in known if titles[place] in wanted]
    if asked := export.grade_column:
        found = [place for place in known if asked.casefold() in (titles[place], header[place].casefold())]
    if len(found) != 1:
        names = ", ".join(f"'{header[place]}'" for place in known) or "none"
        raise GraderError(
            f"{sheet.path}: needs exactly one column for '{asked or export.assignment.title}'"
            + ("" if asked else f" (or '{export.assignment.name}')")
            + f". Its assignments are: {names}. Say which one it is with --grade-column NAME, or create the assignment in Canvas "
            "under that title and export again."
        )
    return found[0]


def _people(sheet: Sheet, row: int, places: Mapping[str, int]) -> tuple[Person, ...]:
    """Who it is by the school's ids, and by Canvas's own number."""
    values = [
        sheet.value(row, places[name]).strip()
        for name in ("sis user id", "sis login id", "integration id")
        if name in places
    ]
    name, own = sheet.value(row, 0).strip(), sheet.value(row, 1).strip()
    return (
        Person(name, tuple(filter(None, values))),
        Person(name, tuple(filter(None, (own,))), Ids.NUMBER, (CANVAS,)),
    )


EXPORTER = Exporter(write, suffix=".csv", template=True)
