"""Every system call of Linux up to 6.19, what student code is answered when it makes it, and why.

An allow list. What numpy, torch, scikit-learn, IPython and matplotlib ask for was traced over all the course's solutions,
with plots, threads, event loops and saved files beside: some sixty calls. The groups that are allowed hold these and
their kin that can do no harm. They change slowly, because the C library makes them, while every kernel brings new ways
to hold memory or reach others: a list of what is refused must be right about each of them; where this one is wrong, a
student reads "Operation not permitted". What is in no group is newer than all this, and answered with "not implemented",
to which the C library and Python know an answer.

Numbers are those of arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (aarch64).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

FIRST_UNKNOWN = 471
"""All calls up to listns, 470, are here."""


class Answer(enum.Enum):
    """What a call comes to."""

    ALLOWED = "allowed"
    BY_ARGUMENT = "allowed with some arguments"
    OWN = "allowed for its own process"
    IDLE = "does nothing, successfully"
    ABSENT = "not implemented"
    REFUSED = "not permitted"


@dataclass(frozen=True)
class Group:
    """Calls that are answered alike, for one reason."""

    answer: Answer
    why: str
    text: str
    """``name``, number on x86_64 and on aarch64 (``-``: not there), parted by commas; of what is refused the names alone."""

    def names(self) -> list[str]:
        if self.answer is Answer.REFUSED:
            return self.text.split()
        return [entry.split()[0] for entry in self.text.split(",")]

    def numbers(self, machine: str) -> dict[str, int]:
        """Name -> number on ``machine``, one of `MACHINES`."""
        place = MACHINES.index(machine) + 1
        fields = [entry.split() for entry in self.text.split(",")]
        return {field[0]: int(field[place]) for field in fields if field[place] != "-"}


MACHINES = ("x86_64", "aarch64")

GROUPS = (
    Group(
        Answer.ALLOWED,
        "What is open is read and written; what it is, open and socketpair have settled.",
        """
        read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69,
        pwritev 296 70, preadv2 327 286, pwritev2 328 287, lseek 8 62, close 3 57, dup 32 23, dup2 33 -, dup3 292 24
        """,
    ),
    Group(
        Answer.ALLOWED,
        "Files: own root or Landlock, and the user's rights, say which. No call here makes one grow.",
        """
        open 2 -, openat 257 56, openat2 437 437, creat 85 -, stat 4 -, fstat 5 80, lstat 6 -, newfstatat 262 79,
        statx 332 291, access 21 -, faccessat 269 48, faccessat2 439 439, readlink 89 -, readlinkat 267 78,
        getdents 78 -, getdents64 217 61, getcwd 79 17, chdir 80 49, fchdir 81 50, statfs 137 43, fstatfs 138 44,
        umask 95 166, getxattr 191 8, lgetxattr 192 9, fgetxattr 193 10, getxattrat 464 464, listxattr 194 11,
        llistxattr 195 12, flistxattr 196 13, listxattrat 465 465
        """,
    ),
    Group(
        Answer.ALLOWED,
        "Changes in the scratch folder, whose size and number of files are limited as a whole.",
        """
        mkdir 83 -, mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35, rename 82 -, renameat 264 38,
        renameat2 316 276, link 86 -, linkat 265 37, symlink 88 -, symlinkat 266 36, ftruncate 77 46,
        fallocate 285 47, fsync 74 82, fdatasync 75 83, flock 73 32
        """,
    ),
    Group(
        Answer.ALLOWED,
        "Memory inside the address space, which is limited.",
        """
        mprotect 10 226, munmap 11 215, brk 12 214, mremap 25 216, madvise 28 233, msync 26 227, mincore 27 232,
        map_shadow_stack 453 453, pkey_mprotect 329 288, pkey_alloc 330 289, pkey_free 331 290, mseal 462 462
        """,
    ),
    Group(
        Answer.ALLOWED,
        "Threads, their locks and their ends; their number is limited. arch_prctl gives oneDNN the matrix unit.",
        """
        exit 60 93, exit_group 231 94, futex 202 98, futex_waitv 449 449, futex_wait 455 455, futex_wake 454 454,
        futex_requeue 456 456, set_robust_list 273 99, get_robust_list 274 100, set_tid_address 218 96,
        gettid 186 178, rseq 334 293, sched_yield 24 124, arch_prctl 158 -, restart_syscall 219 128
        """,
    ),
    Group(
        Answer.ALLOWED,
        "Telling the time, waiting for it, and timers of which there is one for each process: the examiner has clocks of its own.",
        """
        clock_gettime 228 113, clock_getres 229 114, clock_nanosleep 230 115, nanosleep 35 101, gettimeofday 96 169,
        time 201 -, times 100 153, alarm 37 -, setitimer 38 103, getitimer 36 102, pause 34 -
        """,
    ),
    Group(
        Answer.ALLOWED,
        "Waiting, and descriptors that hold 64 kB at most: descriptors are few.",
        """
        poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, pipe 22 -, pipe2 293 59, eventfd 284 -,
        eventfd2 290 19, timerfd_create 283 85, timerfd_settime 286 86, timerfd_gettime 287 87
        """,
    ),
    Group(
        Answer.ALLOWED,
        "How it takes signals: only its own reach it, and SIGKILL, which cannot be refused.",
        """
        rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136,
        rt_sigtimedwait 128 137, rt_sigsuspend 130 133, sigaltstack 131 132
        """,
    ),
    Group(
        Answer.ALLOWED,
        "Questions about itself and the machine, limits that can only be lowered, and waiting for children, of which there are none.",
        """
        getpid 39 172, getppid 110 173, getuid 102 174, geteuid 107 175, getgid 104 176, getegid 108 177,
        getresuid 118 148, getresgid 120 150, getgroups 115 158, getpgid 121 155, getpgrp 111 -, getsid 124 156,
        uname 63 160, sysinfo 99 179, getrusage 98 165, getrlimit 97 163, setrlimit 160 164, getpriority 140 141,
        ioprio_get 252 31, sched_getaffinity 204 123, sched_getparam 143 121, sched_getscheduler 145 120,
        sched_getattr 315 275, sched_get_priority_max 146 125, sched_get_priority_min 147 126,
        sched_rr_get_interval 148 127, getcpu 309 168, getrandom 318 278, capget 125 90, wait4 61 260, waitid 247 95
        """,
    ),
    Group(
        Answer.ALLOWED,
        "The answers' socket, and pairs, which event loops wake themselves with.",
        """
        recvfrom 45 207, recvmsg 47 212, recvmmsg 299 243, shutdown 48 210, getsockname 51 204, getpeername 52 205,
        getsockopt 55 209
        """,
    ),
    Group(
        Answer.BY_ARGUMENT,
        "Threads but no processes; memory that is counted; nothing that signals, grows, or leads to others. See `seccomp`.",
        """
        clone 56 220, mmap 9 222, fcntl 72 25, ioctl 16 29, prctl 157 167, socketpair 53 199, sendto 44 206,
        close_range 436 436
        """,
    ),
    Group(
        Answer.OWN,
        "Signals to itself, which C's abort sends, limits that it can only lower, and its own turn at the processor.",
        """
        kill 62 129, tgkill 234 131, prlimit64 302 261, sched_setparam 142 118, sched_setscheduler 144 119,
        sched_setaffinity 203 122, sched_setattr 314 274
        """,
    ),
    Group(
        Answer.IDLE,
        "They change nothing and say that they did: shutil.copy sets modes and times, which Landlock does not stop elsewhere; advice and flushing can wait, and would be at the cost of others.",
        """
        chmod 90 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452, utime 132 -, utimes 235 -, futimesat 261 -,
        utimensat 280 88, fadvise64 221 223, readahead 187 213, sync 162 81, syncfs 306 267, sync_file_range 277 84
        """,
    ),
    Group(
        Answer.ABSENT,
        "clone3 hides its flags behind a pointer, and the C library falls back to clone; membarrier interrupts other processors.",
        """
        clone3 435 435, membarrier 324 283
        """,
    ),
    Group(
        Answer.REFUSED,
        "New processes and programs: one process is all there is to time, to limit and to kill.",
        """
        fork vfork execve execveat
        """,
    ),
    Group(
        Answer.REFUSED,
        "Memory outside the address space, locked memory, and what outlives the process.",
        """
        memfd_create memfd_secret shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv
        msgctl mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr mlock mlock2 mlockall munlock
        munlockall remap_file_pages add_key request_key keyctl
        """,
    ),
    Group(
        Answer.REFUSED,
        "Pages that a pipe or socket holds when nothing maps them any more; Python copies files without these.",
        """
        vmsplice splice tee sendfile copy_file_range
        """,
    ),
    Group(
        Answer.REFUSED,
        "Kernel objects without a limit, or with one that all share: watches, timers, rings, rules, filters, descriptors in flight, larger buffers. Event loops use poll here.",
        """
        epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 inotify_init inotify_init1
        inotify_add_watch inotify_rm_watch fanotify_init fanotify_mark timer_create timer_settime timer_gettime
        timer_getoverrun timer_delete signalfd signalfd4 io_setup io_destroy io_getevents io_pgetevents io_submit
        io_cancel io_uring_setup io_uring_enter io_uring_register landlock_create_ruleset landlock_add_rule
        landlock_restrict_self seccomp sendmsg sendmmsg setsockopt mknod mknodat
        """,
    ),
    Group(
        Answer.REFUSED,
        "Sockets that lead anywhere.",
        """
        socket connect bind listen accept accept4
        """,
    ),
    Group(
        Answer.REFUSED,
        "Other processes: their memory, signals, order and place.",
        """
        ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_open pidfd_getfd
        pidfd_send_signal tkill rt_sigqueueinfo rt_tgsigqueueinfo setpriority ioprio_set migrate_pages move_pages
        mbind set_mempolicy get_mempolicy set_mempolicy_home_node
        """,
    ),
    Group(
        Answer.REFUSED,
        "Being another: ids, groups, sessions, rights, namespaces.",
        """
        setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups setpgid setsid capset
        personality unshare setns listns
        """,
    ),
    Group(
        Answer.REFUSED,
        "Files that are not open for writing, and what chmod's silence cannot stand for.",
        """
        truncate chown fchown lchown fchownat setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr
        fremovexattr removexattrat file_getattr file_setattr name_to_handle_at open_by_handle_at
        """,
    ),
    Group(
        Answer.REFUSED,
        "The root, mounts, disks and quotas.",
        """
        mount umount2 pivot_root chroot open_tree open_tree_attr move_mount fsopen fsconfig fsmount fspick
        mount_setattr statmount listmount quotactl quotactl_fd swapon swapoff ustat sysfs
        """,
    ),
    Group(
        Answer.REFUSED,
        "The machine, its clock, kernel, log and counters.",
        """
        reboot sethostname setdomainname settimeofday clock_settime adjtimex clock_adjtime acct syslog kexec_load
        kexec_file_load init_module finit_module delete_module iopl ioperm modify_ldt vhangup bpf perf_event_open
        userfaultfd lookup_dcookie cachestat lsm_get_self_attr lsm_set_self_attr lsm_list_modules uretprobe uprobe
        nfsservctl
        """,
    ),
    Group(
        Answer.REFUSED,
        "Names without a call behind them on these machines.",
        """
        _sysctl afs_syscall create_module epoll_ctl_old epoll_wait_old get_kernel_syms get_thread_area
        set_thread_area getpmsg putpmsg query_module security tuxcall uselib vserver
        """,
    ),
)
