"""No sentence for students or pages is said without the catalogue: the code and the templates are read for such, not run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

import autograder

PACKAGE = Path(autograder.__file__).parent
TEMPLATES = sorted((PACKAGE / "report" / "templates").glob("*.j2"))
CATALOGUE = PACKAGE / "locales" / "vi" / "LC_MESSAGES" / "autograder.po"

FOR_STUDENTS = (
    "beside.py", "examine/*.py", "export/gradescope_format.py", "export/nbgrader_notebook.py", "in_notebooks/*.py",
    "intake/counting.py", "intake/passed_over.py", "kernel/*.py", "notebook/*.py", "report/*.py", "result.py", "scores/*.py",
    "targets/gradescope/run.py", "targets/nbgrader.py", "targets/otter.py", "testing.py",
)  # fmt: skip
"""What composes what students and pages are told. Of the other modules, only what goes into a `SINK` is looked at."""
FOR_INSTRUCTORS = ("report/terminal.py", "report/replay.py", "report/identical.py")
"""Among those: what the command line alone prints."""
TRANSLATED = {"_", "N_", "ngettext"}
NOT_SAID = {
    "GraderError", "CourseError", "SandboxError", "ValueError", "TypeError", "RuntimeError", "print", "compile", "fullmatch", "match",
    "search", "sub", "startswith", "endswith", "removeprefix", "removesuffix", "partition", "rpartition", "split",
}  # fmt: skip
"""Calls whose strings no student reads: errors for instructors, a container's log, patterns and what text is compared with."""
SINKS = {
    "SubmissionError",
    "NotGradedError",
    "Mismatch",
    "TestResult",
    "CellError",
    "Diagnosis",
    "not_gradable",
    "failed",
}
EXCEPTIONS: dict[str, set[str]] = {
    "beside.py": {"at most … files"},  # told to instructors, when they import
    "examine/advice.py": {"Torch not compiled", "`pad_width`"},  # what libraries say, to find it by
    "examine/expression.py": {"tuple["},  # a type
    "examine/fault.py": {"There is no fixture"},  # of a hidden test; for its author
    "examine/kinds.py": {"[out, cache]", "out, cache"},  # code
    "examine/network.py": {"from autograder"},  # code
    "examine/reference.py": {"the solution script defines no", "probes.py defines no", " If it is a file of yours"},  # for the author
    "examine/session.py": {"question(id, points)"},  # pytest's help
    "intake/passed_over.py": {  # what the instructor is told beside the student
        "cannot be read (", "has a wrong ending", "is a folder in spite of its name. Take", "is a notebook with a wrong ending",
        "has no name before its ending", "is a zip of nobody in the roster", "is packed in a way that is not opened here. Unpack", "…. Rename it to",
        "is called '…' and not '…'. Rename it", "lies one level too high. Move it to", "cannot be unpacked (",
    },
    "kernel/process.py": {"none: hidden tests"},  # what isolates; for instructors
    "notebook/slim.py": {"no JSON at byte"},  # becomes a sentence where it is caught
    "result.py": {"not gradable"},  # recorded so; shown by `report.words`
    "scores/final.py": {  # remarks for whoever enters the scores
        "Due date extended", "Graded with another version", "Late, but the whole score", "More than … days late",
        "The submission time", "Called late where it was handed in",
    },
    "targets/nbgrader.py": {"from autograder", "c = get_config()", "# {heading}\n### BEGIN HIDDEN TESTS", "…except"},  # code
    "targets/otter.py": {
        "--extra-index-url", "OK_FORMAT", "\nimport os", "#@title {title}",  # code
        "ended without a word",  # otter generate; for instructors
    },
    # Stands for what a gradebook of an older version holds too many of, and nobody's language is known where it is read.
    "gradebook/models.py": {"more errors than can be shown"},
}  # fmt: skip
"""Module -> beginnings of sentences that stay English, and why."""

_SENTENCE = re.compile(r"[A-Za-z]{2,}[,.:;]? [A-Za-z]{2,}")
_CODE = re.compile(r"`[^`]*`")
_PATTERN = re.compile(r"\\[.w(]|\(\?|\[[.\d]|^\^|\.\*")
"""What only a regular expression holds."""


def _modules(*patterns: str) -> set[Path]:
    return {path for pattern in patterns for path in PACKAGE.glob(pattern)}


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _text(node: ast.AST) -> str | None:
    """What a string says, with a gap for each value of an f-string; None of anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return None


def outside(source: str, *, sinks_only: bool = False) -> list[str]:
    """The sentences of a module that do not go through the catalogue.

    Args:
        sinks_only: only those that are handed to one of `SINKS`.
    """
    found: list[str] = []

    def visit(node: ast.AST, *, looked_at: bool) -> None:
        if isinstance(node, ast.Call):
            if _name(node) in TRANSLATED | NOT_SAID:
                return
            looked_at = looked_at or _name(node) in SINKS
        if isinstance(node, ast.Compare):
            return
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # a docstring
        text = _text(node)
        if text is None:
            for child in ast.iter_child_nodes(node):
                visit(child, looked_at=looked_at)
            return
        if looked_at and _SENTENCE.search(_CODE.sub("", text)) and not _PATTERN.search(text):
            found.append(text)
        for part in ast.walk(node) if isinstance(node, ast.JoinedStr) else ():
            if isinstance(part, ast.FormattedValue):
                visit(part.value, looked_at=looked_at)

    visit(ast.parse(source), looked_at=not sinks_only)
    return found


def _asked_for(source: str) -> Iterator[str]:
    """The messages that a module asks the catalogue for, wherever it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node) in TRANSLATED and node.args:
            text = _text(node.args[0])
            if text and isinstance(node.args[0], ast.Constant):
                yield text


