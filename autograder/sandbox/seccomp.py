"""A seccomp filter: which system calls the sandboxed process is refused.

A deny list: what numpy, torch and IPython need changes with their versions, what they never need
does not. Calls that are newer than this list are refused as well. Creating processes is refused as well (threads are not): so one process is all there is to
time, to limit and to kill. So are sockets that lead anywhere (pairs, which event loops need, are not), signals to
others, memory and queues that would outlive the process, and changes to files that are not open. `prctl(2)`, `seccomp(2)`; instruction codes from
`linux/bpf_common.h`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

_LD_WORD, _JUMP_EQUAL, _JUMP_SET, _JUMP_GREATER_EQUAL, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_OFFSET_NUMBER, _OFFSET_ARCH, _OFFSET_ARGUMENT = 0, 4, 16
_CLONE_THREAD = 0x00010000
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2

_FIRST_UNKNOWN = 463
"""All calls up to mseal, 462, were looked at; newer ones are not there, and programs do without."""

# Numbers from arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (aarch64).
_ARCHITECTURES = {
    "x86_64": (
        0xC000003E,
        """
        clone 56, fork 57, vfork 58, execve 59, ptrace 101, syslog 103, mount 165, umount2 166, swapon 167,
        reboot 169, sethostname 170, setdomainname 171, iopl 172, ioperm 173, init_module 175, delete_module
        176, quotactl 179, add_key 248, request_key 249, keyctl 250, unshare 272, perf_event_open 298,
        open_by_handle_at 304, setns 308, process_vm_readv 310, process_vm_writev 311, kcmp 312, finit_module
        313, kexec_file_load 320, bpf 321, execveat 322, userfaultfd 323, pivot_root 155, chroot 161, acct 163,
        settimeofday 164, clock_settime 227, kexec_load 246, move_pages 279, mbind 237, io_uring_setup 425,
        io_uring_enter 426, io_uring_register 427, open_tree 428, move_mount 429, fsopen 430, fsconfig 431,
        fsmount 432, fspick 433, pidfd_getfd 438, mount_setattr 442, clone3 435, name_to_handle_at 303,
        personality 135, socket 41, connect 42, bind 49, listen 50, shmget 29, semget 64, msgget 68, mq_open 240,
        tkill 200, rt_sigqueueinfo 129, rt_tgsigqueueinfo 297, pidfd_open 434, pidfd_send_signal 424, setpriority 141,
        ioprio_set 251, migrate_pages 256, process_madvise 440, process_mrelease 448, kill 62, tgkill 234,
        prlimit64 302, sched_setparam 142, sched_setscheduler 144, sched_setaffinity 203, sched_setattr 314,
        truncate 76, chown 92, fchown 93, lchown 94, fchownat 260, setxattr 188, lsetxattr 189, fsetxattr 190,
        removexattr 197, lremovexattr 198, fremovexattr 199, chmod 90, fchmod 91, fchmodat 268, fchmodat2 452,
        utime 132, utimes 235, futimesat 261, utimensat 280
        """,
    ),
    "aarch64": (
        0xC00000B7,
        """
        clone 220, execve 221, ptrace 117, syslog 116, mount 40, umount2 39, swapon 224, reboot 142, sethostname
        161, setdomainname 162, init_module 105, delete_module 106, quotactl 60, add_key 217, request_key 218,
        keyctl 219, unshare 97, perf_event_open 241, open_by_handle_at 265, setns 268, process_vm_readv 270,
        process_vm_writev 271, kcmp 272, finit_module 273, kexec_file_load 294, bpf 280, execveat 281,
        userfaultfd 282, pivot_root 41, chroot 51, acct 89, settimeofday 170, clock_settime 112, kexec_load 104,
        move_pages 239, mbind 235, io_uring_setup 425, io_uring_enter 426, io_uring_register 427, open_tree 428,
        move_mount 429, fsopen 430, fsconfig 431, fsmount 432, fspick 433, pidfd_getfd 438, mount_setattr 442,
        clone3 435, name_to_handle_at 264, personality 92, socket 198, connect 203, bind 200, listen 201, shmget 194,
        semget 190, msgget 186, mq_open 180, tkill 130, rt_sigqueueinfo 138, rt_tgsigqueueinfo 240, pidfd_open 434,
        pidfd_send_signal 424, setpriority 140, ioprio_set 30, migrate_pages 238, process_madvise 440,
        process_mrelease 448, kill 129, tgkill 131, prlimit64 261, sched_setparam 118, sched_setscheduler 119,
        sched_setaffinity 122, sched_setattr 274, truncate 45, fchown 55, fchownat 54, setxattr 5, lsetxattr 6,
        fsetxattr 7, removexattr 14, lremovexattr 15, fremovexattr 16, fchmod 52, fchmodat 53, fchmodat2 452,
        utimensat 88
        """,
    ),
}

_OWN = "kill tgkill prlimit64 sched_setparam sched_setscheduler sched_setaffinity sched_setattr".split()
"""Calls whose first argument names a process: allowed for oneself. C's `abort` and `setrlimit` need them."""
_IDLE = "chmod fchmod fchmodat fchmodat2 utime utimes futimesat utimensat".split()
"""Calls that change nothing and say that they did: `shutil.copy` makes them, and Landlock does not stop them elsewhere."""


def supported() -> bool:
    return platform.system() == "Linux" and platform.machine() in _ARCHITECTURES


def program() -> bytes:
    """The filter as an array of `struct sock_filter`, for this machine's architecture and this very process."""
    arch, table = _ARCHITECTURES[platform.machine()]
    numbers = {name: int(number) for name, number in (entry.split() for entry in table.split(","))}
    refused = sorted(number for name, number in numbers.items() if name not in ("clone", "clone3", *_OWN))
    # Offsets in jumps are small numbers, so every refusal has its return right behind it.
    code = [
        (_LD_WORD, 0, 0, _OFFSET_ARCH),
        (_JUMP_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_LD_WORD, 0, 0, _OFFSET_NUMBER),
        # What a newer kernel has beside, and the x32 calls of x86-64, which are the same calls from 2**30 on.
        (_JUMP_GREATER_EQUAL, 0, 1, _FIRST_UNKNOWN),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
        # clone3 hides its flags behind a pointer; without it, the C library falls back to clone.
        (_JUMP_EQUAL, 0, 1, numbers["clone3"]),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
    ]
    idle = {numbers[name] for name in _IDLE if name in numbers}
    for number in refused:
        answer = _ERRNO | (0 if number in idle else errno.EPERM)
        code += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, answer)]
    for name in _OWN:
        code += [
            (_JUMP_EQUAL, 0, 5, numbers[name]),
            (_LD_WORD, 0, 0, _OFFSET_ARGUMENT),
            (_JUMP_EQUAL, 2, 0, os.getpid()),
            (_JUMP_EQUAL, 1, 0, 0),
            (_RETURN, 0, 0, _ERRNO | errno.EPERM),
            (_RETURN, 0, 0, _ALLOW),
        ]
    code += [
        (_JUMP_EQUAL, 0, 3, numbers["clone"]),
        (_LD_WORD, 0, 0, _OFFSET_ARGUMENT),
        (_JUMP_SET, 1, 0, _CLONE_THREAD),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
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
