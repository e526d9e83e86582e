"""Hidden tests of "Pooling"."""

import numpy as np
import pytest

from autograder.testing import Mismatch, assert_matches, assert_raises, integers

# x, kernel size, stride, padding: heights and widths differ, strides leave cells over, windows overlap or leave gaps,
# and ints and pairs take turns.
PLAIN = {
    "9x6, kernel 2, no stride given": ((2, 3, 9, 6), 2, None, 0),
    "5x10, kernel (2, 3), no stride given": ((3, 2, 5, 10), (2, 3), None, 0),
    "8x7, kernel 3, stride 2": ((1, 2, 8, 7), 3, 2, 0),
}
PADDED = {
    "7x10, kernel (3, 2), stride (2, 3), padding (1, 1)": ((2, 3, 7, 10), (3, 2), (2, 3), (1, 1)),
    "6x8, kernel (2, 5), stride (3, 1), padding (0, 2)": ((2, 1, 6, 8), (2, 5), (3, 1), (0, 2)),
    "6x5, kernel 3, stride 2, padding 1": ((1, 3, 6, 5), 3, 2, 1),
}
CASES = PLAIN | PADDED

# Arguments that are only just allowed: one window for the whole image and its padding, a padding of half the window on
# one axis and none on the other, single cells, and a window of a single row.
JUST_ALLOWED = [((6, 5), (8, 7), None, 1), ((9, 7), (6, 2), (1, 2), (3, 0)), ((5, 4), 1, 3, 0), ((4, 7), (1, 3), 1, 0)]


def distinct(rng, *shape):
    """Whole numbers from 1 on, no two equal. Negative ones have a test of their own."""
    return 1 + rng.permutation(int(np.prod(shape))).astype(np.float64).reshape(shape)


def divisible(rng, *shape):
    """Multiples of 2520, which all numbers from 1 to 10 divide, so that averages are whole numbers. Fractions have a test of their own."""
    return 2520 * integers(rng, *shape)


def refuse_changes(student, name, *args):
    changed = student.mutated(name, *args)
    if changed:
        raise Mismatch(f"{name} changed its argument {' and '.join(changed)}. Work on a copy.")


def refuse_bad_arguments(function, rng):
    x = integers(rng, 1, 2, 5, 6)
    for arguments in [(6,), ((2, 7),), (8, 1, 1), (3, 0), (3, (1, 0)), (3, 1, 2), (4, 2, (0, 3)), (3, 1, -1)]:
        assert_raises(ValueError, function, x, *arguments)


# max_pool2d


@pytest.mark.question("max_pool2d", points=6)
@pytest.mark.parametrize("unit", [1, 1e12], ids=["near to 0", "far from it"])
def test_negative_numbers(student, reference, rng, unit):
    """Negative numbers only, with padding 1"""
    for kernel, stride in [(3, 1), ((2, 3), (2, 1))]:
        x = integers(rng, 2, 2, 5, 6, low=-9, high=-2) * unit
        assert_matches(student.max_pool2d(x, kernel, stride, 1), reference.max_pool2d(x, kernel, stride, 1))


@pytest.mark.question("max_pool2d", points=4)
def test_largest_number_in_each_place(student, reference, rng):
    """Nine windows, each with its largest number in another place"""
    for _ in range(2):
        x = integers(rng, 9, 1, 9, low=-8, high=8)
        x[range(9), 0, range(9)] = 9
        x = (x * rng.integers(1, 9, size=(9, 1, 1))).reshape(9, 1, 3, 3)
        assert_matches(student.max_pool2d(x, 3), reference.max_pool2d(x, 3))


@pytest.mark.question("max_pool2d", points=12)
@pytest.mark.parametrize("case", list(CASES.values()), ids=list(CASES))
def test_max_cases(student, reference, rng, case):
    """Windows, strides and paddings of many shapes"""
    x = distinct(rng, *case[0])
    assert_matches(student.max_pool2d(x, *case[1:]), reference.max_pool2d(x, *case[1:]))


@pytest.mark.question("max_pool2d", points=2)
def test_max_just_allowed(student, reference, rng):
    """The largest windows and paddings that are allowed, and windows of one cell"""
    for size, *arguments in JUST_ALLOWED:
        x = distinct(rng, 2, 2, *size)
        assert_matches(student.max_pool2d(x, *arguments), reference.max_pool2d(x, *arguments))


