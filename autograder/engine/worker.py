"""A worker process: an examiner that takes submissions from its connection and gives back results."""

from __future__ import annotations

import contextlib
import signal
import sys
from multiprocessing.connection import Connection

from autograder.errors import CourseError, GraderError, SandboxError
from autograder.examine.examiner import Examiner, examine


def main(descriptor: int) -> None:
    """Serve the supervisor at the other end of ``descriptor``; its first message says what to grade."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle
    connection = Connection(descriptor)
    root, name, secret, namespaces = connection.recv()

    def serve(examiner: Examiner) -> None:
        connection.send(("ready",))
        while True:
            try:
                found = connection.recv()
            except EOFError:
                return
            try:
                connection.send(("result", examiner.grade(found)))
            except Exception as error:  # the grader's own fault, whatever it is, must not end the run
                connection.send(("fault", str(error) or type(error).__name__))
                return

    try:
        examine(root, name, secret, namespaces, serve)
    except (CourseError, SandboxError) as error:
        with contextlib.suppress(OSError):
            connection.send(("course", str(error)))
    except GraderError as error:
        with contextlib.suppress(OSError):
            connection.send(("fault", str(error)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
