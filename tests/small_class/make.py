"""Writes the sample class's notebooks as Jupyter, Colab and VS Code would have saved them: `python -m tests.small_class.make`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from autograder.build.template import _enclosing
from autograder.course import Course, Role
from autograder.course.script import BEGIN, END
from tests.small_class.answers import ANSWERS

HERE = Path(__file__).parent
COURSE = Course(HERE.parents[1])
Cells = list[tuple[str, str]]
"""Kind ("markdown" or "code") and source."""

PLACES = {
    ("conv_forward", "22020008"): "conv_forward/conv_forward_22020008 (1).ipynb",
    ("conv_forward", "22020003"): "conv_forward/Copy of 22020003.ipynb",
    ("sizing", "22020003"): "sizing/22020003.py",
}
"""Files that are not called after their student alone."""


def solved(assignment: str, answers: dict[str, str]) -> Cells:
    """The template's cells with the answers in them, or the reference's where there is none."""
    cells: Cells = []
    for cell in COURSE.assignment(assignment).cells:
        if cell.role is Role.TEXT:
            cells.append(("markdown", re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"*\1*", cell.source)))
        else:
            cells.append(("code", fill(cell.source, answers)))
    return cells


def fill(source: str, answers: dict[str, str]) -> str:
    lines: list[str] = []
    region: list[str] | None = None
    for line in source.splitlines():
        if line.strip() == BEGIN:
            region = []
            name = _enclosing(lines, line[: len(line) - len(line.lstrip())])
        elif line.strip() == END:
            assert region is not None
            lines += answers[name].strip("\n").splitlines() if name in answers else region
            region = None
        else:
            (lines if region is None else region).append(line)
    return "\n".join(lines)


def jupyter(cells: Cells) -> dict[str, Any]:
    """JupyterLab 4: cell ids, execution counts, outputs, a full kernelspec."""
    saved = []
    for number, (kind, source) in enumerate(cells, 1):
        cell: dict[str, Any] = {
            "cell_type": kind,
            "id": f"{number:08x}",
            "metadata": {},
            "source": source.splitlines(keepends=True),
        }
        if kind == "code":
            labels = re.findall(r'^check\("([^"]+)"', source, re.MULTILINE)
            text = [f"{label}: correct\n" for label in labels]
            cell["execution_count"] = number
            cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": text}] if text else []
        saved.append(cell)
    return {
        "cells": saved,
        "metadata": {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {
                "codemirror_mode": {"name": "ipython", "version": 3},
                "file_extension": ".py",
                "mimetype": "text/x-python",
                "name": "python",
                "nbconvert_exporter": "python",
                "pygments_lexer": "ipython3",
                "version": "3.12.4",
            },
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def colab(cells: Cells) -> dict[str, Any]:
    """Google Colab: its own metadata everywhere, no cell ids, packages installed and a drive mounted first."""
    start = [
        ("code", "!pip install -q numpy matplotlib\n%matplotlib inline"),
        ("code", "from google.colab import drive\n\ndrive.mount('/content/drive')"),
    ]
    saved = []
    for number, (kind, source) in enumerate(start + cells):
        cell: dict[str, Any] = {
            "cell_type": kind,
            "metadata": {"id": f"Xy{number:02d}kQ"},
            "source": source.splitlines(keepends=True),
        }
        if kind == "code":
            cell["execution_count"] = number
            cell["outputs"] = []
            cell["metadata"] |= {
                "colab": {"base_uri": "https://localhost:8080/"},
                "executionInfo": {"elapsed": 12, "status": "ok", "timestamp": 1763800000000, "user_tz": -420},
                "outputId": f"0f{number:02d}",
            }
        saved.append(cell)
    return {
        "nbformat": 4,
        "nbformat_minor": 0,
        "metadata": {
            "colab": {"provenance": [], "toc_visible": True},
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "language_info": {"name": "python"},
            "accelerator": "GPU",
        },
        "cells": saved,
    }


def vscode(cells: Cells) -> dict[str, Any]:
    """VS Code on Windows: no ids, no kernelspec, line ends of two characters inside the sources."""
    saved: list[dict[str, Any]] = []
    for kind, source in cells:
        text = [line.replace("\n", "\r\n") for line in source.splitlines(keepends=True)]
        cell: dict[str, Any] = {
            "cell_type": kind,
            "metadata": {"vscode": {"languageId": "python"}} if kind == "code" else {},
            "source": text,
        }
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        saved.append(cell)
    return {"cells": saved, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 2}


STYLES = (jupyter, colab, vscode)


def script(cells: Cells) -> str:
    parts = [
        "# %% [markdown]\n" + "\n".join(f"# {line}".rstrip() for line in source.splitlines())
        if kind == "markdown"
        else f"# %%\n{source}"
        for kind, source in cells
    ]
    return "\n\n".join(parts) + "\n"


def notebooks() -> dict[str, bytes]:
    """Path inside this folder -> content, of every submission."""
    files: dict[str, bytes] = {}
    for assignment, students in ANSWERS.items():
        for number, (student, answers) in enumerate(students.items()):
            cells = changed(assignment, student, solved(assignment, answers))
            place = f"{assignment}/{student}.ipynb"
            if assignment == "pooling":
                place = f"pooling/submitted/{student}/pooling/pooling.ipynb"
                day = "2026-12-23" if student == "22020003" else "2026-12-20"
                files[f"pooling/submitted/{student}/pooling/timestamp.txt"] = f"{day} 10:15:00 UTC\n".encode()
            place = PLACES.get((assignment, student), place)
            if place.endswith(".py"):
                files[place] = script(cells).encode()
                continue
            text = json.dumps(STYLES[number % 3](cells), ensure_ascii=False, indent=1) + "\n"
            files[place] = (b"\xef\xbb\xbf" if student == "22020006" else b"") + text.encode()
    files["conv_forward/22020011.ipynb"] = (json.dumps(jupyter([]), indent=1) + "\n").encode()
    untouched = (COURSE.root / "student_templates" / "conv_forward" / "conv_forward.ipynb").read_text(encoding="utf-8")
    files["conv_forward/22020012.ipynb"] = re.sub(r"data:image/png;base64,[^)]*", "removed", untouched).encode()
    files["conv_forward/22020013.ipynb"] = files["conv_forward/22020001.ipynb"][:9000]
    return files


def changed(assignment: str, student: str, cells: Cells) -> Cells:
    """What else happened to the cells of a notebook before it was handed in."""
    if (assignment, student) == ("sizing", "22020006"):  # deleted everything about parameters
        return [cell for cell in cells if "num_params" not in cell[1]]
    if (assignment, student) == ("conv_forward", "22020002"):  # tried something, and copied a cell
        return [*cells[:6], cells[5], ("code", "conv2d_naive(A, V)"), *cells[6:]]
    if (assignment, student) == ("conv_forward", "22020014"):  # left an experiment running, and quit
        return [*cells, ("code", "while True:\n    pass"), ("code", "import sys\n\nsys.exit()")]
    if (assignment, student) == ("backprop", "22020001"):  # no explanations, no checks
        return [cell for cell in cells if cell[0] == "code" and not cell[1].lstrip().startswith("check(")]
    return cells


if __name__ == "__main__":
    for path, content in notebooks().items():
        (HERE / path).parent.mkdir(parents=True, exist_ok=True)
        (HERE / path).write_bytes(content)
