"""What students read while they are graded is in their language, all of it, but what they and the course's authors have written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder import language
from autograder.commands import grade
from autograder.course import Course
from autograder.examine.examiner import Examiner, examine
from autograder.notebook import Found
from autograder.report.causes import causes
from autograder.result import Outcome, Result
from autograder.sandbox.client import namespace_error
from tests.conftest import RIGHT, notebook, write_course

WRONG = {
    "wrong": RIGHT.replace("return 2 * x", "return 3 * x"),
    "none": RIGHT.replace("return 2 * x", "2 * x"),
    "list": RIGHT.replace("return 2 * x", "return (2 * x).tolist()"),
    "shape": RIGHT.replace("return 2 * x", "return 2 * x[1:]"),
    "nan": RIGHT.replace("return 2 * x", "return 2 * x * np.nan"),
    "ints": RIGHT.replace("return 2 * x", "return (2 * x).astype(int)"),
    "raises": RIGHT.replace("return 2 * x", "return xrange(2)"),
    "exits": RIGHT.replace("return 2 * x", "import os\n    os._exit(3)"),
    "changes": RIGHT.replace("return 2 * x", "x *= 3\n    return x"),
    "stub": RIGHT.replace("return 2 * x", "raise NotImplementedError"),
    "missing": "x = 1",
    "syntax": "def double(x):\n    return 2 *",
    "empty": "",
}

AUTHORS = "double changed its argument."
"""What the course's own hidden test says, in its author's language."""


class _Marks:
    """A catalogue that puts every sentence into brackets, so that what is outside of them was never translated."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, one: str, many: str, n: int) -> str:
        return f"⟦{one if n == 1 else many}⟧"


def _outside(text: str) -> str:
    """What is in no brackets, without what students wrote between backquotes and what Python says of an error."""
    depth, kept = 0, []
    for char in text:
        depth += (char == "⟦") - (char == "⟧")
        kept.append(char if depth == 0 and char not in "⟦⟧" else " ")
    return re.sub(r"`[^`]*`|\w+Error: .*|\w+\([^)]*\)", "", "".join(kept))


def _graded(course: Course, folder: Path, spoken: str) -> list[Result]:
    results: list[Result] = []

    def serve(examiner: Examiner) -> None:
        for name, source in WRONG.items():
            path = folder / f"{name}.ipynb"
            path.write_text(notebook(source) if source else "", encoding="utf-8")
            results.append(examiner.grade(Found(name, path, None, language=spoken)))

    examine(course.root, "doubling", course.secret, not namespace_error(), serve)
    return results


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_course(tmp_path / "course")


def _sentences(result: Result) -> list[str]:
    found = [result.message, *(test.message for test in result.tests)]
    found += [test.diagnosis.hint for test in result.tests if test.diagnosis and not test.diagnosis.mistake]
    for error in result.cell_errors:
        found += [error.error, error.advice, error.name]
    return [line for one in found for line in one.split("\n") if line and not line.startswith("    ")]


def test_no_sentence_is_outside_the_catalogue(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_catalogue", lambda spoken: _Marks())
    results = _graded(course, tmp_path, "vi")
    sentences = [one for result in results for one in _sentences(result)]
    assert len(sentences) > len(WRONG)
    assert [one for one in sentences if re.search(r"[A-Za-z]{3,}", _outside(one)) and one != AUTHORS] == []


def test_alike_messages_of_a_class_that_reads_two_languages_are_counted_together(
    course: Course, tmp_path: Path
) -> None:
    english, vietnamese = _graded(course, tmp_path, "en"), _graded(course, tmp_path, "vi")
    assert {one.language for one in vietnamese} == {"vi"}
    for one, other in zip(english, vietnamese, strict=True):
        assert [(test.outcome, test.earned) for test in one.tests] == [(t.outcome, t.earned) for t in other.tests]
        assert [test.message for test in one.tests] == [test.english or test.message for test in other.tests]
    failed = [test for result in vietnamese for test in result.tests if test.outcome is Outcome.FAILED and test.message]
    assert failed
    assert all(test.message != test.english for test in failed)
    both = causes([*english, *(one.model_copy(update={"student": f"{one.student}2"}) for one in vietnamese)])
    assert [len(group.students) for group in both] == [2 * len(group.students) for group in causes(english)]


def test_a_course_and_a_roster_say_which_language_students_read(tmp_path: Path) -> None:
    course = write_course(tmp_path / "course")
    course.toml_path.write_text(course.toml_path.read_text() + 'language = "vi"\n', encoding="utf-8")
    roster = tmp_path / "roster.csv"
    roster.write_text("student_id,name,language\n22020001,An,\n22020002,Binh,English\n", encoding="utf-8")
    from autograder.gradebook import Gradebook

    with Gradebook.open(course.root, None) as book:
        book.import_roster(roster)
    folder = tmp_path / "handed-in"
    folder.mkdir()
    for student in ("22020001", "22020002"):
        (folder / f"{student}.ipynb").write_text(notebook(WRONG["wrong"]), encoding="utf-8")
    run = grade(assignment="doubling", paths=[folder], course=course.root)
    spoken = {result.student: result for result in run.graded}
    assert {student: result.language for student, result in spoken.items()} == {"22020001": "vi", "22020002": "en"}
    assert any("giá trị sai" in test.message for test in spoken["22020001"].tests)
    assert not any("giá trị" in test.message for test in spoken["22020002"].tests)
