"""Moments in words."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from autograder.course.moments import in_words


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 12, 7, 9, 5, tzinfo=UTC), "Monday, 7 December 2026, 09:05 (UTC)"),
        (datetime(2026, 12, 7, 23, 59, 59, tzinfo=UTC), "Monday, 7 December 2026, 23:59:59 (UTC)"),
        (datetime(2026, 12, 8, tzinfo=UTC), "Monday, 7 December 2026, 24:00 (UTC)"),
        (datetime(2027, 1, 1, tzinfo=timezone(timedelta(hours=-3, minutes=-30))), "Thursday, 31 December 2026, 24:00 (UTC-3:30)"),
        (datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Paris")), "Wednesday, 1 July 2026, 12:00 (Europe/Paris, UTC+2)"),
        (datetime(2026, 12, 1, 12, tzinfo=ZoneInfo("Europe/Paris")), "Tuesday, 1 December 2026, 12:00 (Europe/Paris, UTC+1)"),
        (datetime(2026, 12, 1, 12, tzinfo=ZoneInfo("UTC")), "Tuesday, 1 December 2026, 12:00 (UTC)"),
    ],
)  # fmt: skip
def test_a_moment_is_told_with_its_weekday_and_its_zone(moment: datetime, said: str) -> None:
    assert in_words(moment) == said
