"""What flows at a station is told to load management each time that it was read."""

from __future__ import annotations

from gateway.model.events import Measured
from tests.adapters.common.rig import CARD, PLACE, wallbox


async def test_what_flows_is_told_at_each_poll_and_published_nowhere() -> None:
    async with wallbox() as rig:
        rig.wire.plugged = True
        await rig.until(lambda: (PLACE, (0.0, 0.0, 0.0)) in rig.box.flowing)
        rig.wire.card = CARD.value
        await rig.until(lambda: bool(rig.box.flowing) and rig.box.flowing[-1][1][0] > 0)
        published, told = len(rig.box.of(Measured)), len(rig.box.flowing)
        await rig.until(lambda: len(rig.box.flowing) >= told + 3)
        assert len(rig.box.of(Measured)) == published
        amps = rig.wire.limit
        assert rig.box.flowing[-1] == (PLACE, (amps, amps, amps))
