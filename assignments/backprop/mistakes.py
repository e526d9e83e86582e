"""Wrong answers that students give to "Backpropagation".

The 82 public solutions are of CS231n assignment 2 and of deeplearning.ai course 4, week 1.
"""

import numpy as np

from autograder.catalogue import mistake

# numerical_gradient


def quotient(f, x, grad_output, steps, divisor):
    """sum(grad_output * f) at x + steps[0] less that at x + steps[1], over divisor, for each number of x."""
    gradient = np.zeros(x.shape)
    for k in np.ndindex(*x.shape):
        above, below = x.copy(), x.copy()
        above[k] += steps[0]
        below[k] += steps[1]
        gradient[k] = (np.sum(grad_output * f(above)) - np.sum(grad_output * f(below))) / divisor
    return gradient


@mistake(
    of="numerical_gradient",
    hint="The difference is taken on one side only, between x + eps and x itself. Go eps up and eps down: the error is far smaller.",
    known="the definition of the derivative in most calculus books; CS231n notes 'Neural Networks Part 3' warn of it",
)
def one_sided(right, f, x, grad_output, eps=1e-5):
    return quotient(f, x, grad_output, (eps, 0), eps)


@mistake(
    of="numerical_gradient",
    hint="You divide by 2 eps, but move x by eps in all: one of the two values is that of x itself. Move x up by eps for one and down by eps for the other.",
    known="half of the one-sided formula and half of the central one",
)
def one_sided_and_halved(right, f, x, grad_output, eps=1e-5):
    return quotient(f, x, grad_output, (eps, 0), 2 * eps)


@mistake(
    of="numerical_gradient",
    hint="Everything is twice as large as it should be. Between the two values x has moved by 2 eps, not by eps.",
    known="dividing as in the one-sided formula",
)
def divided_by_one_eps(right, f, x, grad_output, eps=1e-5):
    return quotient(f, x, grad_output, (eps, -eps), eps)


@mistake(
    of="numerical_gradient",
    hint="The parameter eps is not used: the step is always 1e-5. Move x by the eps that the caller gives.",
    known="a step written into the function's body",
)
def eps_fixed(right, f, x, grad_output, eps=1e-5):
    return right.numerical_gradient(f, x, grad_output)


@mistake(
    of="numerical_gradient",
    hint="The default eps is so small that rounding eats the difference of the two values. Float64 has 16 digits; the default asked for is 1e-5.",
    known="'the smaller, the better'; CS231n notes on gradient checks, 'Be careful with the step size h'",
)
def eps_too_small(right, f, x, grad_output, eps=1e-13):
    return right.numerical_gradient(f, x, grad_output, eps)


@mistake(
    of="numerical_gradient",
    hint="grad_output is not used. The loss is the sum of grad_output times f(x), not the sum of f(x).",
    known="y.sum().backward() in torch",
)
def upstream_left_out(right, f, x, grad_output, eps=1e-5):
    return right.numerical_gradient(f, x, np.ones_like(grad_output), eps)


@mistake(
    of="numerical_gradient",
    hint="All numbers of x are moved at the same time. That is right only if each output depends on one input; move one number, and put it back before the next.",
    known="functions of one variable, where it is the same",
)
def all_moved_at_once(right, f, x, grad_output, eps=1e-5):
    return (f(x + eps) - f(x - eps)) * grad_output / (2 * eps)


@mistake(
    of="numerical_gradient",
    hint="A whole row is moved at once: a loop over len(x) meets rows, not numbers, as soon as x has more than one axis. Move one number at a time.",
    known="a loop that was tried on one axis only",
)
def rows_moved_at_once(right, f, x, grad_output, eps=1e-5):
    gradient = np.zeros(x.shape)
    for k in range(len(x)):
        above, below = x.copy(), x.copy()
        above[k] += eps
        below[k] -= eps
        gradient[k] = np.sum((f(above) - f(below)) * grad_output) / (2 * eps)
    return gradient


@mistake(
    of="numerical_gradient",
    hint="Numbers of x are moved, but not put back before the next one is moved. Each difference must be taken at the x that was given.",
    known="the step 'restore' of CS231n's eval_numerical_gradient left out",
)
def not_put_back(right, f, x, grad_output, eps=1e-5):
    gradient = np.zeros(x.shape)
    for k in np.ndindex(*x.shape):
        old = x[k]
        x[k] = old + eps
        above = np.sum(grad_output * f(x))
        x[k] = old - eps
        gradient[k] = (above - np.sum(grad_output * f(x))) / (2 * eps)
    return gradient


@mistake(
    of="numerical_gradient",
    hint="Where f returns its argument itself or a view of it, the first value changes when x is moved for the second. Use the first value up, or copy it, before you move x again.",
    known="the .copy() in CS231n's eval_numerical_gradient_array left out",
)
def first_value_not_copied(right, f, x, grad_output, eps=1e-5):
    gradient = np.zeros(x.shape)
    for k in np.ndindex(*x.shape):
        old = x[k]
        x[k] = old + eps
        above = f(x)
        x[k] = old - eps
        below = f(x)
        x[k] = old
        gradient[k] = np.sum((above - below) * grad_output) / (2 * eps)
    return gradient


# relu_backward


@mistake(
    of="relu_backward",
    hint="You ask whether the gradient is positive. What decides is whether the input x is.",
    known="max(0, .) applied on the way back as on the way forward",
)
def gradient_decides(right, grad_output, x):
    return np.maximum(grad_output, 0)


@mistake(
    of="relu_backward",
    hint="Negative gradients are stopped, too. Only the input x decides: where it was positive, any gradient passes.",
    known="'guided backpropagation', a way to draw pictures of networks",
)
def negative_gradients_stopped(right, grad_output, x):
    return np.maximum(right.relu_backward(grad_output, x), 0)


@mistake(
    of="relu_backward",
    hint="At inputs that are exactly 0 the gradient passes. The question asks for 0 there: only inputs larger than 0 let it pass.",
    known="15 of 82 public CS231n and deeplearning.ai solutions",
)
def passes_at_zero(right, grad_output, x):
    return grad_output * (x >= 0)


@mistake(
    of="relu_backward",
    hint="This is the derivative of ReLU alone. By the chain rule it must be multiplied with grad_output.",
    known="the derivative as textbooks print it",
)
def derivative_alone(right, grad_output, x):
    return right.relu_backward(np.ones_like(grad_output), x)


@mistake(
    of="relu_backward",
    hint="The derivative of ReLU is multiplied with x, not with grad_output: that is ReLU itself, the way forward.",
    known="forward and backward confused",
)
def forward_again(right, grad_output, x):
    return np.maximum(x, 0)


@mistake(
    of="relu_backward",
    hint="The gradient passes everywhere. Where the input was not positive, the output did not depend on it: 0 belongs there.",
    known="'ReLU has no weights, so there is nothing to do'",
)
def nothing_stopped(right, grad_output, x):
    return grad_output


@mistake(
    of="relu_backward",
    hint="The gradient passes where the input was negative and is stopped where it was positive. It is the other way round.",
    known="grad_output[x > 0] = 0 in place of grad_output[x <= 0] = 0",
)
def wrong_side_stopped(right, grad_output, x):
    return grad_output * (x <= 0)


# linear_backward


@mistake(
    of="linear_backward",
    hint="grad_weight is transposed: weight is stored as (out, in), and its gradient must be, too.",
    known="CS231n, where a layer computes x @ w and w is (in, out)",
)
def weight_gradient_transposed(right, grad_output, x, weight):
    grad_input, grad_weight, grad_bias = right.linear_backward(grad_output, x, weight)
    return grad_input, grad_weight.T, grad_bias


@mistake(
    of="linear_backward",
    hint="On the way back the weights are transposed once too often. Forward is x @ weight.T, so that backward needs weight itself.",
    known="CS231n, where a layer computes x @ w and backward needs w.T",
)
def weight_transposed(right, grad_output, x, weight):
    return grad_output @ weight.T, grad_output.T @ x, grad_output.sum(axis=0)


