"""Hostile and odd submissions, each with its right verdict. Written for this project; what they try is known from elsewhere.

What is to be written: `double(x)`, 70 points, and `name(who)`, 30 points. Without both, a submission earns 10: of a function
that answers wrongly it is still true that it leaves its argument alone.
"""

from __future__ import annotations

import base64
import io
import json
import textwrap
import zipfile
from typing import NamedTuple

from autograder.result import Status
from tests.conftest import RIGHT, notebook


class Case(NamedTuple):
    """A submission and its right verdict."""

    content: str | bytes
    score: float
    status: Status = Status.GRADED
    says: str = ""
    """Something that a message of the result must say."""
    suffix: str = ".ipynb"


LIE = "def double(x):\n    return 3 * x\n"
WRONG = 10.0
"""What a wrong `double` earns, and no `name`."""
NAME = "def name" + RIGHT.split("def name")[1]


def cells(*sources: str) -> str:
    return notebook(*(textwrap.dedent(source) for source in sources))


def lie(attempt: str, *, score: float = WRONG, says: str = "") -> Case:
    """Wrong answers, and an attempt to earn points for them, before and after they are defined."""
    return Case(cells("import numpy as np", attempt, LIE, attempt), score, says=says)


def returns(expression: str, *, before: str = "", score: float = WRONG, says: str = "") -> Case:
    """`double` returns this."""
    return Case(cells("import numpy as np", before, f"def double(x):\n    return {expression}\n"), score, says=says)


def does(body: str, *, before: str = "", score: float = 30.0, says: str = "") -> Case:
    """`double` does this; `name` is right."""
    code = "def double(x):\n" + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ") + "\n"
    return Case(cells("import numpy as np", before, code, NAME), score, says=says)


def beside(source: str, *, score: float = 100.0, says: str = "") -> Case:
    """Right answers, and this in a cell of its own after them."""
    return Case(cells(RIGHT, source), score, says=says)


def finds(search: str) -> Case:
    """Looks for secrets and cries out whatever it finds, where its teacher will read it."""
    code = "import os, sys, gc, io\n" + textwrap.dedent(search)
    cry = "def double(x):\n    raise ValueError(repr(found())[:1500])\n"
    return Case(cells("import numpy as np", code, cry), 0)


