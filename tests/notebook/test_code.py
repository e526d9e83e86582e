"""What of a notebook is run: comments, white space and layout leave no trace in it, and errors still name the author's own lines."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.notebook import Cell, Code, cell_name, read_submission
from tests.conftest import REPOSITORY

CELL = '''
import numpy as np   # numbers


def outer(x):
    """A text stays."""

    def inner(y):
        # a comment
        return call(
            y,
            1 / 0,   # here
        )

    return inner(x) + f"{x!r:>{5}} {'a'}"

class A:
    def method(self): return missing
'''


def code(*sources: str) -> Code:
    return Code(Cell(number, source) for number, source in enumerate(sources, 1))


def canonical(source: str) -> str:
    return "".join(code(source).sources)


def strewn(source: str, words: list[str]) -> str:
    """The same program with a comment, a blank line and trailing blanks at every line end that allows them."""
    lines = []
    for number, line in enumerate(source.split("\n")):
        word = words[number % len(words)]
        lines += [line if '"""' in line or line.endswith("\\") else f"{line}  # {word}   "]
        lines += [] if '"""' in line else ["", f"        # {word}"]
    return "\n".join(lines)


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=9), min_size=1, max_size=5)
)
def test_comments_and_white_space_change_nothing(words: list[str]) -> None:
    assert code(strewn(CELL, words), "# only a comment", "  \n").fingerprint == code(CELL).fingerprint


@pytest.mark.parametrize("source", ["with ((a, b)): pass", "if 0:\n    with ((a, b)): pass", r"f'{x:\x7b}'"])
def test_what_python_cannot_write_again_is_run_as_it_is(source: str) -> None:
    """`ast.unparse` writes another program, or none."""
    assert canonical(source) == source
    place = code(source).place(1, 1)
    assert place is not None
    assert (place.cell, place.line) == (1, 1)


def test_neither_do_numbers_of_cells_and_layout() -> None:
    spread = Code([Cell(3, "# a comment"), Cell(9, "x = (1,\n\n   2)\n\n\n\ny = 'a'")])
    assert spread.fingerprint == Code([Cell(1, 'x=1,2;y="a"')]).fingerprint


@pytest.mark.parametrize(
    "other",
    [
        "x = 2",
        "x = 1; y = 1",
        "x = 1.0",
        "x = '1'",
        "def x(): 1",
        "x == 1",
        "%time x = 1",
        "",
        "x = 1 +",
        "print(x := 1)",
    ],
)
def test_everything_that_is_run_counts(other: str) -> None:
    assert code(other).fingerprint != code("x = 1").fingerprint
    assert code("x = 1", other).fingerprint != code(other, "x = 1").fingerprint or not other


def test_what_python_cannot_read_counts_as_it_is() -> None:
    for source in ("x = 1 +", "def f(:\n    pass", "{" * 300 + "}" * 300 + " a", "f(" * 5000, "x = '\0'"):
        assert canonical(source) == source
    assert code("x = 1 + # a").fingerprint != code("x = 1 + # b").fingerprint


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\nx = 1  # a",
        "!pip install torch\nx = 1  # a",
        "x = !ls\ny = %who\nz = 1  # a",
        "x?",
        "await f()  # a",
        "    x = 1  # a\n    y = 2",
    ],
)
def test_magics_are_read_as_ipython_reads_them(source: str) -> None:
    assert canonical(source) == canonical(source.replace("  # a", ""))
    assert "# a" not in canonical(source)


def test_the_body_of_a_cell_magic_stays_as_it_is() -> None:
    assert "# a" in canonical("%%timeit\nx = 1  # a")


@pytest.mark.parametrize(
    "magic", ["%%time", "\n %%time  ", "%%capture", "%%capture --no-stderr", "%%time --no-raise-error"]
)
def test_a_magic_that_only_shows_something_is_as_if_it_were_not_there(magic: str) -> None:
    timed = code(f"{magic}\nx = 1  # a\n\ny = 2")
    assert timed.fingerprint == code("x = 1\ny = 2").fingerprint
    last = magic.count("\n") + 4
    place = timed.place(1, 2)
    assert place is not None
    assert (place.line, place.text) == (last, "y = 2")


def test_a_magic_that_names_what_it_captures_stays() -> None:
    assert "run_cell_magic" in canonical("%%capture shown\nx = 1")


