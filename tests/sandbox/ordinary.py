"""Running a script as an ordinary user, whoever runs the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
_NOBODY = "65534"

# This interpreter may lie in a folder that is closed to others, root's own perhaps: show it in mounts that are open.
_SCRIPT = """
set -e
mount --make-rprivate /
if [ -n "$3" ]; then
    mkdir -p "$1/hold"; mount --bind "$2" "$1/hold"; mount -t tmpfs -o mode=755 none "$3"
    mkdir -p "$2"; mount --bind "$1/hold" "$2"
fi
export TMPDIR=/tmp HOME=/tmp
user=$4; shift 4
[ "$user" = 0 ] || set -- setpriv "--reuid=$user" "--regid=$user" --clear-groups "$@"
exec "$@"
"""


def run_open(code: str, *arguments: str, scratch: Path, user: str = _NOBODY) -> subprocess.CompletedProcess[str]:
    """Run Python code with an interpreter that everybody can reach; ``sys.path`` begins with the repository.

    Args:
        user: its id; only root can choose.
    """
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n{code}", *arguments]
    if os.geteuid() == 0:
        closed = [path for path in Path(sys.base_prefix).parents if not path.stat().st_mode & 1]
        place = closed[-1] if closed else ""
        shell = ["unshare", "-m", "sh", "-c", _SCRIPT, "sh", str(scratch), sys.base_prefix, str(place), user]
        command = [*shell, *command]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
