"""Each export opens in its reader and says what the gradebook holds."""

import csv
import io
import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from autograder.course import Assignment, Course
from autograder.errors import GraderError
from autograder.export import export
from autograder.export.gradescope_format import _to_hundredths
from autograder.export.junit_format import _legal
from autograder.files import strict_json, write_whole
from autograder.gradebook import Gradebook
from autograder.result import CellError, Diagnosis, Difference, Outcome, Result, Status

Export = Callable[[str], list[Path]]
MakeResult = Callable[..., Result]
SCHEMA = Path(__file__).parents[1] / "data" / "junit-10.xsd"


@pytest.fixture
def exported(course: Course, assignment: Assignment, gradebook: Gradebook, tmp_path: Path) -> Iterator[Export]:
    def run(name: str) -> list[Path]:
        return export(
            course=course, assignment=assignment, gradebook=gradebook, format=name, to=tmp_path / "out" / name
        ).files

    yield run
    assert not list(tmp_path.glob("out/**/*.tmp"))


def no_constant(text: str) -> float:
    raise AssertionError(f"{text} is not JSON")


# All formats


def test_an_unknown_format_names_the_known_ones(exported: Export) -> None:
    with pytest.raises(
        GraderError, match=r"No export format is called 'xls'. There are: canvas, csv, gradescope, html, json"
    ):
        exported("xls")


@pytest.mark.parametrize("name", ["csv", "json", "junit", "gradescope", "html"])
def test_what_has_not_been_graded_is_not_exported_but_points_given_by_hand_are(
    exported: Export, assignment: Assignment, gradebook: Gradebook, tmp_path: Path, name: str
) -> None:
    with pytest.raises(GraderError, match="Nothing has been graded for pooling yet: run `grader grade pooling PATH`"):
        exported(name)
    assert not (tmp_path / "out").exists()
    gradebook.add_override(student="an", assignment=assignment, question=None, score=7, reason="oral", author="T")
    assert len(exported(name)) == (2 if name == "html" else 1)


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    exported: Export, gradebook: Gradebook, make_result: MakeResult, tmp_path: Path
) -> None:
    gradebook.record(make_result())
    (tmp_path / "out" / "csv").mkdir(parents=True)
    with pytest.raises(GraderError, match=r"out/csv: is a folder, and an export in the format 'csv' is a file"):
        exported("csv")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["csv"]


def test_a_file_that_is_no_export_stays(
    course: Course, assignment: Assignment, gradebook: Gradebook, make_result: MakeResult, tmp_path: Path
) -> None:
    gradebook.record(make_result())

    def to(path: Path, format: str = "csv") -> list[Path]:
        return export(course=course, assignment=assignment, gradebook=gradebook, format=format, to=path).files

    roster, book, work = tmp_path / "class.csv", tmp_path / "gradebook.db", tmp_path / "an.ipynb"
    roster.write_text("student,name\nan,An\n", encoding="utf-8-sig")
    book.write_bytes(b"SQLite format 3\0")
    work.write_bytes(strict_json({"cells": [], "nbformat": 4}))
    for path, format in [(roster, "csv"), (book, "csv"), (work, "json")]:
        before = path.read_bytes()
        with pytest.raises(GraderError, match="another file is here, which would be lost"):
            to(path, format)
        assert path.read_bytes() == before
    for format in ("csv", "json", "junit"):
        assert to(tmp_path / "scores", format) == to(tmp_path / "scores", format)
        (tmp_path / "scores").unlink()
    usual = course.root / "exports" / "pooling.csv"
    usual.parent.mkdir(exist_ok=True)
    usual.write_text("other columns, from before questions were added", encoding="utf-8")
    assert to(usual) == [usual]
    forced = export(
        course=course, assignment=assignment, gradebook=gradebook, format="csv", to=roster, force=True
    )  # fmt: skip
    assert forced.files == [roster]
    assert roster.read_bytes().startswith(b"\xef\xbb\xbfstudent,name,email,status")


def test_a_template_is_for_formats_that_fill_one_in(
    course: Course, assignment: Assignment, gradebook: Gradebook, tmp_path: Path
) -> None:
    with pytest.raises(GraderError, match="leave --template out"):
        export(course=course, assignment=assignment, gradebook=gradebook, format="csv", to=tmp_path / "out", template=tmp_path / "t.csv")  # fmt: skip


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("old", encoding="utf-8")
    reader = path.open(encoding="utf-8")
    write_whole(path, b"new")
    assert (reader.read(), path.read_text(encoding="utf-8")) == ("old", "new")
    reader.close()


