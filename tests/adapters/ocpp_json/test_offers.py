"""A file that the box lets a station fetch: on the same port, as the station knows it."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from adapters.ocpp_json.config import TlsFiles
from gateway.contracts import Offer
from tests.adapters.ocpp_json.rig import STATION, running

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "q1w2e3r4t5z6u7i8o9p0aA"
CONTENT = bytes(range(256)) * 1024


@pytest.fixture
async def offer(tmp_path: Path) -> Offer:
    file = tmp_path / "fw.bin"
    await asyncio.to_thread(file.write_bytes, CONTENT)
    return Offer(file=file, secret=SECRET)


async def test_a_station_fetches_the_file_where_it_has_connected_to(offer: Offer) -> None:
    async with running() as rig:
        assert await rig.adapter.offer(STATION, offer) == ""  # it is not there
        async with rig.station() as station:
            await station.ask("Heartbeat")
            url = await rig.adapter.offer(STATION, offer)
            assert url == rig.url(f"firmware/{SECRET}/fw.bin")
            async with rig.http.get(url) as answer:
                assert await answer.read() == CONTENT
            await rig.adapter.offer(STATION, None)
            async with rig.http.get(url) as answer:
                assert answer.status == 404


async def test_with_tls_the_url_is_encrypted_too(offer: Offer, tmp_path: Path) -> None:
    authority, chain, key = trustme.CA(), tmp_path / "chain.pem", tmp_path / "key.pem"
    issued = authority.issue_cert("localhost")
    for file, content in ((chain, issued.cert_chain_pems[0]), (key, issued.private_key_pem)):
        await asyncio.to_thread(file.write_bytes, content.bytes())
    trusting = await asyncio.to_thread(ssl.create_default_context)
    authority.configure_trust(trusting)
    async with running(tls=TlsFiles(cert_file=chain, key_file=key)) as rig, rig.station(tls=trusting) as station:
        await station.ask("Heartbeat")
        url = await rig.adapter.offer(STATION, offer)
        assert url == rig.url(f"firmware/{SECRET}/fw.bin")
        async with rig.http.get(url, ssl=trusting) as answer:
            assert await answer.read() == CONTENT


async def test_who_may_not_connect_may_not_fetch(offer: Offer) -> None:
    async with running(networks=("10.0.0.0/8",)) as rig:
        await rig.adapter.offer(STATION, offer)
        async with rig.http.get(rig.url(f"firmware/{SECRET}/fw.bin")) as answer:
            assert answer.status == 403
