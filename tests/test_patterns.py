"""What reads students' text takes time in proportion to it: every regular expression of the package, fed with its worst."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import REPOSITORY

LONG_ENOUGH = 120
"""Seconds; what takes time in proportion takes a few of them, what takes its square takes minutes at least."""
METHODS = ("match", "fullmatch", "search", "split", "findall", "finditer", "sub", "subn")

FEED = r'''
import re, sys
from re import _parser

def texts(parsed):
    """A short text for each literal and class of the pattern, and for runs of literals."""
    run = ""
    for kind, value in parsed:
        name = str(kind)
        if name == "LITERAL":
            run += chr(value)
            if not chr(value).isalnum():
                yield chr(value)
            continue
        if run:
            yield run
            run = ""
        if name == "NOT_LITERAL":
            yield "x" if chr(value) != "x" else "y"
        elif name == "IN":
            yield from members(value)
        elif name == "CATEGORY":
            yield from members([(kind, value)])
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            yield from texts(value[2])
        elif name == "SUBPATTERN":
            yield from texts(value[-1])
        elif name == "ATOMIC_GROUP":
            yield from texts(value)
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from texts(value[1])
        elif name == "BRANCH":
            for one in value[1]:
                yield from texts(one)
    if run:
        yield run

def members(items):
    samples = {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a"}
    for kind, value in items:
        if str(kind) == "LITERAL":
            yield chr(value)
        elif str(kind) == "RANGE":
            yield chr(value[0])
            yield chr(value[1])
        elif str(kind) == "CATEGORY":
            yield samples.get(str(value), "x")

def example(parsed):
    """The shortest text for a pattern, or nearly."""
    text = ""
    for kind, value in parsed:
        name = str(kind)
        if name == "LITERAL":
            text += chr(value)
        elif name in ("NOT_LITERAL", "IN", "CATEGORY", "ANY"):
            text += next(iter(texts([(kind, value)])), "x")
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            text += example(value[2]) * min(value[0], 1000)
        elif name == "SUBPATTERN":
            text += example(value[-1])
        elif name == "ATOMIC_GROUP":
            text += example(value)
        elif name == "BRANCH":
            text += example(value[1][0])
    return text

def prefixes(parsed, before=""):
    """For each part that is repeated, a text for what comes before it."""
    for position, (kind, value) in enumerate(parsed):
        here, name = before + example(parsed[:position]), str(kind)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            yield here
            yield from prefixes(value[2], here)
        elif name == "SUBPATTERN":
            yield from prefixes(value[-1], here)
        elif name == "ATOMIC_GROUP":
            yield from prefixes(value, here)
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from prefixes(value[1], here)
        elif name == "BRANCH":
            for one in value[1]:
                yield from prefixes(one, here)

pattern = re.compile(sys.argv[1].encode("latin-1").decode("unicode_escape").encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass"), int(sys.argv[2]))
methods = sys.argv[3].split(",")
longest = int(sys.argv[4])

def feed(text):
    for method in methods:
        if method in ("sub", "subn"):
            getattr(pattern, method)("", text)
        elif method == "finditer":
            for _ in pattern.finditer(text):
                pass
        else:
            getattr(pattern, method)(text)

parsed = _parser.parse(pattern.pattern, pattern.flags)
own = list(dict.fromkeys([*texts(parsed), "\n", " ", "a", "1"]))[:12]
some, few = min(100_000, longest), min(20_000, longest)
for one in own:
    feed(one * (longest // len(one)) + "\0")
for one in own:
    for other in own:
        feed(one + other * (some // len(other)) + "\0")
        feed((one + other) * (some // len(one + other)) + "\0")
    feed("".join(own) * (some // len("".join(own))) + one)
for before in dict.fromkeys(prefixes(parsed)):
    for one in own if before else ():
        for other in own:
            feed(before + one + other * (few // len(other)) + "\0")
            feed(before + (one + other) * (few // len(one + other)) + "\0")
'''


@dataclass(frozen=True)
class Pattern:
    """A regular expression of the package, and what is done with it."""

    place: str
    text: str
    flags: int
    methods: tuple[str, ...]


def patterns() -> Iterator[Pattern]:
    for path in sorted((REPOSITORY / "autograder").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            target.id: value.value.value
            for value in ast.walk(tree)
            if isinstance(value, ast.Assign) and isinstance(value.value, ast.Constant)
            for target in value.targets
            if isinstance(target, ast.Name)
        }
        owners = {
            id(one.value): one.targets[0].id
            for one in ast.walk(tree)
            if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
        }
        for call in ast.walk(tree):
            if not _is_of_re(call):
                continue
            assert isinstance(call, ast.Call)
            assert isinstance(call.func, ast.Attribute)
            method = call.func.attr
            place = f"{path.relative_to(REPOSITORY / 'autograder')}:{call.lineno}"
            flags = [one.value for one in call.keywords if one.arg == "flags"]
            if method == "compile":
                flags += call.args[1:]
                used = _methods_of(owners.get(id(call), ""), tree)
            else:
                flags += call.args[3:] if method in ("sub", "subn") else call.args[2:]
                used = (method,)
            value = 0
            for flag in flags:
                value |= int(eval(ast.unparse(flag), {"re": re}))
            for written in _written(call.args[0], tree):
                yield Pattern(place, _text(written, names, place), value, used)


def _written(node: ast.expr, tree: ast.AST) -> list[ast.expr]:
    """What stands for a pattern: itself, or what a table of the module holds, of which it is an item, or which a loop goes through."""
    tables = {
        target.id: one.value.elts
        for one in getattr(tree, "body", [])
        if isinstance(one, ast.Assign | ast.AnnAssign) and isinstance(one.value, ast.Tuple)
        for target in (one.targets if isinstance(one, ast.Assign) else [one.target])
        if isinstance(target, ast.Name)
    }
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Constant):
        return [tables[node.value.id][int(str(node.slice.value))]]
    for loop in ast.walk(tree) if isinstance(node, ast.Name) else ():
        if isinstance(loop, ast.For) and isinstance(loop.target, ast.Tuple) and isinstance(loop.iter, ast.Name):
            names = [getattr(one, "id", "") for one in loop.target.elts]
            if loop.iter.id in tables and loop.lineno <= node.lineno <= (loop.end_lineno or 0) and node.id in names:
                return [row.elts[names.index(node.id)] for row in tables[loop.iter.id] if isinstance(row, ast.Tuple)]
    return [node]


def _is_of_re(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in ("compile", *METHODS)
    )


def _methods_of(name: str, tree: ast.AST) -> tuple[str, ...]:
    """What a compiled pattern is asked in its module; all, if there is no telling."""
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and node.attr in METHODS
    }
    return tuple(sorted(used)) or ("match", "search", "finditer")


def _text(node: ast.expr, names: dict[str, object], place: str) -> str:
    """The pattern; what is put into it when it runs is a name like any other."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part, names, place) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        known = names.get(node.value.id) if isinstance(node.value, ast.Name) else None
        return known if isinstance(known, str) else "ab1"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left, names, place) + _text(node.right, names, place)
    if isinstance(node, ast.Name) and isinstance(part := names.get(node.id), str | bytes):
        return part if isinstance(part, str) else part.decode("latin-1")
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return node.value if isinstance(node.value, str) else node.value.decode("latin-1")
    pytest.fail(f"{place}: a pattern that is made elsewhere cannot be tried here; write it where it is used")


