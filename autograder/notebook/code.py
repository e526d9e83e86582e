"""What of a submission's code is run: its cells and modules without comments, white space and layout, and its data files.

A sandbox gets exactly this and nothing else of the submission, and the inputs of hidden tests are derived from its fingerprint. So whoever
wants to bring something in that was learned from feedback changes the code by it, and gets other inputs; and whoever
only comments, formats or runs a notebook again keeps the verdict.
"""

from __future__ import annotations

import ast
import bisect
import codecs
import functools
import hashlib
import io
import re
import tokenize
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from autograder.language import _
from autograder.notebook.script import is_quick
from autograder.notebook.submission import Cell
from autograder.notebook.tree import parse, tree_of
from autograder.text import file_name, printable

_LARGEST = 50_000
"""Characters of a cell. A syntax tree takes some hundred times the memory of its source; larger cells run as they are."""
_MOST_EFFORT = 500_000
"""Characters read for one submission, for which a second is enough. IPython reads a cell anew for each magic in it."""
_MOST_MAPPED = 200_000
"""Characters of the cells whose places are looked up exactly. Syntax trees and what is kept of them are large."""
_MOST_FUNCTIONS = 200
"""Of a cell, among which an error's is looked for."""
_LONGEST_LINE = 200
_LONGEST_FUNCTION = 60
_LONGEST_QUOTE = 60

_MOST_LINES = 10**7
_MODULE = re.compile(r"[A-Za-z0-9_][\w/-]{0,80}\.py", re.ASCII)
"""What a module that code has written may be called, to be named in messages."""
_IDLE_MAGIC = re.compile(r"\s*+%%(?:time|capture)[ \t]*+(?:--?[\w-]++[ \t]*+)*+(?=\n)")
"""A first line that only shows or hides something: what stands below it is run as if it were not there."""
_MAGIC = re.compile(r"[%!?]|^\s*[/,;]")
"""Occurs in each line that IPython translates."""
_DEFINITION = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """A place in the notebook, as its author sees it."""

    cell: int
    line: int
    text: str
    """What is written in that line, or the beginning of it."""
    function: str
    """The innermost function around it, or an empty string."""
    cell_name: str = ""
    """The cell in words, see `cell_name`."""
    file: str = ""
    """The module beside the notebook that it is in, and in no cell then."""

    def __str__(self) -> str:
        if self.file:
            return _("{file}, line {line}", file=file_name(self.file), line=self.line)
        return _("line {line} of {cell}", line=self.line, cell=self.cell_name)


def definitions(source: str) -> list[str]:
    """The functions and classes that a cell defines at its top level, even if it is no Python as a whole."""
    return _DEFINITION.findall(source)


def cell_name(source: str, line: int | None = None) -> str:
    """A cell in words, since no editor shows which number it has: ``the cell that defines `conv2d```.

    Args:
        line: of several definitions, the last one that begins at or above this line gives the name.
    """
    lines, starts, first = _outline(source)
    if lines:
        at = 0 if line is None else max(bisect.bisect_right(lines, line) - 1, 0)
        found = _DEFINITION.match(source, starts[at])
        assert found
        return _("the cell that defines `{name}`", name=found[1][:_LONGEST_FUNCTION])
    return _("the cell that begins with `{line}`", line=quoted(first)) if first else _("an empty cell")


@functools.lru_cache(maxsize=8)
def _outline(source: str) -> tuple[array[int], array[int], str]:
    """Lines and places of a cell's definitions, and the beginning of its first line that is not empty.

    Many errors may name places in one large cell, which is gone through once.
    """
    lines, starts = array("I"), array("I")
    line, last = 1, 0
    for found in _DEFINITION.finditer(source):
        line += source.count("\n", last, found.start())
        last = found.start()
        lines.append(line)
        starts.append(last)
    first = re.search(r"\S[^\n]{0,100}", source)
    return lines, starts, first[0].rstrip() if first else ""


def quoted(line: str) -> str:
    """The beginning of a line of code, as much as fits into a sentence."""
    return printable(line if len(line) <= _LONGEST_QUOTE else line[:_LONGEST_QUOTE] + " ...")


