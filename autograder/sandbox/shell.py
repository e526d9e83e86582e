"""The IPython shell of the sandbox: notebook semantics without a notebook's machinery.

Cells run exactly as in Jupyter (magics, top-level await, `get_ipython()`, `_`), but nothing is displayed, no history
is kept and no other program is started: `!pip install` and its like do nothing, since the packages an assignment
allows are there.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import os
import selectors
import sys
from pathlib import Path
from typing import Any

from IPython import display
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.syspathcontext import prepended_to_syspath
from IPython.utils.text import SList
from traitlets.config import Config

from autograder.sandbox import elsewhere, modules
from autograder.sandbox.definitions import run_file, run_rest

# Magics that would start a program, or ask a front end that is not there.
_IDLE_LINE_MAGICS = (
    "matplotlib pip conda mamba uv system sx sc gui pylab load_ext reload_ext tensorboard tensorflow_version "
    "notebook history autosave clear cls connect_info debug ed edit less man more qtconsole subshell"
).split()
_IDLE_CELL_MAGICS = (
    "bash sh script system sx ! html HTML javascript js svg SVG latex markdown perl ruby python python2 "
    "python3 pypy cmd bigquery shell"
).split()


class _CellCompiler(CachingCompiler):
    """Names a cell's code after its place in the notebook, so that a traceback can say it."""

    shell: Any = None

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        if self.shell and self.shell.in_magic:
            return f"<in a magic of cell {self.shell.cell_number}>"  # whose lines are not counted as the cell's
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
    reloads = False
    """Whether modules that have changed are loaded again before each cell: `%autoreload`."""
    rest_defined = False
    """Whether a statement of the running cell has failed and others after it have defined something all the same."""
    exited = False
    """Whether the running cell has called ``exit()``."""
    in_magic = False
    kernel = elsewhere.NOTHING
    """Not IPython's own but the kernel's shell has one: ``get_ipython().kernel.do_shutdown(True)``."""
    _statements = 0
    displayhook_class = _SilentDisplayHook
    compiler_class = _CellCompiler

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Nothing but a note: `run_cell` hands an exception of the cell itself over, but not one that a magic has caught."""
        self.shown = sys.exc_info()[1]

    showsyntaxerror = showtraceback

    def enable_gui(self, gui: Any = None) -> None:
        """Nothing: there is no screen."""

    async def run_code(self, code_obj: Any, result: Any = None, *, async_: bool = False) -> bool:
        """Run one statement, as `run_ast_nodes` asks for."""
        self._statements += 1
        return bool(await super().run_code(code_obj, result, async_=async_))  # type: ignore[no-untyped-call]  # IPython does not annotate it

    async def run_ast_nodes(
        self,
        nodelist: list[ast.stmt],
        cell_name: str,
        interactivity: str = "last_expr",
        compiler: Any = compile,
        result: Any = None,
    ) -> bool:
        """Run a cell's statements up to the first that fails; of those below it, the ones that only define something, each for itself."""
        before, self._statements = self._statements, 0
        earlier = dict(self.user_ns)
        failed = bool(await super().run_ast_nodes(nodelist, cell_name, interactivity, compiler, result))
        done, self._statements = self._statements, before
        if failed:
            error = result and (result.error_in_exec or result.error_before_exec)
            self.rest_defined |= run_rest(nodelist, done, error, self.user_ns, earlier, compiler, cell_name)
        return failed

    def safe_execfile(self, fname: Any, *where: dict[str, Any], **options: Any) -> None:
        """Run a script of `%run` as a cell is run: a line that fails costs no function below it."""
        path = Path(fname).expanduser().resolve()
        error: BaseException | None
        try:
            with prepended_to_syspath(str(path.parent)), self.builtin_trap:
                error, defined = run_file(path.read_bytes(), str(path), where[0])
        except (OSError, SyntaxError, ValueError) as problem:
            error, defined = problem, False
        self.rest_defined |= defined
        if not (isinstance(error, SystemExit) and (not error.code or options.get("exit_ignore"))):
            self.shown = error or self.shown

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """As in Jupyter; but what a magic that nobody has would have run is at least defined."""
        before, self.in_magic = self.in_magic, True
        try:
            if self.find_cell_magic(magic_name) is None:  # type: ignore[no-untyped-call]  # IPython does not annotate it
                self.define(cell)
            return super().run_cell_magic(magic_name, line, cell)  # type: ignore[no-untyped-call]  # IPython does not annotate it
        finally:
            self.in_magic = before

    def define(self, cell: str) -> None:
        """Run nothing of a cell but what defines something."""
        with contextlib.suppress(SyntaxError):
            statements: list[ast.stmt] = self.compile.ast_parse(self.transform_cell(cell)).body  # type: ignore[no-untyped-call,attr-defined]  # IPython does not annotate it
            file = self.compile.cache(cell, raw_code=cell)
            names = self.user_ns
            self.rest_defined |= run_rest(statements, 0, None, names, dict(names), self.compile, file)

    def magic(self, arg_s: str) -> Any:
        """A line magic, called in the way of IPython before 9, as Colab's is."""
        name, _, line = arg_s.lstrip("%").partition(" ")
        return self.run_line_magic(name, line)

    def ask_exit(self) -> None:
        """Nothing but a note: in Jupyter, ``exit()`` lets the cell end, and then the kernel."""
        self.exited = True

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
    shell.magics_manager.register_function(_autoreload, "line", "autoreload")
    shell.magics_manager.register_function(functools.partial(_run_body, shell), "cell", "time")
    elsewhere.pretend()
    # As the class of Colab's shell is called, which is how most notebooks ask where they are.
    GradingShell.__module__, GradingShell.__name__, GradingShell.__qualname__ = "google.colab._shell", "Shell", "Shell"
    for name in ("set_matplotlib_formats", "set_matplotlib_close"):  # in Colab's older IPython they are there
        vars(display).setdefault(name, elsewhere.NOTHING)
    selectors.DefaultSelector = selectors.PollSelector  # type: ignore[misc,assignment]  # epoll is refused, see `calls`
    # A first cell pays for what IPython loads late.
    shell.run_cell("None", store_history=False)  # type: ignore[no-untyped-call]  # IPython does not annotate it
    return shell


def _idle_line(line: str) -> None:
    """A line magic that does nothing while grading."""


def _autoreload(line: str) -> None:
    """`%autoreload 2`, without the extension, which looks at every module there is."""
    GradingShell.instance().reloads = line.strip() not in ("0", "off")


def _change_folder(line: str) -> None:
    """`%cd` into a folder that is here. Notebooks go to places of their own computer, too, and up from there: they stay."""
    folder = line.strip().removeprefix("-q").strip().strip("\"'")
    place = os.path.realpath(os.path.expanduser(folder or "~"))
    if os.path.isdir(place) and os.path.join(place, "").startswith(modules.home):
        os.chdir(place)


def _run_body(shell: GradingShell, line: str, cell: str) -> None:
    """A cell magic that shows something beside what the cell does."""
    shell.run_cell(cell, store_history=False).raise_error()  # type: ignore[no-untyped-call]  # IPython does not annotate it


def _idle_cell(line: str, cell: str) -> None:
    """A cell magic that does nothing while grading."""
