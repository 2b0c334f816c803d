"""The command of the simulated 1.6-J station."""

from __future__ import annotations

import argparse
import asyncio
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme
from pydantic import SecretStr

from adapters.ocpp_json.config import TlsFiles
from gateway.bench.clock import ScaledClock
from gateway.bench.ocpp16j.command import add_arguments, main
from gateway.bench.ocpp16j.line import Access
from gateway.bench.ocpp16j.station import JsonStation
from gateway.bench.ocpp_s.config import StationConfig
from gateway.bench.ocpp_s.dialects import V16
from tests.adapters.ocpp_json.rig import KEY, NAME, running, settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def options(*given: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(["--url", "ws://127.0.0.1:9/x", "--identity", "A", *given])


@pytest.mark.parametrize(
    ("given", "code"), [(("--evses", "0"), 2), (("--speed", "0"), 2), (("--ca", "/nowhere/ca.pem"), 1)]
)
async def test_wrong_options_are_told(given: Sequence[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert await main(options(*given)) == code
    assert '"error"' in capsys.readouterr().err


async def test_it_signs_in_over_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    trusting = await asyncio.to_thread(ssl.create_default_context)
    authority.configure_trust(trusting)
    secret = settings(station_password=SecretStr(KEY))
    async with running(secret, tls=TlsFiles(cert_file=chain, key_file=key)) as rig:
        url = f"wss://localhost:{rig.adapter.address[1]}/ocpp16"
        config = StationConfig(url=url, identity=NAME, dialect=V16)
        station = JsonStation(config, ScaledClock(speed=600.0), Access(password=KEY, tls=trusting))
        life = asyncio.create_task(station.run())
        async with asyncio.timeout(10):
            await station.wait_until(lambda s: s.is_accepted and not s.backlog)
        await station.exit()
        await life
