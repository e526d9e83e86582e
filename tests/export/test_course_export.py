"""The whole course as CSV, JSON and a page: the scores of everywhere else, the grade and its reasons."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from autograder.cli import main
from autograder.course import Course
from autograder.gradebook import Gradebook
from autograder.report.course_page import course_page
from autograder.result import Status
from autograder.scores import final_rows
from autograder.status.overview import overview
from tests.conftest import REPOSITORY
from tests.whole_course import FIRST_DUE, enrol, fill, make_course, make_result

SCHEMA = REPOSITORY / "docs" / "course-1.schema.json"
RULE = "[late]\npercent_per_day = 10\ntokens = 2\n\n[final]\nscale = 10\nweights = { a = 1, b = 1, c = 2 }\ndrop_lowest = 1\n"


def run(course: Course, *arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(main, ["--course", str(course.root), "export", "--course", *arguments])
    assert done.exit_code == code, done.output
    return done


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = make_course(tmp_path / "course", ["a", "b", "c"], RULE)
    with Gradebook.open(course.root) as gradebook:
        fill(course, gradebook, enrol(course, gradebook, 20))
        gradebook.record(make_result(course.assignment("a"), "=HYPERLINK(1)", 50))
    return course


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_published_schema_is_up_to_date() -> None:
    made = subprocess.run([sys.executable, "-m", "autograder.export.course_export"], capture_output=True, check=True)
    assert made.stdout == SCHEMA.read_bytes(), f"run `python -m autograder.export.course_export > docs/{SCHEMA.name}`"


def test_json_is_valid_and_holds_the_scores_of_each_assignment(course: Course) -> None:
    run(course, "--format", "json")
    document = json.loads((course.root / "exports" / "course.json").read_bytes())
    Draft202012Validator(json.loads(SCHEMA.read_bytes())).validate(document)
    with Gradebook.open(course.root) as gradebook:
        for assignment in course.assignments():
            for row in final_rows(course=course, assignment=assignment, gradebook=gradebook):
                entry = next(one for one in document["students"] if one["student"] == row.student.id)
                told = entry["scores"][assignment.name]
                assert told["score"] in (row.score, None)
                assert told["score"] == row.score or row.status == "missing"
                assert told["free_days"] == (row.tokens.used if row.tokens else 0)


def test_csv_has_a_row_for_each_student_with_the_grade_and_why(course: Course) -> None:
    run(course, "--format", "csv")
    run(course, "--format", "json")
    found = rows_of(course.root / "exports" / "course.csv")
    entries: list[dict[str, Any]] = json.loads((course.root / "exports" / "course.json").read_bytes())["students"]
    assert len(found) == 21
    for row, entry in zip(found, entries, strict=True):
        assert row["student"].lstrip("'") == entry["student"]
        assert row["grade_reason"] == entry["grade"]["why"]
        assert row["grade"] == ("" if entry["grade"]["value"] is None else f"{entry['grade']['value']:g}")
        assert row["a"] == ("" if (score := entry["scores"]["a"]["score"]) is None else f"{score:.10g}")
        assert row["free_late_days_left"] == str(entry["free_days_left"])
    assert any(row["score_reasons"] for row in found)
    assert found[-1]["student"] == "'=HYPERLINK(1)"


def test_without_a_rule_there_is_no_column_for_a_grade(tmp_path: Path) -> None:
    course = make_course(tmp_path, ["a"])
    with Gradebook.open(tmp_path) as gradebook:
        gradebook.record(make_result(course.assignment("a"), "an", 75))
    run(course, "--format", "csv")
    run(course, "--format", "html")
    row = rows_of(tmp_path / "exports" / "course.csv")[0]
    assert (row["a"], set(row)) == ("75", {"student", "name", "email", "section", "a", "score_reasons"})
    assert "grade" not in (tmp_path / "exports" / "course.html").read_text(encoding="utf-8").partition("<table")[2]


def test_the_page_says_every_grade_and_holds_no_markup_of_a_student(course: Course) -> None:
    with Gradebook.open(course.root) as gradebook:
        gradebook.record(make_result(course.assignment("a"), "<script>alert(1)</script>", 50))
    run(course, "--format", "html")
    run(course, "--format", "json")
    page = (course.root / "exports" / "course.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    entries = json.loads((course.root / "exports" / "course.json").read_bytes())["students"]
    assert len(re.findall(r'<tr><th scope="row">', page)) == len(entries)
    for entry in entries:
        assert entry["grade"]["why"].replace("'", "&#39;") in page


def test_the_page_says_of_a_zero_whether_nothing_came_or_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    course = make_course(tmp_path, ["a"], 'time_zone = "Asia/Ho_Chi_Minh"\n')
    with Gradebook.open(tmp_path) as gradebook:
        enrol(course, gradebook, 2)
        broken: dict[str, Any] = {"status": Status.UNREADABLE, "tests": (), "message": "The file is empty."}
        gradebook.record(make_result(course.assignment("a"), "22020001", **broken))
        page = course_page(overview(course, gradebook, FIRST_DUE + timedelta(days=9)))
    cells = re.findall(r'<td class="number (\w+)"[^>]*>(.*?)</td>', page)
    assert cells == [
        ("unreadable", '0 <span class="small">unreadable</span>'), ("missing", '0 <span class="small">missing</span>'),
    ]  # fmt: skip
    assert "23:59 UTC+07:00" in page


def test_nothing_graded_another_format_and_another_file_are_refused(tmp_path: Path, course: Course) -> None:
    empty = make_course(tmp_path / "empty", ["a"])
    assert "Nothing has been graded in this course yet" in run(empty, "--format", "csv", code=1).output
    assert "exported as csv, json, html" in run(course, "--format", "canvas", code=1).output
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\nan,An\n", encoding="utf-8")
    assert "another file is here" in run(course, "--format", "csv", "--to", str(roster), code=1).output
    assert roster.read_text(encoding="utf-8") == "id,name\nan,An\n"
    run(course, "--format", "csv", "--to", str(roster), "--force")
    run(course, "--format", "csv", "--to", str(roster))  # an earlier export
    assert rows_of(roster)[0]["grade"]
    assert "neither an ASSIGNMENT" in run(course, "a", "--format", "csv", code=2).output
