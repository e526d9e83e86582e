"""What notebooks find where students write them and a sandbox has not: Colab's and Kaggle's modules, other programs, a screen, worker processes, a compiler.

It does nothing, since it has no part in an answer; what installs, fetches or shows something seems to have done so, and another program is said not to be there. The whole world is the same one: whoever asks in any of the usual ways is told
that this is Colab, where `/content` is the working folder.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.abc
import importlib.machinery
import inspect
import os
import shlex
import subprocess
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any

_MODULES = ("google.colab", "kaggle_secrets", "marimo", "micropip", "nest_asyncio", "pip", "piplite")
"""Modules of front ends and installers, with all below them."""
_LOADED_IN_COLAB = ("google.colab", "google.colab.drive", "google.colab.files", "google.colab.userdata")
_HARMLESS = frozenset(
    "apt apt-get conda curl gdown git kaggle mamba micromamba npm pip pip3 pipenv poetry sudo tar unzip uv wget".split()
)
"""Programs that install or fetch. That they have nothing to say is taken for success; other programs are not there."""
_PIPE = subprocess.PIPE


class Nothing:
    """Whatever is done with it, it does nothing and is nothing."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What it is given, should that be a function to decorate."""
        decorates = len(args) == 1 and not kwargs and (inspect.isroutine(args[0]) or inspect.isclass(args[0]))
        return args[0] if decorates else self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name.endswith(("Error", "Exception")):
            return type(name, (Exception,), {})
        return self

    def __getitem__(self, key: Any) -> Nothing:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __str__(self) -> str:
        return ""

    def __enter__(self) -> Nothing:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __await__(self) -> Iterator[Any]:
        return iter(())


NOTHING = Nothing()


class _Uploaded(dict[str, bytes]):
    """What ``files.upload()`` returns: one empty file, whatever its name is."""

    def __missing__(self, name: str) -> bytes:
        return b""


class _Module(types.ModuleType):
    """A module that has everything."""

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":  # `from google.colab import *`
            return []
        return getattr(NOTHING, name)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of `_MODULES` where nothing else does."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name == "google" or any(name == known or name.startswith(f"{known}.") for known in _MODULES):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return types.ModuleType(spec.name) if spec.name == "google" else _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        vars(module).update(_SPECIAL.get(module.__name__, {}))


def _mount(mountpoint: str = "/content/drive", *args: Any, **kwargs: Any) -> None:
    """The working folder in the place of a Drive, since what a student handed in beside the notebook is there."""
    with contextlib.suppress(OSError):
        os.makedirs(mountpoint, exist_ok=True)
        for name in ("MyDrive", "My Drive"):
            os.symlink(os.path.expanduser("~"), os.path.join(mountpoint, name))


_SPECIAL: dict[str, dict[str, Any]] = {
    "google.colab.drive": {"mount": _mount},
    "google.colab.files": {"upload": lambda *args, **kwargs: _Uploaded({"file.txt": b""})},
    "google.colab.userdata": {"get": lambda *args, **kwargs: ""},
}


def pretend() -> None:
    """Give this process what notebooks expect of the machine they are written on."""
    sys.meta_path.append(_Finder())
    for name in _LOADED_IN_COLAB:
        importlib.import_module(name)
    _without_programs()
    os.chdir = _to_a_folder_that_is_there(os.chdir)
    if "matplotlib" in sys.modules:
        _without_screen()
    if "tqdm" in sys.modules:
        _without_bars()
    if "torch" in sys.modules:
        _load_in_one_process()
        _run_uncompiled()


def _to_a_folder_that_is_there(change: Any) -> Any:
    @functools.wraps(change)
    def chdir(path: Any) -> None:
        """A student's Drive, or data set of Kaggle's, is not here: they stay where they are."""
        try:
            change(path)
        except FileNotFoundError:
            if not (isinstance(path, str | os.PathLike) and str(path).startswith(("/content", "/kaggle"))):
                raise

    return chdir


