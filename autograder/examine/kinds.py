"""Of what kind an answer is, in words, and what to do if another kind is wanted."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.sandbox.wire import TENSORS, Opaque

_FUNCTIONS = ("function", "method", "builtin_function_or_method")


def wrong_kind(actual: Any, expected: Any, *, strict: bool = False) -> str:
    """What is wrong with the kind of an answer and what to do about it; empty if it can be compared with the expected one.

    How many values there are belongs to it; what they are does not, and the expected ones are not told.

    Args:
        strict: whether a float that is whole is wrong where an int is expected.
    """
    if actual is None:
        return "" if expected is None else f"expected {_wanted(expected)}, got None: is a return missing?"
    actual = actual if strict else number_in(actual, expected)
    name = actual.type_name if isinstance(actual, Opaque) else ""
    if isinstance(expected, tuple | list):
        if isinstance(actual, tuple | list):
            many = f"expected {len(expected)} value{'' if len(expected) == 1 else 's'}, got {len(actual)}."
            return "" if len(actual) == len(expected) else many
        wrong = True
        advice = f"return {len(expected)} values, as `return a, b` returns two"
    elif isinstance(expected, np.ndarray):
        wrong = not isinstance(actual, np.ndarray) and not (expected.shape == () and is_number(actual))
        # Of several numbers that are wanted, one is not told by its shape.
        wrong = wrong or (isinstance(actual, np.ndarray) and actual.shape == () and expected.shape != ())
        advice = "return a numpy array"
        if name in TENSORS:
            advice = "`.detach().numpy()` makes a numpy array of it"
        elif isinstance(actual, list) and _nested(actual) == expected.shape:
            advice = "`np.array(...)` makes one of it"
        elif isinstance(actual, list) and expected.size == 0 and depth(actual) == expected.ndim:
            # All that is known of what a public check has used up.
            advice = "`np.array(...)` makes one of it, if its rows are of equal length"
        elif name == "numpy array of dtype object":
            advice = "`.astype(float)` makes an array of numbers of it, if it holds nothing else"
        elif is_number(actual):
            advice = ""
    elif isinstance(expected, float | np.floating):
        wrong = not is_number(actual)
        one = name in TENSORS or (isinstance(actual, np.ndarray) and actual.size == 1 and actual.dtype.kind in "iuf")
        advice = "`.item()` makes a number of it, if it holds but one" if one else "return one number"
    elif isinstance(expected, int | np.integer) and not isinstance(expected, bool):
        whole = isinstance(actual, int | np.integer) or (
            not strict and is_number(actual) and float(actual).is_integer()
        )
        wrong = isinstance(actual, bool) or not whole
        advice = "return a whole number"
        if name in TENSORS:
            advice = "`.item()` makes a number of it, if it holds but one"
        elif isinstance(actual, float | np.floating):
            advice = "`//` divides whole numbers into whole numbers, and `int(...)` makes one of a float"
    elif isinstance(expected, bool | str) or expected is None:
        wrong = type(actual) is not type(expected) and not (isinstance(expected, bool) and isinstance(actual, np.bool_))
        advice = ""
    else:  # such as a tensor of a public check, which is compared by what the check makes of it
        wrong, advice = name in _FUNCTIONS or isinstance(actual, tuple), ""
    if not wrong:
        return ""
    if name in _FUNCTIONS:
        advice = "is a call without its brackets `()`?"
    elif name == "ellipsis":
        advice = "the place of `...` is to be filled in"
    elif _begins_with(actual, expected):
        listed = isinstance(actual, list)
        advice = f"return the first alone, as in `return out` instead of `return {'[out, cache]' if listed else 'out, cache'}`"
        if len(actual) == 1:
            advice = f"{'are there brackets' if listed else 'is there a comma'} too many, as in `return {'[out]' if listed else 'out,'}`?"
    wanted = "an array of numbers" if name.startswith("numpy array of dtype") else _wanted(expected)
    text = f"expected {wanted}, got {kind(actual)}"
    return f"{text}: {advice}{'' if advice.endswith('?') else '.'}" if advice else f"{text}."


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
        return f"a {value.type_name}"
    if isinstance(value, np.ndarray):
        if not value.shape:
            return f"one number, {brief(value[()])}"
        return (
            f"an array of shape {shape(value.shape)}" if value.size else "an array"
        )  # of a large one, only its kind may be known
    if isinstance(value, int | float | str | bool | np.generic):
        return f"{brief(value)} ({type(value).__name__})"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)} value{'' if len(value) == 1 else 's'}"
    return f"a {type(value).__name__}"


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
        return f"a {type(expected).__name__} of {len(expected)}"
    if isinstance(expected, np.ndarray):
        return "a numpy array" if expected.shape else "a number"
    if isinstance(expected, float | np.floating):
        return "a number"
    if isinstance(expected, bool | str) or expected is None:
        return f"a {type(expected).__name__}" if expected is not None else "None"
    if isinstance(expected, int | np.integer):
        return "a whole number (int)"
    return f"a {expected.type_name}" if isinstance(expected, Opaque) else f"a {type(expected).__name__}"
