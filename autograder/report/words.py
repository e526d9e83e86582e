"""The words and signs that all reports share: outcomes, numbers, and students' text made harmless."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from autograder.language import N_, _, joined, ngettext
from autograder.result import Outcome, Result, Status, TestResult
from autograder.scores.final import BY_HAND, MISSING, Row
from autograder.scores.late import unknown_time
from autograder.text import count as count
from autograder.text import number as number

PARTLY = N_("partly")
"""What a reader sees for a failed test that earned points all the same, as a slow race may."""

OUTCOMES = (N_("passed"), N_("failed"), N_("error"), N_("timeout"), N_("skipped"), N_("not gradable"))
"""What readers see of `Outcome`, for the catalogue; of a status, `STATUS_WORDS` beside it."""
STATUS_WORDS = (N_("graded"), N_("unreadable"))

SIGNS: Mapping[str, str] = {
    Outcome.PASSED: "✓",
    PARTLY: "½",
    Outcome.FAILED: "×",
    Outcome.ERROR: "!",
    Outcome.TIMEOUT: "T",
    Outcome.SKIPPED: "–",
    Outcome.NOT_GRADABLE: "?",
}
"""Outcome as shown -> a sign that tells it from the others without colour."""

MEANINGS: Mapping[str, str] = {
    Outcome.PASSED: N_("right"),
    PARTLY: N_("part of the points"),
    Outcome.FAILED: N_("wrong answer"),
    Outcome.ERROR: N_("raised or crashed"),
    Outcome.TIMEOUT: N_("ran over its time"),
    Outcome.SKIPPED: N_("something is missing, or the same error came before"),
    Outcome.NOT_GRADABLE: N_("no verdict"),
}

STATUSES: Mapping[str, str] = {
    Status.GRADED: N_("has its score"),
    Status.UNREADABLE: N_(
        "the file could not be read as a notebook: 0 points, until the student hands in one that can"
    ),
    Status.NOT_GRADABLE: N_(
        "no score yet: the grader gave no verdict, which is not the student’s fault, or what was handed in cannot be graded as it is"
    ),
    BY_HAND: N_("nothing has been handed in; the instructor gave points all the same"),
    MISSING: N_("nothing has been handed in"),
}
"""What became of a student's submission as a whole -> what that means."""

MAP_SIGNS: Mapping[str, str] = {
    "+": N_("too large"),
    "-": N_("too small"),
    "x": N_("right but for the sign"),
    "?": N_("not finite"),
    ".": N_("right"),
}
"""`autograder.result.Difference.signs` -> what each means."""

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")