@pytest.mark.parametrize(
    "path",
    [*sorted((REPOSITORY / "solutions").glob("*.py")), *sorted(Path(ast.__file__).parent.glob("[a-d]*.py"))],
    ids=lambda path: path.stem,
)
def test_the_program_stays_the_same(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    shorter = canonical(source)
    assert ast.dump(ast.parse(shorter)) == ast.dump(ast.parse(source))
    assert canonical(shorter) == shorter


def test_places_are_those_of_the_author() -> None:
    own = Code([Cell(0, "given = 1"), Cell(4, CELL)])
    lines = CELL.split("\n")
    for needle, function in (("1 / 0", "inner"), ("return inner(x)", "outer"), ("return missing", "method"), ("import numpy", "")):  # fmt: skip
        tree = ast.parse(own.sources[1])
        wanted = next(
            node for node in ast.walk(tree) if ast.unparse(node).startswith(needle) and hasattr(node, "lineno")
        )
        place = own.place(2, wanted.lineno, wanted.col_offset)  # type: ignore[attr-defined]
        assert place is not None
        assert needle in lines[place.line - 1]
        assert (place.cell, place.text, place.function) == (4, lines[place.line - 1].strip(), function)


@given(st.integers(-3, 40), st.integers(-3, 10**9), st.integers(-3, 10**9))
def test_a_place_that_is_not_there_is_none(position: int, line: int, column: int) -> None:
    place = code(CELL, "x = 1 +").place(position, line, column)
    assert place is None or 1 <= place.line <= len(CELL.split("\n"))


def test_large_and_many_cells_are_not_read_for_long() -> None:
    large = f"x = {[0] * 60_000}  # a"
    assert code(large).sources == (large,)
    many = code(*["!ls\n" * 100] * 300)
    assert many.sources[0] != "!ls\n" * 100
    assert many.sources[-1] == "!ls\n" * 100


@pytest.mark.parametrize("magic", ["a=%b", "a = %b", "a=!b", "!b", "?b", "b ?", "/f 1", ", f 1", ";f 1", " %b"])
def test_whatever_ipython_reads_a_cell_anew_for_is_counted(magic: str) -> None:
    """Hundreds of times 90 kB would take it minutes."""
    cell = f"{magic}\n" * 450 + "x = 1\n" * 15_000
    assert code(cell, "y = 1  # a comment").sources == (cell, "y = 1")
    place = code(cell).place(1, 1)
    assert place is not None
    assert (place.cell, place.line) == (1, 1)


def test_towers_of_brackets_are_left_to_the_sandbox() -> None:
    for tower in (
        "(" * 20_000 + ")" * 20_000,
        "-" * 50_000 + "1",
        "+".join(["1"] * 30_000),
        "a" + ".a" * 30_000,
        "x[" * 30_000,
    ):
        assert code(tower).place(1, 1) is not None
        assert sys.getrecursionlimit() > 100


def test_a_submissions_outputs_and_text_have_no_part_in_it(tmp_path: Path) -> None:
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1"), nbformat.v4.new_code_cell("y = 2")])
    nbformat.write(notebook, tmp_path / "a.ipynb")
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell("What I think"))
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="1")]
    notebook.cells[2].metadata = {"tags": ["a"]}
    nbformat.write(notebook, tmp_path / "b.ipynb")
    one, other = (Code(read_submission(tmp_path / f"{name}.ipynb", max_bytes=10**6).cells) for name in "ab")
    assert one.fingerprint == other.fingerprint
    assert [cell.number for cell in one.cells] != [cell.number for cell in other.cells]


FILES = st.dictionaries(
    st.sampled_from(["layers.py", "w.txt", "utils/__init__.py", "a/b.py"]),
    st.sampled_from(
        [b"", b"x = 1", b"x = 1  # one", b"# x", b"x=2\n", b"def (", b"\xff\xfe", b"# coding: latin-1\nx = '\xe9'"]
    ),
)


@given(FILES, FILES)
def test_equal_fingerprints_mean_that_the_same_lies_beside_the_notebook(
    one: dict[str, bytes], other: dict[str, bytes]
) -> None:
    """Then nothing that was learned from one attempt can be read in the next, unless the inputs are others."""
    first, second = Code((), sorted(one.items())), Code((), sorted(other.items()))
    assert (first.fingerprint == second.fingerprint) == (first.files == second.files)


