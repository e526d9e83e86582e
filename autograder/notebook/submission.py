"""Reading a submitted notebook or script, damaged or not, into code cells."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from autograder.beside import NOTHING, Beside
from autograder.errors import SubmissionError
from autograder.files import open_regular
from autograder.language import N_, _, joined
from autograder.notebook.language import is_python
from autograder.notebook.script import encoding, split_script
from autograder.notebook.slim import Damaged, TooLong, TooMuch, slim

_CODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+", re.MULTILINE)

_MOST_CELLS = 2000
_MOST_BYTES = 2 * 2**20
"""What is decoded at once: code and prose, without outputs. In memory it can become forty times as much."""
_MOST_UTF16 = 4 * _MOST_BYTES
_CLEAR_OUTPUTS = N_("Clear the outputs (Edit > Clear All Outputs), save, and submit again.")


@dataclass(frozen=True)
class Cell:
    """A code cell; ``number`` counts all cells from 1."""

    number: int
    source: str


class Text(NamedTuple):
    """A cell that is not run; ``kind`` is what it is instead, ``text`` or ``raw``."""

    kind: str
    source: str


@dataclass(frozen=True)
class Submission:
    """What grading needs of a submitted file. Outputs and cells' metadata have no part in it."""

    path: Path
    cells: tuple[Cell, ...]
    fingerprint: str
    made_for: str = ""
    """The assignment that its template was built for, as far as the notebook still says so."""
    beside: Beside = NOTHING
    """The files that its code may use."""
    texts: tuple[Text, ...] = ()
    """Its cells that are no code."""


def with_beside(own: str, beside: Beside) -> str:
    """The fingerprint of a file together with those beside it, if there are any."""
    if not beside.files:
        return own
    digest = hashlib.sha256(own.encode())
    for path, data in beside.files:
        digest.update(b"%d %d " % (len(name := path.encode()), len(data)) + name + data)
    return digest.hexdigest()


