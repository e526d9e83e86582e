"""What a `hidden_tests.py` uses: comparisons whose failures explain themselves, and test inputs.

A hidden test is a pytest function that is given points by a mark and asks for fixtures by name:

- ``student``: ``student.conv2d(x, weight)`` calls the student's function in the sandbox;
  ``student.mutated("conv2d", x, weight)`` calls it and names the arguments it changed;
  ``student.probe("name", ...)`` runs a function of the assignment's `probes.py` beside the student's code, for a value;
  ``student.observe("name", ...)`` does so for what a hostile student could forge;
  ``student.network("name", ...)`` is a network that such a function has traced, as `autograder.examine.network` shows it;
- ``reference``: the solution script's own functions and data, ``reference.conv2d(x, weight)``;
- ``rng``: a `numpy.random.Generator`, seeded for this student and test;
- ``race``: measures speed, ``race("conv2d", make_inputs, limit=40)``.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.examine import _context
from autograder.examine.kinds import brief, kind, number_in, shape, wrong_kind
from autograder.examine.student_errors import StudentCrash, StudentError, StudentMissing, StudentTimeout
from autograder.language import N_, _, ngettext
from autograder.result import Difference
from autograder.sandbox.wire import Opaque

__all__ = ["Mismatch", "assert_matches", "assert_raises", "integers"]

_LARGEST_PICTURE = 16


class Mismatch(AssertionError):
    """The student's answer is not the expected one.

    Attributes:
        mistake: the id of the mistake in `mistakes.py` that the test has recognised, if any; its hint is shown.
        difference: the two planes to draw; the numbers are shown for public checks only.
        actual, expected: what was compared, to look for the mistake; never shown.
        problem: what is wrong, without what is compared; the whole message, where that is not known.
    """

    def __init__(
        self,
        message: str,
        *,
        mistake: str = "",
        difference: Difference | None = None,
        actual: Any = None,
        expected: Any = None,
    ) -> None:
        super().__init__(message)
        self.problem = message
        self.mistake = mistake
        self.difference = difference
        self.actual = actual
        self.expected = expected


def integers(rng: np.random.Generator, *shape: int, low: int = -9, high: int = 9) -> NDArray[np.float64]:
    """Random whole numbers from ``low`` to ``high``, both included, as float64 of the given shape.

    Sums of products of such numbers are exact, so that every wrong cell is a real mistake, whatever
    the order of summation.
    """
    return rng.integers(low, high, size=shape, endpoint=True).astype(np.float64)


def assert_matches(
    actual: Any, expected: Any, *, rtol: float = 0.0, atol: float = 1e-9, strict: bool = False, label: str = ""
) -> None:
    """Check an answer in the order type, shape, dtype, finite, inputs untouched, values; the first that fails is told.

    While a submission is graded, the test goes on after a failed comparison, so that all of its wrong answers are
    seen; it has failed all the same. Only where what is compared is neither an array nor an answer itself, such as
    an answer's shape, the test ends: what follows may rely on it. A value matches if ``|actual - expected| <= atol + rtol * |expected|``. Tuples and lists are
    checked element by element; integers, strings and booleans must be equal.

    The right numbers in another numeric dtype pass with a remark: whole numbers as float64 or int64, complex ones with nothing
    imaginary but rounding, and float32 numbers that are right to float32 precision. So that a wrong dtype costs something, but only once, one test of a question is ``strict``.

    Args:
        strict: whether the dtype and the precision must be those of ``expected``, too; for an integer array, any integer dtype,
            and for an int, an int.
        label: what is compared, if the message should say more than the call it came from.

    Raises:
        Mismatch: with a message for the student that holds no expected value.
    """
    found = _context.find(actual)
    call = found.answer.call if found and found.sure else ""
    what = (
        _("{part} of {call}", part=label, call=call) if label and call and found and found.answer.arguments else label
    )
    what = what or (found.words if found else "") or _("your answer")
    right = False
    try:
        compare(actual, expected, rtol=rtol, atol=atol, what=what, strict=strict)
        right = True
    except Mismatch as mismatch:
        if found and found.answer.changed and mismatch.difference:
            changed = ngettext(
                "{call} changed its argument {names}: work on a copy. Its answer is wrong, too: {problem}",
                "{call} changed its arguments {names}: work on a copy. Its answer is wrong, too: {problem}",
                len(found.answer.changed),
                call=call,
                names=", ".join(found.answer.changed),
                problem=mismatch.problem,
            )
            mismatch.args = (changed,)
        if not (found or isinstance(expected, np.ndarray)) or not _context.note(mismatch):
            raise
    finally:
        _context.compared(what, actual, expected, right)
        if found:
            answer, position = found.answer, found.position
            if answer.judged.get(position, True):
                answer.judged[position] = right
                answer.compared[position] = {"rtol": rtol, "atol": atol, "strict": strict}


def assert_raises(
    error: type[Exception] | tuple[type[Exception], ...], function: Callable[..., Any], *args: Any, **kwargs: Any
) -> None:
    """Check that a call of the student's function raises ``error``, or one of several.

    Raises:
        Mismatch: it returned, or raised something else.
    """
    wanted = error[0].__name__ if isinstance(error, tuple) else error.__name__
    try:
        value = function(*args, **kwargs)
    except (StudentMissing, StudentTimeout, StudentCrash):
        raise
    except error:
        return
    except StudentError as raised:
        text = _("{call} must raise {wanted}, but {summary}.", call=raised.call, wanted=wanted, summary=raised.summary)
        raise Mismatch(text) from None
    call = _context.describe(value) or _("This call")
    if _is_exception(value):
        text = _(
            "{call} must raise {wanted}, but returned {value}: write `raise` instead of `return`.",
            call=call, wanted=wanted, value=brief(value),
        )  # fmt: skip
    else:
        text = _("{call} must raise {wanted}, but returned {value}.", call=call, wanted=wanted, value=brief(value))
    raise Mismatch(text)


def _is_exception(value: Any) -> bool:
    found = getattr(builtins, value.type_name, None) if isinstance(value, Opaque) else None
    return isinstance(found, type) and issubclass(found, BaseException)


def compare(actual: Any, expected: Any, *, rtol: float, atol: float, what: str, strict: bool = False) -> None:
    """`assert_matches` without its care for the running test.

    Raises:
        Mismatch.
        ValueError: a tolerance that is no number, as one that was worked out from a strange answer.
    """
    if not (np.isfinite(rtol) and np.isfinite(atol)):
        raise ValueError(f"the tolerances {rtol} and {atol} are not finite")
    if problem := wrong_kind(actual, expected, strict=strict):
        raise _mismatch(what, problem)
    if (number := number_in(actual, expected)) is not actual:
        compare(number, expected, rtol=rtol, atol=atol, what=what)
        text = _("{what}: right, but {kind}, of which `.item()` makes a number.", what=what, kind=kind(actual))
        _context.remark(text, "tensor")
        return
    if isinstance(expected, tuple | list):
        for position, (one, other) in enumerate(zip(actual, expected, strict=True)):
            what_part = _context.part_of(position, what)
            compare(one, other, rtol=rtol, atol=atol, what=what_part, strict=strict)
    elif isinstance(expected, np.ndarray):
        _compare_arrays(np.asarray(actual), expected, rtol, atol, what, strict)
    elif isinstance(expected, float | np.floating):
        _compare_arrays(np.asarray(actual, dtype=np.float64), np.asarray(expected), rtol, atol, what, strict)
    elif isinstance(expected, bool) or expected is None:
        if actual != expected:
            holds = _("this should hold, and does not.") if expected else _("this should not hold, and does.")
            raise _mismatch(what, holds)
    elif isinstance(expected, int | np.integer):
        if actual != expected:
            size = N_("{value} is too large.") if actual > expected else N_("{value} is too small.")
            raise _mismatch(what, _(size, value=brief(actual)))
        if not isinstance(actual, int | np.integer):
            _context.remark(_("{what}: right, but not an int: {kind}.", what=what, kind=kind(actual)), "int")
    elif isinstance(expected, str):
        if actual != expected:
            raise _mismatch(what, _("{value} is not right.", value=brief(actual)))
    else:
        raise TypeError(f"assert_matches cannot compare with {type(expected).__name__}")


def _mismatch(what: str, problem: str, **rest: Any) -> Mismatch:
    made = Mismatch(_("{what}: {problem}", what=what, problem=problem), **rest)
    made.problem = problem
    return made


def _compare_arrays(
    actual: NDArray[Any], expected: NDArray[Any], rtol: float, atol: float, what: str, strict: bool
) -> None:
    def mismatch(problem: str, difference: Difference | None = None) -> Mismatch:
        return _mismatch(what, problem, difference=difference, actual=actual, expected=expected)

    if actual.shape != expected.shape:
        raise mismatch(_wrong_shape(actual, expected))
    number = expected.dtype.kind in "iuf"
    other = number and actual.dtype != expected.dtype and not {actual.dtype.kind, expected.dtype.kind} <= set("iu")
    real = actual.real if _is_real(actual) else actual
    if other and (strict or real.dtype.kind not in "iuf"):
        raise mismatch(_("the dtype is {dtype}.", dtype=_dtypes(actual, expected)))
    given, actual = actual, real
    if actual.size == 0:
        return
    if expected.dtype.kind not in "f":
        wrong = actual != expected
    else:
        unexpected = ~np.isfinite(actual) & np.isfinite(expected)
        if unexpected.any():
            kind = "nan" if np.isnan(actual[unexpected]).any() else "infinite"
            raise mismatch(_where(unexpected, kind), _difference(actual, expected, unexpected, what))
        wrong = ~np.isclose(actual.astype(np.float64), expected, rtol=rtol, atol=atol, equal_nan=True)
        if wrong.any() and expected.dtype == np.float64 and _is_float32_rounding(actual, expected, wrong):
            problem = _("right, but only to float32 precision. Compute in float64.")
            if strict:
                raise mismatch(problem)
            _context.remark(_("{what}: {problem}", what=what, problem=problem), "precision")
            return
    if wrong.any():
        if wrong.size > 1:
            problem = _where(wrong, "wrong")
        else:
            problem = _("the number is too large.") if actual > expected else _("the number is too small.")
        if other and actual.dtype.kind in "iu":
            dtype = _dtypes(given, expected)
            problem = _("{problem} And the dtype is {dtype}.", problem=problem, dtype=dtype)
        raise mismatch(problem, _difference(actual, expected, wrong, what))
    if other:
        dtype = _dtypes(given, expected)
        _context.remark(_("{what}: right, but the dtype is {dtype}.", what=what, dtype=dtype), "dtype")


def _wrong_shape(actual: NDArray[Any], expected: NDArray[Any]) -> str:
    return _("the shape is {shape}, expected {wanted}.", shape=shape(actual.shape), wanted=shape(expected.shape))


def _dtypes(actual: NDArray[Any], expected: NDArray[Any]) -> str:
    """An array's dtype and the expected one, with what to do about an array of this kind where another is expected."""
    wanted = str(expected.dtype) if expected.dtype.kind == "f" else _("whole numbers")
    match actual.dtype.kind:
        case "c":
            text = N_("{dtype}, expected {wanted}: take the real part")
        case "b":
            text = N_("{dtype}, expected {wanted}: it should hold numbers")
        case "i" | "u":
            text = N_("{dtype}, expected {wanted}: integers have no fractions")
        case _kind:
            text = N_("{dtype}, expected {wanted}")
    return _(text, dtype=actual.dtype, wanted=wanted)


