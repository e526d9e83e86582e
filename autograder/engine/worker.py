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
        with contextlib.suppress(EOFError, OSError):  # the supervisor has gone, one way or another
            connection.send(("ready",))
            while True:
                found = connection.recv()
                try:
                    answer: tuple[str, object] = ("result", examiner.grade(found))
                except Exception as error:  # the grader's own fault, whatever it is, must not end the run
                    answer = ("fault", str(error) or type(error).__name__)
                connection.send(answer)
                if answer[0] == "fault":
                    return

    try:
        examine(root, name, secret, namespaces, serve)
    except GraderError as error:
        kind = "course" if isinstance(error, CourseError | SandboxError) else "fault"
        with contextlib.suppress(OSError):
            connection.send((kind, str(error)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
