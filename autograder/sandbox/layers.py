"""The layers between student code and the machine, as calls to the Linux kernel.

Used twice: the zygote enters a `Room` (own user and mount namespace, own root) once; each child then takes
its own PID, network, IPC, UTS, cgroup and mount namespaces, gives up every privilege and limits itself.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
from collections.abc import Callable

from autograder.sandbox import seccomp

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REMOUNT = 1, 2, 4, 8, 32
_MS_BIND, _MS_REC, _MS_PRIVATE = 4096, 16384, 1 << 18
_MNT_DETACH = 2
_SYS_MOUNT_SETATTR, _AT_RECURSIVE = 442, 0x8000
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID = 1, 2
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 24, 38
_LAST_CAPABILITY = 40

STUDENT_ID = 1000
"""User and group id of student code inside its user namespace."""

BROKE_DOWN = 70
"""Exit code of a child whose own loop failed, for want of memory most likely (EX_SOFTWARE of sysexits.h)."""

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    _call("mount", encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3])


def unshare(flags: int) -> None:
    """`unshare(2)`; `os.unshare` is there from Python 3.12 on only."""
    _call("unshare", flags)


def die_with_parent(alive: Callable[[], bool]) -> None:
    """SIGKILL for this process when its parent ends. A change of user id clears it, so call it after.

    Args:
        alive: whether the parent is still there; it may have ended before the kernel was asked.
    """
    _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if not alive():
        os._exit(1)


def enter_room(mount_point: str, folders: dict[str, str], masks: dict[str, dict[str, str]]) -> None:
    """Make `mount_point` the root directory: a tmpfs that holds only what is named, read-only.

    Args:
        mount_point: an empty directory.
        folders: path in the room -> directory or file to show there, in an order in which parents come first.
        masks: path in the room -> {entry: source}: directories that show these entries and nothing else.

    Raises:
        OSError: the kernel refuses; this process must be in its own user and mount namespace.
    """
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    _mount("room", mount_point, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=1m,nr_inodes=4k,mode=755")
    for target, source in folders.items():
        _bind(source, mount_point + target)
    for target, entries in masks.items():
        os.makedirs(mount_point + target, exist_ok=True)
        _mount("mask", mount_point + target, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=1m,nr_inodes=4k,mode=755")
        for name, source in entries.items():
            _bind(source, f"{mount_point}{target}/{name}")
    for folder in ("/tmp", "/home/student", "/dev", "/etc", "/old", "/kaggle"):
        os.makedirs(mount_point + folder, exist_ok=True)
    with open(f"{mount_point}/etc/passwd", "w", encoding="utf-8") as file:
        file.write(f"student:x:{STUDENT_ID}:{STUDENT_ID}::/home/student:/bin/false\n")
    for place in ("/content", "/kaggle/working"):  # where Colab's and Kaggle's notebooks run
        os.symlink("/home/student", mount_point + place)
    devices = {f"/dev/{name}": f"{mount_point}/dev/{name}" for name in ("null", "random", "urandom")}
    for target in devices.values():
        _touch(target)
    _read_only(mount_point)
    for source, target in devices.items():
        _mount(source, target, None, _MS_BIND)
    _call("pivot_root", mount_point.encode(), f"{mount_point}/old".encode())
    os.chdir("/")
    _call("umount2", b"/old", _MNT_DETACH)


def _bind(source: str, target: str) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        _touch(target)
    _mount(source, target, None, _MS_BIND | _MS_REC)


def _touch(target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "ab"):
        pass


def _read_only(target: str) -> None:
    attributes = struct.pack("=QQQQ", _MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID, 0, 0, 0)
    result = _libc.syscall(
        _SYS_MOUNT_SETATTR, -100, target.encode(), _AT_RECURSIVE, attributes, ctypes.c_size_t(len(attributes))
    )
    if result != 0:
        raise OSError(ctypes.get_errno(), "mount_setattr")


def give_scratch_space(megabytes: int) -> None:
    """Empty, writable /tmp and home, of limited size together, for this mount namespace only."""
    options = f"size={megabytes}m,nr_inodes=4k,mode=755"
    _mount("scratch", "/home", "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, options)
    for folder in ("/home/student", "/home/tmp"):
        os.mkdir(folder, 0o700)
        os.chown(folder, STUDENT_ID, STUDENT_ID)
    _mount("/home/tmp", "/tmp", None, _MS_BIND)


def become_student() -> None:
    """Give up every capability and take the student's user and group id."""
    if os.geteuid() != STUDENT_ID:
        os.setgroups([])
        os.setresgid(STUDENT_ID, STUDENT_ID, STUDENT_ID)
    for capability in range(_LAST_CAPABILITY + 1):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    if os.geteuid() != STUDENT_ID:
        os.setresuid(STUDENT_ID, STUDENT_ID, STUDENT_ID)
    header = struct.pack("=II", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _call("capset", header, struct.pack("=IIIIII", 0, 0, 0, 0, 0, 0))


def limit_resources(memory_bytes: int, data_bytes: int, cpu_seconds: int, file_bytes: int) -> None:
    """Limit memory, CPU time, file size, open files and threads of this process. No core dumps.

    Args:
        memory_bytes: of address space, and ``data_bytes`` of what is the process's own in it: without the second, the
            space that libraries take could be given up for more memory.
    """
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_DATA: data_bytes,
        resource.RLIMIT_STACK: 64 * 2**20,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: file_bytes,
        # The kernel keeps up to 200 kB for each socket of a pair, and 64 kB for each pipe, beside the address space.
        resource.RLIMIT_NOFILE: 128,
        resource.RLIMIT_NPROC: 256,
        resource.RLIMIT_SIGPENDING: 256,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    for what, value in limits.items():
        hard = resource.getrlimit(what)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (value, value))


def no_new_privileges() -> None:
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def filter_system_calls() -> None:
    """Install the seccomp filter, if this machine's architecture has one."""
    if seccomp.supported():
        seccomp.install()
