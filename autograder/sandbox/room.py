"""What the sandboxed process may read: the interpreter, and the packages an assignment allows with what they need."""

from __future__ import annotations

import os
import sys
import sysconfig
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ALWAYS = ("ipython", "numpy", "msgpack", "tqdm")
"""Distributions that are there whatever an assignment allows: the sandbox itself needs them, and `tqdm` is in so many notebooks."""

_PRELOAD = {
    # numpy loads these when they are first used, which would be in every child anew.
    "numpy": ("numpy", "numpy.random", "numpy.fft", "numpy.linalg", "numpy.testing"),
    "ipython": ("IPython.core.interactiveshell",),
    "tqdm": ("tqdm", "tqdm.auto"),
    "matplotlib": ("matplotlib.pyplot", "matplotlib_inline.backend_inline"),
    "scikit-learn": ("sklearn.datasets", "sklearn.model_selection", "sklearn.metrics"),
    # the first optimizer that is made imports _dynamo, for over a second
    "torch": (
        "torch",
        "torch.nn.functional",
        "torch.optim",
        "torch.utils.data",
        "torch._dynamo",
        "autograder.sandbox.tracing",
        "autograder.sandbox.interpreter",
    ),
}
_SHARED_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo")
# Without these, torch cannot tell which vector instructions the processor has, and runs without them.
_PROCESSOR = ("/proc/cpuinfo", "/sys/devices/system/cpu")
_GRADER, _PACKAGES, _PYTHON = "/grader", "/packages", "/python"


class MissingPackage(Exception):
    """An allowed package is not installed; the message is its name."""


@dataclass(frozen=True)
class Room:
    """Paths as `layers.enter_room` takes them, the module search path inside, and what to import at start.

    Python and packages are shown at paths of the room's own: where they really lie may be hidden in it, as /tmp is.
    """

    folders: dict[str, str]
    """Path in the room -> what it shows; parents come first."""
    masks: dict[str, dict[str, str]]
    """Path in the room -> {entry: what it shows}: folders with these entries only."""
    search_path: list[str]
    preload: list[str]
    standard_library: list[str]
    """Where the standard library really lies."""


def plan_room(packages: tuple[str, ...]) -> Room:
    """Plan the room for an assignment that allows these distributions (names as on PyPI).

    Raises:
        MissingPackage.
    """
    entries: dict[str, str] = {}
    for distribution in _closure((*ALWAYS, *packages)):
        site = os.path.realpath(str(distribution.locate_file("")))
        entries |= {name: f"{site}/{name}" for name in _top_level(distribution) if os.path.exists(f"{site}/{name}")}
    library, platform_library = sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")
    dynload = f"{platform_library}/lib-dynload"
    if not os.path.isdir(dynload):
        dynload = sysconfig.get_config_var("DESTSHARED") or dynload
    real = {_PYTHON: library, f"{_PYTHON}-platform": platform_library, f"{_PYTHON}-dynload": dynload}
    folders = {path: path for path in (*_SHARED_LIBRARIES, *_PROCESSOR) if os.path.exists(path)}
    folders |= {target: source for target, source in real.items() if os.path.isdir(source)}
    package = str(Path(__file__).resolve().parent.parent)
    elsewhere = [
        f"{target}/{name}"
        for target, source in (*real.items(), ("/usr/lib/python3", "/usr/lib/python3"))
        for name in ("site-packages", "dist-packages")
        if os.path.isdir(f"{source}/{name}")
    ]
    return Room(
        folders=folders,
        masks={
            **{folder: {} for folder in elsewhere},
            _PACKAGES: entries,
            f"{_GRADER}/autograder": {name: f"{package}/{name}" for name in ("__init__.py", "sandbox")},
        },
        search_path=[_GRADER, *real, _PACKAGES],
        preload=[
            name
            for package in dict.fromkeys((*ALWAYS, *packages))
            for name in _PRELOAD.get(package, import_names(package))
        ],
        standard_library=list(real.values()),
    )


def link_packages(room: Room, folder: Path) -> list[str]:
    """The module search path for a process that has no room of its own: folders of links to the packages."""
    for mask in (_PACKAGES, f"{_GRADER}/autograder"):
        inside = folder / mask.lstrip("/")
        inside.mkdir(parents=True)
        for part in (inside, inside.parent):
            part.chmod(0o711 if part == folder else 0o755)  # whatever the umask
        for name, path in room.masks[mask].items():
            (inside / name).symlink_to(path)
    return [str(folder / _GRADER.lstrip("/")), *room.standard_library, str(folder / _PACKAGES.lstrip("/"))]


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


def import_names(package: str) -> tuple[str, ...]:
    """The modules of a distribution that is installed."""
    names = sorted(
        name for name in _top_level(metadata.distribution(package)) if os.path.splitext(name)[0].isidentifier()
    )
    folder = str(metadata.distribution(package).locate_file(""))
    return tuple(
        os.path.splitext(name)[0]
        for name in names
        if name.endswith(".py") or os.path.exists(f"{folder}/{name}/__init__.py")
    )


def readable(room: Room, folder: Path) -> list[str]:
    """What such a process may read."""
    sources = [source for mask in room.masks.values() for source in mask.values()]
    links = [str(folder / place.lstrip("/")) for place in (_GRADER, _PACKAGES)]
    devices = [f"/dev/{name}" for name in ("null", "random", "urandom")]
    return [*room.folders.values(), *sources, *links, *devices]


def environment(home: str = "/home/student", scratch: str = "/tmp") -> dict[str, str]:
    """The whole environment of sandboxed processes."""
    threads = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": home,
        "USER": "student",
        "TMPDIR": scratch,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": f"{scratch}/matplotlib",
        "IPYTHONDIR": f"{scratch}/ipython",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "PYTHONBREAKPOINT": "0",  # nobody is there to answer
        # What Colab sets on a machine without a GPU: the rest of `elsewhere` looks like Colab, too.
        "COLAB_GPU": "0",
        "COLAB_RELEASE_TAG": "release-colab",
        # Each of the C library's arenas reserves 128 MB of address space, which is what the memory limit counts.
        "MALLOC_ARENA_MAX": "2",
        # What is freed stays in the process, and arrays come from there. Else the kernel fills fresh pages with zeros for
        # nearly every array, which takes longer than most arithmetic, and how often depends on what was freed before.
        "MALLOC_TRIM_THRESHOLD_": str(64 * 2**20),
        "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
        **{f"{library}_NUM_THREADS": "1" for library in threads},
    }


def interpreter() -> str:
    """The interpreter to start, without its virtual environment."""
    return os.path.realpath(sys.executable)
