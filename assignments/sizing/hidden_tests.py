"""Hidden tests of "Padding, stride and sizes"."""

import numpy as np
import pytest

from autograder.testing import Mismatch, assert_matches, assert_raises, integers

# x, weight, stride, padding: N, C_in, C_out, heights and widths all differ somewhere, strides leave cells over, and
# ints and pairs take turns.
CASES = {
    "7x5, kernel 3x2, stride (2, 1), padding (1, 0)": ((2, 3, 7, 5), (4, 3, 3, 2), (2, 1), (1, 0)),
    "6x6, kernel 3x3, stride 1, padding 0": ((1, 1, 6, 6), (1, 1, 3, 3), 1, 0),
    "8x11, kernel 5x3, stride (1, 2), padding (2, 1)": ((3, 2, 8, 11), (5, 2, 5, 3), (1, 2), (2, 1)),
    "5x9, 300 channels, kernel 1x1, stride (2, 3), padding 0": ((1, 300, 5, 9), (2, 300, 1, 1), (2, 3), 0),
    "9x6, kernel 3x4, stride (3, 2), padding (0, 2)": ((2, 3, 9, 6), (3, 3, 3, 4), (3, 2), (0, 2)),
    "4x10, kernel 4x3, stride 2, padding 1": ((2, 2, 4, 10), (3, 2, 4, 3), 2, 1),
}


# conv_output_size: expected values are counted, window by window, not computed by a formula


def count_windows(n, kernel_size, stride=1, padding=0, dilation=1):
    cells = range(n + 2 * padding)
    return sum(start + dilation * (kernel_size - 1) in cells for start in cells[::stride])


@pytest.mark.question("conv_output_size", points=3)
def test_sizes_with_stride_1(student, rng):
    """Stride 1, without and with padding"""
    for _ in range(5):
        n, kernel, padding = (int(value) for value in rng.integers([8, 1, 1], [40, 8, 5]))
        assert_matches(student.conv_output_size(n, kernel), count_windows(n, kernel))
        assert_matches(student.conv_output_size(n, kernel, 1, padding), count_windows(n, kernel, 1, padding))


@pytest.mark.question("conv_output_size", points=3)
def test_sizes_with_stride(student, rng):
    """Larger strides, most of which leave some cells over"""
    for stride in (2, 3, 4, 5):
        for over in range(stride):
            kernel, padding, more = (int(value) for value in rng.integers([1, 0, 5], [8, 4, 13]))
            n = kernel + more * stride + over - 2 * padding
            expected = count_windows(n, kernel, stride, padding)
            assert_matches(student.conv_output_size(n, kernel, stride, padding), expected)


@pytest.mark.question("conv_output_size", points=2)
def test_sizes_with_dilation(student, rng):
    """Windows whose cells are spread out"""
    # No cell is left over, which is tested above, and two more windows would fit without dilation.
    for stride in (1, 2):
        for dilation in (2, 3, 4):
            kernel, padding, more = (int(value) for value in rng.integers([3, 0, 5], [6, 4, 13]))
            n = dilation * (kernel - 1) + 1 + more * stride - 2 * padding
            expected = count_windows(n, kernel, stride, padding, dilation)
            assert_matches(student.conv_output_size(n, kernel, stride, padding, dilation), expected)


@pytest.mark.question("conv_output_size", points=1)
def test_window_fits_exactly_once(student, rng):
    """A window as large as the row with its padding, and a single cell; with more cells it fits more often; always an int"""
    n, padding, stride, dilation = (int(value) for value in rng.integers([3, 2, 2, 2], [99, 30, 6, 9]))
    spread = dilation * (n - 1) + 1
    cases = [(n, n), (n, n + 2 * padding, stride, padding), (spread, n, stride, 0, dilation), (1, 1)]
    asked = [(case, more) for case in cases for more in (0, int(rng.integers(1, 9)))]
    for (cells, kernel, *geometry), more in (asked[i] for i in rng.permutation(len(asked))):
        cells += more * (geometry[0] if geometry else 1)
        assert_matches(student.conv_output_size(cells, kernel, *geometry), 1 + more, strict=True)


@pytest.mark.question("conv_output_size", points=3)
@pytest.mark.parametrize(
    "arguments",
    [
        lambda n, k, p: (n, n + 1),
        lambda n, k, p: (n, n + 2 * p + 1, 2, p),
        lambda n, k, p: (n, n + 1, 3),
        lambda n, k, p: (3 * (k - 1), k, 1, 0, 3),
    ],
    ids=["one cell short", "padding too small", "one cell short, stride 3", "dilation"],
)
def test_window_does_not_fit(student, rng, arguments):
    """A window that does not fit even once raises ValueError"""
    n, kernel, padding = (int(value) for value in rng.integers([3, 3, 1], [40, 20, 6]))
    assert_raises(ValueError, student.conv_output_size, *arguments(n, kernel, padding))


