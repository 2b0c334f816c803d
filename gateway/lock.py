"""One box per data folder: two on one database would give the same numbers twice."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK = "stationlift.lock"


@contextmanager
def sole_user(folder: Path) -> Iterator[None]:
    """Hold a data folder for this process; the lock ends with the process, however that ends.

    Raises:
        GatewayError: ``already-running``; another box has it.
    """
    descriptor = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise GatewayError("already-running", folder=str(folder)) from error
    else:
        yield
    finally:
        os.close(descriptor)