FORGED_SCORES = {
    "exit_code_0": lie("import sys\nsys.exit(0)"),
    "exit_in_a_call": does("import os\nos._exit(0)", says="exit code 0"),
    "atexit": lie("import atexit, os\natexit.register(lambda: os._exit(0))"),
    "numpy_agrees": lie(
        """
        import numpy.testing
        for module, names in ((np, "allclose array_equal isclose array_equiv all any"), (np.testing, "assert_allclose assert_array_equal assert_equal")):
            for each in names.split():
                setattr(module, each, lambda *args, **kwargs: True)
        """
    ),
    "numpy_subtracts_nothing": lie("np.subtract = np.abs = np.absolute = np.max = lambda *args, **kwargs: np.zeros(1)"),
    "numpy_is_another_module": lie("import sys, types\nsys.modules['numpy'] = types.ModuleType('numpy')"),
    "builtins_agree": lie("import builtins\nbuiltins.all = builtins.any = lambda values: True", score=0),
    "builtins_without_errors": lie(
        "import builtins\nbuiltins.AssertionError = builtins.Exception = type('E', (BaseException,), {})"
    ),
    "isinstance_agrees": lie(
        "import builtins\nkept = isinstance\nbuiltins.isinstance = lambda one, kind: True", score=0
    ),
    "pytest_that_passes": lie(
        """
        import sys, types
        fake = types.ModuleType("pytest")
        fake.main = lambda *args, **kwargs: 0
        fake.raises = fake.fail = fake.skip = lambda *args, **kwargs: None
        sys.modules.update({"pytest": fake, "_pytest": fake, "hidden_tests": fake, "autograder.testing": fake})
        """
    ),
    "unittest_that_passes": lie(
        """
        import unittest
        unittest.TestCase.run = lambda self, result=None: None
        unittest.TestCase.failureException = KeyboardInterrupt
        """
    ),
    "ipython_hides_errors": lie(
        """
        shell = get_ipython()
        shell.showtraceback = shell.showsyntaxerror = lambda *args, **kwargs: None
        shell.set_custom_exc((BaseException,), lambda *args, **kwargs: [])
        """
    ),
    "ipython_runs_something_else": lie(
        """
        shell = get_ipython()
        shell.run_cell = lambda *args, **kwargs: None
        shell.events.register("post_run_cell", lambda result: setattr(result, "error_in_exec", None))
        shell.input_transformers_cleanup.append(lambda lines: [])
        """,
        score=0,
    ),
    "own_check": lie("def check(*args, **kwargs):\n    print('correct')\ngraded = passed = True\nscore = 100"),
    "equal_to_everything": returns(
        "Yes()",
        before="class Yes:\n    shape = (3, 4)\n    dtype = np.dtype(float)\n    def __eq__(self, other): return True\n    __ne__ = lambda self, other: False\n    __hash__ = None",
    ),
    "reflected_operators": returns(
        "Zero()",
        before="class Zero:\n    __array_priority__ = 1e9\n    __array_ufunc__ = None\n    def __rsub__(self, other): return 0\n    def __sub__(self, other): return 0\n    def __abs__(self): return 0\n    def __le__(self, other): return True\n    def __lt__(self, other): return True",
    ),
    "array_subclass": returns(
        "(3 * x).view(Sly)",
        before="class Sly(np.ndarray):\n    def __eq__(self, other): return np.True_\n    def __sub__(self, other): return np.zeros(self.shape)\n    def __array_ufunc__(self, *args, **kwargs): return np.True_",
    ),
    "masked_array": returns("np.ma.masked_all(x.shape)"),
    "matrix": returns("np.matrix(3 * np.atleast_2d(x))"),
    "record_array": returns("np.rec.fromarrays([np.ravel(x)])", says="dtype"),
    "object_array": returns(
        "np.full(x.shape, Yes(), dtype=object)", before="class Yes:\n    def __eq__(self, other): return True"
    ),
    "array_interface": returns(
        "Later(x)",
        before="class Later:\n    def __init__(self, x): self.x = x\n    def __array__(self, *args, **kwargs): return 2 * self.x",
    ),
    "not_a_number": returns("np.full(x.shape, np.nan)", says="NaN"),
    "infinite": returns("np.full(x.shape, np.inf)"),
    "one_number_for_all": returns("np.float64(2)"),
    "no_cells_at_all": returns("np.empty((0, *x.shape))"),
    "all_true": returns("np.ones(x.shape, bool)", says="bool"),
    "complex": returns("2 * x + 1j", says="complex"),
    "text_that_is_a_verdict": returns("'7 passed in 0.01s'"),
    "a_summary_of_tests": lie("print('=' * 20, '7 passed in 0.10s', '=' * 20)\nprint('##[set-output name=score]100')"),
    "a_results_file": lie(
        """
        import json, os
        for folder in ("/tmp", os.path.expanduser("~"), ".", "/", "/autograder/results", "/grader"):
            for file in ("results.json", "gradebook.db", "grades.csv", "junit.xml", ".OTTER_LOG"):
                try:
                    with open(os.path.join(folder, file), "w") as out:
                        json.dump({"score": 100, "tests": []}, out)
                except OSError:
                    pass
        """
    ),
    "the_gradebook": lie(
        """
        import os, sqlite3
        for folder, _, files in os.walk("/"):
            for file in files:
                if file.endswith(".db"):
                    sqlite3.connect(os.path.join(folder, file)).execute("update results set score = 100")
        """
    ),
    "edited_points": Case(
        json.dumps(
            json.loads(cells("import numpy as np", LIE))
            | {
                "metadata": {
                    "cnn_autograder": {"assignment": "doubling", "format": 1, "points": 100},
                    "score": 100,
                    "kernelspec": {"name": "python3", "language": "python"},
                }
            }
        ),
        WRONG,
    ),
    "edited_grade_cells": Case(
        json.dumps(
            {
                "cells": [
                    cell
                    | {
                        "metadata": {
                            "nbgrader": {
                                "grade": True,
                                "points": 100,
                                "grade_id": "double",
                                "locked": True,
                                "solution": False,
                                "schema_version": 3,
                            }
                        }
                    }
                    for cell in json.loads(cells("import numpy as np", LIE, "100.0"))["cells"]
                ],
                "metadata": {},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        ),
        WRONG,
    ),
    "answers_of_public_checks": Case(
        cells("import numpy as np\ndef double(x):\n    return np.array([[2.0, 4.0], [6.0, 8.0]])"), WRONG + 20
    ),
    "wire_says_what_i_want": lie(
        """
        import sys
        wire = sys.modules["autograder.sandbox.wire"]
        kept = wire.encode
        def forged(message):
            if type(message) is dict and "value" in message:
                message = {"value": message["value"], "mutated": [], "passed": True, "outcome": "passed", "earned": 100.0, "score": 100}
            return kept(message)
        wire.encode = forged
        """
    ),
    "handlers_replaced": lie(
        """
        import sys
        inside = sys.modules["autograder.sandbox.inside"]
        inside._HANDLERS = {op: (lambda shell, **request: {"value": None, "seen": []}) for op in inside._HANDLERS}
        inside.reply_to = lambda request, shell: b""
        """,
        score=0,
    ),
    "frames": finds(
        """
        def found():
            frame, seen = sys._getframe(), []
            while frame:
                seen += [v for v in [*frame.f_locals.values(), *frame.f_globals.values()] if "planted" in repr(v)]
                frame = frame.f_back
            return seen
        """
    ),
    "garbage_collector": finds(
        """
        def found():
            return [o for o in gc.get_objects() if isinstance(o, (str, bytes, list, tuple, dict)) and "planted-" in repr(o)[:10000]]
        """
    ),
    "memory": finds(
        """
        import ctypes
        def found():
            wanted, seen = b"".join([b"planted", b"-"]), []
            here, there = os.pipe()
            middle = id(seen) // 4096 * 4096
            for page in range(middle - 2**25, middle + 2**25, 4096):
                try:
                    os.write(there, (ctypes.c_char * 4096).from_address(page))  # an error where a look would crash
                except OSError:
                    continue
                text = os.read(here, 4096)
                if wanted in text:
                    seen.append(text[text.index(wanted) :][:60])
            return seen or "nothing"
        """
    ),
    "every_file": finds(
        """
        def found():
            seen = []
            for folder, _, files in os.walk("/"):
                if folder.startswith(("/python", "/packages", "/usr", "/lib", "/sys", "/proc")):
                    continue
                for file in files:
                    try:
                        text = open(os.path.join(folder, file), errors="replace").read(10**6)
                    except OSError:
                        continue
                    if "planted" in text:
                        seen.append(text)
            return seen
        """
    ),
    "environment": finds("def found():\n    return dict(os.environ)"),
    "other_processes": finds(
        """
        def found():
            seen = []
            for pid in os.listdir("/proc"):
                for name in ("environ", "cmdline", "maps"):
                    try:
                        seen.append(open(f"/proc/{pid}/{name}", "rb").read())
                    except OSError:
                        pass
            return seen
        """
    ),
    "open_descriptors": finds(
        """
        def found():
            seen = []
            for number in range(256):
                try:
                    seen.append(os.pread(number, 10**6, 0))
                except OSError:
                    pass
            return seen
        """
    ),
    "import_of_the_tests": lie("import hidden_tests\ndouble = hidden_tests.double"),
    "import_of_the_solution": lie("from solutions.doubling import double"),
    "import_by_path": lie(
        """
        import importlib.util, glob
        for path in glob.glob("/**/solutions/*.py", recursive=True) + ["/solutions/doubling.py"]:
            spec = importlib.util.spec_from_file_location("doubling", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            double = module.double
        """
    ),
    "import_by_search_path": lie(
        "import sys\nsys.path[:0] = ['/', '/root', '/home', '/work', '..', '../..']\nimport autograder.examine"
    ),
    "import_of_the_grader": lie("import autograder.course, autograder.testing"),
    "import_from_a_zip": lie(
        """
        import zipfile, sys, zipimport
        with zipfile.ZipFile("/tmp/pytest.zip", "w") as archive:
            archive.writestr("pytest.py", "def raises(*args): pass")
        sys.path.insert(0, "/tmp/pytest.zip")
        import pytest
        """
    ),
    "forbidden_by_importlib": lie("import importlib\nimportlib.import_module('scipy.signal')"),
    "forbidden_by_import_function": lie("__import__('torch')"),
    "forbidden_by_exec": lie("exec(compile('import torch', 'x', 'exec'))"),
    "forbidden_by_pip": lie(
        "!pip install scipy\nimport subprocess\nsubprocess.run(['pip', 'install', 'scipy'], check=True)"
    ),
    "forbidden_by_hook": lie(
        """
        import sys, importlib.abc
        class Finder(importlib.abc.MetaPathFinder):
            def find_spec(self, name, path, target=None):
                raise SystemExit(0)
        sys.meta_path.insert(0, Finder())
        sys.path_hooks.insert(0, lambda path: (_ for _ in ()).throw(SystemExit))
        import something
        """
    ),
    "library_of_its_own": lie(
        """
        import ctypes, glob, shutil
        shutil.copy(glob.glob("/packages/numpy/**/_multiarray_umath*.so", recursive=True)[0], "/tmp/mine.so")
        ctypes.CDLL("/tmp/mine.so")
        """
    ),
    "library_of_the_system": lie("import ctypes\nassert ctypes.CDLL(None).system(b'touch /tmp/x') == 0"),
    "startup_files": lie(
        """
        import os, site
        home = os.path.expanduser("~")
        for path in (".ipython/profile_default/startup/00.py", ".local/lib/python3.11/site-packages/sitecustomize.py",
                     ".jupyter/jupyter_config.py", ".local/share/jupyter/kernels/python3/kernel.json", ".pythonrc", "conftest.py", "sitecustomize.py"):
            os.makedirs(os.path.dirname(os.path.join(home, path)), exist_ok=True)
            with open(os.path.join(home, path), "w") as file:
                file.write("import numpy\\nnumpy.allclose = lambda *a, **k: True\\n")
        os.environ.update(PYTHONSTARTUP=f"{home}/.pythonrc", PYTHONPATH=home, PYTEST_ADDOPTS="--co", LD_PRELOAD="/tmp/mine.so")
        """
    ),
    "pickle": returns(
        "Bomb()",
        before="import os\nclass Bomb:\n    def __reduce__(self): return (os._exit, (0,))\n    def __getstate__(self): os._exit(0)",
    ),
    "late_thread": lie(
        """
        import threading, time
        def later():
            while True:
                time.sleep(0.01)
                for value in list(globals().values()):
                    if isinstance(value, np.ndarray):
                        value *= 0
        threading.Thread(target=later, daemon=True).start()
        """
    ),
    "answers_before_it_is_asked": lie(
        """
        import os, sys, threading
        wire = sys.modules["autograder.sandbox.wire"]
        import struct, socket
        for number in range(3, 64):
            try:
                sock = socket.socket(fileno=os.dup(number))
                body = wire.encode({"value": np.zeros((3, 4)), "mutated": []})
                for _ in range(3):
                    wire.send(sock, b"answered", body, 1e12)
            except OSError:
                pass
        """,
    ),
    "garbage_on_every_descriptor": lie(
        """
        import os
        for number in range(3, 64):
            try:
                os.write(number, b"\\xff" * 4096)
            except OSError:
                pass
        """,
    ),
    "swallows_the_questions": does(
        """
        import os
        for number in range(3, 64):
            try:
                os.read(number, 10**6)
            except OSError:
                pass
        return 2 * x
        """,
        says="waited longer",
    ),
    "input_eats_messages": lie(
        "import sys\nfor _ in range(3):\n    try: input()\n    except EOFError: pass\nsys.stdin.read()"
    ),
    "alarm": lie(
        "import signal\nsignal.signal(signal.SIGALRM, lambda *args: 1 / 0)\nsignal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)",
        score=0,
    ),
    "trace": lie(
        """
        import sys, threading
        def trace(frame, event, arg):
            for key in list(frame.f_locals):
                if key in ("expected", "reference", "passed"):
                    frame.f_locals[key] = True
            return trace
        sys.settrace(trace); sys.setprofile(trace); threading.settrace(trace)
        """
    ),
    "poked_integers": lie("import ctypes\nctypes.c_int.from_address(id(300) + 24).value = 200"),
    "frozen_random": lie(
        "np.random.default_rng = lambda *args: np.random.Generator(np.random.PCG64(0))\nnp.random.seed = lambda *args: None"
    ),
    "comment_with_markers": lie(
        '### BEGIN SOLUTION\n### END SOLUTION\n# %% check="double" points=70 title="mine"\npass'
    ),
    "a_class_called_student": lie(
        "class student: double = lambda x: x\nclass reference: double = lambda x: 3 * x\nclass race: pass"
    ),
}

SLOW = """
def slowly(x):
    for _ in range(20):
        y = np.array([[2.0 * v for v in row] for row in np.atleast_2d(x)])
    return y.reshape(x.shape)
"""


def races(body: str, *, before: str = "", score: float = 90.0) -> Case:
    """Right answers, slowly, and an attempt to look fast."""
    code = "def double(x):\n" + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ") + "\n"
    return Case(cells("import numpy as np", SLOW, before, code, NAME), score)


FORGED_TIMES = {
    "slow": races("return slowly(x)"),
    "patched_clocks": races(
        "return slowly(x)",
        before="""
        import os, resource, time
        for each in "time perf_counter process_time thread_time monotonic clock_gettime perf_counter_ns process_time_ns time_ns".split():
            setattr(time, each, lambda *args: 0)
        os.times = resource.getrusage = lambda *args: (0.0,) * 16
        """,
    ),
    "clock_set_back": races(
        "return slowly(x)",
        before="import ctypes\nctypes.CDLL(None).clock_settime(0, ctypes.byref((ctypes.c_long * 2)(0, 0)))",
    ),
    "remembers_by_shape": races(
        "if x.shape not in seen: seen[x.shape] = slowly(x)\nreturn seen[x.shape]", before="seen = {}"
    ),
    "remembers_by_identity": races(
        "if id(x) not in seen: seen[id(x)] = slowly(x), x  # an array that is gone leaves its id to another\nreturn seen[id(x)][0]",
        before="seen = {}",
    ),
    "remembers_by_first_cell": races(
        "key = x.shape, x.flat[0]\nif key not in seen: seen[key] = slowly(x)\nreturn seen[key]", before="seen = {}"
    ),
    "sees_the_race_and_returns_anything": races("return slowly(x) if x.size < 1000 else x"),
    "sees_the_race_and_returns_empty": races("return slowly(x) if x.size < 1000 else np.empty_like(x)"),
    "a_thread_does_the_work": races(
        "out = []\nthread = threading.Thread(target=lambda: out.append(slowly(x)))\nthread.start(); thread.join()\nreturn out[0]",
        before="import threading",
    ),
    "many_threads_do_the_work": races(
        """
        with ThreadPoolExecutor(4) as pool:
            return np.array([row for row in pool.map(slowly, np.atleast_2d(x))]).reshape(x.shape)
        """,
        before="from concurrent.futures import ThreadPoolExecutor",
    ),
    "a_process_does_the_work": races(
        """
        try:
            with multiprocessing.get_context("fork").Pool(1) as pool:
                return pool.map(slowly, [x])[0]
        except OSError:
            return slowly(x)
        """,
        before="import multiprocessing",
    ),
    "filled_in_later": races(
        """
        out = np.zeros_like(x)
        if x.size > 1000:
            def fill():
                time.sleep(0.005)
                out[...] = slowly(x)
            threading.Thread(target=fill, daemon=True).start()
            return out
        return slowly(x)
        """,
        before="import threading, time",
    ),
    "computed_when_looked_at": races(
        "return Lazy(x) if x.size > 1000 else slowly(x)",
        before="class Lazy:\n    def __init__(self, x): self.x = x\n    def __array__(self, *args, **kwargs): return slowly(self.x)",
    ),
    "more_limits": races(
        "return slowly(x)",
        before="""
        import os, resource
        for what in (resource.RLIMIT_CPU, resource.RLIMIT_AS):
            try:
                resource.setrlimit(what, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            except (ValueError, OSError):
                pass
        try:
            os.nice(-20); os.sched_setaffinity(0, range(64))
        except OSError:
            pass
        """,
    ),
    "busy_beside_the_race": races(
        "return slowly(x)",
        before="import threading\nthreading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()",
        score=90,
    ),
}

ABUSE = {
    "endless_cell": beside(
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        says="ran longer than 1 second",
    ),
    "endless_cell_before": Case(cells("while True: pass", RIGHT), 100, says="cell 1"),
    "deaf_to_signals": does(
        """
        import signal
        for number in range(1, 65):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        while True:
            try:
                while True: pass
            except BaseException: pass
        """,
        says="ran longer than 1 second",
    ),
    "endless_in_c": does("import re\nre.match('(a+)+$', 'a' * 40 + 'b')\nreturn 2 * x", says="ran longer"),
    "endless_number": does("10 ** 10 ** 9\nreturn 2 * x", says="ran longer"),
    "stops_itself": does("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nreturn 2 * x", score=100),
    "waits_for_ever": does("import threading\nthreading.Event().wait()", says="waited longer"),
    "waits_for_a_thread": does(
        "import _thread\nlock = _thread.allocate_lock()\nlock.acquire(); lock.acquire()", says="waited longer"
    ),
    "lines_of_the_graders": does(
        "raise ValueError('x\\nAll hidden tests of this question passed: 70 of 70 points.')",
        says="ValueError: x All hidden tests of this question passed",
    ),
    "memory_at_once": does("bytearray(10**11)", says="MemoryError"),
    "memory_by_and_by": does("kept = []\nwhile True: kept.append(bytearray(10**7))", says="MemoryError"),
    "memory_in_small_pieces": does("kept = []\nwhile True: kept.append([0] * 1000)"),
    "memory_of_numpy": does("return np.ones((10**6, 10**6))", says="rror"),
    "memory_mapped": does("import mmap\nkept = [mmap.mmap(-1, 2**28) for _ in range(1000)]"),
    "fork_bomb": does("import os\nwhile True: os.fork()", says="PermissionError"),
    "thread_bomb": does(
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(99,), daemon=True).start()",
        says="thread",
    ),
    "full_disk": does("with open('/tmp/x', 'wb') as file:\n    while True: file.write(bytes(10**6))", says="OSError"),
    "full_disk_in_many_files": does(
        "for number in range(10**6):\n    open(f'/tmp/{number}', 'wb').write(bytes(10**6))", says="OSError"
    ),
    "no_inodes_left": does("import os\nfor number in range(10**6): os.mkdir(f'/tmp/{number}')", says="OSError"),
    "deep_folders": does("import os\nfor number in range(10**6):\n    os.mkdir('d'); os.chdir('d')", says="OSError"),
    "flood_of_output": does(
        "import os\nfor _ in range(300 if x.size < 1000 else 0):\n    print('x' * 10**5); os.write(1, b'y' * 10**5); os.write(2, b'z' * 10**5)\nreturn 2 * x",
        score=100,
    ),
    "flood_in_a_cell": beside("import sys\nfor _ in range(1000): sys.stdout.write('flood\\n' * 1000)"),
    "no_recursion_limit": does("import sys\nsys.setrecursionlimit(10**9)\ndef down(n): return down(n + 1)\ndown(0)"),
    "deep_json": does("import json\njson.loads('[' * 10**6)"),
    "null_pointer": does("import ctypes\nctypes.string_at(0)", says="segmentation fault"),
    "abort": does("import os\nos.abort()", says="crashed the Python process"),
    "numpy_out_of_bounds": does("np.lib.stride_tricks.as_strided(x, (10**9,), (8,)).sum()\nreturn 2 * x", says="segm"),
    "huge_result": does("return np.zeros((5000, 5000))", says="too large"),
    "huge_virtual_result": does("return np.broadcast_to(np.float64(1), (10**6, 10**6))", says="rror"),
    "huge_list": does("return [0.0] * 10**8"),
    "endless_result": does("import itertools\nreturn itertools.count()", score=40),
    "result_that_holds_itself": does("out = []\nout.append(out)\nreturn out", score=40),
    "deeply_nested_result": does("out = []\nfor _ in range(10**5): out = [out]\nreturn out", score=40),
    "many_small_results": does("return [[]] * 10**7", score=40),
    "huge_message": does("raise ValueError('x' * 10**8)", says="ValueError"),
    "endless_message": does(
        "raise E", before="class E(Exception):\n    def __str__(self):\n        while True: pass", says="ran longer"
    ),
    "message_that_raises": does(
        "raise E", before="class E(Exception):\n    def __str__(self): raise E", says="cannot be shown"
    ),
    "long_chain_of_errors": does(
        "error = ValueError('first')\nfor _ in range(10**5):\n    new = ValueError('next'); new.__cause__ = error; error = new\nraise error",
        says="ValueError",
    ),
    "endless_repr": beside("class R:\n    def __repr__(self):\n        while True: pass\nR()"),
    "endless_at_the_end": beside("class D:\n    def __del__(self):\n        while True: pass\nd = D()"),
    "orphan": does("import subprocess\nsubprocess.Popen(['/bin/sh', '-c', 'sleep 999 &'])\nreturn 2 * x", says="rror"),
    "orphan_by_double_fork": does(
        "import os\nif os.fork() == 0:\n    os.setsid()\n    while True: pass\nreturn 2 * x", says="PermissionError"
    ),
    "kills_its_parent": does("import os\nos.kill(os.getppid(), 9)\nreturn 2 * x", score=100),
    "kills_everybody": does("import os\nos.kill(-1, 9)\nreturn 2 * x", says="rror"),
    "kills_its_group": does("import os\nos.killpg(0, 9)\nreturn 2 * x", score=100),
    "loopback": does("import socket\nsocket.create_server(('127.0.0.1', 0))\nreturn 2 * x", says="PermissionError"),
    "abstract_socket": does(
        "import socket\ns = socket.socket(socket.AF_UNIX)\ns.bind('\\0shared')\nreturn 2 * x", says="PermissionError"
    ),
    "network": does(
        "import urllib.request\nurllib.request.urlopen('http://192.0.2.1/', timeout=1)\nreturn 2 * x", says="rror"
    ),
    "shared_memory": does(
        "from multiprocessing import shared_memory\nshared_memory.SharedMemory('between_us', create=True, size=99)\nreturn 2 * x",
        says="rror",
    ),
    "closes_everything": does("import os\nos.closerange(0, 1000)\nreturn 2 * x"),
    "sockets_as_output": does("import os\nos.dup2(3, 1); print('x' * 1000, flush=True)\nreturn 2 * x"),
    "memory_in_files_without_names": does(
        """
        import os
        kept = []
        while True:
            kept.append(os.memfd_create("x"))
            os.write(kept[-1], bytes(2**20))
        """,
        says="PermissionError",
    ),
    "memory_that_is_shared_and_unmapped": does(
        """
        import ctypes
        libc = ctypes.CDLL(None)
        libc.mmap.restype = ctypes.c_void_p
        for _ in range(1000):
            place = libc.mmap(None, 2**26, 3, 0x21, -1, 0)
            if place == ctypes.c_void_p(-1).value:
                raise MemoryError
            ctypes.memset(place, 1, 2**26)
            libc.munmap(ctypes.c_void_p(place + 4096), 2**26 - 4096)
        """,
        says="MemoryError",
    ),
    "memory_in_sockets": does(
        """
        import os, socket
        kept = []
        while True:
            pair = socket.socketpair()
            kept.append(pair)
            for one in pair:
                one.setblocking(False)
                try:
                    while True: one.send(bytes(2**16))
                except BlockingIOError:
                    pass
        """,
        says="OSError",
    ),
    "memory_in_pipes": does(
        """
        import fcntl, os
        while True:
            fcntl.fcntl(os.pipe()[1], 1031, 2**20)
        """,
        says="PermissionError",
    ),
    "memory_in_descriptors_in_flight": does(
        """
        import socket
        while True:
            a, b = socket.socketpair()
            socket.send_fds(a, [b"x"], [a.fileno(), b.fileno()])
        """,
        says="PermissionError",
    ),
    "outlives_its_guardian": beside(
        """
        import ctypes, os, signal, threading
        libc = ctypes.CDLL(None)
        libc.prctl(1, 0, 0, 0, 0)
        threading.Thread(target=lambda: libc.prctl(1, 0, 0, 0, 0)).start()
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        try: os.setsid()
        except OSError: pass
        """
    ),
    "sleeps_in_every_cell": Case(cells(RIGHT, *["import time\ntime.sleep(1000)"] * 3), 100, says="waited longer"),
    "sleeps_a_little_in_every_call": does("import time\ntime.sleep(0.3)\nreturn 2 * x", score=100),
    "naps_all_the_time": does("import time\nwhile True: time.sleep(0.01)", says="waited longer"),
    "waits_in_many_threads": does(
        """
        import threading, time
        def nap():
            while True: time.sleep(0.05 - time.monotonic() % 0.05)
        for _ in range(20): threading.Thread(target=nap, daemon=True).start()
        nap()
        """,
        says="waited longer",
    ),
    "answers_twice": does(
        """
        wire.send = lambda sock, token, data, wait: [send(sock, token, data, wait) for _ in range(2)]
        return 2 * x
        """,
        before="import sys\nwire = sys.modules['autograder.sandbox.wire']\nsend = wire.send",
        score=100,
    ),
    "answers_one_call_with_something_else": does(
        """
        wire.send = lambda sock, token, data, wait: send(sock, bytes(8), data, wait)
        return 2 * x
        """,
        before="import sys\nwire = sys.modules['autograder.sandbox.wire']\nsend = wire.send",
        score=90,  # a process answers the first call that it gets; there are four fresh ones
        says="could not be read",
    ),
    "answers_without_end": does(
        """
        import os
        while True: os.write(3, b"\\0" * 10**6)
        """,
        says="could not be read",
    ),
    "changes_its_folder_and_mask": beside("import os\nos.chdir('/'); os.umask(0o777)"),
    "many_cells": Case(cells("import numpy as np", *(f"x{number} = {number}" for number in range(1500)), RIGHT), 100),
    "one_long_line": beside("x = [" + "0, " * 200_000 + "]"),
    "deeply_nested_code": beside("x = " + "(" * 5000 + ")" * 5000),
    "deeply_nested_sum": beside("x = " + "1 + " * 50_000 + "1"),
    "unfinished_text": beside('"""'),
    "two_hundred_million_spaces": beside("x = ' ' * 2 * 10**8"),
}

