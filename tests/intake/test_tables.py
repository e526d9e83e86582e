"""Tables of times that an instructor gives, in the forms that systems and instructors write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.gradebook.models import Identity, State, Student
from autograder.intake.tables import read_map, read_times
from autograder.people.columns import NUMBER, participant_of
from autograder.people.match import Roster

CLASS = Roster(
    [
        Student(
            id="22020001",
            name="Nguyễn Thị Ánh",
            email="",
            state=State.ENROLLED,
            ids=[Identity(kind=participant_of("pooling"), value="41")],
        ),
        Student(
            id="22020002",
            name="Trần Văn Bình",
            email="",
            state=State.ENROLLED,
            ids=[Identity(kind=NUMBER, value="0022020002")],
        ),
    ]
)
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def times(tmp_path: Path, text: str) -> dict[str, datetime]:
    path = tmp_path / "times.csv"
    path.write_text(text, encoding="utf-8")
    found = read_times(path, CLASS, "pooling", timezone(timedelta(hours=7)), [])
    assert found.problems == []
    return found.of


@pytest.mark.parametrize("title", ["id", "ID", "identifier", "Identifier", "student_id", "MSSV"])
def test_a_table_of_students_numbers_and_times_is_read_whatever_its_first_column_is_called(
    tmp_path: Path, title: str
) -> None:
    text = f"{title},submitted_at\n22020001,2026-11-30 19:00\n22020002,2026-11-30T12:00:00Z\n"
    assert times(tmp_path, text) == {"22020001": NOON, "22020002": NOON}


@pytest.mark.parametrize("word", ["Participant ", "Teilnehmer/in", "Người tham gia "])
def test_a_participant_of_a_worksheet_is_known_by_the_number_behind_the_word(tmp_path: Path, word: str) -> None:
    text = f'Identifier,Status,Last modified (submission)\n{word}41,x,"Monday, 30 November 2026, 7:00 PM"\n'
    assert times(tmp_path, text) == {"22020001": NOON}


def test_ids_of_letters_and_digits_are_no_participants(tmp_path: Path) -> None:
    roster = Roster(
        [
            Student(id="an01", name="", email="", state=State.ENROLLED),
            Student(id="binh02", name="", email="", state=State.ENROLLED),
            Student(
                id="chi", name="", email="", state=State.ENROLLED,
                ids=[Identity(kind=participant_of("pooling"), value="01")],
            ),
        ]
    )  # fmt: skip
    path = tmp_path / "times.csv"
    for rows in (("an01", "binh02"), ("an01",)):
        path.write_text(
            "id,submitted_at\n" + "".join(f"{one},2026-11-30T12:00:00Z\n" for one in rows), encoding="utf-8"
        )
        found = read_times(path, roster, "pooling", None, [])
        assert (found.of, found.problems) == (dict.fromkeys(rows, NOON), [])


def test_a_table_whose_encoding_had_to_be_guessed_says_so(tmp_path: Path) -> None:
    path = tmp_path / "times.csv"
    path.write_bytes(
        "MSSV,Họ tên,submitted_at\n22020001,Nguyễn Ánh,2026-11-30T12:00:00Z\n".replace("ễ", "ê\u0303")
        .replace("ọ", "o\u0323")
        .encode("cp1258")
    )
    remarks: list[str] = []
    assert read_times(path, CLASS, "pooling", None, remarks).of == {"22020001": NOON}
    assert "read as Windows-1258" in remarks[0]


def test_a_first_line_of_ids_that_are_nobodys_is_told(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("2202O001,gh-an\n22020002,gh-binh\n", encoding="utf-8")
    given, problems = read_map(path, CLASS, [])
    assert given == {"gh-binh": "22020002"}
    assert problems == ["map.csv:1: neither of its ids is in the roster"]
    path.write_text("student,login\n22020002,gh-binh\n", encoding="utf-8")
    assert read_map(path, CLASS, []) == ({"gh-binh": "22020002"}, [])
