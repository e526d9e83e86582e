"""Where a course stands, in the terminal: for any number of students in one screen, and in full for an assignment or a student."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.course import Assignment
from autograder.gradebook import Student
from autograder.report.words import count, number, plain
from autograder.result import Status
from autograder.scores.course import Open, share
from autograder.scores.final import BY_HAND, MISSING, Row, reasons
from autograder.scores.policy import free_days_left
from autograder.status.overview import Counts, Overview, counts
from autograder.status.waiting import Waiting, for_instructor, for_students, not_due

_MOST_NAMED = 3
"""Students of one kind that the course's screen names; more are counted."""
_MOST_LISTED = 40
_LONGEST_NAME = 20
_COLUMNS = ("graded", "missing", "open", "no score", "late", "by hand")


def render_course(view: Overview) -> RenderableType:
    """A line for each assignment, then what waits for students, then what waits for the instructor."""
    course = view.course
    strangers = len(view.students) - len(view.enrolled)
    who = count(len(view.enrolled), "student") + " in the roster" if view.enrolled else "no roster"
    if strangers:
        who += f", {strangers} more in no roster" if view.enrolled else f", {count(strangers, 'student')} graded"
    parts: list[RenderableType] = [
        Text.assemble((plain(course.title), "bold"), f"  {plain(course.code)}, {plain(course.term)}: {who}")
    ]
    if not view.assignments:
        return Group(*parts, Text("It has no assignment yet."))
    table = _table("assignment", "due", *_COLUMNS)
    for one in view.assignments:
        table.add_row(_breakable(one.name), _when(one.due), *_cells(counts(view, one.name)))
    parts += [table, Text("open: not handed in, not due yet; no score: not gradable; by hand: overridden", style="dim")]  # fmt: skip
    waiting: list[RenderableType] = [
        _line(
            f"{one.name}: {_due_in(view, one)}; {'not handed in by' if _is_open(view, one) else 'an extension still runs for'} {len(those)} of {len(view.students)}"
        )
        for one in view.assignments
        if (those := not_due(view, one)) and (view.outlines.get(one.name) or one is _next(view))
    ]
    waiting += [_counted(one) for one in for_students(view)]
    parts += _section("Waiting for students", waiting)
    for_you: list[RenderableType] = [_counted(one) for one in for_instructor(view)]
    if view.weightless:
        told = f"Without a part in the grade: {', '.join(view.weightless)}. Write each of them into [final] of course.toml, 0 if it does not count"
        for_you.append(_line(told))
    parts += _section("Waiting for you", for_you)
    if not view.students:
        parts.append(Text("\nNo student is known yet: grader roster FILE.csv, or grade a submission."))
    elif not waiting and not for_you:
        parts.append(Text("\nNobody waits for anything."))
    parts.append(Text("\nWho that is: grader status ASSIGNMENT. One student: grader status STUDENT.", style="dim"))  # fmt: skip
    return Group(*parts)


def render_assignment(view: Overview, assignment: Assignment) -> RenderableType:
    """Everybody of one assignment who needs attention, by name."""
    own = counts(view, assignment.name)
    numbers = ", ".join(f"{value} {name}" for name, value in zip(_COLUMNS, _values(own), strict=True) if value)
    due = f"{_when(assignment.due)}, {_due_in(view, assignment)}" if assignment.due else "no due date"
    parts: list[RenderableType] = [
        Text.assemble((plain(assignment.title), "bold"), f"  {assignment.name}: {due}\n{numbers or 'nobody yet'}")
    ]
    for found in (for_students(view), for_instructor(view)):
        for one in found:
            if own_students := one.students.get(assignment.name):
                lines = [
                    _why(view, student, assignment) if one.tell_why else _label(student) for student in own_students
                ]
                parts.append(_listed(one.what, lines, one.command(assignment.name)))
    waiting = not_due(view, assignment)
    if waiting and len(waiting) < len(view.students):
        parts.append(_listed("Nothing handed in yet", [_label(one) for one in waiting]))
    changed = [row for row in view.rows[assignment.name].values() if row.status != MISSING and reasons(row) and row.score is not None]  # fmt: skip
    if changed:
        parts.append(_listed("Changed by lateness or by hand", [f"{_label(row.student)}: {reasons(row)}" for row in changed]))  # fmt: skip
    if len(parts) == 1:
        parts.append(Text("\nNothing here needs attention."))
    return Group(*parts)


def render_student(view: Overview, student: Student) -> RenderableType:
    """One student: every assignment, the free late days that are left, the grade of the course."""
    rows = view.of_student(student.id)
    facts = "" if student.enrolled else "in no roster"
    parts: list[RenderableType] = [Text.assemble((_label(student), "bold"), f"  {facts}" if facts else "")]
    table = _table("assignment", "due", "score", "of", right=("score", "of"))
    table.add_column("")
    for name, row in rows.items():
        score, remark = _standing(view, row)
        table.add_row(_breakable(name), _when(row.due) + ("*" if row.extended else ""), score, number(row.max_score), Text(plain(remark)))  # fmt: skip
    parts.append(table)
    if any(row.extended for row in rows.values()):
        parts.append(Text("* extended", style="dim"))
    if tokens := view.course.late.tokens:
        used = [f"{name} {row.tokens.used}" for name, row in rows.items() if row.tokens and row.tokens.used]
        left = free_days_left(view.course, rows.values())
        parts.append(Text(f"Free late days: {left} of {tokens} left" + (f"; used: {', '.join(used)}." if used else ".")))  # fmt: skip
    if why := view.why(student.id):
        parts.append(Text.assemble(("Grade of the course: ", "bold"), plain(why)))
    return Group(*parts)


