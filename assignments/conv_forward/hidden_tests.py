"""Hidden tests of "Convolution forward"."""

import numpy as np
import pytest

from autograder.testing import Mismatch, assert_matches, assert_raises, integers

KERNELS = ("vertical", "horizontal", "sobel_x", "sobel_y", "scharr_x", "scharr_y")

# x, weight: N, C_in, C_out, heights and widths all differ somewhere, so that no two can be mixed up unseen.
CASES = [
    ((2, 3, 7, 5), (4, 3, 3, 2)),
    ((3, 2, 4, 6), (5, 2, 2, 3)),
    ((1, 300, 3, 7), (2, 300, 1, 4)),
]


# cross_correlate2d


def uneven(rng, *shape):
    """A kernel without any symmetry: whole numbers that all differ, some of them negative."""
    numbers = rng.permutation(int(np.prod(shape))) + 1.0
    return numbers.reshape(shape) * rng.choice([-1, 1], size=shape)


@pytest.mark.question("cross_correlate2d", points=4)
def test_kernel_is_not_turned(student, reference, rng):
    """An asymmetric kernel on a single bright pixel: nothing turned, mirrored or transposed"""
    image = np.zeros((7, 6))
    image[rng.integers(2, 5), rng.integers(2, 4)] = 1
    kernel = np.zeros((3, 3))
    kernel[[0, 0, 1, 2], [0, 1, 1, 2]] = rng.permutation(9)[:4] + 1.0
    assert_matches(student.cross_correlate2d(image, kernel), reference.cross_correlate2d(image, kernel))


@pytest.mark.question("cross_correlate2d", points=5)
@pytest.mark.parametrize(
    ("image", "kernel"), [((5, 8), (2, 3)), ((9, 4), (3, 1))], ids=["5x8 with 2x3", "9x4 with 3x1"]
)
def test_rectangles(student, reference, rng, image, kernel):
    """Image and kernel that are not square"""
    image, kernel = integers(rng, *image), uneven(rng, *kernel)
    assert_matches(student.cross_correlate2d(image, kernel), reference.cross_correlate2d(image, kernel))


@pytest.mark.question("cross_correlate2d", points=4)
@pytest.mark.parametrize(
    ("image", "kernel"), [((4, 6), (4, 6)), ((3, 5), (1, 1))], ids=["4x6 with 4x6", "3x5 with 1x1"]
)
def test_largest_and_smallest_kernel(student, reference, rng, image, kernel):
    """A kernel as large as the image, and one of a single cell"""
    # Positive, so that clipping negative results, which is tested elsewhere, is not a matter of luck here.
    image, kernel = integers(rng, *image, low=1, high=999), abs(uneven(rng, *kernel)) + 1
    assert_matches(student.cross_correlate2d(image, kernel), reference.cross_correlate2d(image, kernel))


@pytest.mark.question("cross_correlate2d", points=1)
def test_fractions_in_float64(student, reference, rng):
    """Fractions and negative numbers: nothing rounded or clipped, and the result is float64"""
    image, kernel = rng.normal(size=(6, 5)), rng.normal(size=(3, 2))
    assert_matches(student.cross_correlate2d(image, kernel), reference.cross_correlate2d(image, kernel), strict=True)


# conv2d_naive and conv2d: one set of tests, each function with points of its own


def check_channels(function, reference, rng):
    scales = rng.permutation([1.0, 10, 100]) * rng.integers(2, 10, size=3)  # their sums tell which channels were read
    x = np.ones((1, 3, 4, 5)) * scales.reshape(1, 3, 1, 1)
    weight = np.ones((1, 3, 1, 1)) * (rng.permutation(9)[:3] + 1.0).reshape(1, 3, 1, 1)
    assert_matches(function(x, weight), reference.conv2d(x, weight))


def check_filters(function, reference, rng):
    x = integers(rng, 1, 3, 4, 6, low=1)
    weight = np.zeros((4, 3, 2, 3))
    for position, place in enumerate([(0, 0, 0), (1, 1, 2), (2, 0, 1), (0, 1, 0)]):
        weight[position][place] = position + 1
    assert_matches(function(x, weight), reference.conv2d(x, weight))


