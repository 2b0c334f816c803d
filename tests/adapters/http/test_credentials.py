"""Digest and bearer, against a server that checks them."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from adapters.common.wire import Unreachable
from tests.adapters.http.station import STATUS, Station, family, reached

if TYPE_CHECKING:
    from pathlib import Path


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 RFC 7616 has it so


def _digest(request: web.Request) -> web.Response:
    """RFC 7616 with MD5 and qop=auth, for admin and secret."""
    pairs = re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', request.headers.get("Authorization", ""))
    said = {name: quoted or bare for name, quoted, bare in pairs}
    if said:
        first, second = _md5("admin:box:secret"), _md5(f"{request.method}:{said['uri']}")
        whole = f"{first}:{said['nonce']}:{said['nc']}:{said['cnonce']}:{said['qop']}:{second}"
        if said["response"] == _md5(whole):
            return web.json_response(STATUS)
    challenge = 'Digest realm="box", nonce="n1", qop="auth", algorithm=MD5'
    return web.Response(status=401, headers={"WWW-Authenticate": challenge})


async def test_digest(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("secret\n")
    station = Station({"/api/status": _digest})
    async with reached(station, family(link={"auth": "digest"}), user="admin", password_file=str(file)) as wire:
        assert (await wire.read(["car"])).values == {"car": 2}
    file.write_text("wrong\n")
    station.port = 0
    async with reached(station, family(link={"auth": "digest"}), user="admin", password_file=str(file)) as wire:
        with pytest.raises(Unreachable, match="status=401"):
            await wire.read(["car"])


async def test_bearer(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("abc.def\n")
    station = Station({"/api/status": STATUS})
    async with reached(station, family(link={"auth": "bearer"}), token_file=str(file)) as wire:
        await wire.read(["car"])
    assert station.headers[0]["Authorization"] == "Bearer abc.def"
