"""A 1.6 station over SOAP is asked what it can do."""

from __future__ import annotations

import asyncio
from datetime import UTC

from adapters.ocpp1x.patience import Patience
from adapters.ocpp_soap.config import StationConfig
from gateway.bench.clock import ScaledClock
from gateway.bench.ocpp_s.config import StationConfig as Simulated
from gateway.bench.ocpp_s.dialects import V16
from gateway.bench.ocpp_s.station import SimulatedStation
from gateway.model.commands import SetLimit
from gateway.model.events import StationFound
from gateway.model.ids import Place
from gateway.model.station import Capability
from tests.adapters.ocpp_soap.rig import NAME, NOW, STATION, running, settings


async def test_it_is_asked_and_takes_limits_from_then_on() -> None:
    options = StationConfig(charge_box_identity=NAME, version="1.6")
    patience = Patience(call=3.0, settle=0.0, greeting=0.0)
    async with asyncio.timeout(20), running(settings(options), patience=patience) as rig:
        station = SimulatedStation(
            Simulated(url=rig.url, identity=NAME, dialect=V16), ScaledClock(start=NOW.astimezone(UTC))
        )
        life = asyncio.create_task(station.run())
        try:
            await rig.box.until(lambda: any(takes_limits(event) for event in rig.box.of(StationFound)))
            here = Place(station=STATION, evse=1, connector=1)
            assert (await rig.adapter.execute(SetLimit(place=here, current=6.0))).accepted
            await station.plug_in(1)
            await station.present_token(1, "04A1B2C3")
            await station.wait_until(lambda s: s.connector(1).evse.current > 0)
            assert station.connector(1).evse.current == 6.0
        finally:
            await station.exit()
            await life


def takes_limits(event: object) -> bool:
    return isinstance(event, StationFound) and Capability.SMART_CHARGING in event.capabilities
