"""The whole corpus in one class with honest students: every verdict right, nothing learned, nothing left behind."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from autograder.commands import grade
from autograder.intake.passed_over import PassedOver
from autograder.result import Result, Status
from tests.conftest import RIGHT, notebook
from tests.engine.test_local import children
from tests.hostile import course as hostile_course
from tests.hostile.corpus import CORPUS, LIE, NAME, Case

HONEST = {
    "right": Case(notebook(RIGHT), 100),
    "wrong": Case(notebook("import numpy as np", LIE, NAME), 40),
    "half": Case(notebook("import numpy as np", NAME), 30),
}
"""One of each beside every tenth of the others."""


class State(NamedTuple):
    """What must be as it was."""

    processes: set[str]
    mounts: set[str]
    shared_memory: set[str]
    scratch: set[str]
    files: dict[str, str]


class Class(NamedTuple):
    results: dict[str, Result]
    passed_over: list[PassedOver]
    before: State
    look: Callable[[], State]


@pytest.fixture(scope="module")
def class_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    root = tmp_path_factory.mktemp("hostile")
    hostile_course.write(root)
    handed_in = root / "handed-in"
    handed_in.mkdir()
    for number, (name, case) in enumerate(CORPUS.items()):
        content = case.content.encode("utf-8", "surrogatepass") if isinstance(case.content, str) else case.content
        (handed_in / f"{name}{case.suffix}").write_bytes(content)
        if number % 10 == 0:
            for honest, theirs in HONEST.items():
                (handed_in / f"honest-{honest}-{number}.ipynb").write_bytes(str(theirs.content).encode())
    (root / "outside.ipynb").write_text(notebook(RIGHT), encoding="utf-8")
    (handed_in / "file-link.ipynb").symlink_to(root / "outside.ipynb")
    (handed_in / "file-broken-link.ipynb").symlink_to(root / "nothing")
    (handed_in / "file-folder.ipynb").mkdir()
    os.mkfifo(handed_in / "file-pipe.ipynb")
    with socket.socket(socket.AF_UNIX) as unix, pytest.MonkeyPatch.context() as here:
        here.chdir(handed_in)
        unix.bind("file-socket.ipynb")  # a path of at most 107 bytes
    (handed_in / "file-..%2f..%2fNguyễn \u202evăn =1+1.ipynb").write_text(notebook(RIGHT), encoding="utf-8")

    scratch = tmp_path_factory.mktemp("scratch")
    scratch.chmod(0o777)
    own = str(tmp_path_factory.getbasetemp())

    def look() -> State:  # without what other tests do beside this one
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
        return State(
            {name for pid in children() if "autograder" in (name := command(pid))},
            {mount for mount in mounts if own in mount or "/pytest-" not in mount},
            {name for name in os.listdir("/dev/shm") if not name.startswith(("PostgreSQL.", ".org.chromium."))},
            set(os.listdir(scratch)),
            {
                str(path): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in root.rglob("*")
                if path.is_file() and path.parent != root
            },
        )

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("TMPDIR", str(scratch))
        monkeypatch.setenv("GRADER_TOKEN", hostile_course.PLANTED["environment"])
        before = look()
        run = grade(course=root, assignment="doubling", paths=[handed_in], gradebook=f"sqlite:///{root}/gradebook.db")
        yield Class({result.student: result for result in run.results}, run.passed_over, before, look)


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode()
    except OSError:
        return ""


def said(result: Result) -> str:
    return "\n".join(
        [
            result.message,
            *(f"{t.test}: {t.outcome} {t.earned:g}/{t.points:g} {t.message}" for t in result.tests),
            *(f"cell {e.cell}: {e.error} {e.traceback}" for e in result.cell_errors),
        ]
    )


@pytest.mark.parametrize("name", CORPUS)
def test_verdict(class_: Class, name: str) -> None:
    case, result = CORPUS[name], class_.results[name]
    assert (result.status, result.score) == (case.status, case.score), said(result)
    assert case.says in said(result)


def test_there_are_enough() -> None:
    assert len(CORPUS) >= 100


def test_every_honest_score_is_what_it_is_alone(class_: Class) -> None:
    scores = {name: result.score for name, result in class_.results.items() if name.startswith("honest-")}
    assert len(scores) >= 30
    assert scores == {name: HONEST[name.split("-")[1]].score for name in scores}


def test_what_is_no_file_of_its_own_is_not_read(class_: Class) -> None:
    odd = {name: result for name, result in class_.results.items() if name.startswith("file-")}
    (escape,) = (name for name in odd if "%2f" in name)
    assert odd.pop(escape).score == 100
    assert set(odd) == {"file-link", "file-broken-link", "file-pipe", "file-socket"}
    assert [(one.path.name, one.owner) for one in class_.passed_over] == [("file-folder.ipynb", "file-folder")]
    assert {(result.status, result.score) for result in odd.values()} == {(Status.UNREADABLE, 0)}


@pytest.mark.parametrize("where", hostile_course.PLANTED)
def test_no_secret_was_read(class_: Class, where: str) -> None:
    secret = hostile_course.PLANTED[where]
    assert [name for name, result in class_.results.items() if secret in result.model_dump_json()] == []


def test_nothing_is_left_behind(class_: Class) -> None:
    for _ in range(1500):  # killed processes take a moment to go, and their folders with them
        now = class_.look()
        more = [new - old for new, old in zip(now[:4], class_.before[:4], strict=True)]
        if not any(more):
            break
        time.sleep(0.01)
    assert not any(more)
    assert now.files == class_.before.files
