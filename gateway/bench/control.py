"""What the outside world does to a simulated station: one JSON object a line in, one line out.

``{"do": "plug_in", "evse": 1}`` is answered by ``{"done": "plug_in", "evse": 1}`` or by
``{"error": "unknown-verb", "verb": "..."}``. The answer says that the act has happened, not what the station made of
it. Every simulated station speaks these verbs, whatever its protocol southbound is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from gateway.bench.lines import Say

_MAX_TEXT = 255


class ControlledStation(ABC):
    """A simulated station as the control protocol sees it.

    Each method raises GatewayError where the act is impossible (``unknown-evse``, ``no-car`` ...).
    """

    @abstractmethod
    async def plug_in(self, evse: int) -> None:
        """Put the plug of a car in."""

    @abstractmethod
    async def plug_out(self, evse: int) -> None:
        """Pull the plug."""

    @abstractmethod
    async def present_token(self, evse: int, token: str) -> None:
        """Hold a card to the reader, for that EVSE."""

    @abstractmethod
    async def ev_pause(self, evse: int) -> None:
        """Let the car stop drawing current."""

    @abstractmethod
    async def ev_resume(self, evse: int) -> None:
        """Let the car draw current again."""

    @abstractmethod
    async def fault(self, evse: int, error: str) -> None:
        """Raise a fault, named as the station's protocol names it; EVSE 0 is the station itself."""

    @abstractmethod
    async def clear_fault(self, evse: int) -> None:
        """Clear the fault."""

    @abstractmethod
    async def power_cycle(self) -> None:
        """Cut the power and give it back."""

    @abstractmethod
    async def link_down(self) -> None:
        """Cut the line to whatever the station speaks to."""

    @abstractmethod
    async def link_up(self) -> None:
        """Mend the line."""

    @abstractmethod
    async def exit(self) -> None:
        """End the simulation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A verb with its arguments."""

    verb: str
    evse: int = 1
    token: str = ""
    error: str = ""

    def done(self) -> dict[str, object]:
        """Give the answer after success: the verb and the arguments that it takes."""
        return {"done": self.verb} | {name: getattr(self, name) for name in VERBS[self.verb].arguments}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """How a verb is carried out and which arguments it takes (``evse`` is 1 where it is left out)."""

    act: Callable[[ControlledStation, Order], Awaitable[None]]
    arguments: tuple[str, ...] = ()
    lowest_evse: int = 1


VERBS: Mapping[str, Verb] = {
    "plug_in": Verb(act=lambda station, order: station.plug_in(order.evse), arguments=("evse",)),
    "plug_out": Verb(act=lambda station, order: station.plug_out(order.evse), arguments=("evse",)),
    "present_token": Verb(
        act=lambda station, order: station.present_token(order.evse, order.token), arguments=("evse", "token")
    ),
    "ev_pause": Verb(act=lambda station, order: station.ev_pause(order.evse), arguments=("evse",)),
    "ev_resume": Verb(act=lambda station, order: station.ev_resume(order.evse), arguments=("evse",)),
    "fault": Verb(
        act=lambda station, order: station.fault(order.evse, order.error), arguments=("evse", "error"), lowest_evse=0
    ),
    "clear_fault": Verb(act=lambda station, order: station.clear_fault(order.evse), arguments=("evse",), lowest_evse=0),
    "power_cycle": Verb(act=lambda station, _: station.power_cycle()),
    "link_down": Verb(act=lambda station, _: station.link_down()),
    "link_up": Verb(act=lambda station, _: station.link_up()),
    "exit": Verb(act=lambda station, _: station.exit()),
}


def parse(line: bytes) -> Order:
    """Read one line of the control protocol.

    Raises:
        GatewayError: ``control-json``, ``unknown-verb``, ``unknown-argument`` or ``wrong-argument``.
    """
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise GatewayError("control-json", reason=str(error)) from error
    if not isinstance(message, dict) or not isinstance(message.get("do"), str):
        raise GatewayError("control-json", reason='an object with "do" is expected')
    name = message.pop("do")
    verb = VERBS.get(name)
    if verb is None:
        raise GatewayError("unknown-verb", verb=name, known=sorted(VERBS))
    for argument in message:
        if argument not in verb.arguments:
            raise GatewayError("unknown-argument", verb=name, argument=argument)
    return Order(
        verb=name,
        evse=_evse(name, verb, message),
        token=_text(name, verb, "token", message),
        error=_text(name, verb, "error", message),
    )


def _evse(name: str, verb: Verb, message: Mapping[str, object]) -> int:
    value = message.get("evse", 1)
    if isinstance(value, bool) or not isinstance(value, int) or value < verb.lowest_evse:
        raise GatewayError("wrong-argument", verb=name, argument="evse")
    return value


def _text(name: str, verb: Verb, argument: str, message: Mapping[str, object]) -> str:
    if argument not in verb.arguments:
        return ""
    value = message.get(argument)
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT:
        raise GatewayError("wrong-argument", verb=name, argument=argument)
    return value


async def obey(station: ControlledStation, line: bytes) -> dict[str, object]:
    """Carry one line out and give the answer to print; bad lines are answered, never raised."""
    try:
        order = parse(line)
        await VERBS[order.verb].act(station, order)
    except GatewayError as error:
        return {"error": error.code, **error.params}
    return order.done()


async def serve(station: ControlledStation, lines: AsyncIterator[bytes], say: Say) -> None:
    """Carry lines out until they end or one says ``exit``; blank lines are passed over."""
    async for line in lines:
        if not line.strip():
            continue
        answer = await obey(station, line)
        say(answer)
        if answer.get("done") == "exit":
            return
