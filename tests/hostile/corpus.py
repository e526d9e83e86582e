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
    "complex": returns("2 * x + 0j", says="complex"),
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
        says="ran longer",
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
        "if id(x) not in seen: seen[id(x)] = slowly(x)\nreturn seen[id(x)]", before="seen = {}"
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
    "waits_for_ever": does("import threading\nthreading.Event().wait()", says="ran longer"),
    "waits_for_a_thread": does(
        "import _thread\nlock = _thread.allocate_lock()\nlock.acquire(); lock.acquire()", says="ran longer"
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
        "import os\nfor _ in range(300):\n    print('x' * 10**5); os.write(1, b'y' * 10**5); os.write(2, b'z' * 10**5)\nreturn 2 * x",
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

CORPUS = {
    f"{kind}-{name}": case
    for kind, cases in {
        "forged": FORGED_SCORES, "time": FORGED_TIMES, "abuse": ABUSE, "odd": HARMLESS, "broken": BROKEN
    }.items()
    for name, case in cases.items()
}  # fmt: skip
