"""The IPython shell of the sandbox: notebook semantics without a notebook's machinery.

Cells run exactly as in Jupyter (magics, top-level await, `get_ipython()`, `_`), but nothing is displayed, no history
is kept and no other program is started: `!pip install` and its like do nothing, since the packages an assignment
allows are there.
"""

from __future__ import annotations

import functools
import os
import selectors
import sys
import types
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList
from traitlets.config import Config

# Magics that would start a program, or ask a front end that is not there.
_IDLE_LINE_MAGICS = (
    "matplotlib pip conda mamba uv system sx sc gui pylab load_ext reload_ext autoreload tensorboard tensorflow_version "
    "notebook history"
).split()
_IDLE_CELL_MAGICS = (
    "bash sh script system sx ! html HTML javascript js svg SVG latex markdown perl ruby python2 pypy cmd bigquery shell"
).split()


class _CellCompiler(CachingCompiler):
    """Names a cell's code after its place in the notebook, so that a traceback can say it."""

    shell: Any = None

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return f"<cell {self.shell.cell_number if self.shell else number}>"


class _SilentDisplayHook(DisplayHook):
    """Keeps `_`, shows nothing: a repr of a large array costs more than a small submission."""

    def compute_format_data(self, result: Any) -> Any:
        return {}, {}

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        pass

    def write_output_prompt(self) -> None:
        pass


class GradingShell(InteractiveShell):
    """An interactive shell without terminal, history and displayed errors."""

    cell_number = 0
    shown: BaseException | None = None
    """What IPython would have shown and gone on after, as an error in a file that `%run` runs."""
    displayhook_class = _SilentDisplayHook
    compiler_class = _CellCompiler

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Nothing but a note: `run_cell` hands an exception of the cell itself over, but not one that a magic has caught."""
        self.shown = sys.exc_info()[1]

    showsyntaxerror = showtraceback

    def enable_gui(self, gui: Any = None) -> None:
        """Nothing: there is no screen."""

    def system(self, cmd: str) -> None:
        """Nothing: `!command` starts no program here."""
        self.user_ns["_exit_code"] = 0

    system_raw = system_piped = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """No output: `x = !command` starts no program here."""
        return SList([]) if split else ""


def make_shell() -> GradingShell:
    """The one shell of this process, ready to run cells."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.cache_size = 0
    config.InteractiveShell.xmode = "Minimal"
    shell = GradingShell.instance(config=config)
    compiler = shell.compile
    assert isinstance(compiler, _CellCompiler)
    compiler.shell = shell
    for name in _IDLE_LINE_MAGICS:
        shell.magics_manager.register_function(_idle_line, "line", name)
    for name in _IDLE_CELL_MAGICS:
        shell.magics_manager.register_function(_idle_cell, "cell", name)
    shell.magics_manager.register_function(_change_folder, "line", "cd")
    _pretend_colab()
    selectors.DefaultSelector = selectors.PollSelector  # type: ignore[misc,assignment]  # epoll is refused, see `calls`
    if "torch" in sys.modules:
        _load_in_one_process()
    # A first cell pays for what IPython loads late.
    shell.run_cell("None", store_history=False)  # type: ignore[no-untyped-call]
    return shell


def _idle_line(line: str) -> None:
    """A line magic that does nothing while grading."""


def _change_folder(line: str) -> None:
    """`%cd` into a folder that is here. Notebooks go to places of their own computer, too, and up from there: they stay."""
    folder = line.strip().removeprefix("-q").strip().strip("\"'")
    place = os.path.abspath(os.path.expanduser(folder or "~"))
    home = os.path.expanduser("~")
    if os.path.isdir(place) and os.path.commonpath([place, home]) == home:
        os.chdir(place)


def _idle_cell(line: str, cell: str) -> None:
    """A cell magic that does nothing while grading."""


def _pretend_colab() -> None:
    """Let `from google.colab import drive, files` and their usual calls succeed and do nothing."""

    def nothing(*args: Any, **kwargs: Any) -> dict[str, bytes]:
        return {}

    google, colab = types.ModuleType("google"), types.ModuleType("google.colab")
    google.__path__ = []
    colab.__path__ = []
    google.colab = colab  # type: ignore[attr-defined]  # modules made at run time
    sys.modules["google"], sys.modules["google.colab"] = google, colab
    for name, functions in {
        "drive": ("mount", "flush_and_unmount"),
        "files": ("upload", "download", "view"),
        "output": ("clear", "eval_js"),
        "patches": ("cv2_imshow",),
        "userdata": ("get",),
    }.items():
        module = types.ModuleType(f"google.colab.{name}")
        for function in functions:
            setattr(module, function, nothing)
        setattr(colab, name, module)
        sys.modules[module.__name__] = module


def _load_in_one_process() -> None:
    """Let `DataLoader(..., num_workers=2)` load in this process: no other can be started here."""
    from torch.utils.data import DataLoader

    initialise = DataLoader.__init__

    @functools.wraps(initialise)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("num_workers"):
            for option in (
                "num_workers",
                "persistent_workers",
                "prefetch_factor",
                "multiprocessing_context",
                "timeout",
            ):
                kwargs.pop(option, None)
        initialise(self, *args, **kwargs)

    DataLoader.__init__ = init  # type: ignore[method-assign]  # a patch is what this is
