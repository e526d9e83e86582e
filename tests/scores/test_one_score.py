"""Whatever a score is read from, it is the same: that of `final_rows`, with its reasons."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from click.testing import CliRunner
from lxml import etree

from autograder.ci import write_reports
from autograder.cli import main
from autograder.course import Assignment, Course
from autograder.export import export
from autograder.gradebook import Gradebook
from autograder.report import write_report
from autograder.report.html import student_file_name
from autograder.result import Outcome, Result, Status
from autograder.scores.final import final_rows, in_a_sentence
from tests.pooling_course import COURSE

DUE = datetime(2026, 12, 7, 16, 59, tzinfo=UTC)
NAMES = {
    "an": "Nguyễn An", "binh": "Trần Bình", "chi": "Lê Chi", "dung": "Phạm Dung", "giang": "Vũ Giang", "hoa": "Đỗ Hoa",
    "khanh": "Bùi Khánh", "linh": "Ngô Linh", "mai": "Trịnh Mai", "nam": "Hà Nam",
    "oanh": "Lý Oanh",
}  # fmt: skip
EXPECTED = {
    "an": "100, 20 % late (2 days): 80; set to 90 by the instructor: a typing error",
    "binh": "72.5, 10 % late (2 days, 1 of them free: of 1 free day, 0 left): 65.25",
    "chi": "100",
    "dung": "",
    "giang": "0: nothing was handed in",
    "khanh": "80 with avg_pool2d set to 20 (copied) by the instructor, 1 day late, free: of 1 free day, 0 left",
    "linh": "set to 30 by the instructor: oral exam",
    "mai": "nothing was handed in; set to 10 by the instructor: oral exam",
    "nam": "nothing was handed in; 20 with avg_pool2d set to 20 (shown in class) by the instructor",
    "oanh": "0; set to 25 by the instructor: on paper",
}
SCORES = {"an": "90", "binh": "65.25", "chi": "100", "dung": None, "giang": "0", "khanh": "80", "linh": "30", "mai": "10", "nam": "20", "oanh": "25"}  # fmt: skip
SCORED = ("an", "binh", "chi", "khanh", "linh", "mai", "nam", "oanh")


@pytest.fixture
def everyone(
    course: Course,
    assignment: Assignment,
    gradebook: Gradebook,
    make_result: Callable[..., Result],
    tests: Callable[..., Any],
) -> Course:
    """An is late and has an override; Bình is late with a free day for one of two; Chi has an extension; of Dung nobody can tell; Giang
    is missing; Hoa has left; Khánh has an override of a question and a free day; Linh, not gradable, has a score by hand, as have Mai
    and Nam, for a question, who handed in nothing, and Oanh, whose file cannot be read."""
    toml = course.root / "assignments" / "course.toml"
    toml.write_text(COURSE.replace("max_days = 5", "max_days = 5\ntokens = 1"), encoding="utf-8")
    roster = course.root / "roster.csv"

    def enrol(*ids: str) -> None:
        lines = [f"{one},{NAMES[one]},{one}@vnu.edu.vn\n" for one in ids]
        roster.write_text("student_id,name,email\n" + "".join(lines), encoding="utf-8")
        gradebook.import_roster(roster, sync=True)

    enrol(*NAMES)
    enrol(*(one for one in NAMES if one != "hoa"))
    two_days = DUE + timedelta(days=1, hours=1)
    none = {"outcome": Outcome.NOT_GRADABLE, "earned": 0}
    broken = {"status": Status.NOT_GRADABLE, "tests": tests(none, none, none), "message": "The worker ended."}
    gradebook.record(make_result("an", submitted_at=two_days))
    gradebook.record(make_result("binh", submitted_at=two_days, tests=tests({}, {"outcome": Outcome.FAILED, "earned": 12.5})))  # fmt: skip
    gradebook.record(make_result("chi", submitted_at=DUE + timedelta(days=2)))
    gradebook.record(make_result("dung", **broken))
    gradebook.record(make_result("hoa"))
    gradebook.record(make_result("khanh", submitted_at=DUE + timedelta(hours=1)))
    gradebook.record(make_result("linh", **broken))
    gradebook.record(
        make_result("oanh", status=Status.UNREADABLE, tests=tests(none, none, none), message="No notebook.")
    )
    for student, question, score, reason in (
        ("an", None, 90, "a typing error"), ("khanh", "avg_pool2d", 20, "copied"), ("linh", None, 30, "oral exam"),
        ("mai", None, 10, "oral exam"), ("nam", "avg_pool2d", 20, "shown in class"),
        ("oanh", None, 25, "on paper"),
    ):  # fmt: skip
        gradebook.add_override(student=student, assignment=assignment, question=question, score=score, reason=reason, author="T")  # fmt: skip
    return Course(course.root)


Written = Callable[..., Path]


@pytest.fixture
def written(everyone: Course, gradebook: Gradebook, tmp_path: Path) -> Written:
    def run(format: str, template: bytes | None = None) -> Path:
        file = tmp_path / "template"
        if template is not None:
            file.write_bytes(template)
        to = tmp_path / "out" / format
        export(
            course=everyone, assignment=everyone.assignment("pooling"), gradebook=gradebook, format=format, to=to,
            template=None if template is None else file,
        )  # fmt: skip
        return to

    return run


def number(score: float | None) -> str | None:
    return None if score is None else f"{score:.2f}".rstrip("0").rstrip(".")


def test_the_rows_say_what_became_of_each(everyone: Course, gradebook: Gradebook) -> None:
    rows = final_rows(course=everyone, assignment=everyone.assignment("pooling"), gradebook=gradebook)
    assert {row.student.id: number(row.score) for row in rows} == SCORES
    assert {row.student.id: in_a_sentence(row) for row in rows} == EXPECTED


def test_csv_json_and_junit(written: Written) -> None:
    with written("csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["student"]: line["score"] or None for line in lines} == SCORES
    assert {line["student"]: line["explanation"] for line in lines} == EXPECTED
    students = json.loads(written("json").read_bytes())["students"]
    assert {one["student"]: number(one["score"]) for one in students} == SCORES
    assert {one["student"]: one["explanation"] for one in students} == EXPECTED
    suites = etree.parse(written("junit")).findall("testsuite")
    found = {
        suite.get("name"): {one.get("name"): one.get("value") for one in suite.iter("property")} for suite in suites
    }
    assert {name: number(float(one["score"])) if one["score"] else None for name, one in found.items()} == SCORES
    assert {name: one["explanation"] for name, one in found.items()} == EXPECTED


def test_gradescope(written: Written) -> None:
    documents = {path.parent.name: json.loads(path.read_bytes()) for path in written("gradescope").glob("*/*.json")}
    assert set(documents) == set(SCORED)
    for student, document in documents.items():
        assert number(document["score"]) == SCORES[student]
        assert document["output"].startswith(reasons_of(student))
        assert bool(document["output"]) == (student != "chi")


def test_canvas_and_moodle(written: Written) -> None:
    head = "Student,ID,SIS User ID,Section,Pooling (5)\r\n    Points Possible,,,,100\r\n"
    rows = "".join(f"{name},{100 + i},{one},L,\r\n" for i, (one, name) in enumerate(NAMES.items()))
    with written("canvas", (head + rows).encode()).open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))[2:]
    # who has no score, or has handed in nothing, is left as is
    assert {line[2]: line[4] for line in lines} == {one: SCORES[one] for one in SCORED}
    head = "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Feedback comments\r\n"
    rows = "".join(
        f"Participant {i},{name},{one}@vnu.edu.vn,x,,100.00,Yes,\r\n" for i, (one, name) in enumerate(NAMES.items(), 1)
    )
    with written("moodle", (head + rows).encode()).open(encoding="utf-8", newline="") as file:
        found = {line["Email address"].partition("@")[0]: line for line in csv.DictReader(file)}
    assert {one: line["Grade"] for one, line in found.items() if line["Grade"]} == {one: SCORES[one] for one in SCORED}
    for one in ("an", "binh", "khanh", "linh", "mai", "nam"):
        assert EXPECTED[one] in found[one]["Feedback comments"]
    assert not found["hoa"]["Grade"] + found["hoa"]["Feedback comments"]


def with_class(inside: Any, tag: str, name: str) -> list[Any]:
    found: list[Any] = inside.xpath(f".//{tag}[contains(concat(' ', @class, ' '), ' {name} ')]")
    return found


def page_of(content: bytes) -> tuple[str | None, str]:
    """Score and reasons of a student's page."""
    document = lxml.html.fromstring(content)
    (score,) = with_class(document, "p", "score")[0].xpath(".//span")
    told = " ".join(one.text_content() for one in with_class(document, "p", "reasons"))
    return None if score.text_content() == "–" else score.text_content(), told


