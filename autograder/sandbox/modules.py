"""Modules in the working folder, which cells write and write again."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from types import ModuleType

home = ""
"""The working folder of a sandbox, with a slash at its end; a notebook's own kernel has none that is known."""
_seen: dict[str, bytes] = {}
"""Module's name -> what was in its file when that was last looked at."""


def find_new() -> None:
    """Have Python look into the working folder anew: it remembers which modules a folder holds, and a clock that is coarse hides new ones."""
    for place in [place for place in sys.path_importer_cache if home and os.path.join(place, "").startswith(home)]:
        del sys.path_importer_cache[place]


def reload_changed() -> BaseException | None:
    """Do what `%autoreload 2` does before each cell, for modules in the working folder; the error of one that cannot be run."""
    problem = None
    for name, module, content in list(_own()):
        if _seen.setdefault(name, content) != content:
            from IPython.extensions.autoreload import superreload

            _seen[name] = content
            try:
                superreload(module)  # type: ignore[no-untyped-call]  # IPython does not annotate it
            except BaseException as error:  # as anything that students write
                problem = error
    return problem


def _own() -> Iterator[tuple[str, ModuleType, bytes]]:
    for name, module in list(sys.modules.items()) if home else ():
        file = getattr(module, "__file__", None)
        if type(file) is str and file.startswith(home):
            try:
                with open(file, "rb") as source:
                    yield name, module, source.read()
            except OSError:
                continue
