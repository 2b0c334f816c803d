"""The page's HTTP server. It reads, and nothing else: there is no address that changes anything."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.locale import LANGUAGES, Catalogue
from gateway.model.errors import GatewayError
from gateway.web.page import content, station_path, whole_page
from gateway.web.words import Reader, chosen_language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.config.fields import HostPort
    from gateway.web.sight import Sight

logger = logging.getLogger(__name__)

STREAMS = 32
"""Readers that are kept up to date at the same time; the others reload."""

LOOK = 1.0
"""Seconds between two looks at what has changed."""

ALIVE = 15.0
"""Seconds after which a reader that nothing has been sent to is sent something, to find out who has gone."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the page presents itself: its language where the reader has no wish, its time zone; when it looks."""

    language: str = "en"
    timezone: str = "UTC"
    look: float = LOOK
    alive: float = ALIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Assets:
    """What is read from disk, once."""

    readers: Mapping[str, Reader]
    style: str
    script: str

    @classmethod
    def load(cls, timezone: str) -> _Assets:
        folder, zone = Path(__file__).parent, ZoneInfo(timezone)
        return cls(
            readers={each: Reader(catalogue=Catalogue.load(each), zone=zone) for each in LANGUAGES},
            style=(folder / "page.css").read_text("utf-8"),
            script=(folder / "page.js").read_text("utf-8"),
        )


async def serve_web(
    listen: HostPort, sight: Sight, manner: Manner, ready: Callable[[int], None] = lambda _port: None
) -> None:
    """Serve until cancelled.

    Args:
        listen: Where.
        sight: What is shown.
        manner: How.
        ready: Told the port, once the page can be read there.

    Raises:
        GatewayError: ``web-listen-failed``.
    """
    server = _Server(sight, manner, await asyncio.to_thread(_Assets.load, manner.timezone))
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, listen.host, listen.port)
        try:
            await site.start()
        except OSError as error:
            raise GatewayError("web-listen-failed", address=str(listen), reason=error.strerror or str(error)) from error
        logger.info("page on http://%s/", listen)
        ready(runner.addresses[0][1])
        await asyncio.Event().wait()
    finally:
        server.stopping.set()
        await runner.cleanup()


class _Server:
    def __init__(self, sight: Sight, manner: Manner, assets: _Assets) -> None:
        self._sight = sight
        self._manner = manner
        self._assets = assets
        self._streams = 0
        self.stopping = asyncio.Event()

    def application(self) -> web.Application:
        application = web.Application()
        application.on_response_prepare.append(_protect)
        application.router.add_get("/", self._all)
        application.router.add_get("/station/{station}", self._one)
        application.router.add_get("/events", self._events)
        application.router.add_get("/page.css", self._style)
        application.router.add_get("/page.js", self._script)
        return application

    async def _all(self, request: web.Request) -> web.Response:
        return self._page(request, self._sight.stations(), "/")

    async def _one(self, request: web.Request) -> web.Response:
        station = self._known(request.match_info["station"])
        return self._page(request, (station,), station_path(station))

    async def _style(self, _request: web.Request) -> web.Response:
        return web.Response(text=self._assets.style, content_type="text/css")

    async def _script(self, _request: web.Request) -> web.Response:
        return web.Response(text=self._assets.script, content_type="text/javascript")

    def _page(self, request: web.Request, stations: tuple[str, ...], path: str) -> web.Response:
        text = whole_page(self._sight, stations, self._reader(request), self._assets.readers, path)
        return web.Response(text=text, content_type="text/html", headers={"Vary": "Accept-Language"})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: the changing part of a page, whenever it has changed."""
        wanted = request.query.get("station")
        stations = self._sight.stations() if wanted is None else (self._known(wanted),)
        if self._streams >= STREAMS:
            raise web.HTTPServiceUnavailable
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        self._streams += 1
        try:
            await response.prepare(request)
            await self._follow(request, response, stations)
        except ConnectionError:
            pass  # the reader has gone
        finally:
            self._streams -= 1
        return response

    async def _follow(self, request: web.Request, response: web.StreamResponse, stations: tuple[str, ...]) -> None:
        loop, reader = asyncio.get_running_loop(), self._reader(request)
        last, told_at = "", 0.0
        while not self.stopping.is_set() and request.transport is not None:
            text = content(self._sight, stations, reader, self._assets.readers)
            if text != last:
                await response.write(_event(text))
                last, told_at = text, loop.time()
            elif loop.time() - told_at >= self._manner.alive:
                await response.write(b":\n\n")
                told_at = loop.time()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._manner.look):
                    await self.stopping.wait()

    def _reader(self, request: web.Request) -> Reader:
        accepted, wanted = request.headers.get("Accept-Language", ""), request.query.get("lang", "")
        return self._assets.readers[chosen_language(wanted, accepted, self._assets.readers, self._manner.language)]

    def _known(self, station: str) -> str:
        if station not in self._sight.stations():
            raise web.HTTPNotFound
        return station


async def _protect(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
    response.headers.popall("Server", None)


def _event(text: str) -> bytes:
    return ("".join(f"data: {line}\n" for line in text.splitlines()) + "\n").encode()