def reasons_of(student: str) -> str:
    return "" if EXPECTED[student] == SCORES[student] else EXPECTED[student]


def test_the_pages_of_reports_and_moodles_feedback(
    everyone: Course, gradebook: Gradebook, written: Written, tmp_path: Path
) -> None:
    assignment = everyone.assignment("pooling")
    rows = final_rows(course=everyone, assignment=assignment, gradebook=gradebook)
    write_report(course=everyone, assignment=assignment, rows=rows, to=tmp_path / "report")
    html = written("html")
    download = io.BytesIO()
    with zipfile.ZipFile(download, "w") as archive:
        for i, name in enumerate(NAMES.values()):
            archive.writestr(f"{name}_{i}_assignsubmission_file_/pooling.ipynb", "{}")
    with zipfile.ZipFile(written("moodle-feedback", download.getvalue())) as archive:
        sent = {name.partition("_")[0]: archive.read(name) for name in archive.namelist()}
    students = [one for one in EXPECTED if one != "giang"]
    assert set(sent) == {NAMES[one] for one in students}
    for student in students:
        expected = SCORES[student], reasons_of(student)
        for folder in (tmp_path / "report", html):
            page = (folder / "students" / student_file_name(student)).read_bytes()
            assert page_of(page) == expected
            assert b"scores 0" not in page
        assert page_of(sent[NAMES[student]]) == expected
    for folder in (tmp_path / "report", html):
        page = lxml.html.fromstring((folder / "index.html").read_bytes())
        # what has its score by hand waits for nobody
        assert not page.xpath("//*[@id='unreadable']")
        table = with_class(page, "table", "students")[0].xpath(".//tbody/tr")
        cells = {row.xpath(".//th")[0].text_content().strip(): row for row in table}
        assert set(cells) == set(EXPECTED)
        for student, row in cells.items():
            assert with_class(row, "td", "number")[0].text_content() == (SCORES[student] or "–")
            assert reasons_of(student) in row.text_content()


