"""The hardware that the box adds to a station, or knows of, as components of the device model (founding profile Device Management)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Profile
from gateway.model.device import SetResult, VariableStatus, timestamp
from profiles.equipment.self_test import ACTIVE, FINDINGS, LAST, PROBLEM, SelfTest, self_test_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.contracts import Backend, Handler, Northbound
    from gateway.model.device import VariableRef, VariableSpec
    from gateway.model.station import StationState

EVERY = 3600.0
"""Seconds between two self tests: each writes to the disk."""

FIRST = 20.0
"""Seconds after the start until the first one: by then every sensor has been read."""


class EquipmentProfile(Profile):
    """Variables whose values added sensors give, and the box's self test."""

    name: ClassVar[str] = "equipment"

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        del backend
        self._northbound = northbound
        self._self_test = SelfTest(northbound, self.name)
        self._testing: set[str] = set()

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return {}

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        yield from self._northbound.installation(state.id).equipment
        yield from self_test_variables()

    @override
    async def run(self) -> None:
        await asyncio.sleep(FIRST)
        while True:
            for station in self._northbound.stations():
                await self.test(station)
            await asyncio.sleep(EVERY)

    @override
    async def take_variable(self, station: str, ref: VariableRef, value: str) -> SetResult | None:
        """Start the self test (Part 2, Appendix 3, Controller: SelftestActive)."""
        if ref != ACTIVE:
            return None
        if value == "true":
            self._northbound.background(self.test(station))
        return SetResult(status=VariableStatus.ACCEPTED)

    async def test(self, station: str) -> None:
        """Test the box for a station, unless that is under way; what is found is in the variables then."""
        if station in self._testing:
            return
        self._testing.add(station)
        try:
            self._northbound.sensed(station, {ACTIVE.key: "true"})
            findings = await self._self_test.findings(station)
        finally:
            self._testing.discard(station)
            self._northbound.sensed(station, {ACTIVE.key: "false"})
        found = {
            PROBLEM.key: str(bool(findings)).lower(),
            FINDINGS.key: ",".join(findings),
            LAST.key: timestamp(self._northbound.now()),
        }
        self._northbound.sensed(station, found)
