"""Runs a command with a network of its own, that no other reaches: `python tests/alone.py COMMAND ...`.

Jupyter looks for free ports and has its kernel take them a moment later: two that start together may get the same.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import sys

CLONE_NEWNET, SIOCSIFFLAGS, IFF_UP = 0x40000000, 0x8914, 1

if __name__ == "__main__":
    if ctypes.CDLL(None).unshare(CLONE_NEWNET) == 0:  # who is not root shares the network with everybody
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    os.execvp(sys.argv[1], sys.argv[1:])
