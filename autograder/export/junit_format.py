"""JUnit XML, as Jenkins, GitLab and GitHub actions read it: one suite for each student, one case for each test."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from autograder.course import Assignment, Course
from autograder.export.exporter import Export, Exporter
from autograder.result import Outcome, Result, Status, TestResult
from autograder.scores.final import Row, in_a_sentence

_ELEMENT = {
    Outcome.FAILED: "failure",
    Outcome.ERROR: "error",
    Outcome.TIMEOUT: "error",
    Outcome.SKIPPED: "skipped",
    Outcome.NOT_GRADABLE: "skipped",
}
# XML 1.0, section 2.2: the characters that it does not have.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(export: Export) -> None:
    """Write one file. Who submitted nothing has a suite without cases; scores are the suites' properties."""
    export.save(document(export.course, export.assignment, export.rows))


def document(course: Course, assignment: Assignment, rows: Sequence[Row]) -> bytes:
    suites = [_suite(assignment, row) for row in rows]
    root = ET.Element("testsuites", name=_legal(f"{course.code} {assignment.name}"))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.set("time", _seconds(sum(row.result.seconds for row in rows if row.result)))
    root.extend(suites)
    ET.indent(root, " ")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(assignment: Assignment, row: Row) -> ET.Element:
    tests = row.result.tests if row.result else ()
    kinds = Counter(_kind(row, test) for test in tests)
    suite = ET.Element(
        "testsuite",
        name=_legal(row.student.id),
        tests=str(len(tests)),
        failures=str(kinds["failure"]),
        errors=str(kinds["error"]),
        skipped=str(kinds["skipped"]),
        time=_seconds(row.result.seconds if row.result else 0),
    )
    if row.result:
        suite.set("timestamp", row.result.graded_at.isoformat(timespec="seconds"))
    properties = ET.SubElement(suite, "properties")
    told = {
        "status": row.status, "score": row.score, "max_score": row.max_score, "explanation": in_a_sentence(row),
    }  # fmt: skip
    for name, value in told.items():
        ET.SubElement(properties, "property", name=name, value="" if value is None else _legal(str(value)))
    if row.result:
        names = _names(row.result)
        suite.extend(_case(assignment, row, test, name) for test, name in zip(tests, names, strict=True))
    return suite


def _names(result: Result) -> list[str]:
    """The tests' titles; one that a question has twice is followed by the test's own name: readers drop doubles."""
    titles = Counter((test.question, test.title) for test in result.tests)
    return [
        test.title if titles[test.question, test.title] == 1 else f"{test.title} ({test.test})" for test in result.tests
    ]


def _case(assignment: Assignment, row: Row, test: TestResult, name: str) -> ET.Element:
    # With the student in it: GitLab shows only one of several cases with the same class and name.
    where = f"{assignment.name}.{row.student.id}.{test.question}"
    case = ET.Element("testcase", classname=_legal(where), name=_legal(name), time=_seconds(test.seconds))
    if kind := _kind(row, test):
        whole = row.result.message if row.result else ""
        message = test.message.partition("\n")[0] or whole or str(test.outcome)
        message = " ".join(filter(None, (message, test.hint)))
        detail = ET.SubElement(case, kind, type=str(test.outcome), message=_legal(message))
        points = f"{test.earned:g} of {test.points:g} points"
        detail.text = _legal("\n".join(filter(None, (test.message, test.hint, points))))
    return case


def _kind(row: Row, test: TestResult) -> str:
    """The element that tells what became of a test. A file that is no notebook is an error: it has a score, 0."""
    if row.result and row.result.status is Status.UNREADABLE:
        return "error"
    return _ELEMENT.get(test.outcome, "")


def _seconds(value: float) -> str:
    return f"{value:.3f}"


def _legal(text: str) -> str:
    """Illegal characters made visible, as pytest does: ``#x07``."""
    return _ILLEGAL.sub(lambda match: f"#x{ord(match[0]):02X}", text)


EXPORTER = Exporter(write, suffix=".junit.xml")
