"""Judging one submission: hidden tests under pytest, the sandboxed student, races."""
