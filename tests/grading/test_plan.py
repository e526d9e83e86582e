"""What a run grades again, in which order, and when what has not changed was handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.grading.plan import of_what_was_passed_over, plan, with_its_time
from autograder.intake.passed_over import PassedOver, Problem
from autograder.notebook import Found
from autograder.result import Result, Status
from tests.pooling_course import MakeResult, assignment, course, make_result, tests

__all__ = ["assignment", "course", "make_result", "tests"]

NOON = datetime(2026, 12, 7, 12, tzinfo=UTC)


@dataclass
class Recorded:
    """What a gradebook holds."""

    results: dict[str, Result] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def graded(self, assignment: str) -> Mapping[str, tuple[str, str, Status]]:
        return {
            name: (one.submission_fingerprint, one.assignment_fingerprint, one.status)
            for name, one in self.results.items()
        }

    def latest(self, student: str, assignment: str) -> Result | None:
        return self.results.get(student)

    def slowest(self) -> Mapping[str, float]:
        return self.seconds


@pytest.fixture
def found(tmp_path: Path) -> dict[str, Found]:
    for student in ("an", "binh", "chi"):
        (tmp_path / f"{student}.ipynb").write_text(student)
    return {student: Found(student, tmp_path / f"{student}.ipynb", NOON) for student in ("an", "binh", "chi")}


def recorded(make_result: MakeResult, found: Mapping[str, Found], **changes: dict[str, object]) -> Recorded:
    """A gradebook in which all of it has been graded by the sources `now`; with such changes to a student's result."""
    usual = {"assignment_fingerprint": "now", "submitted_at": NOON, "isolation": ("user", "own root")}
    return Recorded(
        {
            name: make_result(name, **{**usual, "submission_fingerprint": one.fingerprint, **changes.get(name, {})})
            for name, one in found.items()
        }
    )


def todo(found: Mapping[str, Found], book: Recorded, *, full: bool = True, force: bool = False) -> list[str]:
    return [one.student for one in plan("pooling", "now", list(found.values()), book, full=full, force=force).todo]


def test_what_has_not_changed_is_not_graded_again_unless_it_is_forced(
    make_result: MakeResult, found: dict[str, Found]
) -> None:
    book = recorded(make_result, found)
    assert todo(found, book) == []
    assert todo(found, book, force=True) == ["an", "binh", "chi"]
    found["an"].path.write_text("changed")
    assert todo(found, book) == ["an"]
    assert todo(found, recorded(make_result, found, binh={"assignment_fingerprint": "older"})) == ["binh"]


def test_what_got_no_verdict_or_was_graded_with_less_care_is_graded_again(
    make_result: MakeResult, found: dict[str, Found]
) -> None:
    book = recorded(make_result, found, an={"status": Status.NOT_GRADABLE}, binh={"isolation": ("process",)})
    assert todo(found, book, full=False) == ["an"]
    done = plan("pooling", "now", list(found.values()), book, full=True, force=False)
    assert ([one.student for one in done.todo], done.more_care) == (["an", "binh"], {"binh"})


def test_what_took_longest_before_comes_first(make_result: MakeResult, found: dict[str, Found]) -> None:
    book = Recorded(seconds={"chi": 9.0, "binh": 20.0})
    assert todo(found, book) == ["binh", "chi", "an"]


def test_a_time_that_is_told_later_counts_without_grading_again(
    make_result: MakeResult, found: dict[str, Found]
) -> None:
    book = recorded(
        make_result, found, an={"submitted_at": None, "late": True}, chi={"submitted_at": NOON + timedelta(1)}
    )
    done = plan("pooling", "now", list(found.values()), book, full=True, force=False)
    assert done.todo == []
    assert [(one.student, one.submitted_at, one.late) for one, _ in done.retimed] == [
        ("an", NOON, False),
        ("chi", NOON, False),
    ]
    assert [one.submitted_at for one in done.unchanged] == [NOON, NOON, NOON]


@pytest.mark.parametrize(
    ("before", "now", "given_", "counts"),
    [
        (0, 1, False, 0),
        (1, 0, False, 0),
        (0, 1, True, 1),
        (0, None, False, 0),
        (None, 1, False, 1),
        (None, None, False, None),
    ],
)
def test_when_what_has_not_changed_was_handed_in(
    make_result: MakeResult, before: int | None, now: int | None, given_: bool, counts: int | None
) -> None:
    """When it first came; the instructor's word counts whatever was known; what is known is not lost."""
    times = [None if one is None else NOON + timedelta(one) for one in (before, now, counts)]
    result = make_result("an", submitted_at=times[0])
    found = Found("an", Path("an.ipynb"), times[1], given=given_)
    assert with_its_time(result, found, result).submitted_at == times[2]


@given(st.booleans(), st.booleans(), st.booleans(), st.sampled_from([None, NOON]), st.sampled_from([None, NOON]))
def test_nobody_is_called_late_whose_time_is_known(
    was_late: bool, is_late: bool, given_: bool, before: datetime | None, now: datetime | None
) -> None:
    result = Result(
        student="an", assignment="pooling", status=Status.GRADED, tests=(), path="an.ipynb", graded_at=NOON, submission_fingerprint="x",
        assignment_fingerprint="y", submitted_at=before, late=was_late and before is None,
    )  # fmt: skip
    done = with_its_time(result, Found("an", Path("an.ipynb"), now, late=is_late, given=given_), result)
    assert not (done.late and done.submitted_at)
    if before is None and now is None and not given_:
        assert done.late == (was_late or is_late)


def test_who_has_handed_in_something_else_is_not_missing() -> None:
    print_of = PassedOver(Path("in/an.pdf"), "an", True, Problem("ask for the notebook", "is no notebook"))
    strange = PassedOver(Path("in/x.pdf"), "x", False, Problem("ask for the notebook", "is no notebook"))
    (one,) = of_what_was_passed_over([print_of, strange], [], [])
    assert (one.student, one.problem, one.hand_in_again) == ("an", "an.pdf: is no notebook.", True)
    assert of_what_was_passed_over([print_of], [Found("an", Path("an.ipynb"), None)], []) == []
    assert of_what_was_passed_over([print_of], [], ["an"]) == []
