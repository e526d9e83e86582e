"""The examiner's side of the sandbox: start a zygote, get a child for each submission, ask it, kill it."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import SandboxError
from autograder.language import _
from autograder.sandbox import landlock, layers, room, seccomp, wire
from autograder.sandbox.folder import FolderForAWhile

_START_SECONDS = 120.0
_SCRATCH_MB = 64
_REST_SECONDS = 0.02
"""Two ticks of the slowest kernel's clock, with which it brings the time of running threads up to date."""
_chance = random.SystemRandom()
"""Not the random state that hidden tests share."""
_NOBODY = 65534
ACCOUNT = "grader-student"
"""Without namespaces, root has student code run as this user, should there be one; else as nobody."""
_MICROSECOND_CLOCK = 2  # CPUCLOCK_SCHED, see clock_getcpuclockid(3)


@dataclass(frozen=True)
class Died(Exception):
    """The sandboxed process ended by itself; ``reason`` says how, for the student."""

    reason: str
    killed: bool = False
    """Whether it may have been killed from outside, as when the machine runs out of memory."""


@dataclass(frozen=True)
class OverTime(Exception):
    """The sandboxed process used up its time and was killed."""

    did: str = "ran"
    """``waited`` if it slept all the time away."""


def namespace_error() -> str:
    """Why this process may not make the namespaces that a sandbox needs, tried in a child; empty if it may."""
    if not hasattr(os, "pidfd_open"):
        return "this is not Linux 5.3 or newer"
    code = (
        "import ctypes,os,sys; l=ctypes.CDLL(None,use_errno=True); "
        f"r=l.unshare({layers.CLONE_NEWUSER | layers.CLONE_NEWNS | layers.CLONE_NEWPID | layers.CLONE_NEWNET | layers.CLONE_NEWIPC}); "
        "sys.exit(os.strerror(ctypes.get_errno()) if r else 0)"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


class Sandbox:
    """One child of the zygote, in which one submission's code runs."""

    def __init__(self, pid: int, pidfd: int, answers: socket.socket, status: socket.socket) -> None:
        self.pid = pid
        self._pidfd = pidfd
        self._answers = answers
        self._status = status
        self._clock = (~pid << 3) | _MICROSECOND_CLOCK
        self._cpu = 0.0
        self._asleep = 0.0
        self._headless = False
        self.closed = False

    def cpu_seconds(self) -> float:
        """CPU time of the child with all its threads so far, read from outside it.

        Raises:
            Died: it is gone.
        """
        try:
            self._cpu = time.clock_gettime(self._clock)
        except OSError:
            raise self._last_words() from None
        return self._cpu

    def used(self) -> tuple[float, float]:
        """Seconds of CPU time, and seconds asleep over questions; of one that is gone, as they were last seen."""
        if not self.closed:
            with contextlib.suppress(OSError):
                self._cpu = time.clock_gettime(self._clock)
        return self._cpu, self._asleep

    def cpu_seconds_at_rest(self) -> float:
        """The same, once no thread of the child runs: for one that does, the kernel's figure may be a tick too old.

        Raises:
            Died: it is gone.
        """
        end = time.monotonic() + _REST_SECONDS
        while self._runs() and time.monotonic() < end:
            time.sleep(0.0001)
        return self.cpu_seconds()

    def _runs(self) -> bool:
        """Whether a thread runs or waits for a processor."""
        with contextlib.suppress(OSError):  # it has just ended, or one of its threads has
            for thread in os.listdir(f"/proc/{self.pid}/task"):
                with contextlib.suppress(OSError), open(f"/proc/{self.pid}/task/{thread}/stat", "rb") as file:
                    if file.read().rpartition(b") ")[2][:1] == b"R":
                        return True
        return False

    def has_spoken(self) -> bool:
        """Whether it has said something that it was not asked, which would be taken for the next answer."""
        try:
            return bool(self._answers.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except OSError:
            return False

    def ask(self, op: str, seconds: float, **request: Any) -> Any:
        """Send one request and wait for its reply.

        Raises:
            OverTime: it took more than ``seconds`` of CPU time, or slept as long; the child is dead.
            Died: the child ended by itself.
            wire.WireError: the reply is malformed, or one to something else; the child is dead.
        """
        return self.ask_encoded(wire.encode({"op": op, **request}), seconds)

    def ask_encoded(self, message: bytes, seconds: float) -> Any:
        """`ask` with a message that is encoded already."""
        try:
            wait = _Watch(self, seconds).wait
            token = os.urandom(wire.TOKEN_BYTES)
            wire.send(self._answers, token, message, wait)
            data = wire.receive(self._answers, wait, token, wire.MAX_ANSWER_BYTES)[1]
            return wire.decode(data, wire.MAX_ANSWER_BYTES)
        except wire.Closed:
            raise self._last_words() from None
        except (OverTime, wire.WireError):
            self.close()
            raise

    def put(self, message: bytes, seconds: float) -> Any:
        """`ask_encoded` for the request that writes files, before any of the student's code has run."""
        return self.ask_encoded(message, seconds)

    def look(self, seconds_since: float) -> None:
        """Count the seconds since the last look as asleep if no thread runs now, or would.

        Raises:
            Died: its first thread has ended without the others, and the kernel's signal at its guardian's end with it.
        """
        headless, self._headless = self._headless, self._is_headless()
        if headless and self._headless:  # not just ending as a whole
            self.close()
            raise Died(_("ended its first thread"))
        if not self._runs():
            self._asleep += seconds_since

    def _is_headless(self) -> bool:
        with contextlib.suppress(OSError), open(f"/proc/{self.pid}/stat", "rb") as file:
            return file.read().rpartition(b") ")[2][:1] == b"Z" and len(os.listdir(f"/proc/{self.pid}/task")) > 1
        return False

    def await_socket(self, event: int, seconds: float) -> bool:
        """Whether the answers' socket is ready for an event of `select.poll` within so many seconds.

        Raises:
            wire.Closed: the guardian has ended, or the child, as it says.
        """
        poll = select.poll()
        poll.register(self._answers, event)
        poll.register(self._status, select.POLLIN)
        ready = [descriptor for descriptor, _event in poll.poll(seconds * 1000)]
        if ready and self._answers.fileno() not in ready:
            raise wire.Closed("its guardian has spoken, or gone")
        return bool(ready)

    def _last_words(self) -> Died:
        """How the child ended, as its guardian tells it."""
        code = None
        with contextlib.suppress(OSError, ValueError):
            self._status.settimeout(5)
            code = json.loads(self._status.recv(4096)).get("code")
        self.close()
        if code is None:
            return Died(_("lost its Python process"), killed=True)
        if code == layers.BROKE_DOWN:
            return Died(_("broke the Python process, by using up its memory or by changing what Python itself needs"))
        if code >= 0:
            return Died(_("ended the Python process (exit code {code})", code=code))
        if code == -signal.SIGKILL:
            return Died(_("was killed"), killed=True)
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        if name == "SIGSEGV":
            return Died(_("crashed the Python process (segmentation fault)"))
        if name == "SIGXCPU":
            return Died(_("used up its CPU time"))
        return Died(_("crashed the Python process ({signal})", signal=name))

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Meanwhile none of the child's threads runs."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if not self.closed:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)

    def close(self) -> None:
        """Kill the child and, with it, everything in its namespaces."""
        if self.closed:
            return
        self.used()
        self._signal(signal.SIGKILL)
        self.closed = True
        os.close(self._pidfd)
        self._answers.close()
        self._status.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Watch:
    """The time for one question: so many seconds of CPU time, and as many asleep.

    What a process waits for a processor counts as neither: that depends on what else the machine does. Waiting for a disk counts
    as sleep, since whoever reads past the page cache can do so for ever. Whether it sleeps is looked up at random moments, each standing for the time since the last, so that no rhythm of its threads
    makes sleep pass for something else.
    """

    def __init__(self, sandbox: Sandbox, seconds: float) -> None:
        self._sandbox = sandbox
        self._seconds = seconds
        self._cpu = sandbox.cpu_seconds()
        self._asleep = sandbox.used()[1]
        self._start = self._last = time.monotonic()
        self._next = self._start + self._pause(0.0)

    def wait(self, sock: socket.socket, event: int) -> None:
        """Until the child's socket is ready.

        Raises:
            OverTime, Died, wire.Closed.
        """
        while not self._sandbox.await_socket(event, max(self._next - time.monotonic(), 0.0)):
            self._look()

    def _look(self) -> None:
        cpu = self._sandbox.cpu_seconds() - self._cpu
        if cpu > self._seconds:
            raise OverTime
        now = time.monotonic()
        self._sandbox.look(now - self._last)
        if self._sandbox.used()[1] - self._asleep > self._seconds:
            raise OverTime("waited")
        self._last = now
        self._next = now + min(self._pause(now - self._start), max(self._seconds - cpu, 0.01))

    @staticmethod
    def _pause(elapsed: float) -> float:
        """To the next look: often at first, later as seldom as a twentieth of the time allows."""
        return min(max(elapsed * 0.05, 0.02), 1.0) * _chance.uniform(0.5, 1.5)


class Zygote:
    """A process with the allowed packages imported that forks sandboxes.

    Attributes:
        isolation: the layers in force, as shown in results.
    """

    def __init__(self, packages: Sequence[str], *, namespaces: bool = True) -> None:
        """Start it.

        Args:
            namespaces: False for the weaker layers only.

        Raises:
            SandboxError: a package is missing, or the kernel refuses a layer.
        """
        self._process: subprocess.Popen[bytes] | None = None
        try:
            plan = room.plan_room(tuple(packages))
        except room.MissingPackage as error:
            raise SandboxError(
                f"The assignment allows '{error}', which is not installed here. Install it: pip install {error}"
            ) from None
        search_path = plan.search_path
        self._user = None if namespaces or os.geteuid() else _ordinary_user()
        if self._user and not all(map(_reachable, [*plan.standard_library, room.interpreter(), str(Path(__file__))])):
            raise SandboxError(
                "Without namespaces, student code must run as an ordinary user, and an ordinary user cannot reach this "
                f"Python ({room.interpreter()}). Run grader as an ordinary user, or with a Python installed for everybody."
            )
        self._folder = FolderForAWhile("grader-room-")
        environment = room.environment()
        if not namespaces:
            search_path = room.link_packages(plan, self._folder.path)
            start = self._folder.path / "start"  # for what packages write when imported; children get their own
            start.mkdir(mode=0o700)
            environment = room.environment(home=str(start), scratch=str(start))
        self._control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the zygote lives
        self._process = subprocess.Popen(
            # -S and the fixed environment: no site-packages, no PYTHONPATH, no start-up files of anybody's
            [
                room.interpreter(),
                "-s",
                "-S",
                "-P",
                "-c",
                _START,
                str(Path(__file__).resolve().parents[2]),
                str(other.fileno()),
                str(os.getpid()),
            ],
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            pass_fds=(other.fileno(), self._folder.alive),
        )
        other.close()
        self._control.settimeout(_START_SECONDS)
        self._send({
            "namespaces": namespaces,
            "mount_point": str(self._folder.path),
            "folders": plan.folders,
            "masks": plan.masks,
            "search_path": search_path,
            "preload": plan.preload,
            "scratch_mb": _SCRATCH_MB,
            "alive": self._folder.alive,
            "readable": room.readable(plan, self._folder.path),
        })  # fmt: skip
        if namespaces:
            self._receive("cannot make namespaces")
            self._map_ids()
            self._send("mapped")
        self._ready = False
        shut_in = ("user, mount, pid, net, ipc, uts and cgroup namespaces", "own root")
        self.isolation = (
            *(shut_in if namespaces else self._weaker_layers()),
            *(("seccomp",) if seccomp.supported() else ()),
            "rlimits",
            "no new privileges",
        )

    def _weaker_layers(self) -> tuple[str, ...]:
        files = "landlock" if landlock.version() else "no landlock in this kernel"
        return ("process", *(("ordinary user",) if self._user else ()), files)

    def _map_ids(self) -> None:
        assert self._process is not None
        process = Path("/proc") / str(self._process.pid)
        if os.geteuid() == 0:
            # root stays root in the room until the child gives it up, to reach interpreters in root's own folders
            users = groups = f"0 0 1\n{layers.STUDENT_ID} {_NOBODY} 1\n"
        else:
            (process / "setgroups").write_text("deny")
            users, groups = (f"{layers.STUDENT_ID} {number} 1\n" for number in (os.geteuid(), os.getegid()))
        (process / "uid_map").write_text(users)
        (process / "gid_map").write_text(groups)

    def wait_until_ready(self) -> None:
        """Wait for the packages to be imported; `sandbox` does it, too.

        Raises:
            SandboxError.
        """
        if self._ready:
            return
        if self._errors.closed:
            raise SandboxError("The sandbox has ended.")
        missing = json.loads(self._receive("does not start"))["missing"]
        if missing:
            self.close()
            text = "; ".join(f"{name} ({error})" for name, error in missing.items())
            raise SandboxError(f"In the sandbox these packages do not import: {text}")
        self._ready = True
        assert self._process is not None
        try:
            pages = [int(number) for number in Path(f"/proc/{self._process.pid}/statm").read_text().split()]
        except OSError:
            raise SandboxError("The sandbox process has ended.") from None
        self._address_space, self._data = (pages[what] * os.sysconf("SC_PAGE_SIZE") for what in (0, 5))

    def sandbox(self, *, memory_mb: int, cpu_seconds: float) -> Sandbox:
        """Fork a child.

        Raises:
            SandboxError: it could not be made.
        """
        self.wait_until_ready()
        ours, answers = socket.socketpair()
        our_status, status = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        limits = {
            "memory_bytes": self._address_space + memory_mb * 2**20,
            "data_bytes": self._data + memory_mb * 2**20,
            "cpu_seconds": int(cpu_seconds) + 5,
            "scratch_mb": _SCRATCH_MB,
            "user": self._user,
        }
        with answers, status:
            try:
                socket.send_fds(self._control, [json.dumps(limits).encode()], [answers.fileno(), status.fileno()])
            except OSError:
                raise SandboxError(f"The sandbox process has ended. {self._error_text()}".strip()) from None
        our_status.settimeout(_START_SECONDS)
        try:
            message = json.loads(our_status.recv(4096) or b"{}")
            if "pid" not in message:
                raise SandboxError(f"A sandbox could not be made: {message.get('error', 'its guardian died')}.")
            pidfd = os.pidfd_open(message["pid"])
            our_status.send(b".")
        except OSError as error:
            raise SandboxError(f"A sandbox could not be made: {error}.") from None
        return Sandbox(message["pid"], pidfd, ours, our_status)

    def _send(self, message: object) -> None:
        with contextlib.suppress(OSError):  # if it has died, the next receive says why
            self._control.send(json.dumps(message).encode())

    def _receive(self, problem: str) -> bytes:
        try:
            data = self._control.recv(2**20)
        except OSError as error:
            data = b""
            problem = f"{problem} ({error})"
        if not data:
            text = self._error_text()
            self.close()
            raise SandboxError(f"The sandbox {problem}: {text or 'its process ended'} (see `grader doctor`).")
        return data

    def _error_text(self) -> str:
        """The last line that the zygote wrote to stderr."""
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def close(self) -> None:
        """End the zygote and, with it, its children."""
        self._control.close()
        if self._process is not None:
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._errors.close()
        self._folder.remove()

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_START = "import sys; sys.path.insert(0, sys.argv[1]); from autograder.sandbox.zygote import main; main(*map(int, sys.argv[2:]))"


def _reachable(path: str) -> bool:
    """Whether an ordinary user may get to this path."""
    return all(parent.stat().st_mode & 0o001 for parent in Path(path).resolve().parents)


def _ordinary_user() -> tuple[int, int]:
    """User and group id for student code."""
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        return _NOBODY, _NOBODY
    return entry.pw_uid, entry.pw_gid
