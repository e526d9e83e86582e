"""One policy for dtypes in all assignments: right numbers in another dtype cost one hidden test of their question, one point, once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.check.matrix import solution_of
from autograder.course import Course
from autograder.engine import grade_all
from autograder.notebook import Found
from autograder.result import Outcome

CASTS = {
    "float32": "np.asarray(one).astype(np.float32)",
    "rounded to float32": "np.asarray(one).astype(np.float32).astype(np.float64)",
    "int": "np.asarray(one).astype(int)",
    "complex": "one + 1e-16j if np.ndim(one) else np.float32(one)",
}
"""What becomes of each array, or of the only number, that a function returns."""
CAST = """
import numpy as np

_right = {name}


def {name}(*args, **kwargs):
    answer = _right(*args, **kwargs)
    if isinstance(answer, tuple):
        return tuple({cast} if isinstance(one, np.ndarray) and one.dtype == float else one for one in answer)
    one = answer
    return {cast}
"""
FLOAT = """
_right = {name}


def {name}(*args, **kwargs):
    answer = _right(*args, **kwargs)
    return [tuple(map(float, shape)) for shape in answer] if isinstance(answer, list) else float(answer)
"""
ARRAYS = {
    "conv_forward": ["cross_correlate2d", "conv2d_naive", "conv2d", "apply_kernel"],
    "sizing": ["pad2d", "conv2d"],
    "pooling": ["max_pool2d", "avg_pool2d", "global_avg_pool2d"],
    "backprop": [
        "numerical_gradient", "relu_backward", "linear_backward", "cross_entropy",
        "conv2d_backward", "max_pool2d_backward", "avg_pool2d_backward",
    ],
}  # fmt: skip
INTS = {
    "sizing": ["conv_output_size", "same_padding", "conv2d_num_params", "linear_num_params", "trace_shapes"],
    "pytorch_cnn": ["count_parameters"],
}
LOSE_MORE = {
    ("numerical_gradient", "int"): 2,
    ("cross_entropy", "int"): 7,
    ("max_pool2d", "int"): 3,
}
"""Hidden points that are lost because the numbers are wrong: all of these have fractions, and whole numbers cannot be NaN."""


@pytest.mark.parametrize("assignment", sorted({*ARRAYS, *INTS}))
def test_another_dtype_costs_one_point_of_its_question(lectures: Path, tmp_path: Path, assignment: str) -> None:
    course = Course.find(lectures)
    (one,) = course.assignments([assignment])
    answers = {
        (name, dtype): CAST.format(name=name, cast=cast)
        for name in ARRAYS.get(assignment, [])
        for dtype, cast in CASTS.items()
    } | {(name, "float"): FLOAT.format(name=name) for name in INTS.get(assignment, [])}
    found = []
    for number, answer in enumerate(answers.values()):
        path = tmp_path / f"{number}.py"
        path.write_text(f"{solution_of(one)}\n\n# %%\n{answer}", encoding="utf-8")
        found.append(Found(str(number), path, None))
    results = {int(result.student): result for result in grade_all(course, one, found, jobs=2)}
    for number, (name, dtype) in enumerate(answers):
        result = results[number]
        lost = {
            test.test: test.points - test.earned
            for test in result.tests
            if test.question == name and not test.public and test.ratio is None and test.outcome is not Outcome.PASSED
        }
        wanted = LOSE_MORE.get((name, dtype), 1)
        assert sum(lost.values()) == pytest.approx(wanted), (name, dtype, lost, result.message)


def test_every_notebook_states_the_policy(lectures: Path) -> None:
    said = re.compile(
        r"The right numbers in another numeric dtype(, such as float32,)? pass everywhere but in one hidden test"
    )
    for assignment in Course.find(lectures).assignments():
        text = " ".join(assignment.script_path.read_text(encoding="utf-8").replace("\n# ", " ").split())
        assert said.search(text), assignment.name
