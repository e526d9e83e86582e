"""What is said of wrong answers that no catalogue knows is true of them, or nothing is said."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from autograder.course import Course
from autograder.engine import grade_all
from autograder.notebook import Found
from autograder.result import Result, TestResult
from autograder.sandbox.client import namespace_error
from tests.examine.wrong_answers import Wrong, backprop, conv_forward, pooling, pytorch_cnn, sizing

ASSIGNMENTS = {
    "conv_forward": conv_forward,
    "sizing": sizing,
    "pooling": pooling,
    "backprop": backprop,
    "pytorch_cnn": pytorch_cnn,
}
Graded = list[tuple[Wrong, Result]]


def is_speed(test: TestResult) -> bool:
    return test.ratio is not None


def grade_set(name: str, answers: ModuleType, folder: Path, root: Path) -> tuple[Result, Graded]:
    """The result of the right answer, and of each wrong one."""
    sources = {"right": answers.RIGHT} | {
        f"wrong{number}": wrong.source(answers.RIGHT) for number, wrong in enumerate(answers.WRONG)
    }
    found = []
    for student, source in sources.items():
        (folder / f"{student}.py").write_text(source, encoding="utf-8")
        found.append(Found(student, folder / f"{student}.py", None))
    course = Course(root)
    (assignment,) = course.assignments([name])
    results = {
        one.student: one for one in grade_all(course, assignment, found, jobs=2, namespaces=not namespace_error())
    }
    return results["right"], [(wrong, results[f"wrong{number}"]) for number, wrong in enumerate(answers.WRONG)]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, lectures: Path) -> dict[str, tuple[Result, Graded]]:
    return {
        name: grade_set(name, answers, tmp_path_factory.mktemp(name), lectures) for name, answers in ASSIGNMENTS.items()
    }


def hints(result: Result) -> set[tuple[str, str]]:
    """Each thing that a student reads about why it is wrong: the mistake's id, and the sentence."""
    return {(test.diagnosis.mistake, test.diagnosis.hint) for test in result.tests if test.diagnosis}


def is_true(wrong: Wrong, hint: tuple[str, str]) -> bool:
    return any(word in text for word in wrong.true for text in hint)


def test_the_set_is_large_and_every_assignment_has_a_part_of_it() -> None:
    assert sum(len(answers.WRONG) for answers in ASSIGNMENTS.values()) >= 100
    assert all(len(answers.WRONG) >= 10 for answers in ASSIGNMENTS.values())


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_answers_are_right_but_for_the_one_piece(name: str, graded: dict[str, tuple[Result, Graded]]) -> None:
    right, wrong = graded[name]
    asked = {one.of for one, _ in wrong}
    lost = [test for test in right.tests if test.question in asked and test.earned < test.points]
    assert [test.test for test in lost if not is_speed(test)] == []
    assert [one.name for one, result in wrong if result.score >= right.score] == []


def test_at_most_two_per_cent_of_what_is_said_is_false(graded: dict[str, tuple[Result, Graded]]) -> None:
    said = [(wrong, hint) for _, part in graded.values() for wrong, result in part for hint in hints(result)]
    false = [(wrong.of, wrong.name, *hint) for wrong, hint in said if not is_true(wrong, hint)]
    assert len(false) <= 0.02 * len(said), false


def test_something_true_is_still_said_of_every_third(graded: dict[str, tuple[Result, Graded]]) -> None:
    explained = [
        any(is_true(wrong, hint) for hint in hints(result)) for _, part in graded.values() for wrong, result in part
    ]
    assert sum(explained) >= len(explained) / 3
