"""A class in numbers."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.report import statistics
from autograder.result import CellError, Outcome, Result, Status, TestResult
from tests.report.make_class import START

POINTS = {"test_a": 4.0, "test_b": 6.0, "test_c": 10.0}


def result(student: str, outcomes: dict[str, Outcome], *, status: Status = Status.GRADED, **values: Any) -> Result:
    """Tests a and b are of question one, c of question two; a test of outcome PASSED earns its points."""
    tests = tuple(
        TestResult(
            test=name, question="two" if name == "test_c" else "one", title=name, points=POINTS[name], outcome=outcome,
            earned=POINTS[name] if outcome is Outcome.PASSED else 0.0, **values.pop(name, {}),
        )
        for name, outcome in outcomes.items()
    )  # fmt: skip
    return Result(
        student=student, assignment="x", status=status, tests=tests, path="x.ipynb", graded_at=START,
        submission_fingerprint="0", assignment_fingerprint="0", **values,
    )  # fmt: skip


def outcomes(a: Outcome, b: Outcome, c: Outcome) -> dict[str, Outcome]:
    return {"test_a": a, "test_b": b, "test_c": c}


P, F, E, N = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.NOT_GRADABLE
CLASS = [
    result("s1", outcomes(P, P, P)),
    result("s2", outcomes(P, F, F)),
    result("s3", outcomes(F, P, E)),
    result("s4", outcomes(N, N, N), status=Status.UNREADABLE),
    result("s5", outcomes(N, N, N), status=Status.NOT_GRADABLE),
]


def test_only_graded_submissions_are_counted() -> None:
    assert statistics.spread(CLASS) == statistics.Spread(mean=10.0, median=6.0, lowest=4.0, highest=20.0)
    assert statistics.spread(CLASS[3:]) is None


def test_a_question_has_mean_share_and_how_many_had_all_and_none() -> None:
    one, two = statistics.by_question(CLASS)
    assert (one.question, one.points, one.full, one.none) == ("one", 10.0, 1, 0)
    assert one.share == pytest.approx((1 + 0.4 + 0.6) / 3)
    assert (two.question, two.share, two.full, two.none) == ("two", pytest.approx(1 / 3), 1, 2)


def test_tests_are_grouped_by_question_though_races_ran_last() -> None:
    shuffled = result("s1", {"test_c": P, "test_a": P, "test_b": F})
    assert [row.test for row in statistics.by_test([shuffled])] == ["test_c", "test_a", "test_b"]
    mixed = result("s1", {"test_a": P, "test_c": P, "test_b": F})
    assert [(row.test, row.passed, row.total) for row in statistics.by_test([mixed])] == [
        ("test_a", 1, 1), ("test_b", 0, 1), ("test_c", 1, 1),
    ]  # fmt: skip


def test_tests_are_known_even_if_nothing_was_graded() -> None:
    rows = statistics.by_test(CLASS[3:])
    assert [row.test for row in rows] == list(POINTS)
    assert all(row.total == 0 and row.share == 0 for row in rows)


def test_a_score_on_an_edge_counts_upwards_and_the_highest_in_the_last_bin() -> None:
    counts = [
        one.count for one in statistics.histogram([0, 9.99, 10, 30.000000000001, 29.9999999999, 100, 101, -1], 100)
    ]
    assert counts == [3, 1, 0, 2, 0, 0, 0, 0, 0, 2]


@given(st.lists(st.floats(0, 80)), st.integers(1, 30))
def test_a_histogram_loses_nobody(scores: list[float], bins: int) -> None:
    histogram = statistics.histogram(scores, 80, bins)
    assert sum(one.count for one in histogram) == len(scores)
    assert (histogram[0].low, histogram[-1].high) == (0, 80)


def test_an_assignment_without_points_has_an_empty_histogram() -> None:
    assert sum(one.count for one in statistics.histogram([0.0], 0)) == 0


@given(st.lists(st.floats(1e-6, 1e9), min_size=1))
def test_a_logarithmic_axis_holds_every_value_and_few_ticks(values: list[float]) -> None:
    low, high, ticks = statistics.log_axis(values)
    assert low < min(values)
    assert max(values) < high
    assert 1 <= len(ticks) <= 17
    assert all(low <= tick <= high for tick in ticks)


def test_a_race_has_its_entries_by_ratio_and_its_limits() -> None:
    slow_one = result("s1", outcomes(P, P, F), test_c={"ratio": 60.0, "limits": (40.0, 80.0)})
    fast_one = result("s2", outcomes(P, P, P), test_c={"ratio": 2.5, "limits": (40.0, 80.0)})
    (found,) = statistics.races([slow_one, fast_one, *CLASS])
    assert [(one.student, ratio) for one, _, ratio in found.entries] == [("s2", 2.5), ("s1", 60)]
    assert found.limits == (40, 80)


@pytest.mark.parametrize("ratio", [0.0, -1.0, float("nan"), float("inf")])
def test_a_ratio_without_a_place_on_the_axis_is_left_out(ratio: float) -> None:
    assert statistics.races([result("s1", outcomes(P, P, P), test_c={"ratio": ratio})]) == []


def test_the_slowest_come_first() -> None:
    seconds = random.Random(1).sample(range(100), 20)
    results = [result(f"s{value}", {}, seconds=value) for value in seconds]
    assert [one.seconds for one in statistics.slowest(results, 3)] == sorted(seconds, reverse=True)[:3]


def test_messages_alike_but_for_numbers_are_one_group_and_a_student_counts_once() -> None:
    wrong = {"message": "f: 3 of 16 values wrong; the first is at [0, 2].\nmore"}
    also_wrong = {"message": "f: 12 of 16 values wrong; the first is at [1, 2]."}
    results = [
        result("s1", outcomes(F, F, P), test_a=wrong, test_b=also_wrong),
        result("s2", outcomes(P, F, F), test_b=also_wrong, test_c={"message": "  "}),
        result("s3", outcomes(P, P, E), test_c={"message": "f: 3 of 16 values wrong; the first is at [0, 2]."},
               cell_errors=(CellError(cell=2, error="NameError: name 'x' is not defined"),)),
        result("s4", outcomes(P, P, P), test_a={"message": "right, but only to float32 precision"}),
    ]  # fmt: skip
    first, *others = statistics.message_groups(results)
    assert (first.outcome, first.times, [one.student for one in first.students]) == (F, 3, ["s1", "s2"])
    assert first.example == also_wrong["message"]
    assert first.questions == ["one"]
    assert sorted((str(group.outcome), group.times) for group in others) == [("None", 1), ("error", 1)]
