"""Ports of the loopback interface for what tests start."""

from __future__ import annotations

import os
import socket
from itertools import cycle

_FIRST, _EACH, _WORKERS = 15_000, 1_000, 16
"""Below those that outgoing connections take; each process of a test run has its own thousand."""


def _mine() -> range:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    begin = _FIRST + worker * _EACH
    return range(begin, begin + _EACH)


_next = cycle(_mine())


def free_port() -> int:
    """A port that nobody has, and that is given to nobody else for long: it may be taken a second time, after a kill."""
    while True:
        port = next(_next)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
