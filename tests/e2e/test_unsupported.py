"""Every action that OCPP 2.0.1 lets a CSMS call is answered: done, refused by its own status, or said to be missing, as the page says."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from typing import TYPE_CHECKING

import orjson

from gateway.bench.csms.ledger import CallError
from gateway.bench.csms.schemas import load
from tests.e2e.payloads import smallest
from tests.e2e.promises import not_supported, to_station

if TYPE_CHECKING:
    from tests.e2e.world import World

ALL = sorted(
    entry.name.removesuffix("Request.json")
    for entry in files("ocpp").joinpath("v201", "schemas").iterdir()
    if entry.name.endswith("Request.json")
)


def test_every_action_is_on_the_page_of_capabilities() -> None:
    assert set(ALL) > to_station()


async def test_every_action_is_answered_honestly(one: World) -> None:
    schemas = await asyncio.to_thread(load)
    missing = not_supported("ocpp15", page=False)
    for action in ALL:
        if action in to_station() - missing:
            continue
        payload = smallest(orjson.loads(schemas._texts[f"{action}Request"]))
        answer = await one.csms.call(one.station.id, action, payload)
        assert isinstance(answer, CallError), action
        assert answer.code in ({"NotSupported"} if action in missing else {"NotImplemented", "NotSupported"}), action


CROOKED = {
    '[2,"m1","NoSuchAction",{}]': "NotImplemented",
    '[2,"m2","GetVariables",{}]': "OccurrenceConstraintViolation",
    '[2,"m3","GetBaseReport",{"requestId":"one","reportBase":"FullInventory"}]': "TypeConstraintViolation",
    '[2,"m4","GetBaseReport",{"requestId":1,"reportBase":"Everything"}]': "PropertyConstraintViolation",
    '[2,"m5","Reset",{"type":"Immediate","force":true}]': "FormatViolation",
    '[9,"m6",{}]': "MessageTypeNotSupported",
    '[2,"m7"': "RpcFrameworkError",
}
"""Error codes of OCPP 2.0.1 Part 4, 4.3."""


async def test_crooked_calls_are_refused_and_the_link_stays(one: World) -> None:
    frames: list[str] = []
    one.watches.append(lambda side, text: frames.append(text) if side == "frame-in" else None)
    connection = one.csms._connections[one.station.id]
    for frame, code in CROOKED.items():
        await connection._send(frame)
        await one.call("GetTransactionStatus")
        (refusal,) = [text for text in frames if text.startswith("[4,")]
        assert f'"{code}"' in refusal, frame
        frames.clear()
    assert one.csms._connections[one.station.id] is connection
