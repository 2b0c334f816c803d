"""Certification cases of customer information: TC_N_27 to TC_N_32."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.plan import TOKEN

if TYPE_CHECKING:
    from gateway.bench.csms.ledger import Payload
    from tests.e2e.world import World

NAME: Payload = {"idToken": TOKEN, "type": "ISO14443"}


async def visited(one: World) -> None:
    """The token is in the cache and in the local list, and has charged without the CSMS's word."""
    entry = {"idToken": NAME, "idTokenInfo": {"status": "Accepted"}}
    answer = await one.call("SendLocalList", versionNumber=1, updateType="Full", localAuthorizationList=[entry])
    assert answer["status"] == "Accepted"
    assert await one.set_variable("AuthCtrlr", "LocalPreAuthorize", "true") == "Accepted"
    await one.whole_session()
    await one.delivered()


async def told(one: World, *, report: bool, clear: bool) -> str:
    """The data of the messages that follow an accepted request, put together."""
    since = one.news
    answer = await one.call("CustomerInformation", requestId=since, report=report, clear=clear, idToken=NAME)
    assert answer["status"] == "Accepted"
    last = await one.heard("NotifyCustomerInformation", since, requestId=since, tbc=False)
    pages = [r.payload for r in one.csms.received[since:] if r.action == "NotifyCustomerInformation"]
    assert [page["seqNo"] for page in pages] == list(range(len(pages)))
    assert pages[-1] == last.payload
    return "".join(page["data"] for page in pages)


@pytest.mark.case("TC_N_27_CS")
@pytest.mark.ocpp("N09.FR.02", "N09.FR.05")
async def test_what_is_stored_is_told(one: World) -> None:
    """TC_N_27."""
    await visited(one)
    data = await told(one, report=True, clear=False)
    assert "Local Authorization List" in data
    assert one.held()[0].transaction_id in data


@pytest.mark.case("TC_N_28_CS", "TC_N_31_CS")
@pytest.mark.ocpp("N09.FR.06", "N10.FR.04")
async def test_nothing_is_stored(one: World) -> None:
    """TC_N_28, TC_N_31."""
    assert await told(one, report=False, clear=True) == "Data cleared."
    assert await told(one, report=True, clear=False) == "No data found."
    assert await told(one, report=True, clear=True) == "No data found."


@pytest.mark.case("TC_N_30_CS")
@pytest.mark.ocpp("N10.FR.01", "N10.FR.03")
async def test_what_is_stored_is_told_and_cleared(one: World) -> None:
    """TC_N_30."""
    await visited(one)
    transaction = one.held()[0].transaction_id
    data = await told(one, report=True, clear=True)
    assert transaction in data
    left = await told(one, report=True, clear=False)
    assert "Local Authorization List" in left  # only the CSMS changes it
    assert transaction not in left


@pytest.mark.case("TC_N_32_CS")
@pytest.mark.ocpp("N10.FR.06")
async def test_cleared_without_telling(one: World) -> None:
    """TC_N_32."""
    await visited(one)
    assert await told(one, report=False, clear=True) == "Data cleared."
    assert one.held()[0].transaction_id not in await told(one, report=True, clear=False)