def _is_real(array: NDArray[Any]) -> bool:
    """Whether complex numbers have nothing imaginary but rounding, as those of a convolution by np.fft."""
    if array.dtype.kind != "c":
        return False
    scale = np.abs(array.real[np.isfinite(array.real)]).max(initial=1.0)
    return bool((np.abs(array.imag) <= 1000 * np.finfo(array.dtype).eps * scale).all())


def _is_float32_rounding(actual: NDArray[Any], expected: NDArray[Any], wrong: NDArray[Any]) -> bool:
    """Whether float32 is all that is wrong. A whole number in place of another is no rounding, as 4194300 for 4194304, unless they are in an array, no single count, and float32 has no nearer one, as for 7e12."""
    finite = np.isfinite(expected)
    with np.errstate(over="ignore"):
        rounded = actual.astype(np.float32)
    if not finite.any() or not np.array_equal(actual, rounded, equal_nan=True):
        return False
    scale = float(np.max(np.abs(expected[finite])))
    near = np.isclose(actual.astype(np.float64), expected, rtol=0, atol=1e-5 * scale, equal_nan=True)
    whole = (np.rint(actual) == actual) & (np.rint(expected) == expected)
    if actual.ndim:
        with np.errstate(over="ignore"):
            whole &= actual != expected.astype(np.float32)
    return bool((~wrong | (near & ~whole)).all())


