"""Calls of `numerical_gradient` in the sandbox: functions cannot be sent there, so they are made here by name."""

import numpy as np

FUNCTIONS = {
    "cube": lambda x: x**3,
    "column_products": lambda x: np.prod(x, axis=0),
    "windows": lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, axis=1).sum(axis=-1),
    "itself": lambda x: x,
    "turned": lambda x: x.T[::-1],
    "sum": np.sum,
}


def numerical_gradient(student, function, x, grad_output, *eps):
    """The gradient, and the numbers that x holds afterwards."""
    gradient = student.numerical_gradient(FUNCTIONS[function], x, grad_output, *eps)
    return [gradient, x]