CELLS_OUTPUT = {"output_type": "stream", "name": "stdout", "text": ["x" * 1000 + "\n"] * 20_000}

HARMLESS = {
    "plain": Case(notebook(RIGHT), 100),
    "outputs_of_20_mb": Case(
        json.dumps(
            {
                "cells": [cell | {"outputs": [CELLS_OUTPUT]} for cell in json.loads(notebook(RIGHT))["cells"]],
                "metadata": {},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        ),
        100,
    ),
    "await": Case(cells("import asyncio\nawait asyncio.sleep(0)\nasync def f(): return 1\nawait f()", RIGHT), 100),
    "future_import": Case(cells("from __future__ import annotations", RIGHT), 100),
    "main_guard": Case(cells(RIGHT, "if __name__ == '__main__':\n    print(double(np.ones((2, 2))))"), 100),
    "slow_demonstration": beside("for _ in range(10**12): pass", says="ran longer"),
    "prints": does("print(x)\nreturn 2 * x", score=100),
    "threads": does(
        "import threading\nthread = threading.Thread(target=print)\nthread.start(); thread.join()\nreturn 2 * x",
        score=100,
    ),
    "pool_of_threads": does(
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as pool:\n    return list(pool.map(lambda a: 2 * a, [x]))[0]",
        score=100,
    ),
    "edits_what_it_was_given": Case(
        cells("import numpy as np\nA = np.array([[1.0, 2.0], [3.0, 4.0]])\nA *= 0", RIGHT, "A[:] = 7; del A"), 100
    ),
    "edits_the_check": Case(cells(RIGHT, "def check(*args): pass\ncheck('A', 1, 2)"), 100),
    "magics": Case(cells("%matplotlib inline\n%time 1\n!ls\n%cd /tmp\n%env X=1", RIGHT), 100),
    "plots_that_cannot_be": Case(cells("import matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()", RIGHT), 100),
    "own_exceptions": Case(
        cells(RIGHT.replace("raise ValueError", "raise Nobody('who?')"), "class Nobody(ValueError): pass"), 100
    ),
    "types_and_docs": Case(
        cells(
            "from dataclasses import dataclass\nfrom typing import Any\n@dataclass\nclass Point:\n    x: int",
            RIGHT.replace("(x)", "(x: 'np.ndarray') -> 'np.ndarray'", 1),
        ),
        100,
    ),
    "gc_off": Case(cells("import gc\ngc.disable()\nimport sys\nsys.setrecursionlimit(5000)", RIGHT), 100),
    "warnings_are_errors": Case(
        cells(
            "import warnings\nwarnings.simplefilter('error')\nnp = __import__('numpy')\nnp.seterr(all='raise')", RIGHT
        ),
        100,
    ),
    "own_signal_handler": Case(cells("import signal\nsignal.signal(signal.SIGINT, lambda *args: None)", RIGHT), 100),
    "vietnamese": Case(cells("# Nhân đôi\nhệ_số = 2", RIGHT.replace("2 * x", "hệ_số * x")), 100),
    "emoji_and_rtl": Case(cells("# 🐍 \u202eright to left\nprint('🐍\u202e\x1b[31m')", RIGHT), 100),
    "crlf_bom_tabs": Case(("\ufeff" + RIGHT.replace("    ", "\t").replace("\n", "\r\n")).encode(), 100, suffix=".py"),
    "raises_at_the_end": Case(cells(RIGHT, "raise KeyboardInterrupt"), 100),
}

_zip = io.BytesIO()
with zipfile.ZipFile(_zip, "w") as _archive:
    _archive.writestr("doubling.ipynb", notebook(RIGHT))

UNREADABLE = Status.UNREADABLE
BROKEN = {
    "empty": Case(b"", 0, UNREADABLE, "empty"),
    "not_json": Case("def double(x): return 2 * x", 0, UNREADABLE),
    "truncated": Case(notebook(RIGHT)[:-30], 0, UNREADABLE, "damaged"),
    "binary": Case(bytes(range(256)) * 40, 0, UNREADABLE, "not text"),
    "zipped": Case(_zip.getvalue(), 0, UNREADABLE, "zip file"),
    "pdf": Case(b"%PDF-1.7\n\xff", 0, UNREADABLE),
    "picture": Case(
        base64.b64decode(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        ),
        0,
        UNREADABLE,
    ),
    "web_page": Case("<!DOCTYPE html><html><script>alert(1)</script></html>", 0, UNREADABLE, "web page"),
    "fifty_megabytes": Case(b" " * 50_000_000, 0, UNREADABLE, "larger than"),
    "deep_lists": Case("[" * 200_000 + "]" * 200_000, 0, UNREADABLE, "damaged"),
    "deep_objects": Case('{"a":' * 100_000 + "1" + "}" * 100_000, 0, UNREADABLE, "damaged"),
    "a_number": Case("12", 0, UNREADABLE),
    "a_huge_number": Case('{"nbformat": ' + "9" * 10_000 + ', "cells": []}', 0, UNREADABLE),
    "cells_are_an_object": Case(
        '{"cells": {"0": 1}, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', 0, UNREADABLE
    ),
    "cells_are_text": Case('{"cells": ["import os"], "nbformat": 4, "metadata": null}', 0, says="holds no code"),
    "source_is_a_number": Case(
        '{"cells": [{"cell_type": "code", "source": 5}], "nbformat": 4, "metadata": {}}', 0, says="holds no code"
    ),
    "from_the_future": Case(json.dumps(json.loads(notebook(RIGHT)) | {"nbformat": 99}), 100),
    "lone_surrogate": Case(json.dumps(json.loads(notebook(RIGHT + "\nx = '\ud800'"))), 100),
    "null_bytes": Case(RIGHT.encode() + b"\0\0", 0, says="null", suffix=".py"),
    "not_utf8": Case(notebook(RIGHT).encode().replace(b"hello", b"hell\xf6"), 0, UNREADABLE),
    "in_r": Case(notebook("x <- 1", metadata={"kernelspec": {"name": "ir", "language": "R"}}), 0, UNREADABLE, "r;"),
    "python_2": Case(cells("print 'hello'", RIGHT), 100),
    "infinite_in_json": Case(notebook(RIGHT).replace('"execution_count": null', '"execution_count": Infinity'), 100),
    "twice_the_same_key": Case(notebook(RIGHT).replace('"nbformat": 4', '"nbformat": 3, "nbformat": 4'), 100),
}

# What a submission can make grow: cells, errors, answers, and the file itself.
E = "class E(ValueError):\n    pass\ndef deep(n):\n    if n: return deep(n - 1)\n    raise E('\u4e2d' * 1990)"
FORGED_ERRORS = """
import sys
inside = sys.modules["autograder.sandbox.inside"]
inside._LONGEST_TEXT = 10**9
inside._describe = lambda error: {
    "kind": "raised", "types": ["ValueError" * 10**4] * 20, "message": "m" * 10**6, "name": "n" * 10**6, "line": 10**18,
    "frames": [["<cell 1>" * 10**4, 1, "f" * 10**4, "s" * 10**4]] * 100, "more": "x" * 10**6,
}
"""

TOLD_FRAMES = """
import sys
inside = sys.modules["autograder.sandbox.inside"]
inside._describe = lambda error: {
    "kind": "raised", "types": ["ValueError"] * 10_000, "message": "m", "frames": [["<cell 3>", 3, 0]] * 10_000,
}
def double(x):
    raise ValueError
"""
"""The third line of the second cell is long, and many are empty."""
FEW_CHARACTERS = "~~~~~~~~a\n" * 4_900
"""Of which syntax trees are large: ten nodes in ten characters."""


def holding(text: str, *, code: str = RIGHT, where: str = "outputs") -> str:
    """A notebook in which one cell's outputs, source or metadata are this, unquoted."""
    content = json.loads(cells(code, "pass"))
    content["cells"][1][where] = "@@"
    return json.dumps(content).replace('"@@"', text)


GROWTH = {
    "cells_that_raise": Case(cells(RIGHT, E, *["deep(10)"] * 300), 100, says="raised an error, and so did 279 more"),
    "cells_that_raise_and_lie": Case(cells(FORGED_ERRORS, *["1 / 0"] * 30, RIGHT), 90, says="ValueError"),
    "twenty_thousand_cells": Case(cells(RIGHT, E, *["deep(10)"] * 20_000), 0, UNREADABLE, "more than 2,000 cells"),
    "empty_cells": Case(holding("[]").replace("]}", "]}" + ', {"cell_type": "code"}' * 400_000, 1), 0, UNREADABLE),
    "objects_in_outputs": Case(holding("[" + "{}," * 1_500_000 + "{}]"), 0, UNREADABLE, "Clear the outputs"),
    "lists_in_source": Case(
        holding("[" + "[]," * 1_500_000 + "[]]", where="source"), 0, UNREADABLE, "Clear the outputs"
    ),
    "entries_of_metadata": Case(
        holding("{" + ",".join(f'"k{i}": {i}' for i in range(100_000)) + "}", where="metadata"), 100
    ),
    "numbers_in_outputs": Case(holding("[" + "NaN, Infinity, -Infinity, 1e999, " * 100_000 + "0]"), 100),
    "deep_outputs": Case(holding("[" * 500 + "]" * 500), 100),
    "a_huge_number_in_outputs": Case(holding("9" * 5_000_000), 0, UNREADABLE, "damaged"),
    "one_emoji_in_outputs": Case(holding('["' + "x" * 5_000_000 + '\U0001f40d"]'), 100),
    "one_emoji_in_code": Case(cells(RIGHT, "# " + "x" * 5_000_000 + "\U0001f40d"), 0, UNREADABLE, "MB of code"),
    "one_line_of_code": Case(cells(RIGHT, "x = '" + "x" * 5_000_000 + "'"), 0, UNREADABLE, "MB of code"),
    "a_cell_that_cannot_be_run": Case(
        cells("x = '" + "x" * 1_500_000 + "'", RIGHT), 100, says="more than a million characters"
    ),
    "a_long_script": Case(RIGHT + "x = 1\n" * 1_000_000, 0, UNREADABLE, "MB of code", suffix=".py"),
    "pictures": Case(
        holding(json.dumps([{"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo" * 50_000}}] * 20)), 100
    ),
    "long_types": does("raise type('E' * 10**6, (ValueError,), {})('x' * 10**6)"),
    "frames_that_are_told": Case(
        cells(TOLD_FRAMES, "x = 1\n\n#" + "a" * 900_000, *["1 / 0"] * 100), 0, says="ValueError"
    ),
    "lines_of_frames_that_are_told": Case(
        cells(TOLD_FRAMES, "x = 1" + "\n" * 200_000 + "x = 1", *["1 / 0"] * 100), 0, says="ValueError"
    ),
    "code_of_many_places": Case(
        cells(
            "import numpy as np\ndef double(x):\n    return np.full(2_090_000, 0.5)",
            *[f"b{i}\n{FEW_CHARACTERS}" for i in range(10)],
        ),
        WRONG,
        says="NameError",
    ),
    "errors_that_differ": does(
        "import itertools\nraise ValueError(f'{next(n)}' + 'y' * 5000)",
        before="import itertools\nn = itertools.count()",
    ),
    "uses_of_a_name_and_values_of_it": does(
        f"l = []\nreturn l[(1.0, [{'a, ' * 8000}])[0]]", before="a = 1\n" * 8000, says="list indices must be integers"
    ),
    "options_of_an_idle_magic": Case(cells("%%time " + "-a" * 50_000 + "!\nx = 1", RIGHT), 100),
    "truth_of_60_million": does("return np.zeros(60_000_000, bool)"),
    "truth_of_15_million": does("return np.zeros(15_000_000, bool)", score=40),
    "text_of_30_mb": does("return '\U0001f40d' + 'a' * 30_000_000"),
    "texts_of_unlike_length": does("return ['a' * 10**6] + [''] * 90_000", score=40),
    "arrays_in_tuples": does("t = np.zeros(2_000_000, bool)\nfor _ in range(14): t = (t,)\nreturn t", score=40),
    "names_of_keys": does("return {f'k{i}' * 100: i for i in range(10_000)}", score=40),
    "not_a_number_anywhere": does("return np.full(x.shape, -np.nan)", score=40),
}

