"""`grader grade`, `nbgrader autograde` and `otter run` on copies of one notebook with the same six hidden tests, in one run."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from _bench import (
    ARGUMENTS,
    BIN,
    CPU_NOTE,
    FUNCTIONS,
    POINTS,
    Cost,
    answer,
    code_cell,
    machine,
    measure,
    notebook,
    stub,
    write_course,
)

ROUNDS = 3
NBGRADER_COPIES = (2, 6)
OTTER_COPIES = (1, 3)
GRADER_COPIES = (10, 100, 200, 2000)
GRADER_JOBS = (1, 2)


@dataclass
class Row:
    """One way to grade so many copies, and what it took, round after round."""

    name: str
    copies: int
    jobs: int
    run: Callable[[], Cost]
    costs: list[Cost] = field(default_factory=list)

    def median(self, what: str) -> float:
        return statistics.median(float(getattr(cost, what)) for cost in self.costs)


def nbgrader_course(root: Path) -> str:
    """The six questions as a course for nbgrader: a solution cell and a locked test cell for each.

    Returns the notebook that nbgrader releases to students, filled in by one who knows: both grade this file.
    """
    cells = [code_cell(0, "import numpy as np")]
    common = {"schema_version": 3, "task": False}
    for number, name in enumerate(FUNCTIONS):
        solution = common | {"grade": False, "locked": False, "solution": True, "grade_id": name}
        locked = common | {
            "grade": True,
            "locked": True,
            "solution": False,
            "grade_id": f"test_{name}",
            "points": POINTS,
        }
        test = (
            f"### BEGIN HIDDEN TESTS\nrng = np.random.default_rng({number})\nx, k = {ARGUMENTS[name]}\n"
            f"np.testing.assert_allclose({name}(x, k), {FUNCTIONS[name]}, rtol=0, atol=1e-9)\n### END HIDDEN TESTS"
        )
        cells += [
            code_cell(2 * number + 1, stub(name), nbgrader=solution),
            code_cell(2 * number + 2, test, nbgrader=locked),
        ]
    (root / "source" / "six").mkdir(parents=True)
    (root / "source" / "six" / "six.ipynb").write_text(notebook(cells), encoding="utf-8")
    (root / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "b"\n', encoding="utf-8")
    measure(BIN / "nbgrader", "generate_assignment", "six", cwd=root)
    released = json.loads((root / "release" / "six" / "six.ipynb").read_text(encoding="utf-8"))
    for cell in released["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in FUNCTIONS:
            cell["source"] = answer(name)
    return json.dumps(released)


def nbgrader(prepared: Path, submission: str, copies: int) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "course"
        shutil.copytree(prepared, root)
        for number in range(copies):
            target = root / "submitted" / f"s{number:04d}" / "six" / "six.ipynb"
            target.parent.mkdir(parents=True)
            target.write_text(submission, encoding="utf-8")
        cost = measure(BIN / "nbgrader", "autograde", "six", cwd=root)
        scores = sqlite3.connect(root / "gradebook.db").execute("select auto_score from grade").fetchall()
    assert scores == [(POINTS,)] * (copies * len(FUNCTIONS)), scores
    return cost


def otter_bundle(root: Path) -> Path:
    """The six tests as `otter generate` packs them: one file for each question, its case hidden."""
    (root / "tests").mkdir()
    for number, name in enumerate(FUNCTIONS):
        (root / "tests" / f"{name}.py").write_text(
            f"import numpy as np\nfrom otter.test_files import test_case\n\nOK_FORMAT = False\nname = {name!r}\npoints = {POINTS}\n\n\n"
            f"@test_case(points={POINTS}, hidden=True)\ndef test_hidden({name}):\n"
            f"    rng = np.random.default_rng({number})\n    x, k = {ARGUMENTS[name]}\n"
            f"    np.testing.assert_allclose({name}(x, k), {FUNCTIONS[name]}, rtol=0, atol=1e-9)\n",
            encoding="utf-8",
        )
    bundle = root / "autograder.zip"
    measure(
        BIN / "otter",
        "generate",
        "-t",
        "tests",
        "-o",
        bundle,
        "--no-environment",
        "--no-requirements",
        "--no-config",
        cwd=root,
    )
    return bundle


def otter(bundle: Path, submission: str, copies: int) -> Cost:
    """One run for each copy, as `otter run` takes one submission."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        cells = [cell for cell in json.loads(submission)["cells"] if "test_" not in str(cell["metadata"])]
        (root / "six.ipynb").write_text(json.dumps(json.loads(submission) | {"cells": cells}), encoding="utf-8")
        costs = []
        for _ in range(copies):
            costs.append(measure(BIN / "otter", "run", "-a", bundle, "--no-logo", "six.ipynb", cwd=root))
            tests = json.loads((root / "results.json").read_text(encoding="utf-8"))["tests"]
            scores = [test["score"] for test in tests if "score" in test]
            assert scores == [POINTS] * len(FUNCTIONS), tests
    return Cost(
        sum(cost.wall for cost in costs),
        sum(cost.cpu for cost in costs),
        max(cost.tree_mb for cost in costs),
        max(cost.process_mb for cost in costs),
    )


