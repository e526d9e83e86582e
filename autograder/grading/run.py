"""Grades what was handed in, and records results as they come."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import Assignment, Course
from autograder.errors import GraderError, UnstorableError
from autograder.language import _, joined, speaking
from autograder.notebook import Found
from autograder.result import Result, Status

if TYPE_CHECKING:
    from autograder.gradebook import Gradebook
    from autograder.intake.look import Looked
    from autograder.intake.passed_over import PassedOver


@dataclass
class Grading:
    """What a run of `grade` did."""

    assignment: Assignment
    graded: list[Result] = field(default_factory=list)
    unchanged: list[Result] = field(default_factory=list)
    """Latest results of submissions that have not changed and were not graded again."""
    missing: list[str] = field(default_factory=list)
    """Students of the roster without any result for this assignment."""
    unknown: list[Found] = field(default_factory=list)
    """What was not graded, because nobody in the roster has its id."""
    left: list[Found] = field(default_factory=list)
    """What was not graded, because its student has left the class."""
    likeliest: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Unknown id -> ids of those whom it may mean."""
    passed_over: list[PassedOver] = field(default_factory=list)
    """What was handed in and is no submission as it is."""
    scripts: list[Path] = field(default_factory=list)
    """Scripts that define nothing that is asked for: no submissions."""
    unclear: list[Found] = field(default_factory=list)
    """Submissions that have something else in place of a time."""
    retimed: list[tuple[str, datetime | None, datetime | None]] = field(default_factory=list)
    """Students whose submission is the same, and counts by another time than before; that before, and now."""
    earlier: list[tuple[str, datetime | None, datetime | None]] = field(default_factory=list)
    """Students whose submission is the same and has a later time now; that which stays, and the later one."""
    names: dict[str, str] = field(default_factory=dict)
    """Student -> name, of those who have one."""
    seconds: float = 0.0

    @property
    def results(self) -> list[Result]:
        """All current results of this run's submissions, by student."""
        return sorted(self.graded + self.unchanged, key=lambda result: result.student)

    @property
    def broken_tests(self) -> dict[str, tuple[str, list[str]]]:
        """Hidden tests that failed by themselves -> what the first of them raised, and for whose submissions."""
        found: dict[str, tuple[str, list[str]]] = {}
        for result in self.results:
            for test in result.tests:
                if test.fault:
                    found.setdefault(test.test, (test.fault, []))[1].append(result.student)
        return found

    @property
    def complete(self) -> bool:
        """Whether everything that was handed in has a verdict."""
        judged = all(result.status is not Status.NOT_GRADABLE for result in self.results)
        return judged and not (self.unknown or self.passed_over or self.unclear)


