"""`grader check` finds hidden tests whose right answers are the same for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.check import Finding, check
from autograder.check.answers import check_answers
from tests.check.looking import found_by
from tests.conftest import SOUND_HIDDEN_TESTS, write_course

PROBES = "def greeted(student, who):\n    return student.name(who)\n"
BEFORE, _, AFTER = SOUND_HIDDEN_TESTS.partition('    """Greets by name"""\n')
REST = AFTER.partition("\n\n\n")[2]


def found(root: Path, *greets: str) -> Finding:
    """What is found of the course, with these lines as the test of `name`."""
    body = "".join(f"    {line}\n" for line in greets)
    course = write_course(root, hidden_tests=f'{BEFORE}    """Greets by name"""\n{body}\n\n{REST}')
    assignment = course.assignment("doubling")
    assignment.probes_path.write_text(PROBES, encoding="utf-8")
    return found_by(check_answers, course)


@pytest.mark.parametrize(
    "asked",
    [
        'student.name("Ann" if rng.random() < 0.5 else "Bob")',
        'student.probe("greeted", "Ann" if rng.random() < 0.5 else "Bob")',
        'student.name("Ann"), student.name(str(rng.random()))',
    ],
)
def test_answers_that_hang_on_what_is_drawn_are_sound_and_refusals_stand_apart(tmp_path: Path, asked: str) -> None:
    finding = found(tmp_path, f"_ = ({asked})")
    assert finding.holds
    assert finding.text == "no hidden test has the same right answers for everybody"


@pytest.mark.parametrize(
    "asked",
    [
        'student.name("Ann")',
        'student.probe("greeted", "Ann")',
        'student.observe("greeted", "Ann"), student.name("Bob"), student.observe("greeted", str(rng.random()))',
        'rng.random(), student.name("Ann"), pytest.raises(ValueError, student.name, "")',
    ],
)
def test_an_answer_that_is_the_same_for_everybody_is_refused(tmp_path: Path, asked: str) -> None:
    finding = found(tmp_path, f"_ = ({asked})")
    assert not finding.holds
    assert "constants earn their points: test_greets. Draw" in finding.text


def test_grader_check_says_so(tmp_path: Path) -> None:
    course = write_course(tmp_path, hidden_tests=SOUND_HIDDEN_TESTS.replace("rng.integers(10**6)", "7"))
    findings = check(course=course.root, assignments=["doubling"])
    assert [one.holds for one in findings if "for everybody" in one.text] == [False]
