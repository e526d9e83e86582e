"""Wrong answers that students give to "Convolution forward"."""

import numpy as np

from autograder.catalogue import mistake

BOTH = ("conv2d_naive", "conv2d")


@mistake(
    of="cross_correlate2d",
    hint="Your signs are reversed: the kernel was turned by 180 degrees. Deep learning's convolution is cross-correlation, which never turns it.",
    known="the mathematical definition of convolution; scipy.signal.convolve2d",
)
def one_kernel_turned(right, image, kernel):
    return right.cross_correlate2d(image, kernel[::-1, ::-1])


@mistake(
    of=BOTH,
    hint="The kernel was turned by 180 degrees. Deep learning's convolution is cross-correlation, which never turns it.",
    known="the mathematical definition of convolution",
)
def kernel_turned(right, x, weight, bias=None):
    return right.conv2d(x, weight[:, :, ::-1, ::-1], bias)