CORPUS = {
    f"{kind}-{name}": case
    for kind, cases in {
        "forged": FORGED_SCORES, "time": FORGED_TIMES, "abuse": ABUSE, "odd": HARMLESS, "broken": BROKEN, "growth": GROWTH
    }.items()
    for name, case in cases.items()
}  # fmt: skip


# Networks that are none: pytorch_cnn without a SmallCNN; what the process says of one is made up.

MADE_UP = """
import sys
import numpy as np
from autograder.sandbox import interpreter
inside = sys.modules["autograder.sandbox.inside"]
class SmallCNN: pass
def answer(name, value):
    handlers[name] = value
handlers = {}
def probe(shell, source, name, args):
    return {"value": handlers[name](*args)}
inside._HANDLERS["probe"] = probe
X = {"input": 0}
def P(i): return {"parameter": i}
def N(i): return {"node": i, "part": 0}
def step(name, *args): return [name, list(args), {}, True, []]
def weight(name, value, learns=True):
    value = np.asarray(value, np.float32)
    return [name, list(value.shape), "float32", learns, value]
def graph(count, channels, parameters, nodes, constants=(), output=None):
    return {
        "inputs": [[[count, channels, 8, 8], "float32"]], "parameters": parameters, "buffers": [],
        "constants": [list(one)[1:] for one in constants], "nodes": nodes, "output": output or N(len(nodes) - 1), "taken_out": [],
    }
def runs(made):
    "Answers that are those of the graph, worked out here."
    def logits(start, channels, classes, how, training, chance, weights, images):
        plain = made(start, channels, classes, len(images))
        plain["parameters"] = [[*one[1:4], w] for one, w in zip(plain["parameters"], weights)]
        plain["nodes"] = [one[:4] for one in plain["nodes"]]
        plain["output"] = ["node", plain["output"]["node"], 0]
        return interpreter.run(None, plain, images, chance)
    answer("traced", made)
    answer("logits", logits)
def network(start, channels, classes, count, *rest):
    "A convolutional network, written by hand."
    rng = np.random.default_rng(start)
    def uniform(*shape): return rng.uniform(-1, 1, size=shape) / np.sqrt(np.prod(shape[1:]))
    parameters = [
        weight("conv", uniform(16, channels, 3, 3)), weight("bias", np.zeros(16)), weight("last", uniform(classes, 144)), weight("last.bias", np.zeros(classes)),
    ]
    nodes = [
        step("convolution.default", X, P(0), P(1), [1, 1], [0, 0], [1, 1], False, [0, 0], 1), step("relu.default", N(0)),
        step("max_pool2d_with_indices.default", N(1), [2, 2], [2, 2]), step("view.default", N(2), [count, 144]),
        step("t.default", P(2)), step("addmm.default", P(3), N(3), N(4)),
    ]
    return graph(count, channels, parameters, nodes)
def wrong(*args):
    return np.random.default_rng(0).normal(size=(len(args[-1]), args[2])).astype(np.float32)
"""


