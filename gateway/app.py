"""Wiring of the box: one process, one event loop.

The only place that catches every error, so that one part's fault never takes another part down.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import random
import signal
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from gateway.access.site_access import SiteAccess, SiteWay
from gateway.actuation.fitting import fit
from gateway.alerting.board import Board
from gateway.alerting.teller import telling
from gateway.box import Box
from gateway.clock import Clock
from gateway.config.passwords import certificate_files, read_password
from gateway.contracts import Buses
from gateway.fleet import Fleet, Member, first_state
from gateway.housekeeping import keep_house
from gateway.hub import Hub
from gateway.inspections import inspection_alerts, inspections_of
from gateway.keypad import Keypad
from gateway.limit_orders import limit_socket
from gateway.limit_server import serve_limits
from gateway.limits import Arbiter
from gateway.link.service import Link, Parts
from gateway.link.target import BASIC_TLS, Target, tls_context
from gateway.link.validation import Schemas
from gateway.load.explain_server import load_socket, serve_explanations
from gateway.load.setup import setup
from gateway.lock import sole_user
from gateway.memory import watch_box
from gateway.model.errors import GatewayError
from gateway.model.installation import Installation, VendorRelay
from gateway.outlets import outlets_of, settings_of
from gateway.paper import Paper
from gateway.plugins import load_adapters, load_extensions, load_profiles, load_sensors
from gateway.sensing.fiscal import Fiscal
from gateway.sensing.own import KIND, own_alerts, own_equipment, reader
from gateway.sensing.senses import Senses, alerts_of, counted_by, equipment_of, meters_of, plan_of
from gateway.sensing.totals import FOLDER as TOTALS
from gateway.sensing.totals import Totals
from gateway.status import socket_path
from gateway.status_report import StatusReport
from gateway.status_server import serve_status
from gateway.store.storage import Storage, open_storage
from gateway.trial_orders import trial_socket
from gateway.trial_server import serve_trials
from gateway.trials import Trials
from gateway.way import Way
from gateway.web.server import Manner, serve_web
from gateway.web.sight import Sight
from gateway.web.touch import Touch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from gateway.config.site import Site, Station
    from gateway.contracts import Adapter, Profile
    from gateway.load.history import LoadSight
    from gateway.paper import Show
    from gateway.sensing.plan import Planned

logger = logging.getLogger(__name__)

RESTART_AFTER = 5.0
"""Seconds before a part that failed is started again."""

DATABASE = "stationlift.sqlite"


async def run(site: Site) -> None:
    """Run the box until SIGTERM or SIGINT.

    Raises:
        GatewayError: it cannot start: storage, plug-ins, passwords or the CA file are not usable.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    _end_by_signal()
    async with built(site) as box:
        # What is loaded by now stays to the end. Looking through it for garbage again and again would hold up everything
        # for tens of milliseconds each time.
        gc.freeze()
        logger.info("%s: %d station(s), backend %s", site.box.name, len(site.station), site.backend.url)
        with contextlib.suppress(asyncio.CancelledError):
            await serve(box)
        logger.info("%s: stopped", site.box.name)


def _end_by_signal() -> None:
    """SIGTERM and SIGINT cancel the task that calls this, also where the shell had them ignored."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, task.cancel)


async def rehearse(site: Site, show: Show) -> None:
    """Read the stations of a site and show what the backend would receive, until SIGTERM or SIGINT.

    Nothing is written, sent or kept.

    Raises:
        GatewayError: ``dry-run-nothing``: no station of the site can be read without being spoken to.
    """
    buses = Buses()
    adapters = {name: adapter for name, adapter in _adapters(site, buses).items() if adapter.rehearses}
    stations = [station for station in site.station if station.adapter in adapters]
    if not stations:
        raise GatewayError("dry-run-nothing")
    clock = Clock()
    _end_by_signal()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(buses.aclose)
        folder = Path(await asyncio.to_thread(stack.enter_context, TemporaryDirectory(prefix="stationlift-")))
        storage = await stack.enter_async_context(
            open_storage(folder / DATABASE, [s.identity for s in stations], clock.now)
        )
        fleet = Fleet([m async for m in _members(replace(site, station=tuple(stations)), adapters, storage, clock, {})])
        hub = Hub(fleet, storage, clock, read_only=True)
        stack.push_async_callback(hub.aclose)
        paper = Paper(hub, storage, {s.identity: _target(site, s) for s in stations}, clock.now, show)
        hub.attach(paper, _profiles(site, hub, Way(hub, paper)), load_extensions())
        with contextlib.suppress(asyncio.CancelledError):
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(paper.run())
                for name, adapter in adapters.items():
                    tasks.create_task(supervise(name, lambda adapter=adapter: adapter.run(hub)))  # type: ignore[misc]


async def serve(box: Box) -> None:
    """Run every part until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(supervise("backend", box.link.run))
        tasks.create_task(supervise("status", lambda: serve_status(box.socket, box.report)))
        tasks.create_task(supervise("limits", lambda: serve_limits(box.limits, box.hub)))
        tasks.create_task(supervise("tests", lambda: serve_trials(box.trials, Trials(box.hub, box.senses))))
        tasks.create_task(supervise("housekeeping", lambda: keep_house(box.storage, box.hub.now)))
        tasks.create_task(supervise("load", box.load))
        tasks.create_task(supervise("memory", lambda: watch_box(box.storage.folder, box.hub)))
        extras = {
            "page": box.page,
            "alerts to MQTT": box.broker,
            "shared circuits": box.shares,
            "load explain": box.explains,
        }
        for name, extra in extras.items():
            if extra is not None:
                tasks.create_task(supervise(name, extra))
        for name, adapter in box.adapters.items():
            tasks.create_task(supervise(name, lambda adapter=adapter: adapter.run(box.southbound)))  # type: ignore[misc]
        for profile in box.profiles:
            tasks.create_task(supervise(profile.name, profile.run))
        for name, part in box.senses.parts():
            tasks.create_task(supervise(name, part))
        if box.own is not None:
            tasks.create_task(supervise("box", box.own.run))


