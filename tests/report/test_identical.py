"""Files that several students handed in alike."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest

from autograder.course import Assignment
from autograder.report.identical import identical, told
from autograder.result import Outcome, Result, Status
from tests.report.make_class import load, make_class
from tests.report.test_pages import change, everywhere

ASSIGNMENT = load()[1]


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return [one for one in make_class(ASSIGNMENT, 30) if one.status is Status.GRADED]


def alike(results: Sequence[Result], places: Sequence[int], fingerprint: str) -> list[Result]:
    return [change(one, submission_fingerprint=fingerprint) if i in places else one for i, one in enumerate(results)]


def of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_students_with_the_same_file_are_one_group_and_larger_groups_come_first(results: list[Result]) -> None:
    some = alike(alike(results, [1, 4], of(b"a")), [2, 3, 7], of(b"b"))
    ids = [one.student for one in results]
    assert identical(reversed(some), ASSIGNMENT) == [[ids[2], ids[3], ids[7]], [ids[1], ids[4]]]
    assert told(identical(some, ASSIGNMENT)) == [
        f"3 students handed in the same file: {ids[2]}, {ids[3]}, {ids[7]}.",
        f"2 students handed in the same file: {ids[1]}, {ids[4]}.",
    ]
    assert identical(results, ASSIGNMENT) == []


@pytest.mark.parametrize("name", ["conv_forward.ipynb", "conv_forward.py"])
def test_the_template_as_it_was_handed_out_is_nobodys_work(name: str, results: list[Result]) -> None:
    template = of((ASSIGNMENT.template_folder / name).read_bytes())
    assert identical(alike(results, [0, 1, 2], template), ASSIGNMENT) == []


def test_a_template_that_was_only_saved_again_is_nobodys_work(results: list[Result]) -> None:
    saved = [everywhere(one, outcome=Outcome.SKIPPED) for one in results[:2]]
    assert identical(alike(saved, [0, 1], of(b"saved")), ASSIGNMENT) == []
    wrong = [everywhere(one, outcome=Outcome.FAILED) for one in results[:2]]
    assert len(identical(alike(wrong, [0, 1], of(b"saved")), ASSIGNMENT)) == 1


def test_empty_files_and_what_is_no_file_are_nobodys_work_but_the_same_broken_file_is_told(
    results: list[Result],
) -> None:
    broken = [change(one, status=Status.UNREADABLE) for one in results[:2]]
    for fingerprint, groups in ((of(b""), 0), ("unreadable", 0), (of(b"{"), 1)):
        assert len(identical(alike(broken, [0, 1], fingerprint), ASSIGNMENT)) == groups


def test_an_assignment_without_its_template_has_groups_all_the_same(results: list[Result]) -> None:
    class Elsewhere:
        template_folder = ASSIGNMENT.template_folder / "not there"

    other: Assignment = Elsewhere()  # type: ignore[assignment]  # all that is asked of it
    assert len(identical(alike(results, [0, 1], of(b"a")), other)) == 1


def test_many_students_and_many_groups_are_counted_and_not_all_named() -> None:
    groups = [[f"{i}-{j}" for j in range(30)] for i in range(11)]
    lines = told(groups)
    assert len(lines) == 9
    assert lines[0] == "30 students handed in the same file: 0-0, 0-1, 0-2, 0-3, 0-4, 0-5, 0-6, 0-7 and 22 more."
    assert lines[-1] == "So did 3 more groups of students."
    assert told([["a\x1b[31m", "b"]]) == ["2 students handed in the same file: a, b."]
