"""Times that others wrote: read right, or refused in a sentence that quotes them."""

import contextlib
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.times import UnclearTime, read_spoken_time, read_stamp, read_time

HANOI = timezone(timedelta(hours=7))
NOW = datetime(2026, 12, 7, 16, 58, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-07 16:58:00.000000 UTC", "2026-12-07T16:58:00Z", "2026-12-07 16:58 gmt",  # nbgrader, Canvas
        "2026-12-07 23:58:00.000000 +07", "2026-12-07 23:58:00.000000 +0700", "2026-12-07 23:58:00.000000 +07:00",
        "2026-12-07 23:58:00.000000000 +07:00",  # Gradescope: Ruby's
        "2026-12-07 23:58:00.000000 Asia/Ho_Chi_Minh", "2026-12-07 23:58:00 ICT", "2026-12-07 11:58:00 EST",
        "2026-12-07 23:58 UTC+7", "2026-12-07 23:58 GMT+07:00", "2026-12-07 17:58 CET", "2026-12-08 00:58 Singapore",
        "2026-12-07 16_58_00.000000 UTC",  # where a colon cannot be in a name
        "2026-12-07 16:58",
    ],
)  # fmt: skip
def test_a_time_with_its_zone(text: str) -> None:
    assert read_time(text) == NOW


def test_an_abbreviation_means_what_it_meant_that_year() -> None:
    assert read_time("2026-07-07 12:58:00 EDT") == read_time("2026-07-07 16:58:00 UTC")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-12-07 10:00 IST", r"'IST' may be \+01:00, \+02:00 or \+05:30\. Write which"),
        ("2026-12-07 10:00 CST", r"'CST' may be -06:00, -05:00 or \+08:00"),
        ("2026-12-07 10:00 BST", r"'BST' may be"),
        ("2026-12-07 10:00 XYZ", r"a time zone that is not known, 'XYZ'\. Write its offset"),
        ("2026-12-07 10:00 Asia/Ho_Chi_Min", r"no time zone 'Asia/Ho_Chi_Min'; did you mean 'Asia/Ho_Chi_Minh'\?"),
        ("2026-12-07 10:00 Asia/Hanoi", r"no time zone 'Asia/Hanoi'; names are as in Asia/Ho_Chi_Minh"),
        ("2026-12-07 24:00 +07:00", r"no such date or hour. Midnight is 00:00 of the next day"),
        ("2026-13-07 10:00 +07:00", r"no such date or hour. Write date, time and zone"),
        ("2026-12-07", r"a day without a time. Write date, time and zone, as in 2026"),
        ("7/12/2026 10:00", r"is no time. Write date, time and zone"),
        ("2026-12-07 10:00 +25:00", r"a day or more from UTC"),
        ("tomorrow", r"'tomorrow' is no time"),
        ("", r"is no time"),
        ("\0", r"is no time"),
        ("2026-12-07" + " " * 10_000 + "x", r"is no time"),
        ("9999-12-31T23:59:59-14:00", r"is not credible"),
        ("0001-01-01 00:00:00+14:00", r"is not credible"),
        ("1969-12-31 23:59:59 UTC", r"is not credible"),
    ],
)
def test_what_is_not_clear_is_refused_by_name(text: str, says: str) -> None:
    with pytest.raises(UnclearTime, match=says):
        read_time(text)


def test_a_time_without_a_zone_is_in_the_one_that_is_given_or_refused() -> None:
    assert read_time("2026-12-07 23:58", ZoneInfo("Asia/Ho_Chi_Minh")) == NOW
    with pytest.raises(UnclearTime, match="names no time zone"):
        read_time("2026-12-07 23:58", None)


@pytest.mark.parametrize(
    "text",
    [
        "Monday, 7 December 2026, 11:58 PM", "Montag, 7. Dezember 2026, 23:58", "lundi 7 décembre 2026, 23:58",
        "Thứ Hai, 7 tháng 12 2026, 11:58 PM", "Thứ Hai, 7 tháng 12 2026, 11:58 CH", "7 Dec 2026, 11:58 PM", "2026-12-07 23:58 +07:00",
    ],
)  # fmt: skip
def test_a_time_as_moodle_writes_it(text: str) -> None:
    assert read_spoken_time(text, HANOI) == NOW


def test_midnight_and_noon_as_moodle_writes_them() -> None:
    assert read_spoken_time("Monday, 7 December 2026, 12:05 AM", UTC) == datetime(2026, 12, 7, 0, 5, tzinfo=UTC)
    assert read_spoken_time("Monday, 7 December 2026, 12:05 PM", UTC) == datetime(2026, 12, 7, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize("stamp", ["link", "pipe", "folder", "tomorrow", "\xff\xfe"])
def test_a_stamp_that_cannot_be_read_is_told_and_none_at_all_is_none(tmp_path: Path, stamp: str) -> None:
    """A link or a pipe may never end."""
    assert read_stamp(tmp_path) is None
    path = tmp_path / "timestamp.txt"
    if stamp == "link":
        path.symlink_to("/dev/zero")
    elif stamp == "pipe":
        os.mkfifo(path)
    elif stamp == "folder":
        path.mkdir()
    else:
        path.write_text(stamp, encoding="latin-1")
    with pytest.raises(UnclearTime):
        read_stamp(tmp_path)


def test_an_empty_stamp_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "timestamp.txt").write_text(" \n")
    assert read_stamp(tmp_path) is None


@given(
    st.datetimes(min_value=datetime.min, max_value=datetime.max),
    st.timedeltas(-timedelta(hours=23, minutes=59), timedelta(hours=23, minutes=59)),
)
def test_any_time_can_be_told_in_any_zone_or_is_refused(moment: datetime, zone: timedelta) -> None:
    try:
        read = read_time(moment.replace(tzinfo=timezone(zone)).isoformat())
    except UnclearTime:
        return
    for hours in (-23, 23):
        read.astimezone(timezone(timedelta(hours=hours)))


@given(st.text(max_size=60))
def test_whatever_is_written_is_a_time_or_refused(text: str) -> None:
    with contextlib.suppress(UnclearTime):
        assert read_time(text).tzinfo is not None
    with contextlib.suppress(UnclearTime):
        assert read_spoken_time(text, UTC).tzinfo is not None


def test_hours_of_one_digit_may_have_seconds() -> None:
    assert read_time("2026-11-30 9:05:07 +07:00") == read_time("2026-11-30 09:05:07 +07:00")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Monday, 7 x² 2026, 10:00", r"'Monday, 7 x² 2026, 10:00' is no time"),
        ("Montag, 7. Foo. 2026, 23:58", r"'Montag, 7. Foo. 2026, 23:58' is no time: 'Foo.' is no month"),
        ("2026-11-30 11:59 PM", r"has the hours of half a day. Write 23:59"),
        ("2026-11-30 11:59 +07:99", r"is no time|is not known"),
    ],
)
def test_what_is_refused_is_quoted_as_it_was_written(text: str, says: str) -> None:
    with pytest.raises(UnclearTime, match=says):
        read_spoken_time(text, HANOI)


def test_a_short_month_of_a_german_site_is_one() -> None:
    assert read_spoken_time("Montag, 7. Dez. 2026, 23:58", HANOI) == NOW
