"""One simulated station of a family, and what is remembered of its physics."""

from __future__ import annotations

import asyncio
import re
import secrets
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.bench.car import Car
from gateway.bench.family.command import build
from gateway.bench.family.reading import VOLTAGE
from gateway.bench.family.view import DC_VOLTAGE
from gateway.bench.family.ways import Options, attach
from gateway.family.evaluate import condition, derived
from gateway.family.family import MqttFamily
from gateway.family.interpret import interpret
from gateway.family.library import all_families
from gateway.family.load import read_family
from gateway.model.problems import ERROR_CODES
from tests.e2e.families.ability import FAULTY, Ability
from tests.e2e.truth import when

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload, Record
    from gateway.bench.family.outlet import Outlet
    from gateway.bench.family.station import FamilyStation
    from gateway.family.evaluate import Condition
    from gateway.family.load import FamilyFile

SPEED = 20.0
"""How much faster than time meters count, so that a short session has an energy worth looking at."""

SECRET = "station.secret"
"""File beside the site file with what stations ask for before they answer."""

NAMELESS = "something"
"""An error that no family has a name for."""

_SILENCE = re.compile(r"^stale_s = .*$", re.MULTILINE)

_FOLDERS = {"modbus-ascii": "modbus", "ascii-line": "line", "http-json": "http", "udp-json": "udp"}
_LOOK = 0.05


