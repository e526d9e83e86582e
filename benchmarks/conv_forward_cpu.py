"""CPU seconds of grading one whole `conv_forward` submission, races included: 2 N copies minus N copies, over N."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from _bench import BIN, COURSE, CPU_NOTE, machine, measure

ROUNDS = 3
COPIES = 4
SLOW = "\n# %%\ndef conv2d(x, weight, bias=None):\n    return conv2d_naive(x, weight, bias)\n"


def cpu_seconds(submission: str, copies: int) -> float:
    """CPU of grading this many copies, set-up included, into a gradebook of its own."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "in").mkdir()
        for number in range(copies):
            (root / "in" / f"s{number:04d}.py").write_text(submission, encoding="utf-8")
        book = f"sqlite:///{root / 'gradebook.db'}"
        command = (BIN / "grader", "--course", COURSE, "grade", "conv_forward", root / "in", "--jobs", "1")
        return measure(*command, "--gradebook", book, cwd=root).cpu


def main() -> None:
    print(f"{machine()}\n{CPU_NOTE}. Median of {ROUNDS} rounds, least to most in brackets.\n")
    reference = (COURSE / "solutions" / "conv_forward.py").read_text(encoding="utf-8")
    submissions = {"the reference": reference, "loops in place of a vectorised conv2d": reference + SLOW}
    costs: dict[str, list[float]] = {name: [] for name in submissions}
    for _ in range(ROUNDS):
        for name, text in submissions.items():
            costs[name].append((cpu_seconds(text, 2 * COPIES) - cpu_seconds(text, COPIES)) / COPIES)
    for name, seconds in costs.items():
        middle = statistics.median(seconds)
        print(f"{name:40} {middle:5.2f} s CPU a submission  ({min(seconds):.2f} to {max(seconds):.2f})")


if __name__ == "__main__":
    main()
