"""The commands of docs/walks.md as they stand there, with downloads in the form that each system gives them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.commands import grade
from tests.conftest import ALONE, REPOSITORY
from tests.intake.git_host import cloned, pushed
from tests.test_small_class import FOLDER, place

NAMES = {"22020001": "Nguyễn Thị Ánh", "22020003": "Lê Minh Châu"}
"""Who of the sample class hands something in."""
POINTS = {"22020001": "88", "22020003": "100"}
SUBMITTED = datetime(2026, 11, 30, 12, tzinfo=UTC)
"""Before the due date."""
WHEN = ("Monday, 30 November 2026, 7:00 PM", "Tuesday, 22 December 2026, 7:00 PM")
"""As Moodle writes times: one before the due date, and one after it."""
WALKS = {
    title: "".join(re.findall(r"```console\n(.*?)```", text, re.DOTALL))
    for title, text in re.findall(
        r"^## (.*?)\n(.*?)(?=^## |\Z)", (REPOSITORY / "docs" / "walks.md").read_text(encoding="utf-8"), re.DOTALL | re.M
    )
}


@pytest.fixture
def course(lectures: Path, tmp_path: Path) -> Path:
    """A course's folder, with the roster in it."""
    root = tmp_path / "course"
    shutil.copytree(lectures, root)
    shutil.rmtree(root / "student_templates")
    shutil.copy(FOLDER / "roster.csv", root / "class.csv")
    (tmp_path / "Downloads").mkdir()
    return root


@pytest.fixture
def notebooks(tmp_path: Path) -> dict[str, Path]:
    """What students have handed in, in time."""
    copies = {}
    for student in NAMES:
        copies[student] = tmp_path / "desk" / student / "pooling.ipynb"
        copies[student].parent.mkdir(parents=True)
        shutil.copyfile(place("pooling") / student / "pooling" / "pooling.ipynb", copies[student])
        os.utime(copies[student], (SUBMITTED.timestamp(),) * 2)
    return copies


