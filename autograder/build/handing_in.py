"""What a notebook says of its rules: when it is due, how it is handed in, what limits there are and what counts."""

from __future__ import annotations

from autograder.course import Assignment, Course
from autograder.course.moments import in_words
from autograder.language import _, ngettext
from autograder.scores.policy import policy_sentences
from autograder.text import number

NBGRADER_CELL_SECONDS = 60
"""How long nbgrader lets a cell run, whatever the assignment says."""


def beforehand(assignment: Assignment) -> list[str]:
    """What to know before one begins, a paragraph each."""
    said = []
    if assignment.due:
        said.append(
            _("**Due** on {moment}. The end of the notebook says how to hand in.", moment=in_words(assignment.due))
        )
    packages = _listed([_("the standard library"), *(f"`{name}`" for name in assignment.packages)])
    said.append(
        _(
            "**Packages.** Your code may import {packages}, and nothing else; `tqdm` is there for progress bars.",
            packages=packages,
        )
    )
    return said


def handing_in(course: Course, assignment: Assignment, system: str = "") -> list[str]:
    """How to hand in and what counts, a paragraph each.

    Args:
        system: what grades, if it is not this package's own sandbox: nbgrader or otter.
    """
    name = assignment.name
    what = _(
        "**What.** Save this notebook and hand in that one file, `{name}.ipynb`: no PDF, no HTML, no zip.", name=name
    )
    if not system:
        what += " " + _("If you work in the script instead, hand in `{name}.py`.", name=name)
    said = [what]
    if assignment.shipped:
        files = _listed([f"`{file}`" for file in assignment.shipped])
        said.append(
            _("**Files.** When it is graded, {files} will be there as you got them; what you change in them does not count.", files=files)
        )  # fmt: skip
    if assignment.due:
        when = _("**When.** Due on {moment}.", moment=in_words(assignment.due))
        said.append(" ".join([when, *policy_sentences(course, assignment)]))
    said += [_points(assignment), _limits(assignment, system)]
    if course.collaboration:
        said.append(_("**Working together.** {rules}", rules=course.collaboration))
    if course.feedback:
        said.append(_("**Feedback.** {where}", where=course.feedback))
    return said


def _points(assignment: Assignment) -> str:
    public = sum(test.points for test in assignment.tests if test.public)
    every, of_checks, of_hidden = (number(value) for value in (assignment.points, public, assignment.points - public))
    if of_hidden == "0":
        text = _("**Points.** The checks in this notebook give all {all} points.", all=every)
    elif of_checks == "0":
        text = _("**Points.** Hidden tests give all {all} points.", all=every)
    else:
        text = _(
            "**Points.** Of {all} points, the checks in this notebook give {public}, and hidden tests, on other inputs, give {hidden}.",
            all=every,
            public=of_checks,
            hidden=of_hidden,
        )
    return " ".join([text, _("Your answers alone count, not what the notebook prints or shows.")])


def _limits(assignment: Assignment, system: str) -> str:
    limits = assignment.limits
    call = _time(limits.call_seconds)
    if system == "otter":
        return _("**Limits.** When it is graded, each call of a function of yours may take {call}.", call=call)
    if system == "nbgrader":
        return _(
            "**Limits.** When it is graded, each cell may take {cell}, and each call of a function of yours {call}.",
            cell=_time(NBGRADER_CELL_SECONDS),
            call=call,
        )
    return _(
        "**Limits.** When it is graded, each cell may take {cell} of computing time, each call of a function of yours {call}, and all "
        "together {whole}, in {memory} of memory; there is no network and no GPU. The file may have at most {file} MB.",
        cell=_time(limits.cell_seconds),
        call=call,
        whole=_time(limits.submission_seconds),
        memory=f"{limits.memory_mb} MB" if limits.memory_mb % 512 else f"{number(limits.memory_mb / 1024)} GB",
        file=number(limits.file_mb),
    )


def _time(seconds: float) -> str:
    if not float(seconds).is_integer():
        return _("{many} seconds", many=number(seconds))
    if seconds >= 120 and seconds % 60 == 0:
        return ngettext("{n} minute", "{n} minutes", int(seconds) // 60)
    return ngettext("{n} second", "{n} seconds", int(seconds))


def _listed(names: list[str]) -> str:
    *most, last = names
    return _("{most} and {last}", most=", ".join(most), last=last) if most else last
