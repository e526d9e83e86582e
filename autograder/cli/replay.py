"""`grader replay`."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli import gradebook_option


@click.command("replay")
@click.argument("student")
@click.argument("assignment")
@click.argument("test")
@gradebook_option
@click.pass_obj
def command(course: Path | None, student: str, assignment: str, test: str, gradebook: str | None) -> None:
    """Run one TEST of a STUDENT's submission again, on the same inputs, and show everything.

    TEST is its name, as `grader show` prints it: test_bias, or 'test_cases[7x5 with 3x2]'. Shows the test's source, each
    call with its arguments, the answer, the expected answer and the verdict. This is for you: it holds what students
    must not see. Nothing is recorded.
    """
    from rich.console import Console

    from autograder.commands import replay
    from autograder.report.replay import render_replay

    done = replay(course=course, student=student, assignment=assignment, test=test, gradebook=gradebook)
    Console().print(render_replay(done))
