"""All visits at once: one gateway process, one site file, one CSMS, a station of every family."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.bench.csms.server import Csms
from gateway.bench.csms.settings import CsmsSettings
from tests.adapters.mqtt.broker import Mosquitto
from tests.e2e.box import Box
from tests.e2e.families.desk import deliver
from tests.e2e.families.stand import SECRET, own_families, stands, watch
from tests.e2e.families.visit import Visit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from pathlib import Path

    from gateway.family.load import FamilyFile
    from tests.e2e.families.stand import Stand

KEYS = "failsafe_current = 6"


@dataclass(slots=True, kw_only=True)
class Yard:
    """Stations, a box and a CSMS that belong together."""

    csms: Csms
    box: Box
    stands: list[Stand] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Round:
    """What has come of a round.

    Attributes:
        visits: By family.
        left: What each station did once the box had ended in order, by family: its summary.
        log: The box's.
        invalid: Messages that do not fit the schemas of OCPP, and breaches of OCPP-J.
    """

    visits: Mapping[str, Visit]
    left: Mapping[str, Mapping[str, object]]
    log: list[str]
    exit_code: int
    invalid: list[str]


@asynccontextmanager
async def yard(
    folder: Path, files: Mapping[str, FamilyFile], ways: Mapping[str, str] | None = None
) -> AsyncIterator[Yard]:
    """Put stations, a CSMS and a box together; the box is not started yet."""
    broker = Mosquitto(folder)
    if any(file.base.kind == "mqtt" for file in files.values()):
        await broker.start()
    files = await asyncio.to_thread(own_families, folder / "families", files)
    csms = Csms(CsmsSettings())
    made = Yard(
        csms=csms,
        box=Box(folder / "site.toml", folder / "data"),
        stands=stands(files, ("127.0.0.1", broker.port), ways),
    )
    lives: list[asyncio.Task[None]] = []
    try:
        async with csms:
            for stand in made.stands:
                await stand.sim.start()
                lives.append(asyncio.create_task(stand.sim.run()))
            await asyncio.to_thread(_write, made, folder)
            clerks = [asyncio.create_task(deliver(csms, made.stands)), asyncio.create_task(watch(made.stands))]
            try:
                yield made
            finally:
                await made.box.close()
                await _end(clerks)
    finally:
        for stand in made.stands:
            await stand.sim.exit()
        await asyncio.gather(*lives)
        await broker.stop()


def _write(made: Yard, folder: Path) -> None:
    """Write the site file and what belongs to it."""
    secret = folder / SECRET
    secret.write_text("bench")
    secret.chmod(0o600)
    made.box.site.write_text(site_text(made, folder))


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def site_text(made: Yard, folder: Path) -> str:
    """The site file."""
    head = (
        f'[box]\nname = "Yard"\ndata_dir = "{folder / "data"}"\n'
        f'[backend]\nurl = "{made.csms.url}"\nsecurity_profile = 0\n'
    )
    return "\n".join([head, *(stand.site_text(KEYS) for stand in made.stands)])


async def go_round(folder: Path, files: Mapping[str, FamilyFile]) -> Round:
    """Visit every family."""
    async with yard(folder, files) as made:
        await made.box.start()
        visits = [Visit(csms=made.csms, stand=stand) for stand in made.stands]
        await asyncio.gather(*(visit.make() for visit in visits))
        exit_code = await (made.box.stop() if made.box.running else made.box.gone())
        return Round(
            visits={visit.stand.name: visit for visit in visits},
            left={stand.name: stand.outlet.summary() for stand in made.stands},
            log=made.box.log,
            exit_code=exit_code,
            invalid=[
                *made.csms.violations,
                *(f"{record.station} {record.action}: {record.error}" for record in made.csms.received if record.error),
            ],
        )
