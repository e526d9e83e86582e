"""Which mistake a submission makes, told from its answers to real tests in real sandboxes."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.commands import grade, replay
from autograder.errors import GraderError
from autograder.examine.diagnosis import sentence
from autograder.examine.patterns import Pattern
from autograder.result import Diagnosis, Outcome, Result
from tests.conftest import HIDDEN_TESTS, RIGHT, SOLUTION, notebook, write_course

SOLUTION_WITH_TWO = SOLUTION.replace(
    '# %% check="double"',
    '''# %%
def fourfold(x: np.ndarray) -> np.ndarray:
    """Twice double."""
    ### BEGIN SOLUTION
    return double(double(x))
    ### END SOLUTION


# %% check="double"''',
)
ASSIGNMENT = """
title = "Doubling"
packages = ["numpy"]
[limits]
call_seconds = 1
[[questions]]
id = "double"
title = "Twice as much"
points = 70
[[questions]]
id = "fourfold"
title = "Four times as much"
points = 20
[[questions]]
id = "name"
title = "Hello"
points = 40
"""
TESTS = (
    HIDDEN_TESTS
    + '''

@pytest.mark.question("fourfold", points=20)
@pytest.mark.parametrize("size", [2, 4])
def test_fourfold(student, reference, rng, size):
    """Random arrays"""
    x = integers(rng, size, size + 1, low=1)
    assert_matches(student.fourfold(x), reference.fourfold(x))


@pytest.mark.question("name", points=10)
def test_shouts(student):
    """Does not shout"""
    answer = student.name("an")
    if answer == "HELLO AN":
        raise Mismatch("Your greeting is in capitals.", mistake="capitals")
    assert_matches(answer, "hello an")
'''
).replace("import assert_matches", "import Mismatch, assert_matches")
MISTAKES = """
import numpy as np

from autograder.catalogue import mistake


@mistake(of="double", hint="You have written into x.", known="a test")
def writes_into_x(right, x):
    x += 7
    return x


@mistake(of="double", hint="You have added 1 more.", known="a test")
def one_more(right, x):
    return right.double(x) + 1


@mistake(of="double", hint="You have squared it.", known="a test")
def squared(right, x):
    return x * x


@mistake(of="double", hint="It is wrong for arrays of four columns only.", known="a test")
def wrong_for_four_columns(right, x):
    return right.double(x) + (x.ndim == 2 and x.shape[1] == 4) * np.arange(x.size).reshape(x.shape) ** 2


@mistake(of="double", hint="You accept text.", known="a test")
def right_for_numbers(right, x):
    return right.double(x)


@mistake(of="double", hint="You have multiplied by nothing.", known="a test")
def nothing(right, x):
    return np.zeros_like(x)


@mistake(of="double", hint="You have halved it, and spoiled x.", known="a test")
def halved_and_spoiled(right, x):
    half = x / 2
    x += 7
    return half


@mistake(of="double", hint="Nothing is raised to the power of nothing.", known="a test")
def raises(right, x):
    raise IndexError("no such thing")


@mistake(of="name", hint="There is no need to shout.", known="a test")
def capitals(right, who):
    return right.name(who).upper()
