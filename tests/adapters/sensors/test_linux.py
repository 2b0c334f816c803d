"""1-Wire, hwmon and IIO, on trees of files as the kernel shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from adapters.sensors.hwmon import Hwmon
from adapters.sensors.iio import Iio
from adapters.sensors.onewire import OneWire
from gateway.contracts.sensing import SensorSettings
from gateway.model.errors import GatewayError
from tests.fakes.panel import FakePanel
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from adapters.sensors.polled import PolledKind
    from gateway.model.sensing import Value

ID = "28-0000057c3d1a"
GOOD = "aa 01 4b 46 7f ff 06 10 84 : crc=84 YES\naa 01 4b 46 7f ff 06 10 84 t=26625\n"


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")


def read(kind: type[PolledKind], folder: Path, **keys: Any) -> Mapping[str, Value]:
    options = kind.Keys(folder=folder, **keys)
    settings = SensorSettings(name="s", points=frozenset(), options=options)
    found = kind((settings,)).read(settings)
    assert found.keys() == {point.name for point in kind.points(options)}
    return found


def refused(kind: type[PolledKind], folder: Path, **keys: Any) -> str:
    with pytest.raises(GatewayError) as error:
        read(kind, folder, **keys)
    return error.value.code


@pytest.mark.parametrize(
    ("files", "celsius"),
    [
        ({"temperature": "21437\n"}, 21.437),
        ({"temperature": "-1250\n"}, -1.25),
        ({"w1_slave": GOOD}, 26.625),
        ({"w1_slave": GOOD.replace("26625", "-55000")}, -55.0),
    ],
)
def test_a_thermometer_on_1_wire(tmp_path: Path, files: Mapping[str, str], celsius: float) -> None:
    write(tmp_path / ID, files)
    assert read(OneWire, tmp_path, device=ID) == {"temperature": celsius}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "sensor-file"),
        ({"temperature": ""}, "sensor-content"),
        ({"temperature": "85000\n"}, "sensor-no-value"),
        ({"temperature": "127937\n"}, "sensor-no-value"),
        ({"w1_slave": GOOD.replace("YES", "NO")}, "sensor-content"),
        ({"w1_slave": ""}, "sensor-content"),
    ],
)
def test_a_thermometer_that_has_no_value(tmp_path: Path, files: Mapping[str, str], code: str) -> None:
    write(tmp_path / ID, files)
    assert refused(OneWire, tmp_path, device=ID) == code


@pytest.mark.parametrize("device", ["28", "../28-0000057c3d1a", "28-0000057C3D1A"])
def test_the_id_of_a_thermometer_is_a_folder_of_the_bus(tmp_path: Path, device: str) -> None:
    with pytest.raises(ValidationError):
        OneWire.Keys(folder=tmp_path, device=device)


@pytest.mark.parametrize(
    ("channel", "raw", "value"),
    [("temp1", "45625", 45.625), ("humidity1", "61200", 61.2), ("in0", "12034", 12.034), ("fan2", "1180", 1180.0)],
)
def test_a_chip_is_found_by_its_name(tmp_path: Path, channel: str, raw: str, value: float) -> None:
    write(tmp_path / "hwmon0", {"name": "cpu_thermal\n", "temp1_input": "99000\n"})
    write(tmp_path / "hwmon3", {"name": "sht3x\n", f"{channel}_input": raw + "\n", f"{channel}_fault": "0\n"})
    assert read(Hwmon, tmp_path, chip="sht3x", input=channel) == {"value": pytest.approx(value)}


def test_a_chip_with_a_broken_sensor_or_none_or_two_of_them(tmp_path: Path) -> None:
    assert refused(Hwmon, tmp_path, chip="sht3x") == "sensor-absent"
    write(tmp_path / "hwmon3", {"name": "sht3x\n", "temp1_input": "-40000\n", "temp1_fault": "1\n"})
    assert refused(Hwmon, tmp_path, chip="sht3x") == "sensor-fault"
    write(tmp_path / "hwmon4", {"name": "sht3x\n", "temp1_input": "20000\n"})
    assert refused(Hwmon, tmp_path, chip="sht3x") == "sensor-ambiguous"


@pytest.mark.parametrize(
    ("channel", "files", "value"),
    [
        ("voltage1", {"in_voltage1_raw": "1650", "in_voltage_scale": "2"}, 3.3),
        ("voltage1", {"in_voltage1_raw": "1650", "in_voltage1_scale": "1", "in_voltage_scale": "2"}, 1.65),
        ("temp", {"in_temp_raw": "-100", "in_temp_offset": "600", "in_temp_scale": "50"}, 25.0),
        ("humidityrelative", {"in_humidityrelative_input": "45300"}, 45.3),
        ("illuminance", {"in_illuminance_input": "812.5"}, 812.5),
        ("current0", {"in_current0_raw": "12", "in_current0_scale": "1"}, 12.0),
    ],
)
def test_a_channel_of_the_kernel_in_its_unit(
    tmp_path: Path, channel: str, files: Mapping[str, str], value: float
) -> None:
    write(tmp_path / "iio:device1", {"name": "ads1115\n", **files})
    assert read(Iio, tmp_path, device="ads1115", channel=channel) == {"value": pytest.approx(value)}


@pytest.mark.parametrize(
    ("force", "upright", "tilt", "shock"),
    [
        ((0, 0, 9.80665), (0, 0, 1), 0, 0),
        ((9.80665, 0, 0), (0, 0, 1), 90, 0),
        ((0, 0, 9.80665), (0, 0, -1), 180, 0),
        ((0, 6.934, 6.934), (0, 0, 1), 45, 0),
        ((0, 0, 29.42), (0, 0, 1), 0, 2),
    ],
)
def test_a_cabinet_that_leans_or_is_hit(
    tmp_path: Path, force: tuple[float, ...], upright: tuple[float, ...], tilt: float, shock: float
) -> None:
    axes = {f"in_accel_{axis}_raw": str(round(each / 0.001)) for axis, each in zip("xyz", force, strict=True)}
    write(tmp_path / "iio:device0", {"name": "adxl345\n", "in_accel_scale": "0.001", **axes})
    found = read(Iio, tmp_path, device="adxl345", channel="accel", upright=upright)
    assert found == {"tilt": pytest.approx(tilt, abs=0.1), "shock": pytest.approx(shock, abs=0.01)}


def test_an_accelerometer_that_feels_nothing_is_broken(tmp_path: Path) -> None:
    axes = {f"in_accel_{axis}_raw": "0" for axis in "xyz"}
    write(tmp_path / "iio:device0", {"name": "adxl345\n", **axes})
    assert refused(Iio, tmp_path, device="adxl345", channel="accel") == "sensor-no-value"


async def test_a_sensor_that_is_lost_and_found_is_no_matter_of_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = "28-0000057c3d1b"
    write(tmp_path / ID, {"temperature": "20000\n"})
    settings = [
        SensorSettings(name=name, points=frozenset(), options=OneWire.Keys(folder=tmp_path, device=device, poll=0.05))
        for name, device in (("air", ID), ("rail", other))
    ]
    panel = FakePanel()
    async with running(OneWire(settings).run(panel)):
        await panel.until(lambda it: len(it.values) > 3 and len(it.losses) > 0)
        assert {name for name, _ in panel.values} == {"air"}
        write(tmp_path / other, {"temperature": "30000\n"})
        await panel.until(lambda it: ("rail", {"temperature": 30.0}) in it.values)
    told = [record.getMessage() for record in caplog.records if "rail" in record.getMessage()]
    assert len(told) == 2
