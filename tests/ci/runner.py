"""What GitHub's runner and GitLab's log obey, as far as their sources and docs say, to see what a job's output does."""

from __future__ import annotations

import re

COMMANDS = (
    "add-mask add-matcher add-path debug echo endgroup error group notice remove-matcher save-state set-env "
    "set-output stop-commands warning"
).split()  # fmt: skip
UNESCAPE = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
GITLAB_SECTION = re.compile(r"section_(?:start|end):\d+:[\w.-]+\r|\x1b")


def github(output: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands that the runner obeys: name, properties, data."""
    obeyed = []
    stopped = ""
    for line in re.split(r"\r\n|\n|\r", output):
        command = _second_form(line, stopped) or _first_form(line)
        if command is None:
            continue
        name, properties, data = command
        if stopped:
            if name == stopped:
                stopped = ""
        elif name == "stop-commands":
            stopped = data
        else:
            obeyed.append((name, properties, data))
    assert not stopped, "the steps after this one could not give commands"
    return obeyed


def _second_form(line: str, stopped: str) -> tuple[str, dict[str, str], str] | None:
    """`::name key=value,key=value::data`, after blanks."""
    text = line.strip()
    if not text.startswith("::") or (end := text.find("::", 2)) < 0:
        return None
    name, _, listed = text[2:end].partition(" ")
    if name.lower() not in [*COMMANDS, stopped]:
        return None
    pairs = (entry.split("=", 1) for entry in listed.strip().split(",") if "=" in entry)
    return (
        name.lower(),
        {key.strip(): _unescape(value, UNESCAPE) for key, value in pairs},
        _unescape(text[end + 2 :], (*UNESCAPE[:2], UNESCAPE[4])),
    )


def _first_form(line: str) -> tuple[str, dict[str, str], str] | None:
    """`##[name key=value;]data`, anywhere in a line; Azure's `##vso[` likewise."""
    found = re.search(r"##(?:vso|teamcity)?\[([\w.-]+)[^\]]*\](.*)", line)
    return (found[1].lower(), {}, found[2]) if found else None


def _unescape(text: str, codes: tuple[tuple[str, str], ...]) -> str:
    for code, character in codes:
        text = text.replace(code, character)
    return text
