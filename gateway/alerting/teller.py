"""Tells a broker which alerts stand: a retained message for each, taken away when it is over."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from gateway.alerting.topics import OFFLINE, ONLINE, OVER, all_of, content, presence, topic
from gateway.model.errors import GatewayError
from gateway.mqtt.link import Link

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.alerting.board import Board
    from gateway.config.alerts import AlertBroker, Alerts

logger = logging.getLogger(__name__)

BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)

PACE_S = 1.0
"""Seconds between two rounds: nobody reads the values of an alert faster."""

STRAYS = 1000
"""Topics of an earlier life that are taken away at one connection, at most."""


class Teller:
    """Brings the broker to what stands, whenever that is something else, and after each connection anew.

    What waits is what stands: no queue grows while the broker is away.
    """

    def __init__(self, settings: AlertBroker, board: Board, stations: tuple[str, ...], *, pace: float = PACE_S) -> None:
        """Take what is told, and where.

        Args:
            settings: Of the broker.
            board: Knows what stands.
            stations: Of the site.
            pace: Seconds between two rounds.
        """
        self._settings = settings
        self._board = board
        self._stations = stations
        self._pace = pace
        self._news = board.follow()
        self._strays: set[str] = set()
        self._away = False

    async def run(self) -> None:
        """Connect again and again, until cancelled."""
        attempt = 0
        while True:
            link = Link(self._settings, self._heard, (presence(self._settings.prefix), OFFLINE))
            try:
                await link.open()
                attempt = 0
                await self._serve(link)
            except GatewayError as error:
                if not self._away:
                    logger.warning("alerts are not told: %s", error)
                self._away = True
            finally:
                await asyncio.shield(asyncio.ensure_future(_farewell(link, self._settings.prefix)))
            await asyncio.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
            attempt += 1

    async def _serve(self, link: Link) -> None:
        """Keep the broker at what stands, until the connection is lost."""
        prefix, told = self._settings.prefix, dict[str, bytes]()
        link.lost.add_done_callback(lambda _: self._news.set())
        await link.publish(presence(prefix), ONLINE)
        await link.subscribe([all_of(prefix, station) for station in self._stations])
        if self._away:
            logger.info("alerts are told again to %s", self._settings.broker)
        self._away = False
        while not link.lost.done():
            self._news.clear()
            stands = {topic(prefix, alert): content(alert) for alert in self._board.everywhere()}
            strays, self._strays = self._strays, set()
            for gone in sorted((told.keys() | strays) - stands.keys()):
                await link.publish(gone, OVER)
            for name, payload in stands.items():
                if told.get(name) != payload:
                    await link.publish(name, payload)
            told = stands
            await asyncio.sleep(self._pace)
            await self._news.wait()
        raise GatewayError("no-connection", where=str(self._settings.broker), reason=link.lost.result())

    def _heard(self, name: str, payload: bytes, kept: bool) -> None:  # noqa: FBT001 as the link calls it
        """What the broker has kept from before is of an alert that stands no more, or that was told anew by now."""
        if kept and payload and len(self._strays) < STRAYS:
            self._strays.add(name)
            self._news.set()


def telling(wanted: Alerts | None, board: Board, stations: tuple[str, ...]) -> Callable[[], Awaitable[None]] | None:
    """What tells a broker of alerts, if the site wants that."""
    settings = None if wanted is None else wanted.mqtt
    return None if settings is None else Teller(settings, board, stations).run


async def _farewell(link: Link, prefix: str) -> None:
    """Say that the box goes, as a last will is for those who do not; then go."""
    try:
        if not link.lost.done() and link.accepted:
            await link.publish(presence(prefix), OFFLINE)
    except GatewayError:
        logger.debug("the broker has gone first")
    finally:
        await link.aclose()