OTHERS = {
    "course/script.py": "the course's solution scripts",
    "build/template.py": "the course's solution scripts",
    "check/": "the course's tests",
    "catalogue.py": "the course's mistakes and alternatives",
    "targets/nbgrader.py": "the course's settings",
    "gradebook/_database.py": "the gradebook's address",
    "examine/examiner.py": "names of hidden tests",
}
"""Which files hold patterns that read nothing of a student's, and what they read. All others are tried."""
SHORT = {"examine/advice.py": 10_000, "!(?=[rsa]": 200, r"<\?.*?\?>|": 2_000}
"""Which files look at short texts only, or which patterns by their beginnings, and how many characters these have at most."""
FOUND = list(patterns())
ALL = list(dict.fromkeys(one for one in FOUND if not one.place.startswith(tuple(OTHERS))))


def _run(code: str, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *arguments],
        check=True, stdout=subprocess.DEVNULL, timeout=LONG_ENOUGH, cwd=REPOSITORY,
    )  # fmt: skip


@pytest.mark.parametrize("pattern", ALL, ids=[one.place for one in ALL])
def test_a_pattern_takes_time_in_proportion_to_the_text(pattern: Pattern) -> None:
    escaped = pattern.text.encode("unicode_escape").decode("ascii")
    bounds = (
        most for start, most in SHORT.items() if pattern.place.startswith(start) or pattern.text.startswith(start)
    )
    longest = min(bounds, default=1_000_000)
    _run(FEED, escaped, str(pattern.flags), ",".join(pattern.methods), str(longest))


