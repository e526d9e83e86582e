"""What a run has to grade: what is new or has changed, what takes longest first; and when what has not changed was handed in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from autograder.intake.passed_over import PassedOver
from autograder.notebook import Found
from autograder.result import Result, Status


class Recorded(Protocol):
    """What of a gradebook decides what is to be graded."""

    def graded(self, assignment: str) -> Mapping[str, tuple[str, str, Status]]: ...

    def latest(self, student: str, assignment: str) -> Result | None: ...

    def slowest(self) -> Mapping[str, float]: ...


@dataclass
class Plan:
    """What to do with what was found."""

    todo: list[Found] = field(default_factory=list)
    """What takes longest comes first, so that no processor waits for it at the end: who writes loops once writes them again."""
    unchanged: list[Result] = field(default_factory=list)
    """Latest results of what need not be graded again, with the times that are known now."""
    retimed: list[tuple[Result, Result]] = field(default_factory=list)
    """Those of them whose time or lateness is another than recorded, and what was."""
    earlier: list[tuple[Found, Result]] = field(default_factory=list)
    """What has a later time now than was recorded, and the result whose earlier time stays."""
    more_care: set[str] = field(default_factory=set)
    """Students whose submission has been graded in weaker isolation than now."""


def plan(assignment: str, sources: str, found: Sequence[Found], recorded: Recorded, *, full: bool, force: bool) -> Plan:
    """Decide what has to be graded.

    Args:
        sources: the assignment's fingerprint.
        full: whether it will be in full isolation.
        force: grade what has not changed, too.
    """
    before = {} if force else recorded.graded(assignment)
    done = Plan()
    for one in found:
        old = before.get(one.student)
        settled = old and old[2] is not Status.NOT_GRADABLE and not one.problem
        if not settled or not old or old[:2] != (one.fingerprint, sources):
            done.todo.append(one)
            continue
        latest = recorded.latest(one.student, assignment)
        if not latest or (full and "process" in latest.isolation):
            done.todo.append(one)
            done.more_care.add(one.student)
            continue
        if keeps_earlier_time(one, latest):
            done.earlier.append((one, latest))
        now = with_its_time(latest, one, latest)
        done.unchanged.append(now)
        if now != latest:
            done.retimed.append((now, latest))
    slowest = recorded.slowest()
    done.todo.sort(key=lambda one: -slowest.get(one.student, 0.0))
    return done


def with_its_time(result: Result, found: Found, before: Result | None) -> Result:
    """A result of what has not changed since an earlier one, with the time at which it was handed in.

    That is when it first came: a clone made today of last month's notebook is not late. What the instructor says counts whatever
    was known before, and a time that is known is not lost because a copy of the file tells none.
    """
    if before is None:
        return result
    times = [time for time in (before.submitted_at, found.submitted_at) if time is not None]
    time = found.submitted_at if found.given or not times else min(times)
    late = found.late if found.given else found.late or before.late
    return result.model_copy(update={"submitted_at": time, "late": late and time is None})


def keeps_earlier_time(found: Found, before: Result) -> bool:
    """Whether `with_its_time` passes over the time that the file has now, as it is later than one that was known and nobody has given it."""
    now, then = found.submitted_at, before.submitted_at
    return not found.given and now is not None and then is not None and now > then


def of_what_was_passed_over(
    passed_over: Iterable[PassedOver], found: Iterable[Found], graded: Collection[str]
) -> list[Found]:
    """Something in the place of a submission for students of the roster who have handed in what cannot be graded as it is.

    They are not missing. Whoever has a result, or a submission besides, needs nothing in its place.
    """
    others = {one.student for one in found} | set(graded)
    instead: dict[str, Found] = {}
    for one in passed_over:
        if one.known and one.owner not in others:
            stand_in = Found(
                one.owner,
                one.path,
                None,
                problem=one.sentence,
                hand_in_again=one.what.hand_in_again,
                language=one.language,
            )
            instead.setdefault(one.owner, stand_in)
    return list(instead.values())
