"""A class list as schools export it: Excel, Canvas, Gradescope, Moodle in several languages, nbgrader, GitHub's classrooms, our own CSV."""

from __future__ import annotations

import csv
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

from autograder.errors import GradebookError
from autograder.people.columns import ALSO_IDS, CANVAS, EMAIL, FIELDS, GITHUB, IDS, is_student, title_of
from autograder.people.match import id_and_name
from autograder.people.table_text import DELIMITERS, SAID, bad_line, decode, rows, rows_as_they_are
from autograder.result import LONGEST_ID
from autograder.text import shortened

_MOST_BEFORE = 30
"""Rows in which a header is looked for: a faculty's lists begin with titles."""
_FORMULA = re.compile(r'="?(?P<text>[^"=]*)"?')
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")
_DECIMAL = re.compile(r"(\d+)[.,]0+")


@dataclass(frozen=True)
class RosterStudent:
    """One row; what the file does not say is empty."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    language: str = ""
    ids: tuple[tuple[str, str], ...] = ()
    """Kind and value of every id that the row holds, ``id`` among them; ``email`` only if nobody else has it."""
    column: str = ""
    """The title of the column that ``id`` came from."""
    line: int = 0


@dataclass(frozen=True)
class RosterFile:
    """What a class list holds."""

    path: Path
    students: list[RosterStudent]
    id_column: str
    """The title of the column that the students' ids came from."""
    remarks: list[str]
    """What was mended, or left out, and why."""


def read_roster(path: Path) -> RosterFile:
    """Read a class list with a header row, in any of the usual separators and encodings; titles above the header are passed over.

    A student's id is the row's first: of the columns of ids in the order of `autograder.people.columns`, else the e-mail address.

    Raises:
        GradebookError: naming file and line: not readable, no header, no id, an id twice, an id that a spreadsheet has spoilt.
    """
    remarks: list[str] = []
    text = decode(path, remarks)
    delimiter, first, header = _header(path, text)
    columns = _Columns(path, first, header)
    try:
        read = [
            columns.read(cells, line)
            for line, cells in rows_as_they_are(text, delimiter)
            if line > first and any(cells)
        ]
    except csv.Error as error:
        raise GradebookError(f"{path}:{bad_line(text, delimiter)}: is not valid CSV: {error}.") from None
    students = _each_once(path, filter(None, read), columns.left_out)
    if not students:
        out = f" Left out are: {'; '.join(shortened(columns.left_out))}." if columns.left_out else ""
        raise GradebookError(
            f"{path}:{first}: holds no students. The first row names the columns, each further row is a student.{out}"
        )
    students = _own_addresses(path, students, remarks)
    remarks += [f"{path.name}, {line}" for line in shortened(columns.mended, 5)]
    remarks += [f"{path.name}, {line}" for line in shortened(columns.left_out, 5)]
    columns_of_ids = Counter(one.column for one in students)
    (most, _), *others = columns_of_ids.most_common()
    for title, many in others:
        who = ", ".join(shortened([id_and_name(one) for one in students if one.column == title], 5))
        remarks.append(
            f"{path.name}: {many} of {len(students)} have nothing in column '{most}', and their ids from '{title}': {who}"
        )
    return RosterFile(path, students, most, remarks)


def _each_once(path: Path, read: Iterable[RosterStudent], left_out: list[str]) -> list[RosterStudent]:
    """The students, each once: schools list some once for each group. Rows of one id that do not fit are refused, as are two ids of one kind."""
    students: dict[str, RosterStudent] = {}
    owners: dict[tuple[str, str], RosterStudent] = {}
    for one in read:
        earlier = students.get(one.id.casefold())
        if earlier is not None:
            if not _same_person(earlier, one):
                raise GradebookError(
                    f"{path}:{one.line}: student '{one.id}' stands on line {earlier.line} already, with another name or id. Keep one."
                )
            other = f"; section '{earlier.section}' counts" if one.section not in ("", earlier.section) else ""
            left_out.append(
                f"line {one.line}: {one.id} stands on line {earlier.line} already, and is taken once{other}"
            )
            one = RosterStudent(
                earlier.id, earlier.name or one.name, earlier.email or one.email, earlier.section or one.section,
                earlier.language or one.language, tuple(dict.fromkeys([*earlier.ids, *one.ids])), earlier.column, earlier.line,
            )  # fmt: skip
        students[one.id.casefold()] = one
        for kind, value in one.ids:
            owner = owners.setdefault((kind, value.casefold()), one)
            if kind != EMAIL and owner.id != one.id:
                raise GradebookError(
                    f"{path}:{one.line}: '{value}' is the {kind} of line {owner.line} already. Two people cannot share one; correct it, or leave one blank."
                )
    return list(students.values())


