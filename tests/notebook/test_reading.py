"""Submissions of any size are read in bounded memory, and what is too much is refused with a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import SubmissionError
from autograder.notebook import read_submission
from autograder.notebook.slim import Damaged, TooLong, TooMuch, slim
from tests.conftest import RIGHT, notebook

MB = 2**20
LARGE = 12 * MB
MANY = LARGE // 4


def code(source: object, **changes: object) -> dict[str, object]:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source} | changes


def saved(*cells: object, **changes: object) -> str:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | changes)


def around(text: str, *cells: object, **changes: object) -> str:
    """A notebook in which this stands in the place of the text @@."""
    return saved(*cells, **changes).replace('"@@"', text)


FIGURE = {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo" * 100_000, "text/plain": ["<Figure>"]}}

LARGE_FILES: dict[str, tuple[Callable[[], str], str]] = {
    # what is written, and what is said; nothing if it can be read
    "pictures": (lambda: saved(code(RIGHT), *[code(f"plot({i})", outputs=[FIGURE]) for i in range(20)]), ""),
    "a picture in the text": (
        lambda: saved(code(RIGHT), {"cell_type": "markdown", "source": "![](data:" + "A" * LARGE}),
        "",
    ),
    "one emoji in 12 MB of output": (
        lambda: saved(code(RIGHT, outputs=[{"text": "x" * LARGE + "🐍"}])).replace("\\ud83d\\udc0d", "🐍"),
        "",
    ),
    "not a number": (
        lambda: saved(code(RIGHT, outputs=[{"data": [float("nan"), float("inf"), -float("inf")] * (MANY // 4)}])),
        "",
    ),
    "a huge number in outputs": (lambda: around("9" * LARGE, code(RIGHT, outputs=["@@"])), ""),
    "a million entries of metadata": (
        lambda: saved(code(RIGHT, metadata={f"key {i}": i for i in range(10**6)})),
        "",
    ),
    "old format": (
        lambda: json.dumps(
            {
                "worksheets": [
                    {"cells": [{"cell_type": "code", "input": RIGHT.splitlines(True), "outputs": ["x" * LARGE]}]}
                ],
                "metadata": {"name": ""},
                "nbformat": 3,
            }
        ),
        "",
    ),
    "empty objects for cells": (lambda: around("{}," * MANY + "{}", "@@"), "millions of values"),
    "empty objects for outputs": (lambda: around("{}," * MANY + "{}", code(RIGHT, outputs=["@@"])), "millions of"),
    "empty lists for code": (lambda: around("[]," * MANY + "[]", code(RIGHT), code(["@@"])), "millions of values"),
    "empty texts for code": (lambda: around('"",' * MANY + '""', code(RIGHT), code(["@@"])), "MB of code"),
    "many names": (lambda: saved(code(RIGHT), **{f"name {i}": i for i in range(10**6)}), "millions of values"),
    "one name again and again": (lambda: "{" + '"a":1,' * MANY + '"cells": []}', "millions of values"),
    "a cell with one name again and again": (
        lambda: '{"cells": [{' + '"a":1,' * MANY + '"b":1}]}',
        "millions of values",
    ),
    "worksheets without end": (lambda: '{"worksheets": [' + "0," * MANY + "0]}", "millions of values"),
    "one emoji in 12 MB of code": (lambda: saved(code(RIGHT), code("# 🐍" + "x" * LARGE)), "12.0 MB of code"),
    "one long line": (lambda: saved(code(RIGHT), code("x = '" + "a" * LARGE + "'")), "12.0 MB of code"),
    "many lines": (lambda: saved(code(RIGHT), code("x = 1\n" * MANY)), "MB of code"),
    "many cells": (lambda: around('{"cell_type": "code"},' * 400_000 + "{}", code(RIGHT), "@@"), "than 2,000 cells"),
    "deep lists": (lambda: "[" * MANY + "]" * MANY, "damaged"),
    "deep objects": (lambda: '{"a":' * MANY + "1" + "}" * MANY, "damaged"),
    "cut off": (lambda: saved(code(RIGHT), code("x", outputs=["\\" * LARGE]))[:-20], "damaged"),
    "escapes without end": (lambda: '{"cells": ["' + '\\"' * MANY, "damaged"),
    "spaces": (lambda: " " * LARGE, "empty"),
    "a web page": (lambda: "<html>" + "[" * LARGE, "web page"),
    "a list of numbers": (lambda: "[" + "0," * MANY + "0]", "no notebook"),
}

READ = """
import sys
from pathlib import Path
from autograder.errors import SubmissionError
from autograder.notebook import read_submission

def most_mb():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024

