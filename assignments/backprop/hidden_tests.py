"""Hidden tests of "Backpropagation"."""

import numpy as np
import pytest

from autograder.testing import Mismatch, assert_matches, integers

# x, weight, stride, padding: N, C_in, C_out, heights and widths all differ somewhere, most sizes are not divisible by
# the stride, ints and pairs take turns, some have no padding, and one leaves both out.
CONVOLUTIONS = {
    "7x5, kernel 3x2, stride (2, 1), padding (1, 0)": ((2, 3, 7, 5), (4, 3, 3, 2), (2, 1), (1, 0)),
    "6x6, kernel 3x3, stride and padding left out": ((1, 1, 6, 6), (1, 1, 3, 3)),
    "7x11, kernel 5x3, stride (1, 2), padding (2, 1)": ((3, 2, 7, 11), (5, 2, 5, 3), (1, 2), (2, 1)),
    "5x9, kernel 1x1, stride (2, 3), padding 0": ((1, 4, 5, 9), (2, 4, 1, 1), (2, 3), 0),
    "9x6, kernel 3x4, stride (3, 2), padding (0, 2)": ((2, 3, 9, 6), (3, 3, 3, 4), (3, 2), (0, 2)),
    "4x10, kernel 4x3, stride 2, padding 1": ((2, 2, 4, 10), (3, 2, 4, 3), 2, 1),
}
# x, kernel_size, stride
OVERLAPPING = {
    "7x9, kernel 3, stride 2": ((2, 3, 7, 9), 3, 2),
    "5x6, kernel (3, 2), stride 1": ((3, 2, 5, 6), (3, 2), 1),
    "6x8, kernel (2, 4), stride (1, 3)": ((1, 4, 6, 8), (2, 4), (1, 3)),
}
APART = {
    "7x10, kernel (3, 2), stride None": ((2, 3, 7, 10), (3, 2), None),
    "9x8, kernel 2, stride (3, 4)": ((3, 2, 9, 8), 2, (3, 4)),
    "8x5, kernel (2, 3), stride 3": ((1, 2, 8, 5), (2, 3), 3),
}


GRADIENTS = ("grad_input", "grad_weight", "grad_bias")


def parts(answer, name, *wanted):
    """The answer's parts, once it is known to have them."""
    if not isinstance(answer, tuple | list) or len(answer) != len(wanted):
        kind = "None (is a return missing?)" if answer is None else f"a {type(answer).__name__}"
        kind += f" of {len(answer)}" if isinstance(answer, tuple | list) else ""
        raise Mismatch(f"{name} must return ({', '.join(wanted)}), got {kind}.")
    return answer


