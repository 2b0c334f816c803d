"""Devices whose registers are in a chain of blocks, and texts that are longer than a read."""

from __future__ import annotations

import pytest

from adapters.common.wire import Rank, Refused, Unreachable
from tests.adapters.modbus.family import modbus_family
from tests.adapters.modbus.peers import Device, Hangup, tcp_devices, tcp_peer
from tests.adapters.modbus.wires import connection, pooled, tcp_wire

POINTS = {
    "model": {"model": [1], "at": 2, "type": "str", "n": 2},
    "power": {"model": [203, 204], "at": 3, "type": "s16", "unit": "W", "exponent": "power_sf"},
    "power_sf": {"model": [203, 204], "at": 4, "type": "s16"},
    "limit": {"model": [300], "at": 2, "access": "rw"},
    "plain": {"at": 7},
}
NAMES = ("model", "power", "plain")


def device(start: int, *blocks: tuple[int, ...]) -> Device:
    """Blocks of (number, values ...) from an address on, and a register that is in none."""
    row = [0x5375, 0x6E53]
    for number, *values in blocks:
        row += [number, len(values), *values]
    return Device(tables={"holding": {7: 77, **dict(enumerate([*row, 0xFFFF, 0], start))}})


METER = (203, 16, 552, 1)
COMMON = (1, 0x4142, 0x4300)


@pytest.mark.parametrize("start", [0x20, 40_000, 50_000])
async def test_the_chain_is_found_and_walked_once(start: int) -> None:
    peer = device(start, COMMON, (120, 9, 9, 9), METER)
    peer.tables["holding"] = {**dict.fromkeys(range(2), 0), **peer.tables["holding"]}
    async with tcp_wire(peer, modbus_family(POINTS, chain={"starts": [40_000, 50_000, 0x20]}, max_gap=8)) as wire:
        for _ in range(2):
            took = await wire.read(NAMES)
            assert took.values == {"model": "ABC", "power": 5520.0, "plain": 77}
            assert not took.refused
    assert sum(at == start for _, at, count in peer.asked if count == 2) == 1


async def test_what_is_in_a_block_that_the_device_lacks_is_refused() -> None:
    async with tcp_wire(device(40_000, METER), modbus_family(POINTS, chain={})) as wire:
        took = await wire.read([*NAMES, "limit"])
        assert took.values == {"power": 5520.0, "plain": 77}
        assert took.refused == {"model", "limit"}
        with pytest.raises(Refused, match="modbus-block"):
            await wire.write("limit", 5)


async def test_a_device_without_a_chain_has_only_what_is_in_no_block() -> None:
    async with tcp_wire(Device(tables={"holding": {7: 77}}), modbus_family(POINTS, chain={})) as wire:
        took = await wire.read(NAMES)
    assert took.values == {"plain": 77}
    assert took.refused == {"model", "power"}


async def test_a_block_is_written_where_it_is() -> None:
    peer = device(40_000, COMMON, (300, 0, 0))
    async with tcp_wire(peer, modbus_family(POINTS, chain={})) as wire:
        await wire.write("limit", 5)
        assert (await wire.read(["limit"])).values == {"limit": 5}
    assert peer.tables["holding"][40_008] == 5


async def test_what_comes_back_after_a_loss_may_have_another_chain() -> None:
    here = {1: device(40_000, COMMON, METER)}
    gone = False

    async def answer(frame: bytes) -> bytes | None:
        if gone:
            raise Hangup
        return await tcp_devices(here)(frame)

    family = modbus_family(POINTS, chain={})
    async with tcp_peer(answer) as server, pooled() as pool:
        wire = pool.wire(connection(tcp=f"127.0.0.1:{server.port}"), family, 1)
        assert (await wire.read(["power"])).values == {"power": 5520.0}
        gone = True
        with pytest.raises(Unreachable):
            await wire.read(["power"])
        gone, here[1] = False, device(40_000, (160, 1, 2, 3, 4), METER)
        assert (await wire.read(["power"], rank=Rank.INPUT)).values == {"power": 5520.0}


async def test_a_text_that_is_longer_than_a_read_comes_in_parts() -> None:
    text = "".join(chr(ord("a") + place % 26) for place in range(400))
    words = [ord(text[place]) << 8 | ord(text[place + 1]) for place in range(0, 400, 2)]
    peer = Device(tables={"holding": dict(enumerate([*words, *[0] * 56], 1000))})
    family = modbus_family({"ocmf": {"at": 1000, "type": "str", "n": 256}}, max_span=100)
    async with tcp_wire(peer, family) as wire:
        assert (await wire.read(["ocmf"])).values == {"ocmf": text}
    assert [count for _, _, count in peer.asked] == [100, 100, 56]
