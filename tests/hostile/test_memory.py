"""No submission makes a process of the grader large, whatever its file holds and its code answers."""

from __future__ import annotations

from pathlib import Path

from autograder.engine.local import Worker
from autograder.notebook import Found
from autograder.result import MOST_BYTES, Outcome, Result
from tests.conftest import HIDDEN_TESTS, RIGHT, notebook, write_course
from tests.hostile import course as hostile_course
from tests.hostile.corpus import GROWTH, does

MOST_MB = 300
"""An examiner without torch takes 60 MB before it has seen any submission, a zygote 40."""

LARGE = GROWTH | {
    "the_largest_array": does("return np.zeros((4, 500_000))"),
    "the_longest_text": does("return '\U0001f40d' + 'a' * 1_000_000"),
    "many_texts": does("return ['\U0001f40d' + 'a' * 1_000_000] * 3"),
    "arrays_in_a_list": does("return [np.zeros(500_000, bool)] * 15 + [np.zeros(500_000, complex)]"),
    "many_objects": does("return [{'a': {}} for _ in range(33_000)]"),
}


def most_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def test_no_submission_makes_an_examiner_or_a_zygote_large(tmp_path: Path) -> None:
    course = hostile_course.write(tmp_path)
    worker = Worker(course.root, "doubling", course.secret, namespaces=True)
    grown: dict[str, float] = {}
    try:
        for name, case in LARGE.items():
            path = tmp_path / f"{name}{case.suffix}"
            path.write_bytes(case.content.encode() if isinstance(case.content, str) else case.content)
            kind, result = worker.grade(Found(name, path, None), 500)
            assert kind == "result"
            assert isinstance(result, Result)
            assert result.json_bytes <= MOST_BYTES
            processes = [worker._process.pid, *children(worker._process.pid)]
            grown[name] = max(map(most_mb, processes))
            if grown[name] > MOST_MB:
                break
    finally:
        worker.kill()
    assert max(grown.values()) <= MOST_MB, grown
    assert len(grown) == len(LARGE)


def test_a_hidden_test_that_works_with_a_strange_answer_is_stopped(tmp_path: Path) -> None:
    """2.4 GB of an answer of 8 kB; who is graded after it notices nothing."""
    works_with_it = HIDDEN_TESTS.replace(
        "    assert student.mutated",
        "    np.ones((student.double(np.ones(3)).size, 300_000))\n    assert student.mutated",
    )
    course = write_course(tmp_path, hidden_tests=works_with_it)
    worker = Worker(course.root, "doubling", course.secret, namespaces=True)
    results = []
    try:
        for name, code in {"strange": RIGHT.replace("2 * x", "np.ones(1000)"), "right": RIGHT}.items():
            (tmp_path / f"{name}.ipynb").write_text(notebook(code), encoding="utf-8")
            results.append(worker.grade(Found(name, tmp_path / f"{name}.ipynb", None), 500)[1])
        assert most_mb(worker._process.pid) < 1300
    finally:
        worker.kill()
    strange, right = results
    assert isinstance(strange, Result)
    assert isinstance(right, Result)
    told = {test.test: (test.outcome, test.message) for test in strange.tests}
    assert told["test_untouched"] == (Outcome.FAILED, "double(x 3): the shape is (1000,), expected (3,).")
    assert right.score == 100