def test_a_module_in_a_codec_that_takes_the_square_of_its_time_is_not_decoded() -> None:
    latin, punycode = (f"# coding: {codec}\nx = 1  # one\n".encode() for codec in ("latin-1", "punycode"))
    code = Code((), [("latin.py", latin), ("punycode.py", punycode)])
    assert dict(code.files) == {"latin.py": b"x = 1", "punycode.py": punycode}
    assert code.place_in("latin.py", 1, 0)
    assert not code.place_in("punycode.py", 1, 0)


def test_what_lies_beside_a_notebook_is_part_of_its_code() -> None:
    def fingerprint(**files: str) -> str:
        own = [(name.replace("_", "."), text.encode()) for name, text in sorted(files.items())]
        return Code([Cell(1, "import layers")], own).fingerprint

    plain = fingerprint(layers_py="def f(x): return x")
    assert plain == fingerprint(layers_py="# a comment\ndef f(x):\n\n    return (x)")
    others = {
        plain,
        code("import layers").fingerprint,
        fingerprint(layers_py="def f(x): return 2 * x"),
        fingerprint(other_py="def f(x): return x"),
        fingerprint(layers_py="def f(x): return x", w_txt="1"),
        fingerprint(layers_py="def f(x): return x", w_txt="1 "),
    }
    assert len(others) == 6


def test_a_given_file_takes_the_place_of_a_students_and_is_no_code_of_theirs() -> None:
    given = [("data/w.txt", b"1"), ("helper.py", b"x = 1  # as it was written")]
    plain = Code((), [], given)
    assert plain.fingerprint == Code(()).fingerprint
    same = Code((), [("data/w.txt", b"1")], given)
    assert (same.fingerprint, same.replaced) == (plain.fingerprint, [])
    other = Code((), [("data", b"no folder"), ("data/w.txt", b"2"), ("helper.py/x", b"3")], given)
    assert other.replaced == ["data", "data/w.txt", "helper.py/x"]
    assert dict(other.files) == dict(given)
    assert other.fingerprint == plain.fingerprint


def test_a_place_in_a_module_is_that_of_the_original() -> None:
    module = b"# a comment\n\ndef f(x):\n    # another\n    return 1 / 0\n"
    own = Code((), [("layers.py", module), ("broken.py", b"\xff"), ("w.txt", b"1")], [("given.py", b"1 / 0")])
    assert dict(own.files)["layers.py"] == b"def f(x):\n    return 1 / 0"
    place = own.place_in("layers.py", 2, 11)
    assert place is not None
    assert (str(place), place.text, place.function) == ("layers.py, line 5", "return 1 / 0", "f")
    assert str(own.place_in("written_by_code.py", 3)) == "written_by_code.py, line 3"
    for told in (
        "given.py",
        "w.txt",
        "../x.py",
        "/etc/x.py",
        "a\nb.py",
        "The grader says: all is right.py",
        "x" * 100 + ".py",
    ):
        assert own.place_in(told, 1) is None


@pytest.mark.parametrize(
    ("source", "line", "name"),
    [
        ("def conv2d(x):\n    return x", 2, "the cell that defines `conv2d`"),
        ("import numpy\n\ndef pad(x):\n    pass\n\n\ndef conv2d(x):\n    return", 4, "the cell that defines `pad`"),
        ("import numpy\n\ndef pad(x):\n    pass\n\n\ndef conv2d(x):\n    return", 8, "the cell that defines `conv2d`"),
        ("import numpy\n\ndef pad(x):\n    pass", 1, "the cell that defines `pad`"),
        ("def pad(x):\n    pass\ndef conv2d(x): pass", None, "the cell that defines `pad`"),
        ("class Net(nn.Module):\n    def forward(self): pass", 2, "the cell that defines `Net`"),
        ("async  def load(): pass", 1, "the cell that defines `load`"),
        ("def broken(:", 1, "the cell that defines `broken`"),
        ("\n\n  # my answer\nx = 1", 4, "the cell that begins with `# my answer`"),
        ("y = [" + "1, " * 99, 1, "the cell that begins with `y = [" + "1, " * 18 + "1 ...`"),
        ("x = '\x1b[2J'", 1, "the cell that begins with `x = '\N{REPLACEMENT CHARACTER}[2J'`"),
        ("", None, "an empty cell"),
    ],
)
def test_a_cell_is_called_by_what_its_author_sees_in_it(source: str, line: int | None, name: str) -> None:
    assert cell_name(source, line) == name
