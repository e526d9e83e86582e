"""`grader check` with a catalogue: what slips through, what is refused, and the kill matrix."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.catalogue import read_catalogue
from autograder.check import Finding, check
from autograder.commands import build
from autograder.errors import CourseError
from tests.conftest import HIDDEN_TESTS, write_course

HEAD = """
import numpy as np

from autograder.catalogue import alternative, mistake
"""
TRIPLED = """
@mistake(of="double", hint="That is three times as much.", known="a test")
def tripled(right, x):
    return right.double(x) + x
"""
EARLY = """
@mistake(of="name", hint="Names that begin with z are greeted, too.", known="a test")
def ignores_z(right, who):
    return "" if who.startswith("z") else right.name(who)
"""
TRIPLED_AGAIN = TRIPLED.replace("def tripled", "def three_times")
ADDED = """
@alternative(of="double")
def added(right, x):
    return x + x
"""
LOOPED = """
@alternative(of="double", slow=True)
def looped(right, x):
    y = np.empty_like(x)
    for i in np.ndindex(x.shape):
        for _ in range(9):  # far beyond the limit
            y[i] = 2 * x[i]
    return y
"""
OBJECT = """
@alternative(of="double")
def callable_object(right):
    class Double:
        def __call__(self, x):
            return right.double(x)

    return Double()
"""


def findings(root: Path, mistakes: str = "", alternatives: str = "", *, secrets: int = 1) -> list[Finding]:
    """What `check` says about the catalogue."""
    course = write_course(root)
    (root / "course.secret").write_text("always the same", encoding="ascii")
    build(course=root)
    folder = course.assignment("doubling").folder
    (folder / "mistakes.py").write_text(HEAD + mistakes, encoding="utf-8")
    (folder / "alternatives.py").write_text(HEAD + alternatives, encoding="utf-8")
    return [one for one in check(course=root, secrets=secrets) if "mistakes" in one.text or "alternatives" in one.text]


def test_a_sound_catalogue_holds_and_its_matrix_is_shown(tmp_path: Path) -> None:
    caught, named, accepted = findings(tmp_path, TRIPLED, ADDED + LOOPED + OBJECT)
    assert [one.holds for one in (caught, named, accepted)] == [True] * 3
    assert caught.text.startswith("1 of 1 mistakes lose points")
    assert named.text.startswith("1 of 1 mistakes are named")
    assert accepted.text.startswith("3 of 3 alternatives earn full marks")
    row = next(line for line in caught.details.splitlines() if line.startswith("tripled"))
    assert row.split() == ["tripled", "(double)", "60", "yes", "xx·x", "··"]
    assert "Q1 double: values[3], values[5], untouched, speed" in caught.details
    slow = next(line for line in accepted.details.splitlines() if line.startswith("looped"))
    assert slow.split() == ["looped", "(double)", "10", "···x", "··"]


def test_what_slips_through_is_named(tmp_path: Path) -> None:
    caught, _ = findings(tmp_path, TRIPLED + EARLY)
    assert not caught.holds
    assert "1 of 2 mistakes" in caught.text
    assert "ignores_z (name): slips through" in caught.text


def test_a_mistake_that_only_a_lucky_draw_catches_slips_through(tmp_path: Path) -> None:
    rare = TRIPLED.replace("right.double(x) + x", "right.double(x) + (x.flat[0] == 9)")
    caught, _ = findings(tmp_path, rare, secrets=4)
    assert caught.text.startswith(
        "0 of 1 mistakes lose points on their own question's hidden tests, under each of 4 secrets"
    )
    assert "tripled (double): slips through (under " in caught.text


@pytest.mark.parametrize(
    ("lenient", "says"),
    [
        ("assert_matches(student.double(np.zeros(3)), np.zeros(3))", "what returns zeros: test_untouched (10)"),
        (
            "assert_matches(student.double(np.ones(())), 2.0) if 0 else student.double(1)",
            "what returns None: test_untouched (10)",
        ),
    ],
)
def test_code_without_work_must_not_earn_hidden_points(tmp_path: Path, lenient: str, says: str) -> None:
    usual = 'assert student.mutated("double", np.ones(3)) == [], "double changed its argument."'
    write_course(tmp_path, hidden_tests=HIDDEN_TESTS.replace(usual, lenient))
    build(course=tmp_path)
    (found,) = [one for one in check(course=tmp_path) if one.text.startswith("code ")]
    assert not found.holds
    assert says in found.text


def test_two_mistakes_that_cannot_be_told_apart_are_named(tmp_path: Path) -> None:
    caught, named = findings(tmp_path, TRIPLED + TRIPLED_AGAIN)
    assert caught.holds
    assert not named.holds
    assert "three_times (double): is taken for tripled" in named.text


def test_a_right_answer_that_is_refused_is_named_with_the_test(tmp_path: Path) -> None:
    wrong = ADDED.replace("x + x", "x + x + (x.shape[0] == 5)")
    (accepted,) = findings(tmp_path, alternatives=wrong)
    assert not accepted.holds
    assert "added (double): test_values[5] failed" in accepted.text


def test_a_slow_alternative_must_be_slow(tmp_path: Path) -> None:
    (accepted,) = findings(tmp_path, alternatives=ADDED.replace('of="double"', 'of="double", slow=True'))
    assert "added (double): is called slow, but earns points for speed" in accepted.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (TRIPLED.replace('of="double"', 'of="triple"'), "'tripled' is of 'triple', which no question defines"),
        (TRIPLED + "1 / 0", "mistakes.py: fails: ZeroDivisionError"),
        (TRIPLED.replace('of="double"', 'of=("double", "double")'), "two entries are called 'tripled'"),
    ],
)
def test_a_wrong_catalogue_is_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    course = write_course(tmp_path)
    build(course=tmp_path)
    (course.assignment("doubling").folder / "mistakes.py").write_text(HEAD + text, encoding="utf-8")
    last = list(check(course=tmp_path))[-1]
    assert not last.holds
    assert says in last.text


def test_an_entry_of_several_functions_is_several(tmp_path: Path) -> None:
    path = tmp_path / "mistakes.py"
    path.write_text(HEAD + TRIPLED.replace('of="double"', 'of=("double", "name")'), encoding="utf-8")
    assert [(entry.id, entry.of) for entry in read_catalogue(path)] == [("tripled", "double"), ("tripled", "name")]
    assert read_catalogue(tmp_path / "nothing.py") == []
    path.write_text("def broken(:", encoding="utf-8")
    with pytest.raises(CourseError, match=r"mistakes\.py: fails: SyntaxError"):
        read_catalogue(path)