@mistake(
    of="linear_backward",
    hint="grad_weight is divided by the number of examples. It is a sum: if the loss is a mean, grad_output holds that factor already.",
    known="the 1/m of deeplearning.ai course 1",
)
def weight_averaged(right, grad_output, x, weight):
    grad_input, grad_weight, grad_bias = right.linear_backward(grad_output, x, weight)
    return grad_input, grad_weight / len(x), grad_bias


@mistake(
    of="linear_backward",
    hint="grad_bias is a mean over the examples. It is a sum: if the loss is a mean, grad_output holds that factor already.",
    known="the 1/m of deeplearning.ai course 1",
)
def bias_averaged(right, grad_output, x, weight):
    grad_input, grad_weight, _ = right.linear_backward(grad_output, x, weight)
    return grad_input, grad_weight, grad_output.mean(axis=0)


@mistake(
    of="linear_backward",
    hint="Gradients of weight and bias are divided by the number of examples. They are sums: if the loss is a mean, grad_output holds that factor already.",
    known="the 1/m of deeplearning.ai course 1, 'Building your Deep Neural Network'",
)
def weight_and_bias_averaged(right, grad_output, x, weight):
    grad_input, grad_weight, grad_bias = right.linear_backward(grad_output, x, weight)
    return grad_input, grad_weight / len(x), grad_bias / len(x)


@mistake(
    of="linear_backward",
    hint="grad_bias is a table of one row. It must have the shape of bias, (out,): leave keepdims away.",
    known="3 of 82 public CS231n and deeplearning.ai solutions, with a related one",
)
def bias_as_row(right, grad_output, x, weight):
    grad_input, grad_weight, _ = right.linear_backward(grad_output, x, weight)
    return grad_input, grad_weight, grad_output.sum(axis=0, keepdims=True)


@mistake(
    of="linear_backward",
    hint="grad_bias is added up over the outputs, one number per example. Add up over the examples: one number per output.",
    known="axis=1 in place of axis=0",
)
def bias_per_example(right, grad_output, x, weight):
    grad_input, grad_weight, _ = right.linear_backward(grad_output, x, weight)
    return grad_input, grad_weight, grad_output.sum(axis=1)


@mistake(
    of="linear_backward",
    hint="grad_bias is grad_output as it came. Every example has read the bias, so that its gradients must be added up over the examples.",
    known="the formula for one example",
)
def bias_not_summed(right, grad_output, x, weight):
    grad_input, grad_weight, _ = right.linear_backward(grad_output, x, weight)
    return grad_input, grad_weight, grad_output


@mistake(
    of="linear_backward",
    hint="grad_weight is that of the first example alone. Every example has read the weights, so that all of them add up.",
    known="the formula for one example",
)
def weight_of_first_example(right, grad_output, x, weight):
    grad_input, _, grad_bias = right.linear_backward(grad_output, x, weight)
    return grad_input, np.outer(grad_output[0], x[0]), grad_bias


@mistake(
    of=("linear_backward", "conv2d_backward"),
    hint="The gradients come in another order than the question asks for: grad_input, grad_weight, grad_bias.",
    known="the order in which they are worked out in many texts, weights first",
)
def weight_first(right, grad_output, x, weight, *geometry):
    backward = right.conv2d_backward if x.ndim == 4 else right.linear_backward
    grad_input, grad_weight, grad_bias = backward(grad_output, x, weight, *geometry)
    return grad_weight, grad_bias, grad_input


# cross_entropy