def _same_person(one: RosterStudent, other: RosterStudent) -> bool:
    """Whether two rows of one id can be the same person's: neither name nor ids contradict."""
    if one.name and other.name and one.name.casefold() != other.name.casefold():
        return False
    first, second = ({kind: value.casefold() for kind, value in each.ids} for each in (one, other))
    return all(second.get(kind, value) == value for kind, value in first.items())


def _own_addresses(path: Path, students: Sequence[RosterStudent], remarks: list[str]) -> list[RosterStudent]:
    """The students without e-mail addresses that several of them share: nobody is known by these."""
    bearers: dict[str, list[RosterStudent]] = {}
    for one in students:
        for value in dict.fromkeys(value.casefold() for kind, value in one.ids if kind == EMAIL):
            bearers.setdefault(value, []).append(one)
    shared = {value: those for value, those in bearers.items() if len(those) > 1}
    said = []
    for value, those in shared.items():
        if alone := next((one for one in those if one.id.casefold() == value), None):
            other = next(one for one in those if one is not alone)
            raise GradebookError(
                f"{path}:{alone.line}: has no id but the e-mail address '{alone.id}', which is on line {other.line}, too. Give each an id of their own."
            )
        lines = ", ".join(shortened([str(one.line) for one in those], 5))
        said.append(
            f"lines {lines}: the e-mail address {value} is that of {len(those)} students, so none is known by it"
        )
    remarks += [f"{path.name}, {line}" for line in shortened(said, 5)]
    return [
        replace(one, ids=tuple(pair for pair in one.ids if pair[0] != EMAIL or pair[1].casefold() not in shared))
        for one in students
    ]


def _header(path: Path, text: str) -> tuple[str, int, list[str]]:
    """Separator, line and titles: the first row that names a column of ids, else one of e-mail addresses, read with the separator that names most columns."""
    said = SAID.match(text)
    best: tuple[tuple[bool, int], str, int, list[str]] | None = None
    for delimiter in said[1] if said else DELIMITERS:
        try:
            for number, (line, cells) in enumerate(rows(text, delimiter)):
                if number >= _MOST_BEFORE:
                    break
                titles = [title_of(cell) for cell in cells]
                named = sum(title in FIELDS or title in IDS or title in ALSO_IDS for title in titles)
                ids = any(title in IDS or title == "student" for title in titles)
                known = ids or any(FIELDS.get(title) == "email" for title in titles)
                if known and (named > 1 or len([cell for cell in cells if cell]) == 1):
                    if best is None or (ids, named) > best[0]:
                        best = (ids, named), delimiter, line, cells
                    if ids:
                        break
        except csv.Error:
            continue
    if best:
        return best[1], best[2], best[3]
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("sep=")), "")
    if not first:
        raise GradebookError(
            f"{path}:1: holds no students. The first row names the columns, each further row is a student."
        )
    delimiter = max(DELIMITERS, key=first.count)
    shown = ", ".join(cell.strip(' "') or "(blank)" for cell in first.split(delimiter))
    some = "'sid', 'SIS Login ID', 'ID number', 'MSSV', 'Mã SV', 'username', 'identifier'"
    line = text[: text.index(first)].count("\n") + 1
    raise GradebookError(
        f"{path}:{line}: no column holds the students' ids or e-mail addresses; one row must name one 'student_id' (or {some}, 'email', and the like). It has: {textwrap.shorten(shown, 300)}."
    )


