"""HOST:PORT as a command-line option has it."""

from __future__ import annotations

_HIGHEST_PORT = 65_535


def address(text: str) -> tuple[str, int]:
    """Read HOST:PORT; a missing host is loopback.

    Raises:
        ValueError: the port is not a number from 0 to 65535 (argparse shows it as a wrong option).
    """
    host, _, port = text.rpartition(":")
    number = int(port)
    if not 0 <= number <= _HIGHEST_PORT:
        raise ValueError(text)
    return host.strip("[]") or "127.0.0.1", number
