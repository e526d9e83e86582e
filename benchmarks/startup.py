"""How fast `--help` answers: `grader` and each of its commands, nbgrader, and otter where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from _bench import BIN, machine

RUNS = 10


def commands() -> list[str]:
    """What to time; the first is the floor that nobody gets under."""
    group = subprocess.run([BIN / "grader", "--help"], capture_output=True, text=True, check=True).stdout
    names = [line.split()[0] for line in group.partition("Commands:\n")[2].splitlines()]
    ours = ["grader --help", *(f"grader {name} --help" for name in names)]
    others = ["nbgrader --help", "nbgrader autograde --help", "otter --help", "otter run --help"]
    return [f"{sys.executable} -c pass", *ours, *(line for line in others if shutil.which(line.split()[0]))]


def main() -> None:
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    if not shutil.which("hyperfine"):
        raise SystemExit("This needs hyperfine: apt-get install hyperfine")
    print(f"{machine()}\nhyperfine, {RUNS} runs after 2 to warm up\n")
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "times.json"
        options = [
            "--shell=none",
            "--warmup=2",
            f"--runs={RUNS}",
            "--style=none",
            "--ignore-failure",
            f"--export-json={output}",
        ]
        subprocess.run(["hyperfine", *options, *commands()], check=True, capture_output=True)
        results = json.loads(output.read_text(encoding="utf-8"))["results"]
    print(f"{'':32}{'median ms':>10}{'least':>8}{'most':>8}{'CPU ms':>8}")
    for result in results:
        name = result["command"].replace(sys.executable, "python")
        cpu = result["user"] + result["system"]
        median, least, most = (result[what] * 1e3 for what in ("median", "min", "max"))
        print(f"{name:32}{median:10.0f}{least:8.0f}{most:8.0f}{cpu * 1e3:8.0f}")
    if not shutil.which("otter"):
        print("otter: not installed here (pip install otter-grader, in an environment of its own on PATH)")


if __name__ == "__main__":
    main()
