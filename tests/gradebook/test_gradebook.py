"""The gradebook gives back what was recorded, on SQLite and on PostgreSQL alike."""

import contextlib
import math
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from autograder.course import Assignment
from autograder.errors import GradebookError, UnstorableError
from autograder.gradebook import Gradebook
from autograder.result import CellError, Diagnosis, Difference, Outcome, Result, Status, TestResult, short_id

Sql = Callable[..., list[tuple[object, ...]]]
NOON = datetime(2026, 12, 7, 12, tzinfo=UTC)


def result(student: str = "an", assignment: str = "pooling", **values: Any) -> Result:
    test = TestResult(
        test="test_max", question="max_pool2d", title="Largest", points=60, earned=60, outcome=Outcome.PASSED
    )
    defaults: dict[str, Any] = {
        "status": Status.GRADED,
        "tests": (test,),
        "path": f"submitted/{student}.ipynb",
        "submitted_at": NOON,
        "graded_at": NOON,
        "submission_fingerprint": "s1",
        "assignment_fingerprint": "a1",
    }
    return Result(student=student, assignment=assignment, **{**defaults, **values})


texts = st.text(alphabet=st.characters(exclude_categories=()), max_size=30)  # NUL and half surrogate pairs, too
ids = st.text(alphabet=st.characters(exclude_categories=()), min_size=1, max_size=20)
numbers = st.floats(allow_nan=False)
times = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1))
zones = st.none() | st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
any_times = st.builds(lambda time, zone: time.replace(tzinfo=zone), times, zones)
planes = st.lists(st.lists(st.floats(), max_size=3), max_size=3)
test_results = st.builds(
    TestResult,
    test=texts, question=texts, title=texts, public=st.booleans(), points=numbers, earned=numbers,
    outcome=st.sampled_from(Outcome), message=texts, seconds=numbers, ratio=st.none() | numbers, limits=st.none() | st.tuples(numbers, numbers),
    difference=st.none() | st.builds(Difference, case=texts, actual=st.none() | planes, expected=planes, where=texts, signs=st.lists(texts, max_size=3).map(tuple)),
    diagnosis=st.none() | st.builds(Diagnosis, mistake=texts, function=texts, hint=texts),
)  # fmt: skip
cell_errors = st.builds(
    CellError, cell=st.integers(1, 10**6), line=st.none() | st.integers(1, 10**6), error=texts, traceback=texts
)
results = st.builds(
    Result,
    student=ids, assignment=ids, status=st.sampled_from(Status), message=texts,
    tests=st.lists(test_results, max_size=4).map(tuple), cell_errors=st.lists(cell_errors, max_size=3).map(tuple),
    path=texts, submitted_at=st.none() | any_times, graded_at=any_times, seconds=st.floats(min_value=0),
    submission_fingerprint=texts, assignment_fingerprint=texts, isolation=st.lists(texts, max_size=3).map(tuple),
)  # fmt: skip


def plain(value: Any) -> Any:
    """For comparison: NaN equals NaN, and times compare as instants with or without a zone."""
    if isinstance(value, Result):
        return plain(value.model_dump())
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


@given(result=results)
@example(result=result(message="\ue0000000 \ue000 \x00 \ud800"))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
def test_a_result_comes_back_as_it_was_recorded(gradebook: Gradebook, result: Result) -> None:
    gradebook.record(result)
    stored = gradebook.latest(result.student, result.assignment)
    assert plain(stored) == plain(result)
    assert stored is not None
    assert stored.graded_at.tzinfo is not None or result.graded_at.tzinfo is None


def test_the_newest_result_is_the_last_recorded_whatever_the_clock_said(gradebook: Gradebook) -> None:
    gradebook.record(result(message="first", graded_at=NOON))
    gradebook.record(result(message="second", graded_at=NOON - timedelta(days=1)))
    latest = gradebook.latest("an", "pooling")
    assert latest is not None
    assert latest.message == "second"
    assert [entry.message for entry in gradebook.history("an", "pooling")] == ["first", "second"]


