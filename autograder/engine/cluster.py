"""Grading on the workers of a Dask cluster: what each does with a submission is what `local` does.

Workers are taken as they come, once they have shown that they shut students' code in and run the same code as this
machine. An assignment goes to each of them once; a submission goes to one of them, and to another if that one is lost.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import platform
import secrets
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from autograder.course import Assignment, Course
from autograder.engine.local import TRIES, Worker, failed, not_gradable, patience
from autograder.errors import GraderError, SandboxError, SubmissionError
from autograder.files import open_regular, own_files
from autograder.kernel.sources import Sources
from autograder.language import _, speaking
from autograder.notebook import Found
from autograder.notebook.submission import with_beside
from autograder.result import Result, Status
from autograder.sandbox.client import namespace_error
from autograder.sandbox.folder import FolderForAWhile

if TYPE_CHECKING:
    from distributed import Client, Future

_CONNECT_SECONDS = 30
_WAIT_SECONDS = 120.0
"""For a first worker, or another when all have gone: batch systems take their time."""
_AHEAD = 2
"""Submissions that wait at a worker for each of its threads, so that none is idle between two."""
_REFUSED_SECONDS = 15.0
"""For a better worker, where there are only some that cannot be used."""
_MOST_LOSSES = 10
"""Workers that a submission may have been at when they were lost."""
_FETCH_SECONDS = 30.0
_GOODBYE_SECONDS = 5.0
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
    queue = deque(_Job(found) for found in submissions if not found.problem)
    with _connected(scheduler) as client:
        staff = _Staff(client, Parcel.of(course, assignment), urlsplit(scheduler).scheme, on_refused)
        for found in submissions:
            if found.problem:
                yield not_gradable(assignment, found, found.problem)
        waiting: dict[Future, _Job] = {}
        done = threading.Event()
        try:
            while queue or waiting:
                staff.look()
                for address in staff.free([job.address for job in waiting.values()]):
                    if queue:
                        job = queue.popleft()
                        try:
                            with speaking(job.found.language):
                                content = job.read(int(assignment.limits.file_mb * 2**20))
                        except SubmissionError as error:
                            yield not_gradable(assignment, job.found, str(error), Status.UNREADABLE)
                            continue
                        future = staff.hand_out(job, content, address)
                        future.add_done_callback(lambda _: done.set())
                        waiting[future] = job
                done.wait(0.5)
                done.clear()
                for future, job in list(waiting.items()):
                    if future.done():
                        answer = _answer_of(future)
                    elif job.address not in staff.threads:
                        answer = ("lost",)
                        future.cancel()
                    else:
                        continue
                    del waiting[future]
                    match answer:
                        case ("result", result):
                            own = {"path": str(job.found.handed_in_at), "submission_fingerprint": job.fingerprint}
                            yield result.model_copy(update=own)
                            continue
                        case ("course", message):
                            staff.refuse(job.address, message)
                        case ("lost",):
                            staff.threads.pop(job.address, None)  # until it has taken the assignment again
                            job.losses += 1
                        case (_, message):
                            job.tries += 1
                            if job.tries == TRIES:
                                yield failed(course, assignment, job.found, message)
                                continue
                    if job.losses < _MOST_LOSSES:
                        queue.append(job)
                    else:
                        with speaking(job.found.language):
                            lost = _("{many} cluster workers were lost with it.", many=job.losses)
                        yield not_gradable(assignment, job.found, lost)
        finally:
            for future in waiting:
                with suppress(Exception):  # whatever a scheduler that has gone makes of it
                    future.cancel()
            staff.dismiss()


@dataclass(eq=False)
class _Job:
    """A submission on its way."""

    found: Found
    address: str = ""
    """Of the worker that has it."""
    fingerprint: str = ""
    """Of what that worker has been given."""
    tries: int = 0
    losses: int = 0

    def read(self, most: int) -> bytes:
        """The file, or of one that is larger than ``most`` just enough to see that it is; what lies beside it becomes part of ``found``.

        Raises:
            SubmissionError: it cannot be read.
        """
        digest = hashlib.sha256()
        try:
            with open(open_regular(self.found.path), "rb") as file:
                content = file.read(most + 1)
                digest.update(content)
                while part := file.read(2**20):
                    digest.update(part)
        except OSError as error:
            raise SubmissionError(_("The file cannot be read: {reason}.", reason=error.strerror)) from None
        beside = self.found.read_beside()
        self.found = replace(self.found, beside=beside)
        self.fingerprint = with_beside(digest.hexdigest(), beside)
        return content


@contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    try:
        from distributed import Client, Security
    except ImportError:
        raise GraderError(
            "Grading on a cluster needs Dask, which is not installed. Install it: pip install 'cnn-autograder[cluster]'."
        ) from None
    try:
        address = urlsplit(scheduler)
    except ValueError:
        raise GraderError(f"{scheduler}: this is no scheduler's address. Write tls://host:port.") from None
    if address.scheme not in ("tls", "tcp") or not address.hostname:
        raise GraderError(f"{scheduler}: this is no scheduler's address. Write tls://host:port.")
    if address.scheme == "tcp" and not _on_this_machine(address.hostname):
        raise GraderError(
            f"{scheduler}: over tcp:// everybody in the network could read the hidden tests and forge results. Start "
            "scheduler and workers with certificates and write tls://host:port; docs/cluster.md shows how."
        )
    security = Security(require_encryption=address.scheme == "tls")
    if address.scheme == "tls":
        try:
            certificates = security.get_connection_args("client")["ssl_context"]
        except (OSError, ValueError) as error:
            raise GraderError(f"The certificates in Dask's configuration cannot be used ({error}).") from None
        if not certificates:
            raise GraderError("Dask's configuration names no certificates; docs/cluster.md shows how to make them.")
    try:
        client = Client(scheduler, security=security, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise GraderError(
            f"{scheduler}: the scheduler cannot be reached ({reason}). Is it running, and are the certificates in Dask's configuration right?"
        ) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what is lost, we tell
    try:
        if address.scheme == "tcp":
            heard = urlsplit(client.scheduler_info()["address"]).hostname or ""
            if not _on_this_machine(heard):
                raise GraderError(
                    f"{scheduler}: this scheduler listens on {heard}, where everybody in the network could read the hidden tests and forge results. Start it with --host tcp://127.0.0.1."
                )
        yield client
    except Exception as error:  # distributed raises what it likes; all that is its own becomes one sentence
        if not isinstance(error, OSError) and not type(error).__module__.startswith(
            ("distributed", "tornado", "asyncio")
        ):
            raise
        raise GraderError(
            f"{scheduler}: the connection to the scheduler was lost. What is graded is in the gradebook; run the same command again to grade the rest."
        ) from None
    finally:
        with suppress(Exception):
            client.close(timeout=5)


def _on_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _answer_of(future: Future) -> tuple[Any, ...]:
    """What a worker said of a submission; a worker where its code fails, not the submission's, is of no use."""
    try:
        if future.status == "finished":
            return future.result(timeout=_FETCH_SECONDS)  # type: ignore[no-any-return]  # distributed has no types
        if future.status == "error":
            return "course", f"it fails ({_said(future.exception(timeout=_FETCH_SECONDS))})"
    except (TimeoutError, CancelledError):  # it was lost with its answer, which Dask waits for
        future.cancel()
    return ("lost",)