async def supervise(name: str, part: Callable[[], Awaitable[None]]) -> None:
    """Run a part; when it fails, log why and start it again."""
    while True:
        try:
            await part()
        except GatewayError as error:
            logger.error("%s failed: %s; again in %.0f s", name, error, RESTART_AFTER)  # noqa: TRY400 expected failure
        except Exception:
            logger.exception("%s failed; again in %.0f s", name, RESTART_AFTER)
        else:
            return
        await asyncio.sleep(RESTART_AFTER)


@asynccontextmanager
async def built(site: Site) -> AsyncIterator[Box]:
    """Build every part and take over what an earlier run has left; nothing is on the network yet."""
    clock = Clock()
    files = await asyncio.to_thread(_read_files, site)
    buses = Buses()
    adapters = _adapters(site, buses)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(buses.aclose)
        stack.enter_context(sole_user(site.box.data_dir))
        path, identities = site.box.data_dir / DATABASE, [s.identity for s in site.station]
        storage = await stack.enter_async_context(open_storage(path, identities, clock.now))
        fleet = Fleet([m async for m in _members(site, adapters, storage, clock, files.installations)])
        hub = Hub(fleet, storage, clock)
        stack.push_async_callback(hub.aclose)
        parts = Parts(outbox=storage.outbox, handlers=hub, schemas=files.schemas, now=clock.now, random=random.random)
        link = Link(
            [way.target for way in files.ways.values()],
            parts,
            prefix=f"{storage.installation}-",
            access=SiteAccess(files.ways, hub.vault, hub),
            supervise=supervise,
        )
        board = Board(hub)
        offered = _profiles(site, hub, Way(hub, link))
        arbiter = Arbiter(hub, offered)
        profiles = [*offered, board, arbiter]
        hub.attach(link, profiles, load_extensions())
        for member in fleet.members():
            if member.state.identity is not None:
                link.hello(member.id)
        totals = await asyncio.to_thread(Totals, site.box.data_dir / TOTALS, counted_by(site))
        stack.callback(totals.close)
        load = setup(site, adapters)
        kinds = load_sensors() if site.sensor else {}
        senses = Senses(site, kinds, hub, totals=totals, buses=buses, listener=load.taps)
        stack.callback(senses.close)
        fit(site, fleet, hub, senses)
        sharing = load.service(hub, senses, arbiter)
        report = StatusReport(site.box.name, fleet, storage, link, clock.now, arbiter.bindings, sharing.shares)
        signing = Fiscal(hub, senses.signers())
        stack.push_async_callback(signing.aclose)
        yield Box(
            hub=hub,
            southbound=signing,
            link=link,
            adapters=adapters,
            profiles=profiles,
            storage=storage,
            report=report,
            socket=socket_path(site.box.data_dir),
            limits=limit_socket(site.box.data_dir),
            trials=trial_socket(site.box.data_dir),
            page=_page(site, hub, link, board, arbiter, sharing.history),
            broker=telling(site.alerts, board, hub.stations()),
            senses=senses,
            load=partial(load.run, hub, sharing),
            explains=partial(serve_explanations, load_socket(site.box.data_dir), sharing, hub, arbiter),
            shares=None if sharing.shares is None else sharing.shares.run,
            own=reader(hub, load_sensors({KIND}), site.box.root, site.box.data_dir),
        )


def _touch(hub: Hub) -> Touch:
    """What drivers can do on the page."""
    return Touch(enter=Keypad(hub.execute, hub.now).enter, choices=hub.visitors.choices, stop=hub.visitors.stop)


