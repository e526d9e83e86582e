"""A class in numbers."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograder.report import statistics
from autograder.result import Diagnosis, Outcome, Result, Status, TestResult
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
    assert statistics.spread([result.score for result in statistics.graded(CLASS)]) == statistics.Spread(
        count=3, mean=10.0, median=6.0, lowest=4.0, highest=20.0
    )
    assert statistics.spread([]) is None


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


# Item-rest correlation

CLASSES = st.lists(
    st.tuples(st.booleans(), st.integers(0, 400).map(lambda quarter: quarter / 4)), min_size=10, max_size=60
)


def divided(students: list[tuple[bool, float]]) -> tuple[list[bool], list[float]]:
    passed, rest = [one for one, _ in students], [score for _, score in students]
    assume(len(set(passed)) == 2 and len(set(rest)) > 1)
    return passed, rest


@given(CLASSES)
def test_discrimination_is_the_correlation_and_the_point_biserial_formula(students: list[tuple[bool, float]]) -> None:
    passed, rest = divided(students)
    found = statistics.discrimination(passed, rest)
    assert found == pytest.approx(np.corrcoef(passed, rest)[0, 1], abs=1e-9)
    scores, mask = np.array(rest), np.array(passed)
    share = mask.mean()
    by_formula = (scores[mask].mean() - scores[~mask].mean()) / scores.std() * np.sqrt(share * (1 - share))
    assert found == pytest.approx(by_formula, abs=1e-9)


@given(CLASSES, st.randoms(use_true_random=False))
def test_discrimination_knows_no_order_and_turns_with_the_test(
    students: list[tuple[bool, float]], rng: random.Random
) -> None:
    passed, rest = divided(students)
    found = statistics.discrimination(passed, rest)
    assert found is not None
    assert -1 <= found <= 1
    shuffled = rng.sample(students, len(students))
    assert statistics.discrimination(*map(list, zip(*shuffled, strict=True))) == pytest.approx(found, abs=1e-9)
    assert statistics.discrimination([not one for one in passed], rest) == pytest.approx(-found, abs=1e-9)
    assert statistics.discrimination(passed, [3 + score / 2 for score in rest]) == pytest.approx(found, abs=1e-6)


@pytest.mark.parametrize(
    ("passed", "rest"),
    [
        ([], []),
        ([True] * 10, list(range(10))),
        ([False] * 10, list(range(10))),
        ([True, False] * 5, [7.0] * 10),
        ([True, False] * 5, [0.1 + 0.2, 0.3] * 5),  # alike but for rounding
        ([True, False] * 4 + [True], list(range(9))),  # too few students
    ],
)
def test_discrimination_is_not_defined_where_nothing_differs(passed: list[bool], rest: list[float]) -> None:
    assert statistics.discrimination(passed, rest) is None


def test_the_rest_of_the_assignment_leaves_out_the_test_itself() -> None:
    """Test a is passed by chance; its own points in the score would make it look good."""
    results = [result(f"s{i}", outcomes(P if i % 2 else F, P if i % 4 < 2 else F, F)) for i in range(12)]
    a, b, c = statistics.by_test(results)
    assert a.discrimination == pytest.approx(0, abs=1e-12)
    assert b.discrimination == pytest.approx(0, abs=1e-12)
    assert c.discrimination is None
    assert (a.share, b.share, c.share) == (0.5, 0.5, 0)


@given(st.lists(st.lists(st.sampled_from([P, F, E]), min_size=3, max_size=3), min_size=1, max_size=30))
def test_by_test_correlates_passing_with_the_score_of_the_other_tests(students: list[list[Outcome]]) -> None:
    rows = statistics.by_test([result(f"s{i}", outcomes(*one)) for i, one in enumerate(students)])
    for position, row in enumerate(rows):
        passed = [one[position] is P for one in students]
        rest = [
            sum(POINTS[f"test_{name}"] for name, outcome in zip("abc", one, strict=True) if outcome is P)
            - (POINTS[row.test] if passed[i] else 0)
            for i, one in enumerate(students)
        ]
        assert row.passed == sum(passed)
        if len(students) < statistics.FEWEST or len(set(passed)) < 2 or len(set(rest)) < 2:
            assert row.discrimination is None
        else:
            assert row.discrimination == pytest.approx(np.corrcoef(passed, rest)[0, 1], abs=1e-9)


def test_a_test_is_inverse_only_if_enough_pass_and_enough_fail() -> None:
    def noted(failing: int) -> list[str]:
        results = [result(f"s{i}", outcomes(F, P, P) if i < failing else outcomes(P, F, F)) for i in range(12)]
        return [test.test for test in statistics.noteworthy(statistics.by_test(results)).inverse]

    assert [noted(failing) for failing in (0, 2, 3, 9, 10)] == [[], [], ["test_a"], ["test_a"], []]


def test_one_student_is_neither_nobody_nor_everybody() -> None:
    one = statistics.noteworthy(statistics.by_test([result("s1", outcomes(P, F, P))]))
    assert (one.nobody, one.everybody) == ([], [])
    two = statistics.noteworthy(statistics.by_test([result(name, outcomes(P, F, P)) for name in ("s1", "s2")]))
    assert [test.test for test in two.nobody] == ["test_b"]
    assert [test.test for test in two.everybody] == ["test_a", "test_c"]


# Mistakes


def by(mistake: str, hint: str = "A hint.", function: str = "") -> dict[str, Any]:
    return {"diagnosis": Diagnosis(mistake=mistake, hint=hint, function=function)}


def test_a_mistake_counts_once_for_each_student_and_each_question() -> None:
    results = [
        result("s1", outcomes(F, F, F), test_a=by("turned"), test_b=by("turned"), test_c=by("turned")),
        result("s2", outcomes(F, P, F), test_a=by("turned"), test_c=by("lost")),
        result("s3", outcomes(P, P, F)),
        result("s4", outcomes(N, N, N), status=Status.NOT_GRADABLE, test_a=by("lost")),
    ]
    turned, lost = statistics.mistakes(results, {})
    assert (turned.mistake, [one.student for one in turned.students]) == ("turned", ["s1", "s2"])
    assert turned.shares == (statistics.MistakeShare("one", 2, 2), statistics.MistakeShare("two", 1, 3))
    assert (lost.mistake, [one.student for one in lost.students]) == ("lost", ["s2"])


def test_a_mistake_belongs_to_the_question_of_the_function_that_makes_it() -> None:
    results = [
        result("s1", outcomes(F, P, F), test_c=by("turned", function="one_function")),
        result("s2", outcomes(F, P, P), test_a=by("turned")),
        result("s3", outcomes(P, P, F), test_c=by("turned", function="nobody_asks_for_it")),
    ]
    (turned,) = statistics.mistakes(results, {"one_function": "one", "two_function": "two"})
    assert turned.shares == (statistics.MistakeShare("one", 2, 2), statistics.MistakeShare("two", 1, 2))


def test_patterns_are_counted_by_their_hint_without_its_numbers() -> None:
    results = [
        result("s1", outcomes(F, F, P), test_a=by("", "It is 1/3 of it. 3 is n."), test_b=by("", "It is 1/4 of it. 4 is n.")),
        result("s2", outcomes(F, P, P), test_a=by("", "It is 1/4 of it. 4 is n.")),
        result("s3", outcomes(F, P, P), test_a=by("", "Another.")),
    ]  # fmt: skip
    one, other = statistics.mistakes(results, {})
    assert (one.mistake, one.hint, len(one.students)) == ("", "It is 1/4 of it. 4 is n.", 2)
    assert (other.mistake, other.hint, len(other.students)) == ("", "Another.", 1)


NAMES = st.sampled_from(["turned", "lost", "swapped", ""])


@given(st.lists(st.lists(st.none() | NAMES, min_size=3, max_size=3), max_size=25))
def test_mistakes_lose_nobody_and_come_by_number(students: list[list[str | None]]) -> None:
    results = [
        result(
            f"s{i}",
            outcomes(*(P if name is None else F for name in names)),
            **{test: by(name) for test, name in zip(POINTS, names, strict=True) if name is not None},
        )
        for i, names in enumerate(students)
    ]
    found = statistics.mistakes(results, {})
    assert {one.mistake: {student.student for student in one.students} for one in found} == {
        name: {f"s{i}" for i, names in enumerate(students) if name in names}
        for names in students
        for name in names
        if name is not None
    }
    assert [len(one.students) for one in found] == sorted((len(one.students) for one in found), reverse=True)
    for one in found:
        assert all(0 < share.made <= min(share.lost, len(one.students)) for share in one.shares)
        assert max(share.made for share in one.shares) * len(one.shares) >= len(one.students)


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
