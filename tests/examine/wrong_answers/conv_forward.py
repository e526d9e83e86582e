"""Wrong answers to "Convolution forward"."""

from __future__ import annotations

from tests.examine.wrong_answers import Wrong

RIGHT = """
import numpy as np


def cross_correlate2d(image, kernel):
    H, W = image.shape
    f1, f2 = kernel.shape
    result = np.zeros((H - f1 + 1, W - f2 + 1))
    for row in range(H - f1 + 1):
        for col in range(W - f2 + 1):
            total = 0
            for a in range(f1):
                for b in range(f2):
                    total += image[row + a, col + b] * kernel[a, b]
            result[row, col] = total
    return result


def conv2d_naive(x, weight, bias=None):
    m, n_C_prev, n_H_prev, n_W_prev = x.shape
    n_C, n_C_weight, f_h, f_w = weight.shape
    if n_C_prev != n_C_weight:
        raise ValueError("the numbers of channels differ")
    n_H = n_H_prev - f_h + 1
    n_W = n_W_prev - f_w + 1
    Z = np.zeros((m, n_C, n_H, n_W))
    for i in range(m):
        for c in range(n_C):
            for h in range(n_H):
                for w in range(n_W):
                    a_slice = x[i, :, h : h + f_h, w : w + f_w]
                    z = np.sum(a_slice * weight[c])
                    if bias is not None:
                        z = z + bias[c]
                    Z[i, c, h, w] = z
    return Z


def conv2d(x, weight, bias=None):
    N, C, H, W = x.shape
    F, C_weight, kh, kw = weight.shape
    if C != C_weight:
        raise ValueError("the numbers of channels differ")
    oh, ow = H - kh + 1, W - kw + 1
    cols = np.zeros((N, C, kh, kw, oh, ow))
    for a in range(kh):
        for b in range(kw):
            cols[:, :, a, b] = x[:, :, a : a + oh, b : b + ow]
    cols = cols.reshape(N, C * kh * kw, oh * ow)
    out = weight.reshape(F, -1) @ cols
    out = out.reshape(N, F, oh, ow)
    if bias is not None:
        out = out + bias.reshape(1, -1, 1, 1)
    return out


def apply_kernel(image, name):
    prewitt = np.array([[1.0, 0, -1], [1, 0, -1], [1, 0, -1]])
    sobel = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    scharr = np.array([[3.0, 0, -3], [10, 0, -10], [3, 0, -3]])
    table = {
        "vertical": prewitt,
        "horizontal": prewitt.T,
        "sobel_x": sobel,
        "sobel_y": sobel.T,
        "scharr_x": scharr,
        "scharr_y": scharr.T,
    }
    if name not in table:
        raise ValueError(name)
    return cross_correlate2d(image, table[name])
"""