@pytest.mark.question("max_pool2d", points=4)
def test_max_channels_and_images_apart(student, reference, rng):
    """Each channel of each image is pooled for itself"""
    x = integers(rng, 2, 4, 4, 6, low=1) * 10.0 ** np.arange(4).reshape(1, 4, 1, 1)
    x[1] = x[1, ::-1]  # so that neither image holds the larger numbers
    expected = reference.max_pool2d(x, (2, 3))
    assert_matches(student.max_pool2d(x, (2, 3)), expected)
    x[0, 1] = 7
    expected[0, 1] = 7
    assert_matches(student.max_pool2d(x, (2, 3)), expected)


def with_nan_and_infinities(rng):
    """Windows of (2, 3) side by side hold one NaN at most, as their first cell or a later one."""
    x = integers(rng, 2, 1, 4, 6, low=1)
    x[0, 0, 1, 1] = np.nan
    x[1, 0, [0, 3], [3, 2]] = np.nan
    x[:, 0, 0, 5] = np.inf
    x[0, 0, 2:, :3] = -np.inf
    return x


@pytest.mark.question("max_pool2d", points=1)
def test_nan_and_infinities(student, reference, rng):
    """A window that holds NaN gives NaN, and infinities are numbers like others"""
    x = with_nan_and_infinities(rng)
    for arguments in [((2, 3),), (2, 1)]:
        assert_matches(student.max_pool2d(x, *arguments), reference.max_pool2d(x, *arguments))


@pytest.mark.question("max_pool2d", points=1)
def test_indices_of_nan_and_infinities(student, reference, rng):
    """The places of NaN and of infinities"""
    x = with_nan_and_infinities(rng)
    assert_matches(student.max_pool2d(x, (2, 3), None, 0, True), reference.max_pool2d(x, (2, 3), None, 0, True))


@pytest.mark.question("max_pool2d", points=6)
@pytest.mark.parametrize("case", list(CASES.values()), ids=list(CASES))
def test_indices(student, reference, rng, case):
    """The places of the largest numbers, counted without the padding"""
    x = distinct(rng, *case[0])
    answer = student.max_pool2d(x, *case[1:], True)
    assert_matches(answer, reference.max_pool2d(x, *case[1:], True))


@pytest.mark.question("max_pool2d", points=1)
def test_indices_of_equal_numbers(student, reference, rng):
    """Among equal numbers, the first, row by row"""
    for x in (np.full((1, 2, 4, 6), float(rng.integers(1, 10))), integers(rng, 2, 2, 5, 6, low=1, high=3)):
        for arguments in [(2, 2, 0), (3, 1, 1)]:
            answer = student.max_pool2d(x, *arguments, True)
            assert_matches(answer, reference.max_pool2d(x, *arguments, True))


@pytest.mark.question("max_pool2d", points=1)
def test_max_refuses_bad_arguments(student, rng):
    """Windows that do not fit, stride 0, and padding that is negative or too large raise ValueError"""
    refuse_bad_arguments(student.max_pool2d, rng)


@pytest.mark.question("max_pool2d", points=1)
def test_max_fractions_in_float64(student, reference, rng):
    """Fractions stay fractions, and the result is float64; indices are whole numbers"""
    x = rng.normal(size=(2, 3, 6, 7))
    assert_matches(student.max_pool2d(x, 2, (1, 2)), reference.max_pool2d(x, 2, (1, 2)), strict=True)
    assert_matches(student.max_pool2d(x, 3, 2, 0, True), reference.max_pool2d(x, 3, 2, 0, True), strict=True)


@pytest.mark.question("max_pool2d", points=1)
def test_max_leaves_x(student, reference, rng):
    """x stays as it was"""
    x = distinct(rng, 2, 3, 6, 7)
    assert_matches(student.max_pool2d(x, 3, 2, 1), reference.max_pool2d(x, 3, 2, 1))
    refuse_changes(student, "max_pool2d", x, 3, 2, 1)


@pytest.mark.question("max_pool2d", points=12)
def test_speed(race):
    """Speed: x (8, 16, 32, 32), 3x3 windows, stride 1"""

    def inputs(rng):
        return integers(rng, 8, 16, 32, 32, low=1), 3, 1

    race("max_pool2d", inputs, limit=50)


# avg_pool2d


@pytest.mark.question("avg_pool2d", points=5)
@pytest.mark.parametrize("case", list(PLAIN.values()), ids=list(PLAIN))
def test_avg_cases(student, reference, rng, case):
    """Windows and strides of many shapes, without padding"""
    x = divisible(rng, *case[0])
    assert_matches(student.avg_pool2d(x, *case[1:]), reference.avg_pool2d(x, *case[1:]))


