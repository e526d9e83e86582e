"""Submissions that solve nothing and forge what their process says of itself gain no more than SECURITY.md states."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.check.word import points_on_word
from autograder.course import Course
from autograder.engine import grade_all
from autograder.notebook import Found
from autograder.result import Result
from autograder.sandbox.client import namespace_error
from tests.conftest import REPOSITORY

ASSIGNMENTS = ["backprop", "conv_forward", "pooling", "pytorch_cnn", "sizing"]

HANDLERS = """
import sys
import numpy as np

inside = sys.modules["autograder.sandbox.inside"]
rng = np.random.default_rng(1)


def noise(*shape):
    return rng.normal(size=shape)


def first(args):
    return next((arg for arg in args if isinstance(arg, np.ndarray)), np.zeros(3))
"""

MADE_UP = (
    HANDLERS
    + '''
ANSWERS = {
    "numerical_gradient": lambda function, x, grad, *eps: [grad if np.ndim(grad) else noise(*x.shape), x],
    "loaded_conv": lambda weight, bias, stride, padding, x: noise(len(x), len(weight), *(
        (size + 2 * pad - kernel) // step + 1
        for size, kernel, step, pad in zip(x.shape[2:], weight.shape[2:], 2 * np.atleast_1d(stride).tolist(), 2 * np.atleast_1d(padding).tolist())
    )),
    "loaded_then_trained": lambda weight, bias, images, goal: [g := noise(*goal.shape).astype(np.float32), g - 1, g - 2],
    "loaded_and_changed": lambda weight, bias, x: [noise(len(x), len(weight), x.shape[2] - 1, x.shape[3] - 1)] * 2,
    "load_into": lambda shape, weight, bias: [
        "no error" if weight.shape == tuple(shape) and len(bias) == shape[0] else "ValueError", np.zeros(shape), np.zeros(shape[0])
    ],
    "train_one_epoch": lambda weight, bias, x, t, *rest: [float(np.mean(t * t)), weight * 0.99, bias * 0.99],
    "returned_by_train_one_epoch": lambda weight, bias, x, t: float(np.mean(t * t)),
    "train_and_go_on": lambda weight, bias, x, t, size, push: [
        weight * 0.99, weight * 0.99 - 0.1 * 0.75 ** -(-len(x) // size) * push, noise(*weight.shape), 0 * weight
    ],
    "train_telling": lambda weight, bias, x, t, *rest: [float(np.mean(t * t)), weight * 0.99, bias * 0.99],
    "evaluate": lambda weight, bias, x, t, *rest: float(np.bincount(t).max() / len(t)),
    "evaluate_and_go_on": lambda weight, bias, learned, factors, x, t, size, training, new: [
        0.75, noise(len(new), len(weight)), noise(len(new), len(weight))
    ],
    "count_parameters": lambda kind, a, b, c: a * b + b * c + c,
    "training": lambda *args: 2.3,
    "evaluation": lambda *args: 0.1,
}
"""What might be right, without a network, a convolution or a gradient."""


def probe(shell, source, name, args):
    return {"value": ANSWERS[name](*args)}


def call(shell, name, args, kwargs, mutated):
    return {"value": noise(*first(args).shape), "mutated": []}


inside._HANDLERS.update(probe=probe, call=call)
'''
)
"""Probes and calls are not run at all."""

LAZY = (
    HANDLERS
    + """
real = inside._HANDLERS["probe"]


class Lazy:
    def load_numpy_conv(self, conv, weight, bias):
        pass

    def train_one_epoch(self, model, loader, optimizer, loss_fn):
        model.train()
        return 1.0

    def evaluate(self, model, loader):
        return 0.75

    def count_parameters(self, model):
        return 1000

    def numerical_gradient(self, function, x, grad_output, *eps):
        return grad_output


def probe(shell, source, name, args):
    namespace = {"__name__": "probes"}
    exec(source, namespace)
    value = namespace[name](Lazy(), *args)
    if name == "load_into":
        value[0] = "no error" if args[1].shape == tuple(args[0]) and len(args[2]) == args[0][0] else "ValueError"
    return {"value": value}


def call(shell, name, args, kwargs, mutated):
    return {"value": first(args) + noise(*first(args).shape), "mutated": []}


inside._HANDLERS.update(probe=probe, call=call)
"""
)
"""Networks are made as they should be, and nothing is done with them."""


def hidden(result: Result) -> dict[str, float]:
    return {t.test: t.earned for t in result.tests if t.earned and not t.public}


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_a_forger_gains_no_more_than_is_stated(name: str, lectures: Path, tmp_path: Path) -> None:
    course = Course.find(lectures)
    assignment = course.assignment(name)
    (tmp_path / "made_up.py").write_text(MADE_UP, encoding="utf-8")
    (tmp_path / "lazy.py").write_text(LAZY, encoding="utf-8")
    submissions = [Found(kind, tmp_path / f"{kind}.py", None) for kind in ("made_up", "lazy")]
    results = list(grade_all(course, assignment, submissions, jobs=1, namespaces=not namespace_error()))
    on_word = points_on_word(assignment)
    for result in results:
        gained = hidden(result)
        assert sum(gained.values()) <= sum(on_word.values()), gained
        assert {test.partition("[")[0] for test in gained} <= set(on_word)
    if name == "pytorch_cnn":  # the forgers do forge
        assert [hidden(result) for result in results] == [{"test_refuses_other_shapes": 1.0}] * 2


def test_the_security_page_states_what_grader_check_counts() -> None:
    text = (REPOSITORY / "SECURITY.md").read_text(encoding="utf-8")
    stated = {name: float(points) for name, points in re.findall(r"^ *\| `(\w+)` \| ([\d.]+) \|", text, re.MULTILINE)}
    course = Course.find(REPOSITORY)
    assert stated == {one.name: sum(points_on_word(one).values()) for one in course.assignments()}
