"""The grader's own errors: each message names the file, what is wrong, and what to do."""

from autograder.text import printable


class GraderError(Exception):
    """Something the instructor can mend; shown as one sentence, never as a traceback."""


class CourseError(GraderError):
    """A course source (assignment.toml, solution script, hidden test) is wrong."""


class SubmissionError(GraderError):
    """A submitted file cannot be read as a notebook; the message is shown to the student, and may quote the file."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class SandboxError(GraderError):
    """The sandbox could not be started or broke by the grader's own fault, never the student's."""


class GradebookError(GraderError):
    """The gradebook cannot be opened, read or written."""


class UnstorableError(GradebookError):
    """The gradebook is in order, but cannot hold this result."""
