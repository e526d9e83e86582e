"""The cells of a script: percent format, nbconvert's, Databricks' and marimo's, or plain."""

from __future__ import annotations

import ast
import codecs
import re
import textwrap
from collections.abc import Iterator

from autograder.notebook.tree import parse

_CELL_MARK = re.compile(r"^#\s*(?:%%.*|In\[[ \d]*\]:\s*|COMMAND -{10}\s*)$", re.MULTILINE)
"""Jupytext's and VS Code's mark, nbconvert's, and Databricks'."""
_CODING = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_COMMENT = re.compile(rb"[ \t\f]*(?:#.*)?\r?")
_CODECS = re.compile(r"(?:utf-8|ascii|iso8859|cp\d|koi8|mac|big5|gb|euc|shift_jis|tis-620)")
"""Beginnings of the names of those that take time in proportion to the text; others, as punycode, take its square."""
_MAGIC = "# MAGIC"
_COLAB = re.compile(
    r"^# Commented out IPython magic to ensure Python compatibility\.\n((?=# %%(?:time|capture)\b)(?:#.*\n?)++)",
    re.MULTILINE,
)
"""What Colab's scripts make of a cell with a magic."""
_MARIMO = re.compile(r"^\w+ = marimo\.App\(", re.MULTILINE)
_MOST_MARIMO = 200_000
"""Characters of a script that is read into a syntax tree, which takes some hundred times as much."""
_STRING = re.compile(r"""#[^\n]*+|\"{3}|'{3}|"(?:[^"\\\n]|\\.)*+|'(?:[^'\\\n]|\\.)*+""", re.DOTALL)
_ENDS = {'"""': re.compile(r'\\.|"{3}', re.DOTALL), "'''": re.compile(r"\\.|'{3}", re.DOTALL)}


def encoding(data: bytes) -> str:
    """What the script says of its encoding in its first two lines (PEP 263); UTF-8 if it says nothing that is understood."""
    for line in data[:1000].split(b"\n")[:2]:
        if found := _CODING.match(line):
            try:
                name = codecs.lookup(found[1].decode("ascii")).name
            except (LookupError, ValueError):
                return "utf-8"
            return name if is_quick(name) else "utf-8"
        if not _COMMENT.fullmatch(line):
            break
    return "utf-8"


def is_quick(codec: str) -> bool:
    """Whether a codec of this name, as `codecs.lookup` has it, takes time in proportion to the text."""
    return _CODECS.match(codec) is not None


def split_script(text: str) -> list[str]:
    """The sources of a script's cells, empty ones too; what stands before the first mark is one if there is anything."""
    if len(text) <= _MOST_MARIMO and _MARIMO.search(text) and (cells := _marimo(text)):
        return cells
    text = _COLAB.sub(_uncommented, text)
    marks = [found.span() for found in _CELL_MARK.finditer(text)]
    starts, ends = [0, *(end for _, end in marks)], [*(start for start, _ in marks), len(text)]
    parts = [text[start:end] for start, end in _whole(text, list(zip(starts, ends, strict=True)))]
    return [_without_magic_comments(part) for part in (parts if parts[0].strip() else parts[1:])]


def _whole(text: str, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The parts of a script, those put together again that a mark within a string has parted.

    Such a string is begun in one part and ended in another, each of which is odd by itself. A string that is begun and never ended keeps nothing together.
    """
    waiting: list[tuple[int, int]] = []
    quotes = ""
    for start, end in spans:
        part = text[start:end]
        if waiting and quotes not in part:
            waiting.append((start, end))
        elif waiting and _open_quotes(part):
            yield waiting[0][0], end
            waiting = []
        elif not waiting and (quotes := _open_quotes(part)):
            waiting = [(start, end)]
        else:
            yield from waiting
            yield start, end
            waiting = []
    yield from waiting


def _open_quotes(part: str) -> str:
    """The quotes of the string of several lines that is begun and not ended in a part of a script, or nothing."""
    at = 0
    while found := _STRING.search(part, at):
        at = found.end()
        if (quotes := found[0]) in _ENDS:
            ends = (one for one in _ENDS[quotes].finditer(part, at) if one[0] == quotes)
            if not (end := next(ends, None)):
                return quotes
            at = end.end()
        elif found[0][0] in "\"'":
            at += 1  # the quote at its end, or that of the line
    return ""


def _uncommented(found: re.Match[str]) -> str:
    """The cell's first line as a mark, and the others as code."""
    first, *lines = found[1].split("\n")
    return "\n".join(["#", first, *(line.removeprefix("#").removeprefix(" ") for line in lines)])


def _without_magic_comments(part: str) -> str:
    """A Databricks cell of Python that is written as a comment, as code; other languages stay comments."""
    lines = [line for line in part.splitlines() if line.strip() and not line.startswith("# DBTITLE")]
    if not lines or not all(line.startswith(_MAGIC) for line in lines):
        return part
    code = "\n".join(line.removeprefix(_MAGIC).removeprefix(" ") for line in part.strip("\n").split("\n"))
    if code.startswith("%python"):
        return "\n" + code.partition("\n")[2]
    return code if code.startswith("%%") else part


def _marimo(text: str) -> list[str]:
    """The cells of a marimo notebook, which are functions there; none if this is no Python."""
    tree = parse(text)
    if tree is None:
        return []
    lines = text.split("\n")
    cells = []
    for node in tree.body:
        match node:
            case ast.FunctionDef(decorator_list=[_, *_]) | ast.AsyncFunctionDef(decorator_list=[_, *_]) if (
                _decorator(node) == "cell"
            ):
                body = node.body[:-1] if isinstance(node.body[-1], ast.Return) else node.body
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if _decorator(node):
                cells.append("\n".join(lines[node.lineno - 1 : node.end_lineno]))
                continue
            case ast.With():
                body = node.body
            case _:
                continue
        cells.append(textwrap.dedent("\n".join(lines[body[0].lineno - 1 : body[-1].end_lineno])) if body else "")
    return cells


def _decorator(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    """The name that marimo has decorated a cell with, or nothing."""
    first = node.decorator_list[0] if node.decorator_list else None
    first = first.func if isinstance(first, ast.Call) else first
    known = isinstance(first, ast.Attribute) and first.attr in ("cell", "function", "class_definition")
    return first.attr if known and isinstance(first, ast.Attribute) else ""
