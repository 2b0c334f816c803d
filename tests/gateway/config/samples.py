"""A good site file, and ways to spoil it."""

from __future__ import annotations

from pathlib import Path

import tomli

from adapters.ocpp_soap.config import SiteConfig, StationConfig
from gateway.config.draft import LATER_SECTIONS
from gateway.config.load import Examined, examine
from gateway.config.site import AdapterModels

FIELD_CONFIGS = Path(__file__).parents[3] / "field-configs"
TAKEN = [
    file
    for file in sorted(FIELD_CONFIGS.glob("*.toml"))
    if not {*LATER_SECTIONS} & tomli.loads(file.read_text()).keys()
]
"""Those without sections that this version does not take yet."""

ADAPTERS = {"ocpp_soap": AdapterModels(site=SiteConfig, station=StationConfig)}
PROFILES = frozenset({"core", "pricing", "reservation"})
PASSWORD = "correct-horse-battery"

GOOD = """\
[box]
name = "Garage"
data_dir = "data"
timezone = "Europe/Vienna"

[backend]
url = "wss://csms.example.com/ocpp"
security_profile = 2
password_file = "csms.password"

[southbound.ocpp_soap]
listen = "0.0.0.0:8080"

[[station]]
identity = "AT-1"
adapter = "ocpp_soap"
charge_box_identity = "BOX-1"
[[station.evse]]
id = 1
connector = { type = "sType2", max_current = 32 }

[[station]]
identity = "AT-2"
adapter = "ocpp_soap"
charge_box_identity = "BOX-2"
[[station.evse]]
id = 1
station_connector = 1
connector = { type = "cType2", max_current = 16, phases = 1, rotation = "RST" }
[[station.evse]]
id = 2
station_connector = 2
connector = { type = "cType2", max_current = 16 }
"""


def write_site(folder: Path, text: str | bytes = GOOD) -> Path:
    """A site file with the password file that it names."""
    password = folder / "csms.password"
    password.write_text(PASSWORD + "\n")
    password.chmod(0o600)
    file = folder / "site.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    file.chmod(0o600)
    return file


def spoiled(old: str, new: str) -> str:
    """The good file with the first occurrence of a text replaced."""
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def examined(folder: Path, text: str | bytes) -> Examined:
    """The outcome for a text."""
    return examine(write_site(folder, text), ADAPTERS, profiles=PROFILES)
