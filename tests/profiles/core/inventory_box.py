"""An inventory between a fake box and a fake CSMS, and what its tests ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.device import LEGACY_STATION, VariableSpec
from gateway.model.events import StationVariable
from profiles.core.inventory import Inventory
from tests.profiles.core.inventory_fakes import STATION, FakeBackend, FakeNorthbound, valid

if TYPE_CHECKING:
    from gateway.contracts import Json, Reply

THRESHOLD = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "OfflineThreshold"}}
TIMEOUT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "MessageTimeout", "instance": "Default"}}
PASSWORD = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
EVSE_STATE = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}


class Box:
    """An inventory between a fake box and a fake way to the CSMS."""

    def __init__(self) -> None:
        self.northbound = FakeNorthbound()
        self.backend = FakeBackend()
        self.inventory = Inventory(self.northbound, self.backend)  # type: ignore[arg-type] # the part that is used

    async def call(self, action: str, payload: Json, station: str = STATION) -> Reply:
        """Call a handler with a valid request; the answer is valid too."""
        reply = await self.inventory.handlers()[action](station, valid(f"{action}Request", payload))
        valid(f"{action}Response", reply.payload)
        return reply

    async def get(self, *items: Json) -> list[Json]:
        """The results of GetVariables."""
        reply = await self.call("GetVariables", {"getVariableData": list(items)})
        return list(reply.payload["getVariableResult"])

    async def set(self, *items: Json) -> list[Json]:
        """The results of SetVariables."""
        reply = await self.call("SetVariables", {"setVariableData": list(items)})
        return list(reply.payload["setVariableResult"])

    async def report(self, action: str, payload: Json) -> tuple[str, list[Json]]:
        """The status of a request for a report, and the NotifyReport payloads that follow it."""
        reply = await self.call(action, payload)
        assert not self.backend.posted  # nothing goes out before the answer
        if reply.then:
            await reply.then()
        return reply.payload["status"], [message.payload for message in self.backend.posted]

    def add(self, *specs: VariableSpec) -> None:
        """Give the station more variables."""
        self.northbound.describe(*specs)


def named(pages: list[Json]) -> set[tuple[str, str]]:
    """Component and variable names in a report."""
    items = [item for page in pages for item in page.get("reportData", [])]
    return {(item["component"]["name"], item["variable"]["name"]) for item in items}


def setting(key: str, value: str) -> StationVariable:
    """A setting of the station without a standard variable."""
    return StationVariable(key=key, component=LEGACY_STATION, variable=key, value=value, read_only=False)


def echoed(result: Json) -> Json:
    """The address in a result."""
    return {"component": result["component"], "variable": result["variable"]}