# CSV


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_csv_has_a_row_for_everyone(
    exported: Export, gradebook: Gradebook, make_result: MakeResult, assignment: Assignment
) -> None:
    gradebook.record(make_result("an", submitted_at=datetime(2026, 12, 8, 17, tzinfo=UTC)))
    gradebook.add_override(
        student="an", assignment=assignment, question="avg_pool2d", score=20.5, reason="appeal, granted", author="T. Hà"
    )  # fmt: skip
    gradebook.record(make_result("binh", status=Status.NOT_GRADABLE, tests=(), message="The grader failed."))
    (path,) = exported("csv")
    an, binh, chi = read_csv(path)
    assert an == {
        "student": "an", "name": "Nguyễn An", "email": "an@vnu.edu.vn", "status": "graded",
        "submitted_at": "2026-12-09 00:00:00+07:00", "days_late": "2", "raw_score": "80.5", "penalty": "16.1",
        "score": "64.4", "max_score": "100", "max_pool2d": "60", "avg_pool2d": "20.5",
        "override_reason": "avg_pool2d set to 20.5 by T. Hà: appeal, granted", "remarks": "",
        "explanation": "80.5 with avg_pool2d set to 20.5 (appeal, granted) by the instructor, 20 % late (2 days): 64.4",
    }  # fmt: skip
    assert (binh["status"], binh["score"], binh["max_pool2d"], binh["remarks"]) == (
        "not gradable",
        "",
        "",
        "The grader failed.",
    )
    assert (chi["status"], chi["submitted_at"], chi["score"]) == ("missing", "", "0")


def test_csv_opens_in_pandas_and_excel_sees_its_encoding(
    exported: Export, gradebook: Gradebook, make_result: MakeResult
) -> None:
    gradebook.record(make_result("an"))
    (path,) = exported("csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbfstudent,")
    assert path.read_bytes().endswith(b"\r\n")
    table = pd.read_csv(path)
    assert list(table["student"]) == ["an", "binh", "chi"]
    assert list(table["score"]) == [100, 0, 0]


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1"])
def test_csv_holds_no_formula(exported: Export, gradebook: Gradebook, make_result: MakeResult, formula: str) -> None:
    gradebook.record(make_result(formula, message=formula))
    rows = read_csv(exported("csv")[0])
    assert [(row["student"], row["remarks"]) for row in rows if row["status"] == "graded"] == [
        (f"'{formula}", f"'{formula}")
    ]


def test_csv_keeps_apart_a_question_that_is_called_like_a_column(
    course: Course, gradebook: Gradebook, make_result: MakeResult, tmp_path: Path
) -> None:
    gradebook.record(make_result())
    path = course.root / "assignments" / "pooling" / "assignment.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("avg_pool2d", "score"), encoding="utf-8")
    renamed = course.assignment("pooling")
    (file,) = export(course=course, assignment=renamed, gradebook=gradebook, format="csv", to=tmp_path / "out").files
    assert [name for name in read_csv(file)[0] if "score" in name] == [
        "raw_score",
        "score",
        "max_score",
        "question score",
    ]


# JSON


def test_json_is_strict_and_holds_results_whole(
    exported: Export, gradebook: Gradebook, make_result: MakeResult, tests: Any
) -> None:
    difference = Difference(case="4x4", signs=("?-",), actual=[[math.nan, math.inf]], expected=[[1.5, -math.inf]])
    wrong = {"outcome": Outcome.FAILED, "earned": 0}
    diagnosis = Diagnosis(mistake="min_not_max", function="pool", hint="The smallest, not the largest.")
    result = make_result(
        tests=tests(
            {"difference": difference, "message": "Sai rồi\x00\ud800", **wrong},
            {"difference": Difference(case="", signs=("+.", ".x")), "diagnosis": diagnosis, **wrong},
        ),
        cell_errors=(CellError(cell=3, line=1, error="NameError: x", traceback="…"),),
    )
    gradebook.record(result)
    (path,) = exported("json")
    document = json.loads(path.read_bytes(), parse_constant=no_constant)
    assert document["format"] == 1
    assert document["assignment"]["points"] == 100
    assert document["course"]["code"] == "INT3414"
    an, binh, _ = document["students"]
    assert (an["score"], an["questions"], an["due"]) == (
        40,
        {"max_pool2d": 0, "avg_pool2d": 40},
        "2026-12-07T23:59:00+07:00",
    )
    assert (binh["status"], binh["result"]) == ("missing", None)
    assert "Sai rồi" in path.read_text(encoding="utf-8")
    hidden = an["result"]["tests"][1]
    assert hidden["diagnosis"] == diagnosis.model_dump()
    assert (hidden["difference"]["signs"], hidden["difference"]["expected"]) == (["+.", ".x"], None)
    read = Result.model_validate(an["result"])
    assert repr(read.tests) == repr(result.tests)  # as text: NaN is not equal to itself
    assert read.model_copy(update={"tests": ()}) == result.model_copy(update={"tests": ()})