class _Program:
    """Stands in for `subprocess.Popen`, as no program can be started here.

    Raises:
        FileNotFoundError: it is none of those that only install or fetch something.
    """

    def __init__(self, args: Any, *rest: Any, shell: bool = False, **options: Any) -> None:
        self.args = args
        self.pid = 0
        self.returncode = 0 if _is_harmless(args) else 127
        if self.returncode and not shell:
            name = args if isinstance(args, str) else next(iter(args), "")
            raise FileNotFoundError(2, "No such file or directory", str(name))
        keys = ("text", "universal_newlines", "encoding", "errors")
        empty: str | bytes = "" if any(options.get(key) for key in keys) else b""
        self._output = empty if options.get("stdout") == _PIPE else None
        self._errors = empty if options.get("stderr") == _PIPE else None
        self.stdin, self.stdout, self.stderr = (
            _stream(empty) if options.get(name) == _PIPE else None for name in ("stdin", "stdout", "stderr")
        )

    def __class_getitem__(cls, item: Any) -> Any:
        return cls

    def communicate(self, input: Any = None, timeout: Any = None) -> tuple[Any, Any]:
        return self._output, self._errors

    def wait(self, timeout: Any = None) -> int:
        return self.returncode

    def poll(self) -> int:
        return self.returncode

    def kill(self) -> None:
        pass

    terminate = kill

    def send_signal(self, number: int) -> None:
        pass

    def __enter__(self) -> _Program:
        return self

    def __exit__(self, *error: object) -> None:
        pass


def _stream(empty: str | bytes) -> Any:
    import io

    return io.StringIO() if isinstance(empty, str) else io.BytesIO()


def _is_harmless(args: Any) -> bool:
    """Whether a command, as text or in words, is one that installs or fetches something: ``python -m pip install tqdm``."""
    try:
        words = shlex.split(args) if isinstance(args, str) else [os.fspath(word) for word in args]
    except (TypeError, ValueError):
        return False
    first = [os.path.basename(str(word)) for word in words[:1]]
    if first and first[0].startswith(("python", "pip")):
        return first[0].startswith("pip") or (words[1:2] == ["-m"] and words[2:3] != [] and words[2] in _HARMLESS)
    return bool(first) and first[0] in _HARMLESS


def _without_programs() -> None:
    def system(command: Any) -> int:
        """The status of a program that has done nothing, or is not there."""
        return 0 if _is_harmless(command) else 127 << 8

    os.system = system
    subprocess.Popen = _Program  # type: ignore[misc,assignment]  # a patch is what this is


def _without_screen() -> None:
    """Any backend of matplotlib is the one that draws into memory."""
    import matplotlib
    from matplotlib import pyplot

    matplotlib.use = lambda *args, **kwargs: None
    switch = pyplot.switch_backend
    pyplot.switch_backend = lambda newbackend: switch("agg")


def _without_bars() -> None:
    """No progress bar shows anything, whatever it is told: that takes time, and in notebooks a front end."""
    from tqdm import std

    initialise = std.tqdm.__init__

    @functools.wraps(initialise)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        initialise(self, *args[:10], **kwargs | {"disable": True})  # the eleventh is `disable`

    std.tqdm.__init__ = init
    std.tqdm.monitor_interval = 0  # no thread that looks after them


def _load_in_one_process() -> None:
    """Let `DataLoader(..., num_workers=2)` load in this process: no other can be started here."""
    from torch.utils.data import DataLoader

    initialise = DataLoader.__init__
    signature = inspect.signature(initialise)
    alone = {
        "num_workers": 0,
        "persistent_workers": False,
        "prefetch_factor": None,
        "multiprocessing_context": None,
        "timeout": 0,
    }

    @functools.wraps(initialise)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        if len(args) > 5 or kwargs.get("num_workers"):
            given = signature.bind(self, *args, **kwargs)
            given.arguments.update({name: value for name, value in alone.items() if name in given.arguments})
            args, kwargs = given.args[1:], given.kwargs
        initialise(self, *args, **kwargs)

    DataLoader.__init__ = init  # type: ignore[method-assign]  # a patch is what this is


def _run_uncompiled() -> None:
    """Let `torch.compile` return what it is given: no compiler can be started here."""
    import torch

    @functools.wraps(torch.compile)
    def compile_nothing(model: Any = None, **options: Any) -> Any:
        return model if model is not None else lambda function: function

    torch.compile = compile_nothing
