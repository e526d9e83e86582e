"""Hidden tests whose right answers are the same for everybody: who has seen feedback once can write them down as they are."""

from __future__ import annotations

from autograder.check.finding import Finding
from autograder.course import Assignment, Course
from autograder.examine.examiner import Examiner, examine
from autograder.sandbox.client import namespace_error

_DRAWS = 8
"""Students whose tests are looked at. What two coins decide is the same for all of them once in 16,000 times."""


def check_answers(course: Course, assignment: Assignment) -> Finding:
    """Whether, in each hidden test, some right answer depends on what is drawn.

    Tests in which everything must be refused stand apart: they earn nothing without a right answer elsewhere.
    """
    found: dict[str, set[str]] = {}

    def serve(examiner: Examiner) -> None:
        for number in range(_DRAWS):
            for test, answers in examiner.right_answers(f"student {number}").items():
                found.setdefault(test, set()).add(answers)

    examine(course.root, assignment.name, course.secret, not namespace_error(), serve)
    same = [test for test, answers in found.items() if len(answers) == 1 and answers != {""}]
    return Finding(
        assignment.name,
        not same,
        "no hidden test has the same right answers for everybody"
        if not same
        else "hidden tests whose right answers are the same for everybody, so that constants earn their points: "
        + ", ".join(same)
        + ". Draw what they ask from `rng`, so that the answers differ.",
    )
