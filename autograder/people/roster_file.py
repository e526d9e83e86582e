"""A class list as schools export it: Excel, Canvas, Gradescope, Moodle in several languages, nbgrader, GitHub's classrooms, our own CSV."""

from __future__ import annotations

import codecs
import csv
import io
import re
import textwrap
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from autograder.errors import GradebookError
from autograder.people.columns import ALSO_IDS, CANVAS, EMAIL, FIELDS, GITHUB, IDS, is_student, title_of
from autograder.text import shortened

_MOST_BEFORE = 30
"""Rows in which a header is looked for: a faculty's lists begin with titles."""
_DELIMITERS = ",;\t|"
_SAID = re.compile(r"\s*\"?sep=(.)\"?\s*\r?\n")
"""Excel's first line, which names the separator."""
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e"))
_FORMULA = re.compile(r'="?(?P<text>[^"=]*)"?')
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")
_DECIMAL = re.compile(r"(\d+)[.,]0+")
_VIETNAMESE = set("ăâêôơưđĂÂÊÔƠƯĐ") | {
    unicodedata.normalize("NFC", letter + tone) for letter in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" for tone in "\u0300\u0301\u0303\u0309\u0323"
}  # fmt: skip


@dataclass(frozen=True)
class RosterStudent:
    """One row; what the file does not say is empty."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    language: str = ""
    ids: tuple[tuple[str, str], ...] = ()
    """Kind and value of every id that the row holds, ``id`` and ``email`` among them."""


@dataclass(frozen=True)
class RosterFile:
    """What a class list holds."""

    students: list[RosterStudent]
    id_column: str
    """The title of the column that the students' ids came from."""
    remarks: list[str]
    """What was mended, or left out, and why."""


def read_roster(path: Path) -> RosterFile:
    """Read a class list with a header row, in any of the usual separators and encodings; titles above the header are passed over.

    Raises:
        GradebookError: naming file and line: not readable, no header, no id, an id twice, an id that a spreadsheet has spoilt.
    """
    remarks: list[str] = []
    text = decode(path, remarks)
    delimiter, first, header = _header(path, text)
    columns = _Columns(path, first, header)
    students: dict[str, tuple[RosterStudent, int]] = {}
    owners: dict[tuple[str, str], int] = {}
    mended: list[str] = []
    left_out: list[str] = []
    try:
        for line, cells in _rows(text, delimiter):
            if line <= first or not any(cells):
                continue
            read = columns.read(cells, line, mended, left_out)
            if read is None:
                continue
            if read.id.casefold() in students:
                earlier = students[read.id.casefold()][1]
                raise GradebookError(f"{path}:{line}: student '{read.id}' stands on line {earlier} already. Keep one.")
            for kind, value in read.ids:
                earlier = owners.setdefault((kind, value.casefold()), line)
                if earlier != line:
                    raise GradebookError(
                        f"{path}:{line}: '{value}' is the {kind} of line {earlier} already. Two people cannot share one; correct it, or leave one blank."
                    )
            students[read.id.casefold()] = read, line
    except csv.Error as error:
        raise GradebookError(f"{path}:{_bad_line(text, delimiter)}: is not valid CSV: {error}.") from None
    if not students:
        raise GradebookError(
            f"{path}:{first}: holds no students. The first row names the columns, each further row is a student."
        )
    remarks += [f"{path.name}, {line}" for line in shortened(mended, 5)]
    remarks += [f"{path.name}, {line}" for line in shortened(left_out, 5)]
    return RosterFile([student for student, _ in students.values()], header[columns.id], remarks)


def decode(path: Path, remarks: list[str]) -> str:
    """A table's text, whatever the encoding; ``remarks`` gets a line if that had to be guessed.

    Raises:
        GradebookError: it cannot be read, or is no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GradebookError(f"{path}: cannot be read ({error.strerror}).") from None
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        raise GradebookError(f"{path}: is an Excel workbook. Save it as 'CSV UTF-8' and import that file.")
    if re.match(rb"\s*<(?:!doctype|html|table|meta|\?xml)", data[:200], re.IGNORECASE):
        raise GradebookError(
            f"{path}: is a web page, whatever it is called. Open it in Excel, save it as 'CSV UTF-8' and import that file."
        )
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # Excel's "Unicode Text"
        return data.decode("utf-16", "replace")
    if b"\0" in data[:1000]:  # UTF-16 without its mark: every other byte of ASCII is 0
        even, odd = data[:1000:2].count(0), data[1:1000:2].count(0)
        try:
            return data.decode("utf-16-be" if even > odd else "utf-16-le")
        except UnicodeDecodeError:
            raise GradebookError(
                f"{path}: is in no encoding that is known. Save it as 'CSV UTF-8' and import that file."
            ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        old = _old_code_page(data)
        if old is None:
            raise GradebookError(f"{path}:{line}: is not UTF-8. Save it as 'CSV UTF-8' and import that file.") from None
    text, name = old
    sample = next((row.strip() for row in text.splitlines() if not row.isascii()), "")
    remarks.append(
        f"{path.name}: is not in UTF-8; read as {name}, so that line {line} is: {textwrap.shorten(sample, 100)}. If that is not right, save it as 'CSV UTF-8'."
    )
    return text


def _old_code_page(data: bytes) -> tuple[str, str] | None:
    """Text of Windows in Vietnamese or, if that gives no words, in Western Europe; and what it is called."""
    for encoding, name in (("cp1258", "Windows-1258 (Vietnamese)"), ("cp1252", "Windows-1252 (Western European)")):
        try:
            text = unicodedata.normalize("NFC", data.decode(encoding))
        except UnicodeDecodeError:
            continue
        odd = {char for char in text if not char.isascii()}
        if encoding == "cp1252" or all(char in _VIETNAMESE or char.encode("cp1252", "ignore") for char in odd):
            return text, name
    return None


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each row; the first of an Excel file may name the separator."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for cells in reader:
        yield reader.line_num, [_clean(cell) for cell in cells]


def split_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each row of a table, with whatever separates them.

    Raises:
        GradebookError: it is no table.
    """
    if said := _SAID.match(text):
        text = "\n" + text[said.end() :]  # the lines keep their numbers
    first = next((line for line in text.splitlines() if line.strip()), "")
    try:
        yield from _rows(text, said[1] if said else max(_DELIMITERS, key=first.count))
    except csv.Error as error:
        raise GradebookError(f"Line {text.count(chr(10)) + 1} or one before is not valid CSV: {error}.") from None


