"""Scripts of every make are read into the cells that they were, in time that is proportional to their length."""

from __future__ import annotations

import json

import pytest

from autograder.errors import SubmissionError
from autograder.notebook import parse_cells
from autograder.notebook.script import split_script


def cells(text: str | bytes) -> list[str]:
    data = text if isinstance(text, bytes) else text.encode()
    return [cell.source for cell in parse_cells(data, ".py")]


def test_a_mark_within_a_string_parts_nothing() -> None:
    text = 'x = 1\n"""\n# %% no mark\n"""\ny = 2\n# %%\ndef f():\n    """A text.\n\n# In[3]:\n    """\n'
    assert [len(split_script(part)) for part in (text, f"# %%\n{text}")] == [2, 2]
    assert cells(text)[0].endswith("y = 2")


def test_a_string_that_never_ends_costs_its_own_cell_only() -> None:
    text = '# %%\nx = """\n# %%\ndef f():\n    """A text."""\n# %%\ny = 2\n# %%\nz = \'\'\'\n# %%\nlast = 1\n'
    assert cells(text) == ['x = """', 'def f():\n    """A text."""', "y = 2", "z = '''", "last = 1"]


@pytest.mark.parametrize(
    "line",
    ['# it\'s a comment with """ in it', "!echo it's", 's = \'"""\'', 's = "\\"" + "\'\'\'"', "s = 'it\\'s'", "% it's"],
)
def test_quotes_that_begin_no_such_string_keep_nothing_together(line: str) -> None:
    assert cells(f"# %%\n{line}\n# %%\nx = 1\n# %%\ny = '''a'''") == [line, "x = 1", "y = '''a'''"]


def test_databricks_cells() -> None:
    text = "\n\n# COMMAND ----------\n\n".join(
        [
            "# Databricks notebook source\n# MAGIC %md # Homework\n# MAGIC a text",
            "# MAGIC %pip install numpy",
            "dbutils.widgets.text('a', 'b')",
            "# DBTITLE 1,A title\nx = 1",
            "# MAGIC %python\n# MAGIC def f():\n# MAGIC     return 1",
            "# MAGIC %%time\n# MAGIC y = 2",
        ]
    )
    found = cells(text)
    assert [source.lstrip("\n") for source in found[2:]] == [
        "dbutils.widgets.text('a', 'b')",
        "# DBTITLE 1,A title\nx = 1",
        "def f():\n    return 1",
        "%%time\ny = 2",
    ]
    assert all(line.startswith("#") for source in found[:2] for line in source.split("\n"))


def test_colab_comments_out_a_cell_with_a_magic() -> None:
    text = (
        "x = 1\n\n# Commented out IPython magic to ensure Python compatibility.\n# %%time\n# def f():\n#     # why\n#     return 1\n"
        "\ny = 2\n# Commented out IPython magic to ensure Python compatibility.\n# %matplotlib inline\n"
        "# Commented out IPython magic to ensure Python compatibility.\n# %%bash\n# ls\n"
    )
    assert cells(text)[1].startswith("def f():\n    # why\n    return 1\n\ny = 2")
    assert not any(line == "ls" for source in cells(text) for line in source.split("\n"))


def test_marimo_cells() -> None:
    text = (
        "import marimo\n\n__generated_with = '0.9'\napp = marimo.App()\n\nwith app.setup:\n    import numpy as np\n\n\n"
        "@app.cell\ndef __(np):\n    x = 1\n    def f():\n        return x\n    return f, x\n\n\n@app.cell(hide_code=True)\n"
        "def _(mo):\n    mo.md('text')\n    return\n\n\n@app.function\ndef g():\n    return 2\n\n\nif __name__ == '__main__':\n    app.run()\n"
    )
    assert cells(text) == [
        "import numpy as np",
        "x = 1\ndef f():\n    return x",
        "mo.md('text')",
        "def g():\n    return 2",
    ]


@pytest.mark.parametrize(
    ("line", "encoding"),
    [
        ("# -*- coding: latin-1 -*-", "latin-1"),
        ("#!/usr/bin/python\n# vim: set fileencoding=cp1258 :", "cp1258"),
        ("# coding=iso-8859-15", "iso-8859-15"),
        ("# coding: gbk", "gbk"),
        ("# coding: utf-8", "utf-8"),
        ("\n# coding: shift_jis", "shift_jis"),
        ("# coding: no-such-thing", "utf-8"),
        ("# coding: punycode", "utf-8"),
        ("# coding: zip", "utf-8"),
        ("x = 1\n# coding: latin-1", "utf-8"),
    ],
)
def test_a_script_is_read_in_the_encoding_that_it_names(line: str, encoding: str) -> None:
    letter = "中" if encoding in ("gbk", "shift_jis") else "é"
    assert f'name = "{letter}"' in cells(f'{line}\nname = "{letter}"\n'.encode(encoding))[-1]


def test_a_script_that_names_none_is_in_utf8() -> None:
    with pytest.raises(SubmissionError, match="not text"):
        cells("name = 'é'".encode("latin-1"))


def saved(language: str, *sources: str) -> bytes:
    made = [{"cell_type": "code", "source": source} for source in sources]
    metadata = {"kernelspec": {"language": language, "name": "other"}}
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4}).encode()


@pytest.mark.parametrize("language", ["R", "C#", "sage", "julia"])
def test_python_in_a_notebook_of_another_language_is_python(language: str) -> None:
    made = saved(language, "%matplotlib inline\nimport numpy as np", "!pip install x", "def f(x):\n    return x")
    assert len(parse_cells(made, ".ipynb")) == 3


@pytest.mark.parametrize(
    "sources",
    [
        ["x <- 1", "library(ggplot2)", "plot(x)"],
        ["conv <- function(x) {\n  x + 1\n}"],
        ["import Pkg", "function f(x)\n  x + 1\nend"],
        ["import scala.math", "def f(x: Int): Int = x"],
        ["puts 1", "def f(x)\n  x\nend"],
        ["def f(x):\n    return x", "x <- c(1, 2)\nf <- function(x) x + 1"],
        [],
    ],
)
def test_another_language_is_refused(sources: list[str]) -> None:
    with pytest.raises(SubmissionError, match="is written for r; this assignment is in Python"):
        parse_cells(saved("R", *sources), ".ipynb")
