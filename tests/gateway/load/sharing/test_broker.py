"""Three boxes and a real broker, which is killed and comes back."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from gateway.config.fields import HostPort
from gateway.config.shared import LoadBroker
from gateway.load.decision import Decision
from gateway.load.observation import EvseSeen, Observation
from gateway.load.sharing import service
from gateway.load.sharing.member import Role
from gateway.load.sharing.need import Needs
from gateway.load.sharing.rules import Rules
from gateway.load.sharing.service import Shared, Sharing
from gateway.load.site import Evse, LoadSite, Node
from tests.adapters.mqtt.broker import broker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

BOXES = ("east", "north", "west")
LIMIT, SHARE, LIFE = 63.0, 20.0, 3.0
RULES = Rules(group="house 7", limit=(LIMIT,) * 3, shares=dict.fromkeys(BOXES, (SHARE,) * 3), life=LIFE)
SITE = LoadSite(
    name="",
    nodes=(Node(id="row", parent="", limit=(LIMIT,) * 3, rated=LIMIT),),
    evses=tuple(Evse(id=f"S/{number}", node="row", maximum=32.0) for number in (1, 2)),
)


def look(sharing: Sharing, cars: int) -> None:
    """What load management of a box sees: so many cars, that draw nothing yet."""
    now = asyncio.get_running_loop().time()
    seen = tuple(
        EvseSeen(id=each.id, plugged=place < cars, session="s" if place < cars else None)
        for place, each in enumerate(SITE.evses)
    )
    setpoints = dict.fromkeys(SITE.evse, 0.0)
    sharing.report(Observation(t=now, evses=seen), Decision(setpoints=setpoints), {})


@dataclass
class Boxes:
    """Boxes that run, by name."""

    every: dict[str, Sharing]
    cars: dict[str, int]

    def now(self) -> dict[str, float]:
        """A on L1 that each may use; never more than the connection has."""
        t = asyncio.get_running_loop().time()
        found = {name: box.limits(t)["row"][0] for name, box in self.every.items()}
        assert sum(found.values()) <= LIMIT + 1e-6, found
        return found

    def led(self) -> dict[str, tuple[str, Role]]:
        """Who leads, and what each does, as each of them knows it."""
        t = asyncio.get_running_loop().time()
        every = {name: box.standings(t) for name, box in self.every.items()}
        return {name: (each.leader, each.role) for name, (each,) in every.items()}

    async def until(self, fits: Callable[[dict[str, float]], bool], seconds: float = 20) -> float:
        """Wait for limits; the seconds that it took."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        async with asyncio.timeout(seconds):
            while not fits(self.now()):
                for name, box in self.every.items():
                    look(box, self.cars[name])
                await asyncio.sleep(0.05)
        return loop.time() - start


@asynccontextmanager
async def boxes(port: int, *, names: tuple[str, ...] = BOXES, **settings: Any) -> AsyncIterator[Boxes]:
    """Boxes at a broker; the first has two cars, the others none."""
    now = asyncio.get_running_loop().time()
    every = {
        name: Sharing(
            LoadBroker(broker=HostPort("127.0.0.1", port), box=name, **settings),
            [Shared(circuit="row", rules=RULES, needs=Needs(SITE, "row", RULES.keep))],
            f"{name}{now:.0f}",
            now,
        )
        for name in names
    }
    tasks = [asyncio.create_task(each.run()) for each in every.values()]
    try:
        yield Boxes(every, {name: 2 if name == names[0] else 0 for name in names})
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BACKOFF_S", (0.1,))


async def test_the_broker_is_killed_and_comes_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, service.logger.name)
    async with broker(tmp_path) as at, boxes(at.port) as there:
        await there.until(lambda now: now["east"] > 40)
        await at.stop()
        assert await there.until(lambda now: now["east"] == SHARE) <= LIFE + 0.5
        await there.until(lambda now: set(now.values()) == {SHARE}, RULES.keep + 1)
        assert there.led() == dict.fromkeys(BOXES, ("", Role.ALONE))
        await at.start()
        await there.until(lambda now: now["east"] > 40)
        ((leader, *others), roles) = (
            {who for who, _ in there.led().values()},
            {what for _, what in there.led().values()},
        )
        assert leader in BOXES
        assert not others
        assert roles == {Role.LEADS, Role.FOLLOWS}
        there.cars |= {"north": 2, "west": 2}
        await there.until(lambda now: max(now.values()) - min(now.values()) <= 2)
    lost = [each for each in caplog.records if "nobody leads" in each.getMessage()]
    assert len(lost) == 3, "once for each box"


async def test_the_box_that_leads_is_gone(tmp_path: Path) -> None:
    async with broker(tmp_path) as at, boxes(at.port, names=("west",)) as stays:
        async with boxes(at.port, names=("east", "north")) as others:
            await stays.until(lambda now: now["west"] > 22, 30)
            await others.until(lambda now: min(now.values()) >= 0)
        await stays.until(lambda _: stays.led()["west"] == ("west", Role.LEADS))
        # Two boxes are not there: their shares stay theirs.
        await stays.until(lambda now: now["west"] == LIMIT - 2 * SHARE, 30)


async def test_boxes_trust_a_broker_by_the_sites_certificates(tmp_path: Path) -> None:
    ca = trustme.CA()
    cert = ca.issue_cert("127.0.0.1")
    trusted, key, chain = (tmp_path / name for name in ("ca.pem", "key.pem", "chain.pem"))
    ca.cert_pem.write_to_path(str(trusted))
    cert.private_key_pem.write_to_path(str(key))
    cert.cert_chain_pems[0].write_to_path(str(chain))
    secret, users = tmp_path / "secret", tmp_path / "users"
    secret.write_text("s3cret-words\n")
    users.write_text("")
    making = await asyncio.create_subprocess_exec("mosquitto_passwd", "-b", str(users), "box", "s3cret-words")
    assert await making.wait() == 0
    options = ("allow_anonymous false", f"password_file {users}", f"certfile {chain}", f"keyfile {key}")
    async with (
        broker(tmp_path, *options) as at,
        boxes(at.port, ca_file=trusted, user="box", password_file=secret) as there,
    ):
        await there.until(lambda now: now["east"] > 40)
