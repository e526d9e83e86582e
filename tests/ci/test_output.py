"""Nothing that a student wrote becomes a command, markup or a broken file, whatever it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from autograder.ci.findings import Finding, findings
from autograder.ci.gitlab import code_quality
from autograder.ci.output import MOST, annotate, annotation, guarded, inert
from autograder.ci.summary import SUMMARY_BYTES, escape, summary
from autograder.course import Assignment, Course
from autograder.gradebook import Student
from autograder.report.words import plain
from autograder.result import CellError, Diagnosis, Outcome, Result, Status, TestResult
from autograder.scores import final
from autograder.scores.final import Row
from tests.ci.runner import GITLAB_SECTION, github

HOSTILE = [
    "::error::x",
    "  \t::add-mask::e",
    "\n::set-output name=a::b",
    "\r::stop-commands::x\r\n",
    "\u2028::error::x",
    "\u00a0::error file=a,line=1::x",
    "text ##[error]x",
    "###vso[task.setvariable variable=a]b",
    "##teamcity[buildStatus status='SUCCESS']",
    "%0A::error::x%0D%25",
    "\x1b[0Ksection_start:1560896352:evil[collapsed=true]\r\x1b[0KHeader",
    "a,title=b::c",
    "| a | b |\n|---|---|\n<script>alert(1)</script> **b** `c` [d](http://e) ![f](http://g) www.h.de ~~i~~ $j$",
    "\ud800\x00\x07",
    "​::error::x",
]  # fmt: skip
words = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=()))
texts = st.lists(words, max_size=4).map("".join)


def hostile(test: Callable[..., None]) -> Callable[..., None]:
    for text in HOSTILE:
        test = example(text)(test)
    return given(texts)(test)


@hostile
def test_printed_text_holds_no_command(text: str) -> None:
    assert github(inert(text)) == []
    assert not GITLAB_SECTION.search(inert(text))
    assert inert(text).replace(" ", "") == plain(text).replace(" ", "")


@hostile
def test_an_annotation_is_one_command_whatever_is_in_it(text: str) -> None:
    line = annotation("error", text, file=text, title=f"x{text}")
    properties = {"file": plain(text), "title": plain(f"x{text}")}
    ((name, found, data),) = github(line)
    # The runner drops blanks at the ends.
    assert (name, data) == ("error", plain(text).rstrip(" "))
    assert {key: value.strip(" ") for key, value in found.items()} == {
        key: value.strip(" ") for key, value in properties.items() if value
    }


@hostile
def test_the_guard_holds_whatever_is_printed_in_it(text: str) -> None:
    import io
    from contextlib import redirect_stdout

    output = io.StringIO()
    with redirect_stdout(output):
        with guarded("github"):
            print(text.encode("utf-8", "replace").decode())
        print("::notice::afterwards")
    assert github(output.getvalue()) == [("notice", {}, "afterwards")]


def test_the_guard_ends_after_an_error_and_a_bugs_traceback_stays_inside(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit), guarded("github"):
        raise RuntimeError("bug\n::error::x")
    output = capsys.readouterr()
    assert github(output.out) == []
    assert "RuntimeError: bug" in output.out
    assert output.err == ""


@hostile
def test_markdown_shows_just_the_text(text: str) -> None:
    shown = " ".join(plain(text).split())
    (tokens,) = [token.children for token in MarkdownIt("gfm-like", {"linkify": False}).parse(f"x {escape(text)} x") if token.type == "inline"]  # fmt: skip
    assert tokens is not None
    assert {token.type for token in tokens} <= {"text", "text_special"}
    assert " ".join("".join(token.content for token in tokens).split()) == f"x {shown} x".replace("  ", " ")


@hostile
def test_a_table_keeps_its_cells(text: str) -> None:
    table = MarkdownIt("gfm-like", {"linkify": False}).parse(f"| a | b |\n|---|---|\n| {escape(text)} | end |\n")
    cells = [token.content for before, token in pairwise(table) if before.type == "td_open"]
    assert len(cells) == 2
    assert cells[1] == "end"


# Findings


@pytest.fixture
def assignment(course: Course) -> Assignment:
    return course.assignment("doubling")


def make(student: str = "ann", **values: Any) -> Result:
    test: dict[str, Any] = {"test": "t", "title": "T", "points": 70, "earned": 70, "outcome": Outcome.PASSED}
    tests = [TestResult(**(test | {"question": "double"})), TestResult(**(test | {"question": "name", "points": 30, "earned": 30}))]  # fmt: skip
    defaults: dict[str, Any] = {
        "student": student, "assignment": "doubling", "status": Status.GRADED, "tests": tuple(tests), "path": f"in/{student}.ipynb",
        "graded_at": datetime(2026, 12, 8, tzinfo=UTC), "submission_fingerprint": "s", "assignment_fingerprint": "a",
    }  # fmt: skip
    return Result(**(defaults | values))


def failed(earned: float = 0, **values: Any) -> tuple[TestResult, ...]:
    test = {
        "test": "t",
        "question": "double",
        "title": "Ones",
        "points": 70,
        "earned": earned,
        "outcome": Outcome.FAILED,
    }
    return (TestResult(**(test | values)), make().tests[1])


def test_cell_and_line_are_in_the_message_and_the_notebook_is_the_file(assignment: Assignment) -> None:
    result = make(cell_errors=(CellError(cell=4, line=2, error="NameError: name 'x' is not defined"),))
    (line,) = annotate(findings([result], assignment))
    assert line == "::error file=in/ann.ipynb,title=ann%2C cell 4::Cell 4, line 2: NameError: name 'x' is not defined"


def test_a_question_without_points_is_an_error_and_one_with_some_a_warning(assignment: Assignment) -> None:
    hint = Diagnosis(mistake="tripled", hint="You triple.")
    lines = list(
        annotate(
            findings(
                [
                    make("ann", tests=failed(message="3 of 4 wrong.\nmore", diagnosis=hint)),
                    make("bob", tests=failed(35, message="Slow.")),
                ],
                assignment,
            )
        )
    )
    assert lines == [
        "::error file=in/ann.ipynb,title=ann%2C double::0 of 70 points. Ones: 3 of 4 wrong. What went wrong: You triple.",
        "::warning file=in/bob.ipynb,title=bob%2C double::35 of 70 points. Ones: Slow.",
    ]


def test_who_has_all_points_has_no_finding(assignment: Assignment) -> None:
    assert findings([make()], assignment) == []


def test_of_many_findings_ten_of_a_level_are_shown_and_everyone_comes_before_anyones_second(
    assignment: Assignment,
) -> None:
    errors = tuple(CellError(cell=number, error="NameError: x") for number in range(1, 31))
    class_ = [make("a", cell_errors=errors, tests=failed(35))]
    class_ += [make(f"s{number}", cell_errors=errors[:1], tests=failed(35)) for number in range(4)]
    lines = list(annotate(findings(class_, assignment)))
    assert sum(line.startswith("::error") for line in lines) == MOST
    assert [line.split("title=")[1].split("%2C")[0] for line in lines[:6]] == ["a", "s0", "s1", "s2", "s3", "a"]
    assert lines[MOST - 1] == "::error::25 more errors: see the job's summary."
    assert sum(line.startswith("::warning") for line in lines) == 5


def test_paths_are_those_of_the_repository(assignment: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", "/w/repository")
    paths = ["/w/repository/in/ann.ipynb", "/elsewhere/ann.ipynb", "/w/repository/../ann.ipynb"]
    found = [findings([make(path=path, tests=failed())], assignment)[0].path for path in paths]
    assert found == ["in/ann.ipynb", "/elsewhere/ann.ipynb", "/w/ann.ipynb"]


@given(st.lists(st.builds(Finding, st.sampled_from(["error", "warning"]), texts, texts, texts, texts), unique=True))
def test_code_quality_is_json_with_what_gitlab_reads(found: list[Finding]) -> None:
    entries = json.loads(code_quality(found).decode())
    assert len({entry["fingerprint"] for entry in entries}) == len(found)
    for entry in entries:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in ("major", "minor")
        assert entry["location"]["lines"] == {"begin": 1}


# The summary


def rows_of(
    course: Course, assignment: Assignment, results: Sequence[Result], missing: Sequence[str] = ()
) -> list[Row]:
    present = {result.student: result for result in results}
    everybody = [Student(id=name, name="", email="", section="") for name in (*present, *missing)]
    return final.rows_of(course, assignment, everybody, present)


def test_the_summary_has_everyone_and_what_went_wrong(course: Course, assignment: Assignment) -> None:
    class_ = [make("ann"), make("b|b", tests=failed(12.5, message="No."))]
    assert summary(
        assignment, rows_of(course, assignment, class_, ["dan"]), findings(class_, assignment)
    ).splitlines() == [
        "## Doubling",
        "",
        "2 submissions: 2 graded; 1 missing. Mean 71.2, median 71.25, from 42.5 to 100.",
        "",
        "| Student | Status | Score (100) | double (70) | name (30) |",
        "|---|---|--:|--:|--:|",
        "| ann | graded | 100 | 70 | 30 |",
        r"| b\|b | graded | 42.5 | 12.5 | 30 |",
        "| dan | missing | 0 | - | - |",
        "",
        "### What went wrong",
        "",
        r"- ⚠️ **b\|b**, double: 12.5 of 70 points. Ones: No.",
    ]


def test_a_large_class_fits_and_what_is_left_out_is_told(course: Course, assignment: Assignment) -> None:
    errors = tuple(CellError(cell=number, error="é" * 1000) for number in range(3))
    class_ = [make(f"s{number:05}", cell_errors=errors) for number in range(2000)]
    rows = rows_of(course, assignment, class_)
    text = summary(assignment, rows, findings(class_, assignment))
    assert SUMMARY_BYTES * 0.99 < len(text.encode()) <= SUMMARY_BYTES
    assert text.count("| graded |") == 2000
    assert "lines left out" in text[-200:]
    assert len(summary(assignment, rows, [], most_bytes=1000).encode()) <= 1000
    assert summary(assignment, rows, [], most_bytes=100) == ""


def test_a_file_that_cannot_be_written_is_one_sentence(
    course: Course, assignment: Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.ci import write_reports
    from autograder.errors import GraderError

    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    with pytest.raises(GraderError, match="the job's summary cannot be written"):
        write_reports(system="github", course=course, assignment=assignment, rows=[], to=tmp_path / "out")
