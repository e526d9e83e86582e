"""What `grader check` finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that holds for an assignment, or does not."""

    assignment: str
    holds: bool
    text: str
    details: str = ""
    """More lines, such as the kill matrix."""
    note: bool = False
    """It holds, and yet an author should know."""
