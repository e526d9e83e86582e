"""Submitted files: which ones there are, whose they are, and the code cells in them."""

from autograder.notebook.code import Code, Place, cell_name, definitions, quoted
from autograder.notebook.found import SUFFIXES, Found
from autograder.notebook.submission import Cell, Submission, Text, parse_cells, read_submission
from autograder.notebook.tree import parse, without_magics

__all__ = [
    "SUFFIXES",
    "Cell",
    "Code",
    "Found",
    "Place",
    "Submission",
    "Text",
    "cell_name",
    "definitions",
    "parse",
    "parse_cells",
    "quoted",
    "read_submission",
    "without_magics",
]
