"""Of what kind an answer is, in words, and what to do if another kind is wanted."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.sandbox.wire import Opaque

_FUNCTIONS = ("function", "method", "builtin_function_or_method")
_TENSORS = ("torch.Tensor", "torch.nn.parameter.Parameter")


def wrong_kind(actual: Any, expected: Any, *, strict: bool = False) -> str:
    """What is wrong with the kind of an answer and what to do about it; empty if it can be compared with the expected one.

    How many values there are belongs to it; what they are does not, and the expected ones are not told.

    Args:
        strict: whether a float that is whole is wrong where an int is expected.
    """
    if actual is None:
        return "" if expected is None else f"expected {_wanted(expected)}, got None: is a return missing?"
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
        if name in _TENSORS:
            advice = "`.detach().numpy()` makes a numpy array of it"
        elif isinstance(actual, list):
            advice = "`np.array(...)` makes one of it"
        elif is_number(actual):
            advice = ""
    elif isinstance(expected, float | np.floating):
        wrong = not is_number(actual)
        one = name in _TENSORS or (isinstance(actual, np.ndarray) and actual.size == 1 and actual.dtype.kind in "iuf")
        advice = "`.item()` makes a number of it, if it holds but one" if one else "return one number"
    elif isinstance(expected, int | np.integer) and not isinstance(expected, bool):
        whole = isinstance(actual, int | np.integer) or (
            not strict and is_number(actual) and float(actual).is_integer()
        )
        wrong = isinstance(actual, bool) or not whole
        advice = "return a whole number"
        if isinstance(actual, float | np.floating):
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
    elif isinstance(actual, tuple) and actual and not wrong_kind(actual[0], expected):
        advice = "return the first alone, as in `return out` instead of `return out, cache`"
    text = f"expected {_wanted(expected)}, got {kind(actual)}"
    return f"{text}: {advice}{'' if advice.endswith('?') else '.'}" if advice else f"{text}."


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