def plain(text: str) -> str:
    """Text without escape sequences, control characters or direction marks; line breaks stay."""
    if text.isprintable():
        return text
    text = _ESCAPE.sub("", text.replace("\r\n", "\n")).expandtabs(4)
    return "".join(
        char if char.isprintable() or char == "\n" else " " if char.isspace() else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


def shown(test: TestResult) -> str:
    """The outcome as a reader sees it: the outcome's word, or ``partly``."""
    return PARTLY if test.outcome is Outcome.FAILED and test.earned > 0 else test.outcome.value


def in_words(name: str) -> str:
    """A mistake's id as words: ``kernel turned``."""
    return name.replace("_", " ")


def duration(seconds: float) -> str:
    """``0.42 s``, ``12 s``, ``2 min 5 s``."""
    if seconds < 59.5:
        return _("{seconds} s", seconds=f"{seconds:.2f}" if seconds < 10 else f"{seconds:.0f}")
    minutes, rest = divmod(round(seconds), 60)
    return _("{minutes} min {seconds} s", minutes=minutes, seconds=rest)


def slow_parts(result: Result) -> list[str]:
    """What a submission spent its time on, where that is known: the cell or the call that hung, else a test that took most of the time."""
    hung = [error for error in result.cell_errors if error.timeout]
    stopped = [test for test in result.tests if test.outcome is Outcome.TIMEOUT]
    parts = [f"{error.where}: {error.error}" for error in hung[:1]]
    if len(hung) > 1:
        parts.append(ngettext("So did {n} more cell.", "So did {n} more cells.", len(hung) - 1))
    if stopped:
        worst = max(stopped, key=lambda test: test.seconds)
        said = worst.message.strip().partition("\n")[0] or _("It ran over its time.")
        parts.append(f"“{worst.title}”: {said}")
    elif not hung and result.tests:
        worst = max(result.tests, key=lambda test: test.seconds)
        if worst.seconds * 2 > result.seconds and worst.seconds:
            parts.append(_("{time} of it in “{title}”", time=duration(worst.seconds), title=worst.title))
    return parts


def time_unknown(row: Row) -> bool:
    """Whether nobody knows if what was graded came in time."""
    return row.result is not None and unknown_time(row.due, row.result)


def counted(rows: Sequence[Row]) -> str:
    """``3 submissions: 2 graded, 1 unreadable; 1 missing.``"""
    statuses = Counter(row.status for row in rows)
    kinds = ", ".join(f"{statuses[status]} {status}" for status in Status if statuses[status])
    handed_in = sum(statuses[status] for status in Status)
    by_hand = f"{statuses[BY_HAND]} {BY_HAND}, " if statuses[BY_HAND] else ""
    return f"{count(handed_in, 'submission')}{': ' if kinds else ''}{kinds}; {by_hand}{statuses[MISSING]} missing."


def summary(result: Result, titles: Mapping[str, str], *, by_hand: bool = False) -> str:
    """One or two sentences on a whole result.

    Args:
        titles: question id -> title.
        by_hand: whether the score, or some of it, was set by hand, so that there is one even where nothing could be judged.
    """
    if result.hand_in_again and by_hand:
        return _("What was handed in cannot be graded as it is; the score was set by hand.")
    if result.hand_in_again:
        return _("There is no score yet, because what was handed in cannot be graded as it is.")
    if by_hand and result.status is Status.NOT_GRADABLE:
        return _(
            "The grader could not judge all of this submission, which is the grader's fault; the score was set by hand."
        )
    if by_hand and result.status is Status.UNREADABLE:
        return _("The file could not be read as a notebook; the score was set by hand.")
    if result.status is Status.UNREADABLE:
        return _("The file could not be read as a notebook, so nothing in it could be graded and it scores 0.")
    if result.partial:
        return _(
            "There is no score yet, but {so_far}: the other tests could not be judged. That is the grader's fault, not the student's.",
            so_far=result.so_far,
        )
    if result.status is Status.NOT_GRADABLE:
        return _(
            "There is no score yet: the grader could not judge this submission. That is the grader's fault, not the student's."
        )
    outcomes = Counter(shown(test) for test in result.tests)
    passed, total = outcomes[Outcome.PASSED], len(result.tests)
    if passed == total:
        return ngettext(
            "Everything is right: the one test passed.", "Everything is right: all {n} tests passed.", total
        )
    words = [ngettext("{passed} of {n} test passed", "{passed} of {n} tests passed", total, passed=passed)]
    if outcomes[PARTLY]:
        words.append(_("{many} earned part of the points", many=outcomes[PARTLY]))
    if outcomes[Outcome.SKIPPED]:
        skipped = N_("{many} were skipped, because something is missing or the same error came before")
        words.append(_(skipped, many=outcomes[Outcome.SKIPPED]))
    sentence = joined(", ", words) + "."
    lost = {question: round(points - earned, 2) for question, (earned, points) in result.by_question().items()}
    worst = max(lost, key=lambda question: lost[question])
    missing = round(sum(lost.values()), 2)
    if len(lost) > 1 and lost[worst] > 0:
        where = f"“{titles.get(worst, worst)}”"
        if lost[worst] == missing:
            sentence += " " + _("The missing points are all in {where}.", where=where)
        else:
            sentence += " " + _(
                "Of the {missing} missing points, {lost} are in {where}.",
                missing=number(missing), lost=number(lost[worst]), where=where,
            )  # fmt: skip
    if result.cell_errors:
        sentence += " " + ngettext(
            "Begin with the cell that failed: other failures may follow from it.",
            "Begin with the cells that failed: other failures may follow from it.",
            len(result.cell_errors),
        )
    return sentence