def test_the_terminal_and_ci(everyone: Course, gradebook: Gradebook, tmp_path: Path) -> None:
    assignment = everyone.assignment("pooling")
    for student in EXPECTED:
        done = CliRunner().invoke(
            main, ["--course", str(everyone.root), "show", student, "pooling"], env={"COLUMNS": "300"}
        )
        if student == "giang":
            assert done.exit_code == 1
            continue
        assert done.exit_code == 0, done.output
        assert (f"{SCORES[student]} of 100" if SCORES[student] else "no score") in done.output
        assert reasons_of(student) in done.output
    rows = final_rows(course=everyone, assignment=assignment, gradebook=gradebook)
    write_reports(system="plain", course=everyone, assignment=assignment, rows=rows, to=tmp_path / "ci")
    text = (tmp_path / "ci" / "summary.md").read_text(encoding="utf-8").replace("\\", "")
    table = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")][1:]
    assert {cells[0]: None if cells[2] == "-" else cells[2] for cells in table} == SCORES
    for student in ("an", "binh", "khanh", "linh", "mai", "nam"):
        assert f"- **{student}**: {EXPECTED[student]}" in text


def test_nbgrader(everyone: Course, gradebook: Gradebook, tmp_path: Path) -> None:
    api = pytest.importorskip("nbgrader.api")
    to = tmp_path / "nb"
    to.mkdir()
    (to / "nbgrader_config.py").write_text("c = get_config()\n")
    assignment = everyone.assignment("pooling")
    done = export(course=everyone, assignment=assignment, gradebook=gradebook, format="nbgrader", to=to)
    assert {one.who for one in done.changes if one.after is None} == {
        f"{one} ({NAMES[one]})" for one in ("dung", "giang")
    }
    with api.Gradebook(f"sqlite:///{to}/gradebook.db") as book:
        found = {
            one.student.id: one.score - one.late_submission_penalty for one in book.assignment_submissions("pooling")
        }
    assert {one: number(score) for one, score in found.items()} == {one: SCORES[one] for one in SCORED}