"""
BOTH = RIGHT + "\ndef fourfold(x): return double(double(x))\n"
SUBMISSIONS = {
    "right": BOTH,
    "squared": BOTH.replace("2 * x", "np.square(x)"),
    "squared_in_float32": BOTH.replace("2 * x", "np.square(x.astype(np.float32)) * np.float64(1)"),
    "once": BOTH.replace("return 2 * x", "return 2 * x + (x.shape[-1] == 4) * np.arange(x.size).reshape(x.shape) ** 2"),
    "tripled": BOTH.replace("2 * x", "3 * x"),
    "writes_into_x": BOTH.replace("return 2 * x", "x += 7\n    return x"),
    "writes_into_x_too": BOTH.replace("return 2 * x", "x += 7\n    return x"),
    "nearly": BOTH.replace("2 * x", "2 * x + 1e-6"),
    "zeros": BOTH.replace("2 * x", "0 * x"),
    "halved": BOTH.replace("2 * x", "x / 2"),
    "strange": BOTH.replace("2 * x", "np.cos(x)"),
    "raises": BOTH.replace("return 2 * x", "raise IndexError('no such thing')\n    return 2"),
    "raises_else": BOTH.replace("return 2 * x", "raise IndexError('another thing')\n    return 2"),
    "own_mistake": BOTH + "\ndef fourfold(x): return 4 * x + 1\n",
    "shouts": BOTH.replace('"hello " + who', '("hello " + who).upper()'),
    "wrong_and_then_raises": BOTH.replace("return 2 * x", "assert x.shape[-1] != 6, 'six'\n    return np.square(x)"),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("course")
    write_course(root, doubling=SOLUTION_WITH_TWO, assignment=ASSIGNMENT, hidden_tests=TESTS)
    (root / "in").mkdir()
    for name, source in SUBMISSIONS.items():
        (root / "in" / f"{name}.ipynb").write_text(notebook(source), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def results(root: Path) -> dict[str, Result]:
    before = grade(course=root, assignment="doubling", paths=[root / "in"], gradebook=f"sqlite:///{root}/before.db")
    (root / "assignments" / "doubling" / "mistakes.py").write_text(MISTAKES, encoding="utf-8")
    after = grade(course=root, assignment="doubling", paths=[root / "in"])
    assert [(one.student, one.score) for one in before.results] == [(one.student, one.score) for one in after.results]
    assert not any(test.diagnosis and test.diagnosis.mistake for one in before.results for test in one.tests)
    return {result.student: result for result in after.results}


def diagnoses(result: Result) -> dict[str, Diagnosis | None]:
    return {test.test: test.diagnosis for test in result.tests if test.outcome in (Outcome.FAILED, Outcome.ERROR)}


def test_a_right_answer_has_no_diagnosis(results: dict[str, Result]) -> None:
    assert results["right"].score == 130
    assert not any(test.diagnosis for test in results["right"].tests)


@pytest.mark.parametrize("student", ["squared", "squared_in_float32"])
def test_a_known_mistake_is_named_in_each_test_that_it_fails(student: str, results: dict[str, Result]) -> None:
    squared = Diagnosis(mistake="squared", hint="You have squared it.")
    found = diagnoses(results[student])
    assert [found[name] for name in ("check[A small array]", "test_values[3]", "test_values[5]")] == [squared] * 3


def test_a_mistake_that_writes_into_its_arguments_spoils_them_for_nobody(results: dict[str, Result]) -> None:
    for student in ("writes_into_x", "writes_into_x_too"):
        named = {
            name for name, found in diagnoses(results[student]).items() if found and found.mistake == "writes_into_x"
        }
        assert named >= {"check[A small array]", "test_values[3]", "test_values[5]"}


def test_what_follows_from_another_function_says_so(results: dict[str, Result]) -> None:
    found = diagnoses(results["squared"])["test_fourfold[2]"]
    assert found == Diagnosis(mistake="squared", function="double", hint="You have squared it.")


def test_another_functions_mistake_is_not_looked_for_without_cause(results: dict[str, Result]) -> None:
    found = diagnoses(results["own_mistake"])
    assert set(found) == {"test_fourfold[2]", "test_fourfold[4]"}
    assert all(one is not None and one.mistake == "" and "off by the same amount" in one.hint for one in found.values())


def test_one_wrong_answer_may_be_chance_and_names_nothing(results: dict[str, Result]) -> None:
    assert diagnoses(results["once"]) == {"test_values[3]": None}


def test_where_no_mistake_is_known_a_pattern_is_told(results: dict[str, Result]) -> None:
    found = diagnoses(results["tripled"])["test_values[5]"]
    assert found is not None
    assert found.mistake == ""
    assert "wrong by the same factor" in found.hint


def test_a_mistake_that_is_right_on_these_inputs_explains_nothing(results: dict[str, Result]) -> None:
    found = diagnoses(results["nearly"])
    assert {one.mistake for one in found.values() if one} == {""}
    assert "off by the same amount" in next(one.hint for one in found.values() if one)


def test_zeros_name_no_mistake(results: dict[str, Result]) -> None:
    found = [one for one in diagnoses(results["zeros"]).values() if one]
    assert {(one.mistake, one.hint) for one in found} == {("", "Every number of your result is 0: is it ever filled?")}


def test_a_mistake_that_fails_a_test_that_was_passed_is_not_the_students(results: dict[str, Result]) -> None:
    untouched = next(test for test in results["halved"].tests if test.test == "test_untouched")
    assert untouched.outcome is Outcome.PASSED
    found = [one for one in diagnoses(results["halved"]).values() if one]
    assert {one.mistake for one in found} == {""}
    assert "Every number is 1/4 of what it should be." in {one.hint for one in found}


def test_nothing_is_told_where_nothing_is_known(results: dict[str, Result]) -> None:
    assert set(diagnoses(results["strange"]).values()) == {None}


def test_the_same_error_is_told_once_and_names_no_mistake(results: dict[str, Result]) -> None:
    outcomes = [test.outcome for test in results["raises"].tests if test.test.startswith(("test_values", "test_four"))]
    assert outcomes == [Outcome.SKIPPED] * 4
    first = next(test for test in results["raises"].tests if test.outcome is Outcome.ERROR)
    again = next(test for test in results["raises"].tests if test.test == "test_fourfold[2]")
    assert again.message == f"The same IndexError as in “{first.title}”, line 3 of the cell that defines `double`."
    for student in ("raises", "raises_else"):
        assert not any(test.diagnosis for test in results[student].tests)


def test_a_test_can_name_a_mistake_itself(results: dict[str, Result]) -> None:
    found = diagnoses(results["shouts"])
    assert found["test_shouts"] == Diagnosis(mistake="capitals", hint="There is no need to shout.")


def test_an_error_after_a_wrong_answer_does_not_hide_it(results: dict[str, Result]) -> None:
    by_name = {test.test: test for test in results["wrong_and_then_raises"].tests}
    assert by_name["test_values[3]"].outcome is Outcome.FAILED
    assert by_name["test_values[5]"].outcome is Outcome.ERROR


def test_replay_runs_one_test_on_the_same_inputs(root: Path, results: dict[str, Result]) -> None:
    first, again = (
        replay(course=root, student="squared", assignment="doubling", test="test_values[3]") for _ in range(2)
    )
    assert first.now.message == first.recorded.message
    assert (first.now.outcome, first.now.earned) == (first.recorded.outcome, first.recorded.earned)
    assert first.remarks == ()
    assert "def test_values(student, reference, rng, size)" in first.source
    (answer,) = first.trace.answers
    (comparison,) = first.trace.comparisons
    assert (answer.value == answer.arguments["x"] ** 2).all()
    assert (comparison.expected == 2 * answer.arguments["x"]).all()
    assert (answer.arguments["x"] == again.trace.answers[0].arguments["x"]).all()
    other = replay(course=root, student="strange", assignment="doubling", test="test_values[3]")
    assert (answer.arguments["x"] != other.trace.answers[0].arguments["x"]).any()


def test_replay_of_a_skipped_test_says_why_it_was_skipped(root: Path, results: dict[str, Result]) -> None:
    done = replay(course=root, student="raises", assignment="doubling", test="test_fourfold[2]")
    assert (done.recorded.outcome, done.now.outcome) == (Outcome.SKIPPED, Outcome.ERROR)
    assert done.remarks == (f"Beside the other tests of the submission, this one was skipped: {done.recorded.message}",)


def test_replay_of_a_race_shows_its_rounds(root: Path, results: dict[str, Result]) -> None:
    done = replay(course=root, student="right", assignment="doubling", test="test_speed")
    assert len(done.trace.rounds) >= 2
    assert done.now.ratio is not None


def test_replay_says_what_it_cannot_do(root: Path, results: dict[str, Result]) -> None:
    for misspelt, meant in (
        ("test_value", r"Did you mean .*'test_values\[3\]'.*"),
        ("test_values", r"Did you mean 'test_values\[\w+\]' or .*"),
        ("Test_Speed", r"Did you mean 'test_speed'.*"),
        ("zzz", r"It has: .*test_values\[3\], .*"),
    ):
        with pytest.raises(
            GraderError, match=rf"has no test '{misspelt}'\. {meant}[?.] `grader show right doubling` lists all"
        ):
            replay(course=root, student="right", assignment="doubling", test=misspelt)
    path = root / "in" / "right.ipynb"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("2 * x", "5 * x"), encoding="utf-8")
    done = replay(course=root, student="right", assignment="doubling", test="test_values[3]")
    assert done.remarks == ("The submission has changed since it was graded.",)
    assert (done.recorded.outcome, done.now.outcome) == (Outcome.PASSED, Outcome.FAILED)
    path.unlink()
    with pytest.raises(GraderError, match="the submission is not there any more"):
        replay(course=root, student="right", assignment="doubling", test="test_values[3]")
    path.write_text(text, encoding="utf-8")


def test_what_a_factor_stands_for_is_said_only_if_two_calls_of_different_factors_agree() -> None:
    six, four, inverse = (
        Pattern("_factor", text, factor, "a side of the window") for text, factor in [("A.", 6), ("B.", 4), ("C.", 6)]
    )
    stride, bare, swapped = Pattern("_factor", "D.", 2, "a stride"), Pattern("_factor", "E."), Pattern("_moved", "F.")
    assert sentence(six, [six]) == "A."
    assert sentence(six, [six, stride, bare, inverse]) == "A."
    assert sentence(six, [six, four, stride]) == "A. 6 is a side of the window here."
    assert sentence(stride, [six, four, stride]) == "D."
    assert sentence(swapped, [six, swapped, bare]) == "F."
