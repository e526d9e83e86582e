"""The grade of the course, made of final scores by the rule that `course.toml` states, and how it came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from autograder.course import FinalGrade
from autograder.course.final_grade import Group
from autograder.language import N_, _
from autograder.scores.final import MISSING, Row
from autograder.text import number


class Open(StrEnum):
    """Why nobody can tell yet what an assignment adds to a grade."""

    NOT_DUE = N_("not due yet")
    NO_DATE = N_("not handed in and without a due date")
    NOT_GRADABLE = N_("not gradable yet")


@dataclass(frozen=True)
class GroupGrade:
    """What the assignments that are weighed together come to."""

    title: str
    weight: float
    percent: float
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class Grade:
    """A student's grade of the course, of what can be told by now."""

    value: float | None
    """On the course's scale, two decimals; None while nothing that counts can be told."""
    percent: float | None
    """The same of 100, not rounded."""
    groups: tuple[GroupGrade, ...]
    bonus: Mapping[str, float]
    """Assignment -> the percent that it adds."""
    open: Mapping[str, Open]
    """Assignments that are left out so far, and why."""

    @property
    def provisional(self) -> bool:
        return bool(self.open)

    @property
    def dropped(self) -> tuple[str, ...]:
        return tuple(name for group in self.groups for name in group.dropped)


def share(row: Row, now: datetime | None = None) -> float | Open:
    """The part of an assignment's points that a student has, from 0 to 1, or why nobody can tell yet.

    What is missing is 0 once it is due; until then it is left out, as is what the grader could not judge.
    """
    if row.score is None:
        return Open.NOT_GRADABLE
    if row.status == MISSING:
        if row.due is None:
            return Open.NO_DATE
        if (now or datetime.now(UTC)) < row.due:
            return Open.NOT_DUE
    return row.score / row.max_score if row.max_score else 0.0


def grade(final: FinalGrade, shares: Mapping[str, float | Open]) -> Grade:
    """The grade that these shares of the assignments' points make.

    Each group is the weighted mean of its assignments, without those that are dropped; the grade is the weighted mean of
    the groups, and then the bonus is added. What cannot be told yet is left out, and weighs nothing. Of what can be told, as many as
    `drop_lowest` says are dropped, but never all: those whose dropping helps most. With equal weights these are the lowest ones, and
    with any weights a better score never makes a worse grade.

    Args:
        shares: assignment -> part of its points, in the course's order, which decides between equals.
    """
    groups = [made for part in final.parts if (made := _group(part, shares))]
    whole = sum(group.weight for group in groups)
    bonus = {
        name: most * known for name, most in final.bonus.items() if isinstance(known := shares[name], float) and known
    }
    counted = {name for part in final.parts for name, weight in part.weights.items() if weight and part.weight}
    left_out = {
        name: known
        for name, known in shares.items()
        if isinstance(known, Open) and (name in counted or name in final.bonus)
    }
    if not whole:
        return Grade(None, None, (), bonus, left_out)
    percent = sum(group.weight * group.percent for group in groups) / whole + sum(bonus.values())
    if final.capped:
        percent = min(percent, 100.0)
    return Grade(rounded(final.scale * percent / 100), percent, tuple(groups), bonus, left_out)


def rounded(value: float) -> float:
    """Two decimals; what lies halfway goes up, whatever binary fractions make of it."""
    return round(value + 1e-9, 2)


def in_a_sentence(final: FinalGrade, made: Grade, rows: Mapping[str, Row]) -> str:
    """How a grade came about: ``8.31 of 10: 83.1 % of 5 assignments; dropped: sizing (40 %); nothing handed in: pooling (0 %)``.

    Args:
        rows: assignment -> the student's row.
    """
    head, parts = _("no grade yet"), list[str]()
    if made.value is not None:
        head = _("{earned} of {points}", earned=number(made.value), points=number(final.scale))
        if len(made.groups) > 1 or final.groups:
            weighed = N_("{title} {percent} (weight {weight})")
            parts.append(
                ", ".join(
                    _(weighed, title=one.title, percent=_percent(one.percent), weight=number(one.weight))
                    for one in made.groups
                )
            )
        elif final.scale != 100 or made.bonus:
            parts.append(_("{percent} by the assignments' weights", percent=_percent(made.groups[0].percent)))
    if made.dropped:
        names = ", ".join(f"{name} ({_earned(rows[name])})" for name in made.dropped)
        parts.append(_("dropped: {names}", names=names))
    nothing = [
        name for name, row in rows.items()
        if row.status == MISSING and name not in made.open and name not in made.dropped
        and name in final.assignments and name not in final.bonus
    ]  # fmt: skip
    if nothing:
        parts.append(_("nothing handed in, so 0 %: {names}", names=", ".join(nothing)))
    if made.bonus:
        added = ", ".join(f"{name} +{_percent(adds)}" for name, adds in made.bonus.items())
        parts.append(_("bonus: {added}", added=added))
        if final.capped and made.percent == 100:
            parts.append(_("no more than 100 %"))
    if made.open:
        reasons: dict[Open, list[str]] = {}
        for name, why in made.open.items():
            reasons.setdefault(why, []).append(name)
        without = ", ".join(f"{', '.join(names)} ({_(why)})" for why, names in reasons.items())
        parts.append(_("provisional, without {names}", names=without))
    return ": ".join(filter(None, (head, "; ".join(parts))))


def _group(part: Group, shares: Mapping[str, float | Open]) -> GroupGrade | None:
    """None if nothing of it can be told yet, or it counts for nothing."""
    known = [
        (name, part.weights[name], value)
        for name, value in shares.items()
        if part.weights.get(name) and not isinstance(value, Open)
    ]
    if not known or not part.weight:
        return None
    kept = _best(known, max(1, len(known) - part.drop_lowest))
    names = {name for name, _, _ in kept}
    dropped = tuple(name for name, _, _ in known if name not in names)
    return GroupGrade(part.title, part.weight, 100 * _mean(kept), dropped)


def _best(known: Sequence[tuple[str, float, float]], keep: int) -> Sequence[tuple[str, float, float]]:
    """The so many whose weighted mean is highest (Dinkelbach 1967): those that lie highest above the mean, weight counted, until it rises no more."""
    kept = known[:keep]
    while True:
        mean = _mean(kept)
        better = sorted(known, key=lambda one: -one[1] * (one[2] - mean))[:keep]
        if _mean(better) <= mean + 1e-12:
            return kept
        kept = better


def _mean(known: Sequence[tuple[str, float, float]]) -> float:
    return sum(weight * value for _, weight, value in known) / sum(weight for _, weight, _ in known)


def _earned(row: Row) -> str:
    if row.status == MISSING:
        return _("nothing handed in")
    return _percent(100 * (row.score or 0) / row.max_score)


def _percent(value: float) -> str:
    return f"{number(rounded(value))} %"