def _standing(view: Overview, row: Row) -> tuple[str, str]:
    """A score as it stands, and what is to be said of it."""
    state = share(row, view.now)
    if state in (Open.NOT_DUE, Open.NO_DATE):
        return "-", str(state) if state is Open.NOT_DUE else "no due date"
    if row.status == MISSING:
        return "0", "nothing handed in"
    told = [reasons(row), "" if row.status in (Status.GRADED, BY_HAND) else row.status, *row.remarks]
    return "-" if row.score is None else number(row.score), "; ".join(one.rstrip(".") for one in told if one)


def _table(*heads: str, right: Iterable[str] = _COLUMNS) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for head in heads:
        table.add_column(head, justify="right" if head in right else "left", no_wrap=head != "assignment")
    return table


def _cells(own: Counts) -> list[Text]:
    return [Text(str(value), style="" if value else "dim") for value in _values(own)]


def _values(own: Counts) -> list[int]:
    return [own.graded, own.missing, own.open, own.no_score, own.late, own.by_hand]


def _breakable(name: str) -> Text:
    """A long name in lines that end between its words."""
    lines = [""]
    for word in name.replace("_", "_ ").split():
        if len(lines[-1]) + len(word) > _LONGEST_NAME and lines[-1]:
            lines.append("")
        lines[-1] += word
    return Text("\n".join(lines))


def _when(due: datetime | None) -> str:
    return f"{due.day} {due:%b %H:%M}" if due else "-"


def _due_in(view: Overview, assignment: Assignment) -> str:
    if assignment.due is None:
        return "without a due date"
    seconds = (assignment.due - view.now).total_seconds()
    size = abs(seconds)
    far = count(round(size / 86400), "day") if size > 36 * 3600 else count(max(1, round(size / 3600)), "hour")
    return f"due in {far}" if seconds > 0 else f"was due {far} ago"


def _is_open(view: Overview, assignment: Assignment) -> bool:
    return assignment.due is None or assignment.due > view.now


def _next(view: Overview) -> Assignment | None:
    """What is due next."""
    return next((one for one in view.assignments if one.due and one.due > view.now), None)


def _section(title: str, parts: Sequence[RenderableType]) -> list[RenderableType]:
    return [Text(f"\n{title}", style="bold"), *parts] if parts else []


def _line(text: str) -> RenderableType:
    return Padding(Text(f"{plain(text)}."), (0, 0, 0, 2))


def _counted(one: Waiting) -> RenderableType:
    """A kind of thing in a line: few students by name, many by number."""
    whole = [student for those in one.students.values() for student in those]
    if len(whole) <= _MOST_NAMED or "" in one.students:
        told = "; ".join(
            ", ".join(_label(student) for student in those[:_MOST_NAMED]) + (f" in {name}" if name else "")
            for name, those in one.students.items()
        )
        told += f" and {len(whole) - _MOST_NAMED} more" if len(whole) > _MOST_NAMED else ""
    else:
        told = ", ".join(f"{name} {len(those)}" for name, those in one.students.items())
    text = Text(f"{one.what}: {plain(told)}.")
    if command := one.command(next(iter(one.students))):
        others = " (and so for the others)" if len(one.students) > 1 else ""
        text.append(f"\n  {plain(command)}{others}", style="cyan")
    return Padding(text, (0, 0, 0, 2))


def _listed(what: str, lines: Sequence[str], command: str = "") -> RenderableType:
    parts: list[RenderableType] = [Text(f"\n{what} ({len(lines)})", style="bold")]
    parts += [Padding(Text(plain(" ".join(line.split()))), (0, 0, 0, 2)) for line in lines[:_MOST_LISTED]]
    if len(lines) > _MOST_LISTED:
        told = f"and {len(lines) - _MOST_LISTED} more: `grader export` has all of them"
        parts.append(Padding(Text(told, style="dim"), (0, 0, 0, 2)))
    if command:
        parts.append(Padding(Text(plain(command), style="cyan"), (0, 0, 0, 2)))
    return Group(*parts)


def _why(view: Overview, student: Student, assignment: Assignment) -> str:
    """A student, and why there is no score."""
    newest = view.outlines.get(assignment.name, {}).get(student.id)
    return f"{_label(student)}: {newest.message}" if newest and newest.message else _label(student)


def _label(student: Student) -> str:
    return f"{plain(student.name)} ({plain(student.id)})" if student.name else plain(student.id)
