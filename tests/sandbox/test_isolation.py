"""Each layer of the sandbox, by an attempt to get through it; as root and as an ordinary user."""

from __future__ import annotations

import os
import platform
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import SandboxError
from autograder.sandbox import wire
from autograder.sandbox.client import Died, OverTime, Sandbox, Zygote
from tests.sandbox.ordinary import REPOSITORY, run_open


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    os.environ["PLANTED_SECRET"] = "in the environment"
    with Zygote(["numpy"]) as one:
        yield one
    del os.environ["PLANTED_SECRET"]


@pytest.fixture
def sandbox(zygote: Zygote) -> Iterator[Sandbox]:
    with zygote.sandbox(memory_mb=512, cpu_seconds=30) as one:
        yield one


def run(sandbox: Sandbox, source: str, seconds: float = 10) -> dict[str, Any]:
    """Run a cell; its error as a dict, empty if it ran through."""
    reply = sandbox.ask("cell", seconds, source=textwrap.dedent(source), number=1)
    assert type(reply) is dict
    error = reply.get("error", {})
    assert type(error) is dict
    return error


def value(sandbox: Sandbox, expression: str) -> Any:
    assert run(sandbox, f"import os, sys, gc\ndef answer(): return {expression}") == {}
    return sandbox.ask("call", 10, name="answer", args=(), kwargs={}, mutated=False)["value"]


