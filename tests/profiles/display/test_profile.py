"""O01 to O06 as the CSMS and the driver see them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from gateway.contracts import CallRefused
from gateway.model import events as ev
from gateway.model.device import VariableRef
from gateway.model.errors import GatewayError
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from profiles.display import DisplayProfile
from profiles.display.profile import CAPACITY, CONTROLLER
from tests.fakes.box import ID, Box
from tests.fakes.clock import START, SettableClock
from tests.profiles.opened import described, give_display, opened_with, running, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[tuple[Box, DisplayProfile]]:
    async with opened_with(DisplayProfile, tmp_path) as (box, profile):
        give_display(box)
        yield box, profile


@pytest.fixture
def box(both: tuple[Box, DisplayProfile]) -> Box:
    return both[0]


def order(id_: int = 1, priority: str = "NormalCycle", text: str = "", **more: Any) -> Json:
    """A SetDisplayMessageRequest; its text is its number unless another is given."""
    content = {"format": "UTF8", "content": text or str(id_), "language": "en"}
    return {"message": {"id": id_, "priority": priority, "message": content, **more}}


async def set_(box: Box, *orders: Json) -> None:
    for each in orders:
        assert (await box.call("SetDisplayMessage", each))["status"] == "Accepted"


def shown(box: Box, evse: int = 1) -> list[str]:
    """What is to be read at an EVSE, from the top."""
    return [notice.text for notice in box.hub.notices(ID) if notice.evse in {0, evse}]


async def reported(box: Box, **query: Any) -> list[Json]:
    """The messages that GetDisplayMessages brings, page by page."""
    await box.sent()
    answer = await box.call("GetDisplayMessages", {"requestId": 9, **query})
    assert answer == {"status": "Accepted"}
    pages = await box.sent_of("NotifyDisplayMessages")
    assert [page["tbc"] for page in pages] == [True] * (len(pages) - 1) + [False]
    assert {page["requestId"] for page in pages} == {9}
    return [each for page in pages for each in page["messageInfo"]]


async def report(box: Box, status: ConnectorStatus, evse: int = 1) -> None:
    place = Place(station=ID, evse=evse, connector=1)
    await box.hub.publish(ev.ConnectorChanged(place=place, at=box.clock.now(), status=status))


def count(box: Box) -> str:
    return box.hub.device(ID).value(VariableRef(component=CONTROLLER, variable="DisplayMessages"))


async def nothing_counted(box: Box) -> bool:
    return count(box) == "0"


async def nothing_kept(box: Box) -> bool:
    return not await box.hub.shelf("display").documents(ID)


@pytest.mark.ocpp("O01.FR.12", "O01.FR.13", "O01.FR.14")
async def test_in_front_and_in_turns(box: Box) -> None:
    await set_(box, order(1), order(2), order(3, "InFront"), order(4, "InFront"))
    first = shown(box)
    assert (set(first[:2]), set(first[2:])) == ({"3", "4"}, {"1", "2"})
    box.clock.pass_(seconds=10)
    second = shown(box)
    assert (second[0], second[2]) == (first[1], first[3])
    assert set(second) == set(first)


@pytest.mark.ocpp("O01.FR.15", "O01.FR.16")
async def test_always_in_front_stands_alone_and_the_newer_one_replaces_it(box: Box) -> None:
    await set_(box, order(1), order(2, "InFront"), order(3, "AlwaysFront"))
    assert shown(box) == ["3"]
    await set_(box, order(4, "AlwaysFront"))
    assert shown(box) == ["4"]
    assert (await box.call("GetDisplayMessages", {"requestId": 1, "id": [3]})) == {"status": "Unknown"}
    assert [each["id"] for each in await reported(box)] == [1, 2, 4]


@pytest.mark.ocpp("O06.FR.01")
async def test_the_same_id_replaces_text_and_all_the_rest(box: Box) -> None:
    await set_(box, order(1, text="old", state="Idle"), order(1, "InFront", text="new"))
    assert [each["message"]["content"] for each in await reported(box)] == ["new"]
    (held,) = await reported(box)
    assert (held["priority"], "state" in held) == ("InFront", False)
    assert shown(box) == ["new"]


@pytest.mark.ocpp("O01.FR.05", "O01.FR.06", "O01.FR.07")
async def test_only_in_its_time_and_then_it_is_gone(both: tuple[Box, DisplayProfile]) -> None:
    box, profile = both
    start, end = START + timedelta(minutes=1), START + timedelta(minutes=2)
    await set_(box, order(1, startDateTime=start.isoformat(), endDateTime=end.isoformat()))
    assert shown(box) == []
    assert len(await reported(box)) == 1
    box.clock.pass_(minutes=1)
    assert shown(box) == ["1"]
    box.clock.pass_(minutes=1)
    assert shown(box) == []
    assert (await box.call("GetDisplayMessages", {"requestId": 1})) == {"status": "Unknown"}
    async with running(profile):
        await until(partial(nothing_counted, box))
    assert await nothing_kept(box)


@pytest.mark.ocpp("O02.FR.02")
async def test_during_its_transaction_and_at_its_evse_only(both: tuple[Box, DisplayProfile]) -> None:
    box, profile = both
    async with running(profile):
        admission = await box.begin(evse=2)
        (transaction,) = box.state.transactions
        await set_(box, order(1, transactionId=transaction.id))
        assert (shown(box, 1), shown(box, 2)) == ([], ["1"])
        await box.end(admission.number)
        assert shown(box, 2) == []
        await until(partial(nothing_kept, box))
    assert (await box.call("GetDisplayMessages", {"requestId": 1, "id": [1]})) == {"status": "Unknown"}


@pytest.mark.ocpp("O02.FR.01")
async def test_a_transaction_that_does_not_run_is_unknown(box: Box) -> None:
    answer = await box.call("SetDisplayMessage", order(1, transactionId="4711"))
    assert answer["status"] == "UnknownTransaction"
    assert shown(box) == []


@pytest.mark.ocpp("O02.FR.06", "O02.FR.07", "O02.FR.14", "O02.FR.15", "O02.FR.16", "O02.FR.17", "O02.FR.18")
async def test_messages_of_a_transaction_keep_to_times_and_priorities(box: Box) -> None:
    await box.begin(evse=1)
    bound = {"transactionId": box.state.transactions[0].id}
    soon = (START + timedelta(minutes=1)).isoformat()
    late = (START + timedelta(minutes=2)).isoformat()
    await set_(
        box,
        order(1, **bound),
        order(2, "InFront", **bound),
        order(3, "InFront", **bound),
        order(4, startDateTime=soon, endDateTime=late, **bound),
    )
    assert (set(shown(box)[:2]), shown(box)[2:]) == ({"2", "3"}, ["1"])
    first = shown(box)[0]
    box.clock.pass_(seconds=10)
    assert shown(box)[0] != first
    box.clock.pass_(seconds=50)
    assert set(shown(box)) == {"1", "2", "3", "4"}
    box.clock.pass_(minutes=1)
    assert set(shown(box)) == {"1", "2", "3"}
    await set_(box, order(5, "AlwaysFront", **bound), order(6, "AlwaysFront", **bound))
    assert shown(box) == ["6"]
    assert (await box.call("GetDisplayMessages", {"requestId": 1, "id": [4, 5]})) == {"status": "Unknown"}


async def test_by_the_state_of_each_evse(box: Box) -> None:
    await set_(box, order(1, state="Charging"), order(2, state="Idle"), order(3, state="Faulted"))
    await set_(box, order(4, state="Unavailable"))
    await box.begin(evse=1)
    assert (shown(box, 1), shown(box, 2)) == (["1"], ["2"])
    await report(box, ConnectorStatus.FAULTED, 2)
    assert shown(box, 2) == ["3"]
    await report(box, ConnectorStatus.UNAVAILABLE, 2)
    assert shown(box, 2) == ["4"]


@pytest.mark.ocpp("O01.FR.10", "O02.FR.10")
async def test_messages_survive_a_restart(tmp_path: Path) -> None:
    clock = SettableClock()
    async with opened_with(DisplayProfile, tmp_path, clock=clock) as (box, _):
        give_display(box)
        await box.begin(evse=1)
        await set_(box, order(1), order(2, transactionId=box.state.transactions[0].id))
    async with opened_with(DisplayProfile, tmp_path, clock=clock, arrive=False) as (box, profile):
        give_display(box)
        assert [each["id"] for each in await reported(box)] == [1, 2]
        assert shown(box) == ["1", "2"]
        async with running(profile):
            await box.settled()
        assert shown(box) == ["1", "2"]


@pytest.mark.ocpp("O01.FR.03", "O02.FR.05")
@pytest.mark.parametrize("format_", ["HTML", "URI"])
@pytest.mark.parametrize("during", [False, True])
async def test_formats_that_the_page_does_not_show_are_refused(box: Box, format_: str, during: bool) -> None:  # noqa: FBT001
    await box.begin(evse=1)
    payload = order(1, **({"transactionId": box.state.transactions[0].id} if during else {}))
    payload["message"]["message"]["format"] = format_
    assert (await box.call("SetDisplayMessage", payload))["status"] == "NotSupportedMessageFormat"
    assert (await box.call("GetDisplayMessages", {"requestId": 1})) == {"status": "Unknown"}


@pytest.mark.ocpp("O01.FR.11", "O02.FR.11")
async def test_no_more_than_there_is_room_for(box: Box) -> None:
    await box.begin(evse=1)
    await set_(box, *(order(number) for number in range(CAPACITY)))
    assert count(box) == str(CAPACITY)
    bound = {"transactionId": box.state.transactions[0].id}
    for one_more in (order(CAPACITY), order(CAPACITY, **bound)):
        answer = await box.call("SetDisplayMessage", one_more)
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "OutOfStorage")
    await set_(box, order(0, text="replaced"))  # another one in the place of the first is none more
    limits = box.hub.device(ID).spec(VariableRef(component=CONTROLLER, variable="DisplayMessages"))
    assert limits is not None
    assert limits.max_limit == CAPACITY


@pytest.mark.ocpp("O03.FR.01", "O03.FR.02", "O03.FR.03", "O03.FR.04", "O03.FR.05")
async def test_all_messages_in_as_many_pages_as_it_takes(box: Box) -> None:
    await set_(box, *(order(number, text="ö" * 500) for number in range(60)))
    await box.sent()
    await box.call("GetDisplayMessages", {"requestId": 7})
    pages = await box.sent_of("NotifyDisplayMessages")
    assert len(pages) > 1
    assert sorted(each["id"] for page in pages for each in page["messageInfo"]) == list(range(60))
    assert [page["tbc"] for page in pages] == [True] * (len(pages) - 1) + [False]
    assert all(page["requestId"] == 7 for page in pages)


@pytest.mark.ocpp("O03.FR.06", "O04.FR.07")
@pytest.mark.parametrize("query", [{}, {"id": [1]}, {"priority": "InFront"}])
async def test_no_messages_at_all(box: Box, query: Json) -> None:
    assert (await box.call("GetDisplayMessages", {"requestId": 7, **query})) == {"status": "Unknown"}
    assert await box.sent_of("NotifyDisplayMessages") == []


@pytest.mark.ocpp("O04.FR.01", "O04.FR.02", "O04.FR.03")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"id": [2, 3, 99]}, [2, 3]),
        ({"priority": "InFront"}, [2]),
        ({"state": "Idle"}, [3]),
        ({"id": [1, 3], "state": "Idle"}, [3]),
        ({"id": [1], "state": "Idle"}, []),
        ({"id": [99]}, []),
        ({"priority": "AlwaysFront"}, []),
    ],
)
async def test_some_messages(box: Box, query: Json, found: list[int]) -> None:
    await set_(box, order(1), order(2, "InFront"), order(3, state="Idle"))
    if found:
        assert [each["id"] for each in await reported(box, **query)] == found
    else:
        assert (await box.call("GetDisplayMessages", {"requestId": 7, **query})) == {"status": "Unknown"}


@pytest.mark.ocpp("O04.FR.04", "O04.FR.05", "O04.FR.06")
async def test_some_messages_in_as_many_pages_as_it_takes(box: Box) -> None:
    await set_(box, *(order(number, "InFront", text="x" * 512) for number in range(60)), order(99))
    found = await reported(box, priority="InFront")
    assert len(found) == 60
    await box.call("GetDisplayMessages", {"requestId": 8, "priority": "InFront"})
    pages = await box.sent_of("NotifyDisplayMessages")
    assert len(pages) > 1
    assert [(page["requestId"], page["tbc"]) for page in pages] == [*[(8, True)] * (len(pages) - 1), (8, False)]


@pytest.mark.ocpp("O05.FR.01", "O05.FR.02")
async def test_a_message_is_cleared_once(box: Box) -> None:
    await set_(box, order(1), order(2))
    assert (await box.call("ClearDisplayMessage", {"id": 1})) == {"status": "Accepted"}
    assert (await box.call("ClearDisplayMessage", {"id": 1})) == {"status": "Unknown"}
    assert (shown(box), count(box)) == (["2"], "1")


class TestRefused:
    """What would never be seen is not accepted."""

    @pytest.mark.ocpp("O01.FR.22")
    @pytest.mark.parametrize(
        "display", [{"name": "Screen"}, {"name": "Display", "evse": {"id": 1}}, {"name": "Display", "instance": "two"}]
    )
    async def test_a_display_that_is_not_there(self, box: Box, display: Json) -> None:
        assert (await box.call("SetDisplayMessage", order(1, display=display)))["status"] == "Rejected"

    @pytest.mark.ocpp("O01.FR.23")
    async def test_the_display_that_is_there_may_be_named(self, box: Box) -> None:
        await set_(box, order(1, display={"name": "Display"}))
        assert shown(box) == ["1"]

    @pytest.mark.parametrize(
        "times",
        [
            {"endDateTime": START.isoformat()},
            {
                "startDateTime": (START + timedelta(hours=2)).isoformat(),
                "endDateTime": (START + timedelta(hours=1)).isoformat(),
            },
        ],
    )
    async def test_times_in_which_it_would_not_be_shown(self, box: Box, times: Json) -> None:
        answer = await box.call("SetDisplayMessage", order(1, **times))
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidValue")

    async def test_what_is_no_time(self, box: Box) -> None:
        with pytest.raises(CallRefused):
            await box.call("SetDisplayMessage", order(1, endDateTime="tomorrow"))

    async def test_while_the_backend_has_switched_it_off(self, box: Box) -> None:
        await set_(box, order(1))
        off = {"component": {"name": CONTROLLER}, "variable": {"name": "Enabled"}, "attributeValue": "false"}
        await box.call("SetVariables", {"setVariableData": [off]})
        assert (await box.call("SetDisplayMessage", order(2)))["statusInfo"]["reasonCode"] == "NotEnabled"
        assert shown(box) == []

    async def test_what_cannot_be_kept(self, both: tuple[Box, DisplayProfile], monkeypatch: pytest.MonkeyPatch) -> None:
        box, profile = both

        async def full(*_: object) -> None:
            raise GatewayError("storage-failed")

        monkeypatch.setattr(profile._book._shelf, "keep", full)
        assert (await box.call("SetDisplayMessage", order(1)))["statusInfo"]["reasonCode"] == "InternalError"
        assert shown(box) == []


class TestWithoutDisplay:
    """A box without a page of its own has no display."""

    async def test_it_says_so_and_takes_no_messages(self, tmp_path: Path) -> None:
        async with opened_with(DisplayProfile, tmp_path) as (box, _):
            device = box.hub.device(ID)
            assert not device.boolean(CONTROLLER, "Available")
            assert device.spec(VariableRef(component="Display", variable="Available")) is None
            for action, payload in (
                ("SetDisplayMessage", order()),
                ("GetDisplayMessages", {"requestId": 1}),
                ("ClearDisplayMessage", {"id": 1}),
            ):
                with pytest.raises(CallRefused) as refusal:
                    await box.call(action, payload)
                assert refusal.value.code == "NotSupported"
            assert shown(box) == []


async def test_the_variables_of_the_controller(box: Box) -> None:
    assert await described(box, CONTROLLER) == {
        "Available": ("boolean", "ReadOnly", None), "Enabled": ("boolean", "ReadWrite", None),
        "DisplayMessages": ("integer", "ReadOnly", CAPACITY), "PersonalMessageSize": ("integer", "ReadOnly", None),
        "SupportedFormats": ("MemberList", "ReadOnly", None), "SupportedPriorities": ("MemberList", "ReadOnly", None),
    }  # fmt: skip


@pytest.mark.ocpp("O01.FR.21")
async def test_the_display_is_in_the_report(box: Box) -> None:
    await box.sent()
    await box.call("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
    items = [each for page in await box.sent_of("NotifyReport") for each in page["reportData"]]
    values = {
        (each["component"]["name"], each["variable"]["name"]): each["variableAttribute"][0].get("value")
        for each in items
    }
    assert values["Display", "Available"] == "true"
    assert values[CONTROLLER, "Available"] == "true"
    assert values[CONTROLLER, "SupportedFormats"] == "ASCII,UTF8"
    assert values[CONTROLLER, "SupportedPriorities"] == "AlwaysFront,InFront,NormalCycle"
