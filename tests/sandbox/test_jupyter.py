"""What runs in a student's Jupyter or Colab runs in the sandbox, or costs no more than its own line."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.sandbox.client import Sandbox, Zygote


@pytest.fixture(scope="module")
def plain() -> Iterator[Zygote]:
    with Zygote(["numpy", "matplotlib"]) as one:
        yield one


@pytest.fixture(scope="module")
def with_torch() -> Iterator[Zygote]:
    with Zygote(["numpy", "torch"]) as one:
        yield one


@pytest.fixture
def sandbox(plain: Zygote) -> Iterator[Sandbox]:
    with plain.sandbox(memory_mb=512, cpu_seconds=30) as one:
        yield one


@pytest.fixture
def torch_sandbox(with_torch: Zygote) -> Iterator[Sandbox]:
    with with_torch.sandbox(memory_mb=2048, cpu_seconds=60) as one:
        yield one


def run(sandbox: Sandbox, source: str) -> dict[str, Any]:
    """The whole reply to a cell."""
    reply = sandbox.ask("cell", 20, source=textwrap.dedent(source), number=1)
    assert type(reply) is dict
    return reply


def value(sandbox: Sandbox, expression: str) -> Any:
    assert run(sandbox, f"def answer():\n    return {expression}") == {}
    return sandbox.ask("call", 20, name="answer", args=(), kwargs={}, mutated=False)["value"]


FAILING = {
    "input": "name = input('Your name: ')",
    "a package that is not there": "import seaborn as sns",
    "a module of the student's": "from utils import plot_image",
    "a magic of an extension": "%lprun -f len len('abc')",
    "a magic that nobody has": "%skip_me_please now",
    "a file": "data = np.load('data/digits.npz')",
    "an assertion": "assert 1 == 2",
    "a style of older matplotlib": "plt.style.use('seaborn')",
    "sys.exit": "import sys\nsys.exit()",
    "a return": "return",
    "something to wait for": "await nothing",
    "an interrupt": "raise KeyboardInterrupt",
}

REST = """
import math
from functools import partial
SIZE, KERNEL = 3, np.array([1, 2])
half: float = 0.5
def shown(): return SIZE
async def later(): return 1
class Net: pass
short = lambda: shown()
bound = partial(shown)
if SIZE == 3:
    DEVICE = "cpu"
else:
    DEVICE = "gpu"
try:
    import nowhere
except ImportError:
    nowhere = None
