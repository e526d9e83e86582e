"""The late policy: days begun since the due date, what they cost, and the late days that students have free. Computed, never stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from autograder.course import LatePolicy

if TYPE_CHECKING:
    from autograder.result import Result
    from autograder.scores.outline import Outline

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Arrival:
    """When a submission came, as far as anybody knows."""

    submitted_at: datetime | None
    late: bool = False
    """Whether the system it was handed in to calls it late."""


@dataclass(frozen=True)
class Tokens:
    """Free late days of one student: how many were left, and how many this submission takes."""

    before: int
    used: int

    @property
    def after(self) -> int:
        return self.before - self.used


def unknown_time(due: datetime | None, graded: Outline | Result) -> bool:
    """Whether nobody knows if a submission came in time: no time is known, and by the due date it had not been graded.

    When something came that cannot be graded, and is to be handed in otherwise, is no matter.
    """
    when = graded.submitted_at
    unknown = when is None or when.tzinfo is None
    return due is not None and unknown and graded.graded_at > due and not graded.hand_in_again


def days_late(policy: LatePolicy, due: datetime | None, arrival: Arrival, *, extended: bool = False) -> int:
    """Days begun between the due date and the submission; 0 if it is on time.

    Up to ``grace_minutes`` late is on time. Grace is no later due date: after it, days count from the due date.
    A day has 24 hours. Without a due date, or at an unknown time, a submission is on time; one that its system calls late without
    saying by how much is a day late.

    Args:
        extended: whether ``due`` is the student's own: then the system's word, which knows nothing of that, is none.
    """
    moment = arrival.submitted_at
    if due is None:
        return 0
    if moment is None or moment.tzinfo is None:
        return int(arrival.late and not extended)
    late = moment.astimezone(UTC) - due.astimezone(UTC)
    if late <= timedelta(minutes=policy.grace_minutes):
        return 0
    return -(-late // _DAY)


def penalty(policy: LatePolicy, earned: float, days: int) -> float:
    """The points that a submission this many days late loses, of those that it earned."""
    if _too_late(policy, days):
        return earned
    return min(earned, round(earned * days * policy.percent_per_day / 100, 2))


def _too_late(policy: LatePolicy, days: int) -> bool:
    return policy.max_days is not None and days > policy.max_days


def percent_lost(policy: LatePolicy, days: int) -> float:
    """Percent, not rounded: a free day is worth something however little a day costs."""
    return 100.0 if _too_late(policy, days) else min(100.0, days * policy.percent_per_day)


def spend(policy: LatePolicy, late: Sequence[str], days: Mapping[str, int]) -> dict[str, Tokens]:
    """Use up one student's free late days, in the order in which assignments are due.

    Each takes a day of lateness away. None is taken where it changes nothing: where lateness costs nothing, or all points all the same.

    Args:
        late: assignments for which a free day may be used, in order: not those with an extension.
        days: assignment -> days late.
    """
    found: dict[str, Tokens] = {}
    left = policy.tokens
    for assignment in late:
        used = min(days[assignment], left)
        if percent_lost(policy, days[assignment] - used) >= percent_lost(policy, days[assignment]):
            used = 0
        found[assignment] = Tokens(left, used)
        left -= used
    return found