@given(
    st.recursive(st.none() | st.floats() | st.text(st.characters(exclude_categories=())), lambda items: st.lists(items))
)
def test_json_of_anything_is_read_by_a_strict_reader(document: Any) -> None:
    json.loads(strict_json(document).decode("utf-8"), parse_constant=no_constant)


# JUnit


def read_junit(path: Path) -> Any:
    tree = etree.parse(path)
    etree.XMLSchema(etree.parse(SCHEMA)).assertValid(tree)
    return tree.getroot()


def test_junit_is_valid_and_counts_outcomes(
    exported: Export, gradebook: Gradebook, make_result: MakeResult, tests: Any
) -> None:
    gradebook.record(
        make_result("an", tests=tests({"outcome": Outcome.FAILED, "earned": 0, "message": "Wrong <0>\nsecond line"}))
    )
    gradebook.record(
        make_result(
            "binh", tests=tests({"outcome": Outcome.ERROR}, {"outcome": Outcome.TIMEOUT}, {"outcome": Outcome.SKIPPED})
        )
    )
    gradebook.record(
        make_result("zoe", status=Status.NOT_GRADABLE, tests=tests(*[{"outcome": Outcome.NOT_GRADABLE}] * 3))
    )
    root = read_junit(exported("junit")[0])
    assert dict(root.attrib) == {
        "name": "INT3414 pooling",
        "tests": "9",
        "failures": "1",
        "errors": "2",
        "time": "3.750",
    }
    counts = {
        suite.get("name"): [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] for suite in root
    }
    assert counts == {
        "an": ["3", "1", "0", "0"], "binh": ["3", "0", "2", "1"], "chi": ["0", "0", "0", "0"], "zoe": ["3", "0", "0", "3"],
    }  # fmt: skip
    failure = root.find(".//failure")
    assert (failure.get("message"), failure.text) == ("Wrong <0>", "Wrong <0>\nsecond line\n0 of 20 points")
    assert [error.get("type") for error in root.iter("error")] == ["error", "timeout"]
    first = root.find(".//testcase")
    assert dict(first.attrib) == {"classname": "pooling.an.max_pool2d", "name": "4x4", "time": "0.000"}
    scores = [entry.get("value") for entry in root.iterfind(".//property[@name='score']")]
    assert scores == ["80.0", "100.0", "0.0", ""]
    assert root[0].get("timestamp") == "2026-12-08T12:00:00+00:00"


def test_junit_tells_tests_of_the_same_title_apart(
    exported: Export, gradebook: Gradebook, make_result: MakeResult, tests: Any
) -> None:
    gradebook.record(make_result(tests=tests({"title": "Hidden", "test": "test_max[0]"}, {"test": "test_max[1]"})))
    root = read_junit(exported("junit")[0])
    assert [case.get("name") for case in root.iter("testcase")] == [
        "Hidden (test_max[0])",
        "Hidden (test_max[1])",
        "Speed",
    ]


def test_junit_shows_what_xml_cannot_hold(
    exported: Export, gradebook: Gradebook, make_result: MakeResult, tests: Any
) -> None:
    gradebook.record(
        make_result("bad\x00id", tests=tests({"outcome": Outcome.FAILED, "message": "bell\x07 \ud800 ]]> &"}))
    )
    root = read_junit(exported("junit")[0])
    assert root.find("testsuite[@name='bad#x00id']//failure").get("message") == "bell#x07 #xD800 ]]> &"


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_becomes_legal_xml(text: str) -> None:
    element = etree.Element("a")
    element.text = _legal(text)  # lxml raises if a character is illegal
    assert etree.fromstring(etree.tostring(element)).tag == "a"


