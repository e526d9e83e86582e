"""The table of system calls holds every one, once, with its numbers."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from autograder.sandbox import seccomp
from autograder.sandbox.calls import FIRST_UNKNOWN, GROUPS, MACHINES, Answer

HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"),
    "aarch64": ("/usr/include/aarch64-linux-gnu/asm/unistd_64.h", "/usr/include/asm-generic/unistd.h"),
}
NO_CALLS = {"syscalls", "arch_specific_syscall"}


def kernels_own(machine: str) -> dict[str, int]:
    """Name -> number of each call in the kernel's headers here, up to the newest that the table knows."""
    text = next((path.read_text() for path in map(Path, HEADERS[machine]) if path.exists()), None)
    if text is None:
        pytest.skip("the kernel's headers are not installed")
    # In the generic header, some calls have a name for 32 and one for 64 bits, which is the second one's plain name.
    found = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    return {name: number for name, number in found.items() if number < FIRST_UNKNOWN and name not in NO_CALLS}


@pytest.mark.parametrize("machine", MACHINES)
def test_every_call_of_the_kernel_is_classified(machine: str) -> None:
    classified = {name for group in GROUPS for name in group.names()}
    alias = {"fstatat": "newfstatat"} | ({} if machine == "x86_64" else {"sync_file_range2": "sync_file_range"})
    only_32_bits = re.compile(
        r".*_time64$|.*(?<!pread)(?<!pwrite)(?<!getdents)(?<!prlimit)(?<!fadvise)64$|llseek$|mmap2$|fadvise64_64$"
    )
    unknown = {alias.get(name, name) for name in kernels_own(machine)} - classified
    assert [name for name in sorted(unknown) if not only_32_bits.match(name)] == []


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_are_the_kernels(machine: str) -> None:
    numbers = {
        name: number
        for group in GROUPS
        if group.answer is not Answer.REFUSED
        for name, number in group.numbers(machine).items()
    }
    alias = {"newfstatat": "fstatat"} if machine == "aarch64" else {}
    theirs = kernels_own(machine)
    newest = max(theirs.values())
    for name, number in numbers.items():
        if number <= newest:
            assert theirs.get(name, theirs.get(alias.get(name, ""))) == number, name
    assert len(set(numbers.values())) == len(numbers)


def test_no_call_is_classified_twice_and_every_group_says_why() -> None:
    assert [
        name for name, times in Counter(name for group in GROUPS for name in group.names()).items() if times > 1
    ] == []
    assert all(group.why.endswith(".") and len(group.why) > 20 for group in GROUPS)


def test_the_rules_by_argument_are_those_of_the_table() -> None:
    (by_argument,) = (group for group in GROUPS if group.answer is Answer.BY_ARGUMENT)
    assert set(seccomp._by_argument()) == set(by_argument.names())


@pytest.mark.parametrize("machine", MACHINES)
def test_there_is_a_filter_for_each_machine(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert seccomp.supported()
    assert len(seccomp.program()) // 8 < 4096, "the kernel's limit, in instructions"
