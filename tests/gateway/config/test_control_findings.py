"""Every fault of ``control`` that the check knows is shown with its code, line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.config.load import examine
from gateway.plugins import adapter_models, load_adapters, load_sensors, sensor_models
from tests.gateway.config.samples import PROFILES, write_site

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.config.load import Examined

SITE = """\
[box]
name = "Garage"
data_dir = "data"

[backend]
url = "ws://127.0.0.1:9000/ocpp"
security_profile = 0

[southbound.ocpp_soap]
listen = "127.0.0.1:8080"

[[station]]
identity = "AT-1"
adapter = "ocpp_soap"
charge_box_identity = "BOX-1"
version = "1.5"
[[station.evse]]
id = 1
connector = { type = "sType2", max_current = 32 }
control = { key = "MaxCurrent{connector}" }
[[station.evse]]
id = 2
connector = { type = "sType2", max_current = 32 }

[[station]]
identity = "AT-2"
adapter = "modbus"
family = "heidelberg-ec"
connection = { tcp = "10.0.0.5" }
[[station.evse]]
id = 1
connector = { type = "cType2", max_current = 16 }

[[sensor]]
name = "rail"
kind = "modbus"
family = "waveshare-io"
connection = { tcp = "10.0.0.9" }
component = "AccessSensor"
point = "inputs.1"
active = 1
react = { do = "stop", when = "Active == true", output = "rail/relay_1" }

[[sensor]]
name = "pilot"
kind = "modbus"
family = "wago-750"
connection = { tcp = "10.0.0.10" }
component = "AccessSensor"
instance = "pilot"
point = "inputs.1"
active = 1
"""
CONTROL = 'control = { key = "MaxCurrent{connector}" }'
LINE = "max_current = 16 }\n"


def examined(folder: Path, text: str) -> Examined:
    models = adapter_models(load_adapters())
    return examine(write_site(folder, text), models, profiles=PROFILES, sensors=sensor_models(load_sensors()))


def found(folder: Path, text: str) -> dict[str, tuple[str, dict[str, object]]]:
    return {
        f"{each.code} {each.span.line}:{each.span.column}": (each.severity, dict(each.params))
        for each in examined(folder, text).findings
        if each.code.startswith("control") and each.span
    }


def test_the_check_tells_the_means_of_each_evse(tmp_path: Path) -> None:
    shown = found(tmp_path, SITE)
    assert {key: severity for key, (severity, _) in shown.items()} == {
        "control-limits 20:11": "note",
        "control-none 21:1": "note",
        "control-own 30:1": "note",
    }
    told = shown["control-limits 20:11"][1]
    assert told["means"] == "ChangeConfiguration MaxCurrent{connector} (A)"
    assert examined(tmp_path, SITE).site is not None


def test_a_site_without_means_is_told_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, SITE.replace(CONTROL, "")) == {}


def test_a_16_station_says_itself_whether_it_has_smart_charging(tmp_path: Path) -> None:
    shown = found(tmp_path, SITE.replace('version = "1.5"', 'version = "1.6"'))
    assert set(shown) == {"control-limits 20:11", "control-own-perhaps 21:1", "control-own 30:1"}


def test_an_output_switches(tmp_path: Path) -> None:
    shown = found(tmp_path, SITE.replace(CONTROL, 'control = { output = "rail/relay_2", draws = 16.0 }'))
    assert shown["control-switches 20:11"][1]["means"] == "output rail/relay_2"


def test_a_pilot_is_driven(tmp_path: Path) -> None:
    control = 'control = { pwm = "pilot/analog_output_1", full = 10.0 }'
    outcome = examined(tmp_path, SITE.replace(CONTROL, control))
    assert outcome.site is not None
    assert "control-limits 20:11" in found(tmp_path, SITE.replace(CONTROL, control))


@pytest.mark.parametrize(
    ("finding", "control"),
    [
        ("control-ways 20:11", "control = { }"),
        ("control-ways 20:11", 'control = { key = "a", output = "rail/relay_2" }'),
        ("control-key 20:11", 'control = { output = "rail/relay_2", step = 2.0 }'),
        ("control-failsafe 20:11", 'control = { key = "a", failsafe_current = 6.0 }'),
        ("control-output 20:22", 'control = { output = "rail/relay_99" }'),
        ("control-output 20:22", 'control = { output = "rial/relay_2" }'),
        ("control-output 20:22", 'control = { output = "pilot/analog_output_1" }'),
        ("control-pwm 20:19", 'control = { pwm = "rail/relay_2" }'),
        ("control-output-twice 20:22", 'control = { output = "rail/relay_1" }'),
        ("control-draws 20:46", 'control = { output = "rail/relay_2", draws = 63.0 }'),
        ("control-minimum 20:34", 'control = { key = "a", minimum = 63.0 }'),
    ],
)
def test_fault(finding: str, control: str, tmp_path: Path) -> None:
    text = SITE.replace(CONTROL, control)
    shown = found(tmp_path, text)
    assert [key for key, (severity, _) in shown.items() if severity == "error"] == [finding]
    assert examined(tmp_path, text).site is None


def test_stopping_from_afar_is_warned_of(tmp_path: Path) -> None:
    shown = found(tmp_path, SITE.replace(CONTROL, "control = { remote = true }"))
    assert shown["control-remote 20:11"][0] == "warning"


def test_what_limits_itself_needs_no_control_and_takes_no_key(tmp_path: Path) -> None:
    own = SITE.replace(LINE, LINE + 'control = { output = "rail/relay_3" }\n')
    assert "control-needless 33:11" in found(tmp_path, own)
    old = SITE.replace('version = "1.5"', 'version = "1.2"')
    message = 'control = { data_transfer = { vendor = "v" } }'
    assert found(tmp_path, old.replace(CONTROL, message))["control-not-with 20:11"][0] == "error"
