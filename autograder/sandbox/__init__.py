"""The process student code lives in. Nothing of a course is ever imported or held here.

This folder is the only part of the package that the sandboxed process can read; it imports nothing
from the rest of it.
"""
