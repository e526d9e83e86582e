"""Reading a submitted notebook or script, damaged or not, into code cells."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import SubmissionError

_CELL_MARK = re.compile(r"^#\s*(?:%%.*|In\[[ \d]*\]:\s*)$", re.MULTILINE)
"""Jupytext's and VS Code's mark, and nbconvert's."""
_CODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+", re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """A code cell; ``number`` counts all cells from 1."""

    number: int
    source: str


@dataclass(frozen=True)
class Submission:
    """What grading needs of a submitted file. Outputs and cells' metadata have no part in it."""

    path: Path
    cells: tuple[Cell, ...]
    fingerprint: str
    made_for: str = ""
    """The assignment that its template was built for, as far as the notebook still says so."""


def fingerprint(path: Path) -> str:
    """SHA-256 of the file; for what is no regular file, a word that says so."""
    try:
        with open(open_regular(path), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except SubmissionError:
        return "unreadable"


def read_submission(path: Path, *, max_bytes: int) -> Submission:
    """Read the code cells of an `.ipynb` (nbformat 2 to 4) or of a `.py` (percent format or plain).

    Raises:
        SubmissionError: the file is missing, no regular file, too large, empty or no notebook; its
            message is for the student.
    """
    with open(open_regular(path), "rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise SubmissionError(
            f"The file is larger than {max_bytes / 2**20:g} MB. Clear the outputs (Edit > Clear All Outputs), save, and submit again."
        )
    cells, made_for = _parse(data, path.suffix)
    return Submission(path, cells, hashlib.sha256(data).hexdigest(), made_for)


def parse_cells(data: bytes, suffix: str) -> tuple[Cell, ...]:
    """The code cells of a file's content; ``suffix`` says whether it is a script.

    Raises:
        SubmissionError: it is no notebook or script.
    """
    return _parse(data, suffix)[0]


def _parse(data: bytes, suffix: str) -> tuple[tuple[Cell, ...], str]:
    """The code cells, and the assignment that the metadata name."""
    text = _text(data)
    if suffix.lower() == ".py":
        return tuple(_script_cells(text)), ""
    notebook = _notebook(text)
    own: Any = notebook.get("metadata")
    own = own.get("cnn_autograder") if isinstance(own, dict) else None
    made_for = own.get("assignment") if isinstance(own, dict) else None
    return tuple(_notebook_cells(notebook)), made_for if isinstance(made_for, str) else ""


def open_regular(path: Path) -> int:
    """Open a regular file: no link, pipe or device, which may lead elsewhere or never end.

    Raises:
        SubmissionError: it is none, or cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        reason = "it is a link" if os.path.islink(path) else (error.strerror or str(error)).lower()
        raise SubmissionError(f"The file cannot be opened: {reason}.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise SubmissionError("This is not a regular file.")
    return descriptor


def _text(data: bytes) -> str:
    if not data.strip():
        raise SubmissionError("The file is empty. Save the notebook and submit it again.")
    if data.startswith(b"PK\x03\x04"):
        raise SubmissionError("This is a zip file, not a notebook. Unpack it and submit the .ipynb file itself.")
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise SubmissionError(
            "The file is not text: it is damaged, or no notebook. Download it again and submit it."
        ) from None


def _script_cells(text: str) -> list[Cell]:
    # A coding line means nothing once the text is decoded, and Python refuses one in a string.
    parts = _CELL_MARK.split(_CODING.sub("#", text, count=1))
    return [
        Cell(number, part.strip("\n"))
        for number, part in enumerate(parts if parts[0].strip() else parts[1:], 1)
        if part.strip()
    ]


def _notebook(text: str) -> dict[str, Any]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip()[:1] == "<":
            raise SubmissionError(
                "This is a web page, not a notebook. Use the site's download button, not the browser's 'save page'."
            ) from None
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise SubmissionError(
            f"The file is no notebook: its JSON is damaged{where}, perhaps cut off. Save it in Jupyter and submit it again."
        ) from None
    if not isinstance(notebook, dict):
        raise SubmissionError("The file is JSON, but no notebook: it has no cells.")
    return notebook


def _notebook_cells(notebook: dict[str, Any]) -> list[Cell]:
    language = _language(notebook)
    if language not in ("", "python", "ipython", "python3"):
        raise SubmissionError(f"This notebook is written for {language[:40]}; this assignment is in Python.")
    return [
        Cell(number, source)
        for number, cell in enumerate(_raw_cells(notebook), 1)
        if isinstance(cell, dict) and cell.get("cell_type") == "code" and (source := _source(cell)).strip()
    ]


def _raw_cells(notebook: dict[str, Any]) -> list[Any]:
    """The cells, in nbformat 4's place for them or in that of 2 and 3."""
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):
        sheets = [sheet.get("cells") for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    if not isinstance(cells, list):
        raise SubmissionError("The file is JSON, but no notebook: it has no cells.")
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
