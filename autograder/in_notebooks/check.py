"""What public checks compare with in a notebook. Graded, `autograder.examine.check_item` takes its place, and judges alike."""

# @title check: compares your answers with the expected ones
import numpy as np


def check(name, actual, expected, atol=1e-9):
    """Compare your answer with the expected one, and say where they differ."""
    problem = _problem(actual, expected, atol)
    if problem:
        raise AssertionError(f"{name}: {problem}")
    print(f"{name}: correct")


def _problem(actual, expected, atol):
    """What is wrong with an answer, in words; empty if nothing is."""
    if hasattr(actual, "detach"):  # a tensor of PyTorch
        if actual.ndim:
            return "yours is a tensor; .detach().numpy() makes an array of it"
        actual = actual.item()
    if expected is None or isinstance(expected, (bool, str)):
        alike = isinstance(actual, np.bool_) if isinstance(expected, bool) else False
        same = (alike or type(actual) is type(expected)) and actual == expected
        return "" if same else f"yours is {_short(actual)}, expected {_short(expected)}"
    if actual is None:
        return "yours is None; is a return missing?"
    if callable(actual):
        return "yours is a function; is a call without its brackets ()?"
    try:
        wanted = np.asarray(expected)
    except ValueError:  # lists of several lengths
        return _problem_of_parts(actual, expected, atol)
    if wanted.dtype.kind not in "biuf":
        return _problem_of_parts(actual, expected, atol)

    what = _kind(expected, wanted.shape)
    if type(actual) in (bool, np.bool_, str) or not isinstance(actual, _NUMBERS):
        return f"yours is {_short(actual)}, of type {type(actual).__name__}; expected {what}"
    try:
        yours = np.asarray(actual)
    except ValueError:
        return f"yours is a {type(actual).__name__} whose parts differ in shape; expected {what}"
    if yours.dtype.kind == "c" and np.all(abs(yours.imag) <= atol):
        yours = yours.real  # nothing imaginary but rounding, as after np.fft
    if yours.dtype.kind not in "biuf":
        return f"yours has dtype {yours.dtype}; expected numbers, such as float64"
    if yours.shape != wanted.shape:
        return f"yours is {_kind(actual, yours.shape)}, expected {what}"

    if yours.dtype.kind == "f" and np.array_equal(yours, yours.astype(np.float32), equal_nan=True):
        atol = max(atol, 1e-5 * np.max(abs(wanted), initial=0, where=np.isfinite(wanted)))  # as exact as float32 can be
    wrong = ~np.isclose(yours, wanted, rtol=0, atol=atol, equal_nan=True)
    if not wrong.any():
        return ""
    place = tuple(np.argwhere(wrong)[0].tolist())
    text = f"yours is {_short(yours[place].item())}, expected {_short(wanted[place].item())}"
    if wrong.size > 1:
        text = f"at {list(place)}, {text}; {np.count_nonzero(wrong)} of {wrong.size} values differ"
    if yours.dtype.kind in "iu" and wanted.dtype.kind == "f" and np.any(wanted % 1):
        text += f"; your dtype is {yours.dtype}, which has no fractions"
    return text


_NUMBERS = (int, float, complex, list, tuple, np.ndarray, np.generic)


def _problem_of_parts(actual, expected, atol):
    """The same for what makes no array of numbers, such as shapes of several lengths."""
    if not isinstance(expected, (list, tuple)):
        return "" if actual == expected else f"yours is {_short(actual)}, expected {_short(expected)}"
    if not isinstance(actual, (list, tuple)) or len(actual) != len(expected):
        return f"yours is {_short(actual)}, expected {len(expected)} values"
    problems = [_problem(one, other, atol) for one, other in zip(actual, expected)]
    return next((f"part {number}: {problem}" for number, problem in enumerate(problems, 1) if problem), "")


def _kind(value, shape):
    if not shape:
        return "one number"
    return f"{f'a {type(value).__name__}' if isinstance(value, tuple) else 'an array'} of shape {shape}"


def _short(value):
    """A value in at most 60 characters."""
    if isinstance(value, float) and abs(value - float(f"{value:.10g}")) <= 1e-9:
        return f"{value:.10g}"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."
