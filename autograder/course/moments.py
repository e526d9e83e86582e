"""Due dates: moments as an author writes them, in the course's time zone if they name none."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

from autograder.course.toml import Location, line_of
from autograder.errors import CourseError
from autograder.files import read_text
from autograder.times import UnclearTime, read_moment, read_zone

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
MomentT = TypeVar("MomentT", datetime, datetime | None)


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return read_moment(value)
        except UnclearTime as error:
            raise ValueError(str(error)) from None
    if isinstance(value, date) and not isinstance(value, datetime):
        raise ValueError(f"{value} is a day without a time. Write the time, too, as in {value}T23:59:00")
    if not isinstance(value, datetime):
        raise ValueError("must be a moment. Write date, time and zone, as in 2026-11-30T23:59:00+07:00, with seconds")
    return value


Moment = Annotated[datetime, BeforeValidator(_moment)]
"""With or without a time zone."""


def zone_of(value: Any) -> ZoneInfo:
    """A time zone by its name, as in Asia/Ho_Chi_Minh."""
    if not isinstance(value, str):
        raise ValueError('must be the name of a time zone in quotes, as in time_zone = "Asia/Ho_Chi_Minh"')
    try:
        return read_zone(value)
    except UnclearTime as error:
        raise ValueError(str(error)) from None


def in_zone(moment: MomentT, zone: ZoneInfo | None, path: Path, location: Location) -> MomentT:
    """The moment with a zone: its own, or else this one.

    Raises:
        CourseError: it has none, and neither has the course.
    """
    if moment is None or moment.tzinfo is not None:
        return moment
    if zone is None:
        line = line_of(read_text(path), location)
        name = location[-1]
        raise CourseError(
            f"{path}:{line}: {name}: has no time zone. Write it behind the time, as in {moment:%Y-%m-%dT%H:%M:%S}+07:00, or set "
            'time_zone = "Asia/Ho_Chi_Minh" for all dates in course.toml.'
        )
    return moment.replace(tzinfo=zone)


def in_words(moment: datetime) -> str:
    """A moment with its weekday and its zone: ``Monday, 7 December 2026, 23:59 (UTC+7)``.

    Midnight is the end of a day, 24:00: of 00:00, people ask which night is meant.
    """
    day, time = moment.date(), f"{moment:%H:%M:%S}".removesuffix(":00")
    if time == "00:00":
        day, time = day - timedelta(days=1), "24:00"
    return f"{_WEEKDAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}, {time} ({_zone(moment)})"


def _zone(moment: datetime) -> str:
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError(f"{moment} has no time zone")
    minutes = round(offset.total_seconds() / 60)
    text = "UTC"
    if minutes:
        text += f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60}" + (
            f":{abs(minutes) % 60:02}" if minutes % 60 else ""
        )
    zone = moment.tzinfo
    return f"{zone.key}, {text}" if isinstance(zone, ZoneInfo) and zone.key != text else text