@pytest.mark.question("avg_pool2d", points=6)
@pytest.mark.parametrize("case", list(PADDED.values()), ids=list(PADDED))
def test_avg_padding_counts(student, reference, rng, case):
    """Padding that counts as cells of the window"""
    x = divisible(rng, *case[0])
    assert_matches(student.avg_pool2d(x, *case[1:]), reference.avg_pool2d(x, *case[1:]))


@pytest.mark.question("avg_pool2d", points=6)
@pytest.mark.parametrize("case", list(PADDED.values()), ids=list(PADDED))
def test_avg_padding_does_not_count(student, reference, rng, case):
    """Padding that does not count; zeros in the image do"""
    x = divisible(rng, *case[0]) * rng.integers(0, 2, size=case[0])
    assert_matches(student.avg_pool2d(x, *case[1:], False), reference.avg_pool2d(x, *case[1:], False))


@pytest.mark.question("avg_pool2d", points=1)
def test_avg_just_allowed(student, reference, rng):
    """The largest windows and paddings that are allowed, and windows of one cell"""
    for size, *arguments in JUST_ALLOWED:
        x = divisible(rng, 2, 2, *size)
        assert_matches(student.avg_pool2d(x, *arguments), reference.avg_pool2d(x, *arguments))


@pytest.mark.question("avg_pool2d", points=1)
def test_avg_channels_and_images_apart(student, reference, rng):
    """Each channel of each image is pooled for itself"""
    x = np.full((2, 4, 4, 6), 6.0) * 10.0 ** np.arange(4).reshape(1, 4, 1, 1)
    x[1] *= -integers(rng, 4, 4, 6, low=1)
    assert_matches(student.avg_pool2d(x, (2, 3)), reference.avg_pool2d(x, (2, 3)))


@pytest.mark.question("avg_pool2d", points=1)
def test_avg_refuses_bad_arguments(student, rng):
    """Windows that do not fit, stride 0, and padding that is negative or too large raise ValueError"""
    refuse_bad_arguments(student.avg_pool2d, rng)


@pytest.mark.question("avg_pool2d", points=1)
def test_avg_fractions_in_float64(student, reference, rng):
    """Fractions stay fractions, also those that come of dividing, and the result is float64"""
    x, whole = rng.normal(size=(2, 3, 6, 7)), integers(rng, 1, 2, 5, 6)
    assert_matches(student.avg_pool2d(x, 2, (1, 2)), reference.avg_pool2d(x, 2, (1, 2)), strict=True)
    assert_matches(student.avg_pool2d(whole, 3, 2, 1, False), reference.avg_pool2d(whole, 3, 2, 1, False), strict=True)


@pytest.mark.question("avg_pool2d", points=1)
def test_avg_leaves_x(student, reference, rng):
    """x stays as it was"""
    x = divisible(rng, 2, 3, 6, 7)
    assert_matches(student.avg_pool2d(x, 3, 2, 1), reference.avg_pool2d(x, 3, 2, 1))
    refuse_changes(student, "avg_pool2d", x, 3, 2, 1)


# global_avg_pool2d


@pytest.mark.question("global_avg_pool2d", points=2)
def test_global_rectangles(student, reference, rng):
    """Images that are not square; images and channels apart and in order"""
    x = 35 * integers(rng, 3, 4, 5, 7) * 10.0 ** np.arange(4).reshape(1, 4, 1, 1)
    assert_matches(student.global_avg_pool2d(x), reference.global_avg_pool2d(x))


@pytest.mark.question("global_avg_pool2d", points=2)
@pytest.mark.parametrize("shape", [(1, 3, 4, 2), (3, 1, 2, 5)], ids=["N = 1", "C = 1"])
def test_global_single_axes(student, reference, rng, shape):
    """A single image or a single channel keeps both axes"""
    x = divisible(rng, *shape)
    assert_matches(student.global_avg_pool2d(x), reference.global_avg_pool2d(x))


@pytest.mark.question("global_avg_pool2d", points=1)
def test_global_fractions_in_float64(student, reference, rng):
    """Fractions and negative numbers: the result is float64"""
    for x in (rng.normal(size=(2, 3, 6, 7)), integers(rng, 1, 2, 3, 5)):
        assert_matches(student.global_avg_pool2d(x), reference.global_avg_pool2d(x), strict=True)


@pytest.mark.question("global_avg_pool2d", points=1)
def test_global_leaves_x(student, reference, rng):
    """x stays as it was"""
    x = divisible(rng, 2, 3, 4, 2)
    assert_matches(student.global_avg_pool2d(x), reference.global_avg_pool2d(x))
    refuse_changes(student, "global_avg_pool2d", x)