def test_latest_results_are_one_for_each_student_and_sorted(gradebook: Gradebook) -> None:
    for student in ("chi", "an", "binh", "an"):
        gradebook.record(result(student))
    gradebook.record(result("dung", assignment="backprop"))
    assert [entry.student for entry in gradebook.latest_results("pooling")] == ["an", "binh", "chi"]
    assert gradebook.latest_results("sizing") == []
    assert gradebook.latest("an", "backprop") is None
    assert gradebook.history("an", "backprop") == []


def test_a_forced_regrade_adds_a_result_and_no_second_submission(gradebook: Gradebook, sql: Sql) -> None:
    first, again, other = (
        result(),
        result(assignment_fingerprint="a2"),
        result(submission_fingerprint="s2", submitted_at=None),
    )
    for entry in (first, again, other, other):
        gradebook.record(entry)
    assert gradebook.history("an", "pooling") == [first, again, other, other]
    assert sql("SELECT count(*) FROM submission") == [(2,)]
    assert sql("SELECT count(*) FROM result") == [(4,)]


def test_graded_tells_what_was_graded_with_what(gradebook: Gradebook) -> None:
    gradebook.record(result("an", submission_fingerprint="old"))
    gradebook.record(result("an", submission_fingerprint="new", assignment_fingerprint="a2"))
    gradebook.record(result("binh", status=Status.NOT_GRADABLE))
    assert gradebook.graded("pooling") == {
        "an": ("new", "a2", Status.GRADED),
        "binh": ("s1", "a1", Status.NOT_GRADABLE),
    }
    assert gradebook.graded("backprop") == {}


def test_outcomes_can_be_queried_as_rows(gradebook: Gradebook, sql: Sql) -> None:
    gradebook.record(result())
    joined = "test_outcome JOIN result ON result.id = result_id JOIN submission ON submission.id = submission_id"
    assert sql(f"SELECT student_id, test, earned FROM {joined}") == [("an", "test_max", 60.0)]


def test_what_was_recorded_is_there_when_the_gradebook_is_opened_again(url: sa.URL) -> None:
    with Gradebook(url) as gradebook:
        gradebook.record(result())
        with Gradebook(url) as other:
            assert other.latest("an", "pooling") == result()
    with Gradebook(url) as gradebook:
        assert gradebook.latest_results("pooling") == [result()]


def test_nan_points_are_refused_by_name(gradebook: Gradebook) -> None:
    test = result().tests[0].model_copy(update={"earned": math.nan})
    with pytest.raises(GradebookError, match=r"an, pooling: 'test_max' has points or a time that is NaN"):
        gradebook.record(result(tests=(test,)))
    assert gradebook.students() == []


def test_unknown_students_are_added_by_their_first_result(gradebook: Gradebook) -> None:
    gradebook.record(result("Đặng-Ân"))
    assert [(student.id, student.name) for student in gradebook.students()] == [("Đặng-Ân", "")]