def losses(logits, target):
    """Of each example."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(target)), target]


def from_probabilities(probabilities, target, loss):
    gradient = probabilities.copy()
    gradient[np.arange(len(target)), target] -= 1
    return loss, gradient / len(target)


def softmax(logits):
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def right_ones(probabilities, target):
    return probabilities[np.arange(len(target)), target]


@mistake(
    of="cross_entropy",
    hint="The exponential of large logits is infinite, that of very negative ones 0. Subtract the largest logit of each row first: no probability changes.",
    known="10 of 82 public CS231n and deeplearning.ai solutions, with 'eps inside the logarithm'",
)
@np.errstate(all="ignore")
def not_shifted(right, logits, target):
    exponentials = np.exp(logits)
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    return from_probabilities(probabilities, target, -np.log(right_ones(probabilities, target)).mean())


@mistake(
    of="cross_entropy",
    hint="The logits are shifted, but then the logarithm is taken of a probability that has become 0. Work out the logarithm directly, as the text of question 4 says.",
    known="log(softmax(z)), which torch's log_softmax was made to avoid",
)
@np.errstate(all="ignore")
def logarithm_of_probability(right, logits, target):
    probabilities = softmax(logits)
    return from_probabilities(probabilities, target, -np.log(right_ones(probabilities, target)).mean())


@mistake(
    of="cross_entropy",
    hint="The largest logit of the whole batch is subtracted. A row of much smaller logits then becomes 0/0: subtract the largest of each row.",
    known="np.max without axis",
)
@np.errstate(all="ignore")
def shifted_by_largest_of_all(right, logits, target):
    return not_shifted(right, logits - logits.max(), target)


@mistake(
    of="cross_entropy",
    hint="The largest logit of each column is subtracted. That is a different number for each class and changes the probabilities: subtract the largest of each row.",
    known="axis=0 in place of axis=1",
)
def shifted_by_largest_of_column(right, logits, target):
    return right.cross_entropy(logits - logits.max(axis=0), target)


def loss_with_constant(logits, target, constant):
    probabilities = softmax(logits)
    return from_probabilities(probabilities, target, -np.log(right_ones(probabilities, target) + constant).mean())


CONSTANT_ADDED = "A small constant is added to the probability before the logarithm, and the loss stops growing. Work out the logarithm of the probability directly; then nothing needs to be added."
ADDED_BY = "10 of 82 public CS231n and deeplearning.ai solutions, with 'not shifted'"


@mistake(of="cross_entropy", hint=CONSTANT_ADDED, known=ADDED_BY)
def constant_inside_logarithm(right, logits, target):
    return loss_with_constant(logits, target, 1e-8)


@mistake(of="cross_entropy", hint=CONSTANT_ADDED, known=ADDED_BY)
def tiny_constant_inside_logarithm(right, logits, target):
    return loss_with_constant(logits, target, 1e-12)


@mistake(of="cross_entropy", hint=CONSTANT_ADDED, known=ADDED_BY)
def constant_1e_16_inside_logarithm(right, logits, target):
    return loss_with_constant(logits, target, 1e-16)


@mistake(of="cross_entropy", hint=CONSTANT_ADDED, known=ADDED_BY)
def constant_1e_10_inside_logarithm(right, logits, target):
    return loss_with_constant(logits, target, 1e-10)


@mistake(of="cross_entropy", hint=CONSTANT_ADDED, known=ADDED_BY)
def constant_1e_7_inside_logarithm(right, logits, target):
    return loss_with_constant(logits, target, 1e-7)


@mistake(of="cross_entropy", hint=CONSTANT_ADDED, known=ADDED_BY)
def constant_1e_5_inside_logarithm(right, logits, target):
    return loss_with_constant(logits, target, 1e-5)


@mistake(
    of="cross_entropy",
    hint="Probabilities are clipped before the logarithm, and the loss stops growing. Work out the logarithm of the probability directly; then nothing needs to be clipped.",
    known="scikit-learn's log_loss clipped at 1e-15 for years; Keras clips at 1e-7",
)
def probability_clipped(right, logits, target):
    probabilities = softmax(logits)
    return from_probabilities(probabilities, target, -np.log(right_ones(probabilities, target).clip(1e-15)).mean())


@mistake(
    of="cross_entropy",
    hint="The loss is added up over the examples. It is their mean.",
    known="reduction='sum' of torch.nn.functional.cross_entropy",
)
def loss_summed(right, logits, target):
    loss, gradient = right.cross_entropy(logits, target)
    return loss * len(target), gradient


@mistake(
    of="cross_entropy",
    hint="The gradient lacks the factor 1/N: the loss is a mean over N examples, and so each of them counts only 1/N.",
    known="'probabilities minus the right answer' remembered for one example",
)
def gradient_summed(right, logits, target):
    loss, gradient = right.cross_entropy(logits, target)
    return loss, gradient * len(target)


@mistake(
    of="cross_entropy",
    hint="Loss and gradient are added up over the examples. The loss is their mean, so that both have a factor 1/N.",
    known="reduction='sum' of torch.nn.functional.cross_entropy",
)
def both_summed(right, logits, target):
    loss, gradient = right.cross_entropy(logits, target)
    return loss * len(target), gradient * len(target)


@mistake(
    of="cross_entropy",
    hint="The gradient is divided by the number of all logits. The loss is a mean over examples, not over examples and classes: divide by N.",
    known="np.mean without axis; reduction by the number of elements",
)
def gradient_divided_by_size(right, logits, target):
    loss, gradient = right.cross_entropy(logits, target)
    return loss, gradient / logits.shape[1]


@mistake(
    of="cross_entropy",
    hint="The loss is divided by the number of classes, too: a mean over a table that is 0 except at the right classes. It is a mean over the N examples.",
    known="np.mean of one-hot rows times logarithms",
)
def loss_divided_by_size(right, logits, target):
    loss, gradient = right.cross_entropy(logits, target)
    return loss / logits.shape[1], gradient


@mistake(
    of="cross_entropy",
    hint="Softmax is applied twice. Apply it once, to the logits as they come.",
    known="torch.nn.CrossEntropyLoss behind a softmax layer, a frequent question on the PyTorch forum",
)
def softmax_twice(right, logits, target):
    return right.cross_entropy(softmax(logits), target)


@mistake(
    of="cross_entropy",
    hint="The loss is in another unit: the logarithm is that with base 2. Take the natural one, np.log.",
    known="entropy in information theory, in bits",
)
def base_two(right, logits, target):
    loss, gradient = right.cross_entropy(logits, target)
    return loss / np.log(2), gradient


@mistake(
    of="cross_entropy",
    hint="The gradient's sign is reversed: it is the probabilities minus the right answer.",
    known="'right answer minus prediction', as in the delta rule",
)
def gradient_negative(right, logits, target):
    loss, gradient = right.cross_entropy(logits, target)
    return loss, -gradient


@mistake(
    of="cross_entropy",
    hint="The loss's sign is reversed: it is minus the logarithm of a probability, and never negative.",
    known="the minus sign forgotten",
)
def loss_negative(right, logits, target):
    loss, gradient = right.cross_entropy(logits, target)
    return -loss, gradient


@mistake(
    of="cross_entropy",
    hint="The gradient holds the probabilities only. Subtract 1 at the right class of each example.",
    known="the '- [c = t]' forgotten",
)
def one_not_subtracted(right, logits, target):
    loss, _ = right.cross_entropy(logits, target)
    return loss, softmax(logits) / len(target)


@mistake(
    of="cross_entropy",
    hint="1 is subtracted in whole columns: gradient[:, target] means these columns in every row. Pair each row with its own target.",
    known="NumPy indexing with a slice and an array",
)
def one_subtracted_in_columns(right, logits, target):
    loss, _ = right.cross_entropy(logits, target)
    gradient = softmax(logits)
    gradient[:, target] -= 1
    return loss, gradient / len(target)


@mistake(
    of="cross_entropy",
    hint="Probabilities add up to 1 over the examples of a batch. They must add up to 1 over the classes of each example: axis 1.",
    known="axis=0 in place of axis=1; deeplearning.ai stores examples as columns",
)
def softmax_over_examples(right, logits, target):
    exponentials = np.exp(logits - logits.max(axis=0))
    probabilities = exponentials / exponentials.sum(axis=0)
    with np.errstate(all="ignore"):
        return from_probabilities(probabilities, target, -np.log(right_ones(probabilities, target)).mean())


@mistake(
    of="cross_entropy",
    hint="The loss is an array with one number per example. It is one number, their mean.",
    known="reduction='none' of torch.nn.functional.cross_entropy",
)
def loss_per_example(right, logits, target):
    _, gradient = right.cross_entropy(logits, target)
    return losses(logits, target), gradient


@mistake(
    of="cross_entropy",
    hint="Only the loss is returned. The gradient is wanted, too: return loss, grad_logits.",
    known="torch.nn.functional.cross_entropy returns the loss alone",
)
def gradient_not_returned(right, logits, target):
    return right.cross_entropy(logits, target)[0]


@mistake(
    of="cross_entropy",
    hint="Your answer is right, but the caller's logits are changed on the way: -= works in place. Make a new array.",
    known="'f -= np.max(f)' in the CS231n notes on softmax",
)
def logits_shifted_in_place(right, logits, target):
    logits -= logits.max(axis=1, keepdims=True)
    return right.cross_entropy(logits, target)


# conv2d_backward


def padded(right, x, padding):
    padding_h, padding_w = right.pair(padding)
    return np.pad(x, ((0, 0), (0, 0), (padding_h, padding_h), (padding_w, padding_w)))


def uncut(right, grad_output, x, weight, stride, padding):
    """grad_input with the frame of padding still around it."""
    return right.conv2d_backward(grad_output, padded(right, x, padding), weight, stride)[0]


def cut(array, x, padding_h, padding_w):
    return array[:, :, padding_h : padding_h + x.shape[2], padding_w : padding_w + x.shape[3]]


def windows(right, grad_output, kernel_size, stride):
    """Row and column of each number of grad_output, and the place of its window."""
    (kernel_h, kernel_w), (stride_h, stride_w) = right.pair(kernel_size), right.pair(stride)
    for i, j in np.ndindex(*grad_output.shape[2:]):
        top, left = i * stride_h, j * stride_w
        yield i, j, np.s_[:, :, top : top + kernel_h, left : left + kernel_w]


def window_by_window(right, grad_output, x, weight, stride, padding, window=None):
    """The reference, but failing as loops over images, filters, rows and columns do if a window does not fit."""
    frame = padded(right, x, padding)
    grad_frame, grad_weight = np.zeros_like(frame), np.zeros_like(weight)
    for _, _, place in windows(right, grad_output, window or weight.shape[2:], stride):
        grad_frame[0][place[1:]] += weight[0]
        grad_weight[0] += frame[0][place[1:]]
    return right.conv2d_backward(grad_output, x, weight, stride, padding)


@mistake(
    of="conv2d_backward",
    hint="In grad_input the kernels lie turned by 180 degrees. Paste each as it is. (Only the correlation of the padded grad_output uses turned kernels.)",
    known="the formula 'full correlation with the turned kernel' with the turn left out, or pasting with it",
)
def kernel_turned(right, grad_output, x, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    turned = weight[:, :, ::-1, ::-1]
    return right.conv2d_backward(grad_output, x, turned, stride, padding)[0], grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="grad_weight is turned by 180 degrees. Cell (a, b) of the kernel collects from cells (a, b) of the windows.",
    known="public tests of deeplearning.ai course 4 compare means only and let it pass",
)
def weight_gradient_turned(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return grad_input, grad_weight[:, :, ::-1, ::-1], grad_bias


@mistake(
    of="conv2d_backward",
    hint="In grad_input each window overwrites what windows and filters before it left. A cell collects from every output that has read it: add up.",
    known="the most frequent mistake in backward passes; 19 of 82 public CS231n and deeplearning.ai solutions make it in pooling",
)
def windows_overwritten(right, grad_output, x, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    grad_padded = np.zeros_like(padded(right, x, padding))
    for i, j, place in windows(right, grad_output, weight.shape[2:], stride):
        grad_padded[place] = grad_output[:, -1, i, j, None, None, None] * weight[-1]
    return cut(grad_padded, x, *right.pair(padding)), grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="In grad_input each window overwrites what windows before it left; filters are added up. A cell collects from every window that has read it: add up windows, too.",
    known="= for += in a loop over rows and columns",
)
def windows_overwritten_filters_added(right, grad_output, x, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    grad_padded = np.zeros_like(padded(right, x, padding))
    for i, j, place in windows(right, grad_output, weight.shape[2:], stride):
        grad_padded[place] = np.tensordot(grad_output[:, :, i, j], weight, axes=1)
    return cut(grad_padded, x, *right.pair(padding)), grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="In grad_input each cell of the kernel overwrites what other cells of the kernel left. A number of x collects from every cell of the kernel that was laid on it: add up.",
    known="= for += in a loop over the cells of the kernel",
)
def kernel_cells_overwritten(right, grad_output, x, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    (stride_h, stride_w), (out_h, out_w) = right.pair(stride), grad_output.shape[2:]
    grad_padded = np.zeros_like(padded(right, x, padding))
    for a, b in np.ndindex(*weight.shape[2:]):
        part = np.einsum("nfij,fc->ncij", grad_output, weight[:, :, a, b])
        grad_padded[:, :, a : a + out_h * stride_h : stride_h, b : b + out_w * stride_w : stride_w] = part
    return cut(grad_padded, x, *right.pair(padding)), grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="grad_weight holds what the last window of the last image gave. Every window has read the kernel: add all of them up.",
    known="= for += in loops over images, rows and columns",
)
def weight_of_last_window(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, _, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    last = grad_output * 0
    last[-1, :, -1, -1] = grad_output[-1, :, -1, -1]
    return grad_input, right.conv2d_backward(last, x, weight, stride, padding)[1], grad_bias


@mistake(
    of="conv2d_backward",
    hint="grad_weight is that of the last image only. Every image has read the kernel: add all of them up.",
    known="an array set to zero inside the loop over images",
)
def weight_of_last_image(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, _, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return grad_input, right.conv2d_backward(grad_output[-1:], x[-1:], weight, stride, padding)[1], grad_bias


@mistake(
    of="conv2d_backward",
    hint="grad_bias is that of the last image only. Every image has read the bias: add all of them up.",
    known="= for += in a loop over images",
)
def bias_of_last_image(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, grad_weight, _ = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return grad_input, grad_weight, grad_output[-1].sum(axis=(1, 2))


@mistake(
    of="conv2d_backward",
    hint="grad_bias is that of the first image only. Every image has read the bias: add all of them up.",
    known="tests of CMU 10-714, homework 4, let it pass: their backward tests have one image",
)
def bias_of_first_image(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, grad_weight, _ = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return grad_input, grad_weight, grad_output[0].sum(axis=(1, 2))


@mistake(
    of="conv2d_backward",
    hint="The frame is cut off with [padding:-padding]. Without padding that is [0:-0], which is empty in numpy. Say where the image ends: at padding plus its height.",
    known="37 of 82 public CS231n and deeplearning.ai solutions; a hint in deeplearning.ai course 4's own template",
)
def cut_to_minus_padding(right, grad_output, x, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    padding_h, padding_w = right.pair(padding)
    frame = uncut(right, grad_output, x, weight, stride, padding)
    return frame[:, :, padding_h:-padding_h, padding_w:-padding_w], grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="The frame is cut off with [padding:-padding]. Without padding that is [0:-0], which is empty, and nothing can be put from it into grad_input. Say where the image ends: at padding plus its height.",
    known="dA_prev[i] = da_prev_pad[pad:-pad, pad:-pad], as the template of deeplearning.ai's course 4 hints",
)
def cut_to_minus_padding_and_copied(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    padding_h, padding_w = right.pair(padding)
    frame = uncut(right, grad_output, x, weight, stride, padding)
    grad_input[:] = frame[:, :, padding_h:-padding_h, padding_w:-padding_w]
    return grad_input, grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="The image is always padded by 1. Pad it by the parameter padding, which may be 0 or have two numbers.",
    known="7 of 82 public CS231n and deeplearning.ai solutions write padding or crop as 1",
)
def padding_always_one(right, grad_output, x, weight, stride=1, padding=0):
    return window_by_window(right, grad_output, x, weight, stride, 1)


@mistake(
    of="conv2d_backward",
    hint="The frame of padding is always taken to be one cell wide. It is as wide as the parameter padding says, and may be 0 wide.",
    known="7 of 82 public CS231n and deeplearning.ai solutions write padding or crop as 1",
)
def cut_by_one(right, grad_output, x, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return uncut(right, grad_output, x, weight, stride, padding)[:, :, 1:-1, 1:-1], grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="grad_input is always cut out from row 1 and column 1 on. The image begins as far inside the frame as the parameter padding says, which may be 0.",
    known="7 of 82 public CS231n and deeplearning.ai solutions write padding or crop as 1",
)
def cut_from_one(right, grad_output, x, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return cut(uncut(right, grad_output, x, weight, stride, padding), x, 1, 1), grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="grad_input has the right size, but is cut from the frame's top left corner. The image begins padding cells further down and to the right.",
    known="[:H, :W] of the padded gradient",
)
def cut_at_top_left(right, grad_output, x, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    frame = uncut(right, grad_output, x, weight, stride, padding)
    return cut(frame, x, 0, 0), grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="grad_input has the right size, but is cut from the frame's bottom right corner. The padding is on all sides.",
    known="[-H:, -W:] of the padded gradient; padding by twice as much on one side",
)
def cut_at_bottom_right(right, grad_output, x, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    frame = uncut(right, grad_output, x, weight, stride, padding)
    return frame[:, :, -x.shape[2] :, -x.shape[3] :], grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="grad_input still has the frame of padding around it. Cut it off: the answer has the shape of x, which is not padded.",
    known="the crop forgotten",
)
def frame_not_cut(right, grad_output, x, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return uncut(right, grad_output, x, weight, stride, padding), grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="The padded x is filled with [padding:-padding], which is empty without padding. Say where the image ends: at padding plus its height.",
    known="1 of 82 public CS231n and deeplearning.ai solutions",
)
def frame_filled_to_minus_padding(right, grad_output, x, weight, stride=1, padding=0):
    padding_h, padding_w = right.pair(padding)
    frame = np.zeros_like(padded(right, x, padding))
    frame[:, :, padding_h:-padding_h, padding_w:-padding_w] = x
    return right.conv2d_backward(grad_output, x, weight, stride, padding)


@mistake(
    of="conv2d_backward",
    hint="The stride is not used on the way back. Window (i, j) begins at row i times stride and column j times stride, as on the way forward.",
    known="7 of 82 public CS231n and deeplearning.ai solutions",
)
def stride_ignored(right, grad_output, x, weight, stride=1, padding=0):
    return right.conv2d_backward(grad_output, x, weight, 1, padding)


@mistake(
    of="conv2d_backward",
    hint="For grad_weight the stride is not used: window (i, j) is read at row i and column j. It begins at row i times stride and column j times stride.",
    known="check cells of CS231n assignment 2 let it pass",
)
def stride_ignored_in_weight(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, _, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return grad_input, right.conv2d_backward(grad_output, x, weight, 1, padding)[1], grad_bias


@mistake(
    of="conv2d_backward",
    hint="For grad_input the stride is not used: window (i, j) is pasted at row i and column j. It begins at row i times stride and column j times stride.",
    known="the stride used in one of two places",
)
def stride_ignored_in_input(right, grad_output, x, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return right.conv2d_backward(grad_output, x, weight, 1, padding)[0], grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="Between rows and columns of grad_output lies one zero at most. With stride s there must be s - 1 of them before it is correlated with the turned kernels.",
    known="1 of 82 public CS231n and deeplearning.ai solutions: 'dilation wrong for strides above 2'",
)
def dilated_for_stride_two(right, grad_output, x, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    stride = tuple(min(step, 2) for step in right.pair(stride))
    return right.conv2d_backward(grad_output, x, weight, stride, padding)[0], grad_weight, grad_bias


def by_correlation(right, grad_output, x, weight, stride, padding):
    """grad_input as a correlation of grad_output with turned kernels; ends with the last window."""
    (stride_h, stride_w), (kernel_h, kernel_w) = right.pair(stride), weight.shape[2:]
    out_h, out_w = grad_output.shape[2:]
    spread = np.zeros((*grad_output.shape[:2], (out_h - 1) * stride_h + 1, (out_w - 1) * stride_w + 1))
    spread[:, :, ::stride_h, ::stride_w] = grad_output
    turned = weight.swapaxes(0, 1)[:, :, ::-1, ::-1]
    return cut(right.conv2d(spread, turned, None, 1, (kernel_h - 1, kernel_w - 1)), x, *right.pair(padding))


@mistake(
    of="conv2d_backward",
    hint="grad_input ends with the last window. Rows and columns behind it belong to the input, too: no window has read them, so they get 0.",
    known="the shape of a transposed convolution without output_padding (torch.nn.ConvTranspose2d)",
)
def unread_cells_missing(right, grad_output, x, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return by_correlation(right, grad_output, x, weight, stride, padding), grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="grad_output is correlated with the turned kernels as it is, and grad_input comes out too small. With stride s, s - 1 zeros belong between its rows and columns.",
    known="the formula for stride 1",
)
def upstream_not_dilated(right, grad_output, x, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return by_correlation(right, grad_output, x, weight, 1, padding), grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="The stride's two numbers are exchanged: the first is for going down, the second for going across.",
    known="14 of 82 public CS231n and deeplearning.ai solutions exchange height and width somewhere",
)
def stride_exchanged(right, grad_output, x, weight, stride=1, padding=0):
    return window_by_window(right, grad_output, x, weight, right.pair(stride)[::-1], padding)


@mistake(
    of="conv2d_backward",
    hint="The padding's two numbers are exchanged: the first is for above and below, the second for left and right.",
    known="14 of 82 public CS231n and deeplearning.ai solutions exchange height and width somewhere",
)
def padding_exchanged(right, grad_output, x, weight, stride=1, padding=0):
    return window_by_window(right, grad_output, x, weight, stride, right.pair(padding)[::-1])


@mistake(
    of="conv2d_backward",
    hint="The kernel's height is used for the width of a window, too, so that window and kernel do not fit together. A kernel need not be square.",
    known="14 of 82 public CS231n and deeplearning.ai solutions exchange height and width somewhere",
)
def window_as_high_as_wide(right, grad_output, x, weight, stride=1, padding=0):
    return window_by_window(right, grad_output, x, weight, stride, padding, window=weight.shape[2])


@mistake(
    of="conv2d_backward",
    hint="The loop over the kernel's columns ends at its height, so that columns are left out, or do not exist. A kernel need not be square.",
    known="14 of 82 public CS231n and deeplearning.ai solutions exchange height and width somewhere",
)
def kernel_taken_as_square(right, grad_output, x, weight, stride=1, padding=0):
    used = weight[:, :, :, np.arange(weight.shape[2])]
    grad_input, part, grad_bias = right.conv2d_backward(grad_output, x, used, stride, padding)
    grad_weight = np.zeros_like(weight)
    grad_weight[..., : used.shape[3]] = part
    return grad_input, grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="grad_output's height is used for its width, too, so that columns are left out, or do not exist. It need not be square.",
    known="14 of 82 public CS231n and deeplearning.ai solutions exchange height and width somewhere",
)
def output_taken_as_square(right, grad_output, x, weight, stride=1, padding=0):
    used = grad_output[:, :, :, np.arange(grad_output.shape[2])]
    return right.conv2d_backward(used, x, weight, stride, padding)


@mistake(
    of="conv2d_backward",
    hint="grad_output is read column by column where it is stored row by row: as if number (i, j) stood at place j * H_out + i of a plane.",
    known="im2col with an index that is right for square outputs only: 1 of 82 public CS231n and deeplearning.ai solutions",
)
def upstream_read_by_columns(right, grad_output, x, weight, stride=1, padding=0):
    images, filters, height, width = grad_output.shape
    grad_output = grad_output.reshape(images, filters, width, height).swapaxes(2, 3)
    return right.conv2d_backward(grad_output, x, weight, stride, padding)


@mistake(
    of="conv2d_backward",
    hint="grad_output is used upside down and mirrored. If anything is turned by 180 degrees, it is the kernel.",
    known="tests of CMU 10-714, homework 4, let it pass: their grad_output is all ones",
)
def upstream_turned(right, grad_output, x, weight, stride=1, padding=0):
    return right.conv2d_backward(grad_output[:, :, ::-1, ::-1], x, weight, stride, padding)


@mistake(
    of="conv2d_backward",
    hint="grad_output is not used: every output counts 1. Multiply each window and each kernel by its number of grad_output.",
    known="y.sum().backward() in torch",
)
def upstream_ignored(right, grad_output, x, weight, stride=1, padding=0):
    return right.conv2d_backward(np.ones_like(grad_output), x, weight, stride, padding)


@mistake(
    of="conv2d_backward",
    hint="All filters paste the first filter's kernel into grad_input. Each has a kernel of its own.",
    known="an index of the filter left out",
)
def first_filter_for_all(right, grad_output, x, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    first = np.repeat(weight[:1], len(weight), axis=0)
    return right.conv2d_backward(grad_output, x, first, stride, padding)[0], grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="Only the first filter is gone through. Each filter has read the image, and has a kernel and a bias of its own: go through all of them.",
    known="the loop over filters left out, or over weight.shape[1]; `return` inside of it",
)
def first_filter_only(right, grad_output, x, weight, stride=1, padding=0):
    only = np.zeros_like(grad_output)
    only[:, 0] = grad_output[:, 0]
    return right.conv2d_backward(only, x, weight, stride, padding)


@mistake(
    of="conv2d_backward",
    hint="grad_input holds the same for all images: that of the last. Write each image's gradient into its own place.",
    known="the index of the batch is missing in one of 82 public solutions of CS231n and deeplearning.ai",
)
def last_image_for_all(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return np.repeat(grad_input[-1:], len(x), axis=0), grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="Height and width are exchanged in the loops over grad_output: shapes end in height, width, in this order.",
    known="14 of 82 public CS231n and deeplearning.ai solutions exchange height and width somewhere",
)
def bounds_exchanged(right, grad_output, x, weight, stride=1, padding=0):
    read = np.zeros_like(grad_output)
    for i, j in np.ndindex(*grad_output.shape[:1:-1]):
        read[:, :, i, j] = grad_output[:, :, i, j]
    return right.conv2d_backward(read, x, weight, stride, padding)


@mistake(
    of="conv2d_backward",
    hint="For grad_weight all channels read the first channel of x. Channel c of the kernel has read channel c.",
    known="an index of the channel left out",
)
def first_channel_for_all(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, _, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    first = np.repeat(x[:, :1], x.shape[1], axis=1)
    return grad_input, right.conv2d_backward(grad_output, first, weight, stride, padding)[1], grad_bias


@mistake(
    of="conv2d_backward",
    hint="For grad_weight the windows of all images are read from the first image. Each has windows of its own.",
    known="1 of 82 public CS231n and deeplearning.ai solutions: the index of the image left out",
)
def first_image_for_all(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, _, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    first = np.repeat(x[:1], len(x), axis=0)
    return grad_input, right.conv2d_backward(grad_output, first, weight, stride, padding)[1], grad_bias


@mistake(
    of="conv2d_backward",
    hint="grad_weight is divided by the number of images. It is a sum: if the loss is a mean, grad_output holds that factor already.",
    known="the 1/m of deeplearning.ai course 1",
)
def weight_averaged_over_images(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return grad_input, grad_weight / len(x), grad_bias


@mistake(
    of="conv2d_backward",
    hint="grad_bias is divided by the number of images. It is a sum: if the loss is a mean, grad_output holds that factor already.",
    known="tests of CMU 10-714, homework 4, let it pass: their backward tests have one image",
)
def bias_averaged_over_images(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return grad_input, grad_weight, grad_bias / len(x)


@mistake(
    of="conv2d_backward",
    hint="grad_bias is a mean over rows and columns. Every output of a filter has read its bias, with factor 1: add up.",
    known="np.mean for np.sum",
)
def bias_averaged_over_positions(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, grad_weight, _ = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return grad_input, grad_weight, grad_output.mean(axis=(2, 3)).sum(axis=0)


@mistake(
    of="conv2d_backward",
    hint="grad_weight and grad_bias are divided by the number of images. They are sums: if the loss is a mean, grad_output holds that factor already.",
    known="the 1/m of deeplearning.ai course 1",
)
def weights_averaged_over_images(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return grad_input, grad_weight / len(x), grad_bias / len(x)


@mistake(
    of="conv2d_backward",
    hint="All three gradients are divided by the number of images. Nothing is averaged here: if the loss is a mean, grad_output holds that factor already.",
    known="tests of CMU 10-714, homework 4, let it pass",
)
def all_averaged_over_images(right, grad_output, x, weight, stride=1, padding=0):
    gradients = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return tuple(gradient / len(x) for gradient in gradients)


@mistake(
    of="conv2d_backward",
    hint="grad_bias is a mean over images, rows and columns. Every output of a filter has read its bias, with factor 1: add up.",
    known="np.mean for np.sum",
)
def bias_is_mean(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, grad_weight, _ = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return grad_input, grad_weight, grad_output.mean(axis=(0, 2, 3))


@mistake(
    of="conv2d_backward",
    hint="grad_bias has axes of length 1 left. It must have the shape of bias, (C_out,): leave keepdims away.",
    known="biases of shape (1, 1, 1, C) in deeplearning.ai course 4; keepdims=True",
)
def bias_keeps_axes(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, grad_weight, _ = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return grad_input, grad_weight, grad_output.sum(axis=(0, 2, 3), keepdims=True)


@mistake(
    of="conv2d_backward",
    hint="grad_bias has a row for each image. Every image has read the same bias: add up over the images, too.",
    known="the sum over rows and columns alone",
)
def bias_per_image(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, grad_weight, _ = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return grad_input, grad_weight, grad_output.sum(axis=(2, 3))


@mistake(
    of="conv2d_backward",
    hint="grad_bias is one number, the sum of all grad_output. Each filter has a bias of its own: add up images, rows and columns, but keep the filters apart.",
    known="np.sum without axis",
)
def bias_of_all_filters(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, grad_weight, _ = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return grad_input, grad_weight, grad_output.sum()


@mistake(
    of="conv2d_backward",
    hint="The first two axes of grad_input are exchanged: images come first, channels second.",
    known="the order of axes that np.tensordot returns",
)
def input_axes_exchanged(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return grad_input.swapaxes(0, 1), grad_weight, grad_bias


@mistake(
    of="conv2d_backward",
    hint="The first two axes of grad_weight are exchanged: filters (output channels) come first, input channels second.",
    known="the order of axes that np.tensordot returns; kernels of torch.nn.ConvTranspose2d",
)
def weight_axes_exchanged(right, grad_output, x, weight, stride=1, padding=0):
    grad_input, grad_weight, grad_bias = right.conv2d_backward(grad_output, x, weight, stride, padding)
    return grad_input, grad_weight.swapaxes(0, 1), grad_bias


@mistake(
    of="conv2d_backward",
    hint="Only two gradients are returned. The bias has one, too, even though it is no parameter here.",
    known="a layer without bias",
)
def bias_not_returned(right, grad_output, x, weight, stride=1, padding=0):
    return right.conv2d_backward(grad_output, x, weight, stride, padding)[:2]


@mistake(
    of="conv2d_backward",
    hint="Your answer is right, but the caller's weight is turned around: assigning to a slice changes the array itself. Make a new one.",
    known="turning the kernel in place for the correlation with grad_output",
)
def weight_turned_in_place(right, grad_output, x, weight, stride=1, padding=0):
    answer = right.conv2d_backward(grad_output, x, weight, stride, padding)
    weight[:] = weight[:, :, ::-1, ::-1].copy()
    return answer


# max_pool2d_backward


def shared_out(right, grad_output, x, kernel_size, stride, share):
    """grad_input where ``share(window, gradient)`` says what the cells of each window get."""
    grad_input = np.zeros(x.shape)
    for i, j, place in windows(right, grad_output, kernel_size, stride):
        grad_input[place] += share(x[place], grad_output[:, :, i, j, None, None])
    return grad_input


def largest(cells, axis=(2, 3)):
    return cells == cells.max(axis=axis, keepdims=True)


@mistake(
    of="max_pool2d_backward",
    hint="Where windows overlap, one overwrites what another left in a cell. A cell that is the largest of several windows collects from each: add up.",
    known="19 of 82 public CS231n and deeplearning.ai solutions, by 14 students; an autograder of CMU 11-785 once expected it",
)
def overlaps_overwritten(right, grad_output, x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    grad_input = np.zeros(x.shape)
    for i, j, place in windows(right, grad_output, kernel_size, stride):
        gradient = grad_output[:, :, i, j, None, None]
        cells = x[place]
        there = right.max_pool2d_backward(np.ones_like(gradient), cells, cells.shape[2:]) == 1
        np.copyto(grad_input[place], gradient, where=there)
    return grad_input


@mistake(
    of="max_pool2d_backward",
    hint="If the largest number stands in a window more than once, each of them gets the whole gradient. The window has passed on one number: give it to the first.",
    known="18 of 82 public CS231n and deeplearning.ai solutions",
)
def all_of_equals(right, grad_output, x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    return shared_out(right, grad_output, x, kernel_size, stride, lambda cells, g: largest(cells) * g)


@mistake(
    of="max_pool2d_backward",
    hint="Each window overwrites all of its cells, zeros included, and what windows before it left there is lost. Add up instead.",
    known="dx[...] = mask * gradient, among the 19 of 82 public CS231n and deeplearning.ai solutions that overwrite",
)
def windows_overwritten_in_whole(right, grad_output, x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    grad_input = np.zeros(x.shape)
    for i, j, place in windows(right, grad_output, kernel_size, stride):
        grad_input[place] = largest(x[place]) * grad_output[:, :, i, j, None, None]
    return grad_input


@mistake(
    of="max_pool2d_backward",
    hint="If the largest number stands in a window more than once, they share the gradient. That is a sound rule, but the question asks for another: all of it goes to the first.",
    known="1 of 82 public CS231n and deeplearning.ai solutions; torch.amax",
)
def equals_share(right, grad_output, x, kernel_size, stride=None):
    def share(cells, g):
        return largest(cells) * g / largest(cells).sum(axis=(2, 3), keepdims=True)

    return shared_out(right, grad_output, x, kernel_size, kernel_size if stride is None else stride, share)


@mistake(
    of="max_pool2d_backward",
    hint="If the largest number stands in a window more than once, the last of them gets the gradient. That is a sound rule, but the question asks for another: the first.",
    known="a search with >= in place of >",
)
def last_of_equals(right, grad_output, x, kernel_size, stride=None):
    def share(cells, g):
        turned = right.max_pool2d_backward(g, cells[:, :, ::-1, ::-1], cells.shape[2:])
        return turned[:, :, ::-1, ::-1]

    return shared_out(right, grad_output, x, kernel_size, kernel_size if stride is None else stride, share)


@mistake(
    of="max_pool2d_backward",
    hint="If the largest number stands in a window more than once, the first counted column by column gets the gradient. Count row by row.",
    known="a search with the loop over columns outside",
)
def first_of_equals_by_columns(right, grad_output, x, kernel_size, stride=None):
    def share(cells, g):
        return right.max_pool2d_backward(g, cells.swapaxes(2, 3), cells.shape[:1:-1]).swapaxes(2, 3)

    return shared_out(right, grad_output, x, kernel_size, kernel_size if stride is None else stride, share)


@mistake(
    of="max_pool2d_backward",
    hint="The gradient goes to the number that is farthest from 0. The largest of negative numbers is the one nearest to 0.",
    known="np.abs before np.argmax",
)
def largest_absolute(right, grad_output, x, kernel_size, stride=None):
    return right.max_pool2d_backward(grad_output, np.abs(x), kernel_size, stride)


@mistake(
    of="max_pool2d_backward",
    hint="Windows without a number above 0 lose their gradient. The search for the largest must not begin at 0, as -1 is the largest of -1 and -2.",
    known="'largest = 0' before the loop",
)
def search_begins_at_zero(right, grad_output, x, kernel_size, stride=None):
    def share(cells, g):
        return right.max_pool2d_backward(g, cells, cells.shape[2:]) * (cells > 0)

    return shared_out(right, grad_output, x, kernel_size, kernel_size if stride is None else stride, share)


@mistake(
    of="max_pool2d_backward",
    hint="A window whose numbers are all below -100 passes nothing on, as if the search for the largest began at -100. Begin at minus infinity, or with the window's first cell.",
    known="best = -100 before the loop, which seems low enough",
)
def search_begins_at_minus_100(right, grad_output, x, kernel_size, stride=None):
    def share(cells, g):
        return right.max_pool2d_backward(g, cells, cells.shape[2:]) * (cells > -100)

    return shared_out(right, grad_output, x, kernel_size, kernel_size if stride is None else stride, share)


@mistake(
    of="max_pool2d_backward",
    hint="The largest number is looked for in the right window, but its gradient is put in as if windows began one cell apart. Add row times stride and column times stride.",
    known="the stride used in one of two places; 9 of 82 public CS231n and deeplearning.ai solutions forget it in pooling's backward",
)
def stride_forgotten_where_it_goes(right, grad_output, x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    grad_input = np.zeros(x.shape)
    for i, j, place in windows(right, grad_output, kernel_size, stride):
        cells = x[place]
        share = right.max_pool2d_backward(grad_output[:, :, i : i + 1, j : j + 1], cells, cells.shape[2:])
        grad_input[:, :, i : i + cells.shape[2], j : j + cells.shape[3]] += share
    return grad_input


@mistake(
    of="max_pool2d_backward",
    hint="The place inside a window is worked out from its number with the window's height. Rows of a window are as long as the window is wide.",
    known="1 of 82 public CS231n and deeplearning.ai solutions: 'place // height, place % height'",
)
def place_decoded_with_height(right, grad_output, x, kernel_size, stride=None):
    kernel_h, _ = right.pair(kernel_size)
    stride_h, stride_w = right.pair(kernel_size if stride is None else stride)
    grad_input = np.zeros(x.shape)
    images, channels = np.ogrid[: x.shape[0], : x.shape[1]]
    for i, j, place in windows(right, grad_output, kernel_size, (stride_h, stride_w)):
        number = x[place].reshape(*x.shape[:2], -1).argmax(axis=2)
        row, column = i * stride_h + number // kernel_h, j * stride_w + number % kernel_h
        grad_input[images, channels, row, column] += grad_output[:, :, i, j]
    return grad_input


@mistake(
    of="max_pool2d_backward",
    hint="The place of the largest number is used without its window's corner: it counts from the window's top left, not from the image's.",
    known="'top +' and 'left +' forgotten",
)
def corner_forgotten(right, grad_output, x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    grad_input = np.zeros(x.shape)
    for i, j, place in windows(right, grad_output, kernel_size, stride):
        cells = x[place]
        share = right.max_pool2d_backward(grad_output[:, :, i : i + 1, j : j + 1], cells, cells.shape[2:])
        grad_input[:, :, : cells.shape[2], : cells.shape[3]] += share
    return grad_input


@mistake(
    of="max_pool2d_backward",
    hint="The stride is not used: windows are taken side by side. They begin a stride apart, which may be less or more than their size.",
    known="9 of 82 public CS231n and deeplearning.ai solutions forget the stride in pooling's backward",
)
def stride_is_kernel_size(right, grad_output, x, kernel_size, stride=None):
    def share(cells, g):
        return right.max_pool2d_backward(g, cells, cells.shape[2:])

    return shared_out(right, grad_output, x, kernel_size, kernel_size, share)


@mistake(
    of="max_pool2d_backward",
    hint="A stride of None is taken as 1. In pooling it means the size of the window: windows side by side.",
    known="the default of convolution",
)
def no_stride_is_one(right, grad_output, x, kernel_size, stride=None):
    return right.max_pool2d_backward(grad_output, x, kernel_size, 1 if stride is None else stride)


@mistake(
    of="max_pool2d_backward",
    hint="Windows begin one cell apart, whatever the stride is. Window (i, j) begins at row i times stride and column j times stride.",
    known="9 of 82 public CS231n and deeplearning.ai solutions forget the stride in pooling's backward",
)
def stride_is_one(right, grad_output, x, kernel_size, stride=None):
    return right.max_pool2d_backward(grad_output, x, kernel_size, 1)


@mistake(
    of="max_pool2d_backward",
    hint="The window's height is used for its width, too. A window need not be square.",
    known="14 of 82 public CS231n and deeplearning.ai solutions exchange height and width somewhere",
)
def window_taken_as_square(right, grad_output, x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    return right.max_pool2d_backward(grad_output, x, right.pair(kernel_size)[0], stride)


@mistake(
    of="max_pool2d_backward",
    hint="The place of the largest number is looked up in the first image and used for all. Each image has places of its own.",
    known="1 of 82 public CS231n and deeplearning.ai solutions: the index of the image left out",
)
def places_of_first_image(right, grad_output, x, kernel_size, stride=None):
    return right.max_pool2d_backward(grad_output, np.repeat(x[:1], len(x), axis=0), kernel_size, stride)


@mistake(
    of="max_pool2d_backward",
    hint="The largest number is sought in all channels together, and only its channel gets a gradient. Each channel is pooled on its own.",
    known="np.max of a window with all channels in it",
)
def largest_of_all_channels(right, grad_output, x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    return shared_out(right, grad_output, x, kernel_size, stride, lambda cells, g: largest(cells, (1, 2, 3)) * g)


@mistake(
    of="max_pool2d_backward",
    hint="Every cell of a window gets the gradient. Only the largest number was passed on; the others get nothing from this window.",
    known="the mask forgotten",
)
def whole_window(right, grad_output, x, kernel_size, stride=None):
    kernel_h, kernel_w = right.pair(kernel_size)
    return right.avg_pool2d_backward(grad_output, x.shape, kernel_size, stride) * (kernel_h * kernel_w)


@mistake(
    of="max_pool2d_backward",
    hint="Every cell of a window gets a share of the gradient. That is average pooling; here all of it goes to the largest number.",
    known="average pooling's backward",
)
def shared_as_in_average(right, grad_output, x, kernel_size, stride=None):
    return right.avg_pool2d_backward(grad_output, x.shape, kernel_size, stride)


@mistake(
    of="max_pool2d_backward",
    hint="The places are right, but every window passes on 1. It passes on its number of grad_output.",
    known="the mask alone, without the chain rule",
)
def mask_alone(right, grad_output, x, kernel_size, stride=None):
    return right.max_pool2d_backward(np.ones_like(grad_output), x, kernel_size, stride)


@mistake(
    of="max_pool2d_backward",
    hint="The result ends with the last window. Rows and columns behind it belong to the input, too: they are in no window and get 0.",
    known="gradients grown by np.repeat, or sized by the output",
)
def rows_left_over_missing(right, grad_output, x, kernel_size, stride=None):
    *_, (_, _, last) = windows(right, grad_output, kernel_size, kernel_size if stride is None else stride)
    return right.max_pool2d_backward(grad_output, x, kernel_size, stride)[:, :, : last[2].stop, : last[3].stop]


# avg_pool2d_backward


@mistake(
    of="avg_pool2d_backward",
    hint="Where windows overlap, one overwrites what another left in a cell. A cell collects its share from every window that has read it: add up.",
    known="19 of 82 public CS231n and deeplearning.ai solutions make it in max pooling",
)
def shares_overwritten(right, grad_output, input_shape, kernel_size, stride=None):
    grad_input = np.zeros(input_shape)
    share = grad_output / np.prod(right.pair(kernel_size))
    for i, j, place in windows(right, grad_output, kernel_size, kernel_size if stride is None else stride):
        grad_input[place] = share[:, :, i, j, None, None]
    return grad_input


def times(right, grad_output, input_shape, kernel_size, stride, factor):
    kernel_h, kernel_w = right.pair(kernel_size)
    return right.avg_pool2d_backward(grad_output * kernel_h * kernel_w * factor, input_shape, kernel_size, stride)


@mistake(
    of="avg_pool2d_backward",
    hint="Every cell gets the whole gradient. It was read with factor 1 over the number of cells in a window.",
    known="the backward of a sum",
)
def not_divided(right, grad_output, input_shape, kernel_size, stride=None):
    return times(right, grad_output, input_shape, kernel_size, stride, 1)


@mistake(
    of="avg_pool2d_backward",
    hint="The gradient is divided by the product of the strides. Divide by the number of cells in a window; with windows side by side it is the same.",
    known="stride and window size are the same in the usual example",
)
def divided_by_stride(right, grad_output, input_shape, kernel_size, stride=None):
    stride_h, stride_w = right.pair(kernel_size if stride is None else stride)
    return times(right, grad_output, input_shape, kernel_size, stride, 1 / (stride_h * stride_w))


@mistake(
    of="avg_pool2d_backward",
    hint="The gradient is always divided by 4. Divide by the number of cells in a window, which is 4 for 2x2 only.",
    known="the 2x2 windows of the slides written into the code",
)
def divided_by_four(right, grad_output, input_shape, kernel_size, stride=None):
    return times(right, grad_output, input_shape, kernel_size, stride, 1 / 4)


@mistake(
    of="avg_pool2d_backward",
    hint="The gradient is divided by the square of the window's height. A window need not be square: divide by height times width.",
    known="14 of 82 public CS231n and deeplearning.ai solutions exchange height and width somewhere",
)
def divided_by_height_squared(right, grad_output, input_shape, kernel_size, stride=None):
    return times(right, grad_output, input_shape, kernel_size, stride, 1 / right.pair(kernel_size)[0] ** 2)


@mistake(
    of="avg_pool2d_backward",
    hint="Each share is rounded down to a whole number. Divide with /, not with //.",
    known="// for /",
)
def divided_to_whole_numbers(right, grad_output, input_shape, kernel_size, stride=None):
    kernel_h, kernel_w = right.pair(kernel_size)
    return times(right, grad_output // (kernel_h * kernel_w), input_shape, kernel_size, stride, 1)


@mistake(
    of="avg_pool2d_backward",
    hint="Each cell gets the mean of what windows gave it. It collects: add up, and divide by the number of cells in a window only.",
    known="an average taken over windows, not over cells",
)
def averaged_over_windows(right, grad_output, input_shape, kernel_size, stride=None):
    total = times(right, grad_output, input_shape, kernel_size, stride, 1)
    count = times(right, np.ones_like(grad_output), input_shape, kernel_size, stride, 1)
    return total / np.maximum(count, 1)


@mistake(
    of="avg_pool2d_backward",
    hint="The stride is not used: windows are taken side by side. They begin a stride apart, which may be less or more than their size.",
    known="9 of 82 public CS231n and deeplearning.ai solutions forget the stride in pooling's backward",
)
def average_stride_is_kernel_size(right, grad_output, input_shape, kernel_size, stride=None):
    return right.avg_pool2d_backward(grad_output, input_shape, kernel_size)


@mistake(
    of="avg_pool2d_backward",
    hint="A stride of None is taken as 1. In pooling it means the size of the window: windows side by side.",
    known="the default of convolution",
)
def average_no_stride_is_one(right, grad_output, input_shape, kernel_size, stride=None):
    return right.avg_pool2d_backward(grad_output, input_shape, kernel_size, 1 if stride is None else stride)


@mistake(
    of="avg_pool2d_backward",
    hint="Windows begin one cell apart, whatever the stride is. Window (i, j) begins at row i times stride and column j times stride.",
    known="9 of 82 public CS231n and deeplearning.ai solutions forget the stride in pooling's backward",
)
def average_stride_is_one(right, grad_output, input_shape, kernel_size, stride=None):
    return right.avg_pool2d_backward(grad_output, input_shape, kernel_size, 1)


@mistake(
    of="avg_pool2d_backward",
    hint="The stride's two numbers are exchanged: the first is for going down, the second for going across.",
    known="14 of 82 public CS231n and deeplearning.ai solutions exchange height and width somewhere",
)
def average_stride_exchanged(right, grad_output, input_shape, kernel_size, stride=None):
    stride = right.pair(kernel_size if stride is None else stride)[::-1]
    return right.avg_pool2d_backward(grad_output, input_shape, kernel_size, stride)


@mistake(
    of="avg_pool2d_backward",
    hint="The result ends with the last window. input_shape says how large it must be: rows and columns in no window get 0.",
    known="gradients grown by np.repeat or np.kron, or sized by the output",
)
def average_rows_left_over_missing(right, grad_output, input_shape, kernel_size, stride=None):
    *_, (_, _, last) = windows(right, grad_output, kernel_size, kernel_size if stride is None else stride)
    whole = right.avg_pool2d_backward(grad_output, input_shape, kernel_size, stride)
    return whole[:, :, : last[2].stop, : last[3].stop]


@mistake(
    of="avg_pool2d_backward",
    hint="The gradient is divided by the number of all inputs of a plane. Each output has read the cells of its window only: divide by their number.",
    known="the backward of global average pooling",
)
def divided_by_plane(right, grad_output, input_shape, kernel_size, stride=None):
    return times(right, grad_output, input_shape, kernel_size, stride, 1 / (input_shape[2] * input_shape[3]))


# Dtypes. Each costs its question's one strict test, and nothing else.


_FLOAT32 = {
    "hint": "Your numbers are right to 7 digits only: somewhere they pass through float32. Compute in float64, which is numpy's own "
    "choice: no dtype=np.float32, and no astype.",
    "known": "the habit of PyTorch, whose default is float32; passes the checks of CS231n and of deeplearning.ai's course 4",
}
_WHOLE = {
    "hint": "Your result holds whole numbers only, and fractions are cut off. Let it be float64: np.zeros(shape), without dtype=int.",
    "known": "dtype=int, or np.zeros_like of an array of whole numbers",
}


def _cast(name, *dtypes):
    """The answers of the reference's function, put through these dtypes."""

    def cast(right, *args, **kwargs):
        answer = getattr(right, name)(*args, **kwargs)
        for dtype in dtypes:
            answer = (
                tuple(np.asarray(one).astype(dtype) for one in answer)
                if isinstance(answer, tuple)
                else np.asarray(answer).astype(dtype)
            )
        return answer

    return cast


