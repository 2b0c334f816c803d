"""Load management of a site, put together."""

from __future__ import annotations

import asyncio
import random
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.load.build import build
from gateway.load.outcome import release
from gateway.load.service import LoadService
from gateway.load.sharing.setup import feeds, sharing
from gateway.load.taps import Taps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.config.site import Site
    from gateway.contracts import Adapter
    from gateway.load.build import Built
    from gateway.load.ports import Box, Channels, Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a site says of load management, and who listens to its meters."""

    site: Site
    built: Built
    taps: Taps

    def service(self, box: Box, channels: Channels, limits: Limits) -> LoadService:
        """What shares the current.

        Args:
            box: The hub.
            channels: The sensors.
            limits: What others allow, and who is told why load management allows no more.
        """
        boot, now = secrets.token_hex(8), asyncio.get_running_loop().time()
        shares = sharing(self.site.circuit, self.site.load, self.built.site, self.taps, boot, now)
        service = LoadService(
            self.built,
            box,
            meters=self.taps,
            channels=channels,
            limits=limits,
            shares=shares,
            delay=self.site.load.random_delay,
            random=random.random,
        )
        self.taps.heard = service.wake
        if shares is not None:
            shares.changed = service.wake
        limits.explained_by(service.reason)
        return service

    async def run(self, box: Box, service: LoadService) -> None:
        """Share current until cancelled; does nothing more where there is no circuit."""
        spots = self.built.spots
        managed = {spots[each.id] for each in self.built.site.evses}
        await release(box, (station.identity for station in self.site.station), managed)
        if managed:
            await service.run()


def setup(site: Site, adapters: Mapping[str, Adapter]) -> Setup:
    """Of a checked site."""
    built = build(
        site.box.name,
        site.circuit,
        site.station,
        site.load,
        site.box.timezone,
        lambda station: type(adapters[station.adapter]).own_limit(station.settings),
    )
    switches = {each.channel for each in built.restrictions.every if each.channel}
    meters = {**built.meters, **feeds(site.circuit)}
    taps = Taps(meters, {sensor.name: sensor.points for sensor in site.sensor}, switches)
    return Setup(site=site, built=built, taps=taps)
