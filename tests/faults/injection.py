"""Kills parts of running graders at random moments: `python -m tests.faults.injection 200`.

After each kill the class is graded again. Then every submission must have one result, as it has without any fault, and no
process or folder may be left.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from autograder.course import Course
from autograder.gradebook import Gradebook
from tests.conftest import RIGHT, notebook, write_course
from tests.gradebook.postgresql import Server, server

PROCESSES = ("grader", "worker", "zygote", "guardian", "child")
"""From the outermost process inwards: each but the first is a child of the one before."""
VICTIMS = (*PROCESSES, "database")
STUDENTS = {
    f"{kind}{number:02d}": source
    for number in range(3)
    for kind, source in {
        "right": RIGHT + f"# {number}",
        "wrong": RIGHT.replace("2 * x", f"{3 + number} * x"),
        "slow": RIGHT.replace("return 2 * x", f"sum(range({4 * 10**6 + number}))\n    return 2 * x"),
        "crashes": RIGHT.replace("return 2 * x", f"import os\n    os._exit({number})\n    return 2 * x"),
    }.items()
}
Verdicts = dict[str, tuple[tuple[str, str, float], ...]]
"""Student -> test, outcome and points of each test."""


class Outcome(NamedTuple):
    """What came of one fault."""

    victim: str
    moment: float
    hit: bool
    """Whether there was such a process."""
    said: str
    problem: str
    """What is not as it should be; empty if nothing."""


def write_class(root: Path) -> Course:
    """A course and submissions in its folder `in`, each of another kind."""
    course = write_course(root)
    (root / "in").mkdir()
    for student, source in STUDENTS.items():
        (root / "in" / f"{student}.ipynb").write_text(notebook(source), encoding="utf-8")
    return course


def start(course: Course, url: str, **changes: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [Path(sys.executable).with_name("grader"), "grade", "doubling", "in", "--jobs", "2", "--gradebook", url],
        cwd=course.root, env=os.environ | changes, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True, preexec_fn=_heed_ctrl_c,
    )  # fmt: skip


def _heed_ctrl_c() -> None:
    """What a shell starts in the background ignores it, and so would these tests' own children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def finish(run: subprocess.Popen[str]) -> str:
    return run.communicate(timeout=300)[0]


def verdicts(course: Course, url: str) -> Verdicts:
    """What the gradebook holds."""
    with Gradebook(url) as book:
        return {
            result.student: tuple((test.test, test.outcome, test.earned) for test in result.tests)
            for result in book.latest_results("doubling")
        }


def stored(url: str) -> Counter[tuple[str, str, str]]:
    """(student, fingerprint of the submission, of the assignment) -> how many results there are."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(
            sa.text(
                "select s.student_id, s.fingerprint, r.assignment_fingerprint from result r join submission s on s.id = r.submission_id"
            )
        ).all()
    engine.dispose()
    return Counter((row[0], row[1], row[2]) for row in rows)


def family(pid: int) -> dict[int, list[int]]:
    """Generation -> processes that descend from this one."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents.setdefault(int(path.read_text().rpartition(")")[2].split()[1]), []).append(int(path.parent.name))
    found = {0: [pid]}
    while found[len(found) - 1]:
        found[len(found)] = [child for parent in found[len(found) - 1] for child in parents.get(parent, [])]
    return found


def victims(pid: int, victim: str) -> list[int]:
    generation = family(pid).get(PROCESSES.index(victim), [])
    wanted = {"worker": b"engine.worker", "grader": b""}.get(victim, b"sandbox.zygote")
    found = []
    for one in generation:
        with contextlib.suppress(OSError):
            if wanted in Path(f"/proc/{one}/cmdline").read_bytes():
                found.append(one)
    return found


def inject(course: Course, database: Server, expected: Verdicts, victim: str, moment: float) -> Outcome:
    """Kill one process ``moment`` seconds after a run has begun, then run again.

    Args:
        expected: what an undisturbed run gives.
    """
    url = new_url(course, database if victim == "database" else None)
    with tempfile.TemporaryDirectory(prefix="faults-", dir="/tmp") as scratch:
        os.chmod(scratch, 0o755)
        run = start(course, url, TMPDIR=scratch)
        time.sleep(moment)
        hit = False
        if victim == "database":
            hit = run.poll() is None
            database.kill()
            said = finish(run)
            database.start()
        else:
            while run.poll() is None and not hit:
                for pid in victims(run.pid, victim)[:1]:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        hit = True
            said = finish(run)
        again = finish(start(course, url, TMPDIR=scratch))
        problem = difference(course, url, expected) or left_over(Path(scratch))
        if "Traceback" in said + again:
            problem += " a traceback"
    return Outcome(victim, moment, hit, said + again, problem)


def difference(course: Course, url: str, expected: Verdicts) -> str:
    found = verdicts(course, url)
    if found != expected:
        with Gradebook(url) as book:
            told = {
                result.student: [test.message for test in result.tests] for result in book.latest_results("doubling")
            }
        wrong = [student for student in expected if found.get(student) != expected[student]]
        return (
            f"other results for {', '.join(f'{student} {found.get(student)} {told.get(student)}' for student in wrong)}"
        )
    twice = [key[0] for key, number in stored(url).items() if number != 1]
    return f"graded twice: {', '.join(twice)}" if twice else ""


def left_over(scratch: Path, seconds: float = 20) -> str:
    """Rooms of this run that are still there, and processes that use them."""
    end = time.monotonic() + seconds
    while left := [path.name for path in scratch.glob("grader-room-*")]:
        if time.monotonic() > end:
            return f"left: {', '.join(left)}"
        time.sleep(0.05)
    return ""


_numbers = count()


def new_url(course: Course, database: Server | None) -> str:
    """Of an empty gradebook, in a file or in a database server."""
    if database is None:
        return f"sqlite:///{course.root}/{next(_numbers)}.db"
    name = f"course{next(_numbers)}"
    engine = sa.create_engine(database.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    engine.dispose()
    return database.url.set(database=name).render_as_string(hide_password=False)


@contextlib.contextmanager
def undisturbed() -> Iterator[tuple[Course, Server, Verdicts, float]]:
    """A class, a database server, what each submission earns, and how long that takes."""
    with tempfile.TemporaryDirectory(prefix="faulty-class-", dir="/tmp") as folder, server() as database:
        course = write_class(Path(folder))
        url = new_url(course, None)
        said, began = finish(start(course, url)), time.monotonic()
        finish(start(course, new_url(course, None)))
        seconds = time.monotonic() - began
        expected = verdicts(course, url)
        assert sorted(expected) == sorted(STUDENTS), said
        yield course, database, expected, seconds


def main(times: int, seed: int = 0) -> int:
    chance = random.Random(seed)
    bad = hits = 0
    with undisturbed() as (course, database, expected, seconds):
        print(f"{len(expected)} submissions, {seconds:.1f} s undisturbed")
        for number in range(times):
            victim = VICTIMS[number % len(VICTIMS)]
            outcome = inject(course, database, expected, victim, chance.uniform(0.05, seconds))
            hits += outcome.hit
            bad += bool(outcome.problem)
            if outcome.problem:
                print(f"{number}: {victim} after {outcome.moment:.2f} s: {outcome.problem}\n{outcome.said}")
            if number % 20 == 19:
                print(f"{number + 1} faults, {hits} of them killed something, {bad} not survived", flush=True)
    print(f"{times} faults, {hits} of them killed something; {bad} not survived")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
