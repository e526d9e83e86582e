"""The pages of the class and of the course speak the course's language; what is written for a student speaks theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from autograder import language
from autograder.course import Assignment, Course
from autograder.export.exporter import Export
from autograder.export.gradescope_format import EXPORTER as GRADESCOPE
from autograder.export.moodle_format import summary
from autograder.gradebook import Gradebook
from autograder.language import speaking
from autograder.report import write_report
from autograder.report.comment import comment, remarks
from autograder.report.course_page import course_page
from autograder.report.html import student_file_name
from autograder.result import Result, Status
from autograder.scores.final import Row
from autograder.status.overview import overview
from tests.examine.test_languages import _Marks, _outside
from tests.report.make_class import load, make_class, names_of, rows_of
from tests.report.test_pages import change
from tests.whole_course import FIRST_DUE, enrol, fill, make_course

TOKENS = "[late]\npercent_per_day = 10\ntokens = 2\n\n[final]\nscale = 10\nweights = { a = 1, b = 1, c = 2 }\ndrop_lowest = 1\n"


@pytest.fixture
def course() -> Course:
    course = load()[0]
    course.language = "vi"
    return course


@pytest.fixture
def rows() -> list[Row]:
    first, second, *others = make_class(load()[1], 30)
    odd = [change(first, status=Status.UNREADABLE, message=""), change(second, status=Status.NOT_GRADABLE, message="")]
    alike = [change(one, submission_fingerprint="1" * 64) for one in others[:2]]
    results = [*odd, *alike, *others[2:]]
    return rows_of(results, ["22029999"], names_of(results))


def visible(page: str) -> list[str]:
    """Text and labels, one string for each piece, but what the results themselves say."""
    document: Any = lxml.html.fromstring(page)
    for element in [*document.iter("style", "script"), *document.find_class("message")]:
        element.drop_tree()
    return [*document.itertext(), *(one.get(name, "") for one in document.iter() for name in ("title", "aria-label"))]


def data_of(course: Course, assignments: Iterable[Assignment], rows: Iterable[Row] = ()) -> list[str]:
    """What people have written, and the messages of results, which have a language of their own."""
    found = [course.title, course.code, course.term]
    for one in assignments:
        found += [one.title, one.name, one.name.replace("_", " "), *(question.title for question in one.questions)]
        found += [question.id for question in one.questions]
    for row in rows:
        found += [row.student.id, row.student.name]
        if result := row.result:
            found += [result.message, result.path, Path(result.path).name, *result.isolation]
            found += [text for error in result.cell_errors for text in (error.error, error.where, error.told)]
            for test in result.tests:
                found += [test.title, test.test, test.message, test.test.partition("[")[2].rstrip("]")]
                if test.diagnosis:
                    found += [test.diagnosis.hint, test.diagnosis.mistake.replace("_", " ")]
    return sorted(filter(None, set(found)), key=len, reverse=True)


def untranslated(texts: Iterable[str], data: Iterable[str]) -> list[str]:
    known = re.compile("|".join(map(re.escape, data)))
    return [text for text in texts if re.search(r"[A-Za-z]{3,}", _outside(known.sub("", text)))]


def test_the_class_page_holds_no_word_that_is_not_of_the_courses_language(
    course: Course, rows: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "_catalogue", lambda spoken: _Marks())
    page = write_report(course=course, assignment=load()[1], rows=rows, to=tmp_path)[0].read_text(encoding="utf-8")
    assert '<html lang="vi">' in page
    texts = visible(page)
    assert sum("⟦" in text for text in texts) > 100
    assert untranslated(texts, [*data_of(course, [load()[1]], rows), "UTC"]) == []


def test_the_page_of_the_course_holds_no_word_that_is_not_of_its_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_course(tmp_path, ["a", "b", "c", "d"], f'language = "vi"\n{TOKENS}')
    with Gradebook.open(course.root) as gradebook:
        fill(course, gradebook, enrol(course, gradebook, 40))
        view = overview(course, gradebook, FIRST_DUE.replace(month=12))
    monkeypatch.setattr(language, "_catalogue", lambda spoken: _Marks())
    page = course_page(view)
    assert '<html lang="vi">' in page
    names = [text for one in view.students for text in (one.id, one.name)]
    by_hand = {entry.reason for rows in view.rows.values() for row in rows.values() for entry in row.overrides}
    data = sorted({*data_of(course, view.assignments), *names, *by_hand, "UTC"} - {"a", "b", "c", "d"}, key=len)[::-1]
    assert untranslated(visible(page), data) == []


def test_each_student_reads_comments_and_pages_in_their_language(
    course: Course, rows: list[Row], tmp_path: Path
) -> None:
    assignment = load()[1]
    graded = next(row for row in rows if row.status == Status.GRADED and row.result and row.result.score < 60)
    late = replace(graded, days_late=1, late_loss=graded.penalty)
    student: Any = graded.student
    other = replace(late, student=type(student)(**{name: getattr(student, name) for name in ("id", "name", "email", "section", "state")}, language="en"))  # fmt: skip
    to = tmp_path / "gradescope"
    said: dict[str, tuple[str, ...]] = {}
    for spoken, row in (("vi", late), ("en", other)):
        write_report(course=course, assignment=assignment, rows=[row], to=tmp_path / spoken)
        page = (tmp_path / spoken / "students" / student_file_name(row.student.id)).read_text(encoding="utf-8")
        GRADESCOPE.write(Export(course, assignment, [row], to / spoken))
        (sent,) = (to / spoken).glob("*/results.json")
        said[spoken] = page, json.loads(sent.read_bytes())["output"]
        with speaking(spoken):
            said[spoken] += (summary(row), remarks(row), comment(row.result, assignment.questions[0]))
    assert "1 day late" in said["en"][1]
    assert "nộp muộn 1 ngày" in said["vi"][1]
    for english, vietnamese in zip(said["en"], said["vi"], strict=True):
        assert re.search(r"\b(late|points)\b", english)
        assert re.search(r"muộn|điểm", vietnamese)
        assert not re.search(r"muộn|điểm", english)


def test_a_result_keeps_no_english_of_the_graders_own_faults(course: Course) -> None:
    from autograder.engine.local import failed
    from autograder.notebook import Found

    result: Result = failed(course, load()[1], Found("an", Path("an.ipynb"), None, language="vi"), "it was lost.")
    assert result.message == "Máy chấm gặp lỗi với bài nộp này: it was lost."
