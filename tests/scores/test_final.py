"""Final scores: newest result, overrides, lateness, extensions, and everyone in the roster."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from autograder.course import Assignment, Course
from autograder.export import Row, final_rows
from autograder.gradebook import Gradebook
from autograder.result import Outcome, Result, Status
from autograder.scores.final import in_a_sentence

DUE = datetime(2026, 12, 7, 16, 59, tzinfo=UTC)
Rows = Callable[[], dict[str, Row]]


@pytest.fixture
def rows(course: Course, assignment: Assignment, gradebook: Gradebook) -> Rows:
    return lambda: {
        row.student.id: row for row in final_rows(course=course, assignment=assignment, gradebook=gradebook)
    }


@pytest.fixture
def override(assignment: Assignment, gradebook: Gradebook) -> Callable[[str | None, float], None]:
    def add(question: str | None, score: float) -> None:
        gradebook.add_override(
            student="an", assignment=assignment, question=question, score=score, reason="appeal", author="T"
        )  # fmt: skip

    return add


def test_everyone_in_the_roster_has_a_row(gradebook: Gradebook, make_result: Callable[..., Result], rows: Rows) -> None:
    gradebook.record(make_result("binh"))
    gradebook.record(make_result("zoe"))  # not in the roster
    assert {name: (row.status, row.score) for name, row in rows().items()} == {
        "an": ("missing", 0), "binh": ("graded", 100), "chi": ("missing", 0), "zoe": ("graded", 100),
    }  # fmt: skip
    assert rows()["binh"].questions == {"max_pool2d": 60, "avg_pool2d": 40}
    assert rows()["binh"].remarks == ()


def test_the_newest_result_counts(
    gradebook: Gradebook, make_result: Callable[..., Result], tests: Any, rows: Rows
) -> None:
    gradebook.record(make_result())
    gradebook.record(make_result(tests=tests({"earned": 0, "outcome": Outcome.FAILED})))
    assert rows()["an"].score == 80


def test_a_late_submission_loses_a_share_and_an_extension_saves_it(
    gradebook: Gradebook, make_result: Callable[..., Result], rows: Rows
) -> None:
    gradebook.record(make_result("an", submitted_at=DUE + timedelta(days=1, seconds=1)))
    gradebook.record(make_result("binh", submitted_at=DUE + timedelta(days=5, seconds=1)))
    gradebook.record(make_result("chi", submitted_at=DUE + timedelta(days=3)))
    an, binh, chi = rows().values()
    assert (an.days_late, an.raw_score, an.penalty, an.score) == (2, 100, 20, 80)
    assert (binh.days_late, binh.raw_score, binh.penalty, binh.score) == (6, 100, 100, 0)
    assert binh.remarks == ("More than 5 days late: no points.",)
    assert (chi.days_late, chi.penalty, chi.score) == (0, 0, 100)
    assert chi.remarks == ("Due date extended to 2026-12-10 23:59 +0700.",)


def test_who_is_in_time_for_points_by_free_late_days_is_not_said_to_be_too_late(
    course: Course, assignment: Assignment, gradebook: Gradebook, make_result: Callable[..., Result]
) -> None:
    toml = course.root / "assignments" / "course.toml"
    toml.write_text(
        toml.read_text(encoding="utf-8").replace("max_days = 5", "max_days = 5\ntokens = 2"), encoding="utf-8"
    )
    for student, days in (("an", 6.5), ("binh", 8.5)):
        gradebook.record(make_result(student, submitted_at=DUE + timedelta(days=days)))
    found = final_rows(course=Course(course.root), assignment=assignment, gradebook=gradebook)
    an, binh = (row for row in found if row.result)
    assert (an.days_late, an.score, an.remarks) == (7, 50, ())
    assert (binh.days_late, binh.score, binh.remarks) == (9, 0, ("More than 5 days late: no points.",))


def test_the_sentence_says_the_policys_percent_whatever_rounding_takes(
    gradebook: Gradebook, make_result: Callable[..., Result], rows: Rows, override: Any
) -> None:
    gradebook.record(make_result("an", submitted_at=DUE + timedelta(hours=1)))
    override("max_pool2d", 10.37)
    assert in_a_sentence(rows()["an"]).endswith("10 % late (1 day): 45.33")


@pytest.mark.parametrize(
    ("submitted_at", "remark"), [(None, "is unknown"), (datetime(2030, 1, 1), "has no time zone")]
)  # fmt: skip
def test_an_uncertain_submission_time_is_on_time_and_said_so(
    gradebook: Gradebook, make_result: Callable[..., Result], rows: Rows, submitted_at: datetime | None, remark: str
) -> None:
    gradebook.record(make_result(submitted_at=submitted_at))
    row = rows()["an"]
    assert (row.days_late, row.score) == (0, 100)
    assert row.remarks == (f"The submission time {remark}: counted as on time.",)


def test_the_newest_override_of_a_question_replaces_its_points(
    gradebook: Gradebook, make_result: Callable[..., Result], rows: Rows, override: Any
) -> None:
    gradebook.record(make_result(submitted_at=DUE + timedelta(hours=1)))
    override("max_pool2d", 10)
    override("max_pool2d", 20)
    row = rows()["an"]
    assert row.questions == {"max_pool2d": 20, "avg_pool2d": 40}
    assert (row.raw_score, row.penalty, row.score) == (60, 6, 54)
    assert [entry.score for entry in row.overrides] == [20]


def test_an_override_of_the_whole_score_is_the_score(
    gradebook: Gradebook, make_result: Callable[..., Result], rows: Rows, override: Any
) -> None:
    gradebook.record(make_result(submitted_at=DUE + timedelta(hours=1)))
    override(None, 75)
    override("max_pool2d", 0)
    row = rows()["an"]
    assert (row.days_late, row.raw_score, row.penalty, row.score) == (1, 75, 0, 75)
    assert row.remarks == ("Late, but the whole score was set by hand: no penalty.",)
    assert [entry.question for entry in row.overrides] == [None, "max_pool2d"]


def test_who_submitted_nothing_can_be_given_points_by_hand(rows: Rows, override: Any) -> None:
    override("avg_pool2d", 30)
    row = rows()["an"]
    assert (row.status, row.score, row.questions) == ("set by hand", 30, {"max_pool2d": 0, "avg_pool2d": 30})


def test_the_graders_own_fault_is_no_score_until_an_override_fills_the_gap(
    gradebook: Gradebook, make_result: Callable[..., Result], tests: Any, rows: Rows, override: Any
) -> None:
    broken = tests({}, {"earned": 0, "outcome": Outcome.NOT_GRADABLE})
    gradebook.record(make_result(status=Status.NOT_GRADABLE, message="A hidden test itself failed.", tests=broken))
    row = rows()["an"]
    assert (row.raw_score, row.score, row.penalty) == (None, None, 0)
    assert row.questions == {"max_pool2d": None, "avg_pool2d": 40}
    assert row.remarks == ("A hidden test itself failed.",)
    override("max_pool2d", 50)
    assert rows()["an"].score == 90


def test_an_unreadable_submission_scores_zero(
    gradebook: Gradebook, make_result: Callable[..., Result], tests: Any, rows: Rows
) -> None:
    nothing = {"earned": 0, "outcome": Outcome.NOT_GRADABLE}
    gradebook.record(make_result(status=Status.UNREADABLE, tests=tests(nothing, nothing, nothing)))
    row = rows()["an"]
    assert (row.status, row.score, row.questions) == ("unreadable", 0, {"max_pool2d": 0, "avg_pool2d": 0})


def test_a_result_of_another_version_of_the_assignment_is_said_to_be_one(
    gradebook: Gradebook, make_result: Callable[..., Result], rows: Rows
) -> None:
    gradebook.record(make_result(assignment_fingerprint="old"))
    assert rows()["an"].remarks == ("Graded with another version of the assignment or of the grader; grade again.",)


def test_thirds_of_points_add_up_as_in_the_result(
    gradebook: Gradebook, make_result: Callable[..., Result], tests: Any, rows: Rows
) -> None:
    result = make_result(tests=tests({"earned": 20 / 3}, {"earned": 40 / 3}, {"earned": 40 / 3}))
    gradebook.record(result)
    row = rows()["an"]
    assert row.score == result.score == 33.33
    assert row.questions == {"max_pool2d": 20, "avg_pool2d": 13.33}
