"""Where a fault stands: in the site file, or in the bundle that a sensor is from."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.config.findings import Finding, Problem
    from gateway.config.positions import KeyPath
    from gateway.config.source import Source

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_OF_USE = frozenset({"sensor-twice", "sensor-variable-twice"})
"""Faults of how a bundle is used, whatever is in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a sensor of a bundle is from.

    Attributes:
        path: The site's ``[[bundle]]``.
        use: Id of the bundle.
        name: The sensor's name in the bundle.
        place: Its place there.
        points: The point of each of its values, in their order.
        source: The bundle's file.
    """

    path: KeyPath
    use: str
    name: str
    place: int
    points: tuple[str, ...]
    source: Source


def finding_in(source: Source, problem: Problem) -> Finding:
    """A problem with its place in a document that is not the site file, and the document itself."""
    return replace(source.finding(problem), text=source.text)


class Places:
    """Finds the place of each problem of an expanded site."""

    def __init__(self, site: Source, origins: Mapping[int, Origin]) -> None:
        self._site = site
        self._origins = origins

    def finding(self, problem: Problem) -> Finding:
        """The finding, in the file that has to be changed."""
        path = problem.path
        place = path[1] if len(path) > 1 and path[0] == "sensor" else None
        origin = self._origins.get(place) if isinstance(place, int) else None
        if origin is None:
            return self._site.finding(problem)
        return self._of_bundle(origin, path[2:], problem)

    def _of_bundle(self, origin: Origin, rest: KeyPath, problem: Problem) -> Finding:
        over = self._over(origin, rest)
        if problem.code == "missing-key" and (over is None or not rest):
            params = {"bundle": origin.use, "sensor": origin.name, "key": _dotted(origin, rest, problem.params["key"])}
            told = replace(problem, code="bundle-key", path=origin.path, params=params)
            return self._site.finding(told)
        if over is None and (problem.code in _OF_USE or rest == ("name",)):
            over = origin.path
        if over is not None:
            return self._site.finding(replace(problem, path=over))
        return finding_in(origin.source, replace(problem, path=("sensor", origin.place, *rest)))

    def _over(self, origin: Origin, rest: KeyPath) -> KeyPath | None:
        """What the site has written there itself; None: it has not."""
        own: KeyPath = (*origin.path, "set", origin.name)
        by_point = _by_point(origin, rest)
        ways: list[KeyPath] = [(*own, *rest), (*own, *by_point)]
        if rest in {("station",), ("evse",)}:
            ways.append((*origin.path, *rest))
        if origin.source.positions.get(("sensor", origin.place, *rest)) is None:
            # It is not in the bundle either, as the point of a value that the site has added: its table is nearest.
            ways += [(*own, *by_point[:length]) for length in range(len(rest) - 1, 0, -1)]
        return next((way for way in ways if self._site.positions.get(way) is not None), None)


def _by_point(origin: Origin, rest: KeyPath) -> KeyPath:
    """A path inside a sensor as a site writes it: values by their point, not by their number."""
    if len(rest) > 1 and rest[0] == "value" and isinstance(rest[1], int):
        return ("value", origin.points[rest[1]], *rest[2:])
    return rest


def _dotted(origin: Origin, rest: KeyPath, key: object) -> str:
    """A key as it is written in TOML."""
    parts = [*map(str, _by_point(origin, rest)), str(key)]
    return ".".join(part if _BARE.fullmatch(part) else f'"{part}"' for part in parts)
