"""The whole sample class in a sandbox, in nbgrader and in otter: question by question, the same points.

Takes minutes, so that `make agreement` runs it, and `make test` a few submissions of each in the files beside this one.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograder.commands import build, grade
from tests.conftest import ALONE
from tests.targets.test_nbgrader import BIN, ENVIRONMENT, nbgrader, scores
from tests.targets.test_otter import questions
from tests.test_small_class import EXPECTED, place

pytestmark = pytest.mark.agreement

NOT_GRADED = {
    ("nbgrader", "conv_forward", "22020013"): "cut off in the middle: no notebook",
    ("otter", "conv_forward", "22020013"): "cut off in the middle: no notebook",
    ("nbgrader", "sizing", "22020003"): "a .py file: nbgrader takes notebooks",
    ("otter", "sizing", "22020003"): "a .py file: otter runs it as one cell, which ends at its first error",
    ("otter", "conv_forward", "22020010"): "a cell that never ends, and no limit on cells",
    ("otter", "conv_forward", "22020014"): "a cell that never ends, and no limit on cells",
    ("nbgrader", "sizing", "22020005"): "a call ends the process, and the kernel with it",
    ("otter", "sizing", "22020005"): "a call ends the process, and the kernel with it",
}
"""(system, assignment, student) -> why it gives no points, or not all."""

OTTER_SECONDS = 150
"""For one submission; those that end take 10 to 40."""

Scores = dict[tuple[str, str, str], float]
"""(assignment, student, question) -> points."""


@pytest.fixture(scope="module")
def class_(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """(assignment, student) -> what was handed in, called after its assignment, and without the BOM that neither reads."""
    root = tmp_path_factory.mktemp("class")
    copies = {}
    for assignment, students in EXPECTED.items():
        for student in students:
            (path,) = (
                path
                for path in place(assignment).rglob("*")
                if student in str(path) and path.suffix in (".ipynb", ".py")
            )
            copy = root / assignment / student / f"{assignment}{path.suffix}"
            copy.parent.mkdir(parents=True)
            copy.write_bytes(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
            copies[assignment, student] = copy
    return copies


def in_sandboxes(class_: dict[tuple[str, str], Path], course: Path, folder: Path) -> Scores:
    found: Scores = {}
    for assignment in EXPECTED:
        run = grade(
            course=course, assignment=assignment, paths=[place(assignment)], gradebook=f"sqlite:///{folder}/g.db"
        )
        for result in run.results:
            found |= {(assignment, result.student, q): points for q, (points, _) in result.by_question().items()}
    return found


def in_nbgrader(class_: dict[tuple[str, str], Path], course: Path, folder: Path) -> Scores:
    """Each assignment in a directory of its own, because nbgrader's gradebook takes one writer."""

    def run(assignment: str) -> Scores:
        directory = folder / assignment
        build(course=course, assignments=[assignment], target="nbgrader", to=directory)
        nbgrader(directory, "generate_assignment", assignment)
        for (name, student), path in class_.items():
            if name == assignment and path.suffix == ".ipynb":
                copy = directory / "submitted" / student / assignment / path.name
                copy.parent.mkdir(parents=True)
                copy.write_bytes(path.read_bytes())
        subprocess.run(  # which ends with an error if one of the notebooks is none
            [*ALONE, BIN / "nbgrader", "autograde", assignment], cwd=directory, capture_output=True, env=ENVIRONMENT
        )
        return scores(directory)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return {key: points for found in pool.map(run, EXPECTED) for key, points in found.items()}


def in_otter(class_: dict[tuple[str, str], Path], course: Path, folder: Path) -> Scores:
    build(course=course, target="otter", to=folder)

    def run(who: tuple[str, str]) -> Scores:
        command = [*ALONE, "timeout", str(OTTER_SECONDS), BIN / "otter", "run", "--no-logo"]
        out = class_[who].parent / "otter"
        out.mkdir()
        bundle = folder / who[0] / "autograder.zip"
        subprocess.run([*command, "-a", bundle, "-o", out, class_[who]], capture_output=True, env=ENVIRONMENT)
        if not (out / "results.json").exists():
            return {}
        document = json.loads((out / "results.json").read_text(encoding="utf-8"))
        return {(*who, question): points for question, points in questions(document).items()}

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return {key: points for found in pool.map(run, class_) for key, points in found.items()}


def test_everybody_earns_the_same_everywhere(
    class_: dict[tuple[str, str], Path], lectures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    systems: dict[str, Callable[[dict[tuple[str, str], Path], Path, Path], Scores]] = {
        "grader": in_sandboxes, "nbgrader": in_nbgrader, "otter": in_otter
    }  # fmt: skip
    found: dict[str, Scores] = {}
    for name, measure in systems.items():
        (tmp_path / name).mkdir()
        found[name] = measure(class_, lectures, tmp_path / name)
    differences = []
    with capsys.disabled():
        print("\nassignment    student   question              points   grader nbgrader    otter")
        for assignment, students in EXPECTED.items():
            for student, expected in students.items():
                for question, points in expected["points"].items():
                    earned = [found[system].get((assignment, student, question)) for system in systems]
                    said = "".join(f"{'-' if one is None else format(one, '.2f'):>9}" for one in earned)
                    odd = [
                        system
                        for system, one in zip(systems, earned, strict=True)
                        if (one is None or round(one, 2) != points) and (system, assignment, student) not in NOT_GRADED
                    ]
                    differences += [(assignment, student, question, system) for system in odd]
                    print(f"{assignment:13} {student:9} {question:20}{points:8.2f}{said}{'  !' * bool(odd)}")
        for (system, assignment, student), reason in NOT_GRADED.items():
            print(f"{system}, {assignment} {student}: {reason}")
    assert differences == []
