"""Wrong answers to "Padding, stride and sizes"."""

from __future__ import annotations

from tests.examine.wrong_answers import Wrong

RIGHT = """
import numpy as np


def both(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def conv_output_size(n, kernel_size, stride=1, padding=0, dilation=1):
    if n < 1 or kernel_size < 1 or stride < 1 or padding < 0 or dilation < 1:
        raise ValueError("an argument is too small")
    span = dilation * (kernel_size - 1) + 1
    if n + 2 * padding < span:
        raise ValueError("no window fits")
    size = (n + 2 * padding - span) // stride + 1
    return size


def same_padding(kernel_size):
    if kernel_size < 1 or kernel_size % 2 != 1:
        raise ValueError("the kernel must be odd")
    return (kernel_size - 1) // 2


def pad2d(x, padding, value=0.0):
    ph, pw = both(padding)
    if ph < 0 or pw < 0:
        raise ValueError("negative padding")
    return np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=value)


def conv2d(x, weight, bias=None, stride=1, padding=0):
    N, C, H, W = x.shape
    F, C_weight, HH, WW = weight.shape
    if C != C_weight:
        raise ValueError("the numbers of channels differ")
    sh, sw = both(stride)
    if padding == "same":
        if (sh, sw) != (1, 1):
            raise ValueError("same needs stride 1")
        ph, pw = same_padding(HH), same_padding(WW)
    elif padding == "valid":
        ph, pw = 0, 0
    elif isinstance(padding, str):
        raise ValueError(padding)
    else:
        ph, pw = both(padding)
    H_out = conv_output_size(H, HH, sh, ph)
    W_out = conv_output_size(W, WW, sw, pw)
    x_pad = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    out = np.zeros((N, F, H_out, W_out))
    for i in range(H_out):
        for j in range(W_out):
            patch = x_pad[:, :, i * sh : i * sh + HH, j * sw : j * sw + WW]
            out[:, :, i, j] = np.einsum("nchw,fchw->nf", patch, weight)
    if bias is not None:
        out = out + bias[None, :, None, None]
    return out


def conv2d_num_params(in_channels, out_channels, kernel_size, bias=True):
    kh, kw = both(kernel_size)
    weights = in_channels * out_channels * kh * kw
    return weights + out_channels if bias else weights


def linear_num_params(in_features, out_features, bias=True):
    return in_features * out_features + (out_features if bias else 0)


def trace_shapes(layers, input_shape):
    C, H, W = input_shape
    flat = False
    shapes = []
    for layer in layers:
        if layer[0] == "fc":
            flat = True
            shapes.append((layer[1],))
            continue
        if flat or layer[0] not in ("conv", "pool"):
            raise ValueError(layer)
        if layer[0] == "conv":
            _, C, kernel, stride, padding = layer
        else:
            _, kernel, stride = layer
            padding = 0
        (kh, kw), (sh, sw), (ph, pw) = both(kernel), both(stride), both(padding)
        H, W = conv_output_size(H, kh, sh, ph), conv_output_size(W, kw, sw, pw)
        shapes.append((C, H, W))
    return shapes
"""

