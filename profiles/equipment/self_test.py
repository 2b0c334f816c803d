"""What the box's self test looks at: its database, its disk, its clock, and all that has a ``Problem``: sensors, links."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gateway.model.device import DataType, Mutability, VariableSpec, timestamp
from gateway.model.equipment import of_box
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.contracts import Northbound

ACTIVE, PROBLEM = of_box("SelftestActive"), of_box("Problem")
FINDINGS, LAST = of_box("SelftestFindings"), of_box("SelftestLast")
"""These two are the box's own; the standard has none."""

DOCUMENT = "selftest"

LEAST_ROOM = 64 * 1024 * 1024
"""Bytes that have to be free on the disk: what a station tells in weeks without a backend."""

CLOCKS_APART = timedelta(days=1)
"""Certificates are checked by the system's clock, all else goes by the backend's time."""

LONGEST = 2500
"""Characters that a value may have in a report (schema of VariableAttribute)."""


def self_test_variables() -> Iterator[VariableSpec]:
    """The variables of ``Controller[Box]`` that the self test gives."""
    test = VariableSpec(ref=ACTIVE, type=DataType.BOOLEAN, default="false", live=True, mutability=Mutability.READ_WRITE)
    yield test
    yield VariableSpec(ref=PROBLEM, type=DataType.BOOLEAN, default="false", live=True)
    yield VariableSpec(ref=FINDINGS, max_length=LONGEST, live=True)
    yield VariableSpec(ref=LAST, type=DataType.DATE_TIME, live=True)


class SelfTest:
    """Looks at the box.

    Args:
        northbound: The box.
        name: Of the profile: of its shelf and its folder.
    """

    def __init__(self, northbound: Northbound, name: str) -> None:
        self._northbound = northbound
        self._shelf = northbound.shelf(name)
        self._name = name

    async def findings(self, station: str) -> tuple[str, ...]:
        """What is not as it should be: ``database``, ``disk``, ``clock``, or the component that has a problem."""
        found = [] if await self._keeps(station) else ["database"]
        if not await asyncio.to_thread(_has_room, self._northbound.folder(self._name)):
            found.append("disk")
        if abs(self._northbound.now() - datetime.now(UTC)) > CLOCKS_APART:
            found.append("clock")
        return (*found, *self._troubled(station))

    async def _keeps(self, station: str) -> bool:
        """Write something, and read it back."""
        written = {"at": timestamp(self._northbound.now())}
        try:
            await self._shelf.keep(station, {DOCUMENT: written})
            return (await self._shelf.documents(station)).get(DOCUMENT) == written
        except GatewayError:
            return False

    def _troubled(self, station: str) -> Iterator[str]:
        """Sensors that are lost, links that are down: every added component that says that it has a problem."""
        device = self._northbound.device(station)
        for spec in self._northbound.installation(station).equipment:
            if spec.ref.variable == PROBLEM.variable and device.value(spec.ref) == "true":
                yield spec.ref.label.rpartition(".")[0]


def _has_room(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(folder).free >= LEAST_ROOM
    except OSError:
        return False
