"""From the site file to what takes part at the broker."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from gateway.config.circuit import Circuit, CircuitKeys, Meter
from gateway.config.fields import HostPort
from gateway.config.load_keys import LoadKeys
from gateway.config.shared import LoadBroker, SharedKeys
from gateway.load.decision import Decision
from gateway.load.observation import EvseSeen, MeterReading, Observation
from gateway.load.sharing.setup import feeds, sharing
from gateway.load.site import Evse, LoadSite, Node
from tests.adapters.mqtt.broker import broker

if TYPE_CHECKING:
    from pathlib import Path

AMPS = (63.0, 63.0, 63.0)
SITE = LoadSite(
    name="",
    nodes=(Node(id="row", parent="", limit=AMPS, rated=63.0),),
    evses=(Evse(id="A/1", node="row", maximum=32.0),),
)
METER = Meter(sensor="feed", currents=("a", "b", "c"))


class Meters:
    """Shows 30 A, now."""

    def readings(self) -> dict[str, MeterReading | None]:
        now = asyncio.get_running_loop().time()
        return {"connection/house 7": MeterReading(t=now, i=(30.0, 30.0, 30.0))}


def circuit(*, metered: bool) -> Circuit:
    shared = SharedKeys(
        group="house 7", max_current=AMPS, fallback={"east": (18.0,) * 3, "west": (20.0,) * 3}, lease=3.0,
        meter="feed" if metered else None,
    )  # fmt: skip
    keys = CircuitKeys(id="row", max_current=AMPS, shared=shared)
    return Circuit(keys=keys, evses=(), meter=None, switches={}, feed=METER if metered else None)


async def granted(port: int, *, metered: bool) -> float:
    """What the only box that is there is granted for its car."""
    load = LoadKeys(mqtt=LoadBroker(broker=HostPort("127.0.0.1", port), box="east", prefix=f"load/{metered}"))
    loop = asyncio.get_running_loop()
    made = sharing([circuit(metered=metered)], load, SITE, Meters(), "boot", loop.time())
    assert made is not None
    changes: list[float] = []
    made.changed = lambda: changes.append(loop.time())
    task = asyncio.create_task(made.run())
    try:
        async with asyncio.timeout(20):
            while made.limits(loop.time())["row"][0] in {0.0, 18.0}:
                seen = Observation(t=loop.time(), evses=(EvseSeen(id="A/1", plugged=True, session="s"),))
                made.report(seen, Decision(setpoints={"A/1": 0.0}), {})
                await asyncio.sleep(0.05)
        assert changes
        return made.limits(loop.time())["row"][0]
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def test_a_site_that_shares_nothing_has_no_part() -> None:
    lone = Circuit(keys=CircuitKeys(id="row", max_current=AMPS), evses=(), meter=None, switches={})
    assert sharing([lone], LoadKeys(), SITE, Meters(), "boot", 0.0) is None
    assert feeds([lone, circuit(metered=False)]) == {}
    assert feeds([circuit(metered=True)]) == {"connection/house 7": METER}


async def test_the_meter_of_the_connection_counts(tmp_path: Path) -> None:
    async with broker(tmp_path) as at:
        blind, metered = await asyncio.gather(granted(at.port, metered=False), granted(at.port, metered=True))
        assert blind > 18
        assert metered < 13, "63 A less 30 A, and 20 A of a box that is not there"
