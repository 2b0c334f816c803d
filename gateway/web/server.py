"""The page's HTTP server. It only reads, unless the site file lets drivers type and choose on the page (``Sight.touch``)."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.locale import LANGUAGES, Catalogue
from gateway.model.errors import GatewayError
from gateway.web.page import content, station_path, whole_page
from gateway.web.touch import is_own
from gateway.web.words import Reader, chosen_language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.config.fields import HostPort
    from gateway.web.sight import Sight
    from gateway.web.touch import Touch

logger = logging.getLogger(__name__)

STREAMS = 32
"""Readers that are kept up to date at the same time; the others reload."""

LOOK = 1.0
"""Seconds between two looks at what has changed."""

ALIVE = 15.0
"""Seconds after which a reader that nothing has been sent to is sent something, to find out who has gone."""

FORM_SIZE = 4096
"""Bytes of a form."""

EVSE_DIGITS = 6

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
        application = web.Application(client_max_size=FORM_SIZE)
        application.on_response_prepare.append(self._protect)
        application.router.add_get("/", self._all)
        application.router.add_get("/station/{station}", self._one)
        application.router.add_get("/events", self._events)
        application.router.add_get("/page.css", self._style)
        application.router.add_get("/page.js", self._script)
        if self._sight.touch is not None:
            application.router.add_post("/station/{station}/code", partial(self._code, self._sight.touch))
            application.router.add_post("/station/{station}/stop", partial(self._stop, self._sight.touch))
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
        told = request.query.get("told", "")
        text = whole_page(self._sight, stations, self._reader(request), self._assets.readers, path, told)
        return web.Response(text=text, content_type="text/html", headers={"Vary": "Accept-Language"})

    async def _code(self, touch: Touch, request: web.Request) -> web.Response:
        """A key code that a driver has typed (C04)."""
        station, evse, form = await self._form(request)
        if evse not in self._sight.station(station).evses():
            raise web.HTTPBadRequest
        told = await touch.enter(station, evse, str(form.get("code", "")).strip())
        return self._back(request, station, told)

    async def _stop(self, touch: Touch, request: web.Request) -> web.Response:
        """What somebody with a master pass has chosen (C16)."""
        station, evse, _ = await self._form(request)
        choices = touch.choices(station)
        if not choices or evse not in {0, *choices}:
            raise web.HTTPForbidden
        await touch.stop(station, evse)
        return self._back(request, station)

    async def _form(self, request: web.Request) -> tuple[str, int, Mapping[str, object]]:
        """Station, EVSE and the other fields of a form that the page itself has sent."""
        station = self._known(request.match_info["station"])
        if not is_own(request.headers, request.host):
            raise web.HTTPForbidden
        form = await request.post()
        evse = str(form.get("evse", ""))
        if not (evse.isascii() and evse.isdigit() and len(evse) <= EVSE_DIGITS):
            raise web.HTTPBadRequest
        return station, int(evse), form

    def _back(self, request: web.Request, station: str, told: str = "") -> web.Response:
        query = {"lang": self._reader(request).language} | ({"told": told} if told else {})
        return web.Response(status=303, headers={"Location": f"{station_path(station)}?{urlencode(query)}"})

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

    async def _protect(self, _request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(HEADERS)
        if self._sight.touch is not None:
            policy = HEADERS["Content-Security-Policy"].replace("form-action 'none'", "form-action 'self'")
            response.headers["Content-Security-Policy"] = policy
        response.headers.popall("Server", None)

    def _known(self, station: str) -> str:
        if station not in self._sight.stations():
            raise web.HTTPNotFound
        return station


def _event(text: str) -> bytes:
    return ("".join(f"data: {line}\n" for line in text.splitlines()) + "\n").encode()