def distinct(rng, *shape):
    """Whole numbers, none twice, half of them negative: no ties."""
    size = int(np.prod(shape))
    return rng.permutation(np.arange(size) - size // 2).astype(np.float64).reshape(shape)


def refuse_changes(student, name, *args):
    changed = student.mutated(name, *args)
    if changed:
        raise Mismatch(f"{name} changed its argument {' and '.join(changed)}. Work on a copy.")


# numerical_gradient: expected values are worked out by hand. The central difference of x**3 is 3 x**2 + eps**2.


def gradient_of(student, function, x, grad_output, *eps):
    answer = student.probe("numerical_gradient", function, x, grad_output, *eps)
    return parts(answer, "numerical_gradient", "gradient", "x")


@pytest.mark.question("numerical_gradient", points=1)
def test_central_difference(student, rng):
    """x cubed with eps 0.5, whose error shows whether the difference is taken on both sides; the gradient is float64"""
    x, g = rng.normal(size=(2, 3)), integers(rng, 2, 3, low=1)
    gradient, _ = gradient_of(student, "cube", x, g, 0.5)
    assert_matches(gradient, g * (3 * x**2 + 0.25), strict=True, label="numerical_gradient of x**3, eps 0.5")


@pytest.mark.question("numerical_gradient", points=1)
def test_default_eps(student, rng):
    """The eps that is taken if none is given, on an array with three axes"""
    x, g = rng.uniform(1, 2, size=(2, 3, 2)), rng.normal(size=(2, 3, 2))
    gradient, _ = gradient_of(student, "cube", x, g)
    assert_matches(gradient, g * 3 * x**2, rtol=1e-6, atol=1e-8, label="numerical_gradient of x**3")


@pytest.mark.question("numerical_gradient", points=1)
@pytest.mark.parametrize("function", ["column_products", "windows"])
def test_output_of_another_shape(student, rng, function):
    """Functions whose output has another shape than their input"""
    x = integers(rng, 3, 4, low=1)
    if function == "column_products":
        g = integers(rng, 4)
        expected = g * x[[1, 0, 0]] * x[[2, 2, 1]]
    else:
        g = integers(rng, 3, 3)
        expected = np.pad(g, ((0, 0), (0, 1))) + np.pad(g, ((0, 0), (1, 0)))
    gradient, _ = gradient_of(student, function, x, g, 0.25)
    assert_matches(gradient, expected, label=f"numerical_gradient of {function.replace('_', ' ')}")


@pytest.mark.question("numerical_gradient", points=1)
def test_functions_that_return_a_view(student, rng):
    """Functions that return their argument itself, or a view of it"""
    for function, turn in (("itself", lambda g: g), ("turned", lambda g: g[::-1].T)):
        x, g = integers(rng, 3, 2), integers(rng, *((3, 2) if function == "itself" else (2, 3)))
        gradient, _ = gradient_of(student, function, x, g, 0.5)
        assert_matches(gradient, turn(g), label=f"numerical_gradient of a function that returns x {function}")


@pytest.mark.question("numerical_gradient", points=1)
def test_x_is_restored(student, rng):
    """x holds the same numbers afterwards as before; a function that gives one number"""
    x = integers(rng, 2, 3)
    answer = student.observe("numerical_gradient", "sum", x, 3.0, 0.5)
    gradient, after = parts(answer, "numerical_gradient", "gradient", "x")
    assert_matches(gradient, np.full((2, 3), 3.0), label="numerical_gradient of np.sum")
    assert_matches(after, x, label="x after numerical_gradient")


# relu_backward


@pytest.mark.question("relu_backward", points=1)
@pytest.mark.parametrize("shape", [(5, 7), (2, 3, 4, 5)], ids=["5x7", "2x3x4x5"])
def test_relu(student, reference, rng, shape):
    """Positive and negative inputs, positive and negative gradients"""
    x, g = distinct(rng, *shape) + 0.5, integers(rng, *shape)
    assert_matches(student.relu_backward(g, x), reference.relu_backward(g, x))


@pytest.mark.question("relu_backward", points=1)
def test_relu_at_zero(student, reference, rng):
    """Inputs that are exactly 0"""
    x, g = integers(rng, 6, 4, low=-1, high=1), integers(rng, 6, 4, low=1)
    assert_matches(student.relu_backward(g, x), reference.relu_backward(g, x))


@pytest.mark.question("relu_backward", points=1)
def test_relu_in_float64(student, reference, rng):
    """Fractions stay fractions, and the result is float64"""
    g, x = rng.normal(size=(2, 4, 5))
    assert_matches(student.relu_backward(g, x), reference.relu_backward(g, x), strict=True)


# linear_backward: each gradient has points of its own


def linear_case(rng, examples=4, inputs=5, outputs=3):
    return integers(rng, examples, outputs), integers(rng, examples, inputs), integers(rng, outputs, inputs)


def check_linear(student, reference, rng, position):
    for case in (linear_case(rng), linear_case(rng, 1, 2, 6), linear_case(rng, 3, 3, 3)):
        answer = parts(student.linear_backward(*case), "linear_backward", *GRADIENTS)
        assert_matches(answer[position], reference.linear_backward(*case)[position], label=GRADIENTS[position])


@pytest.mark.question("linear_backward", points=2)
def test_linear_grad_input(student, reference, rng):
    """grad_input: several examples, one example, and square matrices"""
    check_linear(student, reference, rng, 0)


@pytest.mark.question("linear_backward", points=2)
def test_linear_grad_weight(student, reference, rng):
    """grad_weight: several examples, one example, and square matrices"""
    check_linear(student, reference, rng, 1)


@pytest.mark.question("linear_backward", points=1)
def test_linear_grad_bias(student, reference, rng):
    """grad_bias: several examples, one example, and square matrices"""
    check_linear(student, reference, rng, 2)


@pytest.mark.question("linear_backward", points=1)
def test_linear_in_float64(student, reference, rng):
    """Fractions stay fractions, and all three gradients are float64"""
    case = tuple(rng.normal(size=array.shape) for array in linear_case(rng))
    answer = parts(student.linear_backward(*case), "linear_backward", *GRADIENTS)
    for name, actual, expected in zip(GRADIENTS, answer, reference.linear_backward(*case), strict=True):
        assert_matches(actual, expected, strict=True, label=name)


# cross_entropy


def check_cross_entropy(student, reference, logits, target, position=None, *, strict=False):
    # What was computed in float32 may have a float64 division at its end: only the strict test minds.
    tolerance = {"strict": True} if strict else {"rtol": 1e-6, "atol": 1e-6}
    names = ("loss", "grad_logits")
    answer = parts(student.cross_entropy(logits, target), "cross_entropy", *names)
    expected = reference.cross_entropy(logits, target)
    for i in (0, 1) if position is None else (position,):
        assert_matches(answer[i], expected[i], **tolerance, label=names[i])


def noise(rng, *shape):
    """Random fractions that float32 holds exactly, even with 2000 added."""
    return np.round(64 * rng.normal(size=shape)) / 64


def logits_and_target(rng, examples=5, classes=7):
    return 2 * noise(rng, examples, classes), rng.integers(classes, size=examples)


@pytest.mark.question("cross_entropy", points=2)
def test_cross_entropy_loss(student, reference, rng):
    """The loss, averaged over the examples"""
    check_cross_entropy(student, reference, *logits_and_target(rng), 0)
    check_cross_entropy(student, reference, *logits_and_target(rng, 3, 2), 0)


@pytest.mark.question("cross_entropy", points=1)
def test_cross_entropy_in_float64(student, reference, rng):
    """The loss and the gradient to the precision of float64, and the gradient is float64"""
    logits, target = rng.normal(size=(5, 7)), rng.integers(7, size=5)
    check_cross_entropy(student, reference, logits, target, strict=True)


@pytest.mark.question("cross_entropy", points=1)
def test_cross_entropy_gradient(student, reference, rng):
    """The gradient, for different numbers of examples and classes"""
    check_cross_entropy(student, reference, *logits_and_target(rng), 1)
    check_cross_entropy(student, reference, *logits_and_target(rng, 3, 2), 1)


@pytest.mark.question("cross_entropy", points=1)
def test_one_example_at_a_time(student, reference, rng):
    """One example, with each class in turn as the right one"""
    logits = noise(rng, 1, 4)
    for right in range(4):
        check_cross_entropy(student, reference, logits, np.array([right]))


@pytest.mark.question("cross_entropy", points=3)
@pytest.mark.parametrize(
    ("logits", "target"),
    [
        ([[1000.0, 0, -1000], [0, 1000, 999]], [0, 2]),
        ([[-1000.0, -1001, -999], [-2000, -1000, -1500]], [1, 1]),
        ([[1000.0, 0, -1000], [0, 60, -60], [800, -100, 900]], [2, 2, 1]),
    ],
    ids=["large logits", "large negative logits", "a right class of vanishing probability"],
)
def test_extreme_logits(student, reference, rng, logits, target):
    """Logits of about 1000 and -1000, one example at a time: no overflow, and no logarithm of zero"""
    for row, right in zip(logits, target, strict=True):
        check_cross_entropy(student, reference, np.array([row]) + noise(rng, len(row)), np.array([right]))


@pytest.mark.question("cross_entropy", points=1)
def test_rows_differ_in_size(student, reference, rng):
    """Examples whose logits are of very different size in one batch"""
    logits = np.array([[0.0, 1, 2], [-900, -901, -902], [800, 802, 801]]) + noise(rng, 3, 3)
    for batch in (logits, logits[:2]):
        check_cross_entropy(student, reference, batch, rng.integers(3, size=len(batch)))


@pytest.mark.question("cross_entropy", points=1)
def test_cross_entropy_inputs(student, reference, rng):
    """Logits and target stay as they were"""
    logits, target = logits_and_target(rng, 1, 3)
    check_cross_entropy(student, reference, logits, target)
    refuse_changes(student, "cross_entropy", logits, target)


# conv2d_backward: each gradient has points of its own


def conv_backward(student, *args):
    return parts(student.conv2d_backward(*args), "conv2d_backward", *GRADIENTS)


def conv_case(reference, rng, case):
    """A random upstream gradient, input, weight, stride and padding."""
    x, weight = integers(rng, *case[0]), integers(rng, *case[1])
    out = reference.conv2d(x, weight, None, *case[2:])
    return integers(rng, *out.shape), x, weight, *case[2:]


def one_hot_case(rng, corner):
    """One 1 in grad_output, in a corner or inside; odd geometry, no padding."""
    x, weight, g = integers(rng, 2, 2, 6, 8), integers(rng, 3, 2, 2, 3), np.zeros((2, 3, 3, 6))
    image, filter_ = rng.integers(2), rng.integers(3)
    row, column = {"first": (0, 0), "last": (2, 5), "left": (1, 0), "inside": (1, 3)}[corner]
    g[image, filter_, row, column] = 1
    return g, x, weight, (2, 1)


@pytest.mark.question("conv2d_backward", points=4)
@pytest.mark.parametrize("corner", ["first", "last", "left", "inside"])
def test_one_window_grad_input(student, reference, rng, corner):
    """grad_input for a single 1 in grad_output: one kernel, in its place, not turned"""
    case = one_hot_case(rng, corner)
    assert_matches(conv_backward(student, *case)[0], reference.conv2d_backward(*case)[0], label="grad_input")


@pytest.mark.question("conv2d_backward", points=3)
@pytest.mark.parametrize("corner", ["last", "left", "inside"])
def test_one_window_grad_weight(student, reference, rng, corner):
    """grad_weight for a single 1 in grad_output: one window, for one filter"""
    case = one_hot_case(rng, corner)
    assert_matches(conv_backward(student, *case)[1], reference.conv2d_backward(*case)[1], label="grad_weight")


@pytest.mark.question("conv2d_backward", points=6)
@pytest.mark.parametrize("case", list(CONVOLUTIONS.values()), ids=list(CONVOLUTIONS))
def test_grad_input(student, reference, rng, case):
    """grad_input: batch, channels, filters, height, width, stride and padding that all differ"""
    case = conv_case(reference, rng, case)
    assert_matches(conv_backward(student, *case)[0], reference.conv2d_backward(*case)[0], label="grad_input")


@pytest.mark.question("conv2d_backward", points=6)
@pytest.mark.parametrize("case", list(CONVOLUTIONS.values()), ids=list(CONVOLUTIONS))
def test_grad_weight(student, reference, rng, case):
    """grad_weight: batch, channels, filters, height, width, stride and padding that all differ"""
    case = conv_case(reference, rng, case)
    assert_matches(conv_backward(student, *case)[1], reference.conv2d_backward(*case)[1], label="grad_weight")


@pytest.mark.question("conv2d_backward", points=3)
def test_grad_bias(student, reference, rng):
    """grad_bias: one number per filter, whatever stride and padding are"""
    for case in CONVOLUTIONS.values():
        case = conv_case(reference, rng, case)
        assert_matches(conv_backward(student, *case)[2], reference.conv2d_backward(*case)[2], label="grad_bias")


@pytest.mark.question("conv2d_backward", points=2)
def test_batch_is_summed(student, reference, rng):
    """Gradients of weight and bias add up over the images of a batch; those of the images stay apart"""
    g, x, weight, stride, padding = conv_case(reference, rng, ((3, 2, 6, 7), (4, 2, 3, 2), (1, 2), (0, 1)))
    expected = reference.conv2d_backward(g, x, weight, stride, padding)
    for name, actual, whole in zip(
        GRADIENTS, conv_backward(student, g, x, weight, stride, padding), expected, strict=True
    ):
        assert_matches(actual, whole, label=name)
    order = [2, 0, 1]
    grad_input, grad_weight, _ = conv_backward(student, g[order], x[order], weight, stride, padding)
    assert_matches(grad_input, expected[0][order], label="grad_input of reordered images")
    assert_matches(grad_weight, expected[1], label="grad_weight of reordered images")


@pytest.mark.question("conv2d_backward", points=1)
def test_conv2d_backward_in_float64(student, reference, rng):
    """Fractions stay fractions, and all three gradients are float64"""
    g, x, weight, *geometry = conv_case(reference, rng, ((2, 2, 7, 6), (3, 2, 3, 2), (2, 1), (1, 0)))
    arrays = (rng.normal(size=array.shape) for array in (g, x, weight))
    case = (*arrays, *geometry)
    for name, actual, expected in zip(
        GRADIENTS, conv_backward(student, *case), reference.conv2d_backward(*case), strict=True
    ):
        assert_matches(actual, expected, strict=True, label=name)


@pytest.mark.question("conv2d_backward", points=2)
@pytest.mark.parametrize("position", [0, 1], ids=GRADIENTS[:2])
def test_backward_fits_forward(student, reference, rng, position):
    """Backward is the transpose of forward: sum(conv(x) * g) = sum(x * grad_input) = sum(weight * grad_weight)"""
    for case in CONVOLUTIONS.values():
        g, x, weight, *geometry = conv_case(reference, rng, case)
        expected = np.sum(reference.conv2d(x, weight, None, *geometry) * g)
        right = reference.conv2d_backward(g, x, weight, *geometry)[position]
        gradient, argument = conv_backward(student, g, x, weight, *geometry)[position], (x, weight)[position]
        assert_matches(np.shape(gradient), argument.shape, label=f"the shape of {GRADIENTS[position]}")
        rounding = 1e-6 * np.linalg.norm(right) * np.linalg.norm(argument)
        total = float(np.sum(gradient * argument))
        assert_matches(total, float(expected), atol=rounding, label=f"the sum with {GRADIENTS[position]}")


@pytest.mark.question("conv2d_backward", points=2)
def test_cells_that_no_window_reads(student, reference, rng):
    """Stride 3 with a 2x2 kernel: cells between and behind the windows get 0 and do not matter; inputs stay as they were"""
    g, x, weight, stride, padding = conv_case(reference, rng, ((1, 2, 7, 10), (3, 2, 2, 2), 3, 0))
    expected = reference.conv2d_backward(g, x, weight, stride, padding)
    for unread in (0, 1000):
        x[:, :, [2, 5, 6]] = unread
        x[:, :, :, [2, 5, 8, 9]] = unread
        for name, actual, want in zip(
            GRADIENTS, conv_backward(student, g, x, weight, stride, padding), expected, strict=True
        ):
            assert_matches(actual, want, label=name)
    refuse_changes(student, "conv2d_backward", g, x, weight, stride, padding)


@pytest.mark.question("conv2d_backward", points=10)
def test_speed(race):
    """Speed: x (8, 3, 24, 24), 8 filters of 3x3, stride 1, padding 1"""

    def inputs(rng):
        return integers(rng, 8, 8, 24, 24), integers(rng, 8, 3, 24, 24), integers(rng, 8, 3, 3, 3), 1, 1

    race("conv2d_backward", inputs, limit=35)


# max_pool2d_backward


def pool_case(rng, case, x):
    """A random upstream gradient, without zeros, for max or average pooling of x."""
    (height, width), (step_down, step_across) = (
        (value, value) if isinstance(value, int) else value for value in (case[1], case[2] or case[1])
    )
    shape = (*x.shape[:2], (x.shape[2] - height) // step_down + 1, (x.shape[3] - width) // step_across + 1)
    return integers(rng, *shape, low=1) * rng.choice([-1, 1], size=shape)


def check_max_pool(student, reference, rng, case):
    x = distinct(rng, *case[0])
    g = pool_case(rng, case, x)
    assert_matches(student.max_pool2d_backward(g, x, *case[1:]), reference.max_pool2d_backward(g, x, *case[1:]))


@pytest.mark.question("max_pool2d_backward", points=1)
def test_max_pool_backward_in_float64(student, reference, rng):
    """Fractions stay fractions, and the result is float64"""
    g, x = rng.normal(size=(2, 3, 3, 4)), rng.normal(size=(2, 3, 7, 9))
    assert_matches(student.max_pool2d_backward(g, x, 3, 2), reference.max_pool2d_backward(g, x, 3, 2), strict=True)


@pytest.mark.question("max_pool2d_backward", points=3)
@pytest.mark.parametrize("case", list(OVERLAPPING.values()), ids=list(OVERLAPPING))
def test_max_pool_overlapping(student, reference, rng, case):
    """Windows that overlap: a cell collects from every window in which it is the largest"""
    check_max_pool(student, reference, rng, case)


@pytest.mark.question("max_pool2d_backward", points=3)
@pytest.mark.parametrize("case", list(APART.values()), ids=list(APART))
def test_max_pool_apart(student, reference, rng, case):
    """Windows side by side or with gaps, with rows and columns left over"""
    check_max_pool(student, reference, rng, case)


@pytest.mark.question("max_pool2d_backward", points=1)
def test_maximum_in_every_place(student, reference, rng):
    """The largest number in each of nine places in turn, all numbers negative"""
    x = np.broadcast_to(distinct(rng, 3, 3) - 50, (9, 1, 3, 3)).copy()
    for place, image in enumerate(x[:, 0]):
        image[place // 3, place % 3] = -1
    x[::2] *= 1e12  # far below any number that a search may begin at
    g = integers(rng, 9, 1, 1, 1, low=1)
    assert_matches(student.max_pool2d_backward(g, x, 3), reference.max_pool2d_backward(g, x, 3))


def tied(rng):
    """Windows of 3x2 side by side that hold 3, 4 and 5 only, each of them its largest at least twice."""
    x = integers(rng, 2, 3, 6, 8, low=3, high=5)
    windows = x.reshape(2, 3, 2, 3, 4, 2).transpose(0, 1, 2, 4, 3, 5).reshape(2, 3, 2, 4, 6)
    places = rng.permuted(np.broadcast_to(np.arange(6), windows.shape), axis=-1)[..., :2]
    np.put_along_axis(windows, places, windows.max(axis=-1, keepdims=True), axis=-1)
    return windows.reshape(2, 3, 2, 4, 3, 2).transpose(0, 1, 2, 4, 3, 5).reshape(2, 3, 6, 8)


@pytest.mark.question("max_pool2d_backward", points=2)
def test_ties_pass_on_one_gradient(student, rng):
    """Several largest numbers in a window: together they get the window's gradient, once, and the others nothing"""
    x = tied(rng)
    g = pool_case(rng, (x.shape, (3, 2), None), x)
    grad_input = student.max_pool2d_backward(g, x, (3, 2), (3, 2))
    assert_matches(np.shape(grad_input), x.shape, label="the shape of grad_input")
    cells = x.reshape(2, 3, 2, 3, 4, 2)
    largest = cells == cells.max(axis=(3, 5), keepdims=True)
    passed = np.asarray(grad_input).reshape(cells.shape)
    assert_matches(
        np.where(largest, 0.0, passed), np.zeros(cells.shape), label="the gradient of cells that are not the largest"
    )
    assert_matches(passed.sum(axis=(3, 5)), g, label="the gradient that each window passes on, all together")


@pytest.mark.question("max_pool2d_backward", points=1)
def test_ties_go_to_the_first(student, reference, rng):
    """Several largest numbers in a window: the first in row-major order gets the gradient"""
    for _ in range(2):
        x = tied(rng)
        g = pool_case(rng, (x.shape, (3, 2), None), x)
        grad_input = student.max_pool2d_backward(g, x, (3, 2), (3, 2))
        assert_matches(grad_input, reference.max_pool2d_backward(g, x, (3, 2)))


# avg_pool2d_backward


def check_avg_pool(student, reference, rng, case):
    g = 72 * pool_case(
        rng, case, np.empty(case[0])
    )  # so that the shares are whole numbers; fractions have their own test
    assert_matches(student.avg_pool2d_backward(g, *case), reference.avg_pool2d_backward(g, *case))


@pytest.mark.question("avg_pool2d_backward", points=3)
@pytest.mark.parametrize("case", list(OVERLAPPING.values()), ids=list(OVERLAPPING))
def test_avg_pool_overlapping(student, reference, rng, case):
    """Windows that overlap: a cell collects its share from each"""
    check_avg_pool(student, reference, rng, case)


@pytest.mark.question("avg_pool2d_backward", points=1)
def test_avg_pool_backward_in_float64(student, reference, rng):
    """Fractions stay fractions, also those that come of dividing, and the result is float64"""
    for g in (rng.normal(size=(2, 3, 3, 4)), integers(rng, 2, 3, 3, 4, low=1)):
        arguments = g, (2, 3, 7, 9), 3, 2
        assert_matches(student.avg_pool2d_backward(*arguments), reference.avg_pool2d_backward(*arguments), strict=True)


@pytest.mark.question("avg_pool2d_backward", points=2)
@pytest.mark.parametrize("case", list(APART.values()), ids=list(APART))
def test_avg_pool_apart(student, reference, rng, case):
    """Windows side by side or with gaps, with rows and columns left over"""
    check_avg_pool(student, reference, rng, case)