numerical_gradient_in_float32 = mistake(of="numerical_gradient", **_FLOAT32)(
    _cast("numerical_gradient", np.float32, np.float64)
)
relu_backward_in_float32 = mistake(of="relu_backward", **_FLOAT32)(_cast("relu_backward", np.float32, np.float64))
linear_backward_in_float32 = mistake(of="linear_backward", **_FLOAT32)(_cast("linear_backward", np.float32, np.float64))
cross_entropy_in_float32 = mistake(of="cross_entropy", **_FLOAT32)(_cast("cross_entropy", np.float32, np.float64))
conv2d_backward_in_float32 = mistake(of="conv2d_backward", **_FLOAT32)(_cast("conv2d_backward", np.float32, np.float64))
max_pool2d_backward_in_float32 = mistake(of="max_pool2d_backward", **_FLOAT32)(
    _cast("max_pool2d_backward", np.float32, np.float64)
)
avg_pool2d_backward_in_float32 = mistake(of="avg_pool2d_backward", **_FLOAT32)(
    _cast("avg_pool2d_backward", np.float32, np.float64)
)
relu_backward_in_whole_numbers = mistake(of="relu_backward", **_WHOLE)(_cast("relu_backward", np.int64))
linear_backward_in_whole_numbers = mistake(of="linear_backward", **_WHOLE)(_cast("linear_backward", np.int64))
conv2d_backward_in_whole_numbers = mistake(of="conv2d_backward", **_WHOLE)(_cast("conv2d_backward", np.int64))
max_pool2d_backward_in_whole_numbers = mistake(of="max_pool2d_backward", **_WHOLE)(
    _cast("max_pool2d_backward", np.int64)
)
avg_pool2d_backward_in_whole_numbers = mistake(of="avg_pool2d_backward", **_WHOLE)(
    _cast("avg_pool2d_backward", np.int64)
)
