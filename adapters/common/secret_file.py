"""Passwords and tokens, each in a file of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from adapters.common.wire import Unreachable

if TYPE_CHECKING:
    from pathlib import Path


async def read_secret(file: Path) -> str:
    """The first line of a file.

    Raises:
        Unreachable: ``secret-file`` with ``file`` and ``reason``.
    """
    try:
        text = await asyncio.to_thread(file.read_text, "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise Unreachable("secret-file", file=str(file), reason=reason) from error
    return text.partition("\n")[0].rstrip("\r")
