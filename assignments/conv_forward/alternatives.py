"""Right answers to "Convolution forward", written differently."""

import numpy as np

from autograder.catalogue import alternative


@alternative(of="conv2d", slow=True)
def loops(right, x, weight, bias=None):
    return right.conv2d_naive(x, weight, bias)


@alternative(of="conv2d")
def callable_object(right):
    class Convolution:
        def __call__(self, x, weight, bias=None):
            return np.ascontiguousarray(right.conv2d(x, weight, bias))

    return Convolution()
