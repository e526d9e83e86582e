"""What an assignment hands out reaches students in every system, and is there when their notebook is graded in it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from autograder.commands import build
from autograder.course import Assignment, Course
from tests.conftest import RIGHT, notebook
from tests.examine.test_files import ship
from tests.targets.test_nbgrader import marks, nbgrader, read, scores, source, submit
from tests.targets.test_otter import otter_run, questions

FILES = ["data/two.txt", "data/w.npy", "factor.py"]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return ship(tmp_path_factory.mktemp("course"))


def below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_nbgrader_releases_them_and_grades_with_them(course: Course, tmp_path: Path) -> None:
    build(course=course.root, target="nbgrader", to=tmp_path)
    nbgrader(tmp_path, "generate_assignment", "doubling")
    assert below(tmp_path / "release" / "doubling") == sorted([*FILES, "doubling.ipynb"])
    cells = read(tmp_path / "release" / "doubling" / "doubling.ipynb")["cells"]
    for cell in cells:
        if marks(cell).get("solution"):
            cell["source"] = "from factor import FACTOR\nfrom layers import double, name\nassert FACTOR == 2"
    submit(tmp_path, "doubling", "an", cells)
    folder = tmp_path / "submitted" / "an" / "doubling"
    (folder / "layers.py").write_text(RIGHT.replace("return 2", "from factor import FACTOR; return FACTOR"))
    (folder / "factor.py").write_text("FACTOR = 3")
    nbgrader(tmp_path, "autograde", "doubling")
    assert sum(scores(tmp_path).values()) == 100
    ran = read(tmp_path / "autograded" / "an" / "doubling" / "doubling.ipynb")["cells"]
    assert not [source(cell) for cell in ran for output in cell.get("outputs", ()) if output["output_type"] == "error"]


def test_otter_hands_them_out_and_grades_with_them(course: Course, tmp_path: Path) -> None:
    build(course=course.root, target="otter", to=tmp_path)
    made = tmp_path / "doubling"
    assert set(FILES) < set(below(made / "student"))
    with zipfile.ZipFile(made / "autograder.zip") as bundle:
        assert {f"files/{name}" for name in FILES} < set(bundle.namelist())
    student = json.loads((made / "student" / "doubling.ipynb").read_text(encoding="utf-8"))
    answer = json.loads(notebook(RIGHT.replace("return 2", "return FACTOR")))["cells"]
    (tmp_path / "here").mkdir()
    path = tmp_path / "here" / "doubling.ipynb"
    path.write_text(json.dumps(student | {"cells": student["cells"] + answer}), encoding="utf-8")
    results = otter_run(made / "autograder.zip", path)
    assert sum(questions(results).values()) == 100, results


def test_gradescopes_zip_holds_them(course: Course, tmp_path: Path) -> None:
    (path,) = build(course=course.root, target="gradescope", to=tmp_path)
    with zipfile.ZipFile(path) as bundle:
        bundle.extractall(tmp_path / "there")
    arrived = Assignment(tmp_path / "there" / "course", "doubling")
    assert arrived.shipped == course.assignment("doubling").shipped
    assert arrived.fingerprint == course.assignment("doubling").fingerprint