class Code:
    """The code of a submission, in the order in which it is run.

    Args:
        own: path and content of the student's files beside the notebook.
        given: those of the assignment, which take the place of a student's of the same path, or that would be imported in their place.
        packages: what it may import beside the standard library, if that is known.

    Attributes:
        cells: those of the notebook that hold more than comments; cells numbered 0 are given ones.
        sources: what is run of each.
        files: what lies beside the notebook when it is run.
        replaced: paths of files of the student's that are not there, since a given one is, with another content.
    """

    def __init__(
        self,
        cells: Iterable[Cell],
        own: Iterable[tuple[str, bytes]] = (),
        given: Iterable[tuple[str, bytes]] = (),
        packages: Iterable[str] = (),
    ) -> None:
        self.packages = tuple(packages)
        left = _MOST_EFFORT
        run: list[tuple[Cell, str]] = []
        for cell in cells:
            if idle := _IDLE_MAGIC.match(cell.source):
                cell = replace(cell, source="\n" * cell.source.count("\n", 0, idle.end()) + cell.source[idle.end() :])
            source = cell.source
            if len(source) <= min(left, _LARGEST):
                left -= len(source)
                written = _rewritten(source)
                if written is None and (effort := _effort(source)) <= left:
                    left -= effort
                    written = _rewritten_magics(source)
                source = source if written is None else written
            run += [(cell, source)] if source else []
        self.cells = tuple(cell for cell, _ in run)
        self.sources = tuple(source for _, source in run)
        given_files = dict(given)
        taken = {part for path in given_files for part in _with_folders(path)}
        modules = {_module(part) for path in given_files if path.endswith(".py") for part in _with_folders(path)}
        self._own: dict[str, bytes] = {}
        self._modules: dict[str, tuple[str, str]] = {}
        """Of each of the student's modules, what is written in it and what is run of it."""
        self.replaced: list[str] = []
        for path, data in own:
            if path in taken or _module(path) in modules or not given_files.keys().isdisjoint(_with_folders(path)):
                self.replaced += [path] if given_files.get(path) != data else []
                continue
            self._own[path] = data
            if path.endswith(".py") and (text := _text_of(data)) is not None:
                written = None
                if len(text) <= min(left, _LARGEST):
                    left -= len(text)
                    written = _rewritten(text)
                if written is not None and written != text:
                    self._own[path] = written.encode(errors="surrogatepass")
                self._modules[path] = text, text if written is None else written
        self.files = tuple((self._own | given_files).items())
        self._maps: dict[int | str, _Map] = {}
        self._mapped = 0

    @functools.cached_property
    def fingerprint(self) -> str:
        """SHA-256 of what is run: the same for notebooks that differ in comments, white space, outputs, metadata or text.

        Whatever a student's code can read is in it, and so in the inputs of hidden tests: files beside the notebook carry nothing
        from one attempt to the next. Given files are the same for everybody.
        """
        digest = hashlib.sha256()
        for source in self.sources:
            data = source.encode(errors="surrogatepass")
            digest.update(b"%d " % len(data) + data)
        for path, data in sorted(self._own.items()):
            name = path.encode()
            digest.update(b"file %d %d " % (len(name), len(data)) + name + data)
        return digest.hexdigest()

    def place(self, position: int, line: int, column: int = 0) -> Place | None:
        """The place that a line and a column (in bytes, from 0) of a source stand for; None if there is no such place.

        Args:
            position: which of ``cells``, from 1; the sandbox knows no other number of it.
        """
        if not 0 < position <= len(self.cells):
            return None
        cell, source = self.cells[position - 1], self.sources[position - 1]
        return self._place(position, cell.source, source, line, column, cell=cell.number)

    def place_in(self, path: str, line: int, column: int = 0) -> Place | None:
        """The same for a module beside the notebook; of one that code has written, no more is known than what is said of it."""
        if path in self._modules:
            return self._place(path, *self._modules[path], line, column, file=path)
        known = any(path == given for given, _ in self.files)
        if known or not _MODULE.fullmatch(path) or not 0 < line <= _MOST_LINES:
            return None
        return Place(0, line, "", "", file=path)

    def _place(
        self, key: int | str, original: str, run: str, line: int, column: int, *, cell: int = 0, file: str = ""
    ) -> Place | None:
        if key not in self._maps:
            self._mapped += len(original) + len(run)
            self._maps[key] = _Map(original, run, exactly=self._mapped <= _MOST_MAPPED)
        found = self._maps[key]
        number, function = found.find(line, column)
        text = found.text(number)
        if text is None:
            return None
        name = "" if file else cell_name(original, number)
        return Place(cell, number, text, function[:_LONGEST_FUNCTION], name, file)