HINTS = [
    (Diagnosis(mistake="turned", hint="The <kernel> was turned."), "What went wrong: The <kernel> was turned."),
    (Diagnosis(hint="Every sign is wrong."), "What stands out: Every sign is wrong."),
    (
        Diagnosis(mistake="turned", function="pool", hint="It was turned."),
        "What went wrong: This follows from pool: It was turned.",
    ),
]


@pytest.mark.parametrize(("diagnosis", "words"), HINTS)
def test_a_hint_is_told_in_words(
    exported: Export, gradebook: Gradebook, make_result: MakeResult, tests: Any, diagnosis: Diagnosis, words: str
) -> None:
    failed = {"outcome": Outcome.FAILED, "earned": 0, "message": "3 of 4 wrong.\nmore", "diagnosis": diagnosis}
    gradebook.record(make_result(tests=tests(failed)))
    failure = read_junit(exported("junit")[0]).find(".//failure")
    assert failure.get("message") == f"3 of 4 wrong. {words}"
    assert failure.text == f"3 of 4 wrong.\nmore\n{words}\n0 of 20 points"
    document = json.loads(exported("gradescope")[0].read_bytes())
    assert document["tests"][0]["output"] == f"3 of 4 wrong.\nmore\n{words}"
    assert words not in exported("csv")[0].read_text(encoding="utf-8-sig")


# Gradescope


def test_gradescope_has_the_fields_that_gradescope_reads(
    exported: Export, gradebook: Gradebook, make_result: MakeResult, tests: Any, tmp_path: Path
) -> None:
    race = {
        "outcome": Outcome.FAILED,
        "earned": 20,
        "ratio": 61.0,
        "message": "Took 61 times as long as the reference.",
    }
    gradebook.record(
        make_result(tests=tests({}, {"outcome": Outcome.TIMEOUT, "earned": 0, "message": "Over 10 s."}, race))
    )
    (path,) = exported("gradescope")
    assert path == tmp_path / "out" / "gradescope" / "an" / "results.json"
    document = json.loads(path.read_bytes(), parse_constant=no_constant)
    assert document == {
        "score": 40,
        "execution_time": 1.25,
        "output": "",
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "tests": [
            {
                "name": "max_pool2d: 4x4", "number": "1.1", "score": 20, "max_score": 20, "status": "passed", "output": "",
                "output_format": "text", "tags": ["max_pool2d", "passed"], "visibility": "visible",
            },
            {
                "name": "max_pool2d: Hidden", "number": "1.2", "score": 0, "max_score": 40, "status": "failed",
                "output": "Timeout. Over 10 s.", "output_format": "text", "tags": ["max_pool2d", "timeout"],
                "visibility": "after_published",
            },
            {
                "name": "avg_pool2d: Speed", "number": "2.1", "score": 20, "max_score": 40, "status": "failed",
                "output": "Took 61 times as long as the reference.", "output_format": "text",
                "tags": ["avg_pool2d", "failed"], "visibility": "after_published",
            },
        ],
        "leaderboard": [{"name": "avg_pool2d: Speed (times the reference)", "value": 61.0, "order": "asc"}],
    }  # fmt: skip


def test_gradescope_gets_the_final_score_and_is_told_why(
    exported: Export, gradebook: Gradebook, make_result: MakeResult, assignment: Assignment
) -> None:
    gradebook.record(make_result(submitted_at=datetime(2026, 12, 8, 17, tzinfo=UTC)))
    gradebook.add_override(
        student="an", assignment=assignment, question="avg_pool2d", score=20, reason="copied from Bình", author="T"
    )  # fmt: skip
    document = json.loads(exported("gradescope")[0].read_bytes())
    assert document["score"] == 64
    assert document["output"] == (
        "80 with avg_pool2d set to 20 (copied from Bình) by the instructor, 20 % late (2 days): 64"
    )  # fmt: skip
    assert sum(test["max_score"] for test in document["tests"]) == assignment.points


