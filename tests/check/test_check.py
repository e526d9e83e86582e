"""`grader check` names what an author has overlooked: in mistakes, in tests, and in the reference itself."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from autograder import commands
from autograder.cli import main
from tests.conftest import ASSIGNMENT_TOML, SOLUTION, SOUND_HIDDEN_TESTS, write_course

MISTAKES = """
import numpy as np
from autograder.catalogue import mistake


@mistake(of="double", hint="h", known="k")
def thrice(right, x):
    return 3 * x


@mistake(of="double", hint="h", known="k")
def called_wrongly(right, x, y):
    return x


@mistake(of="double", hint="h", known="k")
def misspelt(right, x):
    return nothing_of_this_name(x)


@mistake(of="double", hint="h", known="k")
def sometimes(right, x):
    return x[0] + "text" if x.shape[0] == 3 else -x
"""


def checked(folder: Path, *options: str, mistakes: str = "", **texts: str) -> str:
    write_course(folder, **texts)
    if mistakes:
        (folder / "assignments" / "doubling" / "mistakes.py").write_text(mistakes, encoding="utf-8")
    commands.build(course=folder)
    return CliRunner().invoke(main, ["--course", str(folder), "check", *options]).output


def test_a_mistake_that_never_answers_fails_and_questions_without_any_are_said(tmp_path: Path) -> None:
    said = checked(tmp_path, "--jobs", "1", mistakes=MISTAKES, hidden_tests=SOUND_HIDDEN_TESTS)
    assert "FAIL doubling: mistakes that never answer" in said
    assert "called_wrongly (double): A raised TypeError: called_wrongly() missing 1 required" in said
    assert "misspelt (double): A raised NameError: name 'nothing_of_this_name' is not defined" in said
    assert "sometimes (double):" not in said
    assert "note doubling: no mistake is known of name: " in said
    assert "note doubling: no alternative is known of double, name: " in said
    assert "ok   doubling: the reference gets the same verdicts 3 times, under each of 3 ids" in said
    assert "ok   doubling: no hidden test fails by itself" in said
    assert said.endswith("Error: 1 thing does not hold.\n")


def test_any_number_of_points_is_sound_and_a_broken_test_is_told_with_its_line(tmp_path: Path) -> None:
    said = checked(
        tmp_path,
        assignment=ASSIGNMENT_TOML.replace("points = 70", "points = 77"),
        hidden_tests=SOUND_HIDDEN_TESTS
        + '\n\n@pytest.mark.question("double", points=7)\ndef test_bad(student):\n    """B"""\n    student.double(helo)\n',
    )
    assert "ok   doubling: 107 points in 2 questions" in said
    assert "FAIL doubling: hidden tests that fail the reference, too" in said
    assert "  test_bad: NameError: name 'helo' is not defined\n      hidden_tests.py, line " in said
    assert "FAIL doubling: the reference earns 100 of 107, not 107: test_bad not gradable" in said


def test_a_reference_that_does_not_agree_with_itself_is_found(tmp_path: Path) -> None:
    """Whatever it draws, it is right two times of three."""
    solution = SOLUTION.replace(
        "    secret_of_the_solution = 2\n",
        "    import os\n    secret_of_the_solution = 2 + (os.urandom(1)[0] % 3 == 0)\n",
    )
    said = checked(tmp_path, doubling=solution, hidden_tests=SOUND_HIDDEN_TESTS)
    assert "FAIL doubling: the reference does not agree with itself" in said