def _said(error: Any) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


@dataclass(frozen=True)
class Parcel:
    """An assignment on its way to a worker."""

    sources: Sources = field(repr=False)  # Dask writes what it calls functions with into logs
    packages: tuple[str, ...]
    key: str
    """Another for each run, so that runs do not clear each other's away."""

    @classmethod
    def of(cls, course: Course, assignment: Assignment) -> Parcel:
        # With the course's own secret: inputs are those that a student has on every machine.
        return cls(
            replace(Sources.of(course, assignment), secret=course.secret), assignment.packages, secrets.token_hex(8)
        )


class _Staff:
    """The workers that may be given work.

    Attributes:
        threads: address -> submissions at once.
    """

    def __init__(self, client: Client, parcel: Parcel, scheme: str, on_refused: Callable[[str, str], None]) -> None:
        self.threads: dict[str, int] = {}
        self._client = client
        self._parcel = parcel
        self._scheme = scheme
        self._on_refused = on_refused
        self._ours = fitness(parcel.packages)
        self._asked: dict[str, tuple[bool, Future]] = {}
        """Address -> whether it has been found fit and takes the assignment, and what it answers."""
        self._refused: dict[str, str] = {}
        self._sent: set[str] = set()
        """Who has been sent the assignment."""
        self._alone_since = time.monotonic()

    def look(self) -> None:
        """See who has come and who has gone.

        Raises:
            GraderError: the scheduler has gone.
            SandboxError: for too long there has been nobody who may be given work.
        """
        if self._client.status in ("closing", "closed"):
            raise ConnectionError
        if self._client.status != "running":  # it looks for the scheduler
            return
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        present = {address: int(facts["nthreads"]) for address, facts in workers.items()}
        self.threads = {address: threads for address, threads in self.threads.items() if address in present}
        self._asked = {address: asked for address, asked in self._asked.items() if address in present}
        for address in present:
            if address in self._asked:
                self._hear(address, present[address])
            elif address not in self.threads and address not in self._refused:
                self._asked[address] = False, self._ask(fitness, self._parcel.packages, address)
        if self.threads or self._asked:
            self._alone_since = time.monotonic()
        refused = [address for address in present if address in self._refused]
        alone = time.monotonic() - self._alone_since
        if refused and alone > _REFUSED_SECONDS:
            reasons = " ".join(f"{address}: {self._refused[address]}." for address in refused)
            raise SandboxError(f"No worker of the cluster can be used. {reasons}")
        if alone > _WAIT_SECONDS:
            raise SandboxError(
                f"The cluster has had no worker for {_WAIT_SECONDS:g} seconds. Start some (`dask worker`), and run the same command again to grade the rest."
            )

    def _ask(self, function: Callable[[Any], Any], argument: object, address: str) -> Future:
        return self._client.submit(function, argument, workers=[address], pure=False, retries=0)

    def _hear(self, address: str, threads: int) -> None:
        """Go on with a worker, if it has answered."""
        answer: Any
        fit, future = self._asked[address]
        if not future.done():
            return
        del self._asked[address]
        answer = _answer_of(future)
        if answer == ("lost",):
            return  # to be asked again
        if isinstance(answer, tuple):
            self.refuse(address, answer[1])
        elif fit:
            self.threads[address] = threads
        elif reason := _difference(self._ours, answer) or self._unprotected(address):
            self.refuse(address, reason)
        else:
            self._sent.add(address)
            self._asked[address] = True, self._ask(take, self._parcel, address)

    def _unprotected(self, address: str) -> str:
        """Why the assignment may not be sent there, if it may not."""
        worker = urlsplit(address)
        if worker.scheme == self._scheme == "tls" or (worker.hostname and _on_this_machine(worker.hostname)):
            return ""
        return "its connection is neither encrypted nor on this machine"

    def refuse(self, address: str, reason: str) -> None:
        """Give no work to a worker any more."""
        self.threads.pop(address, None)
        if address not in self._refused:
            self._refused[address] = reason
            self._on_refused(address, reason)

    def free(self, busy: Sequence[str]) -> list[str]:
        """Addresses of workers that can take more, one for each place."""
        rooms = {address: _AHEAD * threads - busy.count(address) for address, threads in self.threads.items()}
        return [
            address for place in range(max(rooms.values(), default=0)) for address in rooms if rooms[address] > place
        ]

    def hand_out(self, job: _Job, content: bytes, address: str) -> Future:
        job.address = address
        return self._client.submit(
            grade_there, self._parcel.key, job.found, content, workers=[address], pure=False, retries=0
        )

    def dismiss(self) -> None:
        """Have the workers forget the assignment; they do it by themselves later if they cannot be reached now."""

        def dismiss() -> None:
            with suppress(Exception):
                present = self._client.scheduler_info(n_workers=-1)["workers"]
                self._client.run(forget, self._parcel.key, workers=list(self._sent & present.keys()), on_error="return")

        if self._sent:
            for _, future in self._asked.values():
                with suppress(Exception):
                    future.cancel()
            thread = threading.Thread(target=dismiss, daemon=True)
            thread.start()
            thread.join(_GOODBYE_SECONDS)  # one of them may hang