BY_NUMBER = "import ctypes\nif ctypes.CDLL(None).syscall({}) < 0: raise PermissionError"
BY_PRCTL = "import ctypes\nif ctypes.CDLL(None).prctl({}): raise PermissionError"
REFUSED = {
    "read a file of the machine": "open('/etc/hostname')",
    "read a file of the project": f"open({str(REPOSITORY / 'pyproject.toml')!r})",
    "list processes": "import os; os.listdir('/proc/1')",
    "write to the root": "open('/x', 'w')",
    "write to a package": "import numpy; open(numpy.__file__, 'a')",
    "reach the network": "import socket; socket.create_connection(('192.0.2.1', 80), 1)",
    "resolve a name": "import socket; socket.gethostbyname('example.org')",
    "fork": "import os; os.fork()",
    "start a program": "import subprocess, sys; subprocess.run([sys.executable])",
    "start a program by posix_spawn": "import os, sys; os.posix_spawn(sys.executable, ['x'], {})",
    "replace itself": "import os, sys; os.execv(sys.executable, ['x'])",
    "become root": "import os; os.setuid(0)",
    "change its root": "import os; os.chroot('/tmp')",
    "make a device": "import os; os.mknod('/tmp/disk', 0o60666, os.makedev(8, 0))",
    "take a new user namespace": "import ctypes\nif ctypes.CDLL(None).unshare(0x10000000): raise PermissionError",
    "trace a process": "import ctypes\nif ctypes.CDLL(None).ptrace(16, 1, 0, 0): raise PermissionError",
    "listen": "import socket; socket.create_server(('127.0.0.1', 0))",
    "signal others": "import os; os.kill(-1, 0)",
    "leave shared memory": "import ctypes\nif ctypes.CDLL(None).shmget(4711, 4096, 0o1666) < 0: raise PermissionError",
    "mount": "import ctypes\nif ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, None): raise PermissionError",
    "make a system call that is newer than the filter": "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nif libc.syscall(500, 0, 0, 0, 0) and ctypes.get_errno() == 38: raise PermissionError",
    "raise its limits": "import resource; resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "take much memory": "bytearray(2**30)",
    "take much shared memory": "import mmap; mmap.mmap(-1, 2**30)",
    "fill its scratch space": "open('big', 'wb').write(bytes(2**27))",
    "make many files": "for i in range(10**5): open(f'/tmp/{i}', 'w').close()",
    "open many files": "files = [open('/dev/null') for _ in range(1000)]",
    "start many threads": """
        import threading, time
        for _ in range(2000):
            threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
        """,
    "hold memory in a file without a name": "import os; os.memfd_create('x')",
    "hold memory that nobody else can see": BY_NUMBER.format("447, 0"),
    "hold memory by mapping it as shared and unmapping all but a page": "import mmap; mmap.mmap(-1, 4096)",
    "hold memory by mapping zeros as shared": "import mmap; mmap.mmap(__import__('os').open('/dev/zero', __import__('os').O_RDWR), 4096)",
    "take pages that are set aside for others": "import mmap; mmap.mmap(-1, 2**21, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000)",
    "make a stack that is not counted": "import mmap; mmap.mmap(-1, 2**21, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x100)",
    "lock memory": "import ctypes\nif ctypes.CDLL(None).mlockall(1): raise PermissionError",
    "make a pipe larger": "import fcntl, os; fcntl.fcntl(os.pipe()[0], 1031, 2**20)",
    "make a socket's buffer larger": "import socket; socket.socketpair()[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**20)",
    "keep descriptors in flight": "import socket; socket.send_fds(socket.socketpair()[0], [b'x'], [0])",
    "keep pages in pipes": "import os; here, there = os.pipe(); os.splice(os.open('x', os.O_RDWR | os.O_CREAT), there, 1)",
    "keep its own pages in pipes": "import ctypes, os\nif ctypes.CDLL(None).vmsplice(os.pipe()[1], (ctypes.c_void_p * 2)(id(1), 8), 1, 0) < 0: raise PermissionError",
    "send files into pipes": "import os; os.sendfile(os.pipe()[1], os.open('/etc/passwd', os.O_RDONLY), 0, 5)",
    "make many watches": "import select; select.epoll()",
    "watch files": "import ctypes\nif ctypes.CDLL(None).inotify_init() < 0: raise PermissionError",
    "make many timers": "import ctypes\nif ctypes.CDLL(None).timer_create(0, None, ctypes.byref(ctypes.c_long())): raise PermissionError",
    "make a ring of requests": "import ctypes\nif ctypes.CDLL(None).syscall(206, 1, ctypes.byref(ctypes.c_long())) < 0: raise PermissionError",
    "make filters of its own": "import ctypes\nif ctypes.CDLL(None).syscall(317, 1, 0, ctypes.c_char_p(bytes(16))) < 0: raise PermissionError",
    "make filters of its own by prctl": BY_PRCTL.format("22, 2, 0, 0, 0"),
    "make Landlock rules": BY_NUMBER.format("444, ctypes.c_char_p(bytes(8)), 8, 0"),
    "leave messages": "import ctypes\nif ctypes.CDLL(None).msgget(1, 0o1666) < 0: raise PermissionError",
    "leave keys": BY_NUMBER.format("250, 1, 0"),
    "clear its parent-death signal": BY_PRCTL.format("1, 0, 0, 0, 0"),
    "become undumpable": BY_PRCTL.format("4, 0, 0, 0, 0"),
    "adopt processes": BY_PRCTL.format("36, 1, 0, 0, 0"),
    "have a table of open files for each thread": "import ctypes\nif ctypes.CDLL(None).unshare(0x400): raise PermissionError",
    "have one by closing none": "import ctypes\nif ctypes.CDLL(None).syscall(436, 100, 101, 2): raise PermissionError",
    "have one by a thread that shares none": "import ctypes\nif ctypes.CDLL(None).syscall(56, 0x10000 | 0x800 | 0x100, 0, 0, 0, 0) < 0: raise PermissionError",
    "have the kernel signal others": "import fcntl, os; fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, 1)",
    "choose the signal": "import fcntl, os; fcntl.fcntl(os.pipe()[0], fcntl.F_SETSIG, 9)",
    "have the kernel signal others by ioctl": "import fcntl, socket; fcntl.ioctl(socket.socketpair()[0], 0x8901, bytes([1, 0, 0, 0]))",
    "send to a socket that has a name": "import socket; socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'x', '\\0name')",
    "fill its scratch space in two places": "for place in ('/tmp/big', '/home/student/big'): open(place, 'wb').write(bytes(40 * 2**20))",
    "import a package that is not allowed": "import scipy",
    "import the grader's trusted side": "import autograder.course",
}
if platform.machine() != "x86_64":  # these numbers are its own
    REFUSED = {
        attempt: source for attempt, source in REFUSED.items() if not re.search(r"syscall\((?:56|206|317|250),", source)
    }


