"""A submitted notebook as nbgrader wants it in `autograded/`: valid, and each of its cells marked once."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import SubmissionError
from autograder.language import _
from autograder.notebook import read_submission
from autograder.notebook.slim import slim
from autograder.report.comment import block

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_LARGE = 4 * 2**20
"""Bytes of a notebook that is decoded with its outputs."""
_MOST_CELLS = 2000
_MOST_OUTPUT = 200_000
"""Characters of one cell's outputs that are kept."""


@dataclass(frozen=True)
class MarkedCell:
    """A cell that nbgrader knows by its ``grade_id``."""

    name: str
    points: float | None
    grade: bool
    solution: bool
    task: bool = False

    def metadata(self, cell_type: str) -> dict[str, Any]:
        """nbgrader's, in the third version of its schema."""
        values: dict[str, Any] = {
            "schema_version": 3,
            "grade_id": self.name,
            "grade": self.grade,
            "solution": self.solution,
            "task": self.task,
            "locked": self.grade and not self.solution,
            "cell_type": cell_type,
        }
        return values if self.points is None else values | {"points": self.points}


def graded_notebook(submitted: Path | None, marked: Sequence[MarkedCell], remarks: str, most_mb: float) -> bytes:
    """The student's cells and outputs as they were saved, none of their metadata.

    A cell that nbgrader knows is marked where it first stands; what the student deleted is put at the end, empty. So what
    students do to their notebook's cells changes nothing about what nbgrader shows.

    Args:
        submitted: the file; None if there is none.
        remarks: what the student should know of the whole submission, in Markdown; shown above everything.
    """
    import nbformat

    cells, problem = _cells(submitted, most_mb)
    above = "\n\n".join(filter(None, (problem, remarks)))
    missing = {cell.name: cell for cell in marked}
    nodes: list[dict[str, Any]] = [_node("markdown", above)] if above else []
    for cell in cells:
        node = _node(cell["cell_type"], cell["source"], cell.get("outputs", ()))
        if known := missing.pop(cell["grade_id"], None):
            node["metadata"]["nbgrader"] = known.metadata(cell["cell_type"])
        nodes.append(node)
    for known in missing.values():
        kind = "markdown" if known.task else "code"
        node = _node(kind, _("# {name}: this cell is not in the submitted notebook.", name=known.name))
        node["metadata"]["nbgrader"] = known.metadata(kind)
        nodes.append(node)
    for number, node in enumerate(nodes):
        node["id"] = f"cell-{number}"
    document = {"cells": nodes, "metadata": {"kernelspec": _KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    nbformat.validate(document)
    return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()


def _node(kind: str, source: str, outputs: Sequence[Any] = ()) -> dict[str, Any]:
    node: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": source}
    return node | {"execution_count": None, "outputs": list(outputs)} if kind == "code" else node


def _cells(path: Path | None, most_mb: float) -> tuple[list[dict[str, Any]], str]:
    """The cells of a file that may be damaged in any way, and what is wrong with it."""
    if path is None:
        return [], block(_("No notebook was submitted."))
    try:
        code = read_submission(path, max_bytes=int(most_mb * 2**20)).cells
    except SubmissionError as error:
        return [], block(str(error))
    found: dict[int, dict[str, Any]] = {
        cell.number: {"cell_type": "code", "source": cell.source, "grade_id": ""} for cell in code
    }
    problem = ""
    if path.suffix.lower() != ".py":
        try:
            data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
            if len(data) > _LARGE:
                problem = block(_("The outputs are not shown: this notebook is very large."))
                data = slim(data, most_cells=_MOST_CELLS, most_bytes=_LARGE)
            raw = json.loads(data.decode())["cells"]
        except (OSError, ValueError, RecursionError, KeyError, TypeError):
            raw = []  # an old format, or another encoding: the code is what counts
        for number, cell in enumerate(raw if isinstance(raw, list) else [], 1):
            if isinstance(cell, dict):
                _add(found, number, cell)
    return [found[number] for number in sorted(found)], problem


def _add(found: dict[int, dict[str, Any]], number: int, cell: dict[str, Any]) -> None:
    """What else nbformat 4 has of a cell: text, outputs, and the name that nbgrader gave it."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    if number not in found:
        source = cell.get("source", "")
        if isinstance(source, list):
            source = "".join(part for part in source if isinstance(part, str))
        empty_code = cell.get("cell_type") == "code"
        if not isinstance(source, str) or not (source.strip() or empty_code):
            return
        text = source.encode("utf-8", "replace").decode()
        found[number] = {"cell_type": "code" if empty_code else "markdown", "source": text, "grade_id": ""}
    elif isinstance(cell.get("outputs"), list):
        found[number]["outputs"] = _valid(cell["outputs"])
    if isinstance(grade_id, str):
        found[number]["grade_id"] = grade_id


def _valid(outputs: Sequence[Any]) -> list[dict[str, Any]]:
    """Outputs that nbconvert can show; one that is broken or very long is left out, and it is said."""
    import nbformat
    from nbformat.validator import ValidationError

    kept: list[dict[str, Any]] = []
    for output in outputs:
        try:
            nbformat.validate(output, ref="output", version=4, version_minor=5)
            text = json.dumps(output, allow_nan=False)
        except (ValidationError, ValueError, TypeError, RecursionError, KeyError, AttributeError):
            text = ""
        if not text or len(text) > _MOST_OUTPUT:
            note = _("[an output that is broken or too long was left out]") + "\n"
            kept.append({"output_type": "stream", "name": "stdout", "text": note})
            continue
        # Half of a surrogate pair is legal in JSON, but no text.
        kept.append(json.loads(re.sub(r"\\ud[89a-f][0-9a-f]{2}", _whole_pair, text)))
    return kept


def _whole_pair(match: re.Match[str]) -> str:
    start, end = match.span()
    high = match[0][3] in "89ab"
    before, after = match.string[max(start - 6, 0) : start], match.string[end : end + 4]
    paired = re.match(r"\\ud[c-f]", after) if high else re.fullmatch(r"\\ud[89ab][0-9a-f]{2}", before)
    return match[0] if paired else "\\ufffd"
