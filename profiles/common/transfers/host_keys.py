"""Keys of SFTP servers: a file that a person may fill, and that the box adds to when it meets a server first."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class HostKeys:
    """A known_hosts file in OpenSSH's format, read anew each time; all of it blocks.

    A server that is not in it is believed the first time, and its key is kept; from then on no other is. Somebody who
    wants more writes the file before.

    Args:
        path: Of the file; its folder may have to be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def text(self) -> str:
        """What is kept; "" as long as there is no file.

        Raises:
            OSError: it cannot be read.
        """
        try:
            return self.path.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def add(self, host: str, port: int, standard: int, key: str) -> None:
        """Keep the key (type and Base64) of a server at a port.

        Raises:
            OSError: it cannot be written.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = host if port == standard else f"[{host}]:{port}"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{name} {key}\n")
            file.flush()
            os.fsync(file.fileno())