def _difference(actual: NDArray[Any], expected: NDArray[Any], wrong: NDArray[Any], what: str) -> Difference:
    """The first plane that differs, as rows and columns."""
    index = tuple(int(i) for i in np.argwhere(wrong)[0][:-2]) if wrong.ndim > 2 else ()
    one, other, where = (
        np.atleast_2d(array[index])[:_LARGEST_PICTURE, :_LARGEST_PICTURE].astype(float)
        for array in (actual, expected, wrong)
    )
    signs = np.where(one > other, "+", "-")
    signs[np.isclose(one, -other)] = "x"
    signs[~np.isfinite(one)] = "?"
    signs[where == 0] = "."
    return Difference(
        case=what,
        where=f"[{', '.join(map(str, index))}, :, :]" if index else "",
        signs=tuple("".join(row) for row in signs) if wrong.size > 1 else (),
        actual=one.tolist(),
        expected=other.tolist(),
    )


def _where(wrong: NDArray[Any], kind: str) -> str:
    """How many values are of this kind, and where the first is."""
    if wrong.size == 1:
        return _("the only value is NaN.") if kind == "nan" else _("the only value is infinite.")
    values = {
        "first": "[" + ", ".join(str(int(i)) for i in np.argwhere(wrong)[0]) + "]",
        "many": int(np.count_nonzero(wrong)),
        "size": wrong.size,
    }
    match kind:
        case "nan":
            return _("{many} of {size} values NaN; the first is at {first}.", **values)
        case "infinite":
            return _("{many} of {size} values infinite; the first is at {first}.", **values)
    return _("{many} of {size} values wrong; the first is at {first}.", **values)
