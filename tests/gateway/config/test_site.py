"""The values that the rest of the gateway gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.ocpp_soap.config import SiteConfig, StationConfig
from gateway.config.fields import HostPort
from gateway.config.load import load_site
from gateway.config.passwords import read_password
from gateway.model.errors import GatewayError
from tests.gateway.config.samples import ADAPTERS, GOOD, PASSWORD, PROFILES, spoiled, write_site

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.config.site import Site


def load(folder: Path, text: str = GOOD) -> Site:
    return load_site(write_site(folder, text), ADAPTERS, profiles=PROFILES)


def test_values_and_defaults(tmp_path: Path) -> None:
    site = load(tmp_path, GOOD + '[profiles]\ndisable = ["pricing"]\n')
    assert site.box.data_dir == tmp_path / "data"
    assert site.box.language == "en"
    assert site.backend.url == "wss://csms.example.com/ocpp"
    assert site.profiles.disable == ("pricing",)
    southbound = site.southbound["ocpp_soap"]
    assert isinstance(southbound, SiteConfig)
    assert southbound.listen == HostPort("0.0.0.0", 8080)
    assert southbound.path == "/ocpp"
    assert "192.168.0.0/16" in southbound.allowed_networks
    first, second = site.station
    assert (first.identity, first.adapter) == ("AT-1", "ocpp_soap")
    assert isinstance(second.settings, StationConfig)
    assert second.settings.charge_box_identity == "BOX-2"
    assert second.settings.version == "1.5"
    assert [(evse.id, evse.legacy_id) for evse in second.evse] == [(1, 1), (2, 2)]
    assert first.evse[0].legacy_id == 1
    assert (first.evse[0].connector.max_current, first.evse[0].connector.phases) == (32, 3)
    assert first.evse[0].connector.rotation == "Unknown"


def test_a_trailing_slash_of_the_url_does_not_double(tmp_path: Path) -> None:
    assert load(tmp_path, spoiled("/ocpp", "/ocpp/")).backend.url == "wss://csms.example.com/ocpp"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("[::]:80", "::", 80), ("box.local:8080", "box.local", 8080), ("127.0.0.1:1", "127.0.0.1", 1)],
)
def test_addresses_read_back_as_written(text: str, host: str, port: int) -> None:
    address = HostPort.parse(text)
    assert (address.host, address.port, str(address)) == (host, port, text)


def test_the_password_comes_from_the_file_without_its_line_end(tmp_path: Path) -> None:
    site = load(tmp_path)
    assert read_password(site, site.station[0]) == PASSWORD


def test_a_station_can_have_its_own_password(tmp_path: Path) -> None:
    own = "own-password-of-at-1"
    site = load(tmp_path, spoiled('identity = "AT-1"', f'identity = "AT-1"\npassword = "{own}"'))
    assert [read_password(site, station) for station in site.station] == [own, PASSWORD]
    assert own not in repr(site)


def test_without_security_there_is_no_password(tmp_path: Path) -> None:
    site = load(tmp_path, GOOD.replace("security_profile = 2", "security_profile = 0"))
    assert read_password(site, site.station[0]) is None


def test_a_password_file_that_went_away_is_an_expected_failure(tmp_path: Path) -> None:
    site = load(tmp_path)
    (tmp_path / "csms.password").write_text("\n")
    with pytest.raises(GatewayError, match="password-empty"):
        read_password(site, site.station[0])
    (tmp_path / "csms.password").unlink()
    with pytest.raises(GatewayError, match="file-unreadable"):
        read_password(site, site.station[0])


def test_passwords_only_per_station_are_enough(tmp_path: Path) -> None:
    line = 'password_file = "csms.password"\n'
    text = spoiled(line, "").replace('adapter = "ocpp_soap"\n', f'adapter = "ocpp_soap"\n{line}')
    assert len(load(tmp_path, text).station) == 2
