"""Submitted files: which ones there are, whose they are, and the code cells in them."""

from autograder.notebook.code import Code, Place
from autograder.notebook.find import Found, find_submissions
from autograder.notebook.submission import Cell, Submission, fingerprint, parse_cells, read_submission

__all__ = [
    "Cell",
    "Code",
    "Found",
    "Place",
    "Submission",
    "find_submissions",
    "fingerprint",
    "parse_cells",
    "read_submission",
]
