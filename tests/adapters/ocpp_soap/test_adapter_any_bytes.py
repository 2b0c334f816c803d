"""Whatever is posted gets an answer, a fault or a closed connection; the adapter never fails."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.model.errors import GatewayError
from tests.adapters.ocpp_soap.rig import element, request, running

if TYPE_CHECKING:
    import pytest

BODIES = (
    element("startTransactionRequest", connectorId=1, idTag="A", timestamp="2024-05-01T11:59:30Z", meterStart=1),
    element("stopTransactionRequest", transactionId=1, timestamp="2024-05-01T11:59:30+02:00", meterStop=1),
    element("statusNotificationRequest", connectorId=1, status="Faulted", errorCode="OtherError", timestamp="x"),
    element("meterValuesRequest", values="<c:timestamp>2024</c:timestamp><c:value unit='Wh'>1</c:value>"),
    element("dataTransferRequest", vendorId="v", data="d"),
    element("bootNotificationRequest", chargePointVendor="v"),
)
NUMBERS = st.sampled_from([b"-1", b"99999999999", b"2147483648", b"1e9", b"nil", b"0001-01-01T00:00:00+14:00", b""])
WORDS = st.sampled_from([b"1", b"A", b"2024-05-01T11:59:30Z", b"c:", b"<", b">", b"Request", b"urn", b"connectorId"])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A request with some of its parts replaced."""
    body = request(draw(st.sampled_from(BODIES)))
    for _ in range(draw(st.integers(0, 4))):
        old = draw(WORDS)
        body = body.replace(old, draw(st.one_of(NUMBERS, st.binary(max_size=6))), draw(st.integers(1, 3)))
    return body[: draw(st.integers(0, len(body)))] if draw(st.booleans()) else body


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(st.one_of(mutated(), st.binary(max_size=300)), min_size=1, max_size=5))
async def test_any_bytes(bodies: list[bytes], caplog: pytest.LogCaptureFixture) -> None:
    caplog.clear()
    async with running() as rig:
        for body in bodies:
            try:
                reply = await rig.send(body)
            except GatewayError as error:
                assert error.code in {"station-answer-malformed", "station-unreachable"}  # noqa: PT017
            else:
                assert reply.status in {200, 400, 500}
                assert b"Envelope" in reply.body
        assert (await rig.send(request("<c:heartbeatRequest/>"))).status == 200
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR and record.exc_info]
