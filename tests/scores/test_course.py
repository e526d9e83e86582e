"""The grade of the course: weights, what is dropped, bonus, what is open; and one way to every score."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Course, FinalGrade
from autograder.gradebook import Gradebook
from autograder.result import Status
from autograder.scores import Row, by_assignment, course_rows, final_rows
from autograder.scores import in_a_sentence as in_words
from autograder.scores.course import Grade, Open, grade, in_a_sentence, share
from tests.whole_course import FIRST_DUE, enrol, fill, make_course, make_result

NAMES = ["a", "b", "c", "d"]
LATE = "[late]\npercent_per_day = 10\ntokens = 2\n"


def rows_of(course: Course, gradebook: Gradebook) -> dict[str, list[Row]]:
    return course_rows(
        course=course,
        assignments=course.assignments(),
        gradebook=gradebook,
        students=gradebook.students(),
        newest=by_assignment(gradebook.outlines()),
    )


def facts(row: Row) -> list[Any]:
    """All of a row but the result itself."""
    values = [getattr(row, one.name) for one in fields(row) if one.name not in ("student", "result", "overrides")]
    return [row.student.id, *values, [override.id for override in row.overrides]]


def final(**values: Any) -> FinalGrade:
    return FinalGrade.model_validate(values)


def test_the_rows_of_a_course_are_those_of_each_assignment(tmp_path: Path) -> None:
    extension = '[[extensions]]\nstudent = "22020002"\nassignment = "b"\nuntil = 2026-10-01T23:59:00Z\n'
    course = make_course(tmp_path, NAMES, LATE + extension)
    with Gradebook.open(tmp_path) as gradebook:
        fill(course, gradebook, enrol(course, gradebook, 12))
        together = rows_of(course, gradebook)
        for assignment in course.assignments():
            alone = final_rows(course=course, assignment=assignment, gradebook=gradebook)
            assert [facts(row) for row in together[assignment.name]] == [facts(row) for row in alone]


def test_the_order_of_grading_changes_no_score_and_no_free_day(tmp_path: Path) -> None:
    seen = []
    for seed in range(4):
        course = make_course(tmp_path / str(seed), NAMES, LATE)
        results = [
            make_result(one, "an", 80, days) for one, days in zip(course.assignments(), (1, 0, 1, 2), strict=True)
        ]
        random.Random(seed).shuffle(results)
        with Gradebook.open(course.root) as gradebook:
            for result in results:
                gradebook.record(result)
            seen.append({name: facts(rows[0]) for name, rows in rows_of(course, gradebook).items()})
    assert all(one == seen[0] for one in seen)
    with Gradebook.open(course.root) as gradebook:
        assert [rows[0].score for rows in rows_of(course, gradebook).values()] == [80, 80, 80, 64]
        assert [rows[0].tokens.used for rows in rows_of(course, gradebook).values() if rows[0].tokens] == [1, 0, 1, 0]


def test_no_free_day_goes_to_what_has_no_points_to_lose(tmp_path: Path) -> None:
    course = make_course(tmp_path, NAMES, LATE)
    first, second, third, fourth = course.assignments()
    unreadable = {"status": Status.UNREADABLE, "tests": (), "message": "No notebook."}
    with Gradebook.open(course.root) as gradebook:
        for result in (
            make_result(first, "an", 0, 1), make_result(second, "an", days=1, **unreadable), make_result(third, "an", 80, 1),
            make_result(fourth, "an", 50, 2),
        ):  # fmt: skip
            gradebook.record(result)
        gradebook.add_override(
            student="an", assignment=fourth, question=None, score=0, reason="copied", author="T"
        )  # no points by hand either
        together = rows_of(course, gradebook)
        alone = [final_rows(course=course, assignment=one, gradebook=gradebook, students=["an"])[0] for one in course.assignments()]  # fmt: skip
    assert [rows[0].tokens.used if rows[0].tokens else 0 for rows in together.values()] == [0, 0, 1, 0]
    assert [facts(row) for row in alone] == [facts(rows[0]) for rows in together.values()]
    assert [in_words(row) for row in alone[:3]] == [
        "0, 1 day late, which costs nothing here", "0, 1 day late, which costs nothing here",
        "80, 1 day late, free: of 2 free days, 1 left",
    ]  # fmt: skip


def test_weights_count_among_themselves() -> None:
    rule = final(weights={"a": 1, "b": 3}, scale=10)
    made = grade(rule, {"a": 1.0, "b": 0.5})
    assert (made.value, made.percent, made.provisional) == (6.25, 62.5, False)


def test_what_lies_halfway_is_rounded_up() -> None:
    assert grade(final(weights={"a": 1}, scale=10), {"a": 0.8245}).value == 8.25  # a binary 0.8245 is a little less


def test_what_is_not_due_or_has_no_verdict_is_left_out_and_said() -> None:
    rule = final(weights={"a": 1, "b": 1, "c": 1, "d": 0})
    made = grade(rule, {"a": 0.9, "b": Open.NOT_DUE, "c": Open.NOT_GRADABLE, "d": Open.NOT_DUE})
    assert (made.value, made.open) == (90, {"b": Open.NOT_DUE, "c": Open.NOT_GRADABLE})
    nothing = grade(rule, dict.fromkeys(NAMES, Open.NOT_DUE))
    assert (nothing.value, nothing.percent, nothing.provisional) == (None, None, True)


def test_groups_are_weighed_and_dropped_from_on_their_own() -> None:
    homework = {"title": "Homework", "weight": 60, "weights": {"a": 1, "b": 1, "c": 1}, "drop_lowest": 1}
    project = {"title": "Project", "weight": 40, "weights": {"d": 1}}
    made = grade(final(groups=[homework, project]), {"a": 0.2, "b": 0.8, "c": 1.0, "d": 0.5})
    assert made.dropped == ("a",)
    assert [group.percent for group in made.groups] == [90, 50]
    assert made.value == 74
    early = grade(final(groups=[homework, project]), {"a": 0.2, "b": 0.8, "c": 1.0, "d": Open.NOT_DUE})
    assert (early.value, early.provisional) == (90, True)


def test_a_bonus_only_adds_and_stops_at_the_scale_unless_told_otherwise() -> None:
    rule = {"weights": {"a": 1}, "bonus": {"b": 5}, "scale": 10}
    assert grade(final(**rule), {"a": 0.8, "b": 0.5}).value == 8.25
    assert grade(final(**rule), {"a": 0.8, "b": 0.0}).value == 8
    assert grade(final(**rule), {"a": 1.0, "b": 1.0}).value == 10
    assert grade(final(**rule, capped=False), {"a": 1.0, "b": 1.0}).value == 10.5


def test_a_better_score_that_weighs_much_is_not_dropped_for_a_worse_one_that_weighs_little() -> None:
    rule = final(weights={"a": 50, "b": 10, "c": 40}, drop_lowest=1)
    before, after = (grade(rule, {"a": a, "b": 0.51, "c": 1.0}) for a in (0.50, 0.52))
    assert before.dropped == after.dropped == ("a",)
    assert before.value == after.value == 90.2


SHARES = st.floats(0, 1) | st.sampled_from([0.0, 0.5, 1.0, *Open])
WEIGHTS = st.sampled_from([0.0, 1.0, 10.0, 33.3])


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, float], int, dict[str, float | Open]]:
    """Weights, how many are dropped, shares."""
    size = draw(st.integers(1, 6))
    names = [f"a{number}" for number in range(size)]
    weights = dict(zip(names, draw(st.lists(WEIGHTS, min_size=size, max_size=size)), strict=True))
    weights[names[0]] = weights[names[0]] or 1.0
    counted = sum(weight > 0 for weight in weights.values())
    drop = draw(st.integers(0, counted - 1))
    return weights, drop, dict(zip(names, draw(st.lists(SHARES, min_size=size, max_size=size)), strict=True))


@given(case=cases(), bonus=st.sampled_from([0.0, 5.0, 200.0]), gain=st.floats(0, 1))
def test_a_grade_is_never_negative_nor_above_the_cap_and_only_rises_with_what_is_added(
    case: tuple[dict[str, float], int, dict[str, float | Open]], bonus: float, gain: float
) -> None:
    weights, drop, shares = case
    values: dict[str, Any] = {"weights": weights, "drop_lowest": drop, "scale": 10}
    made = grade(final(**values), shares)
    if made.value is None or made.percent is None:
        assert all(isinstance(shares[name], Open) for name, weight in weights.items() if weight)
        return
    assert 0 <= made.value <= 10
    without = grade(final(**values | {"drop_lowest": 0}), shares)
    assert made.percent >= (without.percent or 0) - 1e-9
    if bonus:
        more = final(**values, bonus={"extra": bonus})
        for add in (Open.NOT_DUE, 0.0, 0.7, 1.0):
            with_bonus = grade(more, {**shares, "extra": add})
            assert 10 >= (with_bonus.value or 0) >= made.value
            assert with_bonus.provisional == (made.provisional or add == Open.NOT_DUE)
    for name, known in shares.items():
        if isinstance(known, float):
            better = grade(final(**values), {**shares, name: known + (1 - known) * gain})
            assert (better.percent or 0) >= made.percent - 1e-9


@given(case=cases())
def test_what_is_dropped_is_what_helps_most_of_all_that_could_be(
    case: tuple[dict[str, float], int, dict[str, float | Open]],
) -> None:
    weights, drop, shares = case
    made = grade(final(weights=weights, drop_lowest=drop), shares)
    known = [(weights[name], value) for name, value in shares.items() if weights[name] and isinstance(value, float)]
    keep = max(1, len(known) - drop)
    best = max((mean(kept) for kept in itertools.combinations(known, keep)), default=None)
    assert made.percent == (None if best is None else pytest.approx(100 * best))
    assert len(made.dropped) == max(0, len(known) - keep)


def mean(kept: Sequence[tuple[float, float]]) -> float:
    return sum(weight * value for weight, value in kept) / sum(weight for weight, _ in kept)


def made_of(course: Course, gradebook: Gradebook, student: str) -> tuple[Grade, dict[str, Row]]:
    rows = {name: next(one for one in those if one.student.id == student) for name, those in rows_of(course, gradebook).items()}  # fmt: skip
    assert course.final
    now = FIRST_DUE + timedelta(weeks=2, hours=1)  # a, b and c are due
    return grade(course.final, {name: share(row, now) for name, row in rows.items()}), rows


def test_a_sentence_says_how_a_grade_came_about(tmp_path: Path) -> None:
    rule = "[final]\nscale = 10\ndrop_lowest = 1\nweights = { a = 1, b = 1, c = 1, d = 1 }\nbonus = { e = 5 }\n"
    course = make_course(tmp_path, [*NAMES, "e"], LATE + rule)
    with Gradebook.open(tmp_path) as gradebook:
        enrol(course, gradebook, 1)
        gradebook.record(make_result(course.assignment("a"), "22020001", 90, days=3))
        gradebook.record(make_result(course.assignment("b"), "22020001", 40))
        gradebook.record(make_result(course.assignment("e"), "22020001", 50))
        made, rows = made_of(course, gradebook, "22020001")
        assert rows["a"].score == 81  # three days late, two of them free
        assert course.final
        assert in_a_sentence(course.final, made, rows) == (
            "6.3 of 10: 60.5 % by the assignments' weights; dropped: c (nothing handed in); bonus: e +2.5 %; "
            "provisional, without d (not due yet)"
        )


def test_missing_is_nothing_once_it_is_due(tmp_path: Path) -> None:
    course = make_course(tmp_path, NAMES, "[final]\nweights = { a = 1, b = 1, c = 1, d = 1 }\n", {"d": None})
    with Gradebook.open(tmp_path) as gradebook:
        enrol(course, gradebook, 1)
        gradebook.record(make_result(course.assignment("a"), "22020001", 90))
        made, rows = made_of(course, gradebook, "22020001")
        assert course.final
        assert in_a_sentence(course.final, made, rows) == (
            "30 of 100: nothing handed in, so 0 %: b, c; provisional, without d (not handed in and without a due date)"
        )
