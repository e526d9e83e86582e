"""Due dates: moments as an author writes them, in the course's time zone if they name none."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

from autograder.course.toml import Location, line_of
from autograder.errors import CourseError
from autograder.files import read_text
from autograder.language import N_, _
from autograder.times import UnclearTime, is_credible, read_moment, read_zone

_WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
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
    if re.fullmatch("[A-Z]{3}", value) and value not in ("UTC", "GMT"):
        raise ValueError(
            f"'{value}' is an abbreviation, which several places share or which knows no summer time. Write the zone's whole name, as in "
            "Asia/Ho_Chi_Minh or America/New_York"
        )
    try:
        return read_zone(value)
    except UnclearTime as error:
        raise ValueError(str(error)) from None


def in_zone(moment: MomentT, zone: ZoneInfo | None, path: Path, location: Location) -> MomentT:
    """The moment with a zone: its own, or else this one.

    Raises:
        CourseError: it has none, and neither has the course; nobody hands in then.
    """
    if moment is None:
        return moment
    wrong = ""
    if moment.tzinfo is None and zone is None:
        wrong = (
            f"has no time zone. Write it behind the time, as in {moment:%Y-%m-%dT%H:%M:%S}+07:00, or set "
            'time_zone = "Asia/Ho_Chi_Minh" for all dates in course.toml'
        )
    moment = moment.replace(tzinfo=moment.tzinfo or zone)
    if not wrong and not is_credible(moment):
        wrong = "lies before 1970 or after 2199. What has no end needs no date: leave the line out"
    if wrong:
        name = ".".join(part for part in location if isinstance(part, str))
        raise CourseError(f"{path}:{line_of(read_text(path), location)}: {name}: {wrong}.")
    return moment


def in_words(moment: datetime) -> str:
    """A moment with its weekday and its zone: ``Monday, 7 December 2026, 23:59 (UTC+7)``.

    Midnight is the end of a day, 24:00: of 00:00, people ask which night is meant.
    """
    day, time = moment.date(), f"{moment:%H:%M:%S}".removesuffix(":00")
    if time == "00:00":
        day, time = day - timedelta(days=1), "24:00"
    return _(
        "{weekday}, {day} {month} {year}, {time} ({zone})",
        weekday=_(_WEEKDAYS[day.weekday()]), day=day.day, month=_(MONTHS[day.month - 1]), year=day.year, time=time, zone=_zone(moment),
    )  # fmt: skip


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
