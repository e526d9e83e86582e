"""What is said of a submission as a whole: that it is another assignment's, or that nothing has been filled in."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from autograder.course import Assignment, Role
from autograder.course.names import bound, defined_names
from autograder.errors import CourseError, SubmissionError
from autograder.examine.student_errors import NOT_WRITTEN
from autograder.language import _
from autograder.notebook import Submission, definitions, parse
from autograder.result import Outcome, TestResult
from autograder.text import printable

_MOST_NAMED = 3
_NOT_WRITTEN = NOT_WRITTEN.removeprefix("{name} ")
_LARGEST = 100_000
"""Characters of a cell or module that is looked through for more than its functions and classes."""


def refuse_another(assignment: Assignment, submission: Submission) -> None:
    """Refuse a notebook that was made for another assignment, as it says itself, and that has nothing of this one.

    What both assignments ask for, and what the other one's template gives, is nothing of this one.

    Raises:
        SubmissionError: it is one.
    """
    if submission.made_for in ("", assignment.name):
        return
    defined = _defined(submission)
    known = [other for other in _others(assignment) if other.name == submission.made_for]
    if defined.isdisjoint(_asked_for(assignment)) or any(_is_of(other, assignment, defined) for other in known):
        raise SubmissionError(
            _(
                "This is the notebook of another assignment, '{other}'. Submit the one of '{assignment}'.",
                other=printable(submission.made_for)[:60],
                assignment=assignment.name,
            )
        )


def remark(assignment: Assignment, submission: Submission, tests: Sequence[TestResult]) -> str:
    """A sentence on the whole of what was graded; empty if there is nothing to say."""
    if not submission.cells:
        return _("The notebook holds no code.")
    if tests and all(
        test.outcome is Outcome.SKIPPED and _NOT_WRITTEN in (test.english or test.message) for test in tests
    ):
        return _("Nothing has been filled in yet: this is the notebook as it was handed out, or one without answers.")
    asked = _asked_for(assignment)
    if {name for source in _sources(submission) for name in definitions(source)}.issuperset(asked):
        return ""  # the usual case, which is to cost nothing
    defined = _defined(submission)
    if defined.isdisjoint(asked) and any(test.earned for test in tests):  # its answers lie in a module beside it
        return ""
    found = [other for other in _others(assignment) if _is_of(other, assignment, defined)]
    if len(found) != 1:
        return ""
    (other,) = found
    named = [name for name in _asked_for(other) if name in defined and name not in asked][:_MOST_NAMED]
    own = [name for name in asked if name in defined]
    about = {"other": other.name, "named": ", ".join(named), "assignment": assignment.name}
    if own:
        return _(
            "This looks like the notebook of '{other}': it defines {named}, and of what '{assignment}' asks for only {own}. Submit the one of '{assignment}'.",
            own=", ".join(own), **about,
        )  # fmt: skip
    return _(
        "This looks like the notebook of '{other}': it defines {named}, and nothing that '{assignment}' asks for. Submit the one of '{assignment}'.",
        **about,
    )


def _sources(submission: Submission) -> list[str]:
    """The text of all cells, and of the modules beside the notebook."""
    modules = [data.decode(errors="replace") for path, data in submission.beside.files if path.endswith(".py")]
    return [cell.source for cell in submission.cells] + modules


def _defined(submission: Submission) -> set[str]:
    """The names that it defines, assigns or imports."""
    found: set[str] = set()
    for source in _sources(submission):
        found.update(definitions(source))
        if len(source) <= _LARGEST and (tree := parse(source)):
            with contextlib.suppress(RecursionError):
                found.update(name for name, _node in bound(tree.body))
    return found


def _others(assignment: Assignment) -> Iterator[Assignment]:
    """The other assignments of the course that can be read: this one is graded, whatever they are like."""
    for path in assignment.root.glob("assignments/*/assignment.toml"):
        if path.parent.name != assignment.name:
            with contextlib.suppress(CourseError):
                yield Assignment(assignment.root, path.parent.name)


def _is_of(other: Assignment, assignment: Assignment, defined: set[str]) -> bool:
    """Whether these names are those of a notebook of the other assignment: at least half of what that one alone asks for, and nothing that this one alone does."""
    theirs, own = set(_asked_for(other)), set(_asked_for(assignment))
    if 2 * len(defined & theirs) < len(theirs) or not defined & (theirs - own):
        return False
    try:
        given = defined_names(other.script_path, other.cells, Role.GIVEN)
    except CourseError:
        given = {}
    return not defined & own - theirs - given.keys()


def _asked_for(assignment: Assignment) -> list[str]:
    return [name for question in assignment.questions for name in question.names]