def _page(
    site: Site, hub: Hub, link: Link, board: Board, arbiter: Arbiter, load: LoadSight
) -> Callable[[], Awaitable[None]] | None:
    """The box's own page, if the site wants one."""
    if site.web is None:
        return None
    sight = Sight(
        box=site.box.name,
        stations=hub.stations,
        station=hub.station,
        notices=hub.notices,
        alerts=board.alerts,
        bindings=arbiter.bindings,
        online=link.accepted,
        languages=hub.visitors.languages,
        now=hub.now,
        touch=_touch(hub) if site.web.keypad else None,
        load=load,
    )
    return partial(serve_web, site.web.listen, sight, Manner(language=site.box.language, timezone=site.box.timezone))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Files:
    """What the start reads from disk, away from the event loop."""

    ways: Mapping[str, SiteWay]
    installations: Mapping[str, Installation]
    schemas: Schemas


def _read_files(site: Site) -> _Files:
    site.box.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if site.backend.security_profile >= BASIC_TLS:
        tls_context(site.backend.ca_file)  # what cannot work is found now, and not when the first station connects
    plan = plan_of(site)
    return _Files(
        ways={station.identity: _way(site, station) for station in site.station},
        installations={station.identity: _installation(site, station, plan) for station in site.station},
        schemas=Schemas.load(),
    )


def _way(site: Site, station: Station) -> SiteWay:
    client = certificate_files(site.backend, station)
    if client is not None:
        tls_context(site.backend.ca_file, client=client)
    return SiteWay(target=_target(site, station), ca_file=site.backend.ca_file, client=client)


def _target(site: Site, station: Station) -> Target:
    return Target(
        identity=station.identity,
        url=site.backend.url,
        password=read_password(site, station) or "",
        user=site.backend.user or "",
        security_profile=site.backend.security_profile,
        vendor=station.vendor or "",
        model=station.model or "",
    )


def _adapters(site: Site, buses: Buses) -> dict[str, Adapter]:
    """An adapter for each protocol that a station of the site names."""
    classes = load_adapters()
    wanted = dict.fromkeys(station.adapter for station in site.station)
    shared = {station for circuit in site.circuit for station, _ in circuit.evses}
    return {
        name: classes[name].made(
            site.southbound[name],
            [settings_of(s, watched=s.identity in shared) for s in site.station if s.adapter == name],
            buses,
        )
        for name in wanted
    }


async def _members(
    site: Site,
    adapters: Mapping[str, Adapter],
    storage: Storage,
    clock: Clock,
    installations: Mapping[str, Installation],
) -> AsyncIterator[Member]:
    known = await storage.queries.states()
    for station in site.station:
        state, settings = known.get(station.identity, (None, ()))
        connectors = settings_of(station).connectors
        yield Member(
            id=station.identity,
            adapter_name=station.adapter,
            adapter=adapters[station.adapter],
            installation=installations.get(station.identity)
            or Installation(security_profile=site.backend.security_profile, outlets=outlets_of(station)),
            state=first_state(station.identity, connectors, state, clock.now()),
            values=await storage.queries.variables(station.identity),
            settings=settings,
        )


def _installation(site: Site, station: Station, plan: Sequence[Planned]) -> Installation:
    """What the site knows of a station; reads files."""
    client, equipment = certificate_files(site.backend, station), equipment_of(plan, station.identity)
    equipment = (*own_equipment(), *equipment)
    inspections = inspections_of(site, station, equipment)
    return Installation(
        security_profile=site.backend.security_profile,
        url=site.backend.url,
        roots=_text(site.backend.ca_file),
        certificate=_text(None if client is None else client[0]),
        password=read_password(site, station) or "",
        root_check=site.backend.root_check,
        wildcards=site.backend.wildcards,
        display=site.web is not None,
        keypad=site.web is not None and site.web.keypad,
        outlets=outlets_of(station),
        relays=tuple(VendorRelay(vendor=e.vendor, url=e.url, messages=e.messages) for e in station.extension),
        equipment=equipment,
        alerts=(*alerts_of(plan, station.identity), *inspection_alerts(inspections), *own_alerts()),
        inspections=inspections,
        signs=any(identity == station.identity for identity, _ in meters_of(site)),
    )


def _text(file: Path | None) -> str:
    """What is in a PEM file that the site names; it has been found usable before."""
    return "" if file is None else file.read_text("utf-8", errors="replace")


def _profiles(site: Site, hub: Hub, way: Way) -> list[Profile]:
    classes = {name: each for name, each in load_profiles().items() if name not in site.profiles.disable}
    return [each(hub, way) for each in sorted(classes.values(), key=lambda each: each.rank)]
