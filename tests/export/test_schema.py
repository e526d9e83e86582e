"""The published JSON Schema is that of the code, and what is exported holds to it."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from autograder import commands
from autograder.course import Assignment, Course
from autograder.export import export
from autograder.gradebook import Gradebook
from autograder.result import CellError, Difference, Outcome, Result, Status
from tests.conftest import REPOSITORY
from tests.test_small_class import FOLDER, place

PUBLISHED = REPOSITORY / "docs" / "export-1.schema.json"


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(PUBLISHED.read_bytes())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_published_schema_is_up_to_date() -> None:
    command = [sys.executable, "-m", "autograder.export.json_format"]
    made = subprocess.run(command, capture_output=True, check=True).stdout
    assert made == PUBLISHED.read_bytes(), f"run `python -m autograder.export.json_format > docs/{PUBLISHED.name}`"


def test_an_export_of_the_sample_class_is_valid(
    validator: Draft202012Validator, tmp_path: Path, lectures: Path
) -> None:
    course: dict[str, Any] = {"course": lectures, "gradebook": f"sqlite:///{tmp_path}/g.db"}
    commands.roster(path=FOLDER / "roster.csv", **course)
    commands.grade(assignment="pooling", paths=[place("pooling")], **course)
    commands.override(student="22020001", assignment="pooling", score=50, reason="x", author="y", **course)
    done = commands.export(assignment="pooling", format="json", to=tmp_path / "pooling.json", **course)
    document = json.loads(done.files[0].read_bytes())
    validator.validate(document)
    assert {student["status"] for student in document["students"]} == {"graded", "missing"}
    assert json.loads(json.dumps(document["students"][0]["result"])) == document["students"][0]["result"]


def test_numbers_that_json_has_not_are_valid_and_a_foreign_field_is_not(
    validator: Draft202012Validator,
    course: Course,
    assignment: Assignment,
    gradebook: Gradebook,
    make_result: Callable[..., Result],
    tests: Callable[..., Any],
    tmp_path: Path,
) -> None:
    difference = Difference(case="c", signs=("?",), actual=[[math.nan, math.inf]], expected=[[1, -math.inf]])
    odd = {"outcome": Outcome.FAILED, "earned": 0, "difference": difference, "ratio": math.inf}
    cells = (CellError(cell=3, error="NameError"),)
    gradebook.record(make_result("an", tests=tests(odd), cell_errors=cells))
    gradebook.record(make_result("binh", status=Status.NOT_GRADABLE, tests=tests({"outcome": Outcome.NOT_GRADABLE})))
    done = export(
        course=course, assignment=assignment, gradebook=gradebook, format="json", to=tmp_path / "out.json"
    )  # fmt: skip
    document = json.loads(done.files[0].read_bytes())
    validator.validate(document)
    assert document["students"][0]["result"]["tests"][0]["ratio"] == "Infinity"
    assert not validator.is_valid(document | {"format": 2})
    assert not validator.is_valid(document | {"extra": 1})
    del document["students"][0]["score"]
    assert not validator.is_valid(document)
