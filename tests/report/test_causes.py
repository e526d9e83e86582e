"""Why a class lost points, each cause once."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.report.causes import FAILED_CELL, Cause, causes
from autograder.result import CellError, Outcome, Result, Status
from tests.report.test_statistics import E, F, N, P, by, outcomes, result

T, S = Outcome.TIMEOUT, Outcome.SKIPPED
STOPPED = "ran longer than 5 seconds and was stopped"
BROADCAST = "ValueError: operands could not be broadcast together with shapes"


def said(message: str, **values: Any) -> dict[str, Any]:
    return {"message": message, **values}


def cell(error: str) -> tuple[CellError, ...]:
    return (CellError(cell=2, error=error),)


def found(*results: Result, functions: tuple[str, ...] = ("conv2d", "conv2d_naive", "pool")) -> list[Cause]:
    return causes(results, functions)


def facts(cause: Cause) -> tuple[str, list[str], list[str], list[str]]:
    return cause.text, cause.kinds, cause.questions, [one.student for one in cause.students]


def test_one_cause_in_several_tests_questions_and_wordings_is_one_line_and_a_student_counts_once() -> None:
    (cause,) = found(
        result("s1", outcomes(F, F, F), test_a=said("A with V: 3 of 16 values wrong; the first is at [0, 2].\nmore"),
               test_b=said("conv2d(x 1x3x4x6, weight 2x3x2x2): 12 of 30 values wrong; the first is at [1, 2, 0, 0]."),
               test_c=said("stride 2: grad_input: 3 of 16 values wrong; the first is at [0, 2].")),
        result("s2", outcomes(P, P, F), test_c=said("grad_input of pool(x 2x2, layers [('conv', 27, (5, 1..., shape (1, 3)): 3 of 16 values wrong; the first is at [0, 2].")),
    )  # fmt: skip
    assert facts(cause) == ("3 of 16 values wrong; the first is at [0, 2].", ["failed"], ["one", "two"], ["s1", "s2"])


def test_an_error_is_one_cause_in_a_cell_a_check_and_a_hidden_call() -> None:
    (cause,) = found(
        result("s1", outcomes(E, P, P), test_a=said(f"conv2d(x 1x3x4x6, name 'a(b') raised {BROADCAST} (2,3) (2,5)")),
        result("s2", outcomes(P, P, E), test_c=said(f"A with V, 'same' raised {BROADCAST} (4,3,7) (1,)")),
        result("s3", outcomes(P, P, P), cell_errors=cell(f"{BROADCAST} (2,3,7,5) (2,3,7,0) ")),
    )
    assert cause.kinds == ["error", FAILED_CELL]
    assert [one.student for one in cause.students] == ["s1", "s2", "s3"]
    assert cause.text.startswith(BROADCAST)


def test_an_error_cut_for_a_hidden_call_is_the_one_that_a_public_check_tells_whole() -> None:
    whole = f"RuntimeError: {'the same words again and ' * 8}"
    both = [
        result("s1", outcomes(E, P, P), test_a=said(f"check raised {whole}")),
        result("s2", outcomes(E, P, P), test_a=said(f"conv2d(x 2x2) raised {whole[:113]} ...")),
    ]
    assert len(found(*both)) == 1


def test_errors_of_different_kinds_or_about_different_names_are_different_causes() -> None:
    errors = ["NameError: name 'x1' is not defined", "NameError: name 'x2' is not defined", "TypeError: 'x' is 3"]
    assert len(found(*(result(f"s{i}", {}, cell_errors=cell(error)) for i, error in enumerate(errors)))) == 3


def test_the_function_that_an_error_is_about_does_not_matter() -> None:
    (cause,) = found(
        result("s1", outcomes(S, P, S), test_a=said("Not run: conv2d is not defined in the notebook."),
               test_c=said("Not run: conv2d_naive is not defined in the notebook.")),
        result("s2", outcomes(P, P, S), test_c=said("Not run: conv2d is not defined in the notebook.")),
    )  # fmt: skip
    assert facts(cause)[1:] == (["skipped"], ["one", "two"], ["s1", "s2"])
    assert cause.text == "Not run: conv2d is not defined in the notebook."


@pytest.mark.parametrize(
    ("first", "skipped"),
    [
        (
            "conv2d(x 1x1) raised SyntaxError: invalid syntax",
            "Not run: conv2d is not defined in the notebook: the cell that should define it failed (SyntaxError: invalid syntax).",
        ),
        (
            f"conv2d(x 1x1) {STOPPED}.",
            f"conv2d(x 1x3x4x6) was not run, because in 2 calls before it {STOPPED}.",
        ),
        (
            "conv2d(x 1x1) raised TypeError: no",
            "The same TypeError as in “test_a”, line 21 of the cell that defines `pad2d`.",
        ),
    ],
)
def test_what_follows_from_a_failed_test_of_any_question_is_no_cause_of_its_own(first: str, skipped: str) -> None:
    (cause,) = found(result("s1", outcomes(E, P, S), test_a=said(first), test_c=said(skipped)))
    assert facts(cause)[1:] == (["error"], ["one"], ["s1"])


def test_what_follows_from_a_failed_cell_is_no_cause_of_its_own() -> None:
    message = "Not run: conv2d is not defined in the notebook: the cell that should define it failed (SyntaxError: no)."
    (cause,) = found(result("s1", outcomes(S, P, S), test_a=said(message), cell_errors=cell("SyntaxError: no")))
    assert facts(cause) == ("SyntaxError: no", [FAILED_CELL], [], ["s1"])


def test_a_function_that_hangs_in_a_cell_in_a_check_and_in_a_call_is_one_cause() -> None:
    one = result(
        "s1", outcomes(T, T, P), test_a=said(f"This check {STOPPED}."), test_b=said(f"conv2d(x 3x3) {STOPPED}."),
        cell_errors=cell(f"{STOPPED.replace('5', '10')}; grading went on without it"),
    )  # fmt: skip
    (cause,) = found(one)
    assert facts(cause) == (f"{STOPPED}.", ["timeout", FAILED_CELL], ["one"], ["s1"])


def test_what_is_told_elsewhere_or_was_not_judged_is_left_out() -> None:
    told = [
        result("s1", outcomes(F, S, P), test_a=said("f: 3 of 16 values wrong.", **by("turned")),
               test_b=said("An error is raised here, as it should be.")),
        result("s2", outcomes(P, P, F), test_c=said("Speed is measured once the answers are right.", limits=(4.0, 8.0))),
        result("s3", outcomes(N, P, P), status=Status.NOT_GRADABLE, test_a=said("This test itself failed.")),
        result("s4", outcomes(P, F, P), test_a=said("right, but only to float32 precision"), test_b=said("  ")),
    ]  # fmt: skip
    assert found(*told) == []


def test_one_cause_told_in_several_languages_is_one_line() -> None:
    english = "grad_input: 3 of 16 values wrong; the first is at [0, 2]."
    (cause,) = found(
        result("s1", outcomes(F, P, P), test_a=said(english)),
        result("s2", outcomes(P, P, F), test_c=said("grad_input: 3 trong 16 giá trị sai.", english=english)),
        result("s3", outcomes(P, P, F), test_c=said("grad_input: 9 trong 16 giá trị sai.", english=english)),
        result("s4", outcomes(P, P, F), test_c=said("grad_input: 9 trong 16 giá trị sai.", english=english)),
    )
    assert facts(cause) == ("9 trong 16 giá trị sai.", ["failed"], ["one", "two"], ["s1", "s2", "s3", "s4"])


def test_the_cause_of_most_students_comes_first_in_its_most_frequent_wording() -> None:
    def slow(student: str, times: int) -> Result:
        return result(student, outcomes(P, P, F), test_c=said(f"Your pool takes {times} times as long.", ratio=9.0))

    others = [result("s0", {}, cell_errors=cell("SystemExit"))]
    first, second = found(*others, slow("s1", 7), slow("s2", 9), slow("s3", 9))
    assert (first.text, len(first.students), second.text) == ("Your pool takes 9 times as long.", 3, "SystemExit")
