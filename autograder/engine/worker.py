"""A worker process: an examiner that takes submissions from its connection and gives back results."""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import select
import signal
import sys
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

from autograder.errors import CourseError, GraderError, SandboxError
from autograder.examine.examiner import Examiner, examine
from autograder.fault_log import LONGEST

_MOST_MORE = 2**30
"""Bytes that grading may take beyond what the examiner takes before it. Everything that a submission can make grow is bounded
where it grows, far below; this is for a hidden test that works with a strange answer."""


def main(descriptor: int, alive: int) -> None:
    """Serve the supervisor at the other end of ``descriptor``; its first message says what to grade.

    Args:
        alive: a pipe whose other end the supervisor holds.
    """
    _die_with_the_holder(alive)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle
    connection = Connection(descriptor)
    root, name, secret, namespaces = connection.recv()

    def serve(examiner: Examiner) -> None:
        _bound_memory()
        with contextlib.suppress(EOFError, OSError):  # the supervisor has gone, one way or another
            connection.send(("ready",))
            while True:
                found = connection.recv()
                try:
                    answer: tuple[str, object] = ("result", examiner.grade(found))
                except Exception as error:  # the grader's own fault, whatever it is, must not end the run
                    traceback.clear_frames(error.__traceback__)  # what they hold may be all the memory that there is
                    answer = ("fault", "".join(traceback.format_exception(error))[-LONGEST:])
                connection.send(answer)
                if answer[0] == "fault":
                    return

    try:
        examine(root, name, secret, namespaces, serve)
    except GraderError as error:
        kind = "course" if isinstance(error, CourseError | SandboxError) else "fault"
        with contextlib.suppress(OSError):
            connection.send((kind, str(error)))


def _bound_memory() -> None:
    """From now on, no more than that. Sandboxes are children of the zygote, which has been started, and have limits of their own."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    most = int(status["VmData"].split()[0]) * 1024 + _MOST_MORE
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _die_with_the_holder(pipe: int) -> None:
    """Have the kernel end this process, whatever it is busy with, when the other end of a pipe is closed.

    Not by PR_SET_PDEATHSIG: on a cluster, workers are started by threads, which may end before their process does.
    """
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([pipe], [], [], 0)[0]:  # it was closed before
        os._exit(1)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
