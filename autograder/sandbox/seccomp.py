"""A seccomp filter: which system calls the sandboxed process may make, and with which arguments.

`calls` lists all system calls, what each comes to, and why; what is allowed with some arguments only is told here.
`prctl(2)`, `seccomp(2)`; instruction codes from `linux/bpf_common.h`.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import platform
import struct

from autograder.sandbox.calls import FIRST_UNKNOWN, GROUPS, MACHINES, Answer

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _ANY_BIT, _AT_LEAST = 0x15, 0x45, 0x35
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_OFFSET_NUMBER, _OFFSET_ARCH, _OFFSET_ARGUMENTS = 0, 4, 16
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_ARCHITECTURES = dict(zip(MACHINES, (0xC000003E, 0xC00000B7), strict=True))

_REFUSE, _NOTHING = _ERRNO | errno.EPERM, _ERRNO
_CLONE_THREAD = 0x00010000 | 0x00000400 | 0x00000200
"""CLONE_THREAD, CLONE_FILES, CLONE_FS: a thread with open files of its own would have their limit to itself, too."""
_MAP_SHARED_ANONYMOUS = 0x01 | 0x20
"""Such memory stays until the last part of it is unmapped, and only what is mapped is counted."""
_MAP_ODD = 0x40000 | 0x0100
"""MAP_HUGETLB takes pages that are set aside for others; MAP_GROWSDOWN makes stacks, which RLIMIT_DATA does not count."""
_CLOSE_RANGE_UNSHARE = 2
_AF_UNIX = 1
_FCNTL = (0, 1, 2, 3, 4, 5, 36, 1027, 1030, 1032, 1033, 1034)
"""F_DUPFD, GETFD, SETFD, GETFL, SETFL, GETLK, OFD_GETLK, DUPFD_QUERY, DUPFD_CLOEXEC, GETPIPE_SZ, ADD_SEALS, GET_SEALS:
not SETPIPE_SZ, which makes a pipe hold 1 MB, nor SETOWN and SETSIG, which have the kernel send signals to others."""
_FCNTL_IDLE = (6, 7, 37, 38)
"""F_SETLK and its kin: nobody else is there to lock out, and locks are memory without a limit. SQLite sets some."""
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, by which `isatty` asks, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX."""
_PRCTL = (2, 3, 15, 16, 21, 23, 30, 39, 40, 51, 64)
"""PR_GET_PDEATHSIG, GET_DUMPABLE, SET_NAME, GET_NAME, GET_SECCOMP, CAPBSET_READ, GET_TIMERSLACK, GET_NO_NEW_PRIVS,
GET_TID_ADDRESS, SVE_GET_VL, SME_GET_VL: above all not SET_PDEATHSIG, by which it dies with its guardian."""

_Code = list[tuple[int, int, int, int]]


def supported() -> bool:
    return platform.system() == "Linux" and platform.machine() in _ARCHITECTURES


def _low(argument: int) -> tuple[int, int, int, int]:
    """Load an argument; all that are looked at here are 32 bits wide, but for one."""
    return _LOAD, 0, 0, _OFFSET_ARGUMENTS + 8 * argument


def _one_of(argument: int, values: tuple[int, ...], otherwise: int = _REFUSE, idle: tuple[int, ...] = ()) -> _Code:
    code = [_low(argument)]
    for value, answer in [*((value, _ALLOW) for value in values), *((value, _NOTHING) for value in idle)]:
        code += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, answer)]
    return [*code, (_RETURN, 0, 0, otherwise)]


def _by_argument() -> dict[str, _Code]:
    """Name of a call -> what decides about it, ending in a return whatever the arguments are."""
    allow, refuse = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)
    return {
        "clone": [_low(0), (_AND, 0, 0, _CLONE_THREAD), (_EQUAL, 0, 1, _CLONE_THREAD), allow, refuse],
        "mmap": [
            _low(3), (_ANY_BIT, 0, 1, _MAP_ODD), refuse,
            (_AND, 0, 0, _MAP_SHARED_ANONYMOUS), (_EQUAL, 0, 1, _MAP_SHARED_ANONYMOUS), refuse, allow,
        ],
        "fcntl": _one_of(1, _FCNTL, idle=_FCNTL_IDLE),
        "ioctl": _one_of(1, _IOCTL, otherwise=_ERRNO | errno.ENOTTY),
        "prctl": _one_of(0, _PRCTL),
        "socketpair": _one_of(0, (_AF_UNIX,)),
        # With an address, one of a pair reaches any socket that has a name.
        "sendto": [
            _low(4), (_EQUAL, 1, 0, 0), refuse,
            (_LOAD, 0, 0, _OFFSET_ARGUMENTS + 36), (_EQUAL, 1, 0, 0), refuse, allow,
        ],
        "close_range": [_low(2), (_ANY_BIT, 0, 1, _CLOSE_RANGE_UNSHARE), refuse, allow],
    }  # fmt: skip


def program() -> bytes:
    """The filter as an array of `struct sock_filter`, for this machine's architecture and this very process."""
    beginning, own = _beginning(platform.machine())
    # These name a process: C's `abort` and `setrlimit` name their own.
    oneself = _one_of(0, (0, os.getpid()))
    code: _Code = []
    for number in own:
        code += [(_EQUAL, 0, len(oneself), number), *oneself]
    # What a newer kernel has beside, and the x32 calls of x86-64, which are the same calls from 2**30 on.
    code += [
        (_AT_LEAST, 0, 1, FIRST_UNKNOWN),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return beginning + _packed(code)


@functools.cache
def _beginning(machine: str) -> tuple[bytes, list[int]]:
    """The part that is the same for all processes, and the numbers of the calls that it leaves to the other."""
    code: _Code = [
        (_LOAD, 0, 0, _OFFSET_ARCH),
        (_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, _OFFSET_NUMBER),
    ]
    answers = {Answer.ALLOWED: _ALLOW, Answer.IDLE: _NOTHING, Answer.ABSENT: _ERRNO | errno.ENOSYS}
    rules = _by_argument()
    own = []
    # Offsets in jumps are small numbers, so every call has its return right behind it.
    for group in GROUPS:
        if group.answer is Answer.REFUSED:
            continue
        for name, number in group.numbers(machine).items():
            if group.answer is Answer.OWN:
                own.append(number)
                continue
            rule = rules[name] if group.answer is Answer.BY_ARGUMENT else [(_RETURN, 0, 0, answers[group.answer])]
            code += [(_EQUAL, 0, len(rule), number), *rule]
    return _packed(code), own


def _packed(code: _Code) -> bytes:
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def install() -> None:
    """Put the filter on this process, for good. `PR_SET_NO_NEW_PRIVS` must be set.

    Raises:
        OSError: the kernel refuses filters.
    """
    code = program()
    buffer = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: unsigned short, then a pointer, aligned
    header = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(header), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")
