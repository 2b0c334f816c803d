"""An OCPP 1.6 station without a wire: its requests are fields, and it answers calls as the test says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from adapters.ocpp1x.connectors import Connectors
from adapters.ocpp1x.dialects import OCPP_16
from adapters.ocpp1x.exchange import Exchange
from adapters.ocpp1x.inbound import HANDLERS
from adapters.ocpp1x.outbound import carry_out
from adapters.ocpp1x.patience import Patience
from adapters.ocpp1x.peers import Peer
from adapters.ocpp1x.target import Target
from adapters.ocpp1x.tokens import Tokens
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.station import StationState
from gateway.model.tokens import Token
from gateway.model.transactions import Transaction
from tests.fakes.southbound import FakeBox

if TYPE_CHECKING:
    from adapters.ocpp1x.fields import Fields, Value
    from gateway.model.commands import Command, Outcome
    from gateway.model.errors import GatewayError

NOW = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
TICK = 1e9
ID = "AT-EBE-0016"


def transaction(evse: int = 1, number: int = 17) -> Transaction:
    return Transaction(
        id="c0ffee", number=number, evse=evse, connector=1, started_at=NOW, last_at=NOW, token=Token(value="04A1B2C3")
    )


def state(*transactions: Transaction, evses: int = 2) -> StationState:
    connectors = tuple(
        ConnectorState(evse=evse, connector=1, reported=ConnectorStatus.AVAILABLE, at=NOW)
        for evse in range(1, evses + 1)
    )
    return StationState(id=ID, connectors=connectors, transactions=transactions)


@dataclass(kw_only=True)
class Station:
    """``answers`` is what it answers to each operation, by default that it accepts; ``calls`` what it was asked."""

    peer: Peer = field(
        default_factory=lambda: Peer(id=ID, dialect=OCPP_16, connectors=Connectors(ID, {}), tokens=Tokens(20, None))
    )
    box: FakeBox = field(default_factory=lambda: FakeBox([NOW]))
    answers: dict[str, Fields | GatewayError] = field(default_factory=dict)
    calls: list[tuple[str, Fields]] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def target(self) -> Target:
        return Target(peer=self.peer, call_out=self._call, hub=self.box)

    async def _call(self, operation: str, fields: Fields) -> Fields:
        self.calls.append((operation, fields))
        self.called.set()
        answer = self.answers.get(operation, {"status": "Accepted"})
        if isinstance(answer, dict):
            return answer
        raise answer

    async def says(self, operation: str, **fields: Value) -> Fields:
        """One request of the station; the fields of its answer."""
        exchange = Exchange(peer=self.peer, hub=self.box, fields=fields, now=NOW, tick=TICK, patience=Patience())
        return await HANDLERS[operation](exchange)

    async def asked(self, command: Command) -> Outcome:
        return await carry_out(command, self.target)

    def now_is(self, found: StationState) -> None:
        self.box.states[ID] = replace(found, id=ID)


def keys(**values: str) -> Fields:
    """A GetConfiguration answer."""
    return {"configurationKey": [{"key": key, "readonly": False, "value": value} for key, value in values.items()]}


def pick(value: Value | None, *path: str | int) -> object:
    """What lies at a path inside fields."""
    found: object = value
    for step in path:
        assert isinstance(found, dict | list)
        found = found[step]  # type: ignore[index]
    return found
