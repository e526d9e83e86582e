"""A result has a largest size, whatever a submission did; one that cannot be stored fails alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import engine
from autograder.commands import export, grade, report
from autograder.course import Course
from autograder.gradebook import Gradebook
from autograder.result import (
    MOST_BYTES,
    MOST_CELL_ERRORS,
    CellError,
    Diagnosis,
    Difference,
    Outcome,
    Result,
    Status,
    TestResult,
    short_id,
)
from tests.conftest import RIGHT, notebook

texts = st.one_of(
    st.text(max_size=30),
    st.builds(
        lambda part, times: part * times,
        st.sampled_from(["x", "中", "🐍", "\x00", "\ud800", "\n", '"', "\\"]),
        st.sampled_from([10, 1000, 50_000]),
    ),
)
numbers = st.floats() | st.sampled_from([math.nan, math.inf, 1.7976931348623157e308])
planes = st.none() | st.lists(st.lists(numbers, min_size=16, max_size=16), min_size=16, max_size=16)
differences = st.builds(
    Difference, case=texts, where=texts, signs=st.lists(texts, max_size=16).map(tuple), actual=planes, expected=planes
)
tests_ = st.builds(
    TestResult,
    test=texts,
    question=texts,
    title=texts,
    public=st.booleans(),
    points=numbers,
    earned=numbers,
    outcome=st.sampled_from(Outcome),
    message=texts,
    difference=st.none() | differences,
    diagnosis=st.none() | st.builds(Diagnosis, mistake=texts, function=texts, hint=texts),
    ratio=st.none() | numbers,
    limits=st.none() | st.tuples(numbers, numbers),
    seconds=numbers,
)
cell_errors = st.builds(
    CellError, cell=st.integers(0, 10**6), line=st.none() | st.integers(1, 10**6), error=texts, traceback=texts
)


def repeated(items: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """A few different ones, many times."""
    return st.builds(lambda some, times: tuple(some * times), st.lists(items, max_size=3), st.integers(1, most))


results = st.builds(
    Result,
    student=texts,
    assignment=texts,
    status=st.sampled_from(Status),
    message=texts,
    tests=repeated(tests_, 40),
    cell_errors=repeated(cell_errors, 3000),
    path=texts,
    submitted_at=st.none() | st.datetimes(),
    graded_at=st.just(datetime(2026, 11, 27, tzinfo=UTC)),
    seconds=st.floats(0, 1e9),
    submission_fingerprint=texts,
    assignment_fingerprint=texts,
    isolation=st.lists(texts, max_size=8).map(tuple),
)


@settings(max_examples=60)
@given(result=results)
def test_whatever_a_result_holds_it_takes_256_kb_at_most(result: Result) -> None:
    bounded = result.bounded()
    assert bounded.json_bytes <= MOST_BYTES
    assert len(bounded.cell_errors) <= MOST_CELL_ERRORS + 1
    assert [(test.outcome, repr(test.points), repr(test.earned)) for test in bounded.tests] == [
        (test.outcome, repr(test.points), repr(test.earned)) for test in result.tests
    ]
    assert repr(bounded.bounded()) == repr(bounded)


def a_result(**changes: Any) -> Result:
    test = TestResult(test="test_values", question="double", title="Values", points=100, outcome=Outcome.FAILED)
    values: dict[str, Any] = {
        "student": "s01",
        "assignment": "doubling",
        "status": Status.GRADED,
        "tests": (test,),
        "path": "s01.ipynb",
        "graded_at": datetime(2026, 11, 27, tzinfo=UTC),
        "submission_fingerprint": "1" * 64,
        "assignment_fingerprint": "2" * 64,
    }
    return Result(**values | changes)


def test_a_result_of_usual_size_is_not_changed() -> None:
    result = a_result(cell_errors=tuple(CellError(cell=i, error="x" * 2000) for i in range(21)))
    assert result.bounded() == result


def test_the_longest_texts_are_cut_first_and_say_so() -> None:
    short = TestResult(
        test="test_values", question="double", title="Values", points=1, outcome=Outcome.FAILED, message="short"
    )
    long = short.model_copy(update={"message": "long " * 100_000})
    bounded = a_result(tests=(short, long)).bounded()
    assert bounded.tests[0] == short
    assert bounded.tests[1].message.startswith("long long")
    assert bounded.tests[1].message.endswith("... (cut)")


def test_of_many_cell_errors_the_first_are_told_and_the_others_counted() -> None:
    errors = tuple(CellError(cell=i, error="ValueError", traceback="x") for i in range(1, 101))
    bounded = a_result(cell_errors=errors).bounded()
    assert bounded.cell_errors[:20] == errors[:20]
    assert bounded.cell_errors[20:] == (
        CellError(cell=21, error="raised an error, and so did 79 more after it, which are not listed"),
    )


def test_long_ids_stay_different() -> None:
    one, other = "x" * 10_000 + "1", "x" * 10_000 + "2"
    assert len(short_id(one)) <= 200
    assert short_id(one) != short_id(other)
    assert short_id("22020001") == "22020001"


def spoiled(**changes: Any) -> Callable[..., Iterator[Result]]:
    """The engine, but the result of the student called odd comes with these changes."""

    def grade_all(*args: Any, **kwargs: Any) -> Iterator[Result]:
        for result in original(*args, **kwargs):
            yield result.model_copy(update=changes) if result.student == "odd" else result

    original = engine.grade_all
    return grade_all


def submit(folder: Path, *students: str) -> Path:
    folder.mkdir()
    for student in students:
        (folder / f"{student}.ipynb").write_text(notebook(RIGHT), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "changes",
    [
        {"seconds": 10**400},
        {"format": 2**70},
        {"tests": (a_result().tests[0].model_copy(update={"ratio": math.nan}),)},
        {"cell_errors": (CellError(cell=10**5000, error=""),)},
    ],
    ids=["endless seconds", "large number", "not a number", "number of 5,000 digits"],
)
def test_a_result_that_cannot_be_stored_fails_alone(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    folder = submit(tmp_path / "in", "an", "odd", "zoe")
    monkeypatch.setattr(engine, "grade_all", spoiled(**changes))
    told: list[str] = []
    run = grade(
        course=course.root,
        assignment="doubling",
        paths=[folder],
        jobs=1,
        on_result=lambda result: told.append(f"{result.student} {result.status}"),
    )
    assert sorted(told) == ["an graded", "odd not gradable", "zoe graded"]
    assert [result.score for result in run.results] == [100, 0, 100]
    assert "cannot be recorded" in run.results[1].message
    with Gradebook.open(course.root) as book:
        assert [result.status for result in book.latest_results("doubling")] == ["graded", "not gradable", "graded"]


def test_old_results_larger_than_any_are_read_in_part(course: Course) -> None:
    """Before results had a largest size, one could hold 240 MB of failed cells."""
    errors = [
        {"cell": i, "line": 1, "error": "ValueError: " + "中" * 1000, "traceback": "x" * 500} for i in range(2000)
    ]
    with Gradebook.open(course.root) as book:
        book.record(a_result().model_copy(update={"cell_errors": tuple(CellError(**error) for error in errors)}))
        result = book.latest("s01", "doubling")
    assert result is not None
    assert [error.error for error in result.cell_errors] == [
        "more errors than can be shown; grade this submission again to see the first"
    ]
    pages = report(assignment="doubling", course=course.root)
    assert sum(path.stat().st_size for path in pages) < 200_000
    assert export(assignment="doubling", format="json", course=course.root).files[0].stat().st_size < 20_000
