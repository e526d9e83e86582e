"""`grader doctor`: what this machine offers, and whether the course can be read; each isolation layer is proved by trying to get through it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from autograder import __version__
from autograder.build import stale_files
from autograder.check.course import course_faults
from autograder.course import Course
from autograder.errors import CourseError, SandboxError
from autograder.sandbox import seccomp
from autograder.sandbox.client import Sandbox, Zygote, namespace_error

# What student code must not be able to do: each attempt has to raise.
_ATTEMPTS = {
    "own root": ("reading the machine's files", "open('/etc/hostname')"),
    "read-only root": ("writing outside its scratch space", "open('/etc/passwd', 'a')"),
    "network namespace": ("reaching the network", "__import__('socket').create_connection(('192.0.2.1', 80), 1)"),
    "PID namespace": ("seeing other processes", "assert __import__('os').getpid() != 1"),
    "user namespace": ("becoming root", "__import__('os').setuid(0)"),
    "seccomp": ("starting a process", "__import__('os').fork()"),
    "no capabilities": ("changing its root", "__import__('os').chroot('/tmp')"),
    "memory limit": ("taking more memory than allowed", "bytearray(2**30)"),
    "memory beside that": (
        "holding memory that no limit counts",
        "import os, mmap\ntry: os.memfd_create('x')\nexcept OSError: mmap.mmap(-1, 4096)",
    ),
    "end with its guardian": (
        "outliving the grader",
        "import ctypes\nif ctypes.CDLL(None).prctl(1, 0, 0, 0, 0): raise PermissionError",
    ),
    "file size limit": ("filling the disk", "open('big', 'wb').write(bytes(2**27))"),
}


@dataclass(frozen=True)
class Finding:
    """One thing this machine has or lacks, or that is right or wrong in the course; ``cure`` says what to do.

    What is not ``needed`` keeps nobody from grading.
    """

    good: bool
    what: str
    detail: str
    cure: str = ""
    needed: bool = True


def diagnose(*, course: Path | None = None, gradebook: str | None = None) -> Iterator[Finding]:
    """Yield what was found: versions, the course's files, allowed packages, isolation layers."""
    yield Finding(True, "cnn-autograder", f"{__version__}, Python {platform.python_version()}, {platform.platform()}")
    yield from _course(Course.folder((course or Path.cwd()).resolve()), gradebook)
    refusal = namespace_error()
    yield Finding(
        not refusal,
        "namespaces",
        refusal or "user, mount, pid, net and ipc namespaces can be made",
        "On Debian and Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0 (and, on old ones, "
        "kernel.unprivileged_userns_clone=1). In a container: --security-opt seccomp=unconfined, or --privileged. "
        "Elsewhere: `grader grade --isolation process`."
        if refusal
        else "",
    )
    yield Finding(
        seccomp.supported(), "seccomp", f"{platform.system()} on {platform.machine()}",
        "" if seccomp.supported() else "Only Linux on x86_64 and aarch64 has a filter here; the other layers still hold.",
    )  # fmt: skip
    try:
        with Zygote(("numpy",), namespaces=not refusal) as zygote:
            with zygote.sandbox(memory_mb=512, cpu_seconds=20) as sandbox:
                yield from _attempts(sandbox, bool(refusal))
    except SandboxError as error:
        yield Finding(False, "sandbox", str(error))


def _course(folder: Path | None, gradebook: str | None) -> Iterator[Finding]:
    """What is wrong in the course's own files; and whether the packages are there that it allows, or numpy without a course."""
    allowed = {"numpy": "every assignment"}
    if folder is None:
        yield Finding(True, "course", "none here: neither this folder nor one above it holds assignments/course.toml")
    else:
        try:
            found = Course(folder)
            faults = course_faults(found, gradebook)
        except CourseError as error:
            yield Finding(False, "course", str(error))
        else:
            yield from (Finding(False, "course", fault) for fault in faults)
            if not faults:
                yield Finding(True, "course", f"{found.code} {found.title}, {found.root}")
                yield from _templates(found)
                allowed = {package: one.name for one in found.assignments() for package in one.packages}
    for package, user in sorted(allowed.items()):
        try:
            yield Finding(True, package, metadata.version(package))
        except metadata.PackageNotFoundError:
            yield Finding(
                False, package, f"not installed, but {user} allows it", f"{sys.executable} -m pip install {package}"
            )


def _templates(course: Course) -> Iterator[Finding]:
    """What students have been given and the sources no longer say, as after a change of `course.toml`. It keeps nobody from grading."""
    for assignment in course.assignments():
        if not assignment.template_folder.is_dir():
            continue
        try:
            stale = stale_files(course, assignment)
        except CourseError as error:
            yield Finding(False, "template", str(error), needed=False)
            continue
        if stale:
            what = f"{' and '.join(stale)} differ from the sources, of which course.toml is one"
            yield Finding(False, "template", what, f"grader build {assignment.name}", needed=False)
        else:
            yield Finding(True, "template", f"{assignment.name} is up to date")


def _attempts(sandbox: Sandbox, weak: bool) -> Iterator[Finding]:
    sandbox.ask("cell", 10, source="import numpy as np", number=1)
    for layer, (attempt, source) in _ATTEMPTS.items():
        if weak and ("root" in layer or "namespace" in layer):
            continue
        reply = sandbox.ask("cell", 10, source=source, number=2)
        stopped = "error" in reply
        yield Finding(stopped, layer, f"{attempt} is {'refused' if stopped else 'possible'}")
    before = sandbox.cpu_seconds()
    sandbox.ask("cell", 10, source="sum(range(10**6))", number=3)
    spent = sandbox.cpu_seconds() - before
    yield Finding(spent > 0, "CPU clock", f"read from outside the sandbox ({spent * 1000:.1f} ms for a small loop)")
