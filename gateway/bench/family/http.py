"""HTTP, as a simulated station answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from aiohttp import web
from typing_extensions import override

from gateway.bench.family.endpoint import Endpoint
from gateway.bench.family.pages import document, text_of
from gateway.family.pointer import put
from gateway.family.template import Template
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.bench.family.outlet import Outlet
    from gateway.family.family import HttpFamily
    from gateway.family.link import Request
    from gateway.family.value import Value

_CHALLENGES = {
    "basic": 'Basic realm="bench"',
    "bearer": "Bearer",
    "digest": 'Digest realm="bench", nonce="00112233445566778899aabbccddeeff", qop="auth", algorithm=MD5',
}
"""Whoever answers them is let in: the bench has no passwords."""

_METHODS = ("get", "post", "put", "delete")


class HttpEndpoint(Endpoint):
    """A small web server.

    Args:
        family: Of the station.
        outlets: Its connectors; a placeholder ``connector`` says which one is meant.
        host: Address to listen on.
        port: Port to listen on; 0: any free one.
    """

    def __init__(self, family: HttpFamily, outlets: Sequence[Outlet], host: str, port: int) -> None:
        self._family = family
        self._outlets = outlets
        self._host = host
        self._port = port
        self._base = urlsplit(family.link.base.text.replace("{host}", "host")).path.rstrip("/")
        self._runner: web.ServerRunner | None = None

    @property
    @override
    def connection(self) -> Mapping[str, object]:
        return {"url": f"http://{self._host}:{self._port}"}

    @override
    async def start(self) -> None:
        runner = web.ServerRunner(web.Server(self._handle), shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, self._host, self._port)
        await site.start()
        self._runner = runner
        self._port = int(runner.addresses[0][1])

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.text()
        if self._family.link.auth != "none" and "Authorization" not in request.headers:
            return web.Response(status=401, headers={"WWW-Authenticate": _CHALLENGES[self._family.link.auth]})
        for name, spec in self._family.requests.items():
            args = self._matched(spec, request.method.lower(), request.raw_path, body)
            if args is not None:
                return self._answer(name, spec, args)
        return web.Response(status=404)

    def _matched(self, spec: Request, method: str, path: str, body: str) -> dict[str, Value] | None:
        template: Template | None = getattr(spec, method, None) if method in _METHODS else None
        if template is None or not path.startswith(self._base):
            return None
        path = path[len(self._base) :]
        if not template.text.startswith("/"):
            path = path.removeprefix("/")
        args = template.match(path, unquote)
        if args is None:
            args = template.match(unquote(path))
        if args is None or spec.body is None:
            return args
        found = spec.body.match(body)
        return None if found is None else args | found

    def _answer(self, name: str, spec: Request, args: dict[str, Value]) -> web.Response:
        number = args.pop("connector", 1)
        outlet = next((each for each in self._outlets if each.number == number or str(each.number) == number), None)
        if outlet is None:
            return web.Response(status=404)
        if not outlet.heard():
            return web.Response(status=503)
        try:
            outlet.send(name, args)
        except GatewayError:
            return web.Response(status=400)
        if outlet.lacks(name):
            return web.Response(status=404)
        page = document(self._family.points, outlet, name)
        if spec.expect is not None or spec.expect_ptr:
            expected = spec.expect.evaluate(args) if spec.expect is not None else True
            pointer = Template.parse(spec.expect_ptr).render(args)
            page = put(page, pointer, expected if pointer or not isinstance(expected, bool) else str(expected).lower())
        kind = "text/plain" if isinstance(page, str) else "application/json"
        return web.Response(text=text_of({} if page is None else page), content_type=kind)

    @override
    async def cut(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    @override
    async def mend(self) -> None:
        if self._runner is None:
            await self.start()

    @override
    async def aclose(self) -> None:
        await self.cut()