@pytest.mark.question("conv_output_size", points=2)
@pytest.mark.parametrize(
    "arguments",
    [
        lambda n, k, s: (n, k, 0),
        lambda n, k, s: (n, k, -1),
        lambda n, k, s: (n, 0),
        lambda n, k, s: (0, 1, s, 1),
        lambda n, k, s: (n, k, s, 0, 0),
        lambda n, k, s: (n, k, s, -1),
        lambda n, k, s: (n, 0, s, 0, 3),
        lambda n, k, s: (n, k, s, 0, -1),
    ],
    ids=[
        "stride 0",
        "stride -1",
        "kernel size 0",
        "no cells",
        "dilation 0",
        "padding -1",
        "kernel size 0, dilation 3",
        "dilation -1",
    ],
)
def test_arguments_that_make_no_sense(student, rng, arguments):
    """Arguments that are smaller than they may be raise ValueError"""
    n, kernel, stride = (int(value) for value in rng.integers([9, 2, 1], [40, 7, 4]))
    assert_raises(ValueError, student.conv_output_size, *arguments(n, kernel, stride))


# same_padding


@pytest.mark.question("same_padding", points=1)
def test_odd_kernels(student, rng):
    """Odd kernels, from 1 on: the size stays"""
    for kernel in (1, 3, 5, 7, *(2 * int(value) + 1 for value in rng.integers(4, 500, size=4))):
        assert_matches(student.same_padding(kernel), (kernel - 1) // 2)


@pytest.mark.question("same_padding", points=1)
def test_padding_is_an_int(student, rng):
    """The answer is an int"""
    kernel = 2 * int(rng.integers(500, 500_000)) + 1  # one number: of so many that earlier attempts do not tell it
    assert_matches(student.same_padding(kernel), kernel // 2, strict=True)


@pytest.mark.question("same_padding", points=2)
@pytest.mark.parametrize("below", [5, 500], ids=["small", "large"])
def test_even_kernels(student, rng, below):
    """Even kernels raise ValueError"""
    assert_raises(ValueError, student.same_padding, 2 * int(rng.integers(1, below)))


@pytest.mark.question("same_padding", points=1)
@pytest.mark.parametrize("kernels", [(-1,), (0, -3)], ids=["odd", "0 and odd"])
def test_kernels_below_one(student, rng, kernels):
    """Kernels below 1 raise ValueError"""
    for kernel in kernels:
        assert_raises(ValueError, student.same_padding, kernel and kernel - 2 * int(rng.integers(200)))


# pad2d


@pytest.mark.question("pad2d", points=3)
def test_where_the_new_cells_are(student, reference, rng):
    """Padding (2, 1) with -7: both sides, rows and columns not mixed up, batch and channels as they were"""
    one, several = integers(rng, 1, 1, 2, 3), integers(rng, 2, 4, 3, 5)
    one[..., 1, 1] = several[..., 2, 3] = 0  # zeros of the image stay zeros
    assert_matches(student.pad2d(one, (2, 1), -7.0), reference.pad2d(one, (2, 1), -7.0))
    assert_matches(student.pad2d(several, (2, 1), -7.0), reference.pad2d(several, (2, 1), -7.0))


@pytest.mark.question("pad2d", points=2)
def test_int_padding(student, reference, rng):
    """Padding 2 means 2 in both directions, and zeros if no value is given"""
    x = integers(rng, 2, 3, 2, 4, low=1)
    assert_matches(student.pad2d(x, 2), reference.pad2d(x, 2))


@pytest.mark.question("pad2d", points=2)
def test_no_padding_on_one_or_both_axes(student, reference, rng):
    """Padding 0, (0, 3) and (1, 0)"""
    x = integers(rng, 1, 2, 3, 2, low=1)
    for padding in (0, (0, 3), (1, 0)):
        assert_matches(student.pad2d(x, padding, 5.0), reference.pad2d(x, padding, 5.0))


@pytest.mark.question("pad2d", points=1)
def test_fractions_in_float64(student, reference, rng):
    """Fractions stay fractions, and the value may be minus infinity: the result is float64"""
    x = rng.normal(size=(1, 2, 2, 3))
    assert_matches(student.pad2d(x, 1, -np.inf), reference.pad2d(x, 1, -np.inf), strict=True)
    assert_matches(student.pad2d(x, (1, 2), 0.25), reference.pad2d(x, (1, 2), 0.25), strict=True)


@pytest.mark.question("pad2d", points=1)
def test_padding_leaves_x(student, reference, rng):
    """x stays as it was"""
    x = integers(rng, 1, 2, 2, 3, low=1)
    assert_matches(student.pad2d(x, 1, 2.0), reference.pad2d(x, 1, 2.0))
    refuse_changes(student, "pad2d", x, 1, 2.0)


@pytest.mark.question("pad2d", points=1)
@pytest.mark.parametrize("paddings", [[-1], [(1, -1), (-1, 0)]], ids=["-1", "(1, -1) and (-1, 0)"])
def test_negative_padding(student, rng, paddings):
    """Negative padding raises ValueError"""
    for padding in paddings:
        assert_raises(ValueError, student.pad2d, integers(rng, 1, 1, 4, 5), padding)


def refuse_changes(student, name, *args):
    changed = student.mutated(name, *args)
    if changed:
        raise Mismatch(f"{name} changed its argument {' and '.join(changed)}. Work on a copy.")


# conv2d


def even_kernels(rng, filters, channels, height, width):
    """Kernels with one number in all cells, a different one each: turning them is not punished where something else is tested."""
    numbers = rng.permutation(9)[: filters * channels] + 1.0
    return numbers.reshape(filters, channels, 1, 1) * np.ones((height, width))


@pytest.mark.question("conv2d", points=10)
@pytest.mark.parametrize("case", list(CASES.values()), ids=list(CASES))
def test_cases(student, reference, rng, case):
    """Batch, channels, filters, height, width, stride and padding that all differ"""
    for _ in range(2):
        x, weight = integers(rng, *case[0]), integers(rng, *case[1])  # no bias: it has a test of its own
        assert_matches(student.conv2d(x, weight, None, *case[2:]), reference.conv2d(x, weight, None, *case[2:]))


@pytest.mark.question("conv2d", points=2)
def test_bias(student, reference, rng):
    """Each filter's bias is added once to each output number"""
    x, weight = integers(rng, 2, 2, 6, 5), even_kernels(rng, 4, 2, 3, 2)
    bias = np.array([1.0, 2, 4, -8])
    assert_matches(student.conv2d(x, weight, bias), reference.conv2d(x, weight, bias))
    assert_matches(student.conv2d(x, 0 * weight, bias, 2, 1), reference.conv2d(x, 0 * weight, bias, 2, 1))


@pytest.mark.question("conv2d", points=3)
def test_cells_that_no_window_reads(student, reference, rng):
    """Stride 3 with a 2x2 kernel: cells between and behind the windows do not matter"""
    x, weight = integers(rng, 1, 1, 7, 10, low=1), even_kernels(rng, 1, 1, 2, 2)
    expected = reference.conv2d(x, weight, None, 3)
    for unread in (0, 1000):
        x[:, :, [2, 5, 6]] = unread
        x[:, :, :, [2, 5, 8, 9]] = unread
        assert_matches(student.conv2d(x, weight, None, 3), expected)


@pytest.mark.question("conv2d", points=2)
@pytest.mark.parametrize("kernel", [(3, 5), (1, 3), (7, 1)], ids=["3x5", "1x3", "7x1"])
def test_same(student, reference, rng, kernel):
    """Padding 'same' keeps height and width"""
    x, weight = integers(rng, 1, 1, 7, 6), even_kernels(rng, 1, 1, *kernel)
    assert_matches(student.conv2d(x, weight, None, 1, "same"), reference.conv2d(x, weight, None, 1, "same"))


@pytest.mark.question("conv2d", points=1)
def test_valid(student, reference, rng):
    """Padding 'valid' adds nothing, with any stride and any kernel"""
    for kernel, stride in [((3, 5), 1), ((4, 2), (2, 1))]:
        x, weight = integers(rng, 1, 1, 7, 6), even_kernels(rng, 1, 1, *kernel)
        expected = reference.conv2d(x, weight, None, stride, "valid")
        assert_matches(student.conv2d(x, weight, None, stride, "valid"), expected)


@pytest.mark.question("conv2d", points=1)
@pytest.mark.parametrize(
    ("x", "weight"),
    [((3, 5, 5), (4, 3, 3)), ((1, 5, 5), (2, 3, 3)), ((2, 3, 9), (2, 6, 3)), ((2, 9, 3), (2, 3, 6))],
    ids=["3 channels and 4", "1 channel and 2", "kernel too high", "kernel too wide"],
)
def test_refuses_wrong_channels_and_sizes(student, rng, x, weight):
    """Channels that differ, or a kernel that does not fit, raise ValueError"""
    arguments = integers(rng, 1, *x), integers(rng, 2, *weight), None, 2, 1
    assert_raises((ValueError, AssertionError) if x[0] != weight[0] else ValueError, student.conv2d, *arguments)


@pytest.mark.question("conv2d", points=1)
@pytest.mark.parametrize(
    ("kernel", "stride"),
    [((3, 3), 2), ((3, 3), (1, 2)), ((3, 2), 1), ((4, 3), 1)],
    ids=["stride 2", "stride (1, 2)", "kernel 3x2", "kernel 4x3"],
)
def test_refuses_same_with_stride_or_even_kernel(student, rng, kernel, stride):
    """Padding 'same' with a stride or an even kernel raises ValueError"""
    arguments = integers(rng, 1, 2, 6, 8), integers(rng, 3, 2, *kernel), None, stride, "same"
    assert_raises(ValueError, student.conv2d, *arguments)


@pytest.mark.question("conv2d", points=1)
@pytest.mark.parametrize(
    ("stride", "padding"),
    [(0, 0), ((1, 0), 1), ((-1, 1), 0), ((1, -2), 1), (1, -1), (1, (0, -1)), (1, "full"), (1, "reflect")],
    ids=[
        "stride 0",
        "stride (1, 0)",
        "stride (-1, 1)",
        "stride (1, -2)",
        "padding -1",
        "padding (0, -1)",
        "padding 'full'",
        "padding 'reflect'",
    ],
)
def test_refuses_bad_stride_and_padding(student, rng, stride, padding):
    """A stride below 1, a negative padding and a padding of another name raise ValueError"""
    arguments = integers(rng, 1, 2, 6, 8), integers(rng, 3, 2, 3, 3), None, stride, padding
    assert_raises(ValueError, student.conv2d, *arguments)


@pytest.mark.question("conv2d", points=1)
def test_conv2d_fractions_in_float64(student, reference, rng):
    """Fractions and negative numbers: nothing rounded or clipped, and the result is float64"""
    x, weight = rng.normal(size=(2, 3, 6, 9)), rng.normal(size=(4, 3, 3, 2))
    for arguments in [(x, weight), (x, weight, None, (1, 2), (1, 2))]:
        assert_matches(student.conv2d(*arguments), reference.conv2d(*arguments), strict=True)


@pytest.mark.question("conv2d", points=1)
def test_inputs_stay(student, reference, rng):
    """x, weight and bias stay as they were"""
    x, weight = integers(rng, 2, 3, 6, 9), integers(rng, 4, 3, 3, 2)
    assert_matches(student.conv2d(x, weight, None, 2, 1), reference.conv2d(x, weight, None, 2, 1))
    refuse_changes(student, "conv2d", x, weight, integers(rng, 4), 2, 1)


@pytest.mark.question("conv2d", points=10)
def test_speed(race):
    """Speed: x (16, 4, 32, 32), 16 filters of 3x3, stride 2, padding 1"""

    def inputs(rng):
        return integers(rng, 16, 4, 32, 32), integers(rng, 16, 4, 3, 3), None, 2, 1

    race("conv2d", inputs, limit=80)


# conv2d_num_params and linear_num_params


@pytest.mark.question("conv2d_num_params", points=2)
def test_conv_params(student, reference, rng):
    """Square kernels, channels and filters that differ"""
    for _ in range(5):
        arguments = [int(value) for value in rng.integers([2, 5, 1], [5, 99, 8])]
        assert_matches(student.conv2d_num_params(*arguments), reference.conv2d_num_params(*arguments))


@pytest.mark.question("conv2d_num_params", points=2)
def test_conv_params_of_rectangles(student, reference, rng):
    """Kernels that are not square"""
    for kernel in [(3, 5), (7, 1), (2, 4)]:
        channels, filters = (int(value) for value in rng.integers([2, 5], [5, 99]))
        if kernel == (3, 5):
            channels = 3  # an odd number of weights, to which a bias adds where `|` does not
        assert_matches(
            student.conv2d_num_params(channels, filters, kernel), reference.conv2d_num_params(channels, filters, kernel)
        )


@pytest.mark.question("conv2d_num_params", points=1)
def test_conv_params_are_ints(student, reference, rng):
    """The answer is an int"""
    arguments = [int(value) for value in rng.integers([2, 5, 1], [99, 9_999, 8])]
    assert_matches(student.conv2d_num_params(*arguments), reference.conv2d_num_params(*arguments), strict=True)


@pytest.mark.question("conv2d_num_params", points=1)
def test_conv_params_without_bias(student, reference, rng):
    """Without a bias: the weights alone"""
    for kernel in [3, 1, (5, 2)]:
        arguments = [*(int(value) for value in rng.integers([2, 5], [5, 99])), kernel, False]
        assert_matches(student.conv2d_num_params(*arguments), reference.conv2d_num_params(*arguments))


@pytest.mark.question("linear_num_params", points=1)
def test_linear_params(student, reference, rng):
    """Weights and biases"""
    for _ in range(5):
        inputs, outputs = (int(value) for value in rng.integers([100, 2], [5000, 99]))
        assert_matches(student.linear_num_params(inputs, outputs), reference.linear_num_params(inputs, outputs))


@pytest.mark.question("linear_num_params", points=1)
def test_linear_params_without_bias(student, reference, rng):
    """Without a bias: the weights alone, an int"""
    for _ in range(2):
        inputs, outputs = (int(value) for value in rng.integers([100, 2], [5000, 99]))
        expected = reference.linear_num_params(inputs, outputs, False)
        assert_matches(student.linear_num_params(inputs, outputs, False), expected, strict=True)


# trace_shapes


@pytest.mark.question("trace_shapes", points=4)
@pytest.mark.parametrize(
    ("network", "size"),
    [("LENET", (37, 46)), ("ALEXNET", (227, 227)), ("ALEXNET", (262, 199)), ("VGG16", (224, 224))],
    ids=["LeNet-5, other size", "AlexNet", "AlexNet, not square", "VGG-16"],
)
def test_networks(student, reference, rng, network, size):
    """LeNet-5, AlexNet and VGG-16 with other numbers of filters, also on images that are not square"""
    layers = [(kind, number + int(rng.integers(1, 30)), *rest) if kind != "pool" else (kind, number, *rest)
              for kind, number, *rest in getattr(reference, network)]  # fmt: skip
    image = (1 if network == "LENET" else 3, *size)
    assert_matches(student.trace_shapes(layers, image), reference.trace_shapes(layers, image))


@pytest.mark.question("trace_shapes", points=3)
def test_pairs_and_strides_that_do_not_divide(student, reference, rng):
    """Pairs for kernel size, stride and padding, pooling windows that overlap, images that are not square"""
    for _ in range(4):
        height, width, filters, units = (int(value) for value in rng.integers([30, 50, 5, 11], [50, 70, 11, 99]))
        layers = [
            ("conv", filters, (5, 3), (2, 1), (0, 1)),
            ("pool", 3, 2),
            ("pool", (2, 3), (1, 2)),
            ("conv", filters + 3, 3, (1, 2), 1),
            ("pool", (1, 2), 1),
            ("fc", units),
        ]
        image = (4, height, width)
        assert_matches(student.trace_shapes(layers, image), reference.trace_shapes(layers, image))


@pytest.mark.question("trace_shapes", points=1)
def test_without_convolutions(student, reference, rng):
    """Only fully connected layers, one single layer, and no layer at all; all sizes are ints"""
    channels, units = (int(value) for value in rng.integers([3, 10], [99, 999]))
    for layers in ([("fc", units), ("fc", 10)], [("pool", 4, 3)], []):
        image = (channels, 8, 9)
        assert_matches(student.trace_shapes(layers, image), reference.trace_shapes(layers, image), strict=True)


@pytest.mark.question("trace_shapes", points=2)
@pytest.mark.parametrize(
    "network",
    [
        lambda c, d: ([("conv", c, 5, 1, 0), ("pool", 2, 2), ("conv", d, 5, 1, 0)], (c, 12, 8)),
        lambda c, d: ([("conv", c, 3, 1, 1), ("dropout", 2)], (d, 8, 8)),
        lambda c, d: ([("relu", 2), ("fc", c)], (d, 8, 8)),
        lambda c, d: ([("fc", c), ("conv", d, 1, 1, 0)], (1, 8, 8)),
        lambda c, d: ([("fc", c), ("pool", 1, 1)], (d, 8, 8)),
    ],
    ids=[
        "window too large",
        "unknown layer at the end",
        "unknown layer at the start",
        "conv after fc",
        "pool after fc",
    ],
)
def test_networks_that_cannot_be(student, rng, network):
    """A window that does not fit, an unknown kind of layer, and conv or pool after fc raise ValueError"""
    assert_raises(ValueError, student.trace_shapes, *network(*(int(value) for value in rng.integers(1, 99, size=2))))