def _clean(cell: str) -> str:
    return unicodedata.normalize("NFC", cell).translate(_INVISIBLE).strip()


def _bad_line(text: str, delimiter: str) -> int:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for _ in reader:
            pass
    except csv.Error:
        pass
    return reader.line_num


def _header(path: Path, text: str) -> tuple[str, int, list[str]]:
    """Separator, line and titles: the first row in which a column of ids is named, read with the separator that names most columns."""
    said = _SAID.match(text)
    best: tuple[int, str, int, list[str]] | None = None
    for delimiter in said[1] if said else _DELIMITERS:
        try:
            for number, (line, cells) in enumerate(_rows(text, delimiter)):
                if number >= _MOST_BEFORE:
                    break
                titles = [title_of(cell) for cell in cells]
                named = sum(title in FIELDS or title in IDS or title in ALSO_IDS for title in titles)
                known = any(title in IDS or title == "student" for title in titles)
                if known and (named > 1 or len([cell for cell in cells if cell]) == 1):
                    if best is None or named > best[0]:
                        best = named, delimiter, line, cells
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
    delimiter = max(_DELIMITERS, key=first.count)
    shown = ", ".join(cell.strip(' "') or "(blank)" for cell in first.split(delimiter))
    some = "'sid', 'SIS Login ID', 'ID number', 'MSSV', 'Mã SV', 'username', 'identifier'"
    line = text[: text.index(first)].count("\n") + 1
    raise GradebookError(
        f"{path}:{line}: no column holds the students' ids; one row must name one 'student_id' (or {some}, and the like). It has: {textwrap.shorten(shown, 300)}."
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
        found = [title for title in kinds if title in titles]
        if not found:
            raise GradebookError(f"{path}:{line}: no column holds the students' ids.")
        self.id = titles.index(found[0])
        """The column that the students' ids come from."""
        places = {titles.index(title): kinds[title] for title in found}
        self._ids = places | {titles.index(title): kind for title, kind in ALSO_IDS.items() if title in titles}
        self._marked = "end of line indicator" in titles  # Brightspace writes # before what it wants to be text

    def read(self, cells: list[str], line: int, mended: list[str], left_out: list[str]) -> RosterStudent | None:
        """The student of a row; None if it is somebody else's, or one of the system's own."""
        if any(cells[len(self._header) :]):
            raise GradebookError(
                f"{self._path}:{line}: has {len(cells)} cells, the header has {len(self._header)}. A cell that holds a comma needs quotes."
            )
        cells = cells + [""] * (len(self._header) - len(cells))
        value = {name: cells[place] for name, place in self._fields.items()}
        if self._canvas and (cells[0] == "Points Possible" or not any(cells[place] for place in (0, *self._ids))):
            return None  # the points of each assignment, and above them how each is posted
        name = value.get("name") or self._full_name(value)
        if not is_student(value.get("role", "")):
            left_out.append(f"line {line}: {name or cells[self.id] or 'somebody'} is left out, who is {value['role']}")
            return None
        if self._canvas and name in ("Student, Test", "Test Student"):
            left_out.append(f"line {line}: {name} is left out: Canvas's own test student")
            return None
        ids = {place: self._mended(cells[place], line, mended) for place in self._ids}
        if not ids[self.id]:
            raise GradebookError(
                f"{self._path}:{line}: has no student id. Column '{self._header[self.id]}' should hold it."
            )
        email = value.get("email", "")
        known = [(kind, ids[place]) for place, kind in self._ids.items() if ids[place]]
        known += [(EMAIL, email)] if email else []
        return RosterStudent(
            ids[self.id], name, email, value.get("section", ""), value.get("language", ""), tuple(dict.fromkeys(known))
        )

    def _full_name(self, value: dict[str, str]) -> str:
        order = ("last", "first") if self._vietnamese else ("first", "last")
        return " ".join(filter(None, (value.get(part, "") for part in order)))

    def _mended(self, cell: str, line: int, mended: list[str]) -> str:
        """An id as it was before a spreadsheet took it for a formula or a number."""
        text = cell.removeprefix("#") if self._marked else cell
        if formula := _FORMULA.fullmatch(text):
            text = formula["text"].strip()
        if _SCIENTIFIC.fullmatch(text):
            text = self._whole(text, line)
        elif number := _DECIMAL.fullmatch(text):
            text = number[1]
        if text != cell and not (self._marked and f"#{text}" == cell):
            mended.append(f"line {line}: '{cell}' is taken for '{text}'")
        return text

    def _whole(self, text: str, line: int) -> str:
        try:
            number = Decimal(text.replace(",", "."))
        except InvalidOperation:  # pragma: no cover  # the pattern leaves numbers only
            return text
        digits = len(number.as_tuple().digits)
        if number != number.to_integral_value() or digits <= number.adjusted():
            raise GradebookError(
                f"{self._path}:{line}: '{text}' was a number that a spreadsheet has shortened, and the rest of its digits is lost. "
                "Format the column as text in the original list, and save it again."
            )
        return f"{number:f}"
