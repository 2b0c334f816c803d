"""A box among others at a broker: tells them what it needs, leads if it has to, and knows what it may use."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.load.sharing.codec import decode, encode
from gateway.load.sharing.member import Member, Role
from gateway.load.sharing.messages import Need
from gateway.load.sharing.standing import Standing
from gateway.load.sharing.topics import filters, kind_of, of_message, presence
from gateway.model.errors import GatewayError
from gateway.mqtt.link import Link

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gateway.config.shared import LoadBroker
    from gateway.load.decision import Decision
    from gateway.load.observation import MeterReading, Observation
    from gateway.load.sharing.need import Needs
    from gateway.load.sharing.rules import Rules
    from gateway.load.site import Phases

logger = logging.getLogger(__name__)

BACKOFF_S = (0.5, 1.0, 2.0, 5.0)
"""Seconds before the next try; no longer, as the box keeps to its fall-back meanwhile."""

TOGETHER = 0.1
"""Seconds in which messages of several boxes are waited for, and answered together."""

ASLEEP = 5.0
"""Seconds after which a box whose load management does nothing says nothing more: nobody may count on it."""

HERE = b""
"""A retained message without content takes away the one before."""


@dataclass(slots=True, kw_only=True)
class Shared:
    """A connection that a circuit of this box shares.

    Attributes:
        circuit: The circuit.
        rules: Of the group.
        needs: What the box needs of it.
        meter: What shows the connection's currents now; None: nothing here.
    """

    circuit: str
    rules: Rules
    needs: Needs
    meter: Callable[[], MeterReading | None] = lambda: None


@dataclass(slots=True)
class _Part:
    shared: Shared
    member: Member
    need: Need = field(default_factory=Need)
    role: Role | None = None
    strange: bool = False


class Sharing:
    """All connections that a box shares, by one connection with a broker.

    Attributes:
        changed: Called when the limit of a circuit is another one; must not wait.
    """

    def __init__(self, settings: LoadBroker, shared: Sequence[Shared], boot: str, now: float) -> None:
        """Take the settings; nothing is on the network before ``run``.

        Args:
            settings: Of the broker.
            shared: The connections.
            boot: Names this run; no other run of any box has the same.
            now: Seconds of the loop's clock.
        """
        self.changed: Callable[[], None] = lambda: None
        self._settings = settings
        self._boot = boot
        self._parts = {each.rules.group: _Part(each, Member(each.rules, settings.box, boot, now)) for each in shared}
        self._news = asyncio.Event()
        self._pause = min((each.rules.beat for each in shared), default=1.0) / 4
        self._away = False
        self._looked = float("-inf")
        self._limits: Mapping[str, Phases] = {}

    def limits(self, now: float) -> dict[str, Phases]:
        """Circuit -> A per phase that it may carry now, whatever the broker does.

        Args:
            now: Seconds of the loop's clock.
        """
        return {each.shared.circuit: each.member.limit(now) for each in self._parts.values()}

    def report(self, seen: Observation, decision: Decision, own: Mapping[str, Phases]) -> None:
        """Take what the box sees and has decided; the others are told soon.

        Args:
            seen: What it sees.
            decision: What it has decided.
            own: Circuit -> A per phase that it might carry if nobody else used the connection; others: as built.
        """
        self._looked = asyncio.get_running_loop().time()
        for part in self._parts.values():
            there = own.get(part.shared.circuit)
            part.need = part.shared.needs.look(seen, decision, there, part.shared.meter())
        self._news.set()

    def standings(self, now: float) -> tuple[Standing, ...]:
        """How this box stands at each of its connections.

        Args:
            now: Seconds of the loop's clock.
        """
        return tuple(
            Standing(
                circuit=part.shared.circuit,
                group=group,
                leader=part.member.leader,
                role=part.member.role(now),
                limit=part.member.limit(now),
            )
            for group, part in self._parts.items()
        )

    async def run(self) -> None:
        """Connect again and again, until cancelled."""
        attempt = 0
        while True:
            link = Link(self._settings, self._heard, (presence(self._settings.prefix, self._settings.box), self._last))
            try:
                await link.open()
                attempt = 0
                await self._serve(link)
            except GatewayError as error:
                if not self._away:
                    logger.warning("other boxes are not heard: %s", error)
                self._away = True
            finally:
                for part in self._parts.values():
                    part.member.lost()
                await asyncio.shield(asyncio.ensure_future(self._farewell(link)))
            await self._wait(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
            attempt += 1

    async def _serve(self, link: Link) -> None:
        """Take part, until the connection is lost."""
        settings, loop = self._settings, asyncio.get_running_loop()
        link.lost.add_done_callback(lambda _: self._news.set())
        await link.subscribe({
            each for group in self._parts for each in filters(settings.prefix, group, settings.box)
        })  # fmt: skip
        await link.publish(presence(settings.prefix, settings.box), HERE)
        if self._away:
            logger.info("other boxes are heard again by %s", settings.broker)
        self._away = False
        for part in self._parts.values():
            part.member.connected(loop.time())
        while not link.lost.done():
            self._news.clear()
            if loop.time() < self._looked + ASLEEP:
                await self._tell(link)
            self._look(loop.time())
            await asyncio.sleep(TOGETHER)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause):
                    await self._news.wait()
        raise GatewayError("no-connection", where=str(settings.broker), reason=link.lost.result())

    async def _tell(self, link: Link) -> None:
        loop = asyncio.get_running_loop()
        for group, part in self._parts.items():
            for message in tuple(part.member.tick(part.need, loop.time())):
                await link.send(of_message(self._settings.prefix, group, message), encode(message))

    def _heard(self, topic: str, payload: bytes, _kept: bool) -> None:  # noqa: FBT001 as the link calls it
        """Somebody has told something."""
        now = asyncio.get_running_loop().time()
        if topic.startswith(f"{self._settings.prefix}/box/"):
            for part in self._parts.values():
                part.member.gone(payload.decode("ascii", "replace"), now)
            return
        group, kind = kind_of(self._settings.prefix, topic) or ("", None)
        found = self._parts.get(group)
        if found is None or kind is None or not payload:
            return
        message = decode(kind, payload)
        if message is None:
            logger.debug("%s says what no box does", topic)
            return
        found.member.hear(message, now)
        self._look(now)
        self._news.set()

    def _look(self, now: float) -> None:
        """Tell what is another one now."""
        for part in self._parts.values():
            role, strange = part.member.role(now), part.member.strangers(now)
            self._log(part, role, strange)
        limits = self.limits(now)
        if limits != self._limits:
            self._limits = limits
            self.changed()

    def _log(self, part: _Part, role: Role, strange: Sequence[str]) -> None:
        group = part.shared.rules.group
        if role is not part.role and Role.ALONE in {role, part.role}:
            if role is not Role.ALONE:
                logger.info("%s is shared with others, %s leads", group, part.member.leader or "somebody")
            elif part.role is not None:
                logger.warning("%s: nobody leads, this box keeps to its fall-back", group)
        part.role = role
        if strange and not part.strange:
            logger.error(
                "%s: other rules at %s, or two boxes of that name; all keep to their fall-back",
                group,
                ", ".join(strange),
            )
        part.strange = bool(strange)

    async def _wait(self, seconds: float) -> None:
        """Go on looking at what runs out meanwhile."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            self._look(loop.time())
            await asyncio.sleep(min(left, self._pause))

    @property
    def _last(self) -> bytes:
        return self._boot.encode("ascii")

    async def _farewell(self, link: Link) -> None:
        """Say that this run is over, as a last will is for those who do not; then go."""
        try:
            if not link.lost.done() and link.accepted:
                await link.publish(presence(self._settings.prefix, self._settings.box), self._last)
        except GatewayError:
            logger.debug("the broker has gone first")
        finally:
            await link.aclose()
