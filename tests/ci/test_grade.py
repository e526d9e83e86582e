"""`grader grade --ci` as a job runs it, on what hostile students hand in."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from autograder.course import Course
from tests.ci.runner import GITLAB_SECTION, github
from tests.cli.test_cli import GRADER
from tests.conftest import RIGHT, notebook

EVIL = "\n::error::evil\n##vso[task.complete result=Succeeded]\x1b[0Ksection_start:1:evil\r\x1b[0K%0A::add-mask::e"
SCHEMA = Path(__file__).parents[1] / "data" / "junit-10.xsd"


@pytest.fixture
def class_(course: Course) -> Course:
    """Ann is right, Bob triples, a third one writes commands wherever there is room."""
    folder = course.root / "in"
    folder.mkdir()
    (folder / "ann.ipynb").write_text(notebook(RIGHT), encoding="utf-8")
    (folder / "bob.ipynb").write_text(notebook(RIGHT.replace("2 * x", "3 * x")), encoding="utf-8")
    evil = f"import sys\ndef double(x):\n    print({EVIL!r}); print({EVIL!r}, file=sys.stderr)\n    raise ValueError({EVIL!r})\nprint({EVIL!r})"
    (folder / " ::error ::x##[group]\n::add-mask::e.ipynb").write_text(
        notebook(evil, f"raise RuntimeError({EVIL!r})"), encoding="utf-8"
    )
    return course


def run(course: Course, *arguments: str, code: int, **environment: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI", "GRADER_"))}
    done = subprocess.run(
        [GRADER, "grade", "doubling", *arguments], cwd=course.root, capture_output=True, text=True, check=False, timeout=300,
        env=kept | environment, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_github_gets_annotations_a_summary_and_a_junit_file(class_: Course, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    output = run(class_, "in", "--ci", "github", "--fail-under", "50", code=3, GITHUB_STEP_SUMMARY=str(page))
    obeyed = github(output)
    assert {name for name, _, _ in obeyed} == {"error", "warning"}
    assert len(obeyed) == 4
    files = {properties["file"] for _, properties, _ in obeyed}
    assert "in/bob.ipynb" in files
    assert "The cell that begins with `raise RuntimeError(" in "".join(data for _, _, data in obeyed)
    assert "section_start" not in output or not GITLAB_SECTION.search(output)
    assert "Less than 50 % of the points: " in output
    text = page.read_text(encoding="utf-8")
    assert text == (class_.root / "ci-report" / "summary.md").read_text(encoding="utf-8")
    assert "| ann | graded | 100 | 70 | 30 |" in text
    junit = etree.parse(class_.root / "ci-report" / "junit.xml")
    etree.XMLSchema(file=SCHEMA).assertValid(junit)
    assert len(junit.findall("testsuite")) == 3


def test_gitlab_gets_code_quality_and_no_section(class_: Course) -> None:
    output = run(class_, "in", "--ci", "gitlab", "--to", "out", code=0)
    assert not GITLAB_SECTION.search(output)
    entries = json.loads((class_.root / "out" / "gl-code-quality-report.json").read_bytes())
    assert {"in/bob.ipynb"} < {entry["location"]["path"] for entry in entries}
    assert sorted(path.name for path in (class_.root / "out").iterdir()) == [
        "gl-code-quality-report.json",
        "junit.xml",
        "summary.md",
    ]


def test_plain_output_holds_no_command_of_any_system(class_: Course) -> None:
    output = run(class_, "in", "--ci", "plain", "--fail-under", "0", code=0)
    assert github(output) == []
    assert not GITLAB_SECTION.search(output)
    assert "ann" in output


@pytest.mark.parametrize("system", ["github", "gitlab", "plain"])
def test_what_cannot_be_graded_is_one_sentence_and_no_command(course: Course, system: str) -> None:
    output = run(course, f"nowhere{EVIL.replace(chr(0), '')}", "--ci", system, code=1)
    assert "there is no such file or folder" in output
    expected = ["error"] if system == "github" else []
    assert [name for name, _, _ in github(output)] == expected


def test_a_submission_without_a_verdict_fails_the_job(class_: Course) -> None:
    (class_.root / "in" / "ann (1).ipynb").write_text(notebook(RIGHT, "x = 1"), encoding="utf-8")
    output = run(class_, "in", "--ci", "github", "--fail-under", "50", code=1)
    assert "Hand in only the one" in next(
        data for name, properties, data in github(output) if "ann" in properties.get("title", "")
    )


def test_fail_under_works_without_ci_and_is_a_percentage_of_the_points(class_: Course) -> None:
    (class_.root / "one").mkdir()
    (class_.root / "in" / "bob.ipynb").rename(class_.root / "one" / "bob.ipynb")
    assert "bob" in run(class_, "one", "--fail-under", "60", code=3)
    run(class_, "one", "--fail-under", "40", code=0)
    assert not (class_.root / "ci-report").exists()
