"""Whose a name or an id is."""

import cProfile
import pstats
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from autograder.people.columns import GITHUB, GITLAB, participant_of
from autograder.people.match import Roster
from autograder.people.person import Ids, Person


@dataclass(frozen=True)
class Id:
    kind: str
    value: str


@dataclass(frozen=True)
class Known:
    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    language: str = ""
    enrolled: bool = True
    ids: Sequence[Id] = field(default=())


def test_a_number_of_one_assignment_leads_to_its_student_there_and_nowhere_else() -> None:
    roster = Roster([Known("an", ids=(Id(participant_of("pooling"), "41"),)), Known("binh")])
    person = Person(ids=("41",), kind=Ids.PARTICIPANT, kinds=(participant_of("pooling"),))
    assert roster.find(person).students == ("an",)
    other = Person(ids=("41",), kind=Ids.PARTICIPANT, kinds=(participant_of("backprop"),))
    assert roster.find(other).students == ()
    assert roster.find(Person(ids=("41",))).students == ()
    assert roster.by_id("41") is None
    assert roster.bearers("41") == roster.likeliest("41") == []


@pytest.mark.parametrize(
    ("name", "students"),
    [
        ("Trần Văn An", ("1",)),
        ("AN TRẦN VĂN", ("1",)),
        ("trầnvănan", ("1",)),
        ("antrầnvăn", ("1",)),
        ("LE thi CHI", ("3",)),
        ("Văn An, Trần", ("1",)),
        ("Trân Vân An", ()),
        ("Tran Van An", ()),
        ("Le Thi Chi", ("3",)),
        ("lethichi", ("3",)),
        ("Lê Thị Chị", ("3",)),
        ("Lê Thị", ()),
        ("", ()),
        ("123 !", ()),
    ],
)
def test_a_name_is_found_as_it_may_be_written_and_with_its_accents_first(name: str, students: tuple[str, ...]) -> None:
    roster = Roster(
        [
            Known("1", "Trần Văn An"),
            Known("2", "Trân Văn Ân"),
            Known("3", "Lê Thị Chi"),
            Known("4", ""),
            Known("5", "7"),
        ]
    )
    assert roster.find(Person(name)).students == students


def test_namesakes_are_told_in_the_order_of_the_roster() -> None:
    roster = Roster([Known("2", "Lê Chi"), Known("1", "Chi Lê"), Known("3", "Lệ Chi")])
    assert roster.find(Person("Lê Chi")).maybe == ("2", "1")
    assert roster.likeliest("le chi") == ["2", "1", "3"]


@pytest.mark.parametrize("students", [30, 300])
def test_finding_a_class_by_name_reads_each_name_a_few_times_and_not_once_for_each_other(students: int) -> None:
    names = [f"Nguyễn {chr(97 + n % 26)} {3 * chr(97 + n // 26)} An" for n in range(students)]
    profile = cProfile.Profile()
    with profile:
        roster = Roster([Known(str(n), name) for n, name in enumerate(names)])
        found = [roster.find(Person(name)) for name in names]
    assert [one.students for one in found] == [(str(n),) for n in range(students)]
    assert pstats.Stats(profile).total_calls < 1_000 * students  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", [GITHUB, GITLAB])
def test_a_login_that_a_student_has_chosen_takes_nobodys_number(kind: str) -> None:
    roster = Roster([Known("22020001", "An"), Known("22020002", "Bình", ids=(Id(kind, "22020001"),))])
    for person in (Person(ids=("22020001",)), Person("Bình", ("22020001", "an@vnu.edu.vn"))):
        assert (roster.find(person).students, roster.find(person).certain) == (("22020001",), True)
    assert roster.find(Person(ids=("22020001",), kind=Ids.LOGIN, kinds=(kind,))).students == ("22020002",)
    found = Roster([Known("binh", ids=(Id(kind, "22020001"),))]).find(Person(ids=("22020001",)))
    assert (found.students, found.certain) == (("binh",), False)


def test_a_number_of_one_student_and_an_address_of_another_are_nobodys() -> None:
    roster = Roster([Known("1", email="an@vnu.edu.vn"), Known("2", email="binh@vnu.edu.vn")])
    assert roster.find(Person(ids=("1", "binh@vnu.edu.vn"))).maybe == ("1", "2")
