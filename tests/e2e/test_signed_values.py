"""Signed meter values of an OCPP 1.6-J station, as far as the CSMS: TC_J_04, TC_J_11."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import orjson
import pytest

from gateway.model.readings import ENERGY_REGISTER
from tests.e2e.raw16 import CARD, now, raw_scene

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload

KEY = base64.b64encode(b"oca:base16:asn1:3056").decode()
RECORD = 'OCMF|{{"FV":"1.0","RD":[{{"TX":"{mark}","RV":{kwh},"RU":"kWh"}}]}}|{{"SD":"3045"}}'
KEYS = {
    "SampledDataSignReadings": "false",
    "AlignedDataSignReadings": "false",
    "PublicKeyWithSignedMeterValue": "OncePerTransaction",
    "StopTxnAlignedData": ENERGY_REGISTER,
    "ClockAlignedDataInterval": "900",
    "MeterPublicKey1": KEY,
}


def record(mark: str, wh: int) -> str:
    """A signed record, Base64."""
    return base64.b64encode(RECORD.format(mark=mark, kwh=wh / 1000).encode()).decode()


def signed(context: str, mark: str, wh: int, key: str = "") -> Payload:
    """A sampled value as the application note has it."""
    value = {"signedMeterData": record(mark, wh), "signingMethod": "", "encodingMethod": "OCMF", "publicKey": key}
    return {
        "value": orjson.dumps(value).decode(), "format": "SignedData", "context": context, "location": "Outlet",
        "measurand": ENERGY_REGISTER, "unit": "Wh",
    }  # fmt: skip


def raw(context: str, wh: int) -> Payload:
    """The same, not signed."""
    return {"value": str(wh), "context": context, "measurand": ENERGY_REGISTER, "unit": "Wh"}


def told(event: Payload) -> list[tuple[str, float, str, str]]:
    """Context, number, record and public key of each value of an event that is signed."""
    values = [value for each in event.get("meterValue", []) for value in each["sampledValue"]]
    return [
        (v["context"], v["value"], v["signedMeterValue"]["signedMeterData"], v["signedMeterValue"]["publicKey"])
        for v in values
        if "signedMeterValue" in v
    ]


@pytest.mark.case("TC_J_04_CS", "TC_J_11_CS")
@pytest.mark.ocpp("J01.FR.21", "J02.FR.21")
async def test_signed_values_go_with_their_transaction_once(tmp_path: Path) -> None:
    async with raw_scene(tmp_path, KEYS) as made:
        await made.until(lambda: bool(made.csms.of("StatusNotification")))
        assert await made.set_("SampledDataCtrlr", "SignReadings", "true") == "Accepted"
        assert await made.set_("AlignedDataCtrlr", "SignReadings", "true") == "Accepted"
        assert (made.station.keys["SampledDataSignReadings"], made.station.keys["AlignedDataSignReadings"]) == (
            "true", "true",
        )  # fmt: skip
        number = await made.begin(1000)
        periodic = {
            "timestamp": now(45),
            "sampledValue": [signed("Sample.Periodic", "T", 1200), raw("Sample.Periodic", 1201)],
        }
        for _ in range(2):  # the station has not seen the first answer
            await made.station.say("MeterValues", connectorId=1, transactionId=number, meterValue=[periodic])
        data = [
            {"timestamp": now(59), "sampledValue": [signed("Transaction.Begin", "B", 1000)]},
            {"timestamp": now(30), "sampledValue": [signed("Sample.Clock", "T", 1500)]},
            {"timestamp": now(), "sampledValue": [signed("Transaction.End", "E", 2000)]},
        ]
        stop = {"transactionId": number, "idTag": CARD, "meterStop": 2000, "timestamp": now(), "transactionData": data}
        for _ in range(2):
            await made.station.say("StopTransaction", **stop)
        event = await made.ended()
        (held,) = made.csms.transactions.values()
        updates = [told(each) for each in held.ordered[:-1]]
        assert [each for each in updates if each] == [[("Sample.Periodic", 1201, record("T", 1200), KEY)]]
        # The key has been told by then.
        assert told(event) == [
            ("Transaction.Begin", 1000, record("B", 1000), ""),
            ("Sample.Clock", 1500, record("T", 1500), ""),
            ("Transaction.End", 2000, record("E", 2000), ""),
        ]
        values = [v for each in event["meterValue"] for v in each["sampledValue"]]
        assert {v["measurand"] for v in values} == {ENERGY_REGISTER}
        assert len(values) == 3, "no number is told twice, signed and not"
        assert {v["signedMeterValue"]["encodingMethod"] for v in values} == {"OCMF"}


async def test_signatures_that_are_switched_off_are_left_out(tmp_path: Path) -> None:
    keys = {**KEYS, "PublicKeyWithSignedMeterValue": "EveryMeterValue"}
    async with raw_scene(tmp_path, keys) as made:
        number = await made.begin(1000)
        data = [{"timestamp": now(), "sampledValue": [signed("Transaction.End", "E", 2000, KEY)]}]
        await made.station.say(
            "StopTransaction", transactionId=number, meterStop=2000, timestamp=now(), transactionData=data
        )
        event = await made.ended()
        assert told(event) == []
        assert [v["value"] for each in event["meterValue"] for v in each["sampledValue"]] == [1000, 2000]
