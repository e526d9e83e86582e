"""The working folder of a sandbox is one as Jupyter has it: what cells write there can be imported, run and read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograder.sandbox import wire
from autograder.sandbox.client import Zygote


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote(["numpy"]) as one:
        yield one


def answer(zygote: Zygote, *cells: str) -> Any:
    """What `f(20)` gives after these cells, each of which must have run without an error."""
    with zygote.sandbox(memory_mb=512, cpu_seconds=20) as sandbox:
        for number, source in enumerate(cells, 1):
            assert sandbox.ask("cell", 5, source=source, number=number) == {}, source
        return sandbox.ask("call", 5, name="f", args=(20,), kwargs={}, mutated=False)["value"]


F = "def f(x):\n    return 2 * x\n"
WAYS = {
    "a module": [f"%%writefile own.py\n{F}", "from own import f"],
    "a module in the same cell": [f"open('own.py', 'w').write('''{F}''')\nfrom own import *"],
    "a module that was looked for before": [
        "try:\n    import own\nexcept ImportError:\n    pass",
        f"%%writefile own.py\n{F}",
        "import own\nf = own.f",
    ],
    "a module that is written again": [
        "%%writefile own.py\nf = None",
        "import importlib, own",
        f"%%writefile own.py\n{F}",
        "f = importlib.reload(own).f",
    ],
    "a module that is written again, with autoreload": [
        "%load_ext autoreload\n%autoreload 2",
        "%%writefile own.py\ndef f(x):\n    return 3 * x",
        "from own import f",
        "assert f(1) == 3",
        f"%%writefile own.py\n{F}",
        "import own\nassert own.f(1) == 2",
    ],
    "a module above a folder that was changed to, with autoreload": [
        "%load_ext autoreload\n%autoreload 2",
        "%%writefile own.py\ndef f(x):\n    return 3 * x",
        "import sys, os\nsys.path.append(os.getcwd())\nfrom own import f\nos.mkdir('lib')",
        "%cd lib",
        f"%%writefile ../own.py\n{F}",
        "import own\nassert own.f(1) == 2",
    ],
    "a folder that is removed": ["import os\nos.mkdir('gone')\nos.chdir('gone')\nos.rmdir(os.getcwd())", F],
    "a package": [
        "import os\nos.makedirs('own/inner')\nopen('own/__init__.py', 'w').close()",
        f"%%writefile own/inner/double.py\n{F}",
        "from own.inner.double import f",
    ],
    "a folder on the path": ["!mkdir lib", "import os, sys\nos.mkdir('lib')\nsys.path.append('lib')", f"%%writefile lib/own.py\n{F}", "from own import f"],
    "a folder to change to": ["import os\nos.mkdir('lib')\n%cd lib", f"%%writefile own.py\n{F}", "from own import f", "%cd ..", "%run lib/own.py"],
    "places that are not here": ["%cd /content/drive/MyDrive/cnn", f"%%writefile own.py\n{F}", "%cd ../..", "from own import f"],
    "a script": [f"%%writefile own.py\n{F}", "%run own.py"],
    "a script with arguments": ["%%writefile own.py\nimport sys\nn = int(sys.argv[1])\ndef f(x): return n * x", "%run own.py 2"],
    "a script on the notebook's names": ["n = 2", "%%writefile own.py\ndef f(x): return n * x", "%run -i own.py"],
    "a script that guards its main part": [f"%%writefile own.py\n{F}\nif __name__ == '__main__':\n    g = f", "%run own", "f = g"],
    "names like those of modules that are there": [
        "%%writefile random.py\n1 / 0", "%%writefile numpy.py\n1 / 0", "import random, numpy as np\ndef f(x): return int(np.add(x, x))",
    ],
    "names like those of modules that nobody has asked for": [f"%%writefile this.py\n{F}", "from this import f"],
}  # fmt: skip


@pytest.mark.parametrize("what", WAYS)
def test_what_a_cell_writes_can_be_used(zygote: Zygote, what: str) -> None:
    assert answer(zygote, *WAYS[what]) == 40


LINES = ["name = input('x')", "import pandas", "plt.figure()", "import sys\nsys.exit(1)"]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize(
    "use", ["from own import f", "from own import *", "import own\nf = own.f", "%run own.py", "%run -i own.py"]
)
def test_a_line_of_a_module_that_fails_costs_none_of_its_functions_and_is_told(
    zygote: Zygote, line: str, use: str
) -> None:
    module = f"from __future__ import annotations\n'A text.'\n{line}\nN = 2\ndef f(x: nothing): return N * x\n"
    outer = "from inner import f"
    for files in ({"own.py": module}, {"own.py": outer, "inner.py": module}):
        with zygote.sandbox(memory_mb=512, cpu_seconds=20) as sandbox:
            for path, content in files.items():
                sandbox.ask("cell", 5, source=f"%%writefile {path}\n{content}", number=1)
            reply = sandbox.ask("cell", 5, source=f"after = 1\n{use}\nlast = 1", number=2)
            assert reply["error"]["types"][0] in (
                "EOFError",
                "ModuleNotFoundError",
                "NameError",
                "SystemExit",
            )
            assert [list(files)[-1], 3 + line.count("\n")] in [frame[:2] for frame in reply["error"]["frames"]]
            assert reply["rest_defined"] is True
            assert sandbox.ask("call", 5, name="f", args=(20,), kwargs={}, mutated=False)["value"] == 40
            assert "last" in sandbox.ask("defined", 5)["names"]


def test_a_module_has_to_run_whole_where_a_notebook_knows_a_way_out(zygote: Zygote) -> None:
    assert (
        answer(
            zygote,
            "%%writefile fast.py\nimport numba\n@numba.njit\ndef f(x): return 1\ndef g(x): return 1",
            f"%%writefile own.py\n{F}",
            "try:\n    from fast import *\nexcept ImportError:\n    from own import *",
            "assert 'g' not in globals()",
        )
        == 40
    )


def test_an_error_in_a_script_is_told_and_what_it_defines_stays(zygote: Zygote) -> None:
    with zygote.sandbox(memory_mb=512, cpu_seconds=20) as sandbox:
        sandbox.ask("cell", 5, source=f"%%writefile own.py\n{F}\n[][3]\ndef g(x): pass", number=1)
        error = sandbox.ask("cell", 5, source="%run own.py\nafter = 1", number=2)["error"]
        assert error["types"][0] == "IndexError"
        assert {"f", "g", "after"} <= set(sandbox.ask("defined", 5)["names"])
        assert sandbox.ask("cell", 5, source="1 + 1", number=3) == {}


def test_a_script_that_is_not_there_is_told(zygote: Zygote) -> None:
    with zygote.sandbox(memory_mb=512, cpu_seconds=20) as sandbox:
        error = sandbox.ask("cell", 5, source="%run ../course/helper.py", number=1)["error"]
    assert "helper.py" in error["message"]


def test_files_are_put_there_before_anything_runs(zygote: Zygote) -> None:
    files = [
        ["own.py", np.frombuffer(F.encode(), np.uint8)],
        ["data/deep/x.bin", np.arange(256, dtype=np.uint8)],
        ["empty", np.zeros(0, np.uint8)],
    ]
    with zygote.sandbox(memory_mb=512, cpu_seconds=20) as sandbox:
        assert sandbox.put(wire.encode({"op": "put", "files": files}), 5) == {}
        source = "from own import f\nassert open('data/deep/x.bin', 'rb').read() == bytes(range(256))\nassert open('empty').read() == ''"
        assert sandbox.ask("cell", 5, source=source, number=1) == {}
        assert sandbox.ask("call", 5, name="f", args=(4,), kwargs={}, mutated=False)["value"] == 8
        error = sandbox.ask("call", 5, name="f", args=(None,), kwargs={}, mutated=False)["error"]
        assert error["frames"] == [["own.py", 2, 11]]