def _difference(ours: dict[str, str], theirs: Any) -> str:
    """Why a worker may not grade; empty if it may."""
    if not isinstance(theirs, dict) or "refusal" not in theirs:
        return "it does not answer as a grader does"
    if theirs["refusal"]:
        return f"it refuses the namespaces that shut student code in ({theirs['refusal']}); `grader doctor` there says more"
    for what, here in ours.items():
        if what != "refusal" and here != theirs.get(what):
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
    digest = hashlib.sha256()
    for name, path in own_files().items():
        digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


@dataclass
class _Bench:
    """An assignment on this worker, and the engine's processes that know it."""

    folder: FolderForAWhile
    assignment: Assignment
    secret: bytes
    idle: list[Worker] = field(default_factory=list)
    busy: int = 0
    last: float = field(default_factory=time.monotonic)


_benches: dict[str, _Bench] = {}
_lock = threading.Lock()
"""For the benches and all that is in them."""


def take(parcel: Parcel) -> None:
    """Keep an assignment, in a folder that only this user may enter and that goes when this process does."""
    folder = FolderForAWhile("grader-cluster-")
    try:
        assignment = parcel.sources.write(folder.path)
    except BaseException:  # Ctrl-C, too, must leave no hidden tests on this disk
        folder.remove()
        raise
    forget(parcel.key)
    with _lock:
        _benches[parcel.key] = _Bench(folder, assignment, parcel.sources.secret)
    _forget_when_idle(parcel.key)


