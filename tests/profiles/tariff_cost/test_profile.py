"""I01 to I06 as the CSMS and the driver see them."""

from __future__ import annotations

import pytest

from gateway.model.errors import GatewayError
from gateway.model.events import TransactionEnded
from gateway.model.ids import Place
from gateway.model.notices import Notice, NoticeKind
from gateway.model.tokens import Token
from gateway.model.transactions import StopCause, StoppedReason, TriggerReason
from profiles.tariff_cost.ledger import SHOWN
from profiles.tariff_cost.profile import CONTROLLER
from tests.fakes.box import ID, RFID, Box
from tests.profiles.opened import described
from tests.profiles.tariff_cost.driver import (
    FALLBACK,
    NO_TOTAL,
    TARIFF,
    answer,
    charge,
    configure,
    present,
    shown,
)


class TestTariff:
    """I01, I04, I06."""

    @pytest.mark.ocpp("I01.FR.03")
    async def test_the_drivers_own_before_and_during_the_transaction(self, box: Box) -> None:
        await present(box)
        (notice,) = box.hub.notices(ID)
        assert notice == Notice(kind=NoticeKind.TARIFF, evse=1, text="45 Cent/kWh", language="de")
        await charge(box)
        assert shown(box, NoticeKind.TARIFF) == [(1, "45 Cent/kWh")]
        box.clock.pass_(hours=2)
        assert shown(box, NoticeKind.TARIFF) == [(1, "45 Cent/kWh")]

    async def test_not_any_more_when_the_transaction_is_over(self, box: Box) -> None:
        await present(box)
        await box.end(await charge(box))
        await answer(box, totalCost=3.4)
        assert shown(box, NoticeKind.TARIFF) == []
        assert shown(box, NoticeKind.TOTAL) == [(1, 3.4)]

    async def test_where_nobody_knows_at_which_evse_the_card_was_presented(self, box: Box) -> None:
        await present(box, evse=0)
        assert shown(box, NoticeKind.TARIFF) == [(0, "45 Cent/kWh")]
        await charge(box, evse=2)
        assert shown(box, NoticeKind.TARIFF) == [(2, "45 Cent/kWh")]

    async def test_not_for_ever_where_no_transaction_follows(self, box: Box) -> None:
        await present(box)
        box.clock.pass_(seconds=61)
        assert shown(box, NoticeKind.TARIFF) == []

    async def test_a_driver_who_may_not_charge_is_told_what_the_backend_says_and_nothing_else(self, box: Box) -> None:
        await present(box, None, status="Blocked")
        assert shown(box, NoticeKind.TARIFF) == []
        await present(box, {"format": "ASCII", "content": "Call us"}, status="Blocked")
        assert shown(box, NoticeKind.TARIFF) == [(1, "Call us")]

    @pytest.mark.ocpp("I01.FR.03")
    async def test_of_a_start_by_the_backend_that_is_asked_about(self, box: Box) -> None:
        wish = {
            "component": {"name": "AuthCtrlr"},
            "variable": {"name": "AuthorizeRemoteStart"},
            "attributeValue": "true",
        }
        await box.call("SetVariables", {"setVariableData": [wish]})
        box.backend.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted", "personalMessage": TARIFF}}
        start = {"remoteStartId": 1, "evseId": 2, "idToken": {"idToken": RFID.value, "type": RFID.type.value}}
        assert (await box.call("RequestStartTransaction", start))["status"] == "Accepted"
        assert shown(box, NoticeKind.TARIFF) == [(2, "45 Cent/kWh")]

    async def test_in_the_answer_to_the_start(self, box: Box) -> None:
        await charge(box, idTokenInfo={"status": "Accepted", "personalMessage": TARIFF})
        assert shown(box, NoticeKind.TARIFF) == [(1, "45 Cent/kWh")]

    @pytest.mark.ocpp("I06.FR.03")
    async def test_a_new_one_during_the_transaction(self, box: Box) -> None:
        await present(box)
        number = await charge(box)
        box.clock.pass_(minutes=1)
        await box.measure(1500, number=number)
        await answer(box, updatedPersonalMessage={**TARIFF, "content": "now 50 Cent/kWh"})
        assert shown(box, NoticeKind.TARIFF) == [(1, "now 50 Cent/kWh")]

    @pytest.mark.ocpp("I04.FR.01", "I04.FR.02")
    async def test_the_fallback_where_the_backend_has_none(self, box: Box) -> None:
        await present(box, None)
        assert shown(box, NoticeKind.TARIFF) == [(1, FALLBACK)]
        await charge(box, idTokenInfo={"status": "Accepted"})
        assert shown(box, NoticeKind.TARIFF) == [(1, FALLBACK)]

    @pytest.mark.ocpp("I04.FR.01")
    async def test_the_fallback_where_the_backend_is_away(self, box: Box) -> None:
        await present(box)  # the cache knows the token from now on
        box.clock.pass_(hours=1)
        box.backend.since = None
        del box.backend.answers["Authorize"]
        await box.hub.authorize(Place(station=ID, evse=1, connector=1), RFID, patience=1)
        assert shown(box, NoticeKind.TARIFF) == [(1, FALLBACK)]
        await box.begin()
        assert shown(box, NoticeKind.TARIFF) == [(1, FALLBACK)]

    async def test_the_fallback_in_the_place_of_what_the_page_cannot_show(self, box: Box) -> None:
        await present(box, {"format": "HTML", "content": "<b>cheap</b>"})
        assert shown(box, NoticeKind.TARIFF) == [(1, FALLBACK)]

    async def test_nothing_where_the_backend_has_switched_it_off(self, box: Box) -> None:
        await configure(box, Enabled_Tariff="false")
        await present(box)
        assert list(box.hub.notices(ID)) == []

    async def test_who_presents_a_card_to_stop_is_told_nothing_new(self, box: Box) -> None:
        await present(box)
        await charge(box)
        await present(box, {**TARIFF, "content": "other"})
        assert shown(box, NoticeKind.TARIFF) == [(1, "45 Cent/kWh")]


