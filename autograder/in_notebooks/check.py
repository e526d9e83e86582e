"""What public checks compare with in a notebook. Graded, `autograder.examine.check_item` takes its place, and judges alike."""

import numpy as np

from autograder.language import N_


def check(name, actual, expected, atol=1e-9):
    """Compare your answer with the expected one, and say where they differ."""
    problem = _problem(actual, expected, atol)
    if problem:
        raise AssertionError(f"{name}: {problem}")
    print(N_("{name}: correct").format(name=name))


def _problem(actual, expected, atol):
    """What is wrong with an answer, in words; empty if nothing is."""
    if expected is None or isinstance(expected, (bool, str)):
        alike = isinstance(actual, np.bool_) if isinstance(expected, bool) else False
        same = (alike or type(actual) is type(expected)) and actual == expected
        return "" if same else _differ(actual, expected)
    if actual is None:
        return N_("yours is None; is a return missing?")
    if callable(actual):
        return N_("yours is a function; is a call without its brackets ()?")
    actual = _without_tensors(actual)
    if _is_tensor(actual):
        return N_("yours is a tensor; .detach().numpy() makes an array of it")
    try:
        wanted = np.asarray(expected)
    except ValueError:  # lists of several lengths
        return _problem_of_parts(actual, expected, atol)
    if wanted.dtype.kind not in "biuf":
        return _problem_of_parts(actual, expected, atol)

    what = _kind(expected, wanted.shape)
    if type(actual) in (bool, np.bool_, str) or not isinstance(actual, _NUMBERS):
        text = N_("yours is {value}, of type {type}; expected {wanted}")
        return text.format(value=_short(actual), type=type(actual).__name__, wanted=what)
    try:
        yours = np.asarray(actual)
    except ValueError:
        text = N_("yours is a {type} whose parts differ in shape; expected {wanted}")
        return text.format(type=type(actual).__name__, wanted=what)
    if yours.dtype.kind == "c" and np.all(abs(yours.imag) <= atol):
        yours = yours.real  # nothing imaginary but rounding, as after np.fft
    if yours.dtype.kind not in "biuf":
        return N_("yours has dtype {dtype}; expected numbers, such as float64").format(dtype=yours.dtype)
    if yours.shape != wanted.shape:
        return N_("yours is {value}, expected {wanted}").format(value=_kind(actual, yours.shape), wanted=what)

    wrong = ~np.isclose(yours, wanted, rtol=0, atol=atol, equal_nan=True)
    if yours.dtype.kind == "f" and np.array_equal(yours, yours.astype(np.float32), equal_nan=True):
        rounding = 1e-5 * np.max(abs(wanted), initial=0, where=np.isfinite(wanted))  # as exact as float32 can be
        whole = (np.rint(yours) == yours) & (np.rint(wanted) == wanted)  # another whole number is no rounding
        wrong &= whole | ~np.isclose(yours, wanted, rtol=0, atol=rounding, equal_nan=True)
    if not wrong.any():
        return ""
    place = tuple(np.argwhere(wrong)[0].tolist())
    text = _differ(yours[place].item(), wanted[place].item())
    if wrong.size > 1:
        many = np.count_nonzero(wrong)
        text = N_("at {place}, {text}; {many} of {all} values differ").format(
            place=list(place), text=text, many=many, all=wrong.size
        )
    if yours.dtype.kind in "iu" and wanted.dtype.kind == "f" and np.any(wanted % 1):
        text += N_("; your dtype is {dtype}, which has no fractions").format(dtype=yours.dtype)
    return text


_NUMBERS = (int, float, complex, list, tuple, np.ndarray, np.generic)


def _is_tensor(value):
    return hasattr(value, "detach")


def _without_tensors(value):
    """With numbers for PyTorch's tensors that hold one and have no axes; if there is another, that tensor."""
    if isinstance(value, (list, tuple)):
        parts = [_without_tensors(part) for part in value]
        other = [part for part in parts if _is_tensor(part)]
        return other[0] if other else tuple(parts) if isinstance(value, tuple) else parts
    return float(value.item()) if _is_tensor(value) and not value.ndim and not value.is_complex() else value


def _problem_of_parts(actual, expected, atol):
    """The same for what makes no array of numbers, such as shapes of several lengths."""
    if not isinstance(expected, (list, tuple)):
        return "" if actual == expected else _differ(actual, expected)
    if not isinstance(actual, (list, tuple)) or len(actual) != len(expected):
        return N_("yours is {value}, expected {many} values").format(value=_short(actual), many=len(expected))
    problems = [_problem(one, other, atol) for one, other in zip(actual, expected)]
    wrong = next((number for number, problem in enumerate(problems) if problem), None)
    return "" if wrong is None else N_("part {number}: {text}").format(number=wrong + 1, text=problems[wrong])


def _differ(actual, expected):
    return N_("yours is {value}, expected {wanted}").format(value=_short(actual), wanted=_short(expected))


def _kind(value, shape):
    if not shape:
        return N_("one number")
    text = N_("a tuple of shape {shape}") if isinstance(value, tuple) else N_("an array of shape {shape}")
    return text.format(shape=shape)


def _short(value):
    """A value in at most 60 characters."""
    if isinstance(value, float) and abs(value - float(f"{value:.10g}")) <= 1e-9:
        return f"{value:.10g}"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."
