"""A class list as CSV, the way Excel, Canvas, Gradescope, Moodle and nbgrader write it."""

from __future__ import annotations

import codecs
import csv
import io
import textwrap
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import GradebookError

# Accepted column titles, the most telling first; case, spaces, `_` and `-` make no difference.
_COLUMNS = {
    "id": ("student id", "sid", "sis login id", "id number", "mssv", "mã sinh viên", "username", "sis user id", "id"),
    "name": ("name", "full name", "student name", "họ và tên", "họ tên", "student"),
    "first": ("first name", "given name"),
    "last": ("last name", "surname", "family name"),
    "email": ("email", "email address", "e mail"),
    "section": ("section", "sections", "class", "group", "lớp"),
}


@dataclass(frozen=True)
class RosterStudent:
    """One row; what the file does not say is empty."""

    id: str
    name: str
    email: str
    section: str


@dataclass(frozen=True)
class RosterCounts:
    """What an import changed. ``id_column`` is the title of the column that the ids came from."""

    added: int
    updated: int
    unchanged: int
    id_column: str


def read_roster(path: Path) -> tuple[list[RosterStudent], str]:
    """Read a roster with a header row; commas, semicolons or tabs; UTF-8 or, with its mark, UTF-16.

    Returns:
        The students in the file's order, and the title of the column that their ids came from.

    Raises:
        GradebookError: naming file and line: not readable, no header, no id, an id twice.
    """
    text = _decode(path)
    header_line = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header_line.count), strict=True)
    students: dict[str, tuple[RosterStudent, int]] = {}
    columns: dict[str, int] = {}
    header: list[str] = []
    try:
        for cells in reader:
            cells = [unicodedata.normalize("NFC", cell).strip() for cell in cells]
            # Canvas puts the points of each assignment in a row that looks like a student.
            if not any(cells) or cells[0] == "Points Possible":
                continue
            if not header:
                header, columns = cells, _find_columns(path, reader.line_num, cells)
                continue
            student = _student(path, reader.line_num, cells, columns, len(header))
            if student.id in students:
                earlier = students[student.id][1]
                raise GradebookError(
                    f"{path}:{reader.line_num}: student '{student.id}' stands on line {earlier} already. Keep one."
                )
            students[student.id] = student, reader.line_num
    except csv.Error as error:
        raise GradebookError(f"{path}:{reader.line_num}: is not valid CSV: {error}.") from None
    if not students:
        raise GradebookError(
            f"{path}:1: holds no students. The first row names the columns, each further row is a student."
        )
    return [student for student, _ in students.values()], header[columns["id"]]


def _decode(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GradebookError(f"{path}: cannot be read ({error.strerror}).") from None
    if data.startswith(b"PK"):
        raise GradebookError(f"{path}: is an Excel workbook. Save it as 'CSV UTF-8' and import that file.")
    # Excel's "Unicode Text" is UTF-16, its "CSV UTF-8" begins with a mark.
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise GradebookError(f"{path}:{line}: is not UTF-8. Save it as 'CSV UTF-8' and import that file.") from None


def _find_columns(path: Path, line: int, header: list[str]) -> dict[str, int]:
    titles = [" ".join(title.casefold().replace("_", " ").replace("-", " ").split()) for title in header]
    columns: dict[str, int] = {}
    for field, names in _COLUMNS.items():
        for name in names:
            if titles.count(name) > 1:
                title = header[titles.index(name)]
                raise GradebookError(f"{path}:{line}: two columns are called '{title}'. Remove one.")
            if name in titles:
                columns[field] = titles.index(name)
                break
    if "id" not in columns:
        others = ", ".join(f"'{name}'" for name in _COLUMNS["id"][1:])
        raise GradebookError(
            f"{path}:{line}: no column holds the students' ids; the first row must name one 'student_id' (or "
            f"{others}). It has: {textwrap.shorten(', '.join(title or '(blank)' for title in header), 300)}."
        )
    return columns


def _student(path: Path, line: int, cells: list[str], columns: dict[str, int], width: int) -> RosterStudent:
    if any(cells[width:]):
        raise GradebookError(
            f"{path}:{line}: has {len(cells)} cells, the header has {width}. A cell that holds a comma needs quotes."
        )
    value = {field: cells[column] if column < len(cells) else "" for field, column in columns.items()}
    if not value["id"]:
        raise GradebookError(f"{path}:{line}: has no student id.")
    name = value.get("name") or f"{value.get('first', '')} {value.get('last', '')}".strip()
    return RosterStudent(value["id"], name, value.get("email", ""), value.get("section", ""))
