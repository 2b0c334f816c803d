"""Looking for Modbus devices: reads only, one bus at a time per port, with pauses that others on the bus can bear."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from adapters.common.wire import Unreachable
from adapters.modbus.manners import Manners
from adapters.modbus.prober import Prober
from adapters.modbus.recognise import known_families
from adapters.modbus.scan_targets import targets
from gateway.contracts import Progress, Sighting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from adapters.modbus.recognise import Judgement, WireFamily
    from adapters.modbus.scan_targets import Target
    from gateway.contracts import ScanRequest

ADAPTER = "modbus"
AT_ONCE = 32
"""Buses that are looked at at the same time."""

_OTHERS = 3  # further families that are named


async def scan(request: ScanRequest, families: Iterable[WireFamily] | None = None) -> AsyncIterator[Sighting]:
    """Look for devices where the request says.

    Args:
        request: Where to look.
        families: Families that are known; those that are shipped, and beside the site file, if absent.
    """
    if not (request.serial or request.tcp or request.rtu_tcp):
        return
    known = await asyncio.to_thread(known_families, request.base) if families is None else tuple(families)
    wanted = targets(request, known)
    steps = _Steps(request, sum(len(target.units) for target in wanted))
    found: asyncio.Queue[Sighting | None] = asyncio.Queue()
    gate = asyncio.Semaphore(AT_ONCE)

    async def look(bus: list[Target]) -> None:
        async with gate:
            await _Bus(bus, request, steps, found).look()

    async def look_everywhere() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _, alternatives in groupby(wanted, key=lambda target: target.bus):
                    group.create_task(look(list(alternatives)))
        finally:
            found.put_nowait(None)

    looking = asyncio.create_task(look_everywhere())
    try:
        while (sighting := await found.get()) is not None:
            yield sighting
        await looking
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


class _Steps:
    """How far the scan is, told to whoever watches."""

    def __init__(self, request: ScanRequest, total: int) -> None:
        self._request = request
        self._total = total
        self._done = 0

    def pass_by(self, where: str, steps: int = 1) -> None:
        self._done += steps
        self._request.progress(Progress(done=self._done, total=self._total, where=where))


@dataclass(slots=True, eq=False)
class _Bus:
    """One bus with the ways in which it may have to be spoken to."""

    alternatives: list[Target]
    request: ScanRequest
    steps: _Steps
    found: asyncio.Queue[Sighting | None]

    async def look(self) -> None:
        """Try one way after the other, until somebody has been understood."""
        clues: list[Sighting] = []
        answered = False
        for target in self.alternatives:
            if answered:
                self.steps.pass_by(target.where(), len(target.units))
                continue
            bus = target.open()
            prober = Prober(bus, target.families, self.request.timeout)
            try:
                await bus.connect(Manners(), self)
                answered = await self._units(target, prober)
                if not answered:
                    clues += _clues(target, prober)
            except Unreachable as failure:
                self.steps.pass_by(target.where(), len(target.units))
                if failure.code == "no-connection" and "serial" in target.connection:
                    clues = [_sighting(target, None, failure.code, **failure.params)]
                    break
            finally:
                await bus.aclose()
        if not answered:
            for clue in {clue.code: clue for clue in clues}.values():
                self.found.put_nowait(clue)

    async def _units(self, target: Target, prober: Prober) -> bool:
        """Ask one unit id after the other; True if somebody has answered."""
        answered: set[int] = set()
        for number, unit in enumerate(target.units):
            self.steps.pass_by(target.where(unit))
            there = await prober.present(unit)
            judgements = await prober.recognise(unit) if there or prober.heard.hung_up else []
            if there or judgements:
                answered.add(unit)
                self._tell(target, unit, judgements)
                if not target.every:
                    self.steps.pass_by(target.where(unit), len(target.units) - number - 1)
                    break
        for unit in sorted(prober.heard.others - set(target.units) - answered):
            if await prober.present(unit):
                answered.add(unit)
                asked = _spelt(target.units)
                self.found.put_nowait(_sighting(target, None, "scan-other-unit", other=unit, asked=asked))
                self._tell(target, unit, await prober.recognise(unit))
        return bool(answered)

    def _tell(self, target: Target, unit: int, judgements: list[Judgement]) -> None:
        """Say who is there."""
        if judgements:
            self.found.put_nowait(_recognised(target, unit, judgements))
        else:
            self.found.put_nowait(_sighting(target, unit, "scan-unknown"))


def _recognised(target: Target, unit: int, judgements: list[Judgement]) -> Sighting:
    best, *others = judgements
    close = [other for other in others if other.rank[:2] >= best.rank[:2]]
    sure = best.sure and not close
    return Sighting(
        adapter=ADAPTER,
        where=target.where(unit),
        code="scan-family" if sure else "scan-family-likely",
        connection={**target.connection, "unit": unit},
        family=best.family.meta.id,
        plausible=best.plausible,
        asked=best.asked,
        evidence=best.evidence,
        params={
            "vendor": best.family.meta.vendor,
            "role": best.family.meta.role,
            "others": ", ".join(other.family.meta.id for other in others[:_OTHERS]) or "-",
        },
    )


def _clues(target: Target, prober: Prober) -> Iterable[Sighting]:
    """What was heard of a bus on which nobody answered."""
    heard = prober.heard
    if heard.gateway:
        yield _sighting(target, None, "scan-gateway", asked=_spelt(target.units))
    elif heard.garbled or heard.others:
        yield _sighting(target, None, "scan-garbled", how=target.how)
    elif "tcp" in target.connection:
        yield _sighting(target, None, "scan-open")


def _sighting(target: Target, unit: int | None, code: str, **params: object) -> Sighting:
    connection = {} if unit is None else {**target.connection, "unit": unit}
    return Sighting(adapter=ADAPTER, where=target.where(unit), code=code, connection=connection, params=params)


def _spelt(units: tuple[int, ...]) -> str:
    """Unit ids in a few words: ``1-10``."""
    if len(units) > 1 and list(units) == list(range(units[0], units[-1] + 1)):
        return f"{units[0]}-{units[-1]}"
    return ", ".join(map(str, units))
