"""Secrets, keys and certificates of each station: files that only the box's own user can read."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PARTIAL = ".part"


class FileVault:
    """A folder for each station; ``gateway.contracts.Vault``.

    Args:
        folder: of all stations; it is made when something is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, station: str, name: str) -> Path:
        """Where a document is, for what can only read files."""
        return self._of(station) / name

    async def documents(self, station: str) -> dict[str, str]:
        """Every document by its name."""
        return await asyncio.to_thread(self.read, station)

    async def keep(self, station: str, changes: Mapping[str, str | None]) -> None:
        """Write documents, or (None) take them away: one after the other, each of them whole or not at all.

        Raises:
            GatewayError: ``vault-failed``.
        """
        try:
            await asyncio.to_thread(self._write, self._of(station), changes)
        except OSError as error:
            raise GatewayError("vault-failed", reason=type(error).__name__) from error

    def read(self, station: str) -> dict[str, str]:
        """As ``documents``; blocks.

        Raises:
            GatewayError: ``vault-failed``.
        """
        folder = self._of(station)
        try:
            files = sorted(folder.iterdir()) if folder.is_dir() else []
            found = {file.name: _text(file) for file in files if file.suffix != _PARTIAL}
        except (OSError, UnicodeDecodeError) as error:
            raise GatewayError("vault-failed", reason=type(error).__name__) from error
        return {name: text for name, text in found.items() if text is not None}

    def _of(self, station: str) -> Path:
        # An identity may be "..": without its dots it is a name like any other.
        return self._folder / quote(station, safe="").replace(".", "%2E")

    def _write(self, folder: Path, changes: Mapping[str, str | None]) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        for name, text in changes.items():
            if text is None:
                (folder / name).unlink(missing_ok=True)
            else:
                _replace(folder / name, text)
        _flush_folder(folder)


def _text(file: Path) -> str | None:
    """What is in a file; None where it has been taken away since the folder was read."""
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        return None


def _replace(path: Path, text: str) -> None:
    """Write a file so that at each moment the old or the new one is there, whole."""
    partial = path.with_name(path.name + _PARTIAL)
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
