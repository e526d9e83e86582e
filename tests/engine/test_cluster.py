"""Grading on a real Dask scheduler and real worker processes, with certificates of the test's own."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from autograder.beside import MOST_BYTES
from autograder.commands import Grading, grade
from autograder.course import Course
from autograder.errors import GraderError
from autograder.result import Result
from tests.conftest import REPOSITORY, RIGHT, free_port, notebook, write_course
from tests.examine.test_files import USES, hand_in, ship

# Python's `ssl` forgets to close the socket of a client whose connection is reset before it is wrapped, as a killed scheduler resets it.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")

SUBMISSIONS = {
    **{f"right{number}": notebook(RIGHT + f"# {number}") for number in range(6)},
    "wrong": notebook(RIGHT.replace("2 * x", "3 * x")),
    "hangs": notebook(RIGHT, "while True: pass"),
    "exits": notebook(RIGHT.replace("return 2", "import os; os._exit(3)\n    return 2")),
    "broken": "{",
    "large": " " * (2**20 + 5),
}


class Cluster(NamedTuple):
    address: str
    certificates: dict[str, str]
    scheduler: subprocess.Popen[bytes]
    hire: Callable[..., subprocess.Popen[bytes]]
    folder: Path


@pytest.fixture(autouse=True)
def nothing_hangs_in_cycles() -> Iterator[None]:
    """Made first, so ended last: such sockets do, and later tests do not ignore them."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = tmp_path_factory.mktemp("course")
    course = write_course(root)
    (root / "in").mkdir()
    for student, content in SUBMISSIONS.items():
        (root / "in" / f"{student}.ipynb").write_text(content, encoding="utf-8")
    (root / "in" / "link.ipynb").symlink_to("/etc/passwd")
    return course


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings of Dask, as environment: an authority, and one certificate for scheduler, workers and client."""
    folder = tmp_path_factory.mktemp("certificates")
    openssl = shutil.which("openssl") or pytest.fail("This test needs openssl.", pytrace=False)

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    run(*"req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=course".split())
    run(*"req -newkey rsa:2048 -nodes -keyout own.key -out own.csr -subj /CN=grader".split())
    run(*"x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out own.pem -days 2".split())
    tls = {"CA_FILE": "ca.pem"} | {
        f"{who}__{what}": f"own.{what.lower().replace('cert', 'pem')}" for who in ("SCHEDULER", "WORKER", "CLIENT") for what in ("CERT", "KEY")
    }  # fmt: skip
    return {f"DASK_DISTRIBUTED__COMM__TLS__{name}": str(folder / file) for name, file in tls.items()}


@pytest.fixture
def cluster(certificates: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A scheduler, and what starts workers for it."""
    import dask
    import distributed  # noqa: F401  # brings its settings

    address = f"tls://127.0.0.1:{free_port()}"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environment = os.environ | certificates | {"TMPDIR": str(scratch), "DASK_TEMPORARY_DIRECTORY": str(scratch)}
    started: list[subprocess.Popen[bytes]] = []

    def start(*command: object, **changes: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [*map(str, command)], cwd=scratch, env=environment | changes, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        started.append(process)
        return process

    def hire(*before: object, **changes: str) -> subprocess.Popen[bytes]:
        return start(
            *before, sys.executable, "-m", "dask", "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", **changes
        )  # fmt: skip

    scheduler = start(sys.executable, "-m", "dask", "scheduler", "--host", address, "--no-dashboard")
    own = {
        name.removeprefix("DASK_").lower().replace("__", ".").replace("_", "-"): path
        for name, path in certificates.items()
    }
    with dask.config.set(own):
        yield Cluster(address, certificates, scheduler, hire, scratch)
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def verdicts(run: Grading) -> dict[str, object]:
    return {
        r.student: (r.status, r.message, r.path, r.submission_fingerprint, r.assignment_fingerprint, [(t.test, t.outcome, t.earned, t.message) for t in r.tests if t.ratio is None and r.status != "unreadable"])
        for r in run.results
    }  # fmt: skip


def assert_nothing_stays(folder: Path) -> None:
    for _ in range(1500):
        left = list(folder.glob("grader-*"))
        if not left:
            return
        time.sleep(0.01)
    raise AssertionError(left)


def test_results_are_those_of_this_machine_and_nothing_stays(course: Course, cluster: Cluster) -> None:
    for _ in range(2):
        cluster.hire()
    of = {"course": course.root, "assignment": "doubling", "paths": [course.root / "in"]}
    here = grade(gradebook=f"sqlite:///{cluster.folder}/here.db", **of)  # type: ignore[arg-type]
    there = grade(gradebook=f"sqlite:///{cluster.folder}/there.db", cluster=cluster.address, **of)  # type: ignore[arg-type]
    assert len(there.results) == len(SUBMISSIONS) + 1
    assert verdicts(there) == verdicts(here)
    again = grade(gradebook=f"sqlite:///{cluster.folder}/there.db", cluster=cluster.address, **of)  # type: ignore[arg-type]
    assert again.graded == []
    assert_nothing_stays(cluster.folder)


def test_files_beside_a_notebook_and_those_of_the_assignment_go_along(cluster: Cluster, tmp_path: Path) -> None:
    course = ship(tmp_path / "course")
    uses = f"{USES}\nfrom layers import *"
    hand_in(course.root, "an", {"hw.ipynb": notebook(uses), "layers.py": RIGHT, "large.bin": bytes(MOST_BYTES + 1)})
    hand_in(
        course.root, "binh", {"doubling.py": uses, "layers.py": RIGHT, "submission.py": "x", "factor.py": "FACTOR = 3"}
    )
    cluster.hire()
    of = {"course": course.root, "assignment": "doubling", "paths": [course.root / "submitted"]}
    here = grade(gradebook=f"sqlite:///{cluster.folder}/here.db", **of)  # type: ignore[arg-type]
    there = grade(gradebook=f"sqlite:///{cluster.folder}/there.db", cluster=cluster.address, **of)  # type: ignore[arg-type]
    assert verdicts(there) == verdicts(here)
    assert [(result.student, result.score) for result in there.results] == [("an", 100), ("binh", 100)]
    assert "large.bin (larger than 2 MB)" in there.results[0].message
    again = grade(gradebook=f"sqlite:///{cluster.folder}/there.db", cluster=cluster.address, **of)  # type: ignore[arg-type]
    assert again.graded == []
    assert_nothing_stays(cluster.folder)


def test_a_worker_that_is_killed_loses_nothing(course: Course, cluster: Cluster) -> None:
    first = cluster.hire()

    def kill(result: object) -> None:
        if first.poll() is None:
            cluster.hire()
            os.killpg(first.pid, signal.SIGKILL)

    run = grade(
        course=course.root, assignment="doubling", paths=[course.root / "in"], gradebook=f"sqlite:///{cluster.folder}/g.db",
        cluster=cluster.address, on_result=kill,
    )  # fmt: skip
    assert {r.student: r.score for r in run.results if r.student.startswith("right")} == {
        f"right{n}": 100 for n in range(6)
    }
    assert {r.student for r in run.results} == {*SUBMISSIONS, "link"}


def test_workers_of_another_version_or_without_isolation_are_refused_with_the_reason(
    course: Course, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    shutil.copytree(REPOSITORY / "autograder", other / "autograder")
    with (other / "autograder" / "testing.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    cluster.hire(PYTHONPATH=str(other))
    refuse = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"'
    cluster.hire("unshare", "--user", "--map-root-user", "sh", "-c", refuse, "sh")
    refused: dict[str, str] = {}

    def run() -> Grading:
        return grade(
            course=course.root, assignment="doubling", paths=[course.root / "in" / "right0.ipynb"],
            gradebook=f"sqlite:///{cluster.folder}/g.db", cluster=cluster.address, on_refused=refused.__setitem__,
        )  # fmt: skip

    monkeypatch.setattr("autograder.engine.cluster._REFUSED_SECONDS", 5)
    deadline = time.monotonic() + 300
    while len(refused) < 2 and time.monotonic() < deadline:
        with pytest.raises(GraderError, match="No worker of the cluster can be used"):
            run()
    reasons = " ".join(refused.values())
    assert re.search(r"its cnn-autograder is \S+ \(\w+\), here it is", reasons)
    assert "it refuses the namespaces that shut student code in" in reasons
    monkeypatch.setattr("autograder.engine.cluster._REFUSED_SECONDS", 60)
    cluster.hire()
    assert [result.score for result in run().results] == [100]


def test_this_machine_may_be_one_that_refuses_namespaces(course: Course, cluster: Cluster) -> None:
    cluster.hire()
    command = [
        *("unshare", "--user", "--map-root-user", "sh", "-c", 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"', "sh"),
        *(Path(sys.executable).with_name("grader"), "grade", "doubling", "in/right0.ipynb"),
        *("--cluster", cluster.address, "--gradebook", f"sqlite:///{cluster.folder}/g.db"),
    ]  # fmt: skip
    run = subprocess.run(
        command,
        cwd=course.root,
        env=os.environ | cluster.certificates,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "100" in run.stdout


def test_two_runs_at_once_do_not_clear_each_other_away(course: Course, cluster: Cluster) -> None:
    for _ in range(2):
        cluster.hire()

    def run(number: int) -> Grading:
        return grade(
            course=course.root, assignment="doubling", paths=[course.root / "in" / f"right{n}.ipynb" for n in range(6)],
            gradebook=f"sqlite:///{cluster.folder}/{number}.db", cluster=cluster.address,
        )  # fmt: skip

    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(run, range(2)))
    assert [[result.score for result in one.results] for one in runs] == [[100] * 6] * 2
    assert_nothing_stays(cluster.folder)


def test_certificates_that_are_not_there_are_one_sentence(course: Course, tmp_path: Path) -> None:
    import dask
    import distributed  # noqa: F401  # brings its settings

    tls = {
        f"distributed.comm.tls.{name}": str(tmp_path / "nothing.pem")
        for name in ("ca-file", "client.cert", "client.key")
    }
    with dask.config.set(tls), pytest.raises(GraderError, match=r"certificates in Dask's configuration cannot be used"):
        grade(
            course=course.root, assignment="doubling", paths=[course.root / "in"], cluster="tls://127.0.0.1:1",
            gradebook=f"sqlite:///{tmp_path}/g.db",
        )  # fmt: skip


def test_a_scheduler_that_is_lost_is_one_sentence_and_loses_nothing(
    course: Course, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.hire()
    graded: list[str] = []

    def kill(result: Result) -> None:
        graded.append(result.student)
        if result.score == 100:
            os.killpg(cluster.scheduler.pid, signal.SIGKILL)

    of = {"course": course.root, "assignment": "doubling", "gradebook": f"sqlite:///{cluster.folder}/g.db"}
    with pytest.raises(GraderError, match="run the same command again to grade the rest") as caught:
        grade(paths=[course.root / "in"], cluster=cluster.address, on_result=kill, **of)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    rest = grade(paths=[course.root / "in"], **of)  # type: ignore[arg-type]
    assert {result.student for result in rest.graded} == {*SUBMISSIONS, "link"} - set(graded)


def test_a_worker_that_is_lost_with_its_answer_is_not_waited_for(
    course: Course, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.engine.cluster._FETCH_SECONDS", 5)
    first = cluster.hire()

    def kill(result: object) -> None:
        if first.poll() is None:
            cluster.hire()
            time.sleep(2)  # meanwhile it finishes what it was given ahead
            os.killpg(first.pid, signal.SIGKILL)

    paths = [course.root / "in" / f"right{n}.ipynb" for n in range(6)]
    run = grade(
        course=course.root, assignment="doubling", paths=paths, gradebook=f"sqlite:///{cluster.folder}/g.db",
        cluster=cluster.address, on_result=kill,
    )  # fmt: skip
    assert [result.score for result in run.results] == [100] * 6


def test_a_scheduler_that_everybody_may_speak_to_is_refused(course: Course, tmp_path: Path) -> None:
    port = free_port()
    scheduler = subprocess.Popen(
        [sys.executable, "-m", "dask", "scheduler", "--port", str(port), "--no-dashboard"],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with pytest.raises(GraderError, match="everybody in the network could read the hidden tests"):
            grade(
                course=course.root, assignment="doubling", paths=[course.root / "in"],
                cluster=f"tcp://127.0.0.1:{port}", gradebook=f"sqlite:///{tmp_path}/g.db",
            )  # fmt: skip
    finally:
        scheduler.kill()
        scheduler.wait()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("tcp://192.0.2.1:8786", "everybody in the network could read the hidden tests"),
        ("tcp://scheduler:8786", "everybody in the network could read the hidden tests"),
        ("scheduler:8786", "Write tls://host:port"),
        ("tls://[::1", "Write tls://host:port"),
        ("tls://127.0.0.1:1", "names no certificates"),
        ("tcp://127.0.0.1:1", "cannot be reached"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_sentence(
    course: Course, address: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.engine.cluster._CONNECT_SECONDS", 1)
    with pytest.raises(GraderError, match=says) as caught:
        grade(
            course=course.root, assignment="doubling", paths=[course.root / "in"], cluster=address,
            gradebook=f"sqlite:///{tmp_path}/g.db",
        )  # fmt: skip
    assert "\n" not in str(caught.value)
