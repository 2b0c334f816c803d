"""L01 and L02 where the box fetches, verifies and hands on, as the CSMS sees it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.model import events as ev
from gateway.model.commands import ChangeAvailability, Outcome, UpdateFirmware, Verdict
from gateway.model.events import FirmwareStatus
from gateway.model.station import Capability
from tests.fakes.box import ID
from tests.fakes.clock import START, SettableClock
from tests.profiles.firmware.orders import order, report
from tests.profiles.firmware.orders import told as all_told
from tests.profiles.firmware.plant import Plant, plant
from tests.profiles.firmware.signing import Manufacturer
from tests.profiles.opened import limit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

FETCHED = ["Downloading", "Downloaded", "SignatureVerified"]
IN_AN_HOUR = (START + timedelta(hours=1)).isoformat()


@pytest.fixture(scope="module")
def manufacturer() -> Manufacturer:
    return Manufacturer.made()


@pytest.fixture
async def made(tmp_path: Path, manufacturer: Manufacturer) -> AsyncIterator[Plant]:
    async with plant(tmp_path, manufacturer) as opened:
        yield opened


@pytest.mark.ocpp("L01.FR.01", "L01.FR.05", "L01.FR.10", "L01.FR.20", "L01.FR.28", "L01.FR.31")
async def test_signed_firmware_is_verified_and_then_fetched_by_the_station_from_the_box(made: Plant) -> None:
    assert await made.ask(made.signed()) == "Accepted"
    assert await made.told() == [*FETCHED, "Installing"]
    (asked,) = made.asked()
    offer = made.box.adapter.offers[ID]
    assert asked.location == f"http://192.0.2.1:8080/{offer.secret}/fw-2.0.bin"
    assert len(offer.secret) >= 22
    assert (asked.certificate, asked.signature, asked.install_at) == ("", "", None)
    # It downloads it from the box, which is no news for the CSMS.
    await report(made.box, FirmwareStatus.DOWNLOADING, FirmwareStatus.DOWNLOADED, FirmwareStatus.INSTALLING)
    await report(made.box, FirmwareStatus.INSTALLED)
    await made.box.settled()
    sent = await made.box.sent()
    assert [m.payload for m in sent if m.action == "FirmwareStatusNotification"] == [
        {"status": "Installed", "requestId": 5}
    ]
    assert [m.payload["type"] for m in sent if m.action == "SecurityEventNotification"] == ["FirmwareUpdated"]
    assert made.box.adapter.offers == {}
    assert await made.files() == []
    assert "firmware-order.json" not in await made.box.hub.vault.documents(ID)


@pytest.mark.ocpp("L01.FR.03", "L01.FR.04", "L01.FR.09", "L01.FR.12")
@pytest.mark.parametrize("wrong", ["other content", "signature of somebody else", "no Base64"])
async def test_what_is_not_as_it_was_signed_never_reaches_the_station(made: Plant, wrong: str) -> None:
    request = made.signed()
    if wrong == "other content":
        made.server.content = b"new firmware, and more"
    elif wrong == "no Base64":
        request["firmware"]["signature"] = "***"
    else:
        request["firmware"]["signature"] = Manufacturer.made().sign(made.server.content or b"")
    assert await made.ask(request) == "Accepted"
    sent = await made.box.sent()
    told = [m.payload["status"] for m in sent if m.action == "FirmwareStatusNotification"]
    assert told == ["Downloading", "Downloaded", "InvalidSignature"]
    assert [m.payload["type"] for m in sent if m.action == "SecurityEventNotification"] == ["InvalidFirmwareSignature"]
    assert made.asked() == []
    assert made.box.adapter.offers == {}
    assert await made.files() == []


@pytest.mark.ocpp("L01.FR.04", "L01.FR.12")
async def test_a_signature_by_rsa_pss_holds(tmp_path: Path) -> None:
    key = await asyncio.to_thread(rsa.generate_private_key, 65537, 2048)
    async with plant(tmp_path, Manufacturer.made(key)) as made:
        assert await made.ask(made.signed()) == "Accepted"
        assert await made.told() == [*FETCHED, "Installing"]


@pytest.mark.ocpp("L01.FR.21", "L01.FR.22")
async def test_a_certificate_that_cannot_be_verified_is_invalid(made: Plant) -> None:
    assert await made.ask(order(signingCertificate=Manufacturer.made().certificate, signature="c2ln")) == (
        "InvalidCertificate"
    )
    await made.box.hub.vault.keep(ID, {"manufacturer-root-1.pem": None})
    assert await made.ask(made.signed()) == "InvalidCertificate"
    assert made.server.tries == 0


@pytest.mark.ocpp("L01.FR.21", "L01.FR.22")
async def test_a_certificate_for_other_uses_or_with_a_short_key_is_invalid(tmp_path: Path) -> None:
    short = await asyncio.to_thread(rsa.generate_private_key, 65537, 1024)
    for manufacturer in (Manufacturer.made(signs=False), Manufacturer.made(short)):
        async with plant(tmp_path, manufacturer) as made:
            assert await made.ask(made.signed()) == "InvalidCertificate"


@pytest.mark.ocpp("L01.FR.13")
async def test_what_is_to_be_fetched_later_is_scheduled_and_fetched_then(made: Plant) -> None:
    assert await made.ask(made.signed(hours=2)) == "Accepted"
    assert await made.told() == ["DownloadScheduled"]
    await made.later(hours=1)
    assert (await made.told(), made.server.tries) == ([], 0)
    await made.later(hours=1)
    assert await made.told() == [*FETCHED, "Installing"]


@pytest.mark.ocpp("L01.FR.16")
async def test_what_is_to_be_installed_later_is_fetched_now_and_installed_then(made: Plant) -> None:
    assert await made.ask(made.signed(installDateTime=IN_AN_HOUR)) == "Accepted"
    assert await made.told() == [*FETCHED, "InstallScheduled"]
    await made.later(minutes=59)
    assert (await made.told(), made.asked()) == ([], [])
    await made.later(minutes=1)
    assert await made.told() == ["Installing"]
    assert len(made.asked()) == 1


@pytest.mark.ocpp("L02.FR.01", "L02.FR.02", "L02.FR.06", "L02.FR.10")
async def test_unsigned_firmware_for_later_goes_the_same_way(made: Plant) -> None:
    await made.box.hub.vault.keep(ID, {"manufacturer-root-1.pem": None})
    assert await made.ask(order(installDateTime=IN_AN_HOUR)) == "Accepted"
    assert await made.told() == ["Downloading", "Downloaded", "InstallScheduled"]
    await made.later(hours=1)
    assert await made.told() == ["Installing"]
    await report(made.box, FirmwareStatus.INSTALLED)
    await made.box.settled()
    assert await made.told() == ["Installed"]


@pytest.mark.ocpp("L01.FR.06", "L01.FR.07", "L01.FR.33", "L01.FR.34")
async def test_it_waits_for_transactions_and_closes_what_is_not_in_use(made: Plant) -> None:
    admission = await made.box.begin(evse=1)
    assert await made.ask(made.signed()) == "Accepted"
    assert await made.told() == [*FETCHED, "InstallScheduled"]
    closed = [(command.place.evse, command.operative) for command in made.box.adapter.asked(ChangeAvailability)]
    assert closed == [(2, False)]
    assert made.asked() == []
    await made.box.end(admission.number)
    await made.box.settled()
    assert await made.told() == ["Installing"]
    await report(made.box, FirmwareStatus.INSTALLED)
    for _ in range(2):
        await made.profile._pending.look(ID)
    await made.box.settled()
    assert all(connector.operative for connector in made.state.connectors)


@pytest.mark.ocpp("L02.FR.03", "L02.FR.04", "L02.FR.22", "L02.FR.23")
async def test_unsigned_firmware_of_the_box_waits_for_transactions_too(made: Plant) -> None:
    await made.box.hub.vault.keep(ID, {"manufacturer-root-1.pem": None})
    admission = await made.box.begin(evse=1)
    request = order()
    request["firmware"]["location"] = "https://files.example.com/fw-2.0.bin"
    assert await made.ask(request) == "Accepted"
    assert await made.told() == ["Downloading", "Downloaded", "InstallScheduled"]
    assert [command.place.evse for command in made.box.adapter.asked(ChangeAvailability)] == [2]
    await made.box.end(admission.number)
    await made.box.settled()
    assert await made.told() == ["Installing"]


async def test_before_its_time_nobody_is_kept_away(made: Plant) -> None:
    await made.box.begin(evse=1)
    await made.ask(made.signed(installDateTime=IN_AN_HOUR))
    assert made.box.adapter.asked(ChangeAvailability) == []
    await made.later(hours=1)
    await made.profile._pending.look(ID)
    assert [command.place.evse for command in made.box.adapter.asked(ChangeAvailability)] == [2]


@pytest.mark.ocpp("L01.FR.30")
async def test_a_file_that_is_not_there_is_tried_as_often_as_is_wanted(made: Plant) -> None:
    made.server.content = None
    assert await made.ask({**made.signed(), "retries": 2, "retryInterval": 7}) == "Accepted"
    assert (made.server.tries, made.server.pauses) == (3, [7, 7])
    assert await made.told() == ["Downloading", "DownloadFailed"]
    assert await made.files() == []
    assert await made.ask({**made.signed(), "retries": 0}) == "Accepted"
    assert made.server.tries == 4


@pytest.mark.ocpp("L01.FR.24")
async def test_a_new_order_cancels_the_download_under_way(tmp_path: Path, manufacturer: Manufacturer) -> None:
    async with plant(tmp_path, manufacturer, go=False) as made:
        assert await made.ask(made.signed()) == "Accepted"
        await made.server.asked.wait()
        assert await made.ask(made.signed(6)) == "AcceptedCanceled"
        made.server.go.set()
        await made.box.settled()
        assert await all_told(made.box) == [
            ("Downloading", 5), *((status, 6) for status in (*FETCHED, "Installing"))
        ]  # fmt: skip
        assert [asked.request_id for asked in made.asked()] == [6]


@pytest.mark.ocpp("L01.FR.24", "L02.FR.15")
async def test_a_new_order_cancels_the_installation_that_waits(made: Plant) -> None:
    await made.ask(made.signed(installDateTime=IN_AN_HOUR))
    assert await made.ask(made.signed(6, hours=3)) == "AcceptedCanceled"
    await made.later(hours=2)
    assert made.asked() == []
    assert (await all_told(made.box))[-1] == ("DownloadScheduled", 6)
    # One that the station does itself takes the box's place.
    await made.box.hub.vault.keep(ID, {"manufacturer-root-1.pem": None})
    assert await made.ask(order(7)) == "AcceptedCanceled"
    assert [asked.request_id for asked in made.asked()] == [7]
    await made.later(hours=2)
    assert await made.files() == []
    await report(made.box, FirmwareStatus.DOWNLOADED)
    assert await all_told(made.box) == [("Downloaded", 7)]


@pytest.mark.ocpp("L01.FR.27")
async def test_what_the_station_installs_cannot_be_cancelled(made: Plant) -> None:
    await made.ask(made.signed())
    assert await made.ask(made.signed(6)) == "Rejected"


@pytest.mark.ocpp("L01.FR.01", "L01.FR.29")
@pytest.mark.parametrize(
    ("said", "told"),
    [
        (FirmwareStatus.INSTALLATION_FAILED, "InstallationFailed"),
        (FirmwareStatus.INSTALL_VERIFICATION_FAILED, "InstallVerificationFailed"),
        (FirmwareStatus.DOWNLOAD_FAILED, "InstallationFailed"),
    ],
)
async def test_a_station_that_fails_is_told_of(made: Plant, said: FirmwareStatus, told: str) -> None:
    await made.ask(made.signed())
    await made.told()
    await report(made.box, said)
    await made.box.settled()
    assert await made.told() == [told]
    assert made.box.adapter.offers == {}
    assert await made.files() == []


async def test_a_station_that_refuses_has_not_installed_it(made: Plant) -> None:
    made.box.adapter.answers[UpdateFirmware] = Outcome(verdict=Verdict.UNSUPPORTED, reason="NotSupported")
    await made.ask(made.signed())
    assert await made.told() == [*FETCHED, "Installing", "InstallationFailed"]
    assert await made.files() == []


async def test_a_station_that_does_not_answer_is_told_again(made: Plant) -> None:
    made.box.adapter.answers[UpdateFirmware] = Outcome(verdict=Verdict.UNANSWERED)
    await made.ask(made.signed())
    await made.later(seconds=30)
    assert len(made.asked()) == 1
    made.box.adapter.answers.clear()
    await made.later(seconds=30)
    first, second = made.asked()
    assert first.location == second.location
    await made.later(seconds=90)
    assert len(made.asked()) == 2
    assert await made.told() == [*FETCHED, "Installing"]


async def test_a_station_that_is_away_is_waited_for(made: Plant) -> None:
    await made.box.hub.publish(ev.StationLost(station=ID, at=made.box.clock.now()))
    await made.ask(made.signed())
    assert await made.told() == [*FETCHED, "InstallScheduled"]
    await limit(made.box, *(made.state.capabilities or {Capability.FIRMWARE_UPDATE}))
    assert await made.told() == ["Installing"]


async def test_as_long_as_nobody_knows_how_the_station_reaches_the_box_it_waits(made: Plant) -> None:
    made.box.adapter.box_url = ""
    await made.ask(made.signed())
    assert (await made.told(), made.asked()) == (FETCHED, [])
    made.box.adapter.box_url = "http://192.0.2.1"
    await made.later(minutes=1)
    assert await made.told() == ["Installing"]


async def test_a_station_that_never_installs_has_failed(made: Plant) -> None:
    await made.ask(made.signed())
    await made.told()
    await made.later(minutes=119)
    assert await made.told() == []
    await made.later(minutes=1)
    assert await made.told() == ["InstallationFailed"]
    assert await made.ask(made.signed(6)) == "Accepted"


@pytest.mark.ocpp("L01.FR.25", "L01.FR.26")
async def test_a_trigger_tells_how_far_the_box_is(made: Plant) -> None:
    await made.ask(made.signed(installDateTime=IN_AN_HOUR))
    await made.told()
    trigger = {"requestedMessage": "FirmwareStatusNotification"}
    await made.box.call("TriggerMessage", trigger)
    assert await made.told() == ["InstallScheduled"]
    await made.later(hours=1)
    await report(made.box, FirmwareStatus.INSTALLED)
    await made.box.settled()
    assert await made.told() == ["Installing", "Installed"]
    await made.box.call("TriggerMessage", trigger)
    assert await made.box.sent_of("FirmwareStatusNotification") == [{"status": "Idle"}]


class TestPowerCut:
    """The box goes down as by kill -9, and starts again."""

    async def test_during_a_download_it_is_fetched_again(self, tmp_path: Path, manufacturer: Manufacturer) -> None:
        async with plant(tmp_path, manufacturer, go=False) as made:
            await made.box.call("UpdateFirmware", made.signed())
            await made.server.asked.wait()
            assert await made.told() == ["Downloading"]
        async with plant(tmp_path, manufacturer, arrive=False) as made:
            await made.later()
            assert made.server.tries == 1
            assert await made.told() == [*FETCHED[1:], "Installing"]

    async def test_while_it_waits_nothing_is_lost_or_told_twice(
        self, tmp_path: Path, manufacturer: Manufacturer
    ) -> None:
        clock = SettableClock()
        async with plant(tmp_path, manufacturer, clock=clock) as made:
            await made.ask(made.signed(installDateTime=IN_AN_HOUR))
            await made.told()
        async with plant(tmp_path, manufacturer, clock=clock, arrive=False) as made:
            await made.later(minutes=30)
            assert (await made.told(), made.server.tries) == ([], 0)
            await made.later(minutes=30)
            assert await made.told() == ["Installing"]

    async def test_while_the_station_installs_it_finds_its_file_at_the_same_url(
        self, tmp_path: Path, manufacturer: Manufacturer
    ) -> None:
        clock = SettableClock()
        async with plant(tmp_path, manufacturer, clock=clock) as made:
            await made.ask(made.signed())
            offer = made.box.adapter.offers[ID]
            await made.told()
        async with plant(tmp_path, manufacturer, clock=clock, arrive=False) as made:
            assert made.box.adapter.offers == {ID: offer}
            await made.later(seconds=90)
            assert (await made.told(), made.asked()) == ([], [])
            await report(made.box, FirmwareStatus.INSTALLED)
            await made.box.settled()
            assert await made.told() == ["Installed"]
            assert await made.files() == []

    async def test_before_the_station_has_answered_it_is_told_again(
        self, tmp_path: Path, manufacturer: Manufacturer
    ) -> None:
        clock = SettableClock()
        async with plant(tmp_path, manufacturer, clock=clock) as made:
            made.box.adapter.answers[UpdateFirmware] = Outcome(verdict=Verdict.UNANSWERED)
            await made.ask(made.signed())
            assert (await made.told())[-1] == "Installing"
        async with plant(tmp_path, manufacturer, clock=clock, arrive=False) as made:
            await made.later()
            assert len(made.asked()) == 1
            assert await made.told() == []

    async def test_what_was_left_of_a_file_is_taken_away(self, tmp_path: Path, manufacturer: Manufacturer) -> None:
        left = tmp_path / "files" / "firmware" / ID / "old.bin.part"

        def leave() -> None:
            left.parent.mkdir(parents=True)
            left.write_bytes(b"x")

        await asyncio.to_thread(leave)
        async with plant(tmp_path, manufacturer) as made:
            assert await made.files() == []