@undecorated
def lost(): pass
def last(): return KERNEL
result = shown()
shown = shown()
for i in range(3): pass
print(later)
"""


@pytest.mark.parametrize("line", FAILING.values(), ids=FAILING)
def test_what_a_cell_defines_below_a_line_that_fails_is_defined(sandbox: Sandbox, line: str) -> None:
    assert run(sandbox, "import numpy as np\nimport matplotlib.pyplot as plt") == {}
    reply = run(sandbox, f"above = 1\n{line}\n{REST}")
    assert "error" in reply
    assert reply["rest_defined"] is True
    assert value(sandbox, "[above, SIZE, half, shown(), short(), bound(), DEVICE, nowhere, math.pi > 3]") == [
        1, 3, 0.5, 3, 3, 3, "cpu", None, True
    ]  # fmt: skip
    assert value(sandbox, "last()").tolist() == [1, 2]
    assert value(sandbox, "[name in globals() for name in ('Net', 'later', 'lost', 'result', 'i')]") == [
        True, True, False, False, False
    ]  # fmt: skip


def test_nothing_is_said_of_a_rest_that_defines_nothing(sandbox: Sandbox) -> None:
    assert run(sandbox, "1 / 0\nprint(1)\nundefined")["rest_defined"] is False
    assert run(sandbox, "1 / 0\n@undefined\ndef f(): pass")["rest_defined"] is False
    assert "rest_defined" not in run(sandbox, "def f(): pass")


STUB = "def f(): raise NotImplementedError"
KEPT = {
    "what the cell has defined above": ["def f(): return 7\nplt.figure()\ndef f(): return 8"],
    "what the cell has assigned above": ["f = lambda: 7\nplt.figure()\nf = None"],
    "what the failing statement has defined": ["if True:\n    def f(): return 7\n    plt.figure()\ndef f(): return 8"],
    "an answer above a stub": ["def f(): return 7", f"plt.figure()\n{STUB}"],
    "an answer above a stub, in a magic": ["def f(): return 7", f"%%nobody_has_this\n{STUB}"],
    "where its author has stopped the cell": ["def f(): return 7", "raise SystemExit\ndef f(): return 8"],
    "where its author has stopped the cell by a call": [
        "def f(): return 7",
        "import sys\nsys.exit()\ndef f(): return 8",
    ],
    "below an assertion": ["def f(): return 7", "assert f() == 8\ndef f(): return 8"],
}
TAKEN = {
    "a later version": ["def f(): return 8", "plt.figure()\ndef f(): return 7"],
    "an answer below a stub": [STUB, "assert False\ndef f(): return 7"],
    "an answer below a stub in the same cell": [f"{STUB}\nplt.figure()\ndef f(): return 7"],
    "the last one of two": ["assert False\ndef f(): return 8\ndef f(): return 7"],
    "a class below its stub": [
        "class C:\n    def __init__(self):\n        super().__init__()\n        raise NotImplementedError",
        "raise SystemExit\nclass C:\n    def g(self): return 7",
        "def f(): return C().g()",
    ],
}  # fmt: skip


@pytest.mark.parametrize("cells", (KEPT | TAKEN).values(), ids=KEPT | TAKEN)
def test_below_a_line_that_fails_no_older_version_takes_an_answer_away(sandbox: Sandbox, cells: list[str]) -> None:
    for source in cells:
        run(sandbox, source)
    assert value(sandbox, "f()") == 7


def test_nothing_is_said_of_definitions_that_were_there_already(sandbox: Sandbox) -> None:
    assert (
        run(sandbox, "import math\ndef f(): return 7\n1 / 0\nimport math\ndef f(): return 8")["rest_defined"] is False
    )
    assert run(sandbox, "1 / 0\n'a text'\npass\nfor i in range(3): X = i")["rest_defined"] is False


def test_the_first_error_is_the_one_that_is_told(sandbox: Sandbox) -> None:
    error = run(sandbox, "x = 1\n1 / 0\nimport nowhere\n@undefined\ndef f(): pass")["error"]
    assert (error["types"][0], error["line"]) == ("ZeroDivisionError", 2)


@pytest.mark.parametrize("magic", ["%%time", "%%capture", "%%capture shown", "%%heat -o x", "%%memit"])
def test_a_cell_below_a_magic_is_treated_likewise(sandbox: Sandbox, magic: str) -> None:
    run(sandbox, f"{magic}\nx = input()\ndef f(): return 7")
    assert value(sandbox, "f()") == 7


def test_a_cell_of_another_language_defines_nothing(sandbox: Sandbox) -> None:
    for source in ("%%bash\ndef f(): pass", "%%ai chatgpt\nwrite a haiku", "%%R\nx <- 1", "%%python3\ndef f(): pass"):
        run(sandbox, source)
    assert value(sandbox, "'f' in globals()") is False


def test_exit_ends_nothing_and_is_told(sandbox: Sandbox) -> None:
    assert run(sandbox, "exit()\nx = 3") == {"exited": True}
    assert run(sandbox, "y = x") == {}
    assert run(sandbox, "quit") == {"exited": True}


ANYWHERE = {
    "magics": """
        %autosave 60
        %clear
        %matplotlib qt
        %matplotlib widget
        %config InlineBackend.figure_format = 'retina'
        %load_ext line_profiler
        %debug
        get_ipython().magic('matplotlib inline')
        get_ipython().run_line_magic('matplotlib', 'inline')
        get_ipython().kernel.do_shutdown(True)
        breakpoint()
        files = !ls
        gpu = !nvidia-smi
        assert '\\n'.join(gpu).find('failed') < 0
        from IPython.display import set_matplotlib_formats
        set_matplotlib_formats('retina')
        """,
    "screens": """
        import matplotlib
        matplotlib.use('TkAgg')
        import matplotlib.pyplot as plt
        matplotlib.use('Qt5Agg', force=True)
        plt.switch_backend('QtAgg')
        matplotlib.rcParams['backend'] = 'TkAgg'
        plt.plot([1, 2]); plt.savefig('a.png'); plt.show(); plt.close('all')
        """,
    "Colab": """
        from google.colab import auth, data_table, output, html, widgets, runtime, ai, files, drive, userdata, patches
        from google.colab import snippets, _message, syntax
        auth.authenticate_user()
        data_table.enable_dataframe_formatter()
        output.enable_custom_widget_manager()
        with output.use_tags("a"): pass
        output.register_callback("a", print)
        runtime.unassign()
        ai.generate_text("a haiku")
        from google.colab.patches import cv2_imshow
        cv2_imshow(None)
        import google.colab.files as again
        name = next(iter(files.upload()))
        up = files.upload()
        first = list(up.keys())[0]
        assert up["data.csv"] == b"" and len(up[name]) == 0
        for name in up: print(name, len(up[name]))
        files.download("a"); files.view("a")
        "key: " + userdata.get("KEY")
        try: userdata.get("KEY")
        except userdata.SecretNotFoundError: pass
        from google.colab import *
        """,
    "Colab's folders": """
        import os, sys
        from google.colab import drive
        drive.mount("/content/drive", force_remount=True)
        drive.mount("/content/drive")
        with open("/content/note.txt", "w") as file: file.write("a")
        for folder in (".", "/content/drive/MyDrive", "/content/drive/My Drive"):
            assert open(f"{folder}/note.txt").read() == "a"
            assert "note.txt" in os.listdir(folder)
        os.makedirs("/content/drive/MyDrive/cnn", exist_ok=True)
        os.chdir("/content/drive/MyDrive/cnn/that/is/not/here")
        os.chdir("/content")
        drive.flush_and_unmount()
        """,
    "who asks where this is": """
        import importlib.util, os, sys
        try:
            import google.colab
            found = True
        except ImportError:
            found = False
        assert found
        assert importlib.util.find_spec("google.colab") is not None
        assert "google.colab" in sys.modules
        assert "google.colab" in str(get_ipython()) and "google.colab" in str(type(get_ipython()))
        assert get_ipython().__class__.__module__ == "google.colab._shell"
        assert int(os.environ["COLAB_GPU"]) == 0 and os.getenv("COLAB_RELEASE_TAG")
        assert os.path.isdir("/content")
        """,
    "other places": """
        import os
        for folder, _, names in os.walk("/kaggle/input"): print(folder)
        with open("/kaggle/working/out.txt", "w") as file: file.write("a")
        assert open("out.txt").read() == "a"
        os.chdir("/kaggle/working")
        assert os.listdir() == ["out.txt"]
        from kaggle_secrets import UserSecretsClient
        UserSecretsClient().get_secret("x")
        import micropip, piplite, nest_asyncio
        await micropip.install("numpy")
        await piplite.install(["numpy"])
        nest_asyncio.apply()
        import marimo as mo
        app = mo.App(width="medium")
        mo.md("a text")
        """,
    "installing": """
        import os, subprocess, sys
        assert subprocess.run([sys.executable, "-m", "pip", "install", "x"], check=True).returncode == 0
        subprocess.check_call([sys.executable, "-m", "pip", "install", "-q", "x"])
        subprocess.check_call("pip install x", shell=True)
        assert subprocess.check_output(["pip3", "list"]) == b""
        assert subprocess.getoutput("conda list") == ""
        assert os.system("pip install x") == 0 and os.system("nvidia-smi") != 0
        assert os.popen("pip list").read() == ""
        with subprocess.Popen(["pip", "install", "x"], stdout=subprocess.PIPE, text=True) as program:
            for line in program.stdout: print(line)
        import pip
        pip.main(["install", "x"])
        from pip._internal import main
        main(["install", "x"])
        """,
    "a program that is not there": """
        import subprocess
        try:
            subprocess.run(["nvidia-smi"], capture_output=True)
            raise AssertionError
        except FileNotFoundError:
            pass
        assert subprocess.run("nvidia-smi", shell=True, capture_output=True, text=True).stdout == ""
        """,
    "progress bars": """
        import threading
        from tqdm import tqdm, trange, tqdm_notebook
        from tqdm.notebook import tqdm as in_notebook, trange as range_in_notebook
        from tqdm.auto import tqdm as auto
        for kind in (tqdm, in_notebook, auto, tqdm_notebook):
            with kind(range(3), desc="a", total=3, leave=False) as bar:
                for i in bar:
                    bar.set_postfix(loss=1.0)
                    bar.set_description("a")
            bar = kind(total=3)
            bar.update(1)
            bar.close()
            tqdm.write("a")
        assert list(trange(3)) == [0, 1, 2] and list(range_in_notebook(2)) == [0, 1]
        for i in tqdm(range(3), disable=False): pass
        assert threading.active_count() == 1
        """,
    "a script's own place": """
        import os
        assert os.path.dirname(os.path.abspath(__file__)) == os.getcwd()
        assert "abspath(__file__)" in open(__file__).read()
        """,
    "a command line": """
        import argparse, os, sys
        parser = argparse.ArgumentParser()
        parser.add_argument("--epochs", type=int, default=3)
        assert parser.parse_args().epochs == 3 and parser.prog == "notebook.py"
        assert [sys.argv, sys.orig_argv] == [["notebook.py"]] * 2
        assert os.listdir() == []
        """,
    "signals and threads": """
        import multiprocessing, signal, threading
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        thread = threading.Thread(target=print); thread.start(); thread.join()
        multiprocessing.set_start_method("spawn", force=True)
        """,
}


@pytest.mark.parametrize("source", ANYWHERE.values(), ids=ANYWHERE)
def test_what_belongs_to_another_machine_does_no_harm(sandbox: Sandbox, source: str) -> None:
    assert run(sandbox, source) == {}


WITH_TORCH = {
    "worker processes": """
        import torch
        from torch.utils.data import DataLoader, TensorDataset
        data = TensorDataset(torch.zeros(4, 1))
        class Mine(DataLoader): pass
        for loader in (
            DataLoader(data, 2, True, None, None, 2),
            DataLoader(data, 2, num_workers=2, persistent_workers=True, prefetch_factor=4, timeout=3),
            DataLoader(data, batch_size=2, num_workers=2, multiprocessing_context="fork", pin_memory=True),
            Mine(data, 2, False, None, None, 3, None, False, False, 5.0),
        ):
            assert len(list(loader)) == 2
        """,
    "compiling": """
        import torch
        from torch import nn
        net = nn.Linear(2, 1)
        x = torch.ones(1, 2)
        assert torch.equal(torch.compile(net, mode="max-autotune", fullgraph=True)(x), net(x))
        net.compile()
        net(x)
        @torch.compile
        def one(x): return x + 1
        @torch.compile(dynamic=True)
        def two(x): return one(x) + 1
        assert two(x).tolist() == [[3, 3]]
        class Net(nn.Module):
            @torch.compile
            def forward(self, x): return x
        Net()(x)
        """,
    "a GPU that is not there": """
        import torch
        from torch import nn
        net, x = nn.Linear(2, 1), torch.ones(1, 2)
        torch.backends.cudnn.benchmark = True
        torch.backends.cudnn.deterministic = True
        torch.cuda.manual_seed_all(0)
        torch.cuda.empty_cache()
        device = "cuda" if torch.cuda.is_available() else "cpu"
        if torch.cuda.is_available():
            net.cuda()
        with torch.autocast(device_type=device, dtype=torch.bfloat16): net(x)
        with torch.amp.autocast(device_type="cuda", enabled=torch.cuda.is_available()): net(x)
        scaler = torch.amp.GradScaler(device)
        net = nn.DataParallel(net).to(device)
        net(x)
        """,
}


@pytest.mark.parametrize("source", WITH_TORCH.values(), ids=WITH_TORCH)
def test_what_torch_does_elsewhere_does_no_harm(torch_sandbox: Sandbox, source: str) -> None:
    assert run(torch_sandbox, source) == {}
