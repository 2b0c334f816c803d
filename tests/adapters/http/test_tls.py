"""https: a certificate is checked, unless the site says otherwise."""

from __future__ import annotations

import ssl

import pytest
import trustme
from aiohttp import web

from adapters.common.wire import Unreachable
from adapters.http.pool import HttpConnection, HttpPool
from tests.adapters.http.station import STATUS, family


async def _status(_: web.Request) -> web.Response:
    return web.json_response(STATUS)


async def test_a_certificate_that_nobody_vouches_for_is_taken_only_where_the_site_says_so() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    app = web.Application()
    app.router.add_get("/api/status", _status)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    url = f"https://127.0.0.1:{runner.addresses[0][1]}"
    pool = HttpPool()
    try:
        careful = pool.wire(HttpConnection(url=url), family(), 1)
        with pytest.raises(Unreachable, match=r"no-connection.*(?i:certificate)"):
            await careful.read(["car"])
        trusting = pool.wire(HttpConnection(url=url, verify=False), family(), 1)
        assert (await trusting.read(["car"])).values == {"car": 2}
    finally:
        await pool.aclose()
        await runner.cleanup()