def grade(
    *,
    assignment: str,
    paths: Sequence[Path],
    course: Path | None = None,
    gradebook: str | None = None,
    force: bool = False,
    anyone: bool = False,
    jobs: int | None = None,
    isolation: str = "full",
    cluster: str | None = None,
    on_start: Callable[[int, int], None] = lambda total, unchanged: None,
    on_result: Callable[[Result], None] = lambda result: None,
    on_refused: Callable[[str, str], None] = lambda worker, reason: None,
) -> Grading:
    """Grade the submissions in ``paths`` and record their results as they come.

    Args:
        gradebook: database URL; default `gradebook.db` in the course's folder.
        force: grade unchanged submissions, too.
        anyone: grade what bears an id that nobody in the roster has.
        jobs: how many at once; default one for each processor.
        isolation: ``"full"``, or ``"process"`` where namespaces are refused: weaker, see SECURITY.md.
        cluster: address of a Dask scheduler, whose workers grade in the place of this machine.
        on_start: told the number of submissions to grade, and of those that are unchanged.
        on_result: told each result once it is recorded.
        on_refused: told each worker of a cluster that is not used, and why.

    Raises:
        GraderError: nothing can be graded; the message says why and what to do.
    """
    from autograder.engine import grade_all
    from autograder.gradebook import Gradebook
    from autograder.grading.plan import keeps_earlier_time, plan, with_its_time
    from autograder.sandbox.client import namespace_error

    if cluster and (jobs or isolation != "full"):
        raise GraderError(
            "--cluster goes with neither --jobs nor --isolation: workers grade as many at once as they have threads, in full isolation."
        )
    found_course = Course.find(course)
    chosen = found_course.assignment(assignment)
    chosen.validate()
    if isolation == "full" and not cluster and (refusal := namespace_error()):
        raise GraderError(
            f"This machine refuses the namespaces that shut student code in ({refusal}). `grader doctor` says more. "
            "To grade submissions that you trust with weaker isolation, add --isolation process."
        )
    started = time.monotonic()
    with Gradebook.of(found_course, gradebook) as book:
        run, found = _look(found_course, chosen, paths, book, anyone=anyone)
        recorded = book.graded(chosen.name)
        planned = plan(chosen.name, chosen.fingerprint, found, book, full=isolation == "full", force=force)
        for result, before in planned.retimed:
            run.retimed.append((result.student, before.submitted_at, result.submitted_at))
            book.record(result)
        run.earlier = [(one.student, old.submitted_at, one.submitted_at) for one, old in planned.earlier]
        run.unchanged = planned.unchanged
        todo = planned.todo
        on_start(len(todo), len(run.unchanged))
        count = min(jobs or len(os.sched_getaffinity(0)), max(len(todo), 1))
        if cluster:
            from autograder.engine import cluster as on_cluster

            results = on_cluster.grade_all(found_course, chosen, todo, scheduler=cluster, on_refused=on_refused)
        else:
            results = grade_all(found_course, chosen, todo, jobs=count, namespaces=isolation == "full")
        of = {one.student: one for one in todo}
        with contextlib.closing(results):  # type: ignore[type-var]  # both are generators, which end what they have started
            for result in results:
                one = of[result.student]
                if result.student in recorded and recorded[result.student][0] == result.submission_fingerprint:
                    old = book.latest(result.student, chosen.name)
                    if old and keeps_earlier_time(one, old):
                        run.earlier.append((result.student, old.submitted_at, one.submitted_at))
                    result = with_its_time(result, one, old)
                result = _with_which_counts(result, one, chosen)
                result = _recorded(book, chosen, result, again=force or result.student in planned.more_care)
                run.graded.append(result)
                on_result(result)
        run.missing = missing(book, chosen.name)
    run.seconds = time.monotonic() - started
    return run


def missing(book: Gradebook, assignment: str) -> list[str]:
    """Students of the roster without any result for this assignment."""
    graded = book.graded(assignment)
    return sorted(student.id for student in book.students() if student.enrolled and student.id not in graded)


def _look(
    course: Course, assignment: Assignment, paths: Sequence[Path], book: Gradebook, *, anyone: bool
) -> tuple[Grading, list[Found]]:
    """What there is to grade, and in the run what there is besides."""
    from autograder.grading.plan import of_what_was_passed_over
    from autograder.intake.look import find_submissions

    students = book.students(left=True)
    looked: Looked = find_submissions(course, assignment, paths, students, anyone=anyone)
    found = looked.found
    run = Grading(
        assignment,
        unknown=looked.unknown,
        left=looked.left,
        likeliest=looked.likeliest,
        passed_over=looked.passed_over,
        scripts=looked.scripts,
        unclear=[one for one in found if one.unclear],
        names={student.id: student.name for student in students if student.name},
    )
    judged = {
        student for student, (_, _, status) in book.graded(assignment.name).items() if status is not Status.NOT_GRADABLE
    }
    return run, found + of_what_was_passed_over(looked.passed_over, found, judged)


def _with_which_counts(result: Result, found: Found, assignment: Assignment) -> Result:
    """With a word for the student, should it be one of several files, or should its zip hold what could not be had."""
    from autograder.intake.counting import told

    if not (found.handed_in or found.left_out) or result.status is Status.NOT_GRADABLE:
        return result
    with speaking(found.language):
        counts = told(found.handed_in, assignment.name) if found.handed_in else ""
        left_out = (
            _("What could not be had of your zip: {files}.", files=joined("; ", found.left_out))
            if found.left_out
            else ""
        )
        message = joined(" ", filter(None, (counts, left_out, result.message)))
    return result.model_copy(update={"message": message})


def _recorded(book: Gradebook, assignment: Assignment, result: Result, *, again: bool) -> Result:
    """Record a result, or in place of one that cannot be stored one that says so: one submission must not stop the others."""
    from autograder.engine.local import not_gradable
    from autograder.result import short_id

    try:
        book.record(result, again=again)
        return result
    except UnstorableError as error:
        with speaking(result.language):
            problem = _("What came of this submission cannot be recorded: {error}", error=error)
    found = Found(short_id(result.student), Path(result.path), result.submitted_at)
    same = {"submission_fingerprint": result.submission_fingerprint}
    instead = not_gradable(assignment, found, problem).model_copy(update=same)
    book.record(instead, again=again)
    return instead
