"""A teacher's own CSV file, in which single cells are filled in and every other byte stays as it is."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import GraderError
from autograder.text import number

_TONES = "\u0300\u0301\u0303\u0309\u0323"


@dataclass
class Sheet:
    """Rows of raw cells, as they are written in the file, quotes included.

    Attributes:
        rows: row -> cells; line ends are kept apart in ``ends``.
        delimiter: ``,`` or ``;`` or a tab.
        encoding: Python's name of it; with a byte order mark, ``mark`` holds that.
        comma: whether numbers have a decimal comma.
    """

    path: Path
    rows: list[list[str]]
    ends: list[str]
    delimiter: str
    encoding: str
    mark: bytes
    comma: bool = False

    @classmethod
    def read(cls, path: Path) -> Sheet:
        """Read a CSV file: in UTF-8 or UTF-16, or in the code page of an older Windows.

        Raises:
            GraderError: it cannot be read, or is no CSV file.
        """
        try:
            return cls.parse(path, path.read_bytes())
        except OSError as error:
            raise GraderError(f"{path}: cannot be read ({error.strerror}).") from None

    @classmethod
    def parse(cls, path: Path, data: bytes) -> Sheet:
        """`read`, of what the file holds."""
        text, encoding, mark = _decoded(path, data)
        if not text.strip():
            raise GraderError(f"{path}: is empty.")
        delimiter = max(",;\t", key=text.splitlines()[0].count)
        rows, ends = _split(text, delimiter)
        return cls(path, rows, ends, delimiter, encoding, mark)

    def value(self, row: int, column: int) -> str:
        """A cell's text."""
        cells = self.rows[row]
        return value_of(cells[column]) if column < len(cells) else ""

    def put(self, row: int, column: int, value: str) -> None:
        """Fill in a cell; quoted if it must be, or if it was."""
        if self.encoding == "cp1258":
            value = "".join(map(_in_cp1258, value))
        value = value.encode(self.encoding, "replace").decode(self.encoding)
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        quoted = cells[column].strip().startswith('"') or re.search(r'["\r\n]', value) or self.delimiter in value
        cells[column] = '"' + value.replace('"', '""') + '"' if quoted else value

    def write_numbers_as_in(self, columns: Iterable[int], *, unknown: bool = False) -> None:
        """Write numbers with a decimal comma if these columns do; if they hold none with decimals, if the file does.

        Args:
            unknown: whether to, should no number in the file have decimals.
        """
        within = [self.value(row, column) for column in columns for row in range(len(self.rows))]
        everywhere = [value_of(cell) for row in self.rows for cell in row]
        for cells in (within, everywhere):
            if numbers := [cell for cell in cells if re.fullmatch(r"\s*-?\d+[.,]\d+\s*", cell)]:
                self.comma = all("," in number for number in numbers)
                return
        self.comma = unknown

    def number(self, value: float) -> str:
        """A number the way this file writes them, with at most two decimals."""
        return number(value).replace(".", "," if self.comma else ".")

    def leave_out(self, rows: set[int]) -> None:
        self.ends = [end for number, end in enumerate(self.ends) if number not in rows]
        self.rows = [row for number, row in enumerate(self.rows) if number not in rows]

    def content(self) -> bytes:
        text = "".join(self.delimiter.join(cells) + end for cells, end in zip(self.rows, self.ends, strict=True))
        return self.mark + text.encode(self.encoding)


def _in_cp1258(char: str) -> str:
    """A letter as Windows-1258 has it: with its tone behind it, unless there is one sign for both."""
    try:
        char.encode("cp1258")
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", char)
        letter = "".join(part for part in parts if part not in _TONES)
        return unicodedata.normalize("NFC", letter) + "".join(part for part in parts if part in _TONES)
    return char


def value_of(cell: str) -> str:
    """The text of a raw cell."""
    text = cell.strip()
    return text[1:-1].replace('""', '"') if len(text) > 1 and text[0] == text[-1] == '"' else cell


def _decoded(path: Path, data: bytes) -> tuple[str, str, bytes]:
    """The text, its encoding and its byte order mark: so that it can be written again to the byte."""
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        raise GraderError(f"{path}: is an Excel workbook or a zip. Use the CSV file as it was downloaded.")
    marks = [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
    mark, encoding = next((one for one in marks if data.startswith(one[0])), (b"", ""))
    if not encoding and b"\0" in data[:1000]:
        encoding = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    for one in (encoding,) if encoding else ("utf-8", "cp1258", "cp1252"):
        try:
            text = data.removeprefix(mark).decode(one)
        except UnicodeDecodeError:
            continue
        if mark + text.encode(one) == data:
            return text, one, mark
    raise GraderError(f"{path}: is in no encoding that is known. Use the file as it was downloaded.")


def _split(text: str, delimiter: str) -> tuple[list[list[str]], list[str]]:
    rows: list[list[str]] = []
    ends: list[str] = []
    cells: list[str] = []
    position = 0
    cell = re.compile(rf'[ ]*"(?:[^"]|"")*"[ ]*(?={re.escape(delimiter)}|\r|\n|\Z)|[^{re.escape(delimiter)}\r\n]*')
    while position < len(text):
        match = cell.match(text, position)
        assert match is not None  # the second form matches nothing, too
        cells.append(match[0])
        position = match.end()
        if text.startswith(delimiter, position):
            position += len(delimiter)
            if position == len(text):
                cells.append("")
            else:
                continue
        end = "\r\n" if text.startswith("\r\n", position) else text[position : position + 1]
        rows.append(cells)
        ends.append(end)
        cells = []
        position += len(end)
    return rows, ends


def parse_number(text: str) -> float | None:
    """A number with decimal point or comma; None if it is none."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None
