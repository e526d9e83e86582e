"""Gradescope: a zip to upload as an assignment's autograder, and what runs in its container."""

from autograder.targets.gradescope.bundle import build

__all__ = ["build"]
