"""A meter that signs, led over Modbus as its family says; its signature is verified."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from adapters.common.wire import Unreachable
from adapters.sensors.family import ModbusKeys, ModbusSensors
from gateway.model.errors import GatewayError
from gateway.model.ids import Place
from gateway.model.signing import Moment, SigningOrder
from gateway.model.tokens import Token, TokenType
from tests.adapters.sensors.families import sensor
from tests.fakes.panel import FakePanel
from tests.fakes.signing_meter import ACTIVE, STATE, SigningMeter, metered, read_record
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.model.readings import Signature

CARD = Token(value="04A1B2C3D4E5F6", type=TokenType.ISO14443)
PLACE = Place(station="AT-1", evse=2, connector=1)
KEYS = ModbusKeys.model_validate({"family": "iskra-wm3m4", "connection": {"tcp": "10.0.0.9"}})
NOW = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)


def order(moment: Moment, token: Token | None = CARD) -> SigningOrder:
    return SigningOrder(moment=moment, place=PLACE, at=NOW, token=token)


def said(signature: Signature) -> dict[str, object]:
    return read_record({
        "encodingMethod": signature.encoding, "signingMethod": signature.method,
        "signedMeterData": signature.data, "publicKey": signature.public_key,
    })  # fmt: skip


@pytest.fixture
async def meter() -> SigningMeter:
    return SigningMeter()


@pytest.fixture
async def sensors(meter: SigningMeter) -> AsyncIterator[ModbusSensors]:
    panel = FakePanel()
    async with metered(meter) as port:
        kind = ModbusSensors([sensor("meter", KEYS, ["energy_total"], tcp=f"127.0.0.1:{port}")])
        assert kind.signs(KEYS)
        async with running(kind.run(panel)):
            await panel.until(lambda panel: bool(panel.values))
            yield kind


async def test_begin_and_end_are_signed_with_who_charges_and_when(meter: SigningMeter, sensors: ModbusSensors) -> None:
    begin = said(await sensors.sign("meter", order(Moment.BEGIN)))
    meter.wh = 8250
    end = said(await sensors.sign("meter", order(Moment.END)))

    assert (begin["ID"], begin["IT"], begin["CI"], begin["IS"]) == ("04A1B2C3D4E5F6", "ISO14443", "AT-1 2", True)
    assert [(each["TX"], each["RV"]) for each in begin["RD"]] == [("B", 1.0)]  # type: ignore[attr-defined]
    assert [(each["TX"], each["RV"]) for each in end["RD"]] == [("B", 1.0), ("E", 8.25)]  # type: ignore[attr-defined]
    assert meter.commands == ["begin", "end"]
    assert (meter.registers[7054] << 16) + meter.registers[7055] == NOW.timestamp()


async def test_a_transaction_that_nobody_has_ended_is_ended_before_the_next(
    meter: SigningMeter, sensors: ModbusSensors
) -> None:
    await sensors.sign("meter", order(Moment.BEGIN))
    found = said(await sensors.sign("meter", order(Moment.BEGIN, None)))
    assert meter.commands == ["begin", "end", "begin"]
    assert (found["IT"], found["IS"]) == ("NONE", False)


async def test_a_meter_that_was_without_power_is_told_time_and_driver_again(
    meter: SigningMeter, sensors: ModbusSensors
) -> None:
    await sensors.sign("meter", order(Moment.BEGIN))
    meter.lose_power()
    assert said(await sensors.sign("meter", order(Moment.END)))["ID"] == CARD.value


async def test_nothing_is_signed_at_the_end_of_what_was_not_begun(meter: SigningMeter, sensors: ModbusSensors) -> None:
    with pytest.raises(GatewayError, match="step-timeout"):
        await sensors.sign("meter", order(Moment.END))
    assert meter.commands == []


async def test_who_gives_up_waiting_leaves_the_meter_usable(meter: SigningMeter, sensors: ModbusSensors) -> None:
    meter.broken = True
    task = asyncio.create_task(sensors.sign("meter", order(Moment.BEGIN)))
    async with asyncio.timeout(5):
        await meter.asked.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    meter.broken = False
    meter.registers[STATE], meter.registers[7052] = ACTIVE, 15
    said(await sensors.sign("meter", order(Moment.BEGIN)))
    assert meter.commands == ["begin", "end", "begin"]


async def test_nobody_waits_for_a_meter_that_is_lost() -> None:
    meter, panel = SigningMeter(), FakePanel()
    async with metered(meter) as port:
        kind = ModbusSensors([sensor("meter", KEYS, ["energy_total"], tcp=f"127.0.0.1:{port}")])
        stack = running(kind.run(panel))
        await stack.__aenter__()
        await panel.until(lambda panel: bool(panel.values))
    try:
        await panel.until(lambda panel: bool(panel.losses))
        with pytest.raises(Unreachable):
            async with asyncio.timeout(0.5):
                await kind.sign("meter", order(Moment.BEGIN))
    finally:
        await stack.__aexit__(None, None, None)
