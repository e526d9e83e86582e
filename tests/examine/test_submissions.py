"""What each kind of submission ends in: one class of odd ones, graded together in real sandboxes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from autograder.commands import Grading, grade
from autograder.result import Outcome, Result, Status
from tests.conftest import RIGHT, notebook, write_course


class Case(NamedTuple):
    """A submission and its right verdict."""

    content: str | bytes
    score: float
    status: Status = Status.GRADED
    says: str = ""
    """Something that a message of the result must say."""
    suffix: str = ".ipynb"


DOUBLE, NAME = RIGHT.split("def name")
NAME = f"def name{NAME}"

FULL_MARKS = {
    "plain": Case(notebook(RIGHT), 100),
    "in_another_notebook": Case(notebook(RIGHT, metadata={"cnn_autograder": {"assignment": "tripling"}}), 100),
    "script": Case(RIGHT, 100, suffix=".py"),
    "percent_script": Case(f"# %% [markdown]\n# text\n\n# %%\n{RIGHT}", 100, suffix=".py"),
    "script_with_coding_line": Case(f"# -*- coding: utf-8 -*-\n{RIGHT}", 100, suffix=".py"),
    "magics": Case(
        notebook("%matplotlib inline\n!pip install numpy\n%pip install torch\nfiles = !ls", "%%time\n" + RIGHT), 100
    ),
    "cell_magics": Case(notebook("%%bash\nrm -rf /", "%%html\n<b>x</b>", "%%capture out\n" + RIGHT), 100),
    "autoreload": Case(notebook("%load_ext autoreload\n%autoreload 2\n" + RIGHT), 100),
    "colab": Case(notebook("from google.colab import drive, files\ndrive.mount('/content/drive')\n" + RIGHT), 100),
    "failing_cells": Case(notebook("1 / 0", RIGHT, "raise SystemExit", "undefined", "def broken(:"), 100),
    "sys_exit": Case(notebook(RIGHT, "import sys\nsys.exit(1)"), 100),
    "input": Case(notebook(RIGHT, "input('who?')"), 100),
    "later_definition_wins": Case(notebook("def double(x): return x", RIGHT, "def other(): pass"), 100),
    "await": Case(notebook("import asyncio\nawait asyncio.sleep(0)", RIGHT), 100),
    "future_import": Case(notebook("from __future__ import annotations\n" + RIGHT), 100),
    "main_guard": Case(notebook(RIGHT + "\nif __name__ == '__main__':\n    print(double(np.ones(3)))"), 100),
    "prints_much": Case(notebook(RIGHT.replace("return 2", "print('x' * 10**6); return 2")), 100),
    "warns": Case(notebook("import warnings, sys\nwarnings.warn('x')\nsys.stderr.write('error')\n" + RIGHT), 100),
    "threads": Case(notebook("import threading\nthreading.Thread(target=print).start()", RIGHT), 100),
    "callable_object": Case(notebook(RIGHT, "class D:\n    def __call__(self, x): return x + x\ndouble = D()"), 100),
    "decorated": Case(
        notebook("import functools", RIGHT, "double = functools.lru_cache(None)(lambda n: None) and double"), 100
    ),
    "no_metadata": Case(json.dumps(json.loads(notebook(RIGHT)) | {"metadata": {}}), 100),
    "strange_kernel": Case(
        notebook(RIGHT, metadata={"kernelspec": {"name": "my-conda-env", "display_name": "?"}}), 100
    ),
    "bom": Case(b"\xef\xbb\xbf" + notebook(RIGHT).encode(), 100),
    "crlf": Case(notebook(RIGHT.replace("\n", "\r\n")).replace("\n", "\r\n"), 100),
    "utf16_script": Case(RIGHT.encode("utf-16"), 100, suffix=".py"),
    "vietnamese": Case(notebook("# Tích chập không xoay nhân\nđộ_dài = 'ấẩẫ'\n" + RIGHT), 100),
    "nbformat3": Case(
        json.dumps(
            {
                "metadata": {"name": "old"},
                "nbformat": 3,
                "nbformat_minor": 0,
                "worksheets": [
                    {"cells": [{"cell_type": "code", "language": "python", "input": [RIGHT], "outputs": []}]}
                ],
            }
        ),
        100,
    ),
    "duplicate_ids": Case(notebook(DOUBLE, NAME).replace("cell-1", "cell-0"), 100),
    "source_as_one_string": Case(json.dumps({"cells": [{"cell_type": "code", "source": RIGHT}], "nbformat": 4}), 100),
    "slow_demo_cell": Case(notebook(RIGHT, "while True: pass", "x = 1"), 100, says="ran longer than 2 seconds"),
    "first_cell_deleted": Case(notebook(RIGHT.replace("import numpy as np", "")), 100),
    "nbconvert_script": Case(f"#!/usr/bin/env python\n\n# In[1]:\n\n1 / 0\n\n# In[ ]:\n\n{RIGHT}", 100, suffix=".py"),
    "process_ends_in_a_demo_cell": Case(notebook(RIGHT, "import os\nos._exit(0)"), 100, says="exit code 0"),
}

OTHERS = {
    "empty_notebook": Case(notebook(), 0, says="holds no code"),
    "only_one_question": Case(notebook(DOUBLE), 70, says="name is not defined"),
    "cell_with_syntax_error": Case(notebook(DOUBLE, NAME.replace("return", "retrun")), 70, says="cell 2"),
    "not_written": Case(notebook(DOUBLE, "def name(who):\n    raise NotImplementedError"), 70, says="not written yet"),
    "always_refuses": Case(
        notebook(DOUBLE, "def name(who):\n    raise ValueError"),
        70,
        says="once another hidden test of this question passes",
    ),
    "answers_wrongly_and_refuses_rightly": Case(
        notebook(RIGHT.replace('"hello " + who', '"hallo " + who')),
        70,
        says="once another hidden test of this question",
    ),
    "answers_once_and_then_refuses": Case(
        notebook(
            DOUBLE,
            "calls = []\ndef name(who):\n    calls.append(who)\n    if len(calls) > 1:\n        raise ValueError\n    return who",
        ),
        70,
        says="is not right",
    ),
    "of_another_assignment": Case(
        notebook("def triple(x): return 3 * x", metadata={"cnn_autograder": {"assignment": "tripling"}}),
        0,
        Status.UNREADABLE,
        says="the notebook of another assignment, 'tripling'. Submit the one of 'doubling'",
    ),
    "wrong": Case(notebook(RIGHT.replace("2 * x", "3 * x")), 40, says="wrong; the first is at [0, 0]"),
    "wrong_shape": Case(notebook(RIGHT.replace("2 * x", "2 * x.T")), 40, says="the shape is"),
    "returns_nothing": Case(notebook(RIGHT.replace("return 2", "y = 2")), 40, says="is a return missing"),
    "returns_a_list": Case(notebook(RIGHT.replace("2 * x", "(2 * x).tolist()")), 60, says="a list"),
    "returns_a_strange_object": Case(notebook(RIGHT.replace("2 * x", "lambda: x")), 40, says="function"),
    "returns_too_much": Case(notebook(RIGHT.replace("2 * x", "np.zeros((3000, 4000))")), 30, says="too large"),
    "in_place": Case(notebook(RIGHT.replace("return 2 * x", "x *= 2\n    return x")), 90, says="changed its argument"),
    "int_result": Case(
        notebook(RIGHT.replace("2 * x", "(2 * x).astype(int)")), 100, says="right, but the dtype is int64"
    ),
    "raises": Case(notebook(RIGHT.replace("return 2", "raise KeyError('oops')\n    return 2")), 30, says="KeyError"),
    "hangs": Case(
        notebook(RIGHT.replace("return 2", "while True: pass\n    return 2")), 30, says="ran longer than 1 second"
    ),
    "hangs_and_swallows": Case(
        notebook(
            RIGHT.replace(
                "return 2",
                "while True:\n        try:\n            pass\n        except BaseException: pass\n    return 2",
            )
        ),
        30,
        says="ran longer than 1 second",
    ),
    "sleeps": Case(
        notebook(RIGHT.replace("return 2", "import time; time.sleep(60); return 2")), 30, says="waited longer"
    ),
    "exits": Case(notebook(RIGHT.replace("return 2", "import os; os._exit(3)\n    return 2")), 30, says="exit code 3"),
    "crashes": Case(
        notebook(RIGHT.replace("return 2", "import ctypes; ctypes.string_at(0)\n    return 2")), 30, says="segm"
    ),
    "crashes_in_many_cells": Case(
        notebook(
            "import os\ndef double(x): os._exit(4)",
            *[f"double({number})" for number in range(6)],
            '# Check (20 points): A small array\ncheck("A", double(A), [[2, 4], [6, 8]])',
            NAME,
        ),
        30,
        says="exit code 4",
    ),
    "crashes_again_and_again": Case(
        notebook(RIGHT.replace("return 2", "import os; os._exit(3)\n    return 2")),
        30,
        says="because in 2 calls before it ended the Python process (exit code 3)",
    ),
    "lines_before_the_first_cell_mark": Case(
        f"1 / 0\n# %%\n{RIGHT}", 100, says="cell 1: ZeroDivisionError", suffix=".py"
    ),
    "recursion": Case(notebook(RIGHT.replace("2 * x", "double(x)")), 30, says="RecursionError"),
    "eats_memory": Case(notebook(RIGHT.replace("return 2", "y = bytearray(10**10); return 2")), 30, says="MemoryError"),
    "forbidden_import": Case(notebook("import torch\n" + RIGHT), 100, says="No module named 'torch'"),
    "a_line_that_fails_above_the_answer": Case(
        notebook(f"name = input('Your name: ')\n{RIGHT}"), 100, says="were run all the same"
    ),
    "a_script_with_such_a_line": Case(
        f"import numpy as np\nimage = np.load('cat.npy')\n{RIGHT}\nprint(double(image))",
        100,
        says="cell 1: FileNotFoundError",
        suffix=".py",
    ),
    "a_script_that_ends_itself": Case(f"import sys\n{RIGHT}\nsys.exit()", 100, says="SystemExit", suffix=".py"),
    "a_line_without_end_above_the_answer": Case(
        notebook(f"while True:\n    try:\n        n = int(input())\n        break\n    except:\n        pass\n{RIGHT}"),
        100,
        says="were run all the same",
    ),
    "the_process_ends_below_the_answer": Case(
        notebook(f"{RIGHT}\nimport os\nos._exit(0)"), 100, says="were run all the same"
    ),
    "a_definition_without_end": Case(
        notebook(RIGHT, "def slow():\n    while True: pass\n@lambda f: slow()\ndef never(): pass\nslow()"),
        100,
        says="ran longer than 2 seconds",
    ),
    "exit_in_the_answers_cell": Case(notebook(f"exit()\n{RIGHT}"), 100, says="calls exit() or quit()"),
    "python_that_says_it_is_r": Case(notebook(RIGHT, metadata={"kernelspec": {"language": "R"}}), 100),
    "a_script_in_latin1": Case(f"# coding: latin-1\nname = 'é'\n{RIGHT}".encode("latin-1"), 100, suffix=".py"),
    "exception_that_cannot_be_shown": Case(
        notebook(
            "class E(Exception):\n    def __str__(self): raise E\n" + RIGHT.replace("return 2", "raise E\n    return 2")
        ),
        30,
        says="cannot be shown",
    ),
    "always_equal": Case(
        notebook(
            "class Yes:\n    def __eq__(self, other): return True\n    shape = ()", RIGHT.replace("2 * x", "Yes()")
        ),
        40,
    ),
    "slow_but_right": Case(
        notebook(
            DOUBLE.replace(
                "return 2 * x",
                "y = x.copy()\n    for i in np.ndindex(x.shape): y[i] = max(2 * x[i] for _ in range(9))\n    return y",
            ),
            NAME,
        ),
        90,
        says="times as long as the reference",
    ),
    "empty_file": Case(b"", 0, Status.UNREADABLE, "empty"),
    "truncated": Case(notebook(RIGHT)[:-40], 0, Status.UNREADABLE, "damaged"),
    "binary": Case(bytes(range(256)), 0, Status.UNREADABLE, "not text"),
    "zip": Case(b"PK\x03\x04 and so on", 0, Status.UNREADABLE, "zip file"),
    "web_page": Case("<!DOCTYPE html><html></html>", 0, Status.UNREADABLE, "web page"),
    "json_list": Case("[1, 2]", 0, Status.UNREADABLE, "no cells"),
    "deep_json": Case("[" * 100_000, 0, Status.UNREADABLE, "damaged"),
    "huge": Case(b" " * (2**20 + 1), 0, Status.UNREADABLE, "larger than 1 MB"),
    "written_in_nothing_printable": Case(
        notebook("x", metadata={"kernelspec": {"language": "\x1b[31m\0\u202e\ud800# "}}),
        0,
        Status.UNREADABLE,
        "is written for",
    ),
    "written_in_r": Case(notebook("x <- 1", metadata={"kernelspec": {"language": "R"}}), 0, Status.UNREADABLE, "r;"),
}

CASES = FULL_MARKS | OTHERS


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grading]:
    root = tmp_path_factory.mktemp("course")
    write_course(root)
    submitted = root / "in"
    submitted.mkdir()
    for name, case in CASES.items():
        content = case.content.encode() if isinstance(case.content, str) else case.content
        (submitted / f"{name}{case.suffix}").write_bytes(content)
    os.symlink("/etc/passwd", submitted / "link.ipynb")
    os.mkfifo(submitted / "pipe.ipynb")
    (submitted / "folder.ipynb").mkdir()
    (submitted / "twice.ipynb").write_text(notebook(RIGHT))
    (submitted / "twice (1).ipynb").write_text(notebook(RIGHT, "x = 1"))
    return grade(course=root, assignment="doubling", paths=[submitted])


@pytest.fixture(scope="module")
def results(run: Grading) -> dict[str, Result]:
    return {result.student: result for result in run.results}


def everything_said(result: Result) -> str:
    return "\n".join(
        [
            result.message,
            *(test.message for test in result.tests),
            *(f"cell {e.cell}: {e.error} {e.traceback} {e.remark}" for e in result.cell_errors),
        ]
    )


@pytest.mark.parametrize("name", CASES)
def test_verdict(results: dict[str, Result], name: str) -> None:
    case, result = CASES[name], results[name]
    assert (result.status, result.score) == (case.status, case.score), everything_said(result)
    assert case.says in everything_said(result)


def test_whatever_is_said_can_be_printed(results: dict[str, Result]) -> None:
    for result in results.values():
        assert everything_said(result).replace("\n", "").isprintable()


@pytest.mark.parametrize("name", ["link", "pipe"])
def test_what_is_no_regular_file_is_not_read(results: dict[str, Result], name: str) -> None:
    assert results[name].status is Status.UNREADABLE
    assert results[name].score == 0


def test_two_files_of_one_student_are_named_and_not_graded(results: dict[str, Result]) -> None:
    assert results["twice"].status is Status.NOT_GRADABLE
    assert "twice (1).ipynb" in results["twice"].message


def test_every_submission_has_every_test_in_the_same_order(results: dict[str, Result]) -> None:
    whole = [test.test for test in results["plain"].tests]
    assert len(whole) == 7
    judged = [result for result in results.values() if result.status is not Status.NOT_GRADABLE]
    assert all([test.test for test in result.tests] == whole for result in judged)
    assert all(result.max_score == 100 for result in results.values())


def test_no_message_holds_hidden_inputs_expected_values_or_grader_paths(results: dict[str, Result]) -> None:
    for name, result in results.items():
        said = everything_said(result)
        assert "autograder" not in said, name
        assert "hidden_tests" not in said, name
        assert "secret_of_the_solution" not in said, name


def test_only_public_checks_show_expected_values(results: dict[str, Result]) -> None:
    wrong = {test.test: test for test in results["wrong"].tests if test.outcome is Outcome.FAILED}
    public = wrong["check[A small array]"].difference
    assert public is not None
    assert public.expected == [[2, 4], [6, 8]]
    assert public.actual == [[3, 6], [9, 12]]
    hidden = wrong["test_values[3]"].difference
    assert hidden is not None
    assert (hidden.actual, hidden.expected) == (None, None)
    assert hidden.signs == ("++++",) * 3


def test_an_error_shows_the_students_own_cell_and_line(results: dict[str, Result]) -> None:
    message = next(test.message for test in results["raises"].tests if test.outcome is Outcome.ERROR)
    assert "line 3 of the cell that defines `double`, in double" in message
    assert "raise KeyError('oops')" in message


def test_a_cell_that_hung_is_known_as_one_and_its_time_is_no_tests_own(results: dict[str, Result]) -> None:
    result = results["slow_demo_cell"]
    assert [(error.cell, error.timeout) for error in result.cell_errors] == [(2, True)]
    assert sum(test.seconds for test in result.tests) <= result.seconds - 2  # the cell's limit
    assert not any(error.timeout for error in results["failing_cells"].cell_errors)


def test_a_hanging_function_is_not_waited_for_in_every_test(results: dict[str, Result]) -> None:
    assert results["hangs"].seconds < 15
    assert "in 2 calls before" in everything_said(results["hangs"])


def test_isolation_is_recorded(results: dict[str, Result]) -> None:
    assert "own root" in results["plain"].isolation
