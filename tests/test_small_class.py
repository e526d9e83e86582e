"""The sample class: every submission earns what is written beside it, and the whole can be repeated."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from autograder.commands import Grading, grade, roster
from autograder.result import Result, Status
from tests.conftest import RIGHT, notebook, write_course
from tests.small_class.make import notebooks

FOLDER = Path(__file__).parent / "small_class"
EXPECTED: dict[str, dict[str, dict[str, Any]]] = tomllib.loads((FOLDER / "expected.toml").read_text(encoding="utf-8"))
SUBMISSIONS = [(assignment, student) for assignment, students in EXPECTED.items() for student in students]


def place(assignment: str) -> Path:
    folder = FOLDER / assignment
    return folder / "submitted" if (folder / "submitted").is_dir() else folder


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory: pytest.TempPathFactory, lectures: Path) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('class')}/gradebook.db"
    roster(path=FOLDER / "roster.csv", course=lectures, gradebook=url)
    return url


@pytest.fixture(scope="module")
def runs(gradebook: str, lectures: Path) -> dict[str, Grading]:
    return {
        assignment: grade(assignment=assignment, paths=[place(assignment)], course=lectures, gradebook=gradebook)
        for assignment in EXPECTED
    }


@pytest.fixture(scope="module")
def results(runs: dict[str, Grading]) -> dict[tuple[str, str], Result]:
    return {(result.assignment, result.student): result for run in runs.values() for result in run.results}


def test_the_committed_notebooks_are_those_that_the_answers_make() -> None:
    for path, content in notebooks().items():
        assert (FOLDER / path).read_bytes() == content, "run `python -m tests.small_class.make`"


def test_every_submission_has_its_expectation(results: dict[tuple[str, str], Result]) -> None:
    assert len(SUBMISSIONS) >= 25
    assert set(SUBMISSIONS) == set(results)


@pytest.mark.parametrize(("assignment", "student"), SUBMISSIONS, ids=[f"{a}-{s}" for a, s in SUBMISSIONS])
def test_earns_what_is_written_beside_it(results: dict[tuple[str, str], Result], assignment: str, student: str) -> None:
    expected, result = EXPECTED[assignment][student], results[assignment, student]
    said = "\n".join([result.message, *(t.message for t in result.tests), *(e.error for e in result.cell_errors)])
    assert result.status == expected.get("status", Status.GRADED), said
    assert {name: earned for name, (earned, _) in result.by_question().items()} == expected["points"], said
    assert expected.get("says", "") in said
    assert result.max_score == 100


def test_who_submitted_nothing_is_missing(runs: dict[str, Grading]) -> None:
    assert runs["conv_forward"].missing == ["22020015"]


def test_what_has_not_changed_keeps_its_time_whenever_it_is_graded_again(tmp_path: Path) -> None:
    """As when a hidden test is mended after the due date, and CI clones what was handed in long ago."""
    course = write_course(tmp_path)
    folder = tmp_path / "submitted" / "ann" / "doubling"
    folder.mkdir(parents=True)
    times = []
    for day, source in ((1, RIGHT), (5, RIGHT), (7, RIGHT + "\n\nx = 1"), (9, RIGHT)):
        (folder / "doubling.ipynb").write_text(notebook(source), encoding="utf-8")
        (folder / "timestamp.txt").write_text(f"2026-12-0{day} 10:00:00 UTC")
        (result,) = grade(course=course.root, assignment="doubling", paths=[folder.parents[1]], force=True).results
        assert result.submitted_at
        times.append(result.submitted_at.day)
    assert times == [1, 1, 7, 9]


def test_grading_again_grades_nothing(runs: dict[str, Grading], gradebook: str, lectures: Path) -> None:
    for assignment, run in runs.items():
        again = grade(assignment=assignment, paths=[place(assignment)], course=lectures, gradebook=gradebook)
        assert again.graded == []
        assert again.unchanged == run.results


def test_the_same_verdicts_one_at_a_time(runs: dict[str, Grading], tmp_path: Path, lectures: Path) -> None:
    alone = grade(
        assignment="pooling",
        paths=[place("pooling")],
        course=lectures,
        gradebook=f"sqlite:///{tmp_path}/g.db",
        jobs=1,
    )

    def verdicts(run: Grading) -> list[Any]:
        return [(r.student, [(t.test, t.outcome, t.earned) for t in r.tests]) for r in run.results]

    assert verdicts(alone) == verdicts(runs["pooling"])
