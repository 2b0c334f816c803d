"""Reset, availability, unlocking, cache and vendors' messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.device import VariableRef
from gateway.model.ids import Place
from gateway.model.station import Capability
from gateway.model.tokens import Authorization, AuthorizationStatus
from gateway.model.transactions import TriggerReason
from tests.fakes.box import ID, RFID

if TYPE_CHECKING:
    from gateway.contracts import Json
    from tests.fakes.box import Box

ACCEPTED = Authorization(status=AuthorizationStatus.ACCEPTED)


class TestReset:
    """Reset (B11, B12)."""

    @pytest.mark.ocpp("B11.FR.01")
    @pytest.mark.parametrize("kind", ["Immediate", "OnIdle"])
    async def test_an_idle_station_is_reset_at_once(self, box: Box, kind: str) -> None:
        assert await box.call("Reset", {"type": kind}) == {"status": "Accepted"}
        assert [command.kind for command in box.adapter.asked(cmd.Reset)] == [kind]

    @pytest.mark.ocpp("B11.FR.09", "B12.FR.09")
    @pytest.mark.parametrize("kind", ["Immediate", "OnIdle"])
    async def test_an_evse_alone_cannot(self, box: Box, kind: str) -> None:
        await box.begin()
        assert (await box.call("Reset", {"type": kind, "evseId": 1}))["status"] == "Rejected"
        assert box.adapter.commands == []

    @pytest.mark.parametrize(
        "charging",
        [
            pytest.param(False, marks=pytest.mark.ocpp("B11.FR.06")),
            pytest.param(True, marks=pytest.mark.ocpp("B12.FR.10")),
        ],
    )
    async def test_not_during_a_firmware_update(self, box: Box, *, charging: bool) -> None:
        if charging:
            await box.begin()
        update = cmd.UpdateFirmware(station=ID, request_id=5, location="ftp://x/y", at=box.clock.now())
        await box.hub.execute(update)
        progress = ev.FirmwareProgress(station=ID, at=box.clock.now(), status=ev.FirmwareStatus.DOWNLOADING)
        await box.hub.publish(progress)
        answer = await box.call("Reset", {"type": "Immediate"})
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "FwUpdateInProgress")

    @pytest.mark.ocpp("B11.FR.07", "B12.FR.01")
    async def test_on_idle_waits_for_a_transaction(self, box: Box) -> None:
        await box.begin()
        assert await box.call("Reset", {"type": "OnIdle"}) == {"status": "Scheduled"}

    async def test_the_stations_refusal_is_the_answer(self, box: Box) -> None:
        box.adapter.refuse(cmd.Reset)
        assert (await box.call("Reset", {"type": "Immediate"}))["status"] == "Rejected"


class TestAvailability:
    """ChangeAvailability (G03, G04)."""

    @pytest.mark.ocpp("G03.FR.01", "G03.FR.04", "G01.FR.07")
    async def test_an_evse(self, box: Box) -> None:
        request = {"operationalStatus": "Inoperative", "evse": {"id": 2}}
        assert await box.call("ChangeAvailability", request) == {"status": "Accepted"}
        told = await box.sent_of("StatusNotification")
        assert [(s["evseId"], s["connectorStatus"]) for s in told] == [(2, "Unavailable")]

    @pytest.mark.ocpp("G04.FR.01", "G04.FR.02", "G04.FR.05", "G04.FR.07")
    async def test_the_station(self, box: Box) -> None:
        assert await box.call("ChangeAvailability", {"operationalStatus": "Inoperative"}) == {"status": "Accepted"}
        assert [command.place.evse for command in box.adapter.asked(cmd.ChangeAvailability)] == [0]
        told = await box.sent_of("StatusNotification")
        assert [(s["evseId"], s["connectorStatus"]) for s in told] == [(1, "Unavailable"), (2, "Unavailable")]

    @pytest.mark.ocpp("G03.FR.03", "G04.FR.04")
    @pytest.mark.parametrize("evse", [{}, {"evse": {"id": 1}}, {"evse": {"id": 1, "connectorId": 1}}])
    async def test_what_is_so_already_is_accepted(self, box: Box, evse: Json) -> None:
        assert await box.call("ChangeAvailability", {"operationalStatus": "Operative", **evse}) == {
            "status": "Accepted"
        }
        assert box.adapter.commands == []

    @pytest.mark.ocpp("G03.FR.05", "G04.FR.06")
    @pytest.mark.parametrize("evse", [{}, {"evse": {"id": 1}}])
    @pytest.mark.parametrize("verdict", [cmd.Verdict.SCHEDULED, cmd.Verdict.ACCEPTED])
    async def test_during_a_transaction_it_is_scheduled(self, box: Box, evse: Json, verdict: cmd.Verdict) -> None:
        await box.begin()
        box.adapter.refuse(cmd.ChangeAvailability, verdict=verdict)
        answer = await box.call("ChangeAvailability", {"operationalStatus": "Inoperative", **evse})
        assert answer == {"status": "Scheduled"}

    async def test_a_transaction_elsewhere_does_not_matter(self, box: Box) -> None:
        await box.begin(evse=2)
        request = {"operationalStatus": "Inoperative", "evse": {"id": 1}}
        assert await box.call("ChangeAvailability", request) == {"status": "Accepted"}

    @pytest.mark.parametrize("evse", [{"id": 9}, {"id": 1, "connectorId": 2}])
    async def test_a_place_that_is_none(self, box: Box, evse: Json) -> None:
        answer = await box.call("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": evse})
        assert answer["status"] == "Rejected"
        assert box.adapter.commands == []


class TestUnlock:
    """UnlockConnector (F05)."""

    @pytest.mark.ocpp("F05.FR.01", "F05.FR.04", "F05.FR.06")
    async def test_unlocked(self, box: Box) -> None:
        assert await box.call("UnlockConnector", {"evseId": 1, "connectorId": 1}) == {"status": "Unlocked"}
        assert [(c.place.evse, c.place.connector) for c in box.adapter.asked(cmd.Unlock)] == [(1, 1)]

    @pytest.mark.ocpp("F05.FR.02")
    async def test_never_during_a_transaction(self, box: Box) -> None:
        await box.begin()
        answer = await box.call("UnlockConnector", {"evseId": 1, "connectorId": 1})
        assert answer["status"] == "OngoingAuthorizedTransaction"
        assert box.adapter.commands == []

    @pytest.mark.ocpp("F05.FR.02", "F05.FR.04")
    async def test_under_a_transaction_of_the_box_only_while_somebody_is_authorized(self, box: Box) -> None:
        found = frozenset({Capability.BOX_SESSIONS, Capability.UNLOCK})
        await box.hub.publish(ev.StationFound(station=ID, at=box.clock.now(), capabilities=found))
        place = Place(station=ID, evse=1, connector=1)
        began = ev.TransactionBegan(place=place, at=box.clock.now(), token=None, meter_start=0.0, key="k")
        number = (await box.hub.begin(began, patience=0)).number
        asked = {"evseId": 1, "connectorId": 1}
        assert (await box.call("UnlockConnector", asked))["status"] == "Unlocked"
        for trigger, status in (
            (TriggerReason.AUTHORIZED, "OngoingAuthorizedTransaction"),
            (TriggerReason.STOP_AUTHORIZED, "Unlocked"),
        ):
            update = ev.TransactionUpdated(place=place, at=box.clock.now(), number=number, trigger=trigger, token=RFID)
            await box.hub.publish(update)
            assert (await box.call("UnlockConnector", asked))["status"] == status
        assert len(box.adapter.asked(cmd.Unlock)) == 2

    @pytest.mark.ocpp("F05.FR.03")
    @pytest.mark.parametrize(("evse", "connector"), [(9, 1), (1, 2)])
    async def test_a_connector_that_is_none(self, box: Box, evse: int, connector: int) -> None:
        answer = await box.call("UnlockConnector", {"evseId": evse, "connectorId": connector})
        assert answer["status"] == "UnknownConnector"

    @pytest.mark.ocpp("F05.FR.05")
    @pytest.mark.parametrize("verdict", [cmd.Verdict.REJECTED, cmd.Verdict.UNSUPPORTED, cmd.Verdict.UNREACHABLE])
    async def test_not_unlocked(self, box: Box, verdict: cmd.Verdict) -> None:
        box.adapter.refuse(cmd.Unlock, verdict=verdict)
        assert (await box.call("UnlockConnector", {"evseId": 1, "connectorId": 1}))["status"] == "UnlockFailed"


class TestClearCache:
    """ClearCache (C11)."""

    @pytest.mark.ocpp("C11.FR.01", "C11.FR.02", "C11.FR.03")
    async def test_the_boxs_and_the_stations_are_emptied(self, box: Box) -> None:
        await box.storage.tokens.remember(ID, RFID, ACCEPTED)
        assert await box.call("ClearCache", {}) == {"status": "Accepted"}
        assert await box.storage.tokens.recall(ID, RFID) is None
        assert len(box.adapter.asked(cmd.ClearTokens)) == 1

    async def test_a_station_without_one_is_not_asked(self, box: Box) -> None:
        await box.hub.publish(
            ev.StationFound(station=ID, at=box.clock.now(), capabilities=frozenset({Capability.RESET}))
        )
        assert await box.call("ClearCache", {}) == {"status": "Accepted"}
        assert box.adapter.commands == []

    @pytest.mark.ocpp("C11.FR.04")
    async def test_not_where_it_is_off(self, box: Box) -> None:
        await box.hub.set_variable(ID, VariableRef(component="AuthCacheCtrlr", variable="Enabled"), "false")
        assert (await box.call("ClearCache", {}))["status"] == "Rejected"

    @pytest.mark.ocpp("C11.FR.05")
    async def test_not_where_the_station_fails(self, box: Box) -> None:
        await box.storage.tokens.remember(ID, RFID, ACCEPTED)
        box.adapter.refuse(cmd.ClearTokens)
        assert (await box.call("ClearCache", {}))["status"] == "Rejected"
