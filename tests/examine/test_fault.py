"""A hidden test that fails by itself says nothing about a submission: the instructor is told why, and the others give their points."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder import commands
from autograder.cli import main
from autograder.course import Course
from autograder.errors import GraderError
from autograder.examine.race import Race, Rehearsal
from autograder.result import Outcome, Result, Status
from tests.conftest import ASSIGNMENT_TOML, HIDDEN_TESTS, RIGHT, notebook, write_course

BROKEN = {
    "divides": ("student, reference", "x = 1 / len(())", "ZeroDivisionError"),
    "misspells": ("student", 'assert student.name("x") == helo', "NameError"),
    "uses_an_old_name": ("student", 'assert_matches(student.name("x"), np.float_(1))', "AttributeError"),
    "compares_with_a_set": ("student", 'assert_matches(student.name("x"), {1})', "TypeError"),
    "expects_the_wrong_thing": ("student", "assert_matches(student.double(np.ones(3)), np.ones(3))", "Mismatch"),
    "asserts_the_wrong_thing": ("student", "assert student.double(np.ones(3))[0] == 7", "AssertionError"),
    "calls_with_the_wrong_name": ("student", "student.double(y=np.ones(3))", "TypeError"),
    "wants_an_error_that_is_none": ("student", 'assert_raises(ValueError, student.name, "x")', "Mismatch"),
    "is_left_out": ("student", "pytest.skip('not now')", "Skipped"),
    "has_a_broken_fixture": ("student, broken", "pass", "KeyError"),
    "asks_for_no_function": (
        "student",
        'getattr(student, "duoble")(np.ones(3))',
        "AttributeError: the solution script defines no 'duoble'; did you mean 'double'?",
    ),
    "asks_whether_nothing_changes": (
        "student",
        'assert student.mutated("doubl" + "", np.ones(3)) == []',
        "AttributeError: the solution script defines no 'doubl'",
    ),
    "asks_for_no_probe": ("student", 'student.probe("twice", 3)', "AttributeError: probes.py defines no 'twice'."),
    "asks_the_reference": (
        "student, reference",
        "reference.duoble(3)",
        "AttributeError: the solution script defines no 'duoble'; did you mean 'double'?",
    ),
    "races_no_function": (
        "race",
        'race("duoble", lambda rng: (3,), limit=9)',
        "AttributeError: the solution script defines no 'duoble'",
    ),
    "asks_for_no_fixture": ("stduent", "pass", "There is no fixture 'stduent'; did you mean 'student'?"),
    "races_on_nothing": ("race", 'race("double", lambda rng: (nothing,), limit=9)', "NameError"),
}
"""Name -> parameters, body, and what it raises."""
TESTS = HIDDEN_TESTS + "\n\n@pytest.fixture\ndef broken():\n    return {}['secret-key']\n"
for name, (parameters, body, _) in BROKEN.items():
    TESTS += f'\n\n@pytest.mark.question("double", points=1)\ndef test_{name}({parameters}):\n    """T"""\n    {body}\n'


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("broken")
    toml = ASSIGNMENT_TOML.replace("points = 70", f"points = {70 + len(BROKEN)}")
    write_course(root, hidden_tests=TESTS, assignment=toml)
    folder = root / "submissions"
    folder.mkdir()
    (folder / "ann.py").write_text(RIGHT, encoding="utf-8")
    (folder / "bob.py").write_text(RIGHT.replace("2 * x", "3 * x"), encoding="utf-8")
    (folder / "eve.ipynb").write_text(notebook("x = 1"), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def graded(broken: Path) -> dict[str, Result]:
    run = commands.grade(course=broken, assignment="doubling", paths=[broken / "submissions"], jobs=1)
    return {result.student: result for result in run.results}


def test_each_kind_of_broken_test_is_told_with_its_line_and_the_others_give_points(
    broken: Path, graded: dict[str, Result]
) -> None:
    lines = TESTS.splitlines()
    for student, earned in (("ann", 100), ("bob", 40)):
        result = graded[student]
        assert result.status is Status.NOT_GRADABLE
        assert result.score == earned
        assert f"{earned} of 100 points so far" == result.so_far
        tests = {test.test: test for test in result.tests}
        for name, (_, body, raised) in BROKEN.items():
            test = tests[f"test_{name}"]
            assert (test.outcome, test.earned) == (Outcome.NOT_GRADABLE, 0), test
            assert test.fault.startswith(raised), test.fault
            place = re.search(r"hidden_tests.py, line (\d+), in", test.fault)
            assert place
            assert lines[int(place[1]) - 1].strip() in (
                body,
                "return {}['secret-key']",
                "def test_asks_for_no_fixture(stduent):",
            )
            assert test.test in result.message
        assert {test.outcome for test in result.tests if test.test.removeprefix("test_") not in BROKEN} <= {
            Outcome.PASSED,
            Outcome.FAILED,
        }


def test_who_wrote_nothing_is_judged_all_the_same_where_no_answer_is_needed(graded: dict[str, Result]) -> None:
    outcomes = {test.test: test.outcome for test in graded["eve"].tests}
    assert outcomes["test_values[3]"] is Outcome.SKIPPED
    assert outcomes["test_divides"] is Outcome.NOT_GRADABLE


def test_the_instructor_reads_it_in_grade_show_and_replay(broken: Path, graded: dict[str, Result]) -> None:
    def run(*arguments: str) -> str:
        return CliRunner().invoke(main, ["--course", str(broken), *arguments]).output

    shown = run("show", "ann", "doubling")
    assert "100 of 100 points so far" in shown
    for text in (shown, run("replay", "ann", "doubling", "test_divides")):
        assert "ZeroDivisionError: division by zero" in text
        assert "in test_divides" in text
    again = run("grade", "doubling", str(broken / "submissions" / "ann.py"))
    assert "The hidden test test_divides failed by itself, 1 time:\nZeroDivisionError" in again
    in_ci = run("grade", "doubling", str(broken / "submissions" / "ann.py"), "--ci", "github", "--to", f"{broken}/ci")
    assert "test_divides failed by itself" in in_ci
    told = in_ci + "".join(path.read_text() for path in (broken / "ci").iterdir())
    assert "ZeroDivision" not in told
    assert "secret-key" not in told


def test_nobody_else_reads_it_and_no_score_goes_out(broken: Path, graded: dict[str, Result]) -> None:
    commands.report(course=broken, assignment="doubling", to=broken / "pages")
    for name in ("csv", "json", "junit", "html"):
        commands.export(course=broken, assignment="doubling", format=name, to=broken / "out" / name)
    with pytest.raises(GraderError, match="nobody has a score, so there is nothing to write"):
        commands.export(course=broken, assignment="doubling", format="gradescope", to=broken / "out" / "gradescope")
    written = [path for folder in ("pages", "out") for path in (broken / folder).rglob("*") if path.is_file()]
    assert len(written) > 8
    for path in written:
        text = path.read_bytes()
        assert b"secret-key" not in text, path
        assert b"ZeroDivision" not in text, path
    scores = {
        line.partition(",")[0]: line.split(",")[8]
        for line in (broken / "out" / "csv").read_text(encoding="utf-8-sig").splitlines()
    }
    assert (scores["ann"], scores["bob"]) == ("", "")


def test_a_mended_test_is_graded_again_unasked(tmp_path: Path) -> None:
    course = write_course(tmp_path, hidden_tests=HIDDEN_TESTS.replace("reference.double(x)", "reference.doubble(x)"))
    (tmp_path / "ann.py").write_text(RIGHT, encoding="utf-8")

    def grade(course: Course) -> Result:
        return commands.grade(course=course.root, assignment="doubling", paths=[tmp_path / "ann.py"]).results[0]

    assert grade(course).settled() == {"name": (30, 30)}
    result = grade(write_course(tmp_path))
    assert (result.status, result.score) == (Status.GRADED, 100)


def test_an_answer_that_only_breaks_the_test_is_wrong(tmp_path: Path) -> None:
    """The reference passes."""
    course = write_course(tmp_path, hidden_tests=HIDDEN_TESTS.replace("student.double(x), ", "1 * student.double(x), "))
    (tmp_path / "ann.py").write_text(RIGHT.replace("return 2 * x", "return None"), encoding="utf-8")
    result = commands.grade(course=course.root, assignment="doubling", paths=[tmp_path / "ann.py"]).results[0]
    assert result.status is Status.GRADED
    test = next(test for test in result.tests if test.test == "test_values[3]")
    assert (test.outcome, test.fault) == (Outcome.FAILED, "")


@pytest.mark.parametrize("name", ["__call__", "probe"])
def test_a_rehearsal_takes_what_a_race_takes(name: str) -> None:
    race, rehearsal = (inspect.signature(getattr(kind, name)).parameters for kind in (Race, Rehearsal))
    assert list(race) == list(rehearsal)
