"""A PostgreSQL server of a test's own: a temporary folder, a Unix socket, no network."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

INSTALL = (
    "These tests need PostgreSQL's programs. Install them: apt-get install postgresql (macOS: brew install postgresql)."
)


class Server:
    """Its programs, its folder, and its URL."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = f"{folder}/data"
        self._user: dict[str, object] = {}
        self.url = sa.URL.create(
            "postgresql+psycopg", username="grader", database="postgres", query={"host": str(folder)}
        )
        if os.geteuid() == 0:  # initdb refuses root
            try:
                shutil.chown(folder, "postgres", "postgres")
            except LookupError:
                pytest.fail(
                    f"PostgreSQL does not run as root, and there is no user 'postgres'. {INSTALL}", pytrace=False
                )
            self._user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        self._run("initdb", "-D", self._data, "-U", "grader", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def start(self) -> None:
        options = f"-k {self._folder} -c listen_addresses='' -c fsync=off -c max_connections=20"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", f"{self._folder}/server.log", "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "stop")

    def kill(self) -> None:
        """As a power cut would end it."""
        pid = int(Path(self._data, "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()  # while one lives, none can be started
        os.kill(pid, signal.SIGKILL)
        while any(Path(f"/proc/{one}").exists() for one in (pid, *children)):
            time.sleep(0.01)

    def _run(self, program: str, *arguments: str) -> None:
        log = self._folder / "commands.log"
        # To a file: the server keeps its output open, and a pipe would never end.
        with log.open("a") as output:
            done = subprocess.run(
                [_program(program), *arguments],
                cwd=self._folder,
                stdout=output,
                stderr=output,
                timeout=120,
                **self._user,
            )  # type: ignore[call-overload]
        if done.returncode:
            pytest.fail(f"{program} failed:\n{log.read_text(errors='replace')[-3000:]}", pytrace=False)


def _program(name: str) -> str:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is missing. {INSTALL}", pytrace=False)
    return found


@contextlib.contextmanager
def server() -> Iterator[Server]:
    # Not pytest's folder: only its owner may enter it, and a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp", ignore_cleanup_errors=True) as name:
        one = Server(Path(name))
        one.start()
        try:
            yield one
        finally:
            one.stop()