WRONG = [
    Wrong(
        "return_in_the_loop",
        "cross_correlate2d",
        "the return is one level too deep: only the first row is filled",
        "            result[row, col] = total\n    return result",
        "            result[row, col] = total\n        return result",
        ("row", "fill"),
    ),
    Wrong(
        "last_product",
        "cross_correlate2d",
        "the products are not added up: the last one stays",
        "total += image",
        "total = image",
    ),
    Wrong(
        "added_not_multiplied",
        "cross_correlate2d",
        "the window and the kernel are added instead of multiplied",
        "image[row + a, col + b] * kernel[a, b]",
        "image[row + a, col + b] + kernel[a, b]",
    ),
    Wrong(
        "whole_numbers",
        "cross_correlate2d",
        "the result holds integers",
        "W - f2 + 1))",
        "W - f2 + 1), dtype=int)",
        ("fraction", "integer"),
    ),
    Wrong(
        "without_the_last",
        "cross_correlate2d",
        "both loops end one step too early, the result keeps its size",
        "for row in range(H - f1 + 1):\n        for col in range(W - f2 + 1):",
        "for row in range(H - f1):\n        for col in range(W - f2):",
        ("last row", "last column"),
    ),
    Wrong(
        "moves_by_two",
        "cross_correlate2d",
        "the window moves by two columns, around the border",
        "image[row + a, col + b]",
        "image[row + a, (2 * col + b) % W]",
    ),
    Wrong(
        "divided_by_the_sum",
        "cross_correlate2d",
        "the result is divided by the sum of the kernel",
        "result[row, col] = total",
        "result[row, col] = total / kernel.sum()",
        ("same factor", "dividing by 0", "of what it should be", "0/0", "times as large"),
    ),
    Wrong(
        "limited_to_255",
        "cross_correlate2d",
        "values are clipped to those of a picture",
        "= total\n    return result",
        "= np.clip(total, 0, 255)\n    return result",
        ("negatives_clipped", "negative number has become 0"),
    ),
    Wrong(
        "biases_pile_up",
        "conv2d_naive",
        "the bias is added to the whole image, once for each filter",
        "                    if bias is not None:\n                        z = z + bias[c]\n                    Z[i, c, h, w] = z\n",
        "                    Z[i, c, h, w] = z\n            if bias is not None:\n                Z[i] += bias[c]\n",
        ("bias",),
    ),
    Wrong(
        "first_image_filled",
        "conv2d_naive",
        "the return stands in the loop over the images",
        "                    Z[i, c, h, w] = z\n    return Z",
        "                    Z[i, c, h, w] = z\n        return Z",
        ("first image",),
    ),
    Wrong(
        "image_index_left_out",
        "conv2d_naive",
        "every image gets the result of the last one",
        "Z[i, c, h, w] = z",
        "Z[:, c, h, w] = z",
        ("last_image_for_all",),
    ),
    Wrong(
        "bounds_exchanged",
        "conv2d_naive",
        "height and width are exchanged in the loops",
        "for h in range(n_H):\n                for w in range(n_W)",
        "for h in range(n_W):\n                for w in range(n_H)",
        ("bounds_exchanged",),
    ),
    Wrong(
        "no_plus_one",
        "conv2d_naive",
        "the size lacks its + 1",
        "n_H = n_H_prev - f_h + 1\n    n_W = n_W_prev - f_w + 1",
        "n_H = n_H_prev - f_h\n    n_W = n_W_prev - f_w",
        ("last_positions_missing", "one row", "one column"),
    ),
    Wrong(
        "bias_of_the_image",
        "conv2d_naive",
        "the bias is looked up by the number of the image",
        "z + bias[c]",
        "z + bias[i]",
    ),
    Wrong(
        "bias_twice",
        "conv2d_naive",
        "the bias is added twice",
        "z = z + bias[c]",
        "z = z + bias[c]\n                        z += bias[c]",
        (
            "look at the bias",
            "2 times as large",
        ),
    ),
    Wrong(
        "channels_by_mean",
        "conv2d_naive",
        "the products are averaged over the channels only",
        "np.sum(a_slice * weight[c])",
        "np.sum(np.mean(a_slice * weight[c], axis=0))",
        ("channels_averaged", "input channels", "1/"),
    ),
    Wrong(
        "single",
        "conv2d_naive",
        "the result is held in float32",
        "Z = np.zeros((m, n_C, n_H, n_W))",
        "Z = np.zeros((m, n_C, n_H, n_W), dtype=np.float32)",
        ("single", "float32"),
    ),
    Wrong(
        "only_three_channels",
        "conv2d_naive",
        "only the first three channels are read",
        "x[i, :, h : h + f_h, w : w + f_w]\n                    z = np.sum(a_slice * weight[c])",
        "x[i, :3, h : h + f_h, w : w + f_w]\n                    z = np.sum(a_slice * weight[c, :3])",
    ),
    Wrong(
        "columns_of_another_shape",
        "conv2d",
        "the columns are reshaped in another order than the weights",
        "cols = cols.reshape(N, C * kh * kw, oh * ow)",
        "cols = cols.transpose(0, 2, 3, 1, 4, 5).reshape(N, C * kh * kw, oh * ow)",
        ("windows_in_another_order",),
    ),
    Wrong(
        "slices_of_the_kernel",
        "conv2d",
        "slices end at the kernel's size instead of the output's",
        "x[:, :, a : a + oh, b : b + ow]",
        "x[:, :, a : a + kh, b : b + kw]",
    ),
    Wrong(
        "bias_also_without",
        "conv2d",
        "one is added where there is no bias",
        "    return out\n",
        "    else:\n        out = out + 1\n    return out\n",
        ("same amount",),
    ),
    Wrong(
        "every_kernel_cell_overwrites",
        "conv2d",
        "only one row of the kernel is collected",
        "cols[:, :, a, b] =",
        "cols[:, :, 0, b] =",
    ),
    Wrong(
        "small_constant",
        "conv2d",
        "a small constant is added",
        "    return out\n",
        "    return out + 1e-6\n",
        ("same amount",),
    ),
    Wrong("sobel_with_three", "apply_kernel", "Sobel has 3 in the place of 2", "[-2, 0, 2]", "[-3, 0, 3]"),
    Wrong(
        "kernels_rounded",
        "apply_kernel",
        "the results are limited to 0 and 255, as pictures are",
        "return cross_correlate2d(image, table[name])",
        "return np.clip(cross_correlate2d(image, table[name]), 0, 255)",
        ("negative number has become 0",),
    ),
    Wrong(
        "all_prewitt",
        "apply_kernel",
        "Scharr is a copy of the vertical kernel",
        "scharr = np.array([[3.0, 0, -3], [10, 0, -10], [3, 0, -3]])",
        "scharr = prewitt",
    ),
]
