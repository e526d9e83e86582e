"""Whose each submission of a download is, when it came, and which of several counts."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from autograder.intake.delivery import Delivery
from autograder.intake.task import Imported, Task
from autograder.people.columns import GIVEN
from autograder.people.file_names import to_file_name
from autograder.people.match import Found, Roster, plain
from autograder.people.person import Ids, Person

_MOST_NAME = 150
"""Bytes of a folder's name."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Claim:
    """A delivery that may count for a student."""

    student: str
    delivery: Delivery
    certain: bool
    """Whether an id says so that the student has not chosen; else it is a display name or a login, or can be read in another way."""


def claims_of(
    deliveries: Sequence[Delivery], roster: Roster, left: Roster, done: Imported, *, anyone: bool
) -> dict[str, list[Claim]]:
    """Folder's name -> what may count for the student, sorted by student.

    Args:
        left: those who have left the class.
        anyone: who is nobody in the roster counts under their own id.
    """
    claims: list[Claim] = []
    groups: list[Delivery] = []
    for delivery in deliveries:
        if delivery.others:
            claims += _read_several_ways(delivery, roster, done)
            continue
        problems = []
        for person in delivery.people:
            found = roster.find(person)
            if not found.students and not found.maybe and anyone and (own := _own_id(person, roster)):
                found = Found((own,))
            claims += [Claim(student, delivery, found.certain) for student in found.students]
            gone = left.find(person).students if left.known and not found.students and not found.maybe else ()
            if len(gone) == 1:
                done.left.append(f"{gone[0]}: {delivery.place or person.label}")
            elif found.problem and not found.students:
                problems.append(_nobody(person, found, delivery, roster))
            done.maybe.update(found.maybe)
            if len(found.students) == 1 and found.certain:
                _learn(found.students[0], found.by, person, done)
        if not delivery.people:
            problems = [f"{delivery.place}: names nobody who handed it in"]
        if problems and roster.section(delivery.group):
            groups.append(delivery)
        else:
            done.unmatched += problems
    claims += _of_groups(groups, claims, roster, done)
    by_folder: dict[str, list[Claim]] = {}
    for claim in sorted(claims, key=lambda one: one.student):
        folder = to_file_name(claim.student)
        if len(folder.encode("utf-8", "surrogatepass")) > _MOST_NAME:
            done.unmatched.append(f"{claim.student[:60]}...: is too long for an id")
            continue
        by_folder.setdefault(unicodedata.normalize("NFC", folder).casefold(), []).append(claim)
    return by_folder


def _own_id(person: Person, roster: Roster) -> str:
    """The id of somebody who is in no roster; none if it is somebody's there."""
    own = next(iter(person.ids), "")
    return own if own and roster.by_id(own) is None else ""


def _nobody(person: Person, found: Found, delivery: Delivery, roster: Roster) -> str:
    """That it is not clear whose something is, and who may be meant."""
    told = found.problem if person.label != "unknown" else f"{delivery.place}: {found.problem}"
    if found.maybe:
        return told
    ids = person.ids[:3] if person.kind in (Ids.ROSTER, Ids.LOGIN) else ()  # a system's number is like others by chance
    close = [one for value in (*ids, person.name) if value for one in roster.likeliest(value)]
    return f"{told}{f'; likeliest {chr(39)}{close[0]}{chr(39)}' if close else ''}"


def _learn(student: str, by: str, person: Person, done: Imported) -> None:
    """Note the ids by which a system knows a student, so that they are known the next time."""
    value = by or (person.ids[0] if len(person.ids) == 1 else "")
    if len(person.kinds) == 1 and value:
        done.ids.setdefault(student, set()).add((person.kinds[0], value))


def keep_given(given: Mapping[str, str], deliveries: Sequence[Delivery], roster: Roster, done: Imported) -> None:
    """Note the ids that are given by hand, each as of the kind that the download has it, so that they are known the next time.

    Args:
        given: id -> student.
    """
    everybody = [person for one in deliveries for way in (one, *one.others) for person in way.people]
    kinds: dict[str, set[tuple[str, ...]]] = {}
    for person in everybody:
        for value in person.ids:
            kinds.setdefault(plain(value), set()).add(person.kinds)
    usual = {person.kinds for person in everybody}
    for value, student in given.items():
        (kind, *others) = (
            next(iter(those)) or (GIVEN,) if len(those := kinds.get(plain(value), usual)) == 1 else (GIVEN,)
        )
        done.ids.setdefault(student, set()).add((GIVEN if others else kind, value))


