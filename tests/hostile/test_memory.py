"""No submission makes a process of the grader large, whatever its file holds and its code answers."""

from __future__ import annotations

from pathlib import Path

from autograder.engine.local import Worker
from autograder.notebook import Found
from autograder.result import MOST_BYTES, Result
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