def test_gradescope_leaves_out_who_has_no_submission_or_no_score(
    exported: Export, gradebook: Gradebook, make_result: MakeResult, tests: Any
) -> None:
    broken = {"outcome": Outcome.NOT_GRADABLE, "earned": 0}
    gradebook.record(make_result("an", status=Status.NOT_GRADABLE, tests=tests(broken, broken, broken)))
    gradebook.record(
        make_result("binh", status=Status.UNREADABLE, tests=tests(broken, broken, broken), message="Empty.")
    )
    (path,) = exported("gradescope")
    document = json.loads(path.read_bytes())
    assert (path.parent.name, document["score"], document["output"]) == ("binh", 0, "Empty.")


def test_gradescope_refuses_points_that_do_not_add_up(
    exported: Export, gradebook: Gradebook, make_result: MakeResult, tests: Any, tmp_path: Path
) -> None:
    gradebook.record(make_result("an"))
    gradebook.record(make_result("binh", tests=tests({"points": 30})))
    with pytest.raises(
        GraderError, match=r"1 result of another version .* do not add up to 100 \(binh\). Run `grader grade pooling`"
    ):
        exported("gradescope")
    assert not (tmp_path / "out").exists()


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(1, 7)), min_size=1, max_size=12))
def test_rounded_points_add_up_to_the_whole(questions: list[tuple[int, int]]) -> None:
    points = [quarter / 4 / cases for quarter, cases in questions for _ in range(cases)]
    rounded = _to_hundredths(points)
    assert round(math.fsum(rounded), 6) == sum(quarter for quarter, _ in questions) / 4
    assert all(
        abs(one - other) <= 0.0100001 and one == round(one, 2) for one, other in zip(rounded, points, strict=True)
    )


@pytest.mark.parametrize("format", ["gradescope", "html"])
def test_a_folder_that_holds_other_things_is_left_alone(
    format: str, course: Course, assignment: Assignment, gradebook: Gradebook, make_result: MakeResult, tmp_path: Path
) -> None:
    for student in ("an", "a/b"):
        gradebook.record(make_result(student))
    work = tmp_path / "submitted" / "an" / "pooling" / "x.ipynb"
    work.parent.mkdir(parents=True)
    work.write_text("{}", encoding="utf-8")

    def to(folder: str, **options: bool) -> list[Path]:
        return export(
            course=course, assignment=assignment, gradebook=gradebook, format=format, to=tmp_path / folder, **options
        ).files

    for options in ({}, {"dry_run": True}):
        with pytest.raises(GraderError, match=r"submitted: holds other things, such as an/pooling/x.ipynb. Choose an"):
            to("submitted", **options)
    assert [path for path in (tmp_path / "submitted").rglob("*") if path.is_file()] == [work]
    (tmp_path / "out" / ".git").mkdir(parents=True)
    (tmp_path / "out" / ".git" / "HEAD").write_text("ref: refs/heads/main", encoding="utf-8")
    assert to("out") == to("out")
    assert to("submitted", force=True)
    assert work.read_text(encoding="utf-8") == "{}"
    if format == "html":
        with pytest.raises(GraderError, match="out: holds other things"):
            export(
                course=course, assignment=assignment, gradebook=gradebook, format="gradescope", to=tmp_path / "out"
            )  # fmt: skip


@pytest.mark.parametrize("format", ["csv", "html"])
def test_a_dry_run_refuses_what_the_real_one_would(
    format: str, course: Course, assignment: Assignment, gradebook: Gradebook, make_result: MakeResult, tmp_path: Path
) -> None:
    gradebook.record(make_result())
    (tmp_path / "index.html").write_text("my page", encoding="utf-8")
    to = tmp_path if format == "html" else tmp_path / "index.html"
    for dry_run in (True, False):
        with pytest.raises(GraderError, match="another file is here, which would be lost"):
            export(
                course=course, assignment=assignment, gradebook=gradebook, format=format, to=to, dry_run=dry_run
            )  # fmt: skip


def test_gradescope_says_that_there_is_nothing_to_write(
    exported: Export, gradebook: Gradebook, make_result: MakeResult, tests: Any
) -> None:
    broken = {"outcome": Outcome.NOT_GRADABLE, "earned": 0}
    gradebook.record(make_result("an", status=Status.NOT_GRADABLE, tests=tests(broken, broken, broken)))
    with pytest.raises(GraderError, match="pooling: nobody has a score"):
        exported("gradescope")
