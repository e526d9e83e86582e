"""Times that others wrote: students, systems and file systems may write any. There is no other reader of them."""

from __future__ import annotations

import difflib
import os
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from autograder.errors import GraderError, SubmissionError
from autograder.files import open_regular
from autograder.text import one_line, printable

_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Near the ends of the calendar, a time cannot be told in every zone."""
_LONGEST = 100
_WRITE = "Write date, time and zone, as in 2026-11-30 23:59:00 +07:00."
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})"
    r"(?:[T _]\s*(\d{1,2}[:_]\d{2}(?:[:_]\d{2}(?:[.,]\d+)?)?)"
    r"\s*(Z|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|[A-Za-z][A-Za-z0-9_+\-/]*)?)?",
    re.ASCII,
)
_MONTHS = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "jan feb mär apr mai jun jul aug sep okt nov dez",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    )
    for number, name in enumerate(names.split(), 1)
}
_SPOKEN_TIME = re.compile(
    r"(?:[^\W\d]+(?: [^\W\d]+)?,? )?(\d{1,2})\.? ([^\W\d]+\.?|tháng \d{1,2}),? (\d{4}),? (?:um |à )?(\d{1,2}:\d{2}(?::\d{2})?)(?: (am|pm|sa|ch))?",
    re.IGNORECASE,
)
_SPOKEN = {
    "AST": (3,), "BRT": (-3,), "BST": (6,), "GST": (4,), "ICT": (7,), "MYT": (8,), "PHT": (8,), "SGT": (8,),
}  # fmt: skip
"""Hours from UTC of abbreviations that people and older systems use, and the time zone database does not, or for another zone only."""


class UnclearTime(GraderError):
    """A time that cannot be read, or can be read in several ways; the message is the end of a sentence that quotes it."""


def read_time(text: Any, zone: tzinfo | None = UTC) -> datetime:
    """A time: date, time of day and zone, as ISO 8601, nbgrader, Ruby and people write them.

    The zone may be an offset, a name of the IANA database, or an abbreviation that means one offset only.

    Args:
        zone: that of a time which names none; None if such a time is not clear enough.

    Raises:
        UnclearTime: it is no time, its zone is unknown or ambiguous, or nobody hands in then.
    """
    found = read_moment(text)
    if found.tzinfo is None:
        if zone is None:
            raise UnclearTime(f"{_quoted(text)} names no time zone. {_WRITE}")
        found = found.replace(tzinfo=zone)
    if not is_credible(found):
        raise UnclearTime(f"{_quoted(text)} is not credible: nobody hands in then.")
    return found.replace(tzinfo=timezone(found.utcoffset() or timedelta()))


def is_credible(moment: datetime) -> bool:
    """Whether a time with a zone lies where somebody may hand in, and so far from the ends of the calendar that every zone can tell it."""
    try:
        return _EARLIEST <= moment < _LATEST
    except OverflowError:
        return False


def read_moment(text: Any) -> datetime:
    """The same, without a zone if none is named.

    Raises:
        UnclearTime.
    """
    written = str(text or "").strip()
    quoted = _quoted(text)
    found = _MOMENT.fullmatch(written) if len(written) <= _LONGEST else None
    if not found:
        raise UnclearTime(f"{quoted} is no time. {_WRITE}")
    day, clock, named = found.groups()
    if not clock:
        raise UnclearTime(f"{quoted} is a day without a time. {_WRITE}")
    try:
        hour, _, rest = clock.replace("_", ":").replace(",", ".").partition(":")
        naive = datetime.fromisoformat(f"{day}T{hour:0>2}:{rest}")
    except ValueError:
        advice = "Midnight is 00:00 of the next day." if re.match(r"24[:_]00", clock) else _WRITE
        raise UnclearTime(f"{quoted} is no time: there is no such date or hour. {advice}") from None
    return naive.replace(tzinfo=_zone(named, naive, quoted)) if named else naive


def _quoted(text: Any) -> str:
    return f"'{one_line(printable(str(text or '').strip()[:_LONGEST]))}'"


def read_spoken_time(text: str, zone: tzinfo | None) -> datetime:
    """`read_time`, also as Moodle writes times for people, in English, German, French or Vietnamese: `Monday, 7 December 2026, 11:58 PM`.

    Raises:
        UnclearTime.
    """
    found = _SPOKEN_TIME.fullmatch(" ".join(text.split())[:_LONGEST])
    if not found:
        return read_time(text, zone)
    day, month, year, clock, half = found.groups()
    number = int(month.split()[-1]) if month[-1].isdecimal() else _MONTHS.get(month.casefold().rstrip("."), 0)
    if not number:
        raise UnclearTime(f"{_quoted(text)} is no time: '{month}' is no month. {_WRITE}")
    hour, _, rest = clock.partition(":")
    if half:
        hour = str(int(hour) % 12 + 12 * (half.casefold() in ("pm", "ch")))
    return read_time(f"{year}-{number:02}-{int(day):02} {int(hour):02}:{rest}", zone)


def from_seconds(seconds: float) -> datetime | None:
    """The time so many seconds after 1970 began; None if nobody hands in then."""
    try:
        found = datetime.fromtimestamp(seconds, UTC)
        return found if _EARLIEST <= found < _LATEST else None
    except (OSError, OverflowError, ValueError):
        return None


STAMP = "timestamp.txt"
"""What nbgrader calls the file that holds the time of handing in."""


def read_stamp(folder: Path) -> datetime | None:
    """The time in nbgrader's `timestamp.txt`; None if there is none in the folder, or nothing in it.

    Raises:
        UnclearTime: it cannot be read.
    """
    path = folder / STAMP
    if not os.path.lexists(path):
        return None
    try:
        with open(open_regular(path), "rb") as file:
            return read_stamped(os.read(file.fileno(), _LONGEST + 1))
    except (OSError, SubmissionError) as error:
        raise UnclearTime(f"timestamp.txt cannot be read ({getattr(error, 'strerror', None) or error})") from None


def read_stamped(data: bytes) -> datetime | None:
    """What a `timestamp.txt` holds: a time, UTC if it names no zone, as nbgrader reads it; None if it is empty.

    Raises:
        UnclearTime: something else is in it.
    """
    text = data.decode("utf-8-sig", "replace").strip()
    return read_time(text) if text else None


def read_zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name.

    Raises:
        UnclearTime: there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UnclearTime(f"there is no time zone '{one_line(printable(name[:_LONGEST]))}'{_like(name)}") from None


def _like(name: str) -> str:
    # Of 600 cities, some one's name is always a little like it.
    close = difflib.get_close_matches(name, available_timezones(), 1, cutoff=0.8)
    return f"; did you mean '{close[0]}'?" if close else "; names are as in Asia/Ho_Chi_Minh"


def _zone(name: str, at: datetime, quoted: str) -> tzinfo:
    """What a zone is called -> the zone, at a time of its own."""
    if name.upper() in ("AM", "PM"):
        raise UnclearTime(
            f"{quoted} has the hours of half a day. Write 23:59 for 11:59 PM, and the zone, as in +07:00."
        )
    if name.upper() in ("Z", "UTC", "GMT"):
        return UTC
    if offset := _OFFSET.fullmatch(name):
        sign, hours, minutes = offset.groups()
        size = timedelta(hours=int(hours), minutes=int(minutes or 0))
        if size >= timedelta(hours=24):
            raise UnclearTime(f"{quoted} has a zone that is a day or more from UTC. {_WRITE}")
        return timezone(-size if sign == "-" else size)
    if "/" in name:
        try:
            return read_zone(name)
        except UnclearTime as error:
            raise UnclearTime(f"{quoted}: {error}") from None
    offsets = _abbreviated(name.upper(), at.year)
    if len(offsets) == 1:
        return timezone(offsets[0])
    if not offsets and name in available_timezones():
        return ZoneInfo(name)
    if offsets:
        several = ", ".join(_written(offset) for offset in offsets[:-1]) + f" or {_written(offsets[-1])}"
        raise UnclearTime(
            f"{quoted} has a time zone of several meanings: '{name}' may be {several}. Write which, as in +07:00."
        )
    raise UnclearTime(f"{quoted} has a time zone that is not known, '{name}'. Write its offset, as in +07:00.")


@lru_cache(maxsize=64)
def _abbreviated(name: str, year: int) -> tuple[timedelta, ...]:
    """All that an abbreviation stands for in a year, of all the zones there are."""
    offsets = {timedelta(hours=hours) for hours in _SPOKEN.get(name, ())}
    moments = [datetime(year, month, 15) for month in (1, 4, 7, 10)]
    for zone in map(ZoneInfo, available_timezones()):
        for moment in moments:
            here = moment.replace(tzinfo=zone)
            if here.tzname() == name and (offset := here.utcoffset()) is not None:
                offsets.add(offset)
    return tuple(sorted(offsets))


def _written(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
