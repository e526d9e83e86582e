"""Every edge of the late policy."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import LatePolicy
from autograder.scores.late import Arrival, days_late, penalty, spend

HANOI = timezone(timedelta(hours=7))
DUE = datetime(2026, 12, 7, 23, 59, tzinfo=HANOI)
POLICY = LatePolicy(grace_minutes=15, percent_per_day=10, max_days=5)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("after", "days"),
    [
        (-30 * DAY, 0),
        (-SECOND, 0),
        (timedelta(0), 0),
        (timedelta(minutes=15), 0),
        (timedelta(minutes=15, microseconds=1), 1),
        (timedelta(minutes=15) + SECOND, 1),
        (DAY, 1),
        (DAY + SECOND, 2),
        (DAY + timedelta(minutes=15), 2),
        (5 * DAY, 5),
        (5 * DAY + SECOND, 6),
        (400 * DAY, 400),
    ],
)
def test_days_are_counted_from_the_due_date_once_grace_is_over(after: timedelta, days: int) -> None:
    assert days_late(POLICY, DUE, Arrival(DUE + after)) == days
    assert days_late(POLICY, DUE, Arrival((DUE + after).astimezone(UTC))) == days


def test_without_grace_one_second_is_a_day() -> None:
    assert days_late(LatePolicy(), DUE, Arrival(DUE)) == 0
    assert days_late(LatePolicy(), DUE, Arrival(DUE + SECOND)) == 1


def test_what_cannot_be_told_is_on_time() -> None:
    assert days_late(POLICY, None, Arrival(DUE)) == 0
    assert days_late(POLICY, DUE, Arrival(None)) == 0
    assert days_late(POLICY, DUE, Arrival(datetime(2030, 1, 1))) == 0


@pytest.mark.parametrize(
    ("policy", "earned", "days", "lost"),
    [
        (POLICY, 80, 0, 0),
        (POLICY, 80, 1, 8),
        (POLICY, 80, 5, 40),
        (POLICY, 80, 6, 80),
        (POLICY, 33.33, 1, 3.33),
        (LatePolicy(percent_per_day=30), 80, 4, 80),  # never below zero
        (LatePolicy(percent_per_day=10), 80, 400, 80),
        (LatePolicy(max_days=0), 80, 1, 80),
        (LatePolicy(max_days=0), 80, 0, 0),
        (LatePolicy(), 80, 100, 0),
    ],
)
def test_a_penalty_is_a_share_of_what_was_earned(policy: LatePolicy, earned: float, days: int, lost: float) -> None:
    assert penalty(policy, earned, days) == pytest.approx(lost)


@given(earned=st.floats(0, 1000), days=st.integers(0, 1000), percent=st.floats(0, 100))
def test_later_never_costs_less_nor_more_than_was_earned(earned: float, days: int, percent: float) -> None:
    policy = LatePolicy(percent_per_day=percent)
    assert 0 <= penalty(policy, earned, days) <= penalty(policy, earned, days + 1) <= earned


POLICIES = st.builds(
    LatePolicy,
    percent_per_day=st.sampled_from([0.0, 0.1, 5.0, 10.0, 33.3, 50.0, 100.0]),
    max_days=st.none() | st.integers(0, 6),
    tokens=st.integers(0, 5),
)


@given(policy=POLICIES, days=st.lists(st.integers(0, 9), max_size=6))
def test_free_days_are_never_overspent_and_never_cost_anything(policy: LatePolicy, days: list[int]) -> None:
    names = [f"a{number}" for number in range(len(days))]
    late = dict(zip(names, days, strict=True))
    spent = spend(policy, names, late)
    left = policy.tokens
    for name in names:
        assert spent[name].before == left
        assert 0 <= spent[name].used <= min(left, late[name])
        left = spent[name].after
        with_, without = (penalty(policy, 1e6, late[name] - used) for used in (spent[name].used, 0))
        assert with_ < without or spent[name].used == 0
    assert left >= 0


@given(policy=POLICIES, days=st.lists(st.integers(0, 9), min_size=1, max_size=6))
def test_free_days_are_spent_for_what_is_due_first_whatever_comes_later(policy: LatePolicy, days: list[int]) -> None:
    names = [f"a{number}" for number in range(len(days))]
    late = dict(zip(names, days, strict=True))
    first = spend(policy, names[:-1], late)
    assert {name: spend(policy, names, late)[name] for name in names[:-1]} == first


def test_a_free_day_is_worth_something_however_little_a_day_costs() -> None:
    policy = LatePolicy(percent_per_day=0.4, tokens=2)
    assert penalty(policy, 100, 1) == 0.4
    assert spend(policy, ["a"], {"a": 1})["a"].used == 1


def test_no_free_day_is_wasted_where_all_points_are_lost_all_the_same() -> None:
    policy = LatePolicy(percent_per_day=10, max_days=5, tokens=2)
    spent = spend(policy, ["a", "b"], {"a": 8, "b": 7})
    assert (spent["a"].used, spent["b"].used) == (0, 2)