@pytest.mark.parametrize("attempt", REFUSED)
def test_student_code_cannot(sandbox: Sandbox, attempt: str) -> None:
    assert run(sandbox, REFUSED[attempt]) != {}


ALLOWED = {
    "wait in an event loop": "import asyncio; asyncio.run(asyncio.sleep(0.001))",
    "wait in a cell": "import asyncio; await asyncio.sleep(0.001)",
    "run in threads": "import asyncio; asyncio.run(asyncio.to_thread(len, ''))",
    "use a pool of threads": "from concurrent.futures import ThreadPoolExecutor; list(ThreadPoolExecutor(4).map(len, ['', '']))",
    "copy files and folders": "import shutil; open('a', 'w').write('x' * 10**5); shutil.copy2('a', 'b'); shutil.copytree('.', '/tmp/all')",
    "keep a database": "import sqlite3; c = sqlite3.connect('a.db'); c.execute('create table t (a)'); c.execute('insert into t values (1)'); c.commit(); c.close(); sqlite3.connect('a.db').execute('select * from t').fetchall() == [(1,)] or 1 / 0",
    "map its own files": "import numpy as np; m = np.memmap('m', float, 'w+', shape=9); m[:] = 1; m.flush(); assert np.memmap('m', float, 'r').sum() == 9",
    "load mapped arrays": "import numpy as np; np.save('a.npy', np.ones(9)); assert np.load('a.npy', mmap_mode='r').sum() == 9",
    "take private memory": "import mmap; m = mmap.mmap(-1, 2**20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS); m[0] = 1",
    "name a thread": "import ctypes; assert ctypes.CDLL(None).prctl(15, b'me', 0, 0, 0) == 0",
    "set alarms": "import signal; signal.setitimer(signal.ITIMER_REAL, 100); signal.setitimer(signal.ITIMER_REAL, 0)",
    "lower its limits": "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
    "talk to itself": "import socket; a, b = socket.socketpair(); a.sendall(b'x'); assert b.recv(1) == b'x'; a.setblocking(False)",
    "make temporary files": "import tempfile; tempfile.NamedTemporaryFile().write(b'x'); tempfile.mkdtemp()",
    "ask for the machine": "import platform, os; platform.platform(); os.cpu_count(); os.getloadavg(); os.sched_getaffinity(0)",
    "ask whether this is a terminal": "import os, sys; assert not os.isatty(1); print('x', flush=True)",
    "lock a file": "import fcntl; fcntl.flock(open('l', 'w'), fcntl.LOCK_EX)",
    "draw random numbers": "import os, secrets, uuid; os.urandom(9); secrets.token_hex(); uuid.uuid4()",
}


@pytest.mark.parametrize("what", ALLOWED)
def test_student_code_can(sandbox: Sandbox, what: str) -> None:
    assert run(sandbox, ALLOWED[what]) == {}


def test_the_process_is_alone_and_nobody(sandbox: Sandbox) -> None:
    assert value(sandbox, "(os.getpid(), os.getuid(), os.geteuid(), os.getgid())") == (1, 1000, 1000, 1000)


def test_the_environment_is_a_fixed_list(sandbox: Sandbox) -> None:
    names = value(sandbox, "sorted(os.environ)")
    assert "PLANTED_SECRET" not in names
    assert "HOME" in names
    assert value(sandbox, "os.environ['HOME']") == "/home/student"


def test_only_standard_streams_and_the_answers_socket_are_open(sandbox: Sandbox) -> None:
    assert (
        run(
            sandbox,
            """
        import os
        def is_open(number):
            try:
                return bool(os.fstat(number))
            except OSError:
                return False
        """,
        )
        == {}
    )
    descriptors = value(sandbox, "[number for number in range(256) if is_open(number)]")
    assert descriptors[:3] == [0, 1, 2]
    assert len(descriptors) <= 5  # and the answers' socket, and asyncio's none until it is used


def test_standard_streams_are_not_the_protocol(sandbox: Sandbox) -> None:
    assert run(sandbox, "import os; [os.write(n, b'x' * 1000) for n in (1, 2)]; assert os.read(0, 10) == b''") == {}
    assert value(sandbox, "1") == 1