def _read_several_ways(delivery: Delivery, roster: Roster, done: Imported) -> list[Claim]:
    """A name that can be read in several ways counts if just one of them leads to somebody in the roster."""
    ways = [replace(delivery, others=()), *delivery.others]
    found = [(way, one) for way in ways if (one := roster.find(way.people[0])).students]
    if roster.known and len(found) == 1:
        ((way, one),) = found
        return [Claim(one.students[0], way, one.certain)]
    people = " or ".join(f"{way.people[0].label} ({way.people[0].ids[0]})" for way in ways[:4])
    done.unmatched.append(
        f"{delivery.place}: its name can be read as of {people}. See in {done.system} whose it is, and rename it in the unpacked download."
    )
    return []


def _of_groups(groups: Sequence[Delivery], claims: Sequence[Claim], roster: Roster, done: Imported) -> list[Claim]:
    """Who is called like a section counts for all of it, unless somebody of it has handed in themselves: names can be chosen."""
    own = {claim.student for claim in claims}
    found = []
    for delivery in groups:
        members = roster.section(delivery.group)
        if own & set(members):
            there = ", ".join(sorted(own & set(members))[:4])
            done.unmatched.append(
                f"{delivery.place}: is called like the section {delivery.group}, of which {there} handed in alone"
            )
            continue
        found += [Claim(student, delivery, False) for student in members]
    return found


def settle(claims: list[Claim], task: Task, times: Mapping[str, datetime], done: Imported) -> Claim | None:
    """The newest of one sender's; none if there are several senders. What an id says is not questioned by a mere name."""
    certain = [claim for claim in claims if claim.certain]
    for claim in claims:
        if certain and not claim.certain:
            done.unmatched.append(
                f"{claim.delivery.place}: is called like {claim.student}, whose own submission is another one"
            )
    claims = certain or claims
    if len({claim.delivery.sender for claim in claims}) > 1:
        places = list(dict.fromkeys(claim.delivery.place for claim in claims))
        folder = task.to / "submitted" / to_file_name(claims[0].student) / task.assignment.name
        there = f" {folder} is as an earlier import left it." if folder.is_dir() else ""
        done.conflicts.append(
            f"{claims[0].student}: {'; and '.join(places[:6])}{' and more' if len(places) > 6 else ''}. See in {done.system} who they are, take "
            f"those that are of others out of the download (unpack it), and import the folder.{there}"
        )
        return None
    when = {id(claim): when_of(claim, task, times, [])[0] for claim in claims}
    claims.sort(key=lambda claim: when[id(claim)] or _NEVER)
    done.older += [f"{claim.student}, {told(when[id(claim)])}" for claim in claims[:-1]]
    return claims[-1]


def when_of(
    claim: Claim, task: Task, times: Mapping[str, datetime], remarks: list[str]
) -> tuple[datetime | None, bool]:
    """When it was handed in, if anything says so; and whether the system's own word is that it is late, without a time.

    No date of a student's counts, nor that of a download.
    """
    delivery, due = claim.delivery, task.due(claim.student)
    given = times.get(claim.student)
    when = given or delivery.submitted_at
    if when is None and delivery.between:
        without, had = delivery.between
        if due is None or had <= due:
            when = had
        elif without and without > due:
            when = without
            remarks.append(f"came between {told(without)} and {told(had)}: the earlier of these counts.")
        else:
            remarks.append(
                f"came onto this computer at {told(had)}, after the due date, and nothing says when it was pushed, so it counts as on time. "
                "Clone at the due date, or give times with --times FILE.csv."
            )
    elif when is None and delivery.late:
        remarks.append(
            "is called LATE, and nothing says by how much, so it counts as one day late. Give its time with --times FILE.csv."
        )
    elif when and delivery.late and due and when <= due:
        remarks.append(f"is called LATE, but its time, {told(when)}, is not after the due date: it counts as on time.")
    return when, delivery.late and when is None


def told(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d %H:%M %z}" if when else "at an unknown time"
