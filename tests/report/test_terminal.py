"""Results in the terminal."""

from __future__ import annotations

import io
import random
import re

import pytest
from rich.console import Console, RenderableType

from autograder.gradebook import Override, Student
from autograder.report import render_result, render_summary
from autograder.report.words import SIGNS, duration, number, plain, summary
from autograder.result import Diagnosis, Difference, Outcome, Result, Status
from autograder.scores import final
from tests.report.make_class import load, make_class, make_result, row_of, rows_of
from tests.report.test_pages import (
    HOSTILE,
    TURNED,
    change,
    change_test,
    everywhere,
    hostile,
    of_first_question,
    with_diagnoses,
)

ASSIGNMENT = load()[1]


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return make_class(ASSIGNMENT, 25)


def shown(what: RenderableType, *, width: int = 100, colour: bool = False) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=colour, color_system="standard" if colour else None
    )
    console.print(what)
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def test_a_result_shows_score_questions_tests_and_messages(results: list[Result]) -> None:
    result = next(result for result in results if result.cell_errors and result.status is Status.GRADED)
    text = shown(render_result(row_of(result, "Nguyễn Thị Ánh")), width=200)
    assert f"Nguyễn Thị Ánh ({result.student})" in text
    assert f"{number(result.score)} of {number(result.max_score)}" in text
    assert result.cell_errors[0].error in text
    for question, (earned, points) in result.by_question().items():
        assert f"{question}  {number(earned)} of {number(points)}" in text
    for test in result.tests:
        assert test.title in text or test.outcome is Outcome.SKIPPED
        assert test.message.partition("\n")[0][:60] in text


def test_a_result_is_told_without_colour(results: list[Result]) -> None:
    for result in results:
        text = shown(render_result(row_of(result)))
        for test in result.tests:
            if result.status is Status.GRADED and test.outcome is not Outcome.FAILED:
                assert f"{SIGNS[test.outcome]} {test.outcome}" in text


def test_a_result_without_a_verdict_says_why_and_lists_no_tests(results: list[Result]) -> None:
    broken = everywhere(results[0], outcome=Outcome.NOT_GRADABLE)
    result = change(broken, status=Status.NOT_GRADABLE, message="The worker died.", cell_errors=())
    text = shown(render_result(row_of(result)))
    assert "no score" in text
    assert "The worker died." in text
    assert result.tests[0].title not in text


@pytest.mark.parametrize("colour", [False, True])
def test_escape_sequences_and_markup_of_students_do_nothing(colour: bool, results: list[Result]) -> None:
    bad = hostile(results[0])
    bad = change_test(bad, 1, message="[bold red]not markup[/] [link=x]\x1b[2J\x1b]0;title\x07\x9b31m\r")
    text = shown(render_result(row_of(bad, HOSTILE)), colour=colour) + shown(
        render_summary(rows_of([bad], [HOSTILE]), ASSIGNMENT), colour=colour
    )
    assert "[bold red]not markup[/] [link=x]" in text
    own = re.sub(r"\x1b\[[\d;]*m", "", text) if colour else text  # rich's own colours
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", own)


def test_a_hidden_test_never_shows_what_was_expected(results: list[Result]) -> None:
    difference = {"case": "secret case", "signs": ["-"], "expected": [[8123.25]], "actual": [[1.0]]}
    hidden = change_test(results[0], 0, public=False, outcome=Outcome.FAILED, difference=difference)
    public = change_test(results[0], 0, public=True, outcome=Outcome.FAILED, difference=difference)
    assert "8123" not in shown(render_result(row_of(hidden)))
    assert "secret case" not in shown(render_result(row_of(hidden)))
    assert "expected 8123, yours 1" in shown(render_result(row_of(public)), width=200)


def squeezed(what: RenderableType, *, width: int = 200) -> str:
    return " ".join(shown(what, width=width).split())


def test_tests_skipped_for_one_reason_are_one_line(results: list[Result]) -> None:
    result = everywhere(results[0], outcome=Outcome.SKIPPED)
    many = len(of_first_question(result))
    text = shown(render_result(row_of(result)), width=200)
    assert re.search(rf"^– skipped +{many} tests: a reason +0 of 20$", text, re.MULTILINE)
    assert text.count("a reason") == len(result.by_question())
    assert result.tests[0].title not in text


