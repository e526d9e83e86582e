"""What is learned from one attempt is of no use in the next: inputs follow the code, and nothing but code gets into the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.commands import grade, replay
from autograder.course import Limits
from autograder.examine.student import Student
from autograder.notebook import Cell, Code
from autograder.result import Result, Status
from autograder.sandbox.client import Zygote, namespace_error
from tests.conftest import RIGHT, notebook, write_course

SEES = '''
import linecache, sys


def see():
    """Everything that code may know of how and where it is written."""
    code = see.__code__
    shell = sys.modules["IPython"].get_ipython()
    sources = [source for entry in linecache.cache.values() if len(entry) > 2 for source in entry[2] if "see" in source]
    return repr([code.co_filename, code.co_firstlineno, list(code.co_positions()), sources, shell.user_ns.get("In"),
                 [value for value in vars(shell.compile).values() if "see" in str(value)],
                 sorted(name for name in shell.user_ns if not name.startswith("_"))])
'''


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote(["numpy"], namespaces=not namespace_error()) as zygote:
        yield zygote


def seen(zygote: Zygote, *cells: Cell) -> str:
    student = Student(zygote, Code(cells), Limits(), {}, "")
    try:
        return str(student.call("see"))
    finally:
        student.close()


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=8), min_size=1, max_size=6),
    st.integers(1, 50),
)
def test_code_cannot_see_comments_layout_and_numbers_of_cells(zygote: Zygote, words: list[str], number: int) -> None:
    lines = [
        f"{line}  # {words[i % len(words)]}" if '"""' not in line else line for i, line in enumerate(SEES.split("\n"))
    ]
    layout = "\n".join(line + "\n" * (i * number % 3) for i, line in enumerate(lines))
    noted = (Cell(number, f"# {words[0]}"), Cell(number + 3, layout), Cell(number + 7, "\n# the end"))
    assert seen(zygote, *noted) == seen(zygote, Cell(1, SEES))


LEAK = '''
import linecache, types
import numpy as np


def double(x):
    """Tell of a hidden input whatever can be told."""
    if x.shape == (2, 2):
        return 2 * x
    text = "B" * 5000
    def inner(): raise type("A" * 500, (ValueError,), {})(text)
    frame = types.FunctionType(inner.__code__.replace(co_name="C" * 500, co_firstlineno=3, co_filename="<cell 2>"), globals(), closure=inner.__closure__)
    linecache.getlines = lambda *args: ["D" * 400] * 999
    frame()


def name(who):
    error = NameError("B" * 5000)
    error.name = "E" * 500
    raise error
'''


def test_of_a_hidden_error_only_type_place_and_the_beginning_are_told(tmp_path: Path) -> None:
    write_course(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ann.ipynb").write_text(notebook(LEAK))
    (result,) = grade(course=tmp_path, assignment="doubling", paths=[tmp_path / "in"]).results
    told = [test.message for test in result.tests if "B" * 9 in test.message]
    assert len(told) == 3
    for message in told:
        # what came from the submission is cut; what its places are called is not believed
        for letter, most in (("A", 60), ("B", 100), ("C", 8), ("D", 8), ("E", 8)):
            assert letter * (most + 1) not in message
    assert told[0].endswith("\n  line 5 of the cell that defines `double`, in double\n    def double(x):")


def results(root: Path, **notebooks: str) -> dict[str, Result]:
    for who, content in notebooks.items():
        folder = root / who
        folder.mkdir(exist_ok=True)
        (folder / "ann.ipynb").write_text(content)
    return {
        who: grade(course=root, assignment="doubling", paths=[root / who], force=True).results[0] for who in notebooks
    }


def test_what_is_run_is_the_same_if_the_fingerprint_is(tmp_path: Path) -> None:
    """After some cells that end the process, only those that define something are run: which, does not depend on layout."""
    write_course(tmp_path)
    ends = ["import os\nos._exit(3)"] * 5
    graded = results(
        tmp_path,
        plain=notebook(RIGHT, *ends, "f = lambda x: 3 * x", "double = f"),
        tabs=notebook(RIGHT, *ends, "f\t= lambda x: 3 * x", "double\t\t=\tf"),
        brackets=notebook(RIGHT, *ends, "(f) = lambda x: 3 * x", "(double) = f"),
    )
    verdicts = [[(test.test, test.outcome, test.message) for test in result.tests] for result in graded.values()]
    assert verdicts[0] == verdicts[1] == verdicts[2]


CANNOT_BE_WRITTEN = "if 0:\n    with ((a, b)):\n        pass\n"


def test_code_that_cannot_be_written_again_is_graded_as_any_other(tmp_path: Path) -> None:
    """Its errors are the student's, also where a hidden test wants one."""
    write_course(tmp_path)
    raises = 'def double(x): raise KeyError("no")\n\n\ndef name(who): raise KeyError("no")\n'
    graded = results(
        tmp_path,
        right=notebook(CANNOT_BE_WRITTEN + RIGHT),
        raises=notebook(CANNOT_BE_WRITTEN + raises),
        function=notebook(raises.replace(": raise", ":\n    " + CANNOT_BE_WRITTEN.replace("\n", "\n    ") + "raise")),
    )
    assert {who: (result.status, result.score) for who, result in graded.items()} == {
        "right": (Status.GRADED, 100),
        "raises": (Status.GRADED, 0),
        "function": (Status.GRADED, 0),
    }


def test_comments_keep_the_inputs_and_code_changes_them(tmp_path: Path) -> None:
    write_course(tmp_path)
    wrong = RIGHT.replace("2 * x", "x * x")  # right for 0 and 2, so that the map of signs tells of the inputs
    commented = "# a comment\n" + wrong.replace("\n", "   # another\n\n")
    graded = results(
        tmp_path,
        first=notebook(wrong),
        commented=notebook("# only a comment", commented, metadata={"a": 1}),
        changed=notebook(wrong.replace("x * x", "x * x + 0")),
    )
    maps = {
        who: [test.difference.signs for test in result.tests if test.difference and not test.public]
        for who, result in graded.items()
    }
    assert maps["first"] == maps["commented"] != maps["changed"]
    again = replay(course=tmp_path, student="ann", assignment="doubling", test="test_values[5]")
    assert again.remarks == ()
    assert again.now.difference is not None
    assert again.now.difference.signs == maps["changed"][1]
    arguments = again.trace.answers[0].arguments["x"]
    assert isinstance(arguments, np.ndarray)


@pytest.mark.parametrize("source", ["def f(a, a):\n    pass", "x = 1\nreturn x", "x = (1,\n", "f(x)() = 1"])
def test_a_syntax_error_is_told_with_one_place(tmp_path: Path, source: str) -> None:
    """That in the notebook; what is run counts its cells and lines in another way."""
    write_course(tmp_path)
    (result,) = results(tmp_path, ann=notebook("# a comment", RIGHT, f"\n\n# another\n{source}")).values()
    (error,) = result.cell_errors
    assert error.error.startswith("SyntaxError: ")
    assert "<cell" not in error.error
    assert error.cell == 3
    assert error.line in (2, 3)