class _Shown(HTMLParser):
    """Text and labels of a page, without style and script."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.texts += [value or "" for name, value in attrs if name in ("title", "aria-label", "alt", "placeholder")]

    def handle_data(self, data: str) -> None:
        if self._inside not in ("style", "script"):
            self.texts.append(data)


def shown(template: str) -> list[str]:
    """The words of a template that stand in it as they are, and the sentences that it prints or hands on untranslated."""
    environment = Environment()
    page = _Shown()
    template = re.sub(r"{% block wide %}.*?{% endblock %}", "", template)  # an attribute
    pieces = []
    for _line, token, value in environment.lex(template):
        if token in ("data", "variable_end"):
            pieces.append(value if token == "data" else "…")
    page.feed("".join(pieces))
    found = [text.strip() for text in page.texts if re.search(r"[A-Za-z]{2,}", text)]

    def visit(node: nodes.Node, printed: bool) -> None:
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in TRANSLATED:
            return
        said = node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else ""
        if _SENTENCE.search(said) or (printed and re.search(r"[A-Za-z]{3,}", said)):
            found.append(said)
        for child in node.iter_child_nodes() if not isinstance(node, nodes.Compare) else ():
            visit(child, isinstance(node, nodes.Output))

    visit(environment.parse(template), False)
    return found


def test_no_module_says_a_sentence_outside_the_catalogue() -> None:
    told = _modules(*FOR_STUDENTS) - _modules(*FOR_INSTRUCTORS)
    assert len(told) > 50
    found = {}
    for path in sorted(_modules("**/*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        known = EXCEPTIONS.get(name, set())
        sentences = outside(path.read_text(encoding="utf-8"), sinks_only=path not in told)
        new = [one for one in sentences if not one.startswith(tuple(known))]
        unused = [one for one in known if not any(text.startswith(one) for text in sentences)]
        if new or unused:
            found[name] = new, unused
    assert found == {}, "put them into _(...) of autograder/language.py; docs/authoring.md, Languages"


def test_every_message_that_is_asked_for_is_in_the_catalogue() -> None:
    """Also one within an f-string, where the extraction of older Pythons does not look."""
    with open(CATALOGUE, "rb") as file:
        known = {one.id if isinstance(one.id, str) else one.id[0] for one in read_po(file)}
    asked = {text for path in _modules("**/*.py") for text in _asked_for(path.read_text(encoding="utf-8"))}
    assert len(asked) > 200
    assert asked - known == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_says_a_word_outside_the_catalogue(path: Path) -> None:
    assert shown(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        'raise SubmissionError("The file is too small.")',
        'raise SubmissionError(f"The file has {n} cells.")',
        'TestResult(message="This test was lost.")',
        'error = CellError(error=shorten(f"it took {n} seconds"))',
        'not_gradable(assignment, found, "The machine went away." if gone else "")',
    ],
)
def test_a_sentence_that_somebody_adds_is_found_in_any_module(source: str) -> None:
    assert len(outside(source, sinks_only=True)) == 1
    assert outside(re.sub(r'f?("[^"]*\w \w[^"]*")', r"_(\1)", source), sinks_only=True) == []


@pytest.mark.parametrize(
    "source",
    [
        'def what(n):\n    """A docstring."""\n    return f"{n} values are wrong"',
        'lines.append("Look at the bias.")',
        'TEXT = "Look at the bias."',
        "text = f\"{label}: {_('right') if ok else 'it is wrong'}\"",
    ],
)
def test_a_sentence_that_somebody_adds_where_students_are_told_is_found(source: str) -> None:
    assert len(outside(source)) == 1


def test_what_is_added_to_a_real_module_or_template_is_found() -> None:
    module = (PACKAGE / "examine" / "verdict.py").read_text(encoding="utf-8")
    assert (
        len(outside(f'{module}\n\ndef more() -> str:\n    return "This is said in English only."\n'))
        == len(outside(module)) + 1
    )
    template = (PACKAGE / "report" / "templates" / "student.html.j2").read_text(encoding="utf-8")
    for added in ("<p>Points</p>", '<p title="Your points"></p>', '{{ "Points" }}', '{{ remark("Your points") }}'):
        assert len(shown(template + added)) == 1, added
    assert shown(template + '<p title="{{ _("Your points") }}">{{ ngettext("{n} point", "{n} points", 2) }}</p>') == []