def test_the_address_space_never_held_anything_of_a_course(sandbox: Sandbox) -> None:
    modules = value(
        sandbox, "sorted(name for name in sys.modules if name.startswith(('autograder', 'pytest', '_pytest')))"
    )
    assert modules == [
        "autograder",
        "autograder.sandbox",
        "autograder.sandbox.definitions",
        "autograder.sandbox.elsewhere",
        "autograder.sandbox.inside",
        "autograder.sandbox.modules",
        "autograder.sandbox.shell",
        "autograder.sandbox.wire",
    ]
    paths = value(sandbox, "sys.argv + sys.path")
    assert not any(str(path).startswith(str(REPOSITORY / "assignments")) for path in paths)


def test_each_child_starts_clean(zygote: Zygote) -> None:
    with zygote.sandbox(memory_mb=512, cpu_seconds=30) as one:
        assert (
            run(one, "import numpy; numpy.left_here = 1; open('/tmp/left', 'w').close(); open('left', 'w').close()")
            == {}
        )
    with zygote.sandbox(memory_mb=512, cpu_seconds=30) as other:
        assert (
            run(
                other,
                "import numpy, os; assert not hasattr(numpy, 'left_here'); assert os.listdir('/tmp') == os.listdir('.') == []",
            )
            == {}
        )


def test_an_endless_loop_is_killed_by_its_cpu_time(sandbox: Sandbox) -> None:
    with pytest.raises(OverTime):
        run(sandbox, "while True:\n    try:\n        while True: pass\n    except BaseException: pass", seconds=0.3)


WAITING = {
    "sleep": "import time; time.sleep(1000)",
    "naps": "import time\nwhile True: time.sleep(0.005)",
    "a lock": "import _thread; lock = _thread.allocate_lock(); lock.acquire(); lock.acquire()",
    "a pipe": "import os; os.read(os.pipe()[0], 1)",
    "many threads that wake together": """
        import threading, time
        def nap():
            while True: time.sleep(0.05 - time.monotonic() % 0.05)
        for _ in range(30): threading.Thread(target=nap, daemon=True).start()
        nap()
        """,
    "an answer in small pieces": """
        import os, time
        while True:
            os.write(3, b"x"); time.sleep(0.01)
        """,
}


@pytest.mark.parametrize("way", WAITING)
def test_a_process_that_waits_is_killed_by_the_clock(sandbox: Sandbox, way: str) -> None:
    with pytest.raises((OverTime, wire.WireError)) as over:
        run(sandbox, WAITING[way], seconds=0.5)
    if isinstance(over.value, OverTime):
        assert over.value.did == "waited"
    assert sandbox.used()[0] < 0.5


def test_a_process_that_ends_its_first_thread_alone_is_found_out(sandbox: Sandbox) -> None:
    """It would not hear that its guardian has died."""
    code = (
        "import ctypes, os, threading, time\nthreading.Thread(target=time.sleep, args=(3600,)).start()\n"
        "ctypes.CDLL(None).syscall(ctypes.c_long(60 if os.uname().machine == 'x86_64' else 93), 0)"
    )
    with pytest.raises(Died, match="ended its first thread"):
        run(sandbox, code, seconds=600)
    assert sandbox.closed


FORKS = """
import ctypes, sys
libc = ctypes.CDLL(None)
print("now", flush=True)
if libc.vfork() == 0:
    libc.sleep(1000)
    libc._exit(0)
"""


def test_waiting_for_a_disk_counts_as_sleep() -> None:
    """Whoever reads past the page cache can do so for ever; a process that has called vfork is in the same state."""
    ours, theirs = socket.socketpair()
    status, guardian = socket.socketpair()
    with subprocess.Popen([sys.executable, "-c", FORKS], stdout=subprocess.PIPE, start_new_session=True) as process:
        sandbox = Sandbox(process.pid, os.pidfd_open(process.pid), ours, status)
        try:
            assert process.stdout
            process.stdout.readline()
            end = time.monotonic() + 30
            while state(process.pid) != "D":
                assert time.monotonic() < end
                time.sleep(0.01)
            sandbox.look(3.0)
            assert sandbox.used()[1] == 3.0
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            sandbox.close()
            theirs.close()
            guardian.close()


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]


