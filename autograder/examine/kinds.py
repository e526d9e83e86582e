"""Of what kind an answer is, in words, and what to do if another kind is wanted."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.language import N_, _, ngettext
from autograder.sandbox.wire import TENSORS, Opaque

_ITEM = N_("`.item()` makes a number of it, if it holds but one.")
_FUNCTIONS = ("function", "method", "builtin_function_or_method")


def wrong_kind(actual: Any, expected: Any, *, strict: bool = False) -> str:
    """What is wrong with the kind of an answer and what to do about it; empty if it can be compared with the expected one.

    How many values there are belongs to it; what they are does not, and the expected ones are not told.

    Args:
        strict: whether a float that is whole is wrong where an int is expected.
    """
    if actual is None:
        return (
            "" if expected is None else _("expected {wanted}, got None: is a return missing?", wanted=_wanted(expected))
        )
    actual = actual if strict else number_in(actual, expected)
    name = actual.type_name if isinstance(actual, Opaque) else ""
    if isinstance(expected, tuple | list):
        if isinstance(actual, tuple | list):
            if len(actual) == len(expected):
                return ""
            return ngettext(
                "expected {n} value, got {got}.", "expected {n} values, got {got}.", len(expected), got=len(actual)
            )
        wrong = True
        advice = _("return {n} values, as `return a, b` returns two.", n=len(expected))
    elif isinstance(expected, np.ndarray):
        wrong = not isinstance(actual, np.ndarray) and not (expected.shape == () and is_number(actual))
        # Of several numbers that are wanted, one is not told by its shape.
        wrong = wrong or (isinstance(actual, np.ndarray) and actual.shape == () and expected.shape != ())
        advice = _("return a numpy array.")
        if name in TENSORS:
            advice = _("`.detach().numpy()` makes a numpy array of it.")
        elif isinstance(actual, list) and _nested(actual) == expected.shape:
            advice = _("`np.array(...)` makes one of it.")
        elif isinstance(actual, list) and expected.size == 0 and depth(actual) == expected.ndim:
            # All that is known of what a public check has used up.
            advice = _("`np.array(...)` makes one of it, if its rows are of equal length.")
        elif name == "numpy array of dtype object":
            advice = _("`.astype(float)` makes an array of numbers of it, if it holds nothing else.")
        elif is_number(actual):
            advice = ""
    elif isinstance(expected, float | np.floating):
        wrong = not is_number(actual)
        one = name in TENSORS or (isinstance(actual, np.ndarray) and actual.size == 1 and actual.dtype.kind in "iuf")
        advice = _(_ITEM) if one else _("return one number.")
    elif isinstance(expected, int | np.integer) and not isinstance(expected, bool):
        whole = isinstance(actual, int | np.integer) or (
            not strict and is_number(actual) and float(actual).is_integer()
        )
        wrong = isinstance(actual, bool) or not whole
        advice = _("return a whole number.")
        if name in TENSORS:
            advice = _(_ITEM)
        elif isinstance(actual, float | np.floating):
            advice = _("`//` divides whole numbers into whole numbers, and `int(...)` makes one of a float.")
    elif isinstance(expected, bool | str) or expected is None:
        wrong = type(actual) is not type(expected) and not (isinstance(expected, bool) and isinstance(actual, np.bool_))
        advice = ""
    else:  # such as a tensor of a public check, which is compared by what the check makes of it
        wrong, advice = name in _FUNCTIONS or isinstance(actual, tuple), ""
    if not wrong:
        return ""
    if name in _FUNCTIONS:
        advice = _("is a call without its brackets `()`?")
    elif name == "ellipsis":
        advice = _("the place of `...` is to be filled in.")
    elif _begins_with(actual, expected):
        listed = isinstance(actual, list)
        if len(actual) == 1 and listed:
            advice = _("are there brackets too many, as in `return [out]`?")
        elif len(actual) == 1:
            advice = _("is there a comma too many, as in `return out,`?")
        else:
            written = "[out, cache]" if listed else "out, cache"
            advice = _("return the first alone, as in `return out` instead of `return {written}`.", written=written)
    wanted = _("an array of numbers") if name.startswith("numpy array of dtype") else _wanted(expected)
    if not advice:
        return _("expected {wanted}, got {kind}.", wanted=wanted, kind=kind(actual))
    return _("expected {wanted}, got {kind}: {advice}", wanted=wanted, kind=kind(actual), advice=advice)


def number_in(value: Any, expected: Any) -> Any:
    """The number that a tensor without axes holds, where a number is expected; anything else as it is."""
    if not is_number(expected) or not isinstance(value, Opaque) or value.number is None:
        return value
    whole = isinstance(expected, int | np.integer) and value.number.is_integer()
    return int(value.number) if whole else value.number


def depth(value: Any) -> int:
    """How many axes an array has, or would have that is made of these lists; -1 if it is nothing of numbers."""
    if isinstance(value, np.ndarray):
        return value.ndim
    if isinstance(value, list):
        return 1 + below if value and (below := depth(value[0])) >= 0 else -1
    return 0 if is_number(value) else -1


def _nested(value: Any) -> tuple[int, ...] | None:
    """The shape of the array of numbers that ``np.array`` makes of nested lists; None if they make none."""
    if isinstance(value, np.ndarray):
        return value.shape if value.dtype.kind in "biuf" else None
    if isinstance(value, list | tuple):
        shapes = {_nested(item) for item in value}
        inner = shapes.pop() if len(shapes) == 1 else None
        return None if inner is None else (len(value), *inner)
    return () if is_number(value) or isinstance(value, bool) else None


def _begins_with(actual: Any, expected: Any) -> bool:
    """Whether this is a tuple or list whose first item is of the expected kind."""
    if not isinstance(actual, list | tuple) or not actual:
        return False
    if isinstance(actual, list) and isinstance(expected, np.ndarray):  # it may hold the rows of what is expected
        return depth(actual[0]) == expected.ndim
    return not wrong_kind(actual[0], expected)


def is_number(value: Any) -> bool:
    """Whether this is one real number: a Python or numpy scalar, or an array of shape ()."""
    if isinstance(value, np.ndarray | np.generic):
        return value.shape == () and value.dtype.kind in "iuf"
    return isinstance(value, int | float) and not isinstance(value, bool)


def kind(value: Any) -> str:
    """A value in words: small ones as they are, others by type and size."""
    if value is None:
        return "None"
    if isinstance(value, Opaque):
        return _("a {type}", type=value.type_name)
    if isinstance(value, np.ndarray):
        if not value.shape:
            return _("one number, {value}", value=brief(value[()]))
        # of a large one, only its kind may be known
        return _("an array of shape {shape}", shape=shape(value.shape)) if value.size else _("an array")
    if isinstance(value, int | float | str | bool | np.generic):
        return f"{brief(value)} ({type(value).__name__})"
    if isinstance(value, tuple | list):
        return ngettext("a {type} of {n} value", "a {type} of {n} values", len(value), type=type(value).__name__)
    return _("a {type}", type=type(value).__name__)


def brief(value: Any) -> str:
    """A value in at most 60 characters."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray | Opaque):
        return kind(value)
    text = repr(value[:60] if isinstance(value, str | list | tuple) else value)
    return text if len(text) <= 60 else text[:57] + "..."


def shape(sizes: tuple[int, ...]) -> str:
    """``(2, 3)``; numpy's own ints would be shown as such."""
    return "(" + ", ".join(map(str, sizes)) + ("," if len(sizes) == 1 else "") + ")"


def _wanted(expected: Any) -> str:
    if isinstance(expected, tuple | list):
        return _("a {type} of {n}", type=type(expected).__name__, n=len(expected))
    if isinstance(expected, np.ndarray) and expected.shape:
        return _("a numpy array")
    if isinstance(expected, np.ndarray | float | np.floating):
        return _("a number")
    if expected is None:
        return "None"
    if isinstance(expected, int | np.integer) and not isinstance(expected, bool):
        return _("a whole number (int)")
    return _("a {type}", type=expected.type_name if isinstance(expected, Opaque) else type(expected).__name__)
