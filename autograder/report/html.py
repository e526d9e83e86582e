"""The HTML report: one self-contained file for the class and one for each student."""

from __future__ import annotations

import base64
import hashlib
import math
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup

from autograder.course import Assignment, Course
from autograder.course.moments import MONTHS
from autograder.files import write_whole
from autograder.language import N_, _, language, ngettext, speaking
from autograder.overwrite import refuse_another, refuse_another_folder, refuse_another_kind_of_place
from autograder.people.file_names import to_file_name
from autograder.report import statistics, words
from autograder.report.causes import causes
from autograder.report.feedback import feedback
from autograder.report.identical import identical
from autograder.result import Outcome, Result, Status, TestResult
from autograder.scores.final import MISSING, Row, language_of, reasons
from autograder.scores.policy import free_days

if TYPE_CHECKING:
    from jinja2 import Environment

_SLOWEST = 8
_MOST_CAUSES = 12
_MOST_MISTAKES = 6
_MOST_NAMED = 6
_HOLDS = ("index.html", "students/*.html")
"""What is in the folder of a report."""


def write_report(
    *,
    course: Course,
    assignment: Assignment,
    rows: Sequence[Row],
    to: Path,
    force: bool = False,
    dry_run: bool = False,
) -> list[Path]:
    """Write `index.html` for the class and `students/<student>.html` for each student into the folder ``to``.

    Args:
        rows: the final scores, one row for each student; who has handed in nothing has no page, unless points were given by hand.
        force: write where other things lie, and replace an `index.html` of another kind.
        dry_run: only refuse what would be refused.

    Returns:
        The files written, the class's first.

    Raises:
        ValueError: two rows are of the same student.
        GraderError: a file cannot be written, or is of another kind; or other things lie in the folder.
    """
    twice = [student for student, times in Counter(row.student.id for row in rows).items() if times > 1]
    if twice:
        raise ValueError(f"two results of the student '{twice[0]}'; a report shows one of each")
    with speaking(course.language):
        class_page = _class_page(course, assignment, rows)
    if not force:
        refuse_another_kind_of_place(to, folder=True, what="a report")
        refuse_another(to / "index.html", class_page.encode())
        refuse_another_folder(to, _HOLDS)
    if dry_run:
        return []
    pages = [write_whole(to / "index.html", class_page.encode())]
    for row in rows:
        if row.status != MISSING:
            page = student_page(course=course, assignment=assignment, row=row)
            pages.append(write_whole(to / "students" / student_file_name(row.student.id), page.encode()))
    return pages


def student_file_name(student: str) -> str:
    """The name of a student's page."""
    return f"{to_file_name(student)}.html"


@dataclass(frozen=True)
class _Person:
    """One line of the class."""

    row: Row
    link: str = ""

    @property
    def student(self) -> str:
        return self.row.student.id

    @property
    def name(self) -> str:
        return self.row.student.name

    @property
    def result(self) -> Result | None:
        return self.row.result

    @property
    def label(self) -> str:
        return f"{self.name} ({self.student})" if self.name else self.student

    @property
    def status(self) -> str:
        return self.row.status

    @property
    def remarks(self) -> list[str]:
        """How the final score came about, where it is not simply what was graded; what else is to be said of the submission."""
        found = [reasons(self.row), _("handed in: time unknown") if words.time_unknown(self.row) else ""]
        if self.result:
            cells = len(self.result.cell_errors)
            found += [self.result.message, ngettext("{n} failed cell", "{n} failed cells", cells) if cells else ""]
        return list(filter(None, found))

    @property
    def judged(self) -> bool:
        """Whether there are outcomes of tests: of a file that cannot be read there are none."""
        return self.result is not None and (self.result.status is Status.GRADED or self.result.partial)

    @property
    def hand_in_again(self) -> bool:
        """Whether what they handed in cannot be graded as it is."""
        return self.result is not None and self.result.hand_in_again

    @property
    def outcomes(self) -> dict[str, TestResult]:
        return {test.test: test for test in self.result.tests} if self.result else {}


def _class_page(course: Course, assignment: Assignment, rows: Sequence[Row]) -> str:
    ordered = sorted(rows, key=lambda row: row.student.id)
    people = {
        row.student.id: _Person(row, f"students/{quote(student_file_name(row.student.id))}")
        for row in ordered
        if row.status != MISSING
    }
    absent = [_Person(row) for row in ordered if row.status == MISSING]
    waiting = [one for one in people.values() if not one.row.by_hand]
    names = {row.student.id: row.student.name for row in rows if row.student.name}
    bearers = Counter(names.values())
    results = [row.result for row in rows if row.result]
    scores = [row.score for row in rows if row.counts and row.score is not None]
    graded = statistics.graded(results)
    races = statistics.races(results)
    functions = {name: entry.id for entry in assignment.questions for name in entry.names}
    found_causes = causes(results, functions)
    questions = statistics.by_question(results)
    tests = statistics.by_test(results)
    found = statistics.mistakes(results, functions)
    return _render(
        "class.html.j2",
        course=course,
        assignment=assignment,
        titles=_titles(assignment),
        names=names,
        namesakes={student for student, name in names.items() if bearers[name] > 1},
        when=max((result.graded_at for result in results), default=None),
        people=list(people.values()),
        absent=absent,
        person=people,
        statuses=Counter(row.status for row in rows),
        faults=[one for one in waiting if one.status == Status.NOT_GRADABLE and not one.hand_in_again],
        again=[one for one in waiting if one.hand_in_again],
        unreadable=[one for one in waiting if one.status == Status.UNREADABLE],
        alike=identical(results, assignment),
        spread=statistics.spread(scores),
        bins=statistics.histogram(scores, assignment.points),
        questions=questions,
        hardest=min(questions, key=lambda row: row.share, default=None),
        tests=tests,
        noteworthy=statistics.noteworthy(tests),
        fewest=statistics.FEWEST,
        mistakes=[one for one in found if one.mistake],
        patterns=[one for one in found if not one.mistake],
        most_mistakes=_MOST_MISTAKES,
        erring=len({result.student for one in found if one.mistake for result in one.students}),
        imperfect=sum(result.score < result.max_score for result in graded),
        # Lowest first, so that failures stand beside the titles.
        columns=sorted(
            (one for one in people.values() if one.judged), key=lambda one: one.result.score if one.result else 0
        ),
        races=[(race, *_race_axis(race)) for race in races],
        slowest=statistics.slowest(results, _SLOWEST),
        causes=found_causes[:_MOST_CAUSES],
        more_causes=max(0, len(found_causes) - _MOST_CAUSES),
        most_named=_MOST_NAMED,
    )


