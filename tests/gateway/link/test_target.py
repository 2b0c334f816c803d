"""The address and the credentials of a station, and what it says of itself."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.link.identity import boot_payload
from gateway.link.target import Target, tls_context
from gateway.link.validation import Direction
from gateway.model.changes import BootReason
from gateway.model.errors import GatewayError
from gateway.model.station import StationIdentity
from tests.gateway.link.fakes import SCHEMAS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("url", "identity", "address"),
    [
        ("ws://csms.example.com/ocpp", "CS001", "ws://csms.example.com/ocpp/CS001"),
        ("wss://csms.example.com/ocppj", "RDAM 123", "wss://csms.example.com/ocppj/RDAM%20123"),
        ("ws://csms.example.com/ocpp/", "AT*EBE*1", "ws://csms.example.com/ocpp/AT*EBE*1"),
        ("ws://csms.example.com:9000", "a/b?c", "ws://csms.example.com:9000/a%2Fb%3Fc"),
        ("ws://csms.example.com/ocpp?tenant=7", "CS001", "ws://csms.example.com/ocpp/CS001?tenant=7"),
    ],
)
def test_connection_url_is_endpoint_and_identity(url: str, identity: str, address: str) -> None:
    assert str(Target(identity=identity, url=url).address) == address


@pytest.mark.ocpp("A00.FR.203", "A00.FR.204", "A00.FR.205", "A00.FR.303", "A00.FR.304")
def test_user_is_the_identity_and_the_password_is_utf_8() -> None:
    for profile, url in ((1, "ws://h/o"), (2, "wss://h/o")):
        target = Target(identity="CS1", url=url, password="pä55", security_profile=profile)
        header = target.headers["Authorization"]
        assert b64decode(header.removeprefix("Basic ")) == "CS1:pä55".encode()


def test_another_user_may_be_named() -> None:
    header = Target(identity="CS1", url="ws://h/o", password="p", user="u").headers["Authorization"]
    assert b64decode(header.removeprefix("Basic ")) == b"u:p"


def test_no_security_sends_no_credentials_and_no_print_shows_them() -> None:
    assert Target(identity="CS1", url="ws://h/o", password="p", security_profile=0).headers == {}
    assert "hunter2" not in repr(Target(identity="CS1", url="ws://h/o", password="hunter2"))


@pytest.mark.parametrize(("url", "profile"), [("ws://h/o", 2), ("wss://h/o", 1)])
def test_profile_and_url_have_to_agree(url: str, profile: int) -> None:
    with pytest.raises(GatewayError) as error:
        Target(identity="CS1", url=url, security_profile=profile).check()
    assert error.value.code == "csms-profile-mismatch"


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_unusable_ca_file_is_an_expected_failure(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(GatewayError) as error:
        tls_context(path)
    assert error.value.code == "ca-file-unusable"


texts = st.text(max_size=60)
identities = st.none() | st.builds(
    StationIdentity, vendor=texts, model=texts, serial=texts, box_serial=texts, firmware=texts, iccid=texts, imsi=texts
)


@given(identities, texts, texts, st.sampled_from(list(BootReason)))
def test_whatever_a_station_says_makes_a_valid_boot(
    identity: StationIdentity | None, vendor: str, model: str, reason: BootReason
) -> None:
    payload = boot_payload(identity, vendor=vendor, model=model, reason=reason)
    assert SCHEMAS.validate("BootNotification", Direction.REQUEST, payload) is None


def test_site_file_outranks_the_station_and_a_silent_station_is_unknown() -> None:
    identity = StationIdentity(vendor="Old", model="Post", box_serial="B1", iccid="89", imsi="23")
    payload = boot_payload(identity, vendor="ACME", model="", reason=BootReason.POWER_UP)
    assert payload["chargingStation"] == {
        "vendorName": "ACME", "model": "Post", "serialNumber": "B1", "modem": {"iccid": "89", "imsi": "23"}
    }  # fmt: skip
    payload = boot_payload(None, vendor="", model="", reason=BootReason.POWER_UP)
    assert payload["chargingStation"] == {"vendorName": "Unknown", "model": "Unknown"}
