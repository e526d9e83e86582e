"""What the running test knows: which call gave which answer, and remarks for the student."""

from __future__ import annotations

from typing import Any

_calls: list[tuple[Any, str]] = []
_remarks: list[str] = []


def begin() -> None:
    """Forget the test before."""
    _calls.clear()
    _remarks.clear()


def record(value: Any, call: str) -> None:
    """Remember that ``call`` returned ``value``, and each of its items if it is a tuple or list."""
    _calls.append((value, call))
    if isinstance(value, tuple | list):
        _calls.extend((item, f"{call}, item {position}") for position, item in enumerate(value))


def describe(value: Any) -> str:
    """The call that returned this very object, or an empty string."""
    return next((call for known, call in reversed(_calls) if known is value), "")


def remark(text: str) -> None:
    """Tell the student something about a test that passed."""
    if text not in _remarks:
        _remarks.append(text)


def remarks() -> list[str]:
    return list(_remarks)