def grader(submission: str, copies: int, jobs: int) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_course(root)
        (root / "in").mkdir()
        for number in range(copies):
            (root / "in" / f"s{number:04d}.ipynb").write_text(submission, encoding="utf-8")
        cost = measure(BIN / "grader", "grade", "six", "in", "--jobs", str(jobs), cwd=root)
        measure(BIN / "grader", "export", "six", "--format", "csv", "--to", "scores.csv", cwd=root)
        with (root / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
            scores = [float(row["raw_score"]) for row in csv.DictReader(file)]
    assert scores == [POINTS * len(FUNCTIONS)] * copies, scores
    return cost


def main() -> None:
    print(f"{machine()}\n{CPU_NOTE}. Medians of {ROUNDS} rounds; set-up included.\n")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        prepared = Path(folder)
        submission = nbgrader_course(prepared)
        bundle = otter_bundle(Path(other))
        others = [
            Row("otter run", copies, 1, lambda copies=copies: otter(bundle, submission, copies))  # type: ignore[misc]
            for copies in OTTER_COPIES
        ]
        theirs = [
            Row("nbgrader autograde", copies, 1, lambda copies=copies: nbgrader(prepared, submission, copies))  # type: ignore[misc]
            for copies in NBGRADER_COPIES
        ]
        ours = [
            Row("grader grade", copies, jobs, lambda copies=copies, jobs=jobs: grader(submission, copies, jobs))  # type: ignore[misc]
            for copies in GRADER_COPIES
            for jobs in GRADER_JOBS
        ]
        for _ in range(ROUNDS):  # interleaved, so that what else the machine does meets all of them
            for row in others + theirs + ours:
                row.costs.append(row.run())
    base = theirs[-1].median("wall") / theirs[-1].copies
    print("                    copies  jobs      wall   each  each x jobs  CPU each  rate     memory, MB")
    print("                                        s     ms           ms        ms  ratio   tree  process")
    for row in others + theirs + ours:
        each = row.median("wall") / row.copies
        print(
            f"{row.name:20}{row.copies:6}{row.jobs:6}{row.median('wall'):10.1f}{each * 1e3:7.0f}"
            f"{each * row.jobs * 1e3:13.0f}{row.median('cpu') / row.copies * 1e3:10.0f}{base / each:7.1f}"
            f"{row.median('tree_mb'):7.0f}{row.median('process_mb'):9.0f}"
        )
    theirs_each = others[-1].median("wall") / others[-1].copies
    for row in ours:
        print(
            f"{row.copies} copies, {row.jobs} jobs: {theirs_each / (row.median('wall') / row.copies):.0f} times otter's rate"
        )
    print("\nOne more submission, set-up left out:")
    their_wall, their_cpu = one_more(theirs[0], theirs[-1])
    print(f"nbgrader autograde        {their_wall * 1e3:7.0f} ms {their_cpu * 1e3:7.0f} ms CPU")
    for jobs in GRADER_JOBS:
        own = [row for row in ours if row.jobs == jobs]
        wall, cpu = one_more(own[0], own[-1])
        print(
            f"grader grade --jobs {jobs}     {wall * 1e3:7.1f} ms {cpu * 1e3:7.1f} ms CPU"
            f"   rate ratio {their_wall / wall:.0f}, CPU ratio {their_cpu / cpu:.0f}"
        )
    print(f"\n{machine().splitlines()[1]} at the end")


def one_more(few: Row, many: Row) -> tuple[float, float]:
    """Seconds and CPU seconds of each further submission."""
    more = many.copies - few.copies
    return (many.median("wall") - few.median("wall")) / more, (many.median("cpu") - few.median("cpu")) / more


if __name__ == "__main__":
    main()