def test_a_cause_of_several_failures_is_told_once_and_they_refer_to_it(results: list[Result]) -> None:
    result = everywhere(results[0], outcome=Outcome.FAILED)
    first, second, third, *_, last = mine = of_first_question(result)
    follows = Diagnosis(mistake="bias_lost", function="other", hint="The bias is lost.")
    for i, diagnosis in ((first, TURNED), (second, TURNED), (third, follows)):
        result = change_test(result, i, diagnosis=diagnosis)
    text = squeezed(render_result(row_of(result)))
    assert f"What went wrong: The kernel was turned. This explains 2 of the {len(mine)} tests that failed." in text
    assert text.count("The kernel was turned.") == 1
    assert text.count("a reason See above.") == 2
    assert text.count("a reason What went wrong: This follows from other: The bias is lost.") == 1
    text = squeezed(render_result(row_of(change_test(result, last, diagnosis=follows))))
    assert "(1) What went wrong: The kernel" in text
    assert "(2) What went wrong: This follows from other: The bias" in text
    assert (text.count("See above (1)."), text.count("See above (2).")) == (2, 2)


def test_a_map_is_drawn_with_characters_and_its_legend_said_once(results: list[Result]) -> None:
    result = everywhere(results[0], outcome=Outcome.FAILED)
    for i, test in enumerate(result.tests):
        if not test.public:
            difference = Difference(case="", where="[0, 1, :, :]", signs=("+-x", "?..", "..."))
            result = change_test(result, i, difference=difference)
    text = shown(render_result(row_of(result)), width=80)
    assert re.search(r"^ +\+ - x *\n +\? \. \. *\n +\. \. \. *$", text, re.MULTILINE)
    drawn = sum(not test.public for test in result.tests)
    assert text.count("Where it differs, [0, 1, :, :]:") == drawn > 5
    legend = "+ too large - too small x right but for the sign ? not finite . right"
    assert " ".join(text.split()).count(legend) == 1
    assert "too large" not in shown(render_result(row_of(everywhere(result, outcome=Outcome.FAILED))))


def test_of_many_maps_of_one_cause_the_first_is_drawn(results: list[Result]) -> None:
    result = everywhere(results[0], outcome=Outcome.FAILED)
    for i in of_first_question(result)[1:]:
        result = change_test(result, i, diagnosis=TURNED, difference=Difference(case="", signs=("+.",)))
    assert shown(render_result(row_of(result))).count("Where it differs") == 1


def test_a_summary_names_the_three_most_frequent_mistakes_in_a_line(results: list[Result]) -> None:
    made = [("a_b", 1), ("c", 4), ("d", 2), ("e_f", 3), ("", 5)]
    diagnoses = [Diagnosis(mistake=name, hint="A hint.") for name, times in made for _ in range(times)]
    some = with_diagnoses(results, diagnoses)
    line = "Most frequent mistakes: c (4 students), e f (3 students), d (2 students)."
    assert line in shown(render_summary(rows_of(some, []), ASSIGNMENT)).splitlines()
    assert "Most frequent mistake: a b (1 student)." in shown(render_summary(rows_of(some[:1], []), ASSIGNMENT))
    assert "Most frequent" not in shown(render_summary(rows_of(some[-5:], []), ASSIGNMENT))


@pytest.mark.parametrize("width", [80, 140])
def test_a_summary_of_a_small_class_lists_everyone(width: int, results: list[Result]) -> None:
    rows = rows_of(results, ["22029999"])
    text = shown(render_summary(rows, ASSIGNMENT), width=width)
    for row, result in zip(rows, results, strict=False):
        (line,) = (line for line in text.splitlines() if line.startswith(result.student))
        assert result.status in line
        assert len(line) <= width
        if result.status is Status.GRADED:
            numbers = line.split()[2:]
            assert numbers[0] == number(row.score or 0)
            assert numbers[1:5] == [number(earned) for earned, _ in result.by_question().values()]
    assert re.search(r"^22029999 +missing", text, re.MULTILINE)
    assert "Q1 cross_correlate2d (20)" in text


def test_a_summary_of_a_large_class_keeps_to_what_needs_a_look() -> None:
    results = make_class(ASSIGNMENT, 1000)
    text = shown(render_summary(rows_of(results, [f"m{i}" for i in range(100)]), ASSIGNMENT))
    assert len(text.splitlines()) < 80
    ungraded = [result for result in results if result.status is not Status.GRADED][:15]
    lowest = min((result for result in results if result.status is Status.GRADED), key=lambda result: result.score)
    for result in [*ungraded, lowest]:
        assert result.student in text
    assert re.search(r"1000 submissions: \d+ graded, \d+ unreadable, \d+ not gradable; 100 missing", text)
    assert "grader report conv_forward" in text


def test_points_of_a_question_set_by_hand_stand_in_the_table_its_mean_and_the_result(results: list[Result]) -> None:
    two = [one for one in results if one.status is Status.GRADED][:2]
    points = ASSIGNMENT.questions[0].points
    students = {one.student: row_of(one).student for one in two}
    by_hand = [
        Override(student_id=one.student, assignment=one.assignment, question=ASSIGNMENT.questions[0].id, score=score, reason="seen", author="T")
        for one, score in zip(two, (0.0, points / 2), strict=True)
    ]  # fmt: skip
    rows = final.rows_of(*load(), list(students.values()), {one.student: one for one in two}, by_hand)
    lines = shown(render_summary(rows, ASSIGNMENT)).splitlines()
    (mean,) = (line.split() for line in lines if line.startswith("mean"))
    assert mean[2] == "25%"
    assert f"{ASSIGNMENT.questions[0].id}  0 of {number(points)}" in shown(render_result(rows[0]))