class TestRunningCost:
    """I02."""

    @pytest.mark.ocpp("I02.FR.02", "I02.FR.03")
    async def test_by_cost_updated(self, box: Box) -> None:
        await charge(box)
        transaction = box.state.transactions[0].id
        for cost in (1.5, 2.75):
            assert (await box.call("CostUpdated", {"totalCost": cost, "transactionId": transaction})) == {}
            assert shown(box, NoticeKind.COST) == [(1, cost)]
        (notice,) = (notice for notice in box.hub.notices(ID) if notice.kind is NoticeKind.COST)
        assert notice.currency == "EUR"

    @pytest.mark.ocpp("I02.FR.04")
    async def test_in_the_answer_to_an_event(self, box: Box) -> None:
        number = await charge(box)
        box.clock.pass_(minutes=1)
        await box.measure(1500, number=number)
        await answer(box, totalCost=0.7)
        assert shown(box, NoticeKind.COST) == [(1, 0.7)]

    async def test_of_each_transaction_by_itself(self, box: Box) -> None:
        await charge(box, evse=1, totalCost=1.0)
        await box.begin("two", evse=2, token=Token(value="OTHER"))
        await answer(box, totalCost=2.0)
        assert shown(box, NoticeKind.COST) == [(1, 1.0), (2, 2.0)]

    async def test_of_an_unknown_transaction_changes_nothing(self, box: Box) -> None:
        await charge(box, totalCost=1.0)
        assert (await box.call("CostUpdated", {"totalCost": 9, "transactionId": "4711"})) == {}
        assert shown(box, NoticeKind.COST) == [(1, 1.0)]

    async def test_not_shown_where_the_backend_has_switched_it_off(self, box: Box) -> None:
        await configure(box, Enabled_Cost="false")
        number = await charge(box, totalCost=1.0)
        await box.end(number)
        await answer(box, totalCost=2.0)
        assert {notice.kind for notice in box.hub.notices(ID)} <= {NoticeKind.TARIFF}


