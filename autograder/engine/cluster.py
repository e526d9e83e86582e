"""Grading on the workers of a Dask cluster: what each does with a submission is what `local` does.

Workers are taken as they come, once they have shown that they shut students' code in and run the same code as this
machine. An assignment goes to each of them once; a submission goes to one of them, and to another if that one is lost.
"""

from __future__ import annotations

import atexit
import hashlib
import ipaddress
import platform
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from autograder.course import Assignment, Course
from autograder.engine.local import TRIES, Worker, not_gradable, patience
from autograder.errors import GraderError, SandboxError, SubmissionError
from autograder.kernel.sources import Sources
from autograder.notebook import Found, fingerprint
from autograder.notebook.submission import open_regular
from autograder.result import Result, Status
from autograder.sandbox.client import namespace_error

if TYPE_CHECKING:
    from distributed import Client, Future

_CONNECT_SECONDS = 30
_WAIT_SECONDS = 120.0
"""For a first worker, or another when all have gone: batch systems take their time."""
_AHEAD = 2
"""Submissions that wait at a worker for each of its threads, so that none is idle between two."""
_IDLE_SECONDS = 600.0
"""A worker that hears nothing for so long forgets the assignment."""


def grade_all(
    course: Course,
    assignment: Assignment,
    submissions: Sequence[Found],
    *,
    scheduler: str,
    on_refused: Callable[[str, str], None] = lambda worker, reason: None,
) -> Iterator[Result]:
    """Grade submissions on the cluster of a Dask scheduler and yield their results as they come, in any order.

    Args:
        scheduler: ``tls://host:port``, with certificates as Dask's own configuration names them; ``tcp://`` only on
            this machine, because everybody in the network could read hidden tests and forge results.
        on_refused: told each worker that is not used, and why.

    Raises:
        GraderError: the scheduler cannot be used.
        CourseError, SandboxError: nothing can be graded, for a reason that the message tells.
    """
    queue = deque((found, 1) for found in submissions if not found.problem)
    parcel = Parcel.of(course, assignment)
    most = int(assignment.limits.file_mb * 2**20) + 1  # of a file that is too large, just enough to see that it is
    with _connected(scheduler) as client:
        staff = _Staff(client, parcel, on_refused)
        for found in submissions:
            if found.problem:
                yield not_gradable(assignment, found, found.problem)
        waiting: dict[Future, tuple[Found, int, str]] = {}
        done = threading.Event()
        try:
            while queue or waiting:
                staff.look()
                for address in staff.free(address for _, _, address in waiting.values()):
                    if queue:
                        found, tries = queue.popleft()
                        try:
                            with open(open_regular(found.path), "rb") as file:
                                content = file.read(most)
                        except SubmissionError as error:
                            yield not_gradable(assignment, found, str(error), Status.UNREADABLE)
                        else:
                            future = staff.hand_out(found, content, address)
                            future.add_done_callback(lambda _: done.set())
                            waiting[future] = (found, tries, address)
                done.wait(1)
                done.clear()
                for future, (found, tries, address) in list(waiting.items()):
                    if future.done():
                        answer = _answer_of(future)
                    elif address not in staff.threads:
                        answer = ("fault", f"its cluster worker {address} was lost")
                        future.cancel()
                    else:
                        continue
                    del waiting[future]
                    match answer:
                        case ("result", result):
                            own = {"path": str(found.path), "submission_fingerprint": fingerprint(found.path)}
                            yield result.model_copy(update=own)
                        case ("course", message):
                            raise SandboxError(f"{address}: {message}")
                        case (_, message) if tries < TRIES:
                            queue.append((found, tries + 1))
                        case (_, message):
                            yield not_gradable(assignment, found, f"The grader failed on this submission: {message}")
        finally:
            for future in waiting:
                future.cancel()
            staff.dismiss()


@contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    try:
        from distributed import Client, Security
    except ImportError:
        raise GraderError(
            "Grading on a cluster needs Dask, which is not installed. Install it: pip install 'cnn-autograder[cluster]'."
        ) from None
    address = urlsplit(scheduler)
    if address.scheme not in ("tls", "tcp") or not address.hostname:
        raise GraderError(f"{scheduler}: this is no scheduler's address. Write tls://host:port.")
    if address.scheme == "tcp" and not _on_this_machine(address.hostname):
        raise GraderError(
            f"{scheduler}: over tcp:// everybody in the network could read the hidden tests and forge results. Start "
            "scheduler and workers with certificates and write tls://host:port; docs/cluster.md shows how."
        )
    try:
        client = Client(
            scheduler, security=Security(require_encryption=address.scheme == "tls"), timeout=_CONNECT_SECONDS, set_as_default=False
        )  # fmt: skip
    except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise GraderError(
            f"{scheduler}: the scheduler cannot be reached ({reason}). Is it running, and are the certificates in Dask's configuration right?"
        ) from None
    with client:
        yield client


def _on_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _answer_of(future: Future) -> tuple[str, Any]:
    if future.status == "finished":
        answer: tuple[str, Any] = future.result()
        return answer
    error = future.exception() if future.status == "error" else None
    return "fault", (
        " ".join(str(error).split())[:300] or type(error).__name__
    ) if error else "its cluster worker was lost"


@dataclass(frozen=True)
class Parcel:
    """An assignment on its way to a worker."""

    sources: Sources
    packages: tuple[str, ...]
    key: str
    """The same for the same sources."""

    @classmethod
    def of(cls, course: Course, assignment: Assignment) -> Parcel:
        # With the course's own secret: inputs are those that a student has on every machine.
        sources = replace(Sources.of(course, assignment), secret=course.secret)
        return cls(sources, assignment.packages, hashlib.sha256(sources.to_json().encode()).hexdigest())


class _Staff:
    """The workers that may be given work.

    Attributes:
        threads: address -> submissions at once.
    """

    def __init__(self, client: Client, parcel: Parcel, on_refused: Callable[[str, str], None]) -> None:
        self.threads: dict[str, int] = {}
        self._client = client
        self._parcel = parcel
        self._on_refused = on_refused
        self._refused: dict[str, str] = {}
        self._alone_since = time.monotonic()

    def look(self) -> None:
        """See who has come and who has gone.

        Raises:
            SandboxError: for too long there has been nobody who may be given work.
        """
        present = {
            address: int(facts["nthreads"]) for address, facts in self._client.scheduler_info(n_workers=-1)["workers"].items()
        }  # fmt: skip
        self.threads = {address: threads for address, threads in self.threads.items() if address in present}
        if new := [address for address in present if address not in self.threads and address not in self._refused]:
            self._examine(new, present)
        if self.threads:
            self._alone_since = time.monotonic()
        elif present and all(address in self._refused for address in present):
            raise SandboxError(f"No worker of the cluster can be used. {self._reasons(present)}")
        elif time.monotonic() > self._alone_since + _WAIT_SECONDS:
            raise SandboxError(
                f"The cluster has had no worker for {_WAIT_SECONDS:g} seconds. Start some (`dask worker`), and run the same command again to grade the rest."
            )

    def _examine(self, new: list[str], present: dict[str, int]) -> None:
        ours = fitness(self._parcel.packages)
        replies = self._client.run(fitness, self._parcel.packages, workers=new, on_error="return")
        fit = []
        for address in new:
            if reason := _difference(ours, replies.get(address)):
                self._refused[address] = reason
                self._on_refused(address, reason)
            else:
                fit.append(address)
        if fit:
            self._client.run(take, self._parcel, workers=fit, on_error="return")
            self.threads |= {address: present[address] for address in fit}

    def _reasons(self, present: dict[str, int]) -> str:
        return " ".join(f"{address}: {self._refused[address]}." for address in present)

    def free(self, busy: Iterator[str]) -> list[str]:
        """Addresses of workers that can take more, one for each place."""
        at = list(busy)
        rooms = {address: _AHEAD * threads - at.count(address) for address, threads in self.threads.items()}
        return [
            address for place in range(max(rooms.values(), default=0)) for address in rooms if rooms[address] > place
        ]

    def hand_out(self, found: Found, content: bytes, address: str) -> Future:
        return self._client.submit(
            grade_there, self._parcel.key, found, content, workers=[address], pure=False, retries=0
        )

    def dismiss(self) -> None:
        """Have the workers forget the assignment."""
        if self.threads:
            self._client.run(forget, self._parcel.key, workers=list(self.threads), on_error="return")


