"""A stand-in for Gradescope's container: a root directory of its own, in mount and PID namespaces of its own.

It shows this machine's programs read-only, has its own /etc, /tmp and /dev, and keeps what is written to it. Started in
Docker's manner, processes in it are root with Docker's capabilities, and may make no namespaces: the kernel refuses them
to whoever is in a chroot.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_SHOWN = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "opt", "sys")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/python/bin"
_DOCKER = (
    "chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot mknod audit_write setfcap"
).split()

_MOUNT = """
set -e
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
for folder in usr bin sbin lib lib32 lib64 opt sys; do
    if [ -d "$folder" ] && [ ! -L "$folder" ]; then mount --bind -o ro "/$folder" "$folder"; fi
done
mount --bind -o ro "$2" python
mount -t proc proc proc
mount -t tmpfs -o mode=755 dev dev
for device in null zero random urandom; do touch "dev/$device"; mount --bind "/dev/$device" "dev/$device"; done
ln -s /proc/self/fd dev/fd
mkdir -m 1777 dev/shm
shift 2
"""
_ENTER = {
    "full": 'mkdir -p old; pivot_root . old; cd /; umount -l /old; exec "$@"',
    "docker": f'exec setpriv --bounding-set=-all,{",".join(f"+{name}" for name in _DOCKER)} chroot . "$@"',
}
_NO_LANDLOCK = """
import ctypes, os, struct, sys
# Load the call's number; from 444 to 446 it is Landlock's: ENOSYS.
code = [(0x20, 0, 0, 0), (0x35, 0, 2, 444), (0x25, 1, 0, 446), (0x06, 0, 0, 0x50000 | 38), (0x06, 0, 0, 0x7FFF0000)]
data = b"".join(struct.pack("=HBBI", *one) for one in code)
text = ctypes.create_string_buffer(data, len(data))
libc = ctypes.CDLL(None, use_errno=True)
header = ctypes.create_string_buffer(struct.pack("@HP", len(code), ctypes.addressof(text)))
assert libc.prctl(22, 2, header, 0, 0) == 0, os.strerror(ctypes.get_errno())
os.execvp(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True)
class Container:
    """Make one with `make`; what is in it lies below ``root``."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> Container:
        root.chmod(0o755)
        for name in _SHOWN:
            original = Path("/", name)
            if original.is_symlink():
                (root / name).symlink_to(original.readlink())
            elif original.is_dir():
                (root / name).mkdir()
        for name in ("autograder", "dev", "proc", "python", "root", "run", "var", "home"):
            (root / name).mkdir(mode=0o755)
        for name in ("tmp", "var/tmp"):
            (root / name).mkdir()
            (root / name).chmod(0o1777)
        shutil.copytree("/etc", root / "etc", symlinks=True, ignore_dangling_symlinks=True)
        return cls(root)

    def run(
        self, *command: str, like: str = "docker", landlock: bool = True, cwd: str = "/", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as root, and wait for everything that it starts.

        Args:
            like: "docker", or "full" where namespaces can be made.
            landlock: False for a kernel without.
        """
        values = {"PATH": _PATH, "HOME": "/root", "LANG": "C.UTF-8"} | environment
        inside = [
            "env",
            "-i",
            *(f"{name}={value}" for name, value in values.items()),
            "sh",
            "-c",
            f'cd {cwd}; "$@"',
            "sh",
            *command,
        ]
        outside = ["unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child"]
        outside = outside if landlock else [sys.executable, "-c", _NO_LANDLOCK, *outside]
        script = ["sh", "-c", _MOUNT + _ENTER[like], "sh", str(self.root), sys.base_prefix]
        return subprocess.run(
            [*outside, *script, *inside], capture_output=True, text=True, check=False, timeout=600, stdin=subprocess.DEVNULL
        )  # fmt: skip

    def user(self, name: str) -> int:
        """The id of a user."""
        lines = (self.root / "etc" / "passwd").read_text(encoding="utf-8").splitlines()
        return next(int(line.split(":")[2]) for line in lines if line.startswith(f"{name}:"))

    def owned_by(self, user: int) -> list[Path]:
        """What belongs to a user, anywhere."""
        return [
            Path(place, name)
            for place, folders, files in os.walk(self.root)
            for name in folders + files
            if os.lstat(os.path.join(place, name)).st_uid == user
        ]

    def mode(self, path: str) -> int:
        return stat.S_IMODE((self.root / path).stat().st_mode)