class TestFinalCost:
    """I03, I05."""

    @pytest.mark.ocpp("I03.FR.01", "I03.FR.03")
    async def test_as_the_backend_tells_it_at_the_end(self, box: Box) -> None:
        number = await charge(box, totalCost=1.0)
        await box.end(number)
        assert shown(box, NoticeKind.COST) == [(1, 1.0)]  # so far
        (event,) = [m for m in await box.sent() if m.action == "TransactionEvent"]
        assert event.payload["eventType"] == "Ended"
        await box.hub.responded(ID, event, {"totalCost": 3.4})
        assert shown(box, NoticeKind.TOTAL) == [(1, 3.4)]
        assert shown(box, NoticeKind.COST) == []

    async def test_a_free_one_is_told_too(self, box: Box) -> None:
        await box.end(await charge(box))
        await answer(box, totalCost=0.0)
        assert shown(box, NoticeKind.TOTAL) == [(1, 0.0)]

    async def test_until_the_driver_has_left(self, box: Box) -> None:
        await box.end(await charge(box))
        await answer(box, totalCost=3.4)
        box.clock.pass_(seconds=SHOWN.total_seconds())
        assert list(box.hub.notices(ID)) == []

    @pytest.mark.ocpp("I03.FR.05")
    async def test_nothing_where_the_vehicle_has_left_its_bay(self, box: Box) -> None:
        number = await charge(box, totalCost=1.0)
        gone = StopCause(trigger=TriggerReason.EV_DEPARTED, reason=StoppedReason.LOCAL)
        ended = TransactionEnded(
            station=ID, at=box.clock.now(), number=number, meter_stop=2000.0, key="gone", cause=gone
        )
        await box.hub.publish(ended)
        await answer(box, totalCost=3.4)
        assert [each for each in box.hub.notices(ID) if each.kind is not NoticeKind.TARIFF] == []
        (document,) = (await box.hub.shelf("tariff_cost").documents(ID)).values()
        assert (document["total"], document["left"]) == (3.4, True)

    async def test_until_the_next_driver_charges(self, box: Box) -> None:
        await box.end(await charge(box))
        await answer(box, totalCost=3.4)
        box.clock.pass_(minutes=1)
        await charge(box)
        assert shown(box, NoticeKind.TOTAL) == []

    @pytest.mark.parametrize(("evse", "total"), [(1, []), (2, [(1, 3.4)])])
    async def test_until_the_next_driver_comes_to_that_evse(
        self, box: Box, evse: int, total: list[tuple[int, float]]
    ) -> None:
        await box.end(await charge(box))
        await answer(box, totalCost=3.4)
        await present(box, evse=evse)
        assert shown(box, NoticeKind.TOTAL) == total

    async def test_a_correction_a_moment_later(self, box: Box) -> None:
        number = await charge(box)
        transaction = box.state.transactions[0].id
        await box.end(number)
        await answer(box, totalCost=3.4)
        await box.call("CostUpdated", {"totalCost": 3.5, "transactionId": transaction})
        assert shown(box, NoticeKind.TOTAL) == [(1, 3.5)]

    @pytest.mark.ocpp("I05.FR.01", "I05.FR.02")
    async def test_the_fallback_where_the_backend_is_away(self, box: Box) -> None:
        number = await charge(box, totalCost=1.0)
        box.backend.since = None
        await box.end(number)
        assert shown(box, NoticeKind.TOTAL) == [(1, NO_TOTAL)]
        assert shown(box, NoticeKind.COST) == []
        box.backend.since = box.clock.pass_(minutes=1)
        await answer(box, totalCost=3.4)  # the driver has read the other text, and left
        assert shown(box, NoticeKind.TOTAL) == [(1, NO_TOTAL)]

    @pytest.mark.ocpp("I05.FR.02")
    async def test_the_fallback_where_the_connection_is_lost_before_the_answer(self, box: Box) -> None:
        number = await charge(box, totalCost=1.0)
        await box.end(number)
        box.backend.since = None
        assert shown(box, NoticeKind.TOTAL) == [(1, NO_TOTAL)]

    async def test_the_fallback_where_the_backend_does_not_say(self, box: Box) -> None:
        await box.end(await charge(box))
        await answer(box)
        assert shown(box, NoticeKind.TOTAL) == [(1, NO_TOTAL)]

    async def test_nothing_where_there_is_no_fallback_either(self, box: Box) -> None:
        await configure(box, TotalCostFallbackMessage="", TariffFallbackMessage="")
        await box.end(await charge(box))
        await answer(box)
        assert list(box.hub.notices(ID)) == []


async def test_the_variables_of_the_controller(box: Box) -> None:
    assert await described(box, CONTROLLER) == {
        "Available/Tariff": ("boolean", "ReadOnly", None), "Enabled/Tariff": ("boolean", "ReadWrite", None),
        "Available/Cost": ("boolean", "ReadOnly", None), "Enabled/Cost": ("boolean", "ReadWrite", None),
        "TariffFallbackMessage": ("string", "ReadWrite", 255), "Currency": ("string", "ReadWrite", 3),
        "TotalCostFallbackMessage": ("string", "ReadWrite", 255),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("variable", "value"),
    [("TariffFallbackMessage", "x" * 256), ("TotalCostFallbackMessage", "x" * 256), ("Currency", "EURO")],
)
async def test_what_is_too_long_is_refused(box: Box, variable: str, value: str) -> None:
    data = {"component": {"name": CONTROLLER}, "variable": {"name": variable}, "attributeValue": value}
    (result,) = (await box.call("SetVariables", {"setVariableData": [data]}))["setVariableResult"]
    assert result["attributeStatus"] == "Rejected"


async def test_an_end_that_could_not_be_committed_is_none(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> None:
        raise GatewayError("storage-failed")

    number = await charge(box, totalCost=1.0)
    with monkeypatch.context() as fault:
        fault.setattr(box.storage.writer, "commit", full)
        with pytest.raises(GatewayError):
            await box.end(number)
    await box.measure(1500, number=number)
    assert shown(box, NoticeKind.COST) == [(1, 1.0)]
    await box.end(number)
    await answer(box, totalCost=3.4)
    assert shown(box, NoticeKind.TOTAL) == [(1, 3.4)]
