"""`--isolation process`: what holds where namespaces are refused; as an ordinary user, and as root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.sandbox import landlock
from tests.sandbox.ordinary import run_open
from tests.sandbox.test_working_folder import WAYS

USERS = ["65534", "0"] if os.geteuid() == 0 else [str(os.geteuid())]
needs_landlock = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")

START = """
import os, time
from pathlib import Path
from autograder.sandbox.client import Zygote
zygote = Zygote(["numpy", "matplotlib"], namespaces=False)
def ask(sandbox, source):
    error = sandbox.ask("cell", 20, source=source, number=1).get("error", {})
    return error.get("message", "") if error else None
"""

# All have to be refused. PLANTED is a file that the user who grades may read and write.
REFUSED = """
planted = Path(sys.argv[1], "planted"); planted.write_text("hidden"); planted.chmod(0o666)
for source in '''
open('PLANTED')
open('PLANTED', 'a')
import os; os.truncate('PLANTED', 0)
import os; os.remove('PLANTED')
import os; os.rename('PLANTED', 'mine')
import os; os.symlink('PLANTED', 'link'); open('link')
import os; os.link('PLANTED', 'hard'); open('hard')
import os; os.listdir('/tmp')
import os; os.listdir('..')
open('/tmp/left', 'w')
open('/dev/shm/left', 'w')
open('/proc/self/maps')
open(f'/proc/{__import__("os").getppid()}/environ')
open('/etc/passwd')
import numpy; open(numpy.__file__, 'a')
import os; os.mkfifo('pipe')
import socket; socket.socket()
import socket; socket.create_connection(('127.0.0.1', 22), 1)
import socket; socket.socket(socket.AF_UNIX).connect('\\\\0abstract')
import os; os.kill(os.getppid(), 0)
import os; os.kill(-1, 0)
import os; os.sched_setaffinity(os.getppid(), {0})
import os, resource; resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))
import os; os.setuid(0)
import os; os.fork()
import scipy
'''.strip().splitlines():
    with zygote.sandbox(memory_mb=512, cpu_seconds=30) as sandbox:
        assert ask(sandbox, source.replace("PLANTED", str(planted))) is not None, source
with zygote.sandbox(memory_mb=512, cpu_seconds=30) as sandbox:
    ask(sandbox, f"import os; os.chmod({str(planted)!r}, 0)")
    ask(sandbox, f"import os; os.utime({str(planted)!r}, (0, 0))")
    ask(sandbox, f"import os; os.setxattr({str(planted)!r}, 'user.left', b'x')")
assert planted.read_text() == "hidden" and planted.stat().st_mode & 0o777 == 0o666 and planted.stat().st_mtime > 0
assert os.listxattr(planted) == []
zygote.close()
print(*zygote.isolation, sep="; ")
"""

ALLOWED = """
with zygote.sandbox(memory_mb=512, cpu_seconds=30) as sandbox:
    for source in '''
import numpy, json, sqlite3, decimal
import asyncio; asyncio.run(asyncio.sleep(0))
await __import__("asyncio").sleep(0)
import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.savefig('plot.png')
import tempfile; tempfile.NamedTemporaryFile().write(b'x')
import os; os.makedirs('a/b'); open('a/b/c', 'w').write('x'); os.rename('a/b/c', 'd'); assert open('d').read() == 'x'
import os; assert os.getcwd() == os.environ['HOME'] == os.environ['TMPDIR']
open('/dev/null', 'w').write('x')
import os; os.kill(os.getpid(), 0); os.sched_setaffinity(0, os.sched_getaffinity(0))
import threading; threading.Thread(target=print).start()
import getpass; getpass.getuser()
import shutil; open('x', 'w').write('y'); shutil.copy2('x', 'z'); assert open('z').read() == 'y'
'''.strip().splitlines():
        assert ask(sandbox, source) is None, (source, ask(sandbox, source))
zygote.close()
print(*zygote.isolation, sep="; ")
"""

APART = """
with zygote.sandbox(memory_mb=512, cpu_seconds=30) as one, zygote.sandbox(memory_mb=512, cpu_seconds=30) as other:
    assert ask(one, "import os; os.mkdir('a', 0o300); open('a/b', 'w').close()") is None
    assert ask(one, "raise ValueError(os.getcwd())") != ask(other, "import os; raise ValueError(os.getcwd())")
    assert ask(other, "assert os.listdir('.') == []") is None
    place = Path(ask(one, "raise ValueError(os.getcwd())"))
    room = place.parent
