"""Every cause told once, and no test lost."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from autograder.report.feedback import feedback
from autograder.result import Diagnosis, Difference, Outcome, Result, Status, TestResult
from tests.report.make_class import START

HINTS = st.sampled_from(
    [Diagnosis(mistake="turned", hint="a"), Diagnosis(hint="b"), Diagnosis(mistake="c", function="f", hint="d")]
)
DRAWN = st.none() | st.just(Difference(case="", signs=("+-",)))
TESTS = st.builds(
    TestResult,
    test=st.uuids().map(str),
    question=st.sampled_from(["one", "two"]),
    title=st.sampled_from(["title", "other title"]),
    public=st.booleans(),
    points=st.just(2.0),
    earned=st.sampled_from([0.0, 1.0]),
    outcome=st.sampled_from(Outcome),
    message=st.sampled_from(["", " ", "a reason", "f(1, (2)) was not run, because", "f(3) was not run, because"]),
    diagnosis=st.none() | HINTS,
    difference=DRAWN,
    limits=st.none() | st.just((40.0, 80.0)),
)


@given(st.lists(TESTS, max_size=25))
def test_every_test_has_its_place_and_every_cause_is_told_once(tests: list[TestResult]) -> None:
    result = Result(
        student="s", assignment="x", status=Status.GRADED, tests=tuple(tests), path="x", graded_at=START,
        submission_fingerprint="0", assignment_fingerprint="0",
    )  # fmt: skip
    questions = feedback(result)
    assert [entry.question for entry in questions] == list(result.by_question())
    for entry in questions:
        mine = [test for test in tests if test.question == entry.question]
        items = [item for row in entry.rows for item in row.items]
        assert Counter(item.test.test for item in items) == Counter(test.test for test in mine)
        assert (sum(row.earned for row in entry.rows), sum(row.points for row in entry.rows)) == result.by_question()[
            entry.question
        ]
        for row in entry.rows:
            assert row.items
            assert len(row.items) == 1 or all(item.test.outcome is Outcome.SKIPPED for item in row.items)
        reasons = [row.reason for row in entry.rows if row.reason]
        assert len(reasons) == len(set(reasons))
        assert "f was not run, because" in reasons or not any(
            test.outcome is Outcome.SKIPPED and "was not run" in test.message for test in mine
        )
        counts = Counter(test.diagnosis for test in mine if test.diagnosis)
        assert {cause.diagnosis: cause.explained for cause in entry.causes} == {
            diagnosis: many for diagnosis, many in counts.items() if many > 1
        }
        assert [cause.explained for cause in entry.causes] == sorted((c.explained for c in entry.causes), reverse=True)
        for cause in entry.causes:
            assert 2 <= cause.explained <= cause.failed
            told = [item for item in items if item.cause is cause]
            assert {item.test.diagnosis for item in told} == {cause.diagnosis}
            drawing = [item for row in entry.rows for item in row.items if item.cause is cause and item.map]
            assert sum(item.first for item in drawing) == bool(drawing)
        for item in items:
            assert (item.diagnosis is None) == (item.test.diagnosis is None or item.cause is not None)
