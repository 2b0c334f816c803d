"""The control protocol of the bench, and one verb more: ``state`` tells what the station really does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from gateway.bench.control import obey
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.bench.family.station import FamilyStation
    from gateway.bench.lines import Say

STATE = "state"


async def answer(station: FamilyStation, line: bytes) -> dict[str, object]:
    """Carry one line out and give the answer; bad lines are answered, never raised.

    ``{"do": "state", "evse": 1}`` is answered by ``{"done": "state", "evse": 1, "letter": "C2", "limit": 16.0, ...}``.
    """
    try:
        order = orjson.loads(line)
    except orjson.JSONDecodeError:
        return await obey(station, line)
    if not isinstance(order, dict) or order.get("do") != STATE:
        return await obey(station, line)
    evse = order.get("evse", 1)
    if not isinstance(evse, int):
        return {"error": "wrong-argument", "verb": STATE, "argument": "evse"}
    try:
        return {"done": STATE, **station.outlet(evse).summary()}
    except GatewayError as error:
        return {"error": error.code, **error.params}


async def serve(station: FamilyStation, lines: AsyncIterator[bytes], say: Say) -> None:
    """Carry lines out until they end or one says ``exit``; blank lines are passed over."""
    async for line in lines:
        if not line.strip():
            continue
        said = await answer(station, line)
        say(said)
        if said.get("done") == "exit":
            return