def forget(key: str) -> None:
    """End what has to do with an assignment."""
    with _lock:
        bench = _benches.pop(key, None)
        last = bench is not None and not bench.busy
    if bench:
        for worker in bench.idle:
            worker.stop()
        if last:
            bench.folder.remove()


def _forget_when_idle(key: str) -> None:
    with _lock:
        bench = _benches.get(key)
        left = 0.0 if bench is None else bench.last + _IDLE_SECONDS - time.monotonic()
        if bench is not None and bench.busy:
            left = _IDLE_SECONDS
    if bench is None:
        return
    if left <= 0:
        forget(key)
        return
    timer = threading.Timer(left, _forget_when_idle, [key])
    timer.daemon = True
    timer.start()


def grade_there(key: str, found: Found, content: bytes) -> tuple[Any, ...]:
    """Grade one submission; what a `Worker` answers, or ``("lost",)`` if the assignment is not here."""
    with _lock:
        bench = _benches.get(key)
        if bench is None:
            return ("lost",)
        bench.busy += 1
        worker = bench.idle.pop() if bench.idle else None
    answer: tuple[Any, ...] = ()
    try:
        worker = worker or Worker(bench.folder.path, bench.assignment.name, bench.secret, namespaces=True)
        with tempfile.TemporaryDirectory(prefix="submission-", dir=bench.folder.path) as folder:
            copy = Path(folder, f"submission{found.path.suffix}")
            copy.write_bytes(content)
            answer = worker.grade(replace(found, path=copy), patience(bench.assignment))
        return answer
    finally:
        with _lock:
            bench.busy -= 1
            bench.last = time.monotonic()
            stays = _benches.get(key) is bench
            last = not stays and not bench.busy
            if stays and answer[:1] == ("result",) and worker:
                bench.idle.append(worker)
                worker = None
        if worker:
            worker.kill()
        if last:
            bench.folder.remove()