def read_submission(path: Path, *, max_bytes: int, beside: Beside = NOTHING) -> Submission:
    """Read the code cells of an `.ipynb` (nbformat 2 to 4) or of a `.py` (percent format, Databricks', marimo's or plain).

    Args:
        beside: the files that its code may use.

    Raises:
        SubmissionError: the file is missing, no regular file, too large, empty or no notebook; its
            message is for the student.
    """
    with open(open_regular(path), "rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise _too_large(_("The file is larger than {size} MB.", size=f"{max_bytes / 2**20:g}"))
    cells, made_for, texts = _parse(data, path.suffix)
    own = with_beside(hashlib.sha256(data).hexdigest(), beside)
    return Submission(path, cells, own, made_for, beside, texts)


def parse_cells(data: bytes, suffix: str) -> tuple[Cell, ...]:
    """The code cells of a file's content; ``suffix`` says whether it is a script.

    Raises:
        SubmissionError: it is no notebook or script.
    """
    return _parse(data, suffix)[0]


def _parse(data: bytes, suffix: str) -> tuple[tuple[Cell, ...], str, tuple[Text, ...]]:
    """The code cells, the assignment that the metadata name, and the other cells."""
    data = _utf8(data)
    if suffix.lower() == ".py":
        return tuple(_script_cells(_text(data, encoding(data)))), "", ()
    notebook = _notebook(data)
    own: Any = notebook.get("metadata")
    own = own.get("cnn_autograder") if isinstance(own, dict) else None
    made_for = own.get("assignment") if isinstance(own, dict) else None
    texts = tuple(
        Text("raw" if cell.get("cell_type") == "raw" else "text", _source(cell))
        for cell in _raw_cells(notebook)
        if isinstance(cell, dict) and cell.get("cell_type") != "code"
    )
    return tuple(_notebook_cells(notebook)), made_for if isinstance(made_for, str) else "", texts


def _utf8(data: bytes) -> bytes:
    """The file in UTF-8, which is not checked, without a mark at its beginning."""
    if not data or data.isspace():
        raise SubmissionError(_("The file is empty. Save the notebook and submit it again."))
    if data.startswith(b"PK\x03\x04"):
        raise SubmissionError(_("This is a zip file, not a notebook. Unpack it and submit the .ipynb file itself."))
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.removeprefix(b"\xef\xbb\xbf")
    if len(data) > _MOST_UTF16:
        raise _too_large(_("The file is larger than {size} MB, in UTF-16.", size=f"{_MOST_UTF16 / 2**20:g}"))
    try:
        return data.decode("utf-16").encode()
    except UnicodeDecodeError:
        raise _not_text() from None


def _text(data: bytes, encoded: str = "utf-8") -> str:
    if len(data) > _MOST_BYTES:
        raise _too_long(len(data))
    try:
        return data.decode(encoded).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise _not_text() from None


def _too_long(size: int) -> SubmissionError:
    return SubmissionError(
        _(
            "There are {size} MB of code in this file, more than the {most} MB that are read. "
            "Take out what is no code, such as data and pictures, and submit it again.",
            size=f"{size / 2**20:.1f}",
            most=f"{_MOST_BYTES / 2**20:g}",
        )
    )


def _too_large(problem: str) -> SubmissionError:
    return SubmissionError(joined(" ", [problem, _(_CLEAR_OUTPUTS)]))


def _not_text() -> SubmissionError:
    return SubmissionError(_("The file is not text: it is damaged, or no notebook. Download it again and submit it."))


def _script_cells(text: str) -> list[Cell]:
    # A coding line means nothing once the text is decoded, and Python refuses one in a string.
    parts = split_script(_CODING.sub("#", text, count=1))
    return [Cell(number, part.strip("\n")) for number, part in enumerate(parts, 1) if part.strip()]


def _notebook(data: bytes) -> dict[str, Any]:
    line = 0
    try:
        if len(data) > _MOST_BYTES:
            data = slim(data, most_cells=_MOST_CELLS, most_bytes=_MOST_BYTES)
        notebook = json.loads(_text(data))
    except TooLong as error:
        raise _too_long(error.size) from None
    except TooMuch:
        raise _too_large(_("There are millions of values in this notebook.")) from None
    except (ValueError, RecursionError) as error:
        begins = data[:1000].lstrip()[:1]
        if begins == b"<":
            raise SubmissionError(
                _("This is a web page, not a notebook. Use the site's download button, not the browser's 'save page'.")
            ) from None
        if isinstance(error, json.JSONDecodeError):
            line = error.lineno
        elif isinstance(error, Damaged):
            line = data.count(b"\n", 0, error.at) + 1
        if line:
            text = _(
                "The file is no notebook: its JSON is damaged (line {line}), perhaps cut off. Save it in Jupyter and submit it again.",
                line=line,
            )
        else:
            text = _(
                "The file is no notebook: its JSON is damaged, perhaps cut off. Save it in Jupyter and submit it again."
            )
        raise SubmissionError(text) from None
    if not isinstance(notebook, dict):
        raise SubmissionError(_("The file is JSON, but no notebook: it has no cells."))
    return notebook


def _notebook_cells(notebook: dict[str, Any]) -> list[Cell]:
    cells = [
        Cell(number, source)
        for number, cell in enumerate(_raw_cells(notebook), 1)
        if isinstance(cell, dict) and cell.get("cell_type") == "code" and (source := _source(cell)).strip()
    ]
    language = _language(notebook)
    if language not in ("", "python", "ipython", "python3") and not is_python(cell.source for cell in cells):
        raise SubmissionError(
            _("This notebook is written for {language}; this assignment is in Python.", language=language[:40])
        )
    return cells


def _raw_cells(notebook: dict[str, Any]) -> list[Any]:
    """The cells, in nbformat 4's place for them or in that of 2 and 3."""
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):
        sheets = [sheet.get("cells") for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    if not isinstance(cells, list):
        raise SubmissionError(_("The file is JSON, but no notebook: it has no cells."))
    if len(cells) > _MOST_CELLS:
        raise SubmissionError(
            _(
                "The notebook has more than {most} cells. Delete those that are not needed, save, and submit it again.",
                most=f"{_MOST_CELLS:,}",
            )
        )
    return cells


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return ""
    # Half of a surrogate pair is legal in JSON, but no text.
    return source.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata")
    found: Any = ""
    if isinstance(metadata, dict):
        for key, field in (("kernelspec", "language"), ("language_info", "name")):
            part = metadata.get(key)
            if isinstance(part, dict):
                found = found or part.get(field)
    return found.lower() if isinstance(found, str) else ""
