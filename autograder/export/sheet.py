"""A teacher's own CSV file, in which single cells are filled in and every other byte stays as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import GraderError


@dataclass
class Sheet:
    """Rows of raw cells, as they are written in the file, quotes included.

    Attributes:
        rows: row -> cells; line ends are kept apart in ``ends``.
        delimiter: ``,`` or ``;`` or a tab.
        comma: whether numbers have a decimal comma.
    """

    path: Path
    rows: list[list[str]]
    ends: list[str]
    delimiter: str
    bom: bool
    comma: bool

    @classmethod
    def read(cls, path: Path) -> Sheet:
        """Read a CSV file in UTF-8.

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
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise GraderError(
                f"{path}: is not UTF-8. Use the file as it was downloaded; Excel changes it when it saves."
            ) from None
        if not text.strip():
            raise GraderError(f"{path}: is empty.")
        delimiter = max(",;\t", key=text.splitlines()[0].count)
        rows, ends = _split(text, delimiter)
        numbers = [value for row in rows for cell in row if re.fullmatch(r"-?\d+[.,]\d+", value := value_of(cell))]
        comma = bool(numbers) and all("," in number for number in numbers)
        return cls(path, rows, ends, delimiter, data.startswith(b"\xef\xbb\xbf"), comma)

    def value(self, row: int, column: int) -> str:
        """A cell's text."""
        cells = self.rows[row]
        return value_of(cells[column]) if column < len(cells) else ""

    def put(self, row: int, column: int, value: str) -> None:
        """Fill in a cell; quoted if it must be, or if it was."""
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        quoted = cells[column].strip().startswith('"') or re.search(r'["\r\n]', value) or self.delimiter in value
        cells[column] = '"' + value.replace('"', '""') + '"' if quoted else value

    def number(self, value: float) -> str:
        """A number the way this file writes them, with at most two decimals."""
        text = f"{value:.2f}".rstrip("0").rstrip(".")
        return text.replace(".", ",") if self.comma else text

    def leave_out(self, rows: set[int]) -> None:
        self.ends = [end for number, end in enumerate(self.ends) if number not in rows]
        self.rows = [row for number, row in enumerate(self.rows) if number not in rows]

    def content(self) -> bytes:
        text = "".join(self.delimiter.join(cells) + end for cells, end in zip(self.rows, self.ends, strict=True))
        return text.encode("utf-8-sig" if self.bom else "utf-8")


def value_of(cell: str) -> str:
    """The text of a raw cell."""
    text = cell.strip()
    return text[1:-1].replace('""', '"') if len(text) > 1 and text[0] == text[-1] == '"' else cell


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