def even_kernels(rng, filters, channels, height, width):
    """Kernels with one number in all cells, a different one each: turning them is not punished where something else is tested."""
    numbers = rng.permutation(9)[: filters * channels] + 1.0
    return numbers.reshape(filters, channels, 1, 1) * np.ones((height, width))


def check_bias(function, reference, rng):
    # 3 images, 3 filters, 3 rows, 3 columns: numpy would lay the bias along any of them without complaint.
    x, weight, bias = integers(rng, 3, 2, 5, 4), np.zeros((3, 2, 3, 2)), np.array([1.0, 2, 4])
    assert_matches(function(x, weight, bias), reference.conv2d(x, weight, bias))
    weight = even_kernels(rng, 3, 2, 3, 2)
    assert_matches(function(x, weight, bias), reference.conv2d(x, weight, bias))
    assert_matches(function(x, weight, None), reference.conv2d(x, weight))


def check_images_apart(function, reference, rng):
    x, weight = integers(rng, 3, 1, 5, 4), even_kernels(rng, 2, 1, 2, 3)
    expected = reference.conv2d(x, weight)
    assert_matches(function(x, weight), expected)
    assert_matches(function(x[[2, 0, 1]], weight), expected[[2, 0, 1]])
    x[1] = 0
    expected[1] = 0
    assert_matches(function(x, weight), expected)


def check_case(function, reference, rng, case):
    x, weight = integers(rng, *case[0]), integers(rng, *case[1])  # no bias: it has a test of its own
    assert_matches(function(x, weight), reference.conv2d(x, weight))


def check_fractions(function, reference, rng):
    for filters in (4, 1):
        x, weight = rng.normal(size=(2, 3, 6, 5)), rng.normal(size=(filters, 3, 2, 3))
        assert_matches(function(x, weight), reference.conv2d(x, weight), strict=True)


# Channels of x and of weight. numpy stretches an axis of length 1 in silence.
TOO_FEW_OR_MANY = pytest.mark.parametrize(
    "channels", [[(3, 4), (1, 3)], [(4, 3), (3, 1)]], ids=["x has fewer", "x has more"]
)


def check_refuses_channels(function, rng, channels):
    for of_x, of_weight in channels:
        x, weight = integers(rng, 1, of_x, 5, 6), integers(rng, 2, of_weight, 3, 2)
        assert_raises((ValueError, AssertionError), function, x, weight)


@pytest.mark.question("conv2d_naive", points=5)
def test_naive_channels(student, reference, rng):
    """Channels are added up, each with its own kernel"""
    check_channels(student.conv2d_naive, reference, rng)


@pytest.mark.question("conv2d_naive", points=5)
def test_naive_filters(student, reference, rng):
    """Four filters that each look at one cell, in the right order"""
    check_filters(student.conv2d_naive, reference, rng)


@pytest.mark.question("conv2d_naive", points=5)
def test_naive_bias(student, reference, rng):
    """Each filter's bias is added once to each output number"""
    check_bias(student.conv2d_naive, reference, rng)


@pytest.mark.question("conv2d_naive", points=4)
def test_naive_images_apart(student, reference, rng):
    """The images of a batch do not touch each other, and keep their order"""
    check_images_apart(student.conv2d_naive, reference, rng)


@pytest.mark.question("conv2d_naive", points=5)
@pytest.mark.parametrize("case", CASES, ids=["7x5 with 3x2", "4x6 with 2x3", "300 channels, 3x7 with 1x4"])
def test_naive_cases(student, reference, rng, case):
    """Batch, channels, filters, height and width that all differ"""
    check_case(student.conv2d_naive, reference, rng, case)


@pytest.mark.question("conv2d_naive", points=1)
def test_naive_fractions_in_float64(student, reference, rng):
    """Fractions and negative numbers: nothing rounded or clipped, and the result is float64"""
    check_fractions(student.conv2d_naive, reference, rng)


