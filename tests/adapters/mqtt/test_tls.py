"""A broker with TLS."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import pytest
import trustme
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from adapters.common.wire import Unreachable
from tests.adapters.mqtt.broker import broker, reached

if TYPE_CHECKING:
    from pathlib import Path


def _publish(port: int, ca: Path) -> None:
    """A retained message, over TLS."""
    client = Client(CallbackAPIVersion.VERSION2)
    client.tls_set(str(ca))
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.publish("warp/abc/info/name", "WARP 3", 1, retain=True).wait_for_publish(5)
    client.disconnect()
    client.loop_stop()


# After a failed handshake paho leaves its socket to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
async def test_a_broker_is_trusted_by_the_sites_certificates(tmp_path: Path) -> None:
    ca = trustme.CA()
    cert = ca.issue_cert("127.0.0.1")
    trusted, stranger, key, chain = (tmp_path / name for name in ("ca.pem", "other.pem", "key.pem", "chain.pem"))
    ca.cert_pem.write_to_path(str(trusted))
    trustme.CA().cert_pem.write_to_path(str(stranger))
    cert.private_key_pem.write_to_path(str(key))
    cert.cert_chain_pems[0].write_to_path(str(chain))
    options = ("allow_anonymous true", f"certfile {chain}", f"keyfile {key}")
    async with broker(tmp_path, *options) as at:
        await asyncio.to_thread(_publish, at.port, trusted)
        async with reached(at.port, ca_file=str(trusted)) as wire:
            assert (await wire.read(["model"])).values == {"model": "WARP 3"}
        async with reached(at.port, ca_file=str(stranger)) as wire:
            with pytest.raises(Unreachable, match=r"no-connection.*(?i:certificate)"):
                await wire.connect()
        async with reached(at.port) as wire:
            with pytest.raises(Unreachable, match="no-connection"):
                await wire.connect()
    gc.collect()
