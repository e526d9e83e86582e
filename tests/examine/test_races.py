"""Races: tricks with clocks, memory and threads change nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.commands import grade
from autograder.result import Outcome, TestResult
from tests.conftest import REPOSITORY, RIGHT, notebook, write_course

LOOPS = """
import numpy as np
def double(x):
    y = np.empty_like(x)
    for i in np.ndindex(x.shape):
        for _ in range(9):  # far beyond the limit
            y[i] = 2 * x[i]
    return y
"""
SPEAKS = """
import os
def say_what_nobody_asked():
    for descriptor in range(3, 64):
        try: os.write(descriptor, b"\\xff" * 16)
        except OSError: pass
"""
SLOW = {
    "loops": LOOPS,
    "memoised": LOOPS
    + """
slowly, known = double, {}
def double(x):
    key = x.tobytes()
    if key not in known:
        known[key] = slowly(x)
    return known[key]
""",
    "patched_clocks": LOOPS
    + """
import time
for clock in ("time", "perf_counter", "process_time", "thread_time", "monotonic", "time_ns", "perf_counter_ns",
              "process_time_ns", "clock_gettime", "clock_gettime_ns"):
    setattr(time, clock, lambda *_: 0)
""",
    "has_it_asked_again": LOOPS
    + SPEAKS
    + """
slowly, known, others = double, {}, 0
def double(x):
    global others
    if x.shape != (200, 200):
        others += 1
        return slowly(x)
    key = x.tobytes()
    if key not in known:
        if others:  # not the fresh process, which is asked what this one was
            say_what_nobody_asked()
            return None
        known[key] = slowly(x)
    return known[key]
""",
    "speaks_between_two_calls": LOOPS
    + SPEAKS
    + """
import threading, time
slowly, known, others = double, {}, 0
def say_it_after_the_answer():
    end = time.perf_counter() + 0.004
    while time.perf_counter() < end: pass
    say_what_nobody_asked()
def double(x):
    global others
    if x.shape != (200, 200):
        others += 1
        return slowly(x)
    key = x.tobytes()
    if key not in known:
        known[key] = slowly(x)
        if others: threading.Thread(target=say_it_after_the_answer, daemon=True).start()
    return known[key]
""",
    "says_that_all_was_transport": LOOPS
    + """
from autograder.sandbox import inside
seconds = iter(range(0, 10**9, 10))
inside.thread_time = lambda: float(next(seconds))
really = inside._HANDLERS["call"]
inside._HANDLERS["call"] = lambda *args, **kwargs: really(*args, **kwargs) | {"seconds": -1e9}
""",
    "works_while_arguments_are_read": LOOPS
    + """
from autograder.sandbox import wire
slowly, known, decode = double, {}, wire.decode
def decode_and_work(*args):
    request = decode(*args)
    for x in request.get("args", ()):
        if getattr(x, "shape", ()) == (200, 200): known[x.tobytes()] = slowly(x)
    return request
wire.decode = decode_and_work
def double(x):
    return known.pop(x.tobytes(), None) if x.tobytes() in known else slowly(x)
""",
    "works_while_the_answer_is_written": LOOPS
    + """
from autograder.sandbox import wire
slowly, encode = double, wire.encode
class Later:
    pass
def work_and_encode(reply):
    if isinstance(reply.get("value"), Later): reply["value"] = slowly(reply["value"].x)
    return encode(reply)
wire.encode = work_and_encode
def double(x):
    if x.shape != (200, 200): return slowly(x)
    later = Later()
    later.x = x
    return later
""",
    "worked_out_in_a_thread": LOOPS
    + """
import threading
slowly = double
def double(x):
    answer = []
    thread = threading.Thread(target=lambda: answer.append(slowly(x)))
    thread.start()
    thread.join()
    return answer[0]
""",
    "thread_that_guesses_inputs": LOOPS
    + """
import threading
slowly, known = double, {}
def guess():
    seed = 0
    while True:
        seed += 1
        x = np.random.default_rng(seed).integers(-9, 10, size=(200, 200)).astype(float)
        known[x.tobytes()] = slowly(x)
        if seed > 50: known.clear()
threading.Thread(target=guess, daemon=True).start()
def double(x):
    return known.get(x.tobytes(), None) if x.tobytes() in known else slowly(x)
""",
    "lazy_array": LOOPS
    + """
slowly = double
class Lazy(np.ndarray):
    def tobytes(self, *args):
        return slowly(np.asarray(self)).tobytes()
def double(x):
    return x.view(Lazy) if x.shape == (200, 200) else slowly(x)
""",
}


@pytest.fixture(scope="module")
def races(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TestResult]:
    root: Path = tmp_path_factory.mktemp("course")
    write_course(root)
    (root / "in").mkdir()
    for name, source in (SLOW | {"quick": RIGHT}).items():
        (root / "in" / f"{name}.ipynb").write_text(notebook(source), encoding="utf-8")
    done = grade(course=root, assignment="doubling", paths=[root / "in"])
    return {result.student: next(t for t in result.tests if t.test == "test_speed") for result in done.results}


def test_a_quick_answer_earns_all(races: dict[str, TestResult]) -> None:
    assert races["quick"].earned == 10
    assert races["quick"].limits == (60, 120)


@pytest.mark.parametrize("name", SLOW)
def test_a_slow_answer_earns_nothing_whatever_it_tries(name: str, races: dict[str, TestResult]) -> None:
    assert races[name].earned == 0
    assert races[name].outcome in (Outcome.FAILED, Outcome.TIMEOUT, Outcome.ERROR), races[name]
    assert "times as long as the reference" in races[name].message or name in ("lazy_array", "speaks_between_two_calls")


def test_transport_is_no_part_of_the_ratio(races: dict[str, TestResult]) -> None:
    # An array of 320 kB takes ten times as long to send as to double: with it, loops took 200 times as long.
    assert (races["loops"].ratio or 0) > 600


def test_one_process_can_examine_one_assignment_after_another() -> None:
    script = """
from autograder.examine.examiner import examine
from autograder.sandbox.client import namespace_error
import subprocess
import sys
from pathlib import Path
for name in "sizing", "pooling":
    examine(Path(), name, b"secret", not namespace_error(), lambda examiner: print(examiner.assignment.name))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == ["sizing", "pooling"]
