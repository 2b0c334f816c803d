"""What the box tells of itself, on trees of files as Linux shows them, and on this machine."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from adapters.sensors.kernel_clock import KernelClock, judge, kernel_clock
from adapters.sensors.own import Box
from gateway.contracts.sensing import SensorSettings
from gateway.model.errors import GatewayError
from tests.fakes.panel import FakePanel
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model.sensing import Value

NET = "sys/class/net/eth0"
ZONE = "sys/class/thermal/thermal_zone"
THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"
VOLT = "sys/class/hwmon/hwmon1"
DOG = "sys/class/watchdog/watchdog0"


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="ascii")


def read(root: Path, what: str, clock: KernelClock | None = None, **keys: Any) -> Mapping[str, Value]:
    options = Box.Keys.model_validate({"what": what, "root": root, **keys})
    settings = SensorSettings(name="s", points=frozenset(), options=options)
    found = Box((settings,), lambda: clock or kernel_clock()).read(settings)
    assert found.keys() <= {point.name for point in Box.points(options)}
    return found


def refused(root: Path, what: str, **keys: Any) -> str:
    with pytest.raises(GatewayError) as error:
        read(root, what, **keys)
    return error.value.code


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"operstate": "up", "carrier": "1", "speed": "1000"}, {"up": True, "carrier": True, "speed": 1000.0}),
        ({"operstate": "down", "carrier": "0", "speed": "-1"}, {"up": False, "carrier": False}),
        ({"operstate": "down"}, {"up": False, "carrier": False}),  # switched off: the kernel refuses the others
        ({"operstate": "unknown", "carrier": "1"}, {"up": True, "carrier": True}),  # as of a modem
        ({"operstate": "dormant", "carrier": "1", "speed": "100"}, {"up": False, "carrier": True, "speed": 100.0}),
    ],
)
def test_a_network_interface(tmp_path: Path, files: Mapping[str, str], expected: Mapping[str, Value]) -> None:
    write(tmp_path / NET, files)
    assert read(tmp_path, "network", interface="eth0") == expected
    assert refused(tmp_path, "network", interface="wwan0") == "sensor-absent"


def test_a_disk_that_fills(tmp_path: Path) -> None:
    found = read(tmp_path, "disk", path=tmp_path)
    assert isinstance(found["free"], float)
    assert found["free"] > 0
    assert 0 < float(found["free_share"]) <= 100
    assert found["read_only"] is False
    assert refused(tmp_path, "disk", path=tmp_path / "absent") == "sensor-file"


def test_the_hottest_zone_counts_unless_one_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"proc/loadavg": "0.52 0.31 0.20 1/123 4567"})
    assert "temperature" not in read(tmp_path, "cpu")
    write(tmp_path, {f"{ZONE}0/type": "cpu-thermal", f"{ZONE}0/temp": "61500", f"{ZONE}2/temp": "70000"})
    write(tmp_path, {f"{ZONE}1/type": "gpu-thermal"})  # asleep: it has no temperature
    assert read(tmp_path, "cpu")["temperature"] == 70.0
    found = read(tmp_path, "cpu", zone="cpu-thermal")
    assert (found["temperature"], found["load"]) == (61.5, 0.52)
    assert refused(tmp_path, "cpu", zone="acpitz") == "sensor-absent"


def test_memory_and_time_since_the_start(tmp_path: Path) -> None:
    write(tmp_path, {"proc/meminfo": "MemTotal:         948304 kB\nMemFree:  1 kB\nMemAvailable:     237076 kB"})
    write(tmp_path, {"proc/uptime": "86400.25 170000.00"})
    assert read(tmp_path, "memory") == {"free": 237076.0 * 1024, "free_share": 25.0}
    assert read(tmp_path, "uptime") == {"uptime": 86400.25}
    write(tmp_path, {"proc/meminfo": "MemTotal: many", "proc/uptime": "", "proc/loadavg": "much"})
    assert {refused(tmp_path, what) for what in ("memory", "uptime", "cpu")} == {"sensor-content"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({THROTTLED: "0"}, set()),
        ({THROTTLED: "50005"}, {"undervoltage", "throttled", "undervoltage_before"}),
        ({THROTTLED: "50000"}, {"undervoltage_before"}),
        ({THROTTLED.replace("soc", "soc@107c000000"): "a"}, {"capped", "hot"}),
        ({f"{VOLT}/name": "rpi_volt", f"{VOLT}/in0_lcrit_alarm": "1"}, {"undervoltage"}),
        ({f"{VOLT}/name": "rpi_volt", f"{VOLT}/in0_lcrit_alarm": "0"}, set()),
    ],
)
def test_the_supply_of_a_raspberry_pi(tmp_path: Path, files: Mapping[str, str], expected: set[str]) -> None:
    write(tmp_path, files)
    found = read(tmp_path, "supply")
    assert {name for name, value in found.items() if value} == expected
    assert "undervoltage" in found


def test_a_supply_that_nothing_is_known_of(tmp_path: Path) -> None:
    assert refused(tmp_path, "supply") == "sensor-absent"
    write(tmp_path, {THROTTLED: "what"})
    assert refused(tmp_path, "supply") == "sensor-content"


def test_a_watchdog_that_nobody_feeds_or_that_has_bitten(tmp_path: Path) -> None:
    assert refused(tmp_path, "watchdog") == "sensor-absent"
    write(tmp_path, {f"{DOG}/state": "inactive"})
    assert read(tmp_path, "watchdog") == {"active": False}
    write(tmp_path, {f"{DOG}/state": "active", f"{DOG}/bootstatus": "32"})
    assert read(tmp_path, "watchdog") == {"active": True, "caused_start": True}


def test_the_clock_and_its_battery(tmp_path: Path) -> None:
    clock = KernelClock(synchronized=True, error=0.25)
    assert read(tmp_path, "clock", clock) == {"synchronized": True, "error": 0.25}
    write(tmp_path, {"sys/class/rtc/rtc0/battery_voltage": "2985000"})
    assert read(tmp_path, "clock", clock)["rtc_battery"] == 2.985


@pytest.mark.parametrize(
    ("state", "status", "synchronized"), [(0, 0x2001, True), (1, 0x0001, True), (5, 0x0041, False), (0, 0x0040, False)]
)
def test_a_clock_that_nobody_disciplines(state: int, status: int, *, synchronized: bool) -> None:
    assert judge(state, status, 16_000_000) == KernelClock(synchronized=synchronized, error=16.0)


def test_the_kernel_of_this_machine_says_how_its_clock_is() -> None:
    assert 0 <= kernel_clock().error < 86400


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"what": "network"}, "box-interface"),
        ({"what": "disk", "interface": "eth0"}, "box-key"),
        ({"what": "clock", "zone": "cpu-thermal"}, "box-key"),
        ({"what": "network", "interface": "../x"}, "string_pattern_mismatch"),
        ({"what": "fan"}, "literal_error"),
    ],
)
def test_keys_that_do_not_fit(keys: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as error:
        Box.Keys.model_validate(keys)
    assert [each["type"] for each in error.value.errors()] == [code]


async def test_a_cable_that_is_pulled_is_told(tmp_path: Path) -> None:
    write(tmp_path / NET, {"operstate": "up", "carrier": "1"})
    panel = FakePanel()
    options = Box.Keys(what="network", interface="eth0", root=tmp_path, poll=0.05)
    async with running(Box([SensorSettings(name="lan", points=frozenset(), options=options)]).run(panel)):
        await panel.until(lambda it: ("lan", {"up": True, "carrier": True}) in it.values)
        write(tmp_path / NET, {"operstate": "down", "carrier": "0"})
        await panel.until(lambda it: ("lan", {"up": False, "carrier": False}) in it.values)


def test_the_battery_of_the_clock_is_empty(tmp_path: Path) -> None:
    assert read(tmp_path, "rtc") == {"there": False}
    write(tmp_path, {"sys/class/rtc/rtc0/since_epoch": str(round(time.time()))})
    assert read(tmp_path, "rtc")["there"] is True
    assert float(read(tmp_path, "rtc")["error"]) < 5
    write(tmp_path, {"sys/class/rtc/rtc0/since_epoch": "946684800", "sys/class/rtc/rtc0/battery_voltage": "310000"})
    found = read(tmp_path, "rtc")
    assert float(found["error"]) > 86400
    assert found["battery"] == 0.31


def test_links_are_found_by_what_they_are(tmp_path: Path) -> None:
    net = "sys/class/net"
    assert read(tmp_path, "link", medium="wired") == {"there": False, "active": False}
    write(tmp_path, {f"{net}/lo/operstate": "unknown", f"{net}/lo/carrier": "1", f"{net}/docker0/operstate": "up"})
    assert read(tmp_path, "link", medium="wired") == {"there": False, "active": False}
    write(tmp_path, {f"{net}/enp1s0/operstate": "down", f"{net}/enp1s0/device/vendor": "0x8086"})
    write(tmp_path, {f"{net}/wwan0/operstate": "unknown", f"{net}/wwan0/carrier": "1", f"{net}/wwan0/device/x": "1"})
    write(tmp_path, {f"{net}/wwan0/uevent": "DEVTYPE=wwan\nINTERFACE=wwan0"})
    assert read(tmp_path, "link", medium="wired") == {"there": True, "active": False, "interface": "enp1s0"}
    assert read(tmp_path, "link", medium="radio") == {"there": True, "active": True, "interface": "wwan0"}
    write(tmp_path, {f"{net}/enp1s0/operstate": "up", "proc/net/if_inet6": (
        "fe800000000000000000000000000001 02 40 20 80   enp1s0\n20010db8000000000000000000000007 02 40 00 80   enp1s0"
    )})  # fmt: skip
    wired = {"there": True, "active": True, "interface": "enp1s0", "address": "2001:db8::7"}
    assert read(tmp_path, "link", medium="wired") == wired


def test_what_carries_the_default_route_is_a_link(tmp_path: Path) -> None:
    """As in a container, whose interface is no hardware."""
    write(tmp_path, {"sys/class/net/eth0/operstate": "up", "sys/class/net/ifb0/operstate": "down"})
    write(tmp_path, {"proc/net/route": "Iface\tDestination\nifb0\t000200C0\neth0\t00000000\t010200C0"})
    assert read(tmp_path, "link", medium="wired") == {"there": True, "active": True, "interface": "eth0"}


def test_the_link_of_this_machine() -> None:
    found = read(Path("/"), "link", medium="wired")
    assert isinstance(found["there"], bool)
    assert isinstance(found["active"], bool)
