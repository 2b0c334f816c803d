"""Where family files lie: with the adapters, and beside the site file."""

from __future__ import annotations

from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.config.translate import suggest
from gateway.family.load import FamilyFile, read_family
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterable

GROUP = "stationlift.families"
"""Entry points: name -> package that holds family files."""

OWN_FOLDER = "families"
"""Folder beside the site file with the site's own families; they come before those of the packages."""


def folders(base: Path | None = None) -> tuple[Path, ...]:
    """Every folder that may hold family files, in the order in which they are searched."""
    own = () if base is None else (base / OWN_FOLDER,)
    return (*own, *(Path(str(files(point.value))) for point in entry_points(group=GROUP)))


def all_families(base: Path | None = None) -> dict[str, Path]:
    """Id -> file of every family there is."""
    found: dict[str, Path] = {}
    for folder in folders(base):
        for file in sorted(folder.glob("*.toml")):
            found.setdefault(file.stem, file)
    return found


def find_family(name: str, base: Path | None = None) -> FamilyFile:
    """The family of that id.

    Raises:
        GatewayError: ``family-unknown``.
        FamilyInvalid: its file is wrong.
    """
    known = all_families(base)
    if name not in known:
        raise GatewayError("family-unknown", value=name, suggestion=closest(name, known))
    return read_family(known[name])


def closest(name: str, known: Iterable[str]) -> str:
    """The family that a wrong name was probably meant to be, "" if none is near."""
    return suggest(name, known) or ""