def test_a_process_that_is_not_let_run_is_waited_for(sandbox: Sandbox) -> None:
    """Hundreds of times its limit by the clock, for want of a processor, end nothing."""
    own = os.sched_getaffinity(0)
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True) for _ in range(8)
    ]  # each in its own session, as Linux shares a processor out between sessions
    try:
        processor = {min(own)}
        for process in busy:
            os.sched_setaffinity(process.pid, processor)
        os.sched_setaffinity(sandbox.pid, processor)
        os.setpriority(os.PRIO_PROCESS, sandbox.pid, 19)
        started = time.monotonic()
        assert (
            run(
                sandbox,
                "import time\nend = time.process_time() + 0.05\nwhile time.process_time() < end: pass",
                seconds=0.2,
            )
            == {}
        )
        waited = time.monotonic() - started
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert waited > 0.2, "seconds by the clock: the limit was not even reached"
    assert sandbox.used()[1] < 0.2


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import os; os._exit(7)", "exit code 7"),
        ("import ctypes; ctypes.string_at(0)", "segmentation fault"),
        ("import os; os.abort()", "crashed the Python process"),
        ("import os; os.closerange(3, 256)", "exit code"),
    ],
)
def test_a_process_that_ends_says_how(sandbox: Sandbox, source: str, reason: str) -> None:
    with pytest.raises(Died) as death:
        run(sandbox, source)
    assert reason in death.value.reason


def test_the_cpu_clock_counts_threads_and_is_not_fooled_by_patches(sandbox: Sandbox) -> None:
    assert run(sandbox, "import time\ntime.process_time = time.perf_counter = time.time = lambda: 0.0") == {}
    before = sandbox.cpu_seconds()
    assert (
        run(
            sandbox, "import threading\nt = threading.Thread(target=lambda: sum(range(3 * 10**6)))\nt.start(); t.join()"
        )
        == {}
    )
    assert sandbox.cpu_seconds() - before > 0.01


def test_a_killed_sandbox_leaves_no_process(zygote: Zygote) -> None:
    with zygote.sandbox(memory_mb=512, cpu_seconds=30) as one:
        pid = one.pid
        assert Path(f"/proc/{pid}").exists()
    for _ in range(3000):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.01)
    pytest.fail("the child is still there")


def test_a_package_that_is_not_installed_is_named_with_its_cure() -> None:
    with pytest.raises(SandboxError, match="pip install no-such-package"):
        Zygote(["no-such-package"])


AS_USER = """
from autograder.sandbox.client import Zygote
namespaces = sys.argv[1] == "full"
with Zygote(["numpy"], namespaces=namespaces) as zygote, zygote.sandbox(memory_mb=512, cpu_seconds=30) as sandbox:
    for source in ["import os; os.fork()", "import scipy", "open('/etc/passwd', 'a')", "bytearray(2**30)"] + ["open('/etc/hostname')"] * namespaces:
        assert "error" in sandbox.ask("cell", 10, source=source, number=1), source
    assert "error" not in sandbox.ask("cell", 10, source="import numpy\\ndef f(x): return 2 * x", number=1)
    assert sandbox.ask("call", 10, name="f", args=(2.0,), kwargs={}, mutated=False)["value"] == 4.0
    print("same for", zygote.isolation[0])
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs all of these tests as one anyway")
@pytest.mark.parametrize("isolation", ["full", "process"])
def test_the_same_holds_for_an_ordinary_user(isolation: str, tmp_path: Path) -> None:
    done = run_open(AS_USER, isolation, scratch=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "same for" in done.stdout


@pytest.mark.skipif(
    os.geteuid() != 0 or bool(os.stat(Path(sys.base_prefix).parents[-2]).st_mode & 1),
    reason="this Python is open to whoever runs student code",
)
def test_process_isolation_as_root_needs_an_interpreter_for_everybody() -> None:
    with pytest.raises(SandboxError, match="ordinary user"):
        Zygote(["numpy"], namespaces=False)