def now() -> float:
    """The time of day, s."""
    return datetime.now(UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Moment:
    """The physics at one time: A per phase, W, Wh; ``offered`` is the limit where the station offers anything."""

    at: float
    current: float
    power: float
    register: float
    offered: float


@dataclass(slots=True, kw_only=True)
class Stand:
    """A station.

    Attributes:
        name: Of the family.
        identity: At the CSMS.
        sim: The simulated station.
        can: What its file lets expect.
        told: What the CSMS has received of it.
        news: Set when that has become more.
        past: Its physics until now.
        fault: An error that it tells by name, and its code of OCPP 1.6; one without a name where it has none.
    """

    name: str
    file: FamilyFile
    identity: str
    sim: FamilyStation
    can: Ability
    told: list[Record] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    past: list[Moment] = field(default_factory=list)
    fault: tuple[str, str] = ("", "")

    @property
    def outlet(self) -> Outlet:
        return self.sim.outlets[0]

    @property
    def adapter(self) -> str:
        """The adapter that its family is for."""
        return _FOLDERS.get(self.file.base.kind, self.file.base.kind)

    @property
    def is_held(self) -> bool:
        """It offers current to nobody."""
        told = self.outlet.summary()
        return not told["released"] or told["limit"] == 0

    def look(self) -> Moment:
        """Take note of the physics now."""
        evse = self.outlet.charge.evse
        moment = Moment(
            at=now(),
            current=evse.current,
            power=evse.power,
            register=evse.register,
            offered=float(str(self.outlet.summary()["limit"])) if evse.closed else 0.0,
        )
        self.past.append(moment)
        return moment

    def between(self, since: float, until: float) -> list[Moment]:
        """The moments of a time, with the one before and the one after it."""
        times = [moment.at for moment in self.past]
        return self.past[max(0, bisect_left(times, since) - 1) : bisect_right(times, until) + 1]

    def since(self, at: float) -> list[Moment]:
        """The moments from a time on, until now."""
        self.look()
        return [moment for moment in self.past if moment.at >= at]

    def register_at(self, event: Payload) -> float:
        """The register when something has happened that was told."""
        at = when(event["timestamp"]).timestamp()
        return self.between(at, at)[0].register

    def amps(self, per_phase: float) -> float:
        """A limit as current of the car: at a station for direct current, what its power makes at the battery."""
        return per_phase * 3 * VOLTAGE / DC_VOLTAGE if self.file.base.meta.current == "DC" else per_phase

    def site_text(self, more: str = "") -> str:
        """Its table in the site file."""
        way = ", ".join(f"{key} = {_toml(value)}" for key, value in self._way().items())
        return (
            f'[[station]]\nidentity = "{self.identity}"\nadapter = "{self.adapter}"\nfamily = "{self.name}"\n'
            f"connection = {{ {way} }}\n{more}\n"
            "[[station.evse]]\nid = 1\n"
            'connector = { type = "sType2", max_current = 32, phases = 3 }\n'
        )

    def _way(self) -> Mapping[str, object]:
        way, auth = dict(self.sim.connection), getattr(self.file.base.link, "auth", "none")
        if getattr(self.file.base.link, "bind_port", 0):
            # Answers come to a port that is the same for all stations, and perhaps another program's on this computer.
            way["local"] = f"127.{secrets.randbelow(200) + 20}.{secrets.randbelow(250)}.7"
        if auth in {"basic", "digest"}:
            way |= {"user": "box", "password_file": SECRET}
        elif auth == "bearer":
            way["token_file"] = SECRET
        return way


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def station_files() -> dict[str, FamilyFile]:
    """Every family of stations that comes with the box."""
    files = {name: read_family(path) for name, path in sorted(all_families().items())}
    return {name: file for name, file in files.items() if file.base.meta.role == "station"}


def own_families(folder: Path, files: Mapping[str, FamilyFile]) -> dict[str, FamilyFile]:
    """Families of the site itself: the same, but that a station without a last will is missed before its minute is over.

    Args:
        folder: Where the site has its own families.
        files: Every family.

    Returns:
        Every family as the site has it.
    """
    folder.mkdir()
    found = dict(files)
    for name, file in files.items():
        if isinstance(file.base, MqttFamily) and not file.base.link.offline_payload:
            own = folder / f"{name}.toml"
            text = all_families()[name].read_text(encoding="utf-8")
            own.write_text(_SILENCE.sub("stale_s = 6", text), encoding="utf-8")
            found[name] = read_family(own)
    return found


def named_fault(file: FamilyFile) -> tuple[str, str]:
    """The first error of the family's own that makes it faulty, and nothing else than that; or a plain fault."""
    outlet = build(file, frozenset()).outlets[0]
    outlet.plug(Car())
    for name, code in file.base.faults.items():
        found = _seen(file, outlet, name)
        if found.letter in FAULTY and [fault.info for fault in found.faults] == [name] and code in ERROR_CODES:
            return name, code
    return NAMELESS, next((fault.code for fault in _seen(file, outlet, NAMELESS).faults), "OtherError")


def _seen(file: FamilyFile, outlet: Outlet, error: str) -> Condition:
    """What the points say while the station has an error."""
    family = file.base
    outlet.fail(error)
    raws = {each: outlet.raw(each) for each, point in family.points.items() if point.readable}
    return condition(family, derived(family, {each: interpret(family.points[each], raw) for each, raw in raws.items()}))


def stands(
    files: Mapping[str, FamilyFile], broker: tuple[str, int], ways: Mapping[str, str] | None = None
) -> list[Stand]:
    """A station of each family; none is served yet.

    Args:
        files: By name.
        broker: Of those that need one.
        ways: Transport of each; by default as its family says first.
    """
    found = []
    for name, file in files.items():
        can = Ability.of(file.base)
        sim = build(file, frozenset(), speed=SPEED if can.counts else 1.0)
        prefix = f"at/{name}" if file.base.kind == "mqtt" else None
        attach(sim, Options(broker=broker, prefix=prefix, transport=(ways or {}).get(name, "")))
        found.append(Stand(name=name, file=file, identity=f"FAM-{name}", sim=sim, can=can, fault=named_fault(file)))
    return found


async def watch(all_stands: Iterable[Stand]) -> None:
    """Remember everybody's physics until cancelled."""
    while True:
        for stand in all_stands:
            stand.look()
        await asyncio.sleep(_LOOK)
