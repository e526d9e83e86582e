"""Grading on this machine: one worker process per job, each with an examiner and a zygote of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Pipe, wait
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course
from autograder.errors import CourseError, SandboxError
from autograder.fault_log import keep_fault
from autograder.language import _, speaking
from autograder.notebook import Found
from autograder.result import Outcome, Result, Status, TestResult

_START_SECONDS = 300.0
TRIES = 2
"""A submission whose worker dies or gets stuck this often is not gradable."""


def grade_all(
    course: Course, assignment: Assignment, submissions: Sequence[Found], *, jobs: int, namespaces: bool = True
) -> Iterator[Result]:
    """Grade submissions and yield their results as they come, one for each, in any order.

    A worker that dies or gets stuck is replaced, and its submission tried once more; if that fails, too, it is
    not gradable. Closing the iterator ends the workers.

    Raises:
        CourseError, SandboxError: nothing can be graded, for a reason that the message tells.
    """
    for found in submissions:
        if found.problem:
            yield not_gradable(assignment, found, found.problem)
    queue = deque((found, 1) for found in submissions if not found.problem)
    pool: list[Worker] = []
    watchdog = patience(assignment)
    try:
        while queue or any(worker.job for worker in pool):
            while len(pool) < min(jobs, len(queue) + sum(worker.job is not None for worker in pool)):
                pool.append(Worker(course.root, assignment.name, course.secret, namespaces))
            for worker in pool:
                if worker.ready and worker.job is None and queue:
                    worker.start(queue.popleft(), watchdog)
            ready = wait([worker.connection for worker in pool], timeout=1.0)
            for worker in list(pool):
                answer = worker.answer() if worker.connection in ready else None
                if answer is None and worker.connection not in ready and time.monotonic() < worker.deadline:
                    continue
                match answer:
                    case ("ready",):
                        worker.ready, worker.deadline = True, float("inf")
                    case ("result", result):
                        worker.finish()
                        yield result
                    case ("course", message):
                        raise CourseError(message)
                    case _:
                        fault = answer[1] if answer else worker.epitaph()
                        pool.remove(worker)
                        worker.kill()
                        if worker.job is None:
                            raise SandboxError(fault)
                        found, tries = worker.job
                        if tries < TRIES:
                            queue.append((found, tries + 1))
                        else:
                            yield failed(course, assignment, found, fault)
    finally:
        for worker in pool:
            worker.stop()


def patience(assignment: Assignment) -> float:
    """After so many seconds with one submission, a worker must be stuck.

    It may be judged twice, using up its CPU time and sleeping as long each time; the rest is for a busy machine.
    """
    return assignment.limits.submission_seconds * 10 + 60


def not_gradable(assignment: Assignment, found: Found, message: str, status: Status = Status.NOT_GRADABLE) -> Result:
    """The result of a submission that the grader could not judge, or could not read."""
    tests = tuple(
        TestResult(
            test=spec.name,
            question=spec.question,
            title=spec.title,
            public=spec.public,
            points=spec.points,
            outcome=Outcome.NOT_GRADABLE,
        )
        for spec in assignment.tests
    )
    return Result(
        student=found.student,
        assignment=assignment.name,
        status=status,
        message=message,
        tests=tests,
        path=str(found.handed_in_at),
        submitted_at=found.submitted_at,
        late=found.late,
        hand_in_again=found.hand_in_again,
        graded_at=datetime.now(UTC),
        submission_fingerprint=found.fingerprint,
        assignment_fingerprint=assignment.fingerprint,
        language=found.language,
    ).bounded()


def failed(course: Course, assignment: Assignment, found: Found, fault: str) -> Result:
    """The result of a submission that the grader itself failed on; a traceback is for the log, and not for students."""
    with speaking(found.language):
        if "\n" in fault:
            kept = keep_fault(course.root, f"{assignment.name}, {found.student}, {found.path}", fault)
            return not_gradable(assignment, found, _("The grader failed on this submission. {kept}.", kept=kept))
        return not_gradable(assignment, found, _("The grader failed on this submission: {fault}", fault=fault))


class Worker:
    """The supervisor's end of one worker process."""

    def __init__(self, root: Path, assignment: str, secret: bytes, namespaces: bool) -> None:
        self.connection, other = Pipe()
        alive, self._alive = os.pipe()  # it ends when this process does, however that is
        # A fresh interpreter, not `multiprocessing`, which would run the caller's main module again.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "autograder.engine.worker", str(other.fileno()), str(alive)],
            stdin=subprocess.DEVNULL,
            pass_fds=(other.fileno(), alive),
            process_group=0,  # Ctrl-C is for the supervisor alone, also while a worker is starting
        )
        other.close()
        os.close(alive)
        with contextlib.suppress(OSError):  # if it is dead, the next `answer` says so
            self.connection.send((root, assignment, secret, namespaces))
        self.ready = False
        self.job: tuple[Found, int] | None = None
        self.deadline = time.monotonic() + _START_SECONDS

    def grade(self, found: Found, seconds: float) -> tuple[Any, ...]:
        """Grade one submission and wait for its result; what `answer` gives, or ``("fault", reason)``."""
        if not self.ready:
            first = self.answer() if self.connection.poll(_START_SECONDS) else None
            if first != ("ready",):
                return first or ("fault", self.epitaph())
            self.ready = True
        self.start((found, 1), seconds)
        answer = self.answer() if self.connection.poll(seconds) else None
        if answer is not None:
            self.finish()
        return answer or ("fault", self.epitaph())

    def start(self, job: tuple[Found, int], seconds: float) -> None:
        self.job = job
        self.deadline = time.monotonic() + seconds
        with contextlib.suppress(OSError):  # if it is dead, the next `answer` says so
            self.connection.send(job[0])

    def finish(self) -> None:
        self.job = None
        self.deadline = float("inf")

    def answer(self) -> tuple[Any, ...] | None:
        """The next message, or None if the process has died."""
        try:
            return self.connection.recv()  # type: ignore[no-any-return]  # a worker of ours has pickled a tuple
        except (EOFError, OSError):
            return None

    def epitaph(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        code = self._process.returncode
        return "its worker got stuck" if code is None else f"its worker process ended (exit code {code})"

    def stop(self) -> None:
        """End an idle worker politely, a busy one at once."""
        self.connection.close()
        if self.ready and self.job is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
        self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self.connection.close()
        if self._alive >= 0:
            os.close(self._alive)
            self._alive = -1
