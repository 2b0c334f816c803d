"""Each quirk shows on the wire, and the station still does its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bench.ocpp_s import soap
from gateway.bench.ocpp_s.dialects import V15
from gateway.bench.ocpp_s.quirks import Quirk
from gateway.model.errors import GatewayError
from tests.gateway.bench.ocpp_s.conftest import living

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.gateway.bench.ocpp_s.central import Central, Seen

_SIGNS: dict[Quirk, Callable[[Seen], bool]] = {
    Quirk.NO_FROM: lambda seen: "From" not in seen.headers,
    Quirk.EMPTY_FROM: lambda seen: seen.headers["From"] == "",
    Quirk.TEXT_FROM: lambda seen: b"From>http" in seen.xml,
    Quirk.NO_ACTION: lambda seen: "Action" not in seen.headers and "action=" not in seen.http["Content-Type"],
    Quirk.NO_MESSAGE_ID: lambda seen: "MessageID" not in seen.headers,
    Quirk.PLAIN_MESSAGE_ID: lambda seen: seen.headers["MessageID"].isdigit(),
    Quirk.OLD_ADDRESSING: lambda seen: b"2004/08/addressing" in seen.xml,
    Quirk.HEADER_CASE: lambda seen: "ChargeBoxIDENTITY" in seen.headers,
    Quirk.SOAP_11: lambda seen: b"schemas.xmlsoap.org/soap/envelope" in seen.xml,
    Quirk.PREFIX: lambda seen: b"<SOAP-ENV:Envelope" in seen.xml,
    Quirk.NAIVE_TIME: lambda seen: not seen.texts["timestamp"].endswith("Z"),
    Quirk.BOM: lambda seen: seen.xml.startswith(b"\xef\xbb\xbf"),
    Quirk.CHUNKED: lambda seen: seen.http.get("Transfer-Encoding") == "chunked",
    Quirk.OMIT_ZERO: lambda seen: "meterStart" not in seen.texts,
    Quirk.ELEMENT_ORDER: lambda seen: seen.xml.index(b"meterStart") < seen.xml.index(b"timestamp"),
}


@pytest.mark.parametrize("quirk", sorted(_SIGNS))
async def test_quirk_shows_in_a_start_transaction(
    central: Central, quirk: Quirk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STATIONLIFT_WSDL_DIR", raising=False)
    async with living(central, quirks=frozenset({quirk})) as bench:
        await bench.settled()
        await bench.charge()
        assert _SIGNS[quirk](central.last("startTransaction"))
        assert bench.station.ledger.transactions[0].transaction_id == 1


async def test_answer_without_header(central: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STATIONLIFT_WSDL_DIR", raising=False)
    async with living(central, quirks=frozenset({Quirk.NO_RESPONSE_HEADER})) as bench:
        root = await central.call(bench.station.url, "ClearCache")
        assert len(root[0]) == 0


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30).map(
    lambda text: "".join(char for char in text if ord(char) not in {0xFFFE, 0xFFFF}).strip()
)


@given(TEXT, st.sets(st.sampled_from(sorted(Quirk))))
def test_what_is_written_is_read_back(text: str, quirks: set[Quirk]) -> None:
    data = soap.write(
        "dataTransferRequest",
        {"vendorId": text, "data": text},
        soap.Headers(action="/DataTransfer", identity="CP-1"),
        namespace=V15.central_system,
        quirks=quirks,
    )
    received = soap.read(data.removeprefix(b"\xef\xbb\xbf\r\n"))
    assert received.body.name == "dataTransferRequest"
    assert received.body.text("data", "") == text
    assert received.headers["chargeboxidentity"] == "CP-1"


@given(
    st.binary()
    | st.sampled_from([b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"<a/>", b"<Envelope><Body/></Envelope>"])
)
def test_what_is_no_envelope_is_refused(data: bytes) -> None:
    with pytest.raises(GatewayError, match="soap-unreadable"):
        soap.read(data)
