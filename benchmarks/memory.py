"""Memory of the grader's processes while it grades 1,000 submissions one after the other, right and wrong ones."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from _bench import FUNCTIONS, answer, code_cell, machine, memory_mb, notebook, right_notebook, tree, write_course

from autograder.commands import grade
from autograder.result import Result

SUBMISSIONS = 1000
SAMPLES = (10, 50, 100, 200, 400, 600, 800, 1000)
WRONG = {
    "wrong": "    return x",
    "raises": "    raise ValueError(x)",
    "prints": "    print(x)\n    return np.zeros((200, 200))",
}


def submissions() -> list[str]:
    """A right one, and some whose answers are wrong in every function."""
    wrong = [
        notebook([code_cell(0, "import numpy as np"), *(code_cell(n, f"def {f}(x, k):\n{body}") for n, f in enumerate(FUNCTIONS, 1))])
        for body in WRONG.values()
    ]  # fmt: skip
    partly = notebook([code_cell(0, "import numpy as np"), code_cell(1, answer("relu")), code_cell(2, "1 / 0")])
    return [right_notebook(), *wrong, partly]


def processes() -> dict[str, int]:
    """Process ids of this supervisor, the examiner and the zygote: each was started by the one before."""
    me = os.getpid()
    examiner, zygote = (pid for pid in tree(me)[1:3])
    return {"supervisor": me, "examiner": examiner, "zygote": zygote}


def main() -> None:
    print(f"{machine()}\nResident set and share of it (PSS), MB, --jobs 1\n")
    print("submissions " + "".join(f"{name + ' RSS':>17}{'PSS':>7}" for name in ("supervisor", "examiner", "zygote")))
    done = 0

    def sample(result: Result) -> None:
        nonlocal done
        done += 1
        if done in SAMPLES:
            sizes = [memory_mb(pid) for pid in processes().values()]
            print(f"{done:11} " + "".join(f"{rss:17.1f}{pss:7.1f}" for rss, pss in sizes), flush=True)

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_course(root)
        (root / "in").mkdir()
        kinds = submissions()
        for number in range(SUBMISSIONS):
            path = root / "in" / f"s{number:04d}.ipynb"
            path.write_text(kinds[number % len(kinds)], encoding="utf-8")
        grade(assignment="six", paths=[root / "in"], course=root, jobs=1, on_result=sample)


if __name__ == "__main__":
    main()
