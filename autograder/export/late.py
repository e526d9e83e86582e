"""The late policy: days begun since the due date, and what they cost. Computed on export, never stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from autograder.course import LatePolicy

_DAY = timedelta(days=1)


def days_late(policy: LatePolicy, due: datetime | None, submitted_at: datetime | None) -> int:
    """Days begun between the due date and the submission; 0 if it is on time.

    Up to ``grace_minutes`` late is on time. Grace is no later due date: after it, days count from the due date.
    A day has 24 hours. Without a due date, or with a submission time that is unknown or has no time zone,
    a submission is on time.
    """
    if due is None or submitted_at is None or submitted_at.tzinfo is None:
        return 0
    late = submitted_at.astimezone(UTC) - due.astimezone(UTC)
    if late <= timedelta(minutes=policy.grace_minutes):
        return 0
    return -(-late // _DAY)


def penalty(policy: LatePolicy, earned: float, days: int) -> float:
    """The points that a submission this many days late loses, of those that it earned."""
    if policy.max_days is not None and days > policy.max_days:
        return earned
    return min(earned, round(earned * days * policy.percent_per_day / 100, 2))
