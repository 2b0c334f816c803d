"""Every action that a CSMS calls, sent to a running box: an answer that fits the schema, and no Accepted without its effect."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any
from zlib import crc32

import orjson
import pytest

from gateway.bench.csms.ledger import CallError
from gateway.link.validation import Direction, Schemas
from tests.e2e.effects import EFFECTS
from tests.e2e.pair import KINDS, pair
from tests.e2e.payloads import Odd, smallest
from tests.e2e.promises import not_supported, to_station

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gateway.bench.csms.ledger import CallResult, Payload
    from tests.e2e.pair import Pair, Side

pytestmark = pytest.mark.timeout(120)

ROUNDS = 12
"""Odd payloads for each action."""

WITHOUT_EFFECT = frozenset({"PublishFirmware", "UnpublishFirmware"})
"""A box between one station and its CSMS has no local controller's part (OCPP 2.0.1 Part 2, L03 and L04)."""

REPORTS = {
    "GetBaseReport": "NotifyReport",
    "GetReport": "NotifyReport",
    "GetMonitoringReport": "NotifyMonitoringReport",
    "GetDisplayMessages": "NotifyDisplayMessages",
    "GetChargingProfiles": "ReportChargingProfiles",
    "CustomerInformation": "NotifyCustomerInformation",
}
"""What is accepted, and what follows with its requestId."""

UNFIT = {"FormatViolation", "OccurrenceConstraintViolation", "PropertyConstraintViolation", "TypeConstraintViolation"}
"""Codes for what a schema allows and the standard's text, or a limit that the device model tells, does not."""


def requests() -> dict[str, dict[str, Any]]:
    """The schema of each request that a CSMS sends. Blocks."""
    schemas = Schemas.load()
    return {action: orjson.loads(schemas._texts[action, Direction.REQUEST]) for action in sorted(to_station())}


def judge(side: Side, action: str, payload: Payload, answer: CallResult | CallError) -> None:
    """An answer has to be one that a CSMS can do something with."""
    where = f"{action} of {side.kind}: {payload}"
    if isinstance(answer, CallError):
        allowed = UNFIT | ({"NotSupported"} if action in not_supported(side.kind) else set())
        assert answer.code in allowed, f"{where}: {answer}"
    else:
        assert answer.error is None, f"{where}: {answer}"
        assert action not in not_supported(side.kind), where


def test_every_action_has_an_effect_to_look_for() -> None:
    looked_for = frozenset().union(*(actions for _, actions in EFFECTS.values()))
    assert looked_for | WITHOUT_EFFECT == to_station()


async def test_plain_and_odd_payloads_are_answered(tmp_path: Path) -> None:
    schemas = await asyncio.to_thread(requests)
    async with pair(tmp_path) as both:
        await asyncio.gather(*(pester(both, side, schemas) for side in both.sides))


async def pester(both: Pair, side: Side, schemas: Mapping[str, dict[str, Any]]) -> None:
    """Send everything to one station; what was promised to follow does."""
    promised: dict[str, set[int]] = defaultdict(set)
    for action, schema in schemas.items():
        odd = Odd(schema=schema, seed=crc32(action.encode()))
        for payload in [smallest(schema), *(odd.make() for _ in range(ROUNDS))]:
            answer = await side.answer(action, payload)
            judge(side, action, payload, answer)
            if action in REPORTS and not isinstance(answer, CallError) and answer.payload["status"] == "Accepted":
                promised[REPORTS[action]].add(payload["requestId"])
    for action, numbers in promised.items():
        for number in numbers:
            await side.until(partial(has_come, side, action, number))
    assert side.identity in both.world.csms.connected


def has_come(side: Side, action: str, number: int) -> bool:
    """Whether the last page of a report has come."""
    return any(page["requestId"] == number and not page.get("tbc", False) for page in side.received(action))


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_accepted_has_its_effect(tmp_path: Path, kind: str) -> None:
    async with pair(tmp_path) as both:
        (side,) = [side for side in both.sides if side.kind == kind]
        for effect, actions in EFFECTS.values():
            if actions & not_supported(kind):
                assert actions <= not_supported(kind), "half of something is offered"
                continue
            await effect(both, side)