WRONG = [
    Wrong(
        "padding_outside",
        "conv_output_size",
        "the padding is added after dividing",
        "(n + 2 * padding - span) // stride + 1",
        "(n - span) // stride + 2 * padding + 1",
        ("one too many",),
    ),
    Wrong(
        "span_too_small",
        "conv_output_size",
        "the span is k + dilation - 1",
        "dilation * (kernel_size - 1) + 1",
        "kernel_size + dilation - 1",
    ),
    Wrong(
        "large_strides_refused",
        "conv_output_size",
        "refuses strides larger than the kernel",
        "stride < 1 or",
        "stride < 1 or stride > kernel_size or",
    ),
    Wrong(
        "even_refused",
        "conv_output_size",
        "refuses even kernels",
        "kernel_size < 1 or",
        "kernel_size < 1 or kernel_size % 2 == 0 or",
    ),
    Wrong("as_text", "conv_output_size", "prints the size and returns nothing", "return size", "print(size)"),
    Wrong(
        "stride_plus_one",
        "conv_output_size",
        "adds the stride instead of 1",
        "// stride + 1",
        "// stride + stride",
        ("one too many",),
    ),
    Wrong(
        "always_one_more",
        "same_padding",
        "one too many for every kernel",
        "(kernel_size - 1) // 2",
        "(kernel_size + 1) // 2",
        ("same_padding_too_large",),
    ),
    Wrong(
        "a_pair",
        "same_padding",
        "returns a pair",
        "return (kernel_size - 1) // 2",
        "return (kernel_size // 2, kernel_size // 2)",
    ),
    Wrong(
        "corners_zero",
        "pad2d",
        "the value is used for rows only, columns get zeros",
        "np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=value)",
        "np.pad(np.pad(x, ((0, 0), (0, 0), (ph, ph), (0, 0)), constant_values=value), ((0, 0), (0, 0), (0, 0), (pw, pw)))",
    ),
    Wrong(
        "reflected",
        "pad2d",
        "the image is reflected at its rim",
        "(pw, pw)), constant_values=value)",
        "(pw, pw)), mode='wrap')",
    ),
    Wrong(
        "twice",
        "pad2d",
        "padded twice",
        "return np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=value)",
        "x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=value)\n    return np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=value)",
        ("do not belong to the result",),
    ),
    Wrong(
        "last_column_left",
        "conv2d",
        "the loop over columns ends one step too early",
        "for j in range(W_out)",
        "for j in range(W_out - 1)",
        ("last column",),
    ),
    Wrong(
        "end_by_stride",
        "conv2d",
        "windows end a stride further, not a kernel",
        "i * sh : i * sh + HH, j * sw : j * sw + WW",
        "i * sh : i * sh + sh, j * sw : j * sw + sw",
    ),
    Wrong(
        "bias_for_each_channel",
        "conv2d",
        "the bias is multiplied by the stride",
        "bias[None, :, None, None]",
        "bias[None, :, None, None] * sh",
        (
            "look at the bias",
            "2 times as large",
        ),
    ),
    Wrong(
        "same_as_kernel",
        "conv2d",
        "'same' pads by the whole kernel less one, on each side",
        "same_padding(HH), same_padding(WW)",
        "HH - 1, WW - 1",
        ("do not belong to the result",),
    ),
    Wrong(
        "stride_of_columns_missing",
        "conv2d",
        "the stride is forgotten in the columns",
        "j * sw : j * sw + WW",
        "j : j + WW",
    ),
    Wrong(
        "padding_fixed",
        "conv2d",
        "pads by one, whatever is asked for, and cuts the rest",
        "x_pad = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))",
        "ph = pw = 1\n    x_pad = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))\n    H_out, W_out = (H + 2 - HH) // sh + 1, (W + 2 - WW) // sw + 1",
        ("padding_fixed_at_one",),
    ),
    Wrong(
        "image_padded_with_ones",
        "conv2d",
        "the padding holds ones",
        "(ph, ph), (pw, pw)))",
        "(ph, ph), (pw, pw)), constant_values=1)",
        ("padding",),
    ),
    Wrong(
        "tuple_times",
        "conv2d_num_params",
        "a pair is multiplied as if it were a number",
        "kh, kw = both(kernel_size)\n    weights = in_channels * out_channels * kh * kw",
        "weights = in_channels * out_channels * kernel_size ** 2",
    ),
    Wrong("half_the_perimeter", "conv2d_num_params", "kh + kw instead of kh * kw", "kh * kw\n", "(kh + kw)\n"),
    Wrong(
        "bias_as_one",
        "linear_num_params",
        "adds one for the bias",
        "(out_features if bias else 0)",
        "int(bias)",
        ("one_bias_for_all_outputs",),
    ),
    Wrong(
        "pool_as_channels",
        "trace_shapes",
        "after pooling, the number of channels is the kernel size",
        "            padding = 0\n",
        "            padding = 0\n            C = both(kernel)[0]\n",
    ),
    Wrong(
        "channels_last", "trace_shapes", "channels stand last", "shapes.append((C, H, W))", "shapes.append((H, W, C))"
    ),
    Wrong(
        "same_everywhere",
        "trace_shapes",
        "a convolution never changes the size",
        "H, W = conv_output_size(H, kh, sh, ph), conv_output_size(W, kw, sw, pw)",
        "if layer[0] == 'pool':\n            H, W = conv_output_size(H, kh, sh, ph), conv_output_size(W, kw, sw, pw)",
    ),
]
