"""`grader grade` and `nbgrader autograde` on copies of the same notebook with the same six tests, side by side in one run."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from _bench import ARGUMENTS, BIN, FUNCTIONS, Cost, answer, code, machine, measure, notebook, right_notebook, write_course

ROUNDS = 1
NBGRADER_COPIES = 4
OURS = (10, 100, 400)


def nbgrader_course(root: Path) -> None:
    """The same questions as nbgrader's source notebook: a solution cell and a locked test cell for each."""
    cells = [code(0, "import numpy as np")]
    for number, name in enumerate(FUNCTIONS, 1):
        kind = {"schema_version": 3, "grade": False, "locked": False, "solution": True, "grade_id": name, "task": False}
        source = f"def {name}(x, k):\n    ### BEGIN SOLUTION\n    return {FUNCTIONS[name]}\n    ### END SOLUTION"
        cells.append(code(2 * number, source, nbgrader=kind))
        test = (
            "### BEGIN HIDDEN TESTS\nrng = np.random.default_rng(1)\n"
            f"x, k = {ARGUMENTS[name]}\nnp.testing.assert_allclose({name}(x, k), {FUNCTIONS[name]}, atol=1e-9)\n### END HIDDEN TESTS"
        )
        kind = kind | {"grade": True, "locked": True, "solution": False, "grade_id": f"test_{name}", "points": 10}
        cells.append(code(2 * number + 1, test, nbgrader=kind))
    (root / "source" / "six").mkdir(parents=True)
    (root / "source" / "six" / "six.ipynb").write_text(notebook(cells), encoding="utf-8")
    (root / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'c'\n", encoding="utf-8")
    measure(BIN / "nbgrader", "generate_assignment", "six", cwd=root)
    text = (root / "release" / "six" / "six.ipynb").read_text(encoding="utf-8")
    for name in FUNCTIONS:
        # a filled-in stub, as nbgrader writes it
        stub = f"def {name}(x, k):\\n\",\n    \"    # YOUR CODE HERE\\n\",\n    \"    raise NotImplementedError()"
        assert stub in text, text
        text = text.replace(stub, answer(name).replace("\n", '\\n",\n    "'))
    for number in range(NBGRADER_COPIES):
        folder = root / "submitted" / f"s{number}" / "six"
        folder.mkdir(parents=True)
        (folder / "six.ipynb").write_text(text, encoding="utf-8")


def ours(copies: int, jobs: int) -> Cost:
    """Grade copies in a new course, set-up included."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_course(root)
        (root / "in").mkdir()
        for number in range(copies):
            (root / "in" / f"s{number:04d}.ipynb").write_text(right_notebook(), encoding="utf-8")
        return measure(BIN / "grader", "grade", "six", "in", "--jobs", str(jobs), cwd=root)


def theirs() -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        nbgrader_course(root)
        return measure(BIN / "nbgrader", "autograde", "six", cwd=root)


def main() -> None:
    print(machine())
    costs: dict[tuple[int, int], list[Cost]] = {(copies, jobs): [] for copies in OURS for jobs in (1, 2)}
    nbgrader: list[Cost] = []
    for _ in range(ROUNDS):  # interleaved, so that what else the machine does meets all of them
        nbgrader.append(theirs())
        for (copies, jobs), own in costs.items():
            own.append(ours(copies, jobs))
    per_notebook = statistics.median(cost.wall for cost in nbgrader) / NBGRADER_COPIES
    print(f"{'':28}{'ms each':>10}{'ms each x jobs':>16}{'a minute':>10}{'peak MB':>9}{'x nbgrader':>12}")
    peak = max(cost.peak_mb for cost in nbgrader)
    print(f"{'nbgrader autograde, ' + str(NBGRADER_COPIES):28}{per_notebook * 1000:10.0f}{per_notebook * 1000:16.0f}{60 / per_notebook:10.0f}{peak:9.0f}{1:12.0f}")
    for (copies, jobs), own in costs.items():
        each = statistics.median(cost.wall for cost in own) / copies
        print(
            f"{f'grader grade, {copies}, {jobs} jobs':28}{each * 1000:10.1f}{each * jobs * 1000:16.1f}{60 / each:10.0f}"
            f"{max(cost.peak_mb for cost in own):9.0f}{per_notebook / each:12.0f}"
        )
    for jobs in (1, 2):
        few, many = (statistics.median(cost.wall for cost in costs[copies, jobs]) for copies in (OURS[1], OURS[2]))
        print(f"one more submission, {jobs} jobs: {(many - few) / (OURS[2] - OURS[1]) * 1000:.1f} ms")


if __name__ == "__main__":
    main()
