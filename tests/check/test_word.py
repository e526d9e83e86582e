"""`grader check` counts the points that rest on what the student's process says of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.check import Finding, check
from autograder.check.word import check_points_on_word, points_on_word
from tests.conftest import SOUND_HIDDEN_TESTS, write_course

OBSERVED = SOUND_HIDDEN_TESTS + (
    "\n\ndef seen(student):\n    return student.observe('how')\n\n\n"
    "@pytest.fixture\ndef looked(student):\n    return seen(student)\n"
)


def found(root: Path, hidden_tests: str) -> Finding:
    return check_points_on_word(write_course(root, hidden_tests=hidden_tests).assignment("doubling"))


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
    assert finding.text.startswith("28 of 80 hidden points rest on")
    assert finding.text.endswith("test_untouched, test_greets")


def test_a_helper_that_no_test_uses_counts_nothing(tmp_path: Path) -> None:
    course = write_course(tmp_path, hidden_tests=OBSERVED)
    assert points_on_word(course.assignment("doubling")) == {"test_untouched": 8.0}


def test_grader_check_says_so(tmp_path: Path) -> None:
    course = write_course(
        tmp_path, hidden_tests=OBSERVED.replace("def test_greets(student, rng)", "def test_greets(looked, rng)")
    )
    findings = check(course=course.root, assignments=["doubling"])
    assert [one.holds for one in findings if "says of itself" in one.text] == [False]