class _Columns:
    """Which column of a list holds what."""

    def __init__(self, path: Path, line: int, header: list[str]) -> None:
        self._path = path
        self._header = header
        titles = [title_of(cell) for cell in header]
        for place, title in enumerate(titles):
            if (title in IDS or title in FIELDS) and title in titles[:place]:
                raise GradebookError(
                    f"{path}:{line}: two columns are called '{header[titles.index(title)]}'. Remove one."
                )
        self._fields: dict[str, int] = {}
        for place, title in enumerate(titles):
            if title in FIELDS:
                self._fields.setdefault(FIELDS[title], place)
        self._vietnamese = any(title in ("tên", "họ", "họ đệm") for title in titles)  # the family's name stands first
        kinds = dict(IDS)
        self._canvas = "student" in titles and "id" in titles
        if self._canvas:
            kinds["id"] = CANVAS
            self._fields["name"] = titles.index("student")
        elif "student" in titles and "name" in self._fields:  # as our own tables call it
            kinds = {"student": IDS["student id"]} | kinds
        elif "student" in titles:
            self._fields["name"] = titles.index("student")
        if "github id" in titles and "github username" not in titles:  # Classroom 50
            kinds["username"] = GITHUB
        for single, whole in (("first", "last"), ("last", "first")):
            if single in self._fields and whole not in self._fields and "name" not in self._fields:
                self._fields["name"] = self._fields.pop(single)
        self._own = {titles.index(title): kind for title, kind in kinds.items() if title in titles}
        """The columns that students' ids may come from, the first of which a row holds something; else from `_addresses`."""
        self._also = {titles.index(title): kind for title, kind in ALSO_IDS.items() if title in titles}
        self._addresses = [place for place, title in enumerate(titles) if FIELDS.get(title) == "email"]
        self._marked = "end of line indicator" in titles  # Brightspace writes # before what it wants to be text
        self.mended: list[str] = []
        self.left_out: list[str] = []

    def read(self, cells: list[str], line: int) -> RosterStudent | None:
        """The student of a row; None if it is somebody else's, or one of the system's own."""
        if any(cells[len(self._header) :]):
            raise GradebookError(
                f"{self._path}:{line}: has {len(cells)} cells, the header has {len(self._header)}. A cell that holds a comma needs quotes."
            )
        as_they_are = cells + [""] * (len(self._header) - len(cells))
        cells = [" ".join(cell.split()) for cell in as_they_are]
        value = {name: cells[place] for name, place in self._fields.items()}
        ids = {**self._own, **self._also}
        if self._canvas and (cells[0] == "Points Possible" or not any(cells[place] for place in (0, *ids))):
            return None  # the points of each assignment, and above them how each is posted
        if cells == self._header:
            return None  # printed lists have it on every page
        name = value.get("name") or self._full_name(value)
        if not is_student(value.get("role", "")):
            who = name or next((cells[place] for place in ids if cells[place]), "somebody")
            self.left_out.append(f"line {line}: {who} is left out, who is {value['role']}")
            return None
        if self._canvas and name in ("Student, Test", "Test Student"):
            self.left_out.append(f"line {line}: {name} is left out: Canvas's own test student")
            return None
        held = [cell for cell in cells if cell]
        if (
            len(self._header) > 1 and len(held) == 1 and " " in held[0] and not name
        ):  # what faculties write below a list
            self.left_out.append(f"line {line}: '{textwrap.shorten(held[0], 60)}' is left out: it stands alone")
            return None
        for place in (*ids, *self._addresses):
            self._refuse_no_id(as_they_are[place], place, line)
        addresses = [cells[place] for place in self._addresses if "@" in cells[place]]
        known = {place: self._mended(cells[place], line) for place in ids if cells[place]}
        own = next((place for place in self._own if known.get(place)), None)
        if own is None:
            own = next((place for place in self._addresses if "@" in cells[place]), None)
        if own is None:
            told = name or textwrap.shorten(" ".join(held), 60)
            places = [*self._own, *self._addresses]
            columns = " or ".join(f"'{self._header[place]}'" for place in places)
            raise GradebookError(
                f"{self._path}:{line}: {told} has no id. Column {columns} should hold one; delete the line if it is nobody's."
            )
        return RosterStudent(
            known.get(own) or cells[own], name, value.get("email", ""), value.get("section", ""), value.get("language", ""),
            tuple(dict.fromkeys([*((ids[place], text) for place, text in known.items() if text), *((EMAIL, one) for one in addresses)])),
            self._header[own], line,
        )  # fmt: skip

    def _full_name(self, value: dict[str, str]) -> str:
        order = ("last", "first") if self._vietnamese else ("first", "last")
        return " ".join(filter(None, (value.get(part, "") for part in order)))

    def _refuse_no_id(self, cell: str, place: int, line: int) -> None:
        """Refuse what cannot be an id, nor an e-mail address."""
        lines = cell.split("\n")
        if len(lines) > 1:
            what = f"two lines ('{textwrap.shorten(lines[0], 60)}' and '{textwrap.shorten(lines[1], 60)}')"
        elif len(cell) > LONGEST_ID:
            what = f"{len(cell)} characters, and an id has {LONGEST_ID} at most"
        elif not cell.isprintable():
            what = f"a sign that cannot be seen ({cell[:60]!r})"
        else:
            return
        raise GradebookError(
            f"{self._path}:{line}: column '{self._header[place]}' holds {what}. Write one id into it; a further student gets a row of their own."
        )

    def _mended(self, cell: str, line: int) -> str:
        """An id as it was before a spreadsheet took it for a formula or a number."""
        text = cell.removeprefix("#") if self._marked else cell
        if formula := _FORMULA.fullmatch(text):
            text = formula["text"].strip()
        if _SCIENTIFIC.fullmatch(text):
            text = self._whole(text, line)
        elif number := _DECIMAL.fullmatch(text):
            text = number[1]
        if text != cell and not (self._marked and f"#{text}" == cell):
            self.mended.append(f"line {line}: '{cell}' is taken for '{text}'")
        return text

    def _whole(self, text: str, line: int) -> str:
        try:
            number = Decimal(text.replace(",", "."))
            spoilt = number != number.to_integral_value() or len(number.as_tuple().digits) <= number.adjusted()
        except InvalidOperation:  # an exponent of twenty digits
            spoilt = True
        if spoilt:
            raise GradebookError(
                f"{self._path}:{line}: '{text}' was a number that a spreadsheet has shortened, and the rest of its digits is lost. "
                "Format the column as text in the original list, and save it again."
            )
        return f"{number:f}"