def walk(title: str, course: Path) -> str:
    environment = os.environ | {
        "HOME": str(course.parent),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    start = "grader roster class.csv\n"
    done = subprocess.run(
        [*ALONE, "bash", "-exc", start + WALKS[title]],
        cwd=course, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_every_walk_is_tested_here() -> None:
    assert [title for title, commands in WALKS.items() if commands] == [
        "Canvas", "Moodle", "GitHub organisation or Classroom 50", "nbgrader", "otter-grader and Gradescope", "Between assignments, and at the end",
    ]  # fmt: skip


def test_canvas(course: Path, notebooks: dict[str, Path]) -> None:
    downloads = course.parent / "Downloads"
    with zipfile.ZipFile(downloads / "submissions.zip", "w") as archive:
        archive.write(notebooks["22020001"], "nguyễnthịánh_101_9001_pooling.ipynb")
        archive.write(notebooks["22020003"], "lêminhchâu_LATE_103_9003_pooling-1.ipynb")
    times = [
        {"user_id": 101, "submitted_at": "2026-11-30T12:00:00Z", "late": False, "user": {"name": NAMES["22020001"]}},
        {"user_id": 103, "submitted_at": "2026-12-23T12:00:00Z", "late": True, "user": {"login_id": "22020003"}},
        {"user_id": 102, "submitted_at": None, "late": False},
    ]
    (downloads / "submissions.json").write_text(json.dumps(times), encoding="utf-8")
    rows = "".join(f'"{name}",1,{student},{student},A,\r\n' for student, name in NAMES.items())
    gradebook = downloads / "2026-12-15T0900_Grades-INT3414.csv"
    gradebook.write_bytes(
        f"Student,ID,SIS User ID,SIS Login ID,Section,Pooling (77)\r\n    Points Possible,,,,,100.00\r\n{rows}".encode()
    )
    walk("Canvas", course)
    (written,) = (course / "exports").glob("*.csv")
    filled = rows
    for student, points in (POINTS | {"22020003": "80"}).items():  # two days late, by Canvas's own time
        filled = filled.replace(f"{student},A,", f"{student},A,{points}")
    assert written.read_bytes().decode("utf-8").partition("100.00\r\n")[2] == filled
    assert (course / "reports" / "pooling" / "index.html").exists()


def test_moodle(course: Path, notebooks: dict[str, Path]) -> None:
    downloads = course.parent / "Downloads"
    with zipfile.ZipFile(downloads / "INT3414-Pooling-1234.zip", "w") as archive:
        for number, (student, name) in enumerate(NAMES.items()):
            archive.write(notebooks[student], f"{name}_{number}_assignsubmission_file/pooling.ipynb")
    header = "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission)\n"
    rows = "".join(
        f'Participant {number},{name},{student}@example.edu.vn,Submitted,,"100,00",Yes,"{when}"\n'
        for number, (student, name), when in zip(range(2), NAMES.items(), WHEN, strict=True)
    )
    (downloads / "Grades-INT3414-Pooling-1234.csv").write_text(header + rows, encoding="utf-8")
    walk("Moodle", course)
    (written,) = (course / "exports").glob("*.csv")
    for student, points in (POINTS | {"22020003": "90"}).items():
        assert f'{student}@example.edu.vn,Submitted,{points},"100,00"' in written.read_text(encoding="utf-8")
    (feedback,) = (course / "exports").glob("*.zip")
    with zipfile.ZipFile(feedback) as archive:
        assert len(archive.namelist()) == len(NAMES)


def test_clones(course: Path, notebooks: dict[str, Path]) -> None:
    logins = dict(zip(NAMES, ("anh-nguyen", "chaulm"), strict=True))
    for student, login in logins.items():
        origin = pushed(
            course.parent / "host" / login, {"pooling.ipynb": notebooks[student].read_bytes()}, SUBMITTED.isoformat()
        )
        cloned(origin, course.parent / "pooling-clones" / f"int3414-pooling-{login}", SUBMITTED.isoformat())
    (course.parent / "pooling-clones" / "scores.csv").write_text("username,score\n", encoding="utf-8")
    (course / "logins.csv").write_text("".join(f"{student},{login}\n" for student, login in logins.items()))
    walk("GitHub organisation or Classroom 50", course)
    (written,) = (course / "exports").glob("*.csv")
    rows = written.read_text(encoding="utf-8-sig").splitlines()
    for student, points in POINTS.items():
        assert any(student in row and f",{points}" in row for row in rows), rows


def test_nbgrader(course: Path, notebooks: dict[str, Path]) -> None:
    for student in NAMES:
        target = course / "nb" / "submitted" / student / "pooling"
        target.mkdir(parents=True)
        shutil.copy2(notebooks[student], target)
    said = walk("nbgrader", course)
    for student, points in POINTS.items():
        assert said.count(f"{student} ({NAMES[student]}): - -> {points}") == 2  # the dry run and the run
        assert list((course / "nb" / "feedback" / student / "pooling").glob("*.html"))
    grades = (course / "nb" / "grades.csv").read_text(encoding="utf-8")
    assert all(student in grades for student in NAMES)


def test_otter_and_gradescope(course: Path, notebooks: dict[str, Path]) -> None:
    (course / "submitted" / "22020001").mkdir(parents=True)
    shutil.copytree(notebooks["22020001"].parent, course / "submitted" / "22020001" / "pooling")
    assert "88.000 / 100.000" in walk("otter-grader and Gradescope", course)
    assert (course / "gradescope" / "pooling.zip").exists()


def test_the_course(course: Path, notebooks: dict[str, Path]) -> None:
    shutil.copy(notebooks["22020001"], course / "22020001.ipynb")
    grade(course=course, assignment="pooling", paths=[course / "22020001.ipynb"])
    said = walk("Between assignments, and at the end", course)
    assert NAMES["22020001"] in said
    (written,) = (course / "exports").glob("*.csv")
    (row,) = [line for line in written.read_text(encoding="utf-8-sig").splitlines() if "22020001" in line]
    assert POINTS["22020001"] in row.split(",")
