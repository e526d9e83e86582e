"""What is said of a submission as a whole: that it is another assignment's, or that nothing has been filled in."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.course import Assignment
from autograder.errors import CourseError, SubmissionError
from autograder.examine.student_errors import NOT_WRITTEN
from autograder.notebook import Submission, definitions
from autograder.result import Outcome, TestResult
from autograder.text import printable

_MOST_NAMED = 3


def refuse_another(assignment: Assignment, submission: Submission) -> None:
    """Refuse a notebook that was made for another assignment, as it says itself, and that has nothing of this one.

    Raises:
        SubmissionError: it is one.
    """
    another = submission.made_for not in ("", assignment.name)
    if another and not any(name in source for source in _sources(submission) for name in _asked_for(assignment)):
        raise SubmissionError(
            f"This is the notebook of another assignment, '{printable(submission.made_for)[:60]}'. Submit the one of '{assignment.name}'."
        )


def remark(assignment: Assignment, submission: Submission, tests: Sequence[TestResult]) -> str:
    """A sentence on the whole of what was graded; empty if there is nothing to say."""
    if not submission.cells:
        return "The notebook holds no code."
    if tests and all(test.outcome is Outcome.SKIPPED and NOT_WRITTEN in test.message for test in tests):
        return "Nothing has been filled in yet: this is the notebook as it was handed out, or one without answers."
    defined = {name for source in _sources(submission) for name in definitions(source)}
    # Its answers may lie in a module beside it.
    nothing = not any(test.earned for test in tests) and defined.isdisjoint(_asked_for(assignment))
    if nothing and (other := _looks_like(assignment, defined)):
        named = [name for name in _asked_for(other) if name in defined][:_MOST_NAMED]
        return (
            f"This looks like the notebook of '{other.name}': it defines {', '.join(named)}, and nothing that "
            f"'{assignment.name}' asks for. Submit the one of '{assignment.name}'."
        )
    return ""


def _sources(submission: Submission) -> list[str]:
    """The text of all cells, and of the modules beside the notebook."""
    modules = [data.decode(errors="replace") for path, data in submission.beside.files if path.endswith(".py")]
    return [cell.source for cell in submission.cells] + modules


def _looks_like(assignment: Assignment, defined: set[str]) -> Assignment | None:
    """The one other assignment of the course of which at least half of what it asks for is defined."""
    found: list[Assignment] = []
    for path in assignment.root.glob("assignments/*/assignment.toml"):
        try:
            other = Assignment(assignment.root, path.parent.name)
        except CourseError:  # this one is graded, whatever the others are like
            continue
        names = _asked_for(other)
        if other.name != assignment.name and 2 * len(defined.intersection(names)) >= len(names):
            found.append(other)
    return found[0] if len(found) == 1 else None


def _asked_for(assignment: Assignment) -> list[str]:
    return [name for question in assignment.questions for name in question.names]