def _difference(ours: dict[str, str], theirs: Any) -> str:
    """Why a worker may not grade; empty if it may."""
    if not isinstance(theirs, dict):
        return f"it does not answer as a grader does ({' '.join(str(theirs).split())[:200]})"
    if theirs["refusal"]:
        return f"it refuses the namespaces that shut student code in ({theirs['refusal']}); `grader doctor` there says more"
    for what, here in ours.items():
        if here != theirs.get(what):
            return f"its {what} is {theirs.get(what) or 'not installed'}, here it is {here or 'not installed'}"
    return ""


# On the worker


def fitness(packages: Sequence[str]) -> dict[str, str]:
    """What decides whether verdicts here are those of another machine, and whether student code is shut in."""
    return {
        "refusal": namespace_error(),
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "processor": platform.machine(),
        "cnn-autograder": f"{metadata.version('cnn-autograder')} ({_code()[:12]})",
        **{package: _version(package) for package in sorted({*packages, "numpy", "pytest"})},
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


@cache
def _code() -> str:
    """A digest of this very package, which may have been changed without another version."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


@dataclass
class _Bench:
    """An assignment on this worker, and the engine's processes that know it."""

    root: Path
    assignment: Assignment
    secret: bytes
    folder: tempfile.TemporaryDirectory[str]
    idle: list[Worker] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    last: float = field(default_factory=time.monotonic)

    def clear(self) -> None:
        with self.lock:
            for worker in self.idle:
                worker.stop()
            self.idle.clear()
        self.folder.cleanup()


_benches: dict[str, _Bench] = {}


def take(parcel: Parcel) -> None:
    """Keep an assignment, in a folder that only this user may enter."""
    folder = tempfile.TemporaryDirectory(prefix="grader-cluster-")
    root = Path(folder.name)
    if parcel.key in _benches:
        folder.cleanup()
        return
    assignment = parcel.sources.write(root)
    _benches[parcel.key] = _Bench(root, assignment, parcel.sources.secret, folder)
    atexit.register(forget, parcel.key)
    _forget_when_idle(parcel.key)


def forget(key: str) -> None:
    """End what has to do with an assignment."""
    if bench := _benches.pop(key, None):
        bench.clear()


def _forget_when_idle(key: str) -> None:
    bench = _benches.get(key)
    if bench is None:
        return
    left = bench.last + _IDLE_SECONDS - time.monotonic()
    if left <= 0:
        forget(key)
        return
    timer = threading.Timer(left, _forget_when_idle, [key])
    timer.daemon = True
    timer.start()


def grade_there(key: str, found: Found, content: bytes) -> tuple[str, Any]:
    """Grade one submission; what a `Worker` answers."""
    bench = _benches.get(key)
    if bench is None:
        return "fault", "its cluster worker had forgotten the assignment"
    bench.last = time.monotonic()
    with bench.lock:
        worker = bench.idle.pop() if bench.idle else None
    worker = worker or Worker(bench.root, bench.assignment.name, bench.secret, namespaces=True)
    with tempfile.TemporaryDirectory(prefix="submission-", dir=bench.root) as folder:
        copy = Path(folder, f"submission{found.path.suffix}")
        copy.write_bytes(content)
        answer = worker.grade(replace(found, path=copy), patience(bench.assignment))
    bench.last = time.monotonic()
    if answer[0] == "result":
        with bench.lock:
            bench.idle.append(worker)
    else:
        worker.kill()
    return answer