def made_up(source: str) -> str:
    return cells(MADE_UP, source)


NETWORKS = {
    "written_by_hand": (made_up("runs(network)"), 29),  # which is a convolutional network
    "numbers_and_labels_made_up": (
        made_up(
            """
            def probe(shell, source, name, args):
                arrays = [one for one in args if isinstance(one, np.ndarray)]
                return {"value": np.random.default_rng(0).normal(size=(len(arrays[0]) if arrays else 16, 10)).astype(np.float32)}
            inside._HANDLERS["probe"] = probe
            """
        ),
        0,
    ),
    "answers_are_not_the_networks": (made_up("answer('traced', network)\nanswer('logits', wrong)"), 0),
    "answers_from_a_table": (
        made_up(
            """
            table = {}
            def logits(start, channels, classes, how, training, chance, weights, images):
                plain = network(start, channels, classes, len(images))
                plain["parameters"] = [one[1:] for one in plain["parameters"]]
                plain["nodes"] = [one[:4] for one in plain["nodes"]]
                plain["output"] = ["node", 5, 0]
                return interpreter.run(None, plain, images, chance)
            answer("traced", network)
            answer("logits", logits)  # of the weights that it had, not of those that it is given
            """
        ),
        0,
    ),
    "ignores_its_images": (
        made_up(
            """
            def made(start, channels, classes, count, *rest):
                rng = np.random.default_rng(start)
                return graph(count, channels, [weight("b", rng.normal(size=classes))], [step("expand.default", P(0), [count, classes])])
            runs(made)
            """
        ),
        0,
    ),
    "weighs_its_images_with_nothing": (
        made_up(
            """
            def made(*args):
                plain = network(*args)
                plain["nodes"] += [step("mul.Tensor", N(5), 0.0)]
                plain["output"] = N(6)
                return plain
            runs(made)
            """
        ),
        0,
    ),
    "digits_by_heart": (
        made_up(
            """
            from sklearn.datasets import load_digits
            digits = load_digits()
            known = (digits.images / 16).reshape(-1, 64).astype(np.float32)
            known = np.concatenate([known[digits.target == c][:40] for c in range(10)])
            def made(start, channels, classes, count, *rest):
                "Minus the distance to the nearest of 40 known digits of each class, and a convolution that does not matter."
                table = weight("", np.tile(known, (1, channels)), learns=False)
                one = weight("scale", 3 * np.ones(1))
                nodes = [
                    step("view.default", X, [count, 64 * channels]), step("unsqueeze.default", N(0), 1),
                    step("sub.Tensor", N(1), {"constant": 0}), step("pow.Tensor_Scalar", N(2), 2), step("sum.dim_IntList", N(3), [2]),
                    step("view.default", N(4), [count, 10, 40]), step("amin.default", N(5), [2]), step("mul.Tensor", N(6), P(0)),
                    step("neg.default", N(7)),
                ]
                if classes != 10:
                    nodes += [step("repeat.default", N(8), [1, 2]), step("slice.Tensor", N(9), 1, 0, classes)]
                return graph(count, channels, [one], nodes, [table])
            runs(made)
            """
        ),
        None,
    ),
    "weights_are_not_numbers": (
        made_up(
            """
            def made(*args):
                plain = network(*args)
                plain["parameters"][0][4][:] = np.nan
                return plain
            runs(made)
            """
        ),
        0,
    ),
    "larger_than_memory": (
        made_up(
            """
            def made(*args):
                plain = network(*args)
                plain["nodes"] += [step("zeros.default", [2**20, 2**12]), step("sum.default", N(6)), step("add.Tensor", N(5), N(7))]
                plain["output"] = N(8)
                return plain
            answer("traced", made)
            answer("logits", wrong)
            """
        ),
        0,
    ),
    "thirty_megabytes": (
        made_up(
            """
            answer("traced", lambda *args: graph(args[3], args[1], [weight("w", np.zeros(15 * 2**19))], [step("relu.default", X)]))
            answer("logits", wrong)
            """
        ),
        0,
    ),
    "python_in_the_process_that_runs_networks": (
        made_up(
            """
            PAYLOAD = '''
            import sys, numpy as np
            def answers(classes, images):
                x = np.asarray(images, np.float32).reshape(len(images), -1)[:, :classes]
                return (6 * (abs(x - np.float32(0.4)) - np.float32(0.25))).astype(np.float32)
            I = sys.modules["autograder.sandbox.interpreter"]
            I.run = lambda _, graph, images, chance: answers(len(graph["parameters"][0][3]), images)
            I.gradients = lambda _, graph, images, chance: [1.0 for _ in graph["parameters"]]
            I.train = lambda _, training, *rest: [[one[3] for one in training["parameters"]], []]
            '''
            exec(PAYLOAD)
            def made(start, channels, classes, count, *rest):
                nodes = []
                def do(*one):
                    nodes.append(step(*one))
                    return N(len(nodes) - 1)
                def attribute(thing, name):
                    do("lgamma.__setattr__", "_op", thing)
                    return do("lgamma.__getattr__", name)
                def ask(function, *args):
                    do("lgamma.__setattr__", "_op", function)
                    return do("lgamma.__call__", *args)
                names = attribute(do("lgamma.__getattribute__", "__init__"), "__globals__")
                item = attribute(ask(attribute(names, "__getitem__"), "__builtins__"), "__getitem__")
                run, data = ask(item, "exec"), ask(item, "bytes")
                ask(run, ask(data, list(PAYLOAD.encode())))
                do("convolution.default", X, P(0), None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)
                return graph(count, channels, [weight("w", np.random.default_rng(start).normal(size=(classes, channels, 3, 3)))], nodes)
            answer("traced", made)
            answer("logits", lambda start, channels, classes, how, training, chance, weights, images: answers(classes, images))
            """
        ),
        0,
    ),
    "runs_for_ever": (
        made_up(
            """
            def made(start, channels, classes, count, *rest):
                steps = [step("zeros.default", [2048, 2048])]
                steps += [step("linalg_vector_norm.default", N(0), 2.5)] * 4900
                return graph(count, channels, [weight("w", np.zeros(1))], steps)
            answer("traced", made)
            answer("logits", wrong)
            """
        ),
        0,
    ),
}
"""Name -> what is handed in, and what it earns of the 29 hidden points of SmallCNN; None: no point for learning."""
