"""A replayed test in the terminal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autograder.commands import Replay
from autograder.examine._context import Answer, Trace
from autograder.report.replay import render_replay
from autograder.result import Result
from tests.report.make_class import load, make_class
from tests.report.test_terminal import shown


@pytest.fixture(scope="module")
def result() -> Result:
    return make_class(load()[1], 1)[0]


@pytest.mark.parametrize("width", [80, 120])
def test_a_replay_wraps_at_the_terminals_width_and_cuts_nothing(width: int, result: Result) -> None:
    arguments = ", ".join(f"argument_{i} {i}x{i + 1}x{i + 2}" for i in range(12))
    image = np.arange(40.0).reshape(2, 20) + 0.125
    source = "def test_long(student):\n    assert student.conv2d(" + ", ".join(f"x_{i}" for i in range(40)) + ")"
    answer = Answer(f"conv2d({arguments})", {"image": image})
    answer.value = {"a list": list(range(100))}
    trace = Trace(answers=[answer])
    done = Replay(Path("x.ipynb"), result.tests[0], result.tests[0], trace, source, ())
    text = shown(render_replay(done), width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    squeezed = "".join(text.split())
    for part in (arguments, repr(answer.value), source, *(f"{number:.3f}" for number in image.flat)):
        assert "".join(part.split()) in squeezed
