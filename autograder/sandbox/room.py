"""What the sandboxed process may read: the interpreter, and the packages an assignment allows with what they need."""

from __future__ import annotations

import os
import sys
import sysconfig
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

ALWAYS = ("ipython", "numpy", "msgpack")
"""Distributions that the sandbox itself needs."""

_PRELOAD = {
    # numpy loads these when they are first used, which would be in every child anew.
    "numpy": ("numpy", "numpy.random", "numpy.fft", "numpy.linalg", "numpy.testing"),
    "ipython": ("IPython.core.interactiveshell",),
    "matplotlib": ("matplotlib.pyplot", "matplotlib_inline.backend_inline"),
    "scikit-learn": ("sklearn.datasets", "sklearn.model_selection", "sklearn.metrics"),
    # the first optimizer that is made imports _dynamo, for over a second
    "torch": ("torch", "torch.nn.functional", "torch.optim", "torch.utils.data", "torch._dynamo"),
}
_SHARED_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo")
# Without these, torch cannot tell which vector instructions the processor has, and runs without them.
_PROCESSOR = ("/proc/cpuinfo", "/sys/devices/system/cpu")
_GRADER = "/grader"


class MissingPackage(Exception):
    """An allowed package is not installed; the message is its name."""


@dataclass(frozen=True)
class Room:
    """Paths as `layers.enter_room` takes them, the module search path inside, and what to import at start."""

    folders: list[str]
    masks: dict[str, dict[str, str]]
    search_path: list[str]
    preload: list[str]
    entries: dict[str, str] = field(repr=False)
    """Top-level name -> path of every package, for `link_packages`."""


def plan_room(packages: tuple[str, ...]) -> Room:
    """Plan the room for an assignment that allows these distributions (names as on PyPI).

    Raises:
        MissingPackage.
    """
    sites: dict[str, dict[str, str]] = {}
    for distribution in _closure((*ALWAYS, *packages)):
        site = os.path.realpath(str(distribution.locate_file("")))
        shown = sites.setdefault(site, {})
        for name in _top_level(distribution):
            if os.path.exists(f"{site}/{name}"):
                shown[name] = f"{site}/{name}"
    standard_library = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    hidden = [f"{folder}/{name}" for folder in standard_library for name in ("site-packages", "dist-packages")]
    hidden += ["/usr/lib/python3/dist-packages"]
    folders: list[str] = []
    library = sysconfig.get_config_var("LIBDIR") or "/usr/lib"
    libpython = [str(path) for path in Path(library).glob("libpython*.so*")]
    for folder in (*_SHARED_LIBRARIES, *standard_library, *libpython, *_PROCESSOR):
        if os.path.exists(folder) and not any(folder == other or folder.startswith(f"{other}/") for other in folders):
            folders.append(folder)
    package = str(Path(__file__).resolve().parent.parent)
    masks = {folder: sites.pop(folder, {}) for folder in hidden if os.path.isdir(folder)} | sites
    masks[f"{_GRADER}/autograder"] = {name: f"{package}/{name}" for name in ("__init__.py", "sandbox")}
    dynload = sysconfig.get_config_var("DESTSHARED") or f"{standard_library[1]}/lib-dynload"
    return Room(
        folders=folders,
        masks=masks,
        search_path=[
            _GRADER,
            *standard_library,
            dynload,
            *(site for site, shown in masks.items() if shown and site != f"{_GRADER}/autograder"),
        ],
        preload=[
            name
            for package in dict.fromkeys((*ALWAYS, *packages))
            for name in _PRELOAD.get(package, _import_names(package))
        ],
        entries={name: path for shown in masks.values() for name, path in shown.items()},
    )


def link_packages(room: Room, folder: Path) -> list[str]:
    """The module search path for a process that has no room of its own: a folder of links to the packages."""
    for name, path in room.entries.items():
        if name not in ("__init__.py", "sandbox"):
            (folder / name).symlink_to(path)
    (folder / "autograder").mkdir()
    for name, path in room.masks[f"{_GRADER}/autograder"].items():
        (folder / "autograder" / name).symlink_to(path)
    return [str(folder), *(path for path in room.search_path[1:] if path not in room.masks)]


def _closure(names: tuple[str, ...]) -> list[metadata.Distribution]:
    """The distributions named and, recursively, those they require here."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, metadata.Distribution] = {}
    wanted = [(name, True) for name in names]
    while wanted:
        name, required = wanted.pop()
        key = canonicalize_name(name)
        if key in found:
            continue
        try:
            found[key] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if required:
                raise MissingPackage(name) from None
            continue
        for text in found[key].requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                wanted.append((requirement.name, False))
    return list(found.values())


def _top_level(distribution: metadata.Distribution) -> set[str]:
    """First path components of a distribution's files; read raw, since torch's list has 15,000 lines."""
    record = distribution.read_text("RECORD")
    lines = record.splitlines() if record is not None else [str(file) for file in distribution.files or ()]
    names = {line.split(",", 1)[0].split("/", 1)[0] for line in lines if line}
    return {name for name in names if name not in ("", "..", "__pycache__") and not name.endswith(".pth")}


def _import_names(package: str) -> tuple[str, ...]:
    names = sorted(
        name for name in _top_level(metadata.distribution(package)) if os.path.splitext(name)[0].isidentifier()
    )
    folder = str(metadata.distribution(package).locate_file(""))
    return tuple(
        os.path.splitext(name)[0]
        for name in names
        if name.endswith(".py") or os.path.exists(f"{folder}/{name}/__init__.py")
    )


def environment() -> dict[str, str]:
    """The whole environment of sandboxed processes."""
    threads = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/home/student",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "IPYTHONDIR": "/tmp/ipython",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        # Each of the C library's arenas reserves 128 MB of address space, which is what the memory limit counts.
        "MALLOC_ARENA_MAX": "2",
        **{f"{library}_NUM_THREADS": "1" for library in threads},
    }


def interpreter() -> str:
    """The interpreter to start, without its virtual environment."""
    return os.path.realpath(sys.executable)
