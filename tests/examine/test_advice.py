"""The line beneath an error of old code: what to write instead, and nothing that may be false. The errors are real ones."""

from __future__ import annotations

import sys
import tracemalloc

import pytest

from autograder.course import Limits
from autograder.examine.student import Student
from autograder.kernel.process import Kernel
from autograder.notebook import Cell, Code
from autograder.result import CellError

FLOAT = "`//`"
PYTHON = f"this grader runs Python {sys.version_info.major}.{sys.version_info.minor}"


def errors(*cells: str) -> list[CellError]:
    """What is told of the cells, run in this process."""
    code = Code([Cell(number, source) for number, source in enumerate(("import numpy as np", *cells), 1)])
    student = Student(Kernel({}), code, Limits(), {}, "")
    student.start()
    return student.cell_errors


def error(*cells: str) -> CellError:
    (one,) = errors(*cells)
    return one


@pytest.mark.parametrize(
    "source",
    [
        "np.zeros((2, 6 / 2))",
        "np.zeros(6 / 2)",
        "for i in range(6 / 2): pass",
        "np.zeros(4)[6 / 2]",
        "np.zeros(8)[:6 / 2]",
        "x = [0, 1]\nx[2 / 2]",
        "[0] * (6 / 2)",
        "np.zeros(6).reshape(2, 6 / 2)",
        "n = 6 / 2\nnp.zeros((n, n))",
        "n = 6\nn /= 2\nrange(n)",
        "h, w = 6, 6 / 2\nnp.zeros((h, w))",
        "def size(n):\n    return n / 2 + 1\nnp.zeros((1, size(6)))",
        "def f(n):\n    return np.zeros((n, n))\nf(6 / 2)",
        "class Layer:\n    def __init__(self, n):\n        self.n = n / 2\n    def run(self):\n        return np.zeros((self.n, 1))\nLayer(4).run()",
        "class Layer:\n    def size(self, n):\n        return n / 2\n    def run(self):\n        return range(self.size(4))\nLayer().run()",
        "n = np.ceil(6 / 4)\nrange(n)",
    ],
)
def test_a_division_that_made_a_size_or_an_index_is_named(source: str) -> None:
    told = error(source)
    assert FLOAT in told.advice, told
    assert told.told.startswith(told.error)


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        ("range(2.0)", "`int(...)`"),
        ("np.zeros((2, np.floor(2.5)))", "`int(...)`"),
        ("x = np.ones(3) / 2\nrange(np.sqrt(4))", "`int(...)`"),
        ("def half(n):\n    return int(n / 2)\nnp.zeros((half(4), 1.0))", "`int(...)`"),
        ("def f(n):\n    n = n / 2\n    return n\ndef g(n):\n    return np.zeros((n, 2))\ng(2.0)", "`int(...)`"),
        ("np.zeros(4)['a']", ""),
        ("x = np.ones((4, 4)) / 2\nx['a']", ""),
        ("mean = np.ones(4).sum() / 4\nnp.zeros(4)[:'a']", ""),
        ("[1][None]", ""),
    ],
)
def test_no_division_is_blamed_that_made_nothing_of_it(source: str, advice: str) -> None:
    told = error(source)
    assert FLOAT not in told.advice
    assert advice in told.advice
    assert bool(advice) == bool(told.advice)


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        ("np.zeros(3, dtype=np.float)", "write `float`, or np.float64"),
        ("np.product([1, 2])", "write `np.prod`"),
        ("np.in1d([1], [1])", "write `np.isin`"),
        ("np.float_(1)", "write `np.float64`"),
        ("np.Inf", "write `np.inf`"),
        ("from numpy import trapz", "write `np.trapezoid`"),
        ("for i in xrange(3): pass", "write `range`"),
        ("raw_input('?')", "write `input`"),
        ("isinstance('a', unicode)", "write `str`"),
        ("reduce(max, [1])", "from functools import reduce"),
        ("{}.iteritems()", "Write `.items()`"),
        ("{}.has_key(1)", "`key in dictionary`"),
        ("map(int, [1])[0]", "`list(...)`"),
        ("import cPickle", "`import pickle`"),
        ("from itertools import izip", "`zip`"),
        ("from past.builtins import xrange", "need no import"),
        ("import time\ntime.clock()", "`time.perf_counter`"),
        ("import collections\ncollections.Iterable", "`collections.abc.Iterable`"),
        ("print 'x'", "`print(...)`"),
        ("exec 'x = 1'", "`exec(...)`"),
        ("try:\n    pass\nexcept ValueError, e:\n    pass", "`except Error as e`"),
        ("raise ValueError, 'no'", "`raise Error(text)`"),
        ("if 1 <> 2: pass", "`!=`"),
        (
            "x = np.ones((2, 5))\ndef f(out, x, p):\n    out[:, p:-p] = x\nf(x.copy(), x, 0)",
            "holds nothing if `p` is 0",
        ),
        (
            "x = np.ones((2, 5))\ndef f(out, x, ph, pw):\n    out[ph : -ph, pw:-pw] += x\nf(np.ones((4, 5)), x, 1, 0)",
            "holds nothing if `p` is 0",
        ),
        ("try:\n    print 'x'\nexcept Exception, e:\n    print e", "`print(...)`"),
        ("try:\n    pass\nexcept Exception, e:\n    print e", "`except Error as e`"),
        ("# `x` and print y\nif 1 <> 2: pass", "`!=`"),
        ("try:\n    pass\nexcept (TypeError, ValueError), e:\n    print(e)", "`except Error as e`"),
        ("def f(x):\n    if x <> 1:\n        raise ValueError, 'no'\n    print x, 1", "`raise Error(text)`"),
        ("import os\nos.chmod('x', 0777)", "`0o777`"),
        ("x = 1\ny = `x` + 'a'", "`repr(x)`"),
        ("raise AssertionError('Torch not compiled with CUDA enabled')", "torch.cuda.is_available()"),
        ("import sys\nsys.exit(1)", "write `return`, or leave it out"),
        ("raise SystemExit", "write `return`, or leave it out"),
        ("import argparse\nargparse.ArgumentParser().parse_args(['--x'])", "give each one a `default`"),
        ("open('/content/drive/MyDrive/cnn/hw1/w.csv')", "beside the notebook"),
        ("np.loadtxt('/kaggle/input/digits/w.csv')", "beside the notebook"),
        ("raise RuntimeError('Found no NVIDIA driver on your system. Please check')", "torch.cuda.is_available()"),
    ],
)
def test_what_is_gone_is_told_with_what_to_write(source: str, advice: str) -> None:
    told = error(source)
    assert advice in told.advice, told
    assert "\n" not in told.advice


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads it")
@pytest.mark.parametrize(
    "source",
    [
        "def first[T](xs: list[T]) -> T:\n    return xs[0]",
        "class Box[T]:\n    pass",
        "async def first[T: (int, str)](x): pass",
        "type Array = np.ndarray",
        "type Array = np.ndarray\n\ndef first[T](xs: list[T]) -> T:\n    return xs[0]",
        "type Array = np.ndarray\nprint(f'{'a'}')",
        "type Pair[T] = tuple[T, T]",
        "print(f'{'a'}')",
        "names = {'a': 1}\nprint(f'{names['a']} and {names['a']:.2f} and {{}}')",
        'print(f"{"x" + f"{1}"}")',
        "print(f'{\"\\n\".join([])}')",
        "def f(x):\n    return f'shape {x.shape!r:>{10}} of {\", \".join(['a'])}' + f'{x['a']}'",
    ],
)
def test_syntax_of_a_newer_python_is_told_apart_from_mistakes(source: str) -> None:
    told = error(source)
    assert told.error.startswith("SyntaxError")
    assert "3.12" in told.advice
    assert PYTHON in told.advice


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python reads it")
@pytest.mark.parametrize("source", ["t'{x}'", "try:\n    pass\nexcept ValueError, TypeError:\n    pass"])
def test_syntax_of_python_3_14_is_told(source: str) -> None:
    assert "3.14" in error(source).advice
    assert PYTHON in error(source).advice


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    retrun x",
        "def f[T](x):\n    retrun x",
        "def f[T](x:\n    return x",
        "print(f'{x'})",
        "print(f'{1 +}')",
        "def f(x):\n    retrun x\nprint x",
        "x = 1 <> 2\ny = (1, 2",
        "text = 'print x\nx = 1",
        "print(f'{names['a'}')",
        "type X",
        "x = (1, 2",
        "xrange = 3\nxrang(3)",
        "file.read()",
        "print(unicode)",
        "np.prodd([1])",
        "np.zeros(3) + 'a'",
        "{}.next()",
        "x, p = np.ones((2, 5)), 1\nx[:, p:-p] = x",
        "x = np.ones((2, 0))\nx[:, 0:3] = np.ones((2, 3))",
        "import nothing_like_this",
        "raise ValueError('name xrange is not defined')",
    ],
)
def test_other_errors_get_no_advice(source: str) -> None:
    assert error(source).advice == ""