@pytest.mark.parametrize(
    ("text", "method"),
    [
        (r"^\\s*(?:def|class)\\s+(\\w+)", "findall"),
        (r"\\s*%%(?:time|capture)[ \\t]*(?:--?[\\w-]+[ \\t]*)*(?=\\n)", "match"),
    ],
    ids=["the square", "behind what it begins with, twice the time for each sign"],
)
def test_this_would_find_a_pattern_that_takes_more(text: str, method: str) -> None:
    _run(FEED, text, str(int(re.MULTILINE)), method, "10")  # it is the length that takes the time
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(
            [sys.executable, "-c", FEED, text, str(int(re.MULTILINE)), method, "1000000"],
            check=True, capture_output=True, timeout=5,
        )  # fmt: skip


READERS = {
    "the functions that a file defines": """
from pathlib import Path
from autograder.intake.counting import Candidate
call = lambda text: Candidate.of(Path("x.py"), text.encode(), {"f"}, {"a"})
""",
    "cells of a script": """
from autograder.notebook import parse_cells
from autograder.errors import SubmissionError
def call(text):
    try:
        parse_cells(text.encode(), ".py")
    except SubmissionError:
        pass
""",
    "cells of a notebook": """
import json
from autograder.errors import SubmissionError
from autograder.notebook import parse_cells
def call(text):
    try:
        parse_cells(json.dumps({"cells": [{"cell_type": "code", "source": text}]}).encode(), ".ipynb")
    except SubmissionError:
        pass
""",
    "a module beside a notebook": """
from autograder.notebook import Code
codecs = ("utf-8", "latin-1", "punycode", "idna", "utf-7", "unicode_escape")
call = lambda text: [Code((), [("a.py", f"# coding: {codec}\\n{text}".encode())]) for codec in codecs]
""",
    "a cell that is to be run": """
from autograder.notebook import Cell, Code
call = lambda text: [Code([Cell(1, first + text)]) for first in ("", "%%time ", "%%capture -")]
""",
    "the names of a cell with many errors": """
from autograder.notebook import cell_name
call = lambda text: [cell_name(text, line) for line in range(1, 400)]
""",
    "a name in a download from Canvas": "from autograder.intake.systems.canvas import canvas_names as call",
    "a name in a download from Moodle": """
from autograder.intake.systems.moodle import moodle_name
call = lambda text: (moodle_name(text, is_folder=True), moodle_name(text, is_folder=False))
""",
    "a display name": """
from autograder.gradebook.models import Student
from autograder.people.match import Roster
from autograder.people.person import Person
def call(text):
    for known in ("Nguyễn Thị An", text):
        Roster([Student(id="an", name=known, email="")], everybody=True).find(Person(text))
""",
    "a time": """
from autograder.times import UnclearTime, read_spoken_time
def call(text):
    try:
        read_spoken_time(text, None)
    except UnclearTime:
        pass
""",
    "a file's name": """
from pathlib import Path
from autograder.intake.whose import _without_copies
call = _without_copies
""",
    "a folder's name": "from autograder.people.file_names import to_file_name as call",
    "a message in the terminal": "from autograder.report.words import plain as call",
    "a message in a CI log": "from autograder.ci.output import inert as call",
    "a message in a summary": "from autograder.ci.summary import escape as call",
    "an output that is shown again": """
import re
from autograder.export.nbgrader_notebook import _whole_pair
call = lambda text: re.sub(r"\\\\ud[89a-f][0-9a-f]{2}", _whole_pair, text)
""",
    "a student's id as a file's name": "from autograder.report.html import student_file_name as call",
}
"""What reads a student's text, with all that it does to it."""
PIECES = (
    "\n", " ", "\t", "a", "1", "_", "-", ".", "(1)", " (1)", "-copy1", "v1", "copy of ", "_1_1_x", "_1_assignsubmission_file_x", "_LATE", "def f", "class ",
    "def f(): pass\n", "#", "#\n", "# %%\n", "# In[1]:\n", "#coding:", "\r", "\r\n", ":", "::", "##", "\x1b[", "\x1b]", "\x1b[1", "www.", "\\ud800", "\\udc00", "+", "a+b+1",
    "\u0301", "\u0323\u0301", "a\u0323\u0301", "Ễ", "İ", "ß", "\u202e", "\x00", "'", '"', '"""', "\\", "%%x\n", "!x\n",
)  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_what_reads_a_students_text_takes_time_in_proportion_to_it(reader: str) -> None:
    code = f"""
{READERS[reader]}
pieces = {PIECES!r}
for piece in pieces:
    call(piece * (1_000_000 // len(piece)) + "\\n!")
    call("a" + piece * (100_000 // len(piece)) + "x")
"""
    _run(code)


def test_the_patterns_are_found() -> None:
    assert {"match", "search", "sub", "split", "finditer"} <= {method for one in ALL for method in one.methods}
    assert any(one.place.startswith("intake/whose.py") for one in ALL)
    for path in OTHERS:
        assert any(one.place.startswith(path) for one in FOUND), f"{path} holds no pattern any more"
