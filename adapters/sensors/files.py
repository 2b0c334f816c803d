"""Values that the kernel shows as files below /sys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def text(path: Path) -> str:
    """What a file of the kernel says.

    Raises:
        GatewayError: ``sensor-file``: there is none, or the device behind it does not answer.
    """
    try:
        return path.read_text("ascii", errors="replace").strip()
    except OSError as error:
        raise GatewayError("sensor-file", path=str(path), reason=error.strerror or str(error)) from error


def number(path: Path) -> float:
    """The number in a file.

    Raises:
        GatewayError: ``sensor-file``, or ``sensor-content`` where it is no number.
    """
    found = text(path)
    try:
        return float(found)
    except ValueError as error:
        raise GatewayError("sensor-content", path=str(path), value=found[:40]) from error


def named(folder: Path, pattern: str, name: str) -> Iterator[Path]:
    """The folders whose file ``name`` says so; their numbers change from start to start."""
    for path in sorted(folder.glob(pattern)):
        try:
            if (path / "name").read_text("ascii", errors="replace").strip() == name:
                yield path
        except OSError:
            continue


def the_one(folder: Path, pattern: str, name: str) -> Path:
    """The only folder of that name.

    Raises:
        GatewayError: ``sensor-absent``, or ``sensor-ambiguous`` where there are several.
    """
    found = list(named(folder, pattern, name))
    if not found:
        raise GatewayError("sensor-absent", name=name, path=str(folder))
    if len(found) > 1:
        raise GatewayError("sensor-ambiguous", name=name, path=", ".join(each.name for each in found))
    return found[0]
