"""Landlock: which files and folders a process may open, enforced by the Linux kernel.

It needs neither privileges nor namespaces, so it holds where a container refuses these. `landlock(7)`; numbers from
`include/uapi/linux/landlock.h`.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

_SYS_CREATE_RULESET, _SYS_ADD_RULE, _SYS_RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_CREATE_RULESET_VERSION, _RULE_PATH_BENEATH = 1, 1

_WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 1, 1 << 2, 1 << 3, 1 << 14
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG, _MAKE_SYM = 1 << 4, 1 << 5, 1 << 7, 1 << 8, 1 << 12
_REFER = 1 << 13
_OF_FILES = _WRITE_FILE | _READ_FILE | _TRUNCATE
"""The rights that a rule for a file, rather than a folder, can grant."""
_READ = _READ_FILE | _READ_DIR
_WRITE = _READ | _OF_FILES | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _MAKE_SYM | _REFER

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """The version of Landlock that this kernel has; 0 if it has none, or refuses it."""
    found = _libc.syscall(_SYS_CREATE_RULESET, None, ctypes.c_size_t(0), _CREATE_RULESET_VERSION)
    return max(int(found), 0)


def restrict(readable: Iterable[str], writable: Iterable[str]) -> None:
    """Let this process read what lies at or below ``readable``, change what lies below ``writable``, and no more.

    Nothing can be executed. With version 4, TCP is refused; with 6, so are signals to processes outside and their
    abstract sockets. Paths that do not exist are left out. `PR_SET_NO_NEW_PRIVS` must be set.

    Raises:
        OSError: the kernel refuses.
    """
    abi = version()
    # Each version knows some rights more: those of files, then TCP's bind and connect, then the two scopes.
    files = (1 << (13 if abi < 2 else 14 if abi < 3 else 15 if abi < 5 else 16)) - 1
    words = [files] if abi < 4 else [files, 3] if abi < 6 else [files, 3, 3]
    attributes = struct.pack(f"={len(words)}Q", *words)
    ruleset = _call(_SYS_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    try:
        for paths, rights in ((readable, _READ), (writable, _WRITE)):
            for path in paths:
                _allow(ruleset, path, rights & files)
        _call(_SYS_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _OF_FILES
        _call(_SYS_ADD_RULE, ruleset, _RULE_PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


def _call(number: int, *arguments: object) -> int:
    result = _libc.syscall(number, *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"landlock: {os.strerror(code)}")
    return int(result)
