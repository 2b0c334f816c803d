"""The links of all stations: the northbound side of the box."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from secrets import token_hex
from typing import TYPE_CHECKING

from aiohttp import ClientSession, DummyCookieJar, TCPConnector

from gateway.link.desk import Surroundings
from gateway.link.route import Candidate, FixedAccess
from gateway.link.session import StationLink
from gateway.link.timing import Timing

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Iterable
    from datetime import datetime

    from gateway.contracts import Json
    from gateway.link.ports import Handlers, Outbox
    from gateway.link.route import Access
    from gateway.link.status import LinkStatus
    from gateway.link.target import Target
    from gateway.link.validation import Schemas
    from gateway.model.changes import BootReason

    Supervise = Callable[[str, Callable[[], Awaitable[None]]], Awaitable[None]]

MAX_PREFIX = 12


async def _bare(name: str, run: Callable[[], Awaitable[None]]) -> None:
    """No supervision: the first error ends everything."""
    del name
    await run()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the link is given of the box.

    Attributes:
        outbox: durable messages.
        handlers: the rest of the box.
        schemas: of the payloads.
        now: the box's clock, UTC.
        random: uniform in [0, 1).
    """

    outbox: Outbox
    handlers: Handlers
    schemas: Schemas
    now: Callable[[], datetime]
    random: Callable[[], float]


class Link:
    """The way to the CSMS for every station of the site: the link's part of ``gateway.contracts.Backend``.

    Args:
        targets: one for each station.
        parts: what it is given of the box.
        prefix: of the installation, at most 12 characters; message ids of outbox rows begin with it, and another
            database of the same stations must have another.
        tls: settings for wss://, shared; for the targets as they are.
        access: the ways to connect, where there may be others than the targets.
        timing: times that no variable sets.
        supervise: runs each station's link, given its name and what to run, so that an error ends one link only.
    """

    def __init__(
        self,
        targets: Iterable[Target],
        parts: Parts,
        *,
        prefix: str,
        tls: ssl.SSLContext | None = None,
        access: Access | None = None,
        timing: Timing | None = None,
        supervise: Supervise = _bare,
    ) -> None:
        if len(prefix) > MAX_PREFIX:
            raise ValueError(prefix)
        run_id, numbers = token_hex(8), count(1)
        around = Surroundings(
            outbox=parts.outbox,
            handlers=parts.handlers,
            schemas=parts.schemas,
            row_id=lambda row: f"{prefix}{row}",
            fresh_id=lambda: f"{run_id}-{next(numbers)}",
            random=parts.random,
            timing=Timing() if timing is None else timing,
        )
        self._supervise = supervise
        self._now = parts.now
        by_identity = {target.identity: target for target in targets}
        if access is None:
            access = FixedAccess({name: Candidate(target=target, tls=tls) for name, target in by_identity.items()})
        self._links = {name: StationLink(target, around, parts.now, access) for name, target in by_identity.items()}

    async def run(self) -> None:
        """Serve every station until cancelled."""
        # Each WebSocket keeps its connection: the pool has nothing to limit or to reuse. A cookie that one station is
        # given is no business of the others.
        connector = TCPConnector(limit=0, force_close=True)
        async with (
            ClientSession(connector=connector, cookie_jar=DummyCookieJar()) as http,
            asyncio.TaskGroup() as tasks,
        ):
            for identity, link in self._links.items():
                tasks.create_task(self._run_one(identity, link, http), name=f"link {identity}")

    async def _run_one(self, identity: str, link: StationLink, http: ClientSession) -> None:
        async def run() -> None:
            await link.run(http)

        await self._supervise(f"link {identity}", run)

    def hello(self, station: str) -> None:
        """The station is known: connect for it. Until then nothing does."""
        self._links[station].hello()

    def accepted(self, station: str) -> bool:
        """True while the CSMS is connected and has accepted the station."""
        return self._links[station].accepted

    def pending(self, station: str) -> bool:
        """True while the last BootNotification was answered Pending."""
        return self._links[station].pending

    async def ask(self, station: str, action: str, payload: Json, *, patience: float) -> Json | None:
        """Send a CALL ahead of the outbox; None if no answer came (offline, time-out, CALLERROR)."""
        return await self._links[station].ask(action, payload, patience=patience)

    def boot_again(self, station: str, reason: BootReason) -> None:
        """Send a BootNotification as soon as the CSMS allows it; also says that the station is known."""
        self._links[station].boot_again(reason)

    def reconnect(self, station: str, *, at_boot: bool = False) -> None:
        """Connect anew, by the ways that there are by now: at once, or when the station boots next."""
        self._links[station].reconnect(at_boot=at_boot)

    def beat(self, station: str) -> None:
        """Send a Heartbeat now."""
        self._links[station].beat()

    def refresh(self, station: str) -> None:
        """Look at the variables again: something other than the CSMS has changed them."""
        self._links[station].refresh()

    def status(self, station: str) -> LinkStatus:
        """How the link of a station stands."""
        return self._links[station].status

    def online_since(self, station: str) -> datetime | None:
        """Since when, by the box's clock now, the station is connected and accepted; None: it is not.

        The clock may have been set since: just after the boot it is, and then an event would seem to be from before.
        """
        online_for = self._links[station].online_for
        return None if online_for is None else self._now() - timedelta(seconds=online_for)