assert room.is_dir()
for _ in range(1000):
    if not place.exists():
        break
    time.sleep(0.01)
assert not place.exists()
zygote.close()
assert not room.exists()
print(*zygote.isolation, sep="; ")
"""

KILLED = """
sandbox = zygote.sandbox(memory_mb=512, cpu_seconds=30)
assert ask(sandbox, "import os; os.mkdir('a', 0o300); os.mkdir('a/b', 0o300); open('a/b/c', 'w').close()") is None
print(Path(ask(sandbox, "raise ValueError(os.getcwd())")).parent, flush=True)
import signal
os.killpg(0, signal.SIGKILL)
"""


ORPHAN = """
import signal
sandbox = zygote.sandbox(memory_mb=512, cpu_seconds=30)
for source in '''
import ctypes; assert ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
import os; os.memfd_create('x')
import mmap; mmap.mmap(-1, 4096)
import fcntl, os; fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, os.getppid())
import socket; socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'x', '/dev/log')
import signal; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); import os; os.setsid()
'''.strip().splitlines():
    ask(sandbox, source)
assert ask(sandbox, "import os; os.memfd_create('x')") and ask(sandbox, "import mmap; mmap.mmap(-1, 4096)")
status = Path(f"/proc/{sandbox.pid}/stat").read_text().rpartition(") ")[2].split()
os.kill(int(status[1]), getattr(signal, sys.argv[1]))
def gone():
    try:
        return "State:\tZ" in Path(f"/proc/{sandbox.pid}/status").read_text()
    except OSError:
        return True
for _ in range(3000):
    if gone():
        break
    time.sleep(0.01)
else:
    raise AssertionError("it is still there")
zygote.close()
"""


@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM"])
@pytest.mark.parametrize("user", USERS)
def test_student_code_dies_with_its_guardian(user: str, number: str, tmp_path: Path) -> None:
    done = run_open(START + ORPHAN, number, scratch=tmp_path, user=user)
    assert done.returncode == 0, done.stderr


@needs_landlock
@pytest.mark.parametrize("user", USERS)
def test_student_code_cannot(user: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents:
        if parent.stat().st_mode & 1:
            break
        parent.chmod(0o755)
    done = run_open(START + REFUSED, str(tmp_path), scratch=tmp_path, user=user)
    assert done.returncode == 0, done.stderr
    assert "landlock; seccomp" in done.stdout


@pytest.mark.parametrize("user", USERS)
def test_student_code_can(user: str, tmp_path: Path) -> None:
    done = run_open(START + ALLOWED, scratch=tmp_path, user=user)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("process; ordinary user" if user == "0" else "process; ")


@pytest.mark.parametrize("user", USERS)
def test_each_child_has_a_scratch_folder_of_its_own_and_leaves_nothing(user: str, tmp_path: Path) -> None:
    done = run_open(START + APART, scratch=tmp_path, user=user)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("user", USERS)
def test_a_grader_that_is_killed_leaves_nothing(user: str, tmp_path: Path) -> None:
    done = run_open("import os; os.setsid()\n" + START + KILLED, scratch=tmp_path, user=user)
    room = Path(done.stdout.strip())
    assert room.name.startswith("grader-room-"), done.stderr
    assert _gone(room)


def _gone(folder: Path) -> bool:
    import time

    for _ in range(3000):
        if not folder.exists():
            return True
        time.sleep(0.01)
    return False


IN_ITS_FOLDER = """
from autograder.sandbox import wire
import numpy as np
ways = WAYS
ways["files that were put there"] = ["from given.layers import f"]
files = [["given/layers.py", np.frombuffer(b"def f(x): return 2 * x", np.uint8)]]
for what, cells in ways.items():
    with zygote.sandbox(memory_mb=512, cpu_seconds=30) as sandbox:
        assert sandbox.put(wire.encode({"op": "put", "files": files}), 5) == {}, what
        for source in cells:
            assert ask(sandbox, source) is None, (what, source, ask(sandbox, source))
        reply = sandbox.ask("call", 5, name="f", args=(20,), kwargs={}, mutated=False)
        assert reply.get("value") == 40, (what, reply)
print("all right")
"""


@pytest.mark.parametrize("user", USERS)
def test_the_working_folder_is_one_as_jupyter_has_it(user: str, tmp_path: Path) -> None:
    done = run_open(START + IN_ITS_FOLDER.replace("WAYS", repr(WAYS)), scratch=tmp_path, user=user)
    assert done.stdout == "all right\n", done.stderr
