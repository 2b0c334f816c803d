"""DataTransfer both ways (P01, P02): stations, extensions of the box, programs beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from typing_extensions import override

from gateway.contracts import Extension, VendorAnswer
from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.device import VariableRef
from gateway.model.errors import GatewayError
from gateway.model.installation import VendorRelay
from gateway.model.station import Capability
from tests.fakes.box import ID, valid
from tests.fakes.program import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.contracts import Backend, Json, Northbound
    from tests.fakes.box import Box
    from tests.fakes.program import Program

VENDOR = "com.example.lamps"


class Lamps(Extension):
    """Knows two messages."""

    vendor: ClassVar[str] = VENDOR
    messages: ClassVar[frozenset[str]] = frozenset({"Dim", "Break"})

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        del northbound, backend

    @override
    async def answer(self, station: str, message: str | None, data: Any) -> VendorAnswer:
        if message == "Break":
            raise GatewayError("storage-failed")
        return VendorAnswer(accepted=data["level"] <= 100, data={"station": station, "was": data})


@pytest.fixture
async def program(box: Box) -> AsyncIterator[Program]:
    """One that the site file names for the lamps."""
    async with serving() as made:
        relay = VendorRelay(vendor=VENDOR, url=made.url, messages=("Dim",))
        box.member.installation = replace(box.member.installation, relays=(relay,))
        box.member.device = None
        yield made


def lamps(message: str | None = "Dim", data: Any = None, vendor: str = VENDOR) -> Json:
    """A DataTransferRequest."""
    request: Json = {"vendorId": vendor, "data": {"level": 5} if data is None else data}
    return request if message is None else {**request, "messageId": message}


def install(box: Box) -> None:
    """Have the extension that knows the lamps."""
    box.hub.attach(box.backend, [box.profile], [Lamps])


class TestStation:
    """A station that has DataTransfer of its own."""

    @pytest.mark.ocpp("P01.FR.05", "P01.FR.06", "P01.FR.07")
    @pytest.mark.parametrize(
        ("verdict", "status"),
        [
            (cmd.Verdict.ACCEPTED, "Accepted"), (cmd.Verdict.REJECTED, "Rejected"),
            (cmd.Verdict.UNKNOWN, "UnknownVendorId"), (cmd.Verdict.UNKNOWN_MESSAGE, "UnknownMessageId"),
            (cmd.Verdict.UNREACHABLE, "Rejected"), (cmd.Verdict.UNSUPPORTED, "UnknownVendorId"),
        ],
    )  # fmt: skip
    async def test_to_the_station(self, box: Box, verdict: cmd.Verdict, status: str) -> None:
        box.adapter.answers[cmd.VendorRequest] = cmd.Outcome(verdict=verdict, data="back")
        request = {"vendorId": "at.schrack", "messageId": "Light", "data": {"level": "größer"}}
        assert await box.call("DataTransfer", request) == {"status": status, "data": "back"}
        (asked,) = box.adapter.asked(cmd.VendorRequest)
        assert (asked.vendor, asked.message, asked.data) == ("at.schrack", "Light", '{"level": "größer"}')

    @pytest.mark.ocpp("P01.FR.05")
    async def test_a_station_without_data_transfer_implements_nobody(self, box: Box) -> None:
        found = frozenset({Capability.BOX_SESSIONS})
        await box.hub.publish(ev.StationFound(station=ID, at=box.clock.now(), capabilities=found))
        assert await box.call("DataTransfer", lamps()) == {"status": "UnknownVendorId"}
        assert box.adapter.asked(cmd.VendorRequest) == []

    async def test_a_vendor_without_a_name_is_nobody(self, box: Box) -> None:
        assert await box.call("DataTransfer", {"vendorId": " "}) == {"status": "UnknownVendorId"}
        assert box.adapter.asked(cmd.VendorRequest) == []

    @pytest.mark.ocpp("P01.FR.03")
    async def test_text_stays_text_and_a_message_need_not_be_named(self, box: Box) -> None:
        await box.call("DataTransfer", {"vendorId": "v", "data": '{"a": [1]}'})
        (asked,) = box.adapter.asked(cmd.VendorRequest)
        assert (asked.message, asked.data) == (None, '{"a": [1]}')

    @pytest.mark.ocpp("P02.FR.04", "P02.FR.08")
    @pytest.mark.parametrize(
        ("answer", "verdict", "data"),
        [
            ({"status": "Accepted", "data": "yes"}, cmd.Verdict.ACCEPTED, "yes"),
            ({"status": "Accepted", "data": [1]}, cmd.Verdict.ACCEPTED, "[1]"),
            ({"status": "UnknownVendorId"}, cmd.Verdict.UNKNOWN, None),
            ({"status": "UnknownMessageId"}, cmd.Verdict.UNKNOWN_MESSAGE, None),
            ({"status": "Rejected"}, cmd.Verdict.REJECTED, None),
            (None, cmd.Verdict.REJECTED, None),
        ],
    )
    async def test_to_the_backend(self, box: Box, answer: Json | None, verdict: cmd.Verdict, data: str | None) -> None:
        if answer is not None:
            box.backend.answers["DataTransfer"] = answer
        outcome = await box.hub.vendor_message(ID, "at.schrack", "Light", "d" * 5000)
        assert (outcome.verdict, outcome.data) == (verdict, data)
        told = valid(*box.backend.asked[0])
        assert told == {"vendorId": "at.schrack", "messageId": "Light", "data": "d" * 5000}

    async def test_a_name_that_is_too_long_is_cut(self, box: Box) -> None:
        await box.hub.vendor_message(ID, "v" * 300, "m" * 60, None)
        valid(*box.backend.asked[0])


class TestExtension:
    """What is installed on the box."""

    @pytest.mark.ocpp("P01.FR.06", "P01.FR.07")
    async def test_it_answers_before_the_station_is_asked(self, box: Box) -> None:
        install(box)
        assert await box.call("DataTransfer", lamps(vendor=VENDOR.upper())) == {
            "status": "Accepted",
            "data": {"station": ID, "was": {"level": 5}},
        }
        assert (await box.call("DataTransfer", lamps(data={"level": 101})))["status"] == "Rejected"
        for unknown in ("Explode", None):
            assert await box.call("DataTransfer", lamps(unknown)) == {"status": "UnknownMessageId"}
        broken = await box.call("DataTransfer", lamps("Break"))
        assert (broken["status"], broken["statusInfo"]["reasonCode"]) == ("Rejected", "InternalError")
        assert box.adapter.asked(cmd.VendorRequest) == []

    @pytest.mark.ocpp("P01.FR.05")
    async def test_the_backend_can_switch_it_off(self, box: Box) -> None:
        install(box)
        switch = VariableRef(
            component="CustomizationCtrlr", variable="CustomImplementationEnabled", variable_instance=VENDOR
        )
        assert (await box.hub.set_variable(ID, switch, "false")).accepted
        assert await box.call("DataTransfer", lamps()) == {"status": "UnknownVendorId"}
        assert box.adapter.asked(cmd.VendorRequest) == []


class TestProgram:
    """A program beside the box that the site file names."""

    @pytest.mark.ocpp("P01.FR.06", "P01.FR.07")
    async def test_it_gets_the_message_as_it_is(self, box: Box, program: Program) -> None:
        program.answer = {"status": "Accepted", "data": {"now": [1, None]}}
        assert await box.call("DataTransfer", lamps()) == program.answer
        assert program.asked == [{"station": ID, "vendorId": VENDOR, "messageId": "Dim", "data": {"level": 5}}]
        assert await box.call("DataTransfer", lamps("Explode")) == {"status": "UnknownMessageId"}
        program.answer = {"status": "UnknownMessageId"}
        assert await box.call("DataTransfer", lamps()) == {"status": "UnknownMessageId"}

    @pytest.mark.parametrize("answer", [None, [], {"status": "Fine"}, {"status": "Accepted", "data": "x" * 1_048_577}])
    async def test_an_answer_that_is_none_is_a_refusal(self, box: Box, program: Program, answer: Any) -> None:
        program.answer = answer
        told = await box.call("DataTransfer", lamps())
        assert (told["status"], told["statusInfo"]["reasonCode"]) == ("Rejected", "InternalError")

    async def test_nor_is_one_that_does_not_run(self, box: Box, program: Program) -> None:
        (relay,) = box.member.installation.relays
        gone = replace(relay, url="http://127.0.0.1:1/")
        box.member.installation = replace(box.member.installation, relays=(gone,))
        assert (await box.call("DataTransfer", lamps()))["status"] == "Rejected"
        assert program.asked == []
