"""What is known of one station's link, beyond any one connection."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.link.boot import Boot
from gateway.link.heartbeat import Heartbeat
from gateway.link.retry import Retries
from gateway.link.variables import Variables

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.contracts import Json
    from gateway.link.ports import Handlers, Outbox
    from gateway.link.target import Target
    from gateway.link.timing import Timing
    from gateway.link.validation import Schemas


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all links of the box share.

    Attributes:
        outbox: durable messages.
        handlers: the rest of the box.
        schemas: of the payloads.
        row_id: message id of a row of the outbox, the same for each of its transmissions (errata 2024-09 of Part 4,
            4.1.4): a CSMS can tell a repeat from news.
        fresh_id: message id of a message that is sent once.
        random: uniform in [0, 1).
        timing: times that no variable sets.
    """

    outbox: Outbox
    handlers: Handlers
    schemas: Schemas
    row_id: Callable[[int], str]
    fresh_id: Callable[[], str]
    random: Callable[[], float]
    timing: Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A CALL that somebody waits for."""

    action: str
    payload: Json
    answer: asyncio.Future[Json | None]

    def settle(self, response: Json | None) -> None:
        """Hand over the response, if it is still waited for."""
        if not self.answer.done():
            self.answer.set_result(response)


@dataclass(slots=True)
class Answering:
    """Until when the CSMS first gets its answer, and only then what follows from what it has asked (loop time)."""

    until: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The state of one station's link.

    ``wake`` is the outbox's event: it tells the sender to look for work. ``leaving`` is set while another connection is
    wanted: nothing new is sent on this one.
    """

    target: Target
    around: Surroundings
    variables: Variables
    boot: Boot
    heartbeat: Heartbeat
    wake: asyncio.Event
    leaving: asyncio.Event
    answering: Answering = field(default_factory=Answering)
    retries: Retries = field(default_factory=Retries)
    asks: deque[Ask] = field(default_factory=deque)

    @property
    def station(self) -> str:
        """Identity of the station."""
        return self.target.identity


def make_desk(target: Target, around: Surroundings) -> Desk:
    """The state of a link that has not connected yet."""
    timing = around.timing
    return Desk(
        target=target,
        around=around,
        variables=Variables(around.handlers, target.identity, timing),
        boot=Boot(timing.boot, around.random),
        heartbeat=Heartbeat(timing.synchronise),
        wake=around.outbox.changed(target.identity),
        leaving=asyncio.Event(),
    )
