"""`grader check` counts the points that rest on what the student's process says of itself, or on what is always asked alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.check import Finding, check
from autograder.check.hidden import check_hidden_tests, points_for_the_same, points_on_word
from autograder.course import Assignment
from tests.conftest import SOUND_HIDDEN_TESTS, write_course

OBSERVED = SOUND_HIDDEN_TESTS + (
    "\n\ndef seen(student):\n    return student.observe('how')\n\n\n"
    "@pytest.fixture\ndef looked(student):\n    return seen(student)\n"
)


def found(root: Path, hidden_tests: str) -> Finding:
    return next(check_hidden_tests(write_course(root, hidden_tests=hidden_tests).assignment("doubling")))


def test_a_tenth_is_allowed_and_its_tests_are_named(tmp_path: Path) -> None:
    finding = found(tmp_path, SOUND_HIDDEN_TESTS)
    assert finding.holds
    assert finding.text == (
        "8 of 80 hidden points rest on what the student's process says of itself (at most 8): test_untouched"
    )


@pytest.mark.parametrize("argument", ["student, rng, seen=seen", "looked, rng"])
def test_more_is_refused_also_by_way_of_a_helper_or_a_fixture(tmp_path: Path, argument: str) -> None:
    """Each test counts in full, whatever else it looks at."""
    finding = found(tmp_path, OBSERVED.replace("def test_greets(student, rng)", f"def test_greets({argument})"))
    assert not finding.holds
    assert finding.text.startswith("30 of 80 hidden points rest on")
    assert finding.text.endswith("test_untouched, test_greets")


def test_a_helper_that_no_test_uses_counts_nothing(tmp_path: Path) -> None:
    course = write_course(tmp_path, hidden_tests=OBSERVED)
    assert points_on_word(course.assignment("doubling")) == {"test_untouched": 8.0}


SAME = SOUND_HIDDEN_TESTS.replace('f"Ann {rng.integers(10**6)}"', "given")
"""Where the name to greet comes from is open."""


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        ("student, rng", "rng.choice(['Ann', 'Bob'])"),
        ("student, rng", "somebody(rng)"),
        ("student, drawn", "drawn"),
        ("student, through", "through"),
    ],
)
def test_inputs_may_be_drawn_by_a_helper_or_a_fixture(tmp_path: Path, arguments: str, given: str) -> None:
    assert points_for_the_same(greeting(tmp_path, arguments, given)) == {"test_refuses_nobody": 8.0}


@pytest.mark.parametrize(
    ("arguments", "given"), [("student", "'Ann'"), ("student, rng", "'Ann'"), ("student, fixed", "fixed")]
)
def test_what_is_asked_of_every_attempt_alike_is_refused(tmp_path: Path, arguments: str, given: str) -> None:
    """Taking `rng` is not yet using it."""
    findings = list(check_hidden_tests(greeting(tmp_path, arguments, given)))
    assert [one.holds for one in findings] == [True, False]
    assert findings[1].text == (
        "30 of 80 hidden points are for tests that ask the same of every attempt, without `rng` (at most 8): "
        "test_greets, test_refuses_nobody"
    )


def greeting(root: Path, arguments: str, given: str) -> Assignment:
    hidden_tests = (
        SAME.replace("test_greets(student, rng)", f"test_greets({arguments})").replace(":= given", f":= {given}")
        + """

def somebody(generator):
    return str(generator.random())


@pytest.fixture
def drawn(rng):
    return somebody(rng)


@pytest.fixture
def through(drawn):
    return drawn


@pytest.fixture
def fixed():
    return "Ann"
"""
    )
    return write_course(root, hidden_tests=hidden_tests).assignment("doubling")


def test_grader_check_says_so(tmp_path: Path) -> None:
    course = write_course(
        tmp_path, hidden_tests=OBSERVED.replace("def test_greets(student, rng)", "def test_greets(looked, rng)")
    )
    findings = check(course=course.root, assignments=["doubling"])
    assert [one.holds for one in findings if "says of itself" in one.text] == [False]