def _with_folders(path: str) -> list[str]:
    """A path and the folders on it."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _module(path: str) -> str:
    """What a file, or a folder, is imported as, with `/`; empty if Python imports nothing of that kind."""
    folder, _, name = path.rpartition("/")
    stem, dot, _ = name.partition(".")
    if dot and not name.endswith((".py", ".so", ".pyc")):
        return ""
    return folder if dot and stem == "__init__" else f"{folder}/{stem}".lstrip("/")


def _text_of(data: bytes) -> str | None:
    """A module's text as Python reads it; None if it cannot, or takes too long."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        if not is_quick(codecs.lookup(encoding).name):
            return None
        return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except (SyntaxError, ValueError, LookupError):
        return None


# Given cells, imports and stubs are the same in many notebooks.


@functools.lru_cache(maxsize=64)
def _rewritten(source: str) -> str | None:
    """The source with nothing in it that running it does not need, empty if it is comments only; None if it is no plain Python."""
    tree = parse(source)
    return None if tree is None else _written(source, tree)


@functools.lru_cache(maxsize=64)
def _rewritten_magics(source: str) -> str | None:
    """The same of a cell with magics; None if it is no Python even for IPython."""
    tree = _translated(source)
    return None if tree is None else _written(source, tree)


def _written(source: str, tree: ast.Module) -> str:
    try:
        written = ast.unparse(tree)
        same = _same(tree, tree_of(written))
    except (ValueError, SyntaxError, RecursionError, MemoryError):  # an f-string that cannot be written, or a tower
        return source
    return written if same else source  # `with ((a, b)):` loses its brackets


def _same(one: Any, other: Any) -> bool:
    """Whether two syntax trees, or parts of them, are equal but for places."""
    if one is other:  # names, None, and what a name is used for
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, ast.AST):
        for name in one._fields:  # noqa: SIM110  # all() takes twice as long
            if not _same(getattr(one, name, None), getattr(other, name, None)):
                return False
        return True
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _effort(source: str) -> int:
    """Of translating a cell, in characters to parse: IPython reads all of it, slowly, for each line that it finds to translate."""
    lines = source.split("\n")
    return 3 * len(source) * (1 + sum(bool(_MAGIC.search(line)) for line in lines))


def _parse(source: str) -> ast.Module | None:
    """The syntax tree of a cell, its magics as IPython translates them; None if it has none."""
    return parse(source) or _translated(source)


def _translated(source: str) -> ast.Module | None:
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return tree_of(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]  # IPython does not annotate it
    except Exception:  # no Python, which the sandbox will say, or more than the translator can take
        return None


class _Map:
    """Leads from places in what is run of a cell to lines and functions of the original.

    Args:
        exactly: whether there is room for it. If not, nothing is known of a cell that is not run as it was written.
    """

    def __init__(self, original: str, source: str, *, exactly: bool) -> None:
        self._original = original
        self._ends = array("I", (end.start() for end in re.finditer(r"\n|\Z", original)))
        self._as_written = source == original
        self._lines: dict[int, int] = {}
        self._nodes: dict[tuple[int, int], int] = {}
        """Only those whose line is another than that of the first in the same line."""
        self._functions: list[tuple[int, int, str]] = []
        tree = parse(source) if exactly else None
        before = tree if tree is None or self._as_written else _parse(original)
        if tree is None or before is None:
            return
        for old, new in zip(ast.walk(before), ast.walk(tree), strict=False):
            if isinstance(new, ast.FunctionDef | ast.AsyncFunctionDef) and len(self._functions) < _MOST_FUNCTIONS:
                self._functions.append((new.lineno, new.end_lineno or new.lineno, new.name))
            if (
                isinstance(new, ast.stmt | ast.expr)
                and isinstance(old, ast.stmt | ast.expr)
                and old.lineno != self._lines.setdefault(new.lineno, old.lineno)
            ):
                self._nodes[new.lineno, new.col_offset] = old.lineno

    def find(self, line: int, column: int) -> tuple[int, str]:
        """The line of the original, or 0, and the innermost function around it."""
        around = [(start, name) for start, end, name in self._functions if start <= line <= end]
        own = line if self._as_written else 0
        original = self._nodes.get((line, column)) or self._lines.get(line, own)
        return original, max(around)[1] if around else ""

    def text(self, line: int) -> str | None:
        """The beginning of a line of the original, without the space around it; None if there is no such line."""
        if not 0 < line <= len(self._ends):
            return None
        start = self._ends[line - 2] + 1 if line > 1 else 0
        return self._original[start : self._ends[line - 1]].strip()[:_LONGEST_LINE]