def test_of_many_errors_only_the_first_are_looked_into() -> None:
    many = errors(*["range(6 / 2)"] * 200)
    assert len(many) == 200
    assert all(one.advice for one in many[:20])
    assert not any(one.advice for one in many[20:])


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("a = 1\n" * 2000, f"(1.0, [{'a, ' * 2000}])[0]"),
        ("def f(n):\n    return 1\n" * 2000, f"(1.0, [{'f(1), ' * 2000}])[0]"),
        ("class A: pass\nx = A()\n" + "x.a = 1\n" * 2000, f"(1.0, [{'x.a, ' * 2000}])[0]"),
        ("a = 1\n", f"(1.0, [{'(a := ' * 80}1{')' * 80}])[0]"),
    ],
    ids=["names", "functions", "attributes", "names within names"],
)
def test_what_is_used_often_and_assigned_to_often_takes_no_memory(before: str, line: str) -> None:
    tracemalloc.start()
    try:
        told = errors(before, f"[][{line}]")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [one.error.partition(":")[0] for one in told] == ["TypeError"]
    assert most < 100 * 2**20


def test_a_line_whose_advice_cannot_be_worked_out_is_told_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_memory(*_: object) -> bool:
        raise MemoryError

    monkeypatch.setattr("autograder.examine.advice.is_divided", out_of_memory)
    told = error("range(6 / 2)")
    assert told.error.startswith("TypeError")
    assert told.advice == ""


@pytest.mark.parametrize("sign", [r"\n", r"\r", r"\r\n", r"\u2028", r"\x0b", r"\x85"])
def test_an_errors_message_stays_in_its_line(sign: str) -> None:
    told = error(f"raise ValueError('one{sign}All hidden tests passed.')")
    assert len(told.error.splitlines()) == 1
    assert told.error.startswith("ValueError: one")
    assert told.error.endswith("All hidden tests passed.")