before = most_mb()
try:
    print(read_submission(Path(sys.argv[1]), max_bytes=50 * 2**20).cells[0].source)
except SubmissionError as error:
    print(error)
print(most_mb() - before)
"""


@pytest.mark.parametrize("name", LARGE_FILES)
def test_a_large_notebook_is_read_or_refused_in_bounded_memory(tmp_path: Path, name: str) -> None:
    make, says = LARGE_FILES[name]
    path = tmp_path / "s01.ipynb"
    path.write_text(make(), encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    said, _, mb = done.stdout.strip().rpartition("\n")
    assert says in said if says else said.strip() == RIGHT.strip()
    assert float(mb) < path.stat().st_size / MB + 40


@pytest.mark.parametrize("kind", ["{}", "[]", '{"":0}', '""', "0", '"é"'])
def test_what_is_decoded_at_once_becomes_no_more_than_100_mb(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "s01.ipynb"
    size = 2 * MB - 1000
    path.write_text(around(f"{kind}," * (size // (len(kind.encode()) + 1)) + "0", code(RIGHT), code(["@@"])))
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    said, _, mb = done.stdout.strip().rpartition("\n")
    assert said.strip() == RIGHT.strip()
    assert float(mb) < 100


def test_a_script_has_the_same_bound(tmp_path: Path) -> None:
    path = tmp_path / "s01.py"
    path.write_text("x = 1\n" * MB, encoding="utf-8")
    with pytest.raises(SubmissionError, match=r"6\.0 MB of code in this file, more than the 2 MB"):
        read_submission(path, max_bytes=50 * MB)


def test_a_notebook_in_utf16_has_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "s01.ipynb"
    path.write_bytes(notebook(RIGHT).encode("utf-16"))
    assert read_submission(path, max_bytes=50 * MB).cells[0].source.strip() == RIGHT.strip()
    path.write_bytes(saved(code("x" * 5 * MB)).encode("utf-16"))
    with pytest.raises(SubmissionError, match=r"in UTF-16. Clear the outputs"):
        read_submission(path, max_bytes=50 * MB)


def test_two_thousand_cells_are_read_and_more_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "s01.ipynb"
    path.write_text(saved(*[code("1")] * 2000), encoding="utf-8")
    assert len(read_submission(path, max_bytes=MB).cells) == 2000
    path.write_text(saved(*[code("1")] * 2001), encoding="utf-8")
    with pytest.raises(SubmissionError, match=r"more than 2,000 cells. Delete"):
        read_submission(path, max_bytes=MB)


def test_a_damaged_large_notebook_says_the_line(tmp_path: Path) -> None:
    path = tmp_path / "s01.ipynb"
    lines = json.dumps(json.loads(saved(code("x" * 3 * MB), code("y"))), indent=1).split("\n")
    lines.insert(4, "<<<<<<< HEAD")
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SubmissionError, match=r"damaged \(line 5\)"):
        read_submission(path, max_bytes=50 * MB)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "metadata": values
        | st.fixed_dictionaries({}, optional={"kernelspec": values, "language_info": values, "other": values}),
        "cells": values
        | st.lists(
            values
            | st.fixed_dictionaries(
                {}, optional={"cell_type": st.just("code") | values, "source": values, "outputs": values}
            ),
            max_size=4,
        ),
        "worksheets": values,
        "nbformat": values,
    },
)


@given(document=documents, indent=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_what_is_left_of_a_notebook_is_what_was_there(
    document: dict[str, Any], indent: int | None, ascii_only: bool
) -> None:
    data = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "replace")
    before = json.loads(data)
    after = json.loads(slim(data, most_cells=10, most_bytes=MB))
    if isinstance(before.get("cells"), list):
        kept = [
            {key: one.get(key) for key in ("cell_type", "source")} if isinstance(one, dict) else None
            for one in before["cells"]
        ]
        found = [{key: one.get(key) for key in ("cell_type", "source")} for one in after["cells"]]
        assert repr(found) == repr([one or {"cell_type": None, "source": None} for one in kept])
    if isinstance(before.get("metadata"), dict):
        for key in ("kernelspec", "language_info"):
            assert repr(before["metadata"].get(key)) == repr(after["metadata"].get(key))


@given(data=st.binary(max_size=40) | st.text(alphabet='{}[]",:\\ \n0aN', max_size=40).map(str.encode))
def test_whatever_the_bytes_are_they_end_in_a_document_or_a_refusal(data: bytes) -> None:
    try:
        left = slim(data, most_cells=10, most_bytes=MB)
    except (Damaged, TooMuch, TooLong):
        return
    assert isinstance(json.loads(left.decode("utf-8", "replace"), strict=False), dict)
