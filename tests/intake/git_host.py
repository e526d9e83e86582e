"""Repositories at a host of git, and clones of them, made by git itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


def write(root: Path, files: Mapping[str, bytes | str]) -> Path:
    """Files below a folder, as far as the file system takes them."""
    for name, content in files.items():
        path = root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        except (OSError, ValueError):
            continue
        os.utime(path, (1_796_000_000, 1_796_000_000))
    return root


def git(folder: Path, *arguments: str, date: str = "2026-12-07T12:00:00+07:00") -> None:
    environment = os.environ | {
        "GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
    }  # fmt: skip
    settings = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main")
    command = ["git", *settings, "-c", "core.autocrlf=false", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment)


def pushed(folder: Path, files: Mapping[str, bytes | str], date: str) -> Path:
    """A repository as its student left it at the host, with commits dated as they like."""
    folder.mkdir(parents=True)
    write(folder, files)
    git(folder, "init", "-q")
    git(folder, "add", "-A", "--force")
    git(folder, "commit", "-q", "--allow-empty", "-m", "done", date=date)
    return folder


def cloned(origin: Path, to: Path, date: str) -> Path:
    """The instructor's clone of it, made at this time."""
    to.parent.mkdir(parents=True, exist_ok=True)
    git(to.parent, "clone", "-q", "--no-hardlinks", str(origin), str(to), date=date)
    return to
