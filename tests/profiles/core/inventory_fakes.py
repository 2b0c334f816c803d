"""A box and a way to the CSMS for the tests of the inventory, and the schemas that every payload has to meet."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastjsonschema

from gateway.model.device import DeviceModel, SetResult, VariableRef, VariableSpec
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.station import StationIdentity, StationState
from profiles.core.variables import core_variables

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.contracts import Json, Message
    from gateway.model.errors import GatewayError
    from gateway.model.events import StationVariable

STATION = "AT-1"
NOW = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)


def _free(evse: int) -> ConnectorState:
    return ConnectorState(evse=evse, connector=1, reported=ConnectorStatus.AVAILABLE, at=NOW)


STATE = StationState(
    id=STATION,
    identity=StationIdentity(vendor="Schrack", model="i-CHARGE", serial="0815"),
    reachable=True,
    connectors=(_free(1), _free(2)),
)


def _validator(message: str) -> Callable[[Any], Any]:
    package = importlib.util.find_spec("ocpp")
    assert package is not None
    assert package.origin is not None
    schema = Path(package.origin).parent / "v201" / "schemas" / f"{message}.json"
    compiled: Callable[[Any], Any] = fastjsonschema.compile(json.loads(schema.read_text(encoding="utf-8-sig")))
    return compiled


_ACTIONS = ("GetVariables", "SetVariables", "GetBaseReport", "GetReport", "NotifyReport")
_VALIDATORS = {name: _validator(name) for action in _ACTIONS for name in (f"{action}Request", f"{action}Response")}


def valid(message: str, payload: Json) -> Json:
    """The payload, once it has met its schema.

    Args:
        message: Name of the schema, such as ``GetReportResponse``.
        payload: What was, or is to be, sent.
    """
    _VALIDATORS[message](json.loads(json.dumps(payload)))
    return payload


class NoTokens:
    """A cache with nothing in it."""

    async def cache_bytes(self, station: str) -> int:
        """Bytes that the cache takes."""
        assert station == STATION
        return 0


@dataclass
class FakeNorthbound:
    """A box with one station."""

    state: StationState = STATE
    own: tuple[VariableSpec, ...] = tuple(core_variables(STATE))
    model: DeviceModel = field(default_factory=lambda: DeviceModel.of(core_variables(STATE)))
    settings: tuple[StationVariable, ...] = ()
    failure: GatewayError | None = None
    refreshed: int = 0
    tokens: NoTokens = field(default_factory=NoTokens)

    def describe(self, *specs: VariableSpec) -> None:
        """Give the station more variables."""
        self.own = (*self.own, *specs)
        self.model = DeviceModel.of(self.own)

    def hold(self, *settings: StationVariable) -> None:
        """The station holds these settings, in place of those that it had."""
        values = {key: value for key, value in self.model.values.items() if key not in self.model.station_keys}
        self.model = DeviceModel.of(self.own, values, settings)

    def station(self, station: str) -> StationState:
        """The only station there is."""
        if station != self.state.id:
            raise KeyError(station)
        return self.state

    def device(self, station: str) -> DeviceModel:
        """Its device model, with the live values."""
        return self.model.at(self.station(station), NOW)

    def now(self) -> datetime:
        """A clock that stands still."""
        return NOW

    async def set_variable(self, station: str, ref: VariableRef, value: str) -> SetResult:
        """Set a value, or fail."""
        if self.failure:
            raise self.failure
        result = self.device(station).check_set(ref, value)
        if result.accepted:
            self.model = self.model.with_value(ref, value)
        return result

    async def note_variable(self, station: str, ref: VariableRef, value: str) -> None:
        """Note a value that the CSMS only reads."""
        assert station == self.state.id
        self.model = self.model.with_value(ref, value)

    async def refresh_variables(self, station: str) -> None:
        """Read ``settings`` from the station."""
        assert station == self.state.id
        self.refreshed += 1
        self.hold(*self.settings)


@dataclass
class FakeBackend:
    """An outbox."""

    posted: list[Message] = field(default_factory=list)

    async def post(self, station: str, *messages: Message) -> None:
        """Keep the messages, once they have met their schemas."""
        assert station == STATION
        for message in messages:
            valid(f"{message.action}Request", message.payload)
        self.posted.extend(messages)