@pytest.mark.question("conv2d_naive", points=1)
@TOO_FEW_OR_MANY
def test_naive_refuses_wrong_channels(student, rng, channels):
    """x and weight with different numbers of channels raise ValueError"""
    check_refuses_channels(student.conv2d_naive, rng, channels)


@pytest.mark.question("conv2d", points=3)
def test_channels(student, reference, rng):
    """Channels are added up, each with its own kernel"""
    check_channels(student.conv2d, reference, rng)


@pytest.mark.question("conv2d", points=3)
def test_filters(student, reference, rng):
    """Four filters that each look at one cell, in the right order"""
    check_filters(student.conv2d, reference, rng)


@pytest.mark.question("conv2d", points=3)
def test_bias(student, reference, rng):
    """Each filter's bias is added once to each output number"""
    check_bias(student.conv2d, reference, rng)


@pytest.mark.question("conv2d", points=2)
def test_images_apart(student, reference, rng):
    """The images of a batch do not touch each other, and keep their order"""
    check_images_apart(student.conv2d, reference, rng)


@pytest.mark.question("conv2d", points=5)
@pytest.mark.parametrize("case", CASES, ids=["7x5 with 3x2", "4x6 with 2x3", "300 channels, 3x7 with 1x4"])
def test_cases(student, reference, rng, case):
    """Batch, channels, filters, height and width that all differ"""
    check_case(student.conv2d, reference, rng, case)


@pytest.mark.question("conv2d", points=1)
def test_conv2d_fractions_in_float64(student, reference, rng):
    """Fractions and negative numbers: nothing rounded or clipped, and the result is float64"""
    check_fractions(student.conv2d, reference, rng)


@pytest.mark.question("conv2d", points=2)
def test_inputs_stay(student, reference, rng):
    """x, weight and bias stay as they were"""
    x, weight, bias = integers(rng, 2, 3, 6, 5), integers(rng, 2, 3, 2, 3), integers(rng, 2)
    assert_matches(student.conv2d(x, weight), reference.conv2d(x, weight))
    changed = student.mutated("conv2d", x, weight, bias)
    if changed:
        raise Mismatch(f"conv2d changed its argument {' and '.join(changed)}. Work on a copy.")


@pytest.mark.question("conv2d", points=1)
@TOO_FEW_OR_MANY
def test_refuses_wrong_channels(student, rng, channels):
    """x and weight with different numbers of channels raise ValueError"""
    check_refuses_channels(student.conv2d, rng, channels)


@pytest.mark.question("conv2d", points=12)
def test_speed(race):
    """Speed: x (4, 3, 64, 64), 8 filters of 3x3"""

    def inputs(rng):
        return integers(rng, 4, 3, 64, 64), integers(rng, 8, 3, 3, 3)

    race("conv2d", inputs, limit=200)


# apply_kernel


@pytest.mark.question("apply_kernel", points=6)
@pytest.mark.parametrize("name", KERNELS)
def test_kernels(student, reference, rng, name):
    """Each of the six kernels on an image without symmetry"""
    image = integers(rng, 8, 9)
    assert_matches(student.apply_kernel(image, name), reference.apply_kernel(image, name))


@pytest.mark.question("apply_kernel", points=1)
def test_kernels_in_float64(student, reference, rng):
    """An image of fractions: nothing rounded or clipped, and the result is float64"""
    image = rng.normal(size=(5, 6))
    for name in rng.permutation(KERNELS)[:2]:
        assert_matches(student.apply_kernel(image, str(name)), reference.apply_kernel(image, str(name)), strict=True)


@pytest.mark.question("apply_kernel", points=1)
@pytest.mark.parametrize("name", ["prewitt_z", "sobel"])
def test_unknown_kernel(student, rng, name):
    """An unknown name raises ValueError"""
    assert_raises(ValueError, student.apply_kernel, integers(rng, 4, 5), name)
