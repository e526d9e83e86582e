"""The text of tables that schools and systems export: in which encoding, and with what between the cells."""

from __future__ import annotations

import codecs
import csv
import io
import re
import textwrap
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import GradebookError

DELIMITERS = ",;\t|"
SAID = re.compile(r"\s*\"?sep=(.)\"?\s*\r?\n")
"""Excel's first line, which names the separator."""
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e"))
_VIETNAMESE = set("ăâêôơưđĂÂÊÔƠƯĐ") | {
    unicodedata.normalize("NFC", letter + tone) for letter in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" for tone in "\u0300\u0301\u0303\u0309\u0323"
}  # fmt: skip


def decode(path: Path, remarks: list[str]) -> str:
    """A table's text, whatever the encoding; ``remarks`` gets a line if that had to be guessed.

    Raises:
        GradebookError: it cannot be read, or is no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GradebookError(f"{path}: cannot be read ({error.strerror}).") from None
    if what := _no_table(data):
        raise GradebookError(
            f"{path}: is {what}, whatever it is called. Open it, save the list as 'CSV UTF-8' in Excel or LibreOffice, and give that file."
        )
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # Excel's "Unicode Text"
        return data.decode("utf-16", "replace")
    if b"\0" in data[:1000]:  # UTF-16 without its mark: every other byte of ASCII is 0
        even, odd = data[:1000:2].count(0), data[1:1000:2].count(0)
        if min(even, odd) * 2 > max(even, odd):
            raise GradebookError(
                f"{path}: is no text. Save the list as 'CSV UTF-8' in Excel or LibreOffice, and give that file."
            )
        try:
            return data.decode("utf-16-be" if even > odd else "utf-16-le")
        except UnicodeDecodeError:
            raise GradebookError(
                f"{path}: is in no encoding that is known. Save it as 'CSV UTF-8' and give that file."
            ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        old = _old_code_page(data)
        if old is None:
            raise GradebookError(f"{path}:{line}: is not UTF-8. Save it as 'CSV UTF-8' and give that file.") from None
    text, name = old
    sample = next((row.strip() for row in text.splitlines() if not row.isascii()), "")
    remarks.append(
        f"{path.name}: is not in UTF-8; read as {name}, so that line {line} is: {textwrap.shorten(sample, 100)}. If that is not right, save it as 'CSV UTF-8'."
    )
    return text


def _no_table(data: bytes) -> str:
    """What a file is that holds no text, or a table within something else; empty for text."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if b"opendocument.spreadsheet" in data[:200]:
            return "an OpenDocument spreadsheet"
        return "an Excel workbook" if b"xl/" in data else "a zip archive"
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return "an Excel workbook"
    if data.lstrip()[:5] == b"%PDF-":
        return "a PDF document"
    if data.startswith(b"{\\rtf"):
        return "a Word document"
    return "a web page" if re.match(rb"\s*<(?:!doctype|html|table|meta|\?xml)", data[:200], re.IGNORECASE) else ""


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


def rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each row, each cell in one line: names are folded over several in some exports."""
    for line, cells in rows_as_they_are(text, delimiter):
        yield line, [" ".join(cell.split()) for cell in cells]


def rows_as_they_are(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The same, with the line breaks that are within cells."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for cells in reader:
        yield reader.line_num, ["\n".join(map(_clean, cell.strip().splitlines())) for cell in cells]


def split_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each row of a table, with whatever separates them.

    Raises:
        GradebookError: it is no table.
    """
    if said := SAID.match(text):
        text = "\n" + text[said.end() :]  # the lines keep their numbers
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = said[1] if said else max(DELIMITERS, key=first.count)
    try:
        yield from rows(text, delimiter)
    except csv.Error as error:
        raise GradebookError(f"Line {bad_line(text, delimiter)} is not valid CSV: {error}.") from None


def _clean(cell: str) -> str:
    """A line of a cell, in one form and with one blank where it has several."""
    return " ".join(unicodedata.normalize("NFC", cell).translate(_INVISIBLE).split())


def bad_line(text: str, delimiter: str) -> int:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for _ in reader:
            pass
    except csv.Error:
        pass
    return reader.line_num
