"""Tariffs and costs are kept with their transaction, and where there is no display, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.contracts import CallRefused
from gateway.model.device import VariableRef
from gateway.model.notices import NoticeKind
from profiles.tariff_cost import TariffCostProfile
from profiles.tariff_cost.ledger import KEPT
from profiles.tariff_cost.profile import CONTROLLER
from tests.fakes.box import ID, Box
from tests.fakes.clock import START, SettableClock
from tests.profiles.opened import give_display, opened_with, running, until
from tests.profiles.tariff_cost.driver import answer, charge, present, shown

if TYPE_CHECKING:
    from pathlib import Path


class TestKept:
    """With the transaction, over restarts."""

    async def test_tariff_and_cost_go_on_after_a_restart(self, tmp_path: Path) -> None:
        clock = SettableClock()
        async with opened_with(TariffCostProfile, tmp_path, clock=clock) as (box, _):
            give_display(box)
            await present(box)
            await charge(box, totalCost=1.25)
        async with opened_with(TariffCostProfile, tmp_path, clock=clock, arrive=False) as (box, profile):
            give_display(box)
            async with running(profile):

                async def there() -> bool:
                    return bool(shown(box, NoticeKind.COST))

                await until(there)
            assert shown(box, NoticeKind.COST) == [(1, 1.25)]
            assert shown(box, NoticeKind.TARIFF) == [(1, "45 Cent/kWh")]

    async def test_what_is_learnt_while_it_is_read_counts(self, tmp_path: Path) -> None:
        clock = SettableClock()
        async with opened_with(TariffCostProfile, tmp_path, clock=clock) as (box, _):
            await present(box)
            number = await charge(box, totalCost=1.25)
        async with opened_with(TariffCostProfile, tmp_path, clock=clock, arrive=False) as (box, _):
            give_display(box)
            clock.pass_(minutes=1)
            await box.measure(1500, number=number)
            await answer(box, totalCost=2.5)
            assert shown(box, NoticeKind.COST) == [(1, 2.5)]
            assert shown(box, NoticeKind.TARIFF) == [(1, "45 Cent/kWh")]

    async def test_the_record_has_all_but_who_charged(self, box: Box) -> None:
        await present(box)
        number = await charge(box, totalCost=1.0)
        await box.end(number)
        await answer(box, totalCost=3.4)
        (document,) = (await box.hub.shelf("tariff_cost").documents(ID)).values()
        assert document == {
            "evse": 1, "offline": False, "settled": True, "cost": 1.0, "total": 3.4, "endedAt": START.isoformat(),
            "tariff": {"text": "45 Cent/kWh", "language": "de"},
        }  # fmt: skip

    async def test_an_old_one_goes(self, tmp_path: Path) -> None:
        clock = SettableClock()
        async with opened_with(TariffCostProfile, tmp_path, clock=clock) as (box, profile):
            await box.end(await charge(box))
            await answer(box, totalCost=3.4)
            await box.end(await charge(box, evse=2), key="late", at=clock.pass_(days=1))
            await answer(box, totalCost=1.0)
            clock.time = START + KEPT
            await profile._ledger.tidy(ID, box.state, clock.now())
            documents = await box.hub.shelf("tariff_cost").documents(ID)
            assert [each["total"] for each in documents.values()] == [1.0]

    async def test_one_whose_end_could_not_be_written_ends(self, tmp_path: Path) -> None:
        clock = SettableClock()
        async with opened_with(TariffCostProfile, tmp_path, clock=clock) as (box, profile):
            await box.hub.shelf("tariff_cost").keep(
                ID, {"lost": {"evse": 1, "offline": False, "settled": False, "cost": 1.0}}
            )
            await profile._ledger.tidy(ID, box.state, clock.now())
            (document,) = (await box.hub.shelf("tariff_cost").documents(ID)).values()
            assert document["endedAt"] == START.isoformat()


class TestWithoutDisplay:
    """A box without a page of its own shows nothing, and says so."""

    async def test_it_is_not_available(self, tmp_path: Path) -> None:
        async with opened_with(TariffCostProfile, tmp_path) as (box, _):
            device = box.hub.device(ID)
            for instance in ("Tariff", "Cost"):
                assert not device.boolean(CONTROLLER, "Available", instance)
            assert device.spec(VariableRef(component=CONTROLLER, variable="Currency")) is None
            await charge(box)
            with pytest.raises(CallRefused) as refusal:
                await box.call("CostUpdated", {"totalCost": 1, "transactionId": box.state.transactions[0].id})
            assert refusal.value.code == "NotSupported"
            assert list(box.hub.notices(ID)) == []

    async def test_what_the_backend_says_all_the_same_is_kept(self, tmp_path: Path) -> None:
        async with opened_with(TariffCostProfile, tmp_path) as (box, _):
            await box.end(await charge(box))
            await answer(box, totalCost=3.4)
            (document,) = (await box.hub.shelf("tariff_cost").documents(ID)).values()
            assert document["total"] == 3.4
