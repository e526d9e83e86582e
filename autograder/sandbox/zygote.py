"""A process that has imported the allowed packages, and forks a sandboxed child for each submission.

It is started fresh, not forked, so that nothing of a course is ever in its memory. It enters its room first and
imports everything inside it. For each child it forks a guardian, which makes the child's own namespaces, waits for it
and tells how it ended. Zygote and guardians only ever hear from the examiner; only the child runs student code.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
from typing import Any

from autograder.sandbox import landlock, layers, seccomp

_MESSAGE_BYTES = 2**20


def main(descriptor: int, examiner: int) -> None:
    """Serve the process ``examiner`` at the other end of ``descriptor``, a SOCK_SEQPACKET socket, until it closes it."""
    control = socket.socket(fileno=descriptor)
    layers.die_with_parent(lambda: os.getppid() == examiner)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle
    plan = json.loads(control.recv(_MESSAGE_BYTES))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")  # when the machine runs out of memory, student code goes first, and not the examiner
    if plan["namespaces"]:
        layers.unshare(layers.CLONE_NEWUSER | layers.CLONE_NEWNS)
        control.send(b"unshared")
        control.recv(16)  # the examiner has written our user and group id maps
        layers.enter_room(plan["mount_point"], plan["folders"], plan["masks"])
        _follow_the_move(plan["folders"])
        layers.give_scratch_space(plan["scratch_mb"])  # for what packages write when imported; children get their own
    sys.path[:] = plan["search_path"]
    sys.path_importer_cache.clear()
    for name in [name for name in sys.modules if name.startswith("autograder")]:
        del sys.modules[name]  # this package has another path in the room
    from autograder.sandbox import inside

    missing = {}
    for name in plan["preload"]:
        try:
            importlib.import_module(name)
        except Exception as error:  # a package that does not import here is the instructor's to know, not a crash
            missing[name] = f"{type(error).__name__}: {error}"
    if missing:
        control.send(json.dumps({"missing": missing}).encode())
        return
    inside.prepare()
    null = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    if seccomp.supported():
        seccomp.program()  # what is the same for all children is worked out once
    gc.collect()
    gc.freeze()
    zygote = os.getpid()
    control.send(b'{"missing": {}}')
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, _MESSAGE_BYTES, 2)
        if not data:
            return
        answers, status = (socket.socket(fileno=number) for number in descriptors)
        if os.fork() == 0:
            try:
                control.close()
                _guard(json.loads(data), plan, zygote, answers, status)
            finally:
                os._exit(1)
        answers.close()
        status.close()


def _follow_the_move(folders: dict[str, str]) -> None:
    """Let packages that are imported already, such as importlib, find their other modules at the room's paths."""
    moved = [(source, target) for target, source in folders.items() if source != target]
    for module in list(sys.modules.values()):
        path = getattr(module, "__path__", None)
        if isinstance(path, list):
            for position, place in enumerate(path):
                for source, target in moved:
                    if place.startswith(f"{source}/"):
                        path[position] = target + place[len(source) :]
                        break


def _guard(
    limits: dict[str, Any], plan: dict[str, Any], zygote: int, answers: socket.socket, status: socket.socket
) -> None:
    """Fork the child into namespaces of its own, wait for it and report how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    layers.die_with_parent(lambda: os.getppid() == zygote)
    guardian = os.pidfd_open(os.getpid())
    scratch = ""
    try:
        if plan["namespaces"]:
            layers.unshare(
                layers.CLONE_NEWNS
                | layers.CLONE_NEWPID
                | layers.CLONE_NEWNET
                | layers.CLONE_NEWIPC
                | layers.CLONE_NEWUTS
                | layers.CLONE_NEWCGROUP
            )
            layers.give_scratch_space(limits["scratch_mb"])
        else:
            scratch = tempfile.mkdtemp(prefix="scratch-", dir=plan["mount_point"])
            if limits["user"]:
                os.chown(scratch, *limits["user"])
        child = os.fork()
    except OSError as error:
        status.send(json.dumps({"error": str(error)}).encode())
        return
    if child == 0:
        try:
            status.close()
            os.close(plan["alive"])
            _become_student(limits, plan["readable"], scratch, guardian)
            from autograder.sandbox import inside

            inside.serve(answers)
            os._exit(0)
        finally:
            os._exit(layers.BROKE_DOWN)
    answers.close()
    status.send(json.dumps({"pid": child}).encode())
    status.recv(1)  # only now may the process id be given back: the examiner holds a handle on it
    _, code, usage = os.wait4(child, 0)
    if scratch:
        _remove(scratch)
    status.send(json.dumps({"code": os.waitstatus_to_exitcode(code), "max_rss_kb": usage.ru_maxrss}).encode())


def _become_student(limits: dict[str, Any], readable: list[str], scratch: str, guardian: int) -> None:
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not scratch:
        layers.become_student()
        os.chdir("/home/student")
    else:
        os.chdir(scratch)
        os.environ.update(HOME=scratch, TMPDIR=scratch)
        tempfile.tempdir = None
        if limits["user"]:
            user, group = limits["user"]
            os.setgroups([])
            os.setresgid(group, group, group)
            os.setresuid(user, user, user)
    layers.die_with_parent(lambda: not select.select([guardian], [], [], 0)[0])
    os.close(guardian)
    layers.limit_resources(
        limits["memory_bytes"], limits["data_bytes"], limits["cpu_seconds"], limits["scratch_mb"] * 2**20
    )
    layers.no_new_privileges()
    if scratch and landlock.version():
        landlock.restrict(readable, [scratch, "/dev/null"])
    layers.filter_system_calls()


def _remove(folder: str) -> None:
    """Remove a folder of the student's, who may have forbidden anybody but root to enter parts of it."""
    for place, folders, _ in os.walk(folder) if os.geteuid() else ():
        for name in folders:
            with contextlib.suppress(OSError):
                os.chmod(os.path.join(place, name), 0o700)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