def test_many_writers_and_readers_at_once_lose_nothing(url: sa.URL) -> None:
    faults: list[BaseException] = []

    def work(job: Callable[[Gradebook, int], object]) -> None:
        try:
            with Gradebook(url) as gradebook:  # several of them make the tables at the same moment
                for number in range(10):
                    job(gradebook, number)
        except BaseException as error:
            faults.append(error)

    def write(gradebook: Gradebook, number: int) -> None:
        gradebook.record(result(f"student{number}"))

    def read(gradebook: Gradebook, _: int) -> None:
        gradebook.latest_results("pooling")

    threads = [threading.Thread(target=work, args=(job,)) for job in (write, write, write, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with Gradebook(url) as gradebook:
        assert len(gradebook.students()) == 10
        assert [len(gradebook.history(f"student{number}", "pooling")) for number in range(10)] == [3] * 10


# Overrides


def test_overrides_are_kept_in_order_with_reason_and_author(gradebook: Gradebook, assignment: Assignment) -> None:
    gradebook.record(result())
    add: dict[str, Any] = {"student": "an", "assignment": assignment, "author": " T. Nguyễn "}
    gradebook.add_override(question="max_pool2d", score=20, reason="oral exam", **add)
    gradebook.add_override(question="max_pool2d", score=60, reason="appeal granted", **add)
    gradebook.add_override(question=None, score=0, reason="handed in twice", **add)
    kept = gradebook.overrides("pooling")
    assert [(entry.student_id, entry.question, entry.score, entry.reason, entry.author) for entry in kept] == [
        ("an", "max_pool2d", 20, "oral exam", "T. Nguyễn"),
        ("an", "max_pool2d", 60, "appeal granted", "T. Nguyễn"),
        ("an", None, 0, "handed in twice", "T. Nguyễn"),
    ]
    assert all(entry.created_at.tzinfo for entry in kept)
    assert gradebook.overrides("backprop") == []
    assert gradebook.latest("an", "pooling") == result()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"student": "ann"}, r"No student has the id 'ann'; did you mean an\?"),
        ({"student": "zoe"}, r"No student has the id 'zoe'. Known are: an, binh."),
        ({"question": "relu"}, r"pooling has no question 'relu'. It has: max_pool2d, avg_pool2d."),
        ({"score": 41}, r"A score for question 'avg_pool2d' lies between 0 and 40, not 41."),
        ({"score": -1}, r"lies between 0 and 40, not -1"),
        ({"score": math.nan}, r"lies between 0 and 40, not nan"),
        ({"question": None, "score": 100.5}, r"A score for pooling lies between 0 and 100, not 100.5."),
        ({"reason": " "}, r"needs a reason and an author"),
        ({"author": ""}, r"needs a reason and an author"),
    ],
)
def test_a_wrong_override_is_refused_and_the_valid_ones_named(
    gradebook: Gradebook, assignment: Assignment, changed: dict[str, Any], message: str
) -> None:
    gradebook.record(result("an"))
    gradebook.record(result("binh"))
    right: dict[str, Any] = {"student": "an", "question": "avg_pool2d", "score": 10, "reason": "appeal", "author": "T"}
    with pytest.raises(GradebookError, match=message):
        gradebook.add_override(assignment=assignment, **{**right, **changed})
    assert gradebook.overrides("pooling") == []


def test_in_a_large_class_only_similar_ids_are_named(gradebook: Gradebook, assignment: Assignment) -> None:
    for number in range(30):
        gradebook.record(result(f"220200{number:02}"))
    with pytest.raises(GradebookError, match=r"No student has the id '2202012'; did you mean .*22020012.*\?"):
        gradebook.add_override(
            student="2202012", assignment=assignment, question=None, score=1, reason="appeal", author="T"
        )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"tests": (result().tests[0].model_copy(update={"ratio": math.nan}),)},
        {"seconds": 10**400},
        {"format": 2**70},
    ],
    ids=["not a number", "endless", "too many digits"],
)
def test_a_result_that_no_database_can_hold_is_told_from_a_database_that_fails(
    gradebook: Gradebook, changes: dict[str, Any]
) -> None:
    with pytest.raises(UnstorableError):
        gradebook.record(result().model_copy(update=changes))
    gradebook.record(result())
    assert gradebook.latest_results("pooling") == [result()]


def test_an_id_that_is_too_long_for_a_key_is_told_from_a_database_that_fails(url: sa.URL) -> None:
    student = "".join(chr(random.Random(i).randrange(0x4E00, 0x9000)) for i in range(10_000))  # not to be compressed
    with Gradebook(url) as gradebook:
        with contextlib.suppress(UnstorableError):  # SQLite holds it
            gradebook.record(result(student))
        gradebook.record(result(short_id(student)))
        gradebook.record(result("an"))
        assert {"an", short_id(student)} <= {one.id for one in gradebook.students()}