def test_a_name_stands_beside_its_id_and_a_note_on_lines_of_its_own_with_nothing_cut(results: list[Result]) -> None:
    said = "The file holds much that a student should know of, told in a sentence that does not fit a terminal's line at all."
    long = "Nguyễn Phúc Đăng Khoa Hoàng Trần Lê Minh Anh Vũ Thị Bảo Ngọc"
    some = [change(results[0], message=said), *results[1:4]]
    names = {some[0].student: long, some[1].student: "Lê Ánh"}
    lines = shown(render_summary(rows_of(some, ["22029999"], names), ASSIGNMENT), width=80).splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith(some[0].student))
    assert lines[at].split()[1:4] == ["Nguyễn", "Phúc", "Đăng"]
    assert lines[at + 1].startswith("    The file holds")
    assert " ".join(" ".join(lines[at + 1 : at + 3]).split()) == said
    assert any(line.startswith(f"{some[1].student}   Lê Ánh ") for line in lines)
    assert all(len(line) <= 80 for line in lines)


def test_many_questions_leave_a_name_its_place_in_the_note_and_cut_no_number(results: list[Result]) -> None:
    sizing = load()[0].assignment("sizing")
    assert len(sizing.questions) == 7
    some = [make_result(sizing, f"002202000{number}", random.Random(number)) for number in range(3)]
    rows = final.rows_of(load()[0], sizing, [Student(id=one.student, name="Lê Chi", email="", section="") for one in some], {one.student: one for one in some})  # fmt: skip
    narrow, wide = (shown(render_summary(rows, sizing), width=width).splitlines() for width in (80, 110))
    for lines in (narrow, wide):
        assert not [line for line in lines if "…" in line]
    at = next(i for i, line in enumerate(narrow) if line.startswith(some[0].student))
    assert narrow[at + 1].startswith("    Lê Chi")
    assert "Lê Chi" in next(line for line in wide if line.startswith(some[0].student))


def test_of_single_files_who_is_missing_is_counted_and_not_listed(results: list[Result]) -> None:
    rows = rows_of(results[:1], [f"2202{i}" for i in range(9000, 9057)])
    text = shown(render_summary(rows, ASSIGNMENT, list_missing=False), width=80)
    assert "1 submission: 1 graded; 57 missing." in text
    assert "22029000" not in text
    assert "left out here" not in text
    assert "22029000" in shown(render_summary(rows, ASSIGNMENT), width=80)


def test_a_summary_of_nothing_is_a_sentence() -> None:
    assert "0 submissions; 0 missing." in shown(render_summary(rows_of([], []), ASSIGNMENT))


def test_a_summary_sentence_leads_to_the_missing_points(results: list[Result]) -> None:
    def with_earned(*positions: int) -> Result:
        tests = [
            test.model_dump()
            | ({"outcome": "passed", "earned": test.points} if i in positions else {"outcome": "failed", "earned": 0.0})
            for i, test in enumerate(results[0].tests)
        ]
        return change(results[0], status=Status.GRADED, tests=tests, cell_errors=())

    everything = range(len(results[0].tests))
    last = results[0].tests[-1].question
    others = [i for i in everything if results[0].tests[i].question != last]
    assert "Everything is right" in summary(with_earned(*everything), {})
    assert summary(with_earned(*others), {last: "The title"}).endswith("The missing points are all in “The title”.")
    assert "Of the 100 missing points, 36 are in “conv2d”." in summary(with_earned(), {})


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (-0.001, "0"), (12, "12"), (12.5, "12.5"), (1 / 3, "0.33"), (100, "100"), (0.1 + 0.2, "0.3")],
)
def test_points_have_no_idle_decimals(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4216, "0.42 s"), (12.4, "12 s"), (59.7, "1 min 0 s"), (125, "2 min 5 s")]
)
def test_durations_are_as_exact_as_they_need_to_be(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("Nguyễn Thị Ánh", "Nguyễn Thị Ánh"),
        ("a\r\nb\tc", "a\nb   c"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x1b\\link", "link"),
        ("a\u202eb\u2066c\x00\x9b", "a�b�c��"),
        ("no\u00a0break\u2028line", "no break line"),
        ("\ud800", "�"),
    ],
)
def test_text_is_made_harmless(text: str, harmless: str) -> None:
    assert plain(text) == harmless