def student_page(*, course: Course, assignment: Assignment, row: Row) -> str:
    """The page of one student who has handed in something, or has points all the same."""
    with speaking(language_of(row.student, course)):
        return _student_page(course, assignment, row)


def _student_page(course: Course, assignment: Assignment, row: Row) -> str:
    result = row.result
    titles = _titles(assignment)
    by_hand = {entry.question: entry.score for entry in row.overrides}
    return _render(
        "student.html.j2",
        course=course,
        assignment=assignment,
        result=result,
        row=row,
        reasons=reasons(row),
        free_days=free_days(row),
        name=row.student.name,
        due=row.due,
        summary=words.summary(result, titles, by_hand=row.by_hand) if result else "",
        titles=titles,
        questions=feedback(result) if result else (),
        totals={
            question: (by_hand.get(question, earned), points)
            for question, (earned, points) in (result.by_question() if result else {}).items()
        },
        file=PurePosixPath(PureWindowsPath(result.path).as_posix()).name if result else "",
    )


def _titles(assignment: Assignment) -> dict[str, str]:
    return {question.id: question.title for question in assignment.questions}


def _race_axis(
    race: statistics.RaceStatistics,
) -> tuple[list[dict[str, Any]], list[tuple[float, float]], list[tuple[float, str, float]]]:
    """Dots, ticks and limit lines of a race, each with its place from 0 to 100 on a logarithmic axis."""
    low, high, ticks = statistics.log_axis([ratio for _, _, ratio in race.entries] + list(race.limits or ()))

    def place(value: float) -> float:
        return round(100 * math.log(value / low) / math.log(high / low), 2)

    # The golden ratio's multiples spread neighbours apart, without chance.
    dots = [
        {"x": place(ratio), "y": round((i * 0.618034) % 1, 3), "student": result.student, "test": test, "ratio": ratio}
        for i, (result, test, ratio) in enumerate(race.entries)
    ]
    lines = [
        (place(value), label, value)
        for value, label in zip(race.limits or (), (N_("all points"), N_("half")), strict=False)
    ]
    return dots, [(place(tick), tick) for tick in ticks], lines


# How templates write


def _finalize(value: Any) -> Any:
    """Every string that a template prints, but markup of its own, is made harmless first; autoescape comes after."""
    return words.plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _local(moment: datetime, zone: tzinfo | None) -> str:
    """``7 December 2026, 23:59 UTC+07:00``, in the zone of the assignment's due date."""
    local = moment.astimezone(zone or UTC)
    month = _(MONTHS[local.month - 1])
    text = N_("{day} {month} {year}, {time} {zone}")
    name = local.tzname() or ""
    # Zones without letters of their own are called by their offset alone, as Asia/Ho_Chi_Minh is: `+07`.
    zone_name = str(timezone(local.utcoffset() or timedelta())) if name.startswith(("+", "-")) else name
    return _(text, day=local.day, month=month, year=local.year, time=f"{local:%H:%M}", zone=zone_name)


@cache
def _environment() -> Environment:
    from jinja2 import (
        Environment,
        PackageLoader,
        StrictUndefined,
    )  # 40 ms, which the terminal's tables need not wait for

    environment = Environment(
        loader=PackageLoader("autograder.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    loader = environment.loader
    assert loader is not None
    script = loader.get_source(environment, "class.js")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment.globals.update(
        _=_,
        ngettext=ngettext,
        language=language,
        Outcome=Outcome,
        Status=Status,
        signs=words.SIGNS,
        meanings=words.MEANINGS,
        status_meanings=words.STATUSES,
        map_signs=words.MAP_SIGNS,
        style=Markup(loader.get_source(environment, "style.css")[0]),  # our own file
        script=Markup(script),  # our own file
        script_hash=f"sha256-{digest}",
    )
    environment.filters.update(
        number=words.number,
        duration=words.duration,
        count=words.count,
        local=_local,
        shown=words.shown,
        dedent=textwrap.dedent,
        percent=_percent,
        signed=_signed,
        in_words=words.in_words,
        slow_parts=words.slow_parts,
        time_unknown=words.time_unknown,
    )
    return environment


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _signed(value: float) -> str:
    """Two decimals, with a real minus sign."""
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "−")


def _render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(values)
