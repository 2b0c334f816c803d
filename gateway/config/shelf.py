"""Where bundles lie: beside the site file, and those that come with the box."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gateway.config.source import read_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.config.source import Source

OWN_FOLDER = "bundles"
"""Folder beside the site file with the site's own bundles; they come before those of the box."""

_PACKAGE = Path(__file__).parents[1]


def shipped() -> Path:
    """The folder of the bundles that come with the box: inside the installed package, or in the source tree."""
    installed = _PACKAGE / OWN_FOLDER
    return installed if installed.is_dir() else _PACKAGE.parent / "field-configs" / OWN_FOLDER


class Shelf:
    """The bundles that a site file can name."""

    def __init__(self, base: Path) -> None:
        """Take the folder of the site file; nothing is read yet."""
        self._folders = (base / OWN_FOLDER, shipped())

    def names(self) -> tuple[str, ...]:
        """What can be named."""
        return tuple(sorted({file.stem for folder in self._folders for file in _files(folder)}))

    def find(self, name: str) -> Source | None:
        """The text of a bundle; None: there is none of this name.

        Raises:
            SiteInvalid: it cannot be read, or is no TOML.
        """
        file = next((path for folder in self._folders if (path := folder / f"{name}.toml").is_file()), None)
        return read_source(file) if file is not None else None


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from folder.glob("*.toml")
