"""`stationlift scan` as a technician calls it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, ClassVar, cast

import pytest
import tomli
from typing_extensions import override

from gateway.cli import main
from gateway.cli.scan_show import Bar
from gateway.cli.tools import Tools
from gateway.contracts import Adapter, Progress, ScanRequest, Sighting
from gateway.locale import Catalogue

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

STATION = Sighting(
    adapter="modbus",
    where="/dev/ttyUSB0, 19200 8E1, unit 1",
    code="scan-family",
    connection={"serial": "/dev/ttyUSB0", "baud": 19200, "format": "8E1", "unit": 1},
    family="heidelberg-ec",
    plausible=8,
    asked=9,
    evidence={"state": "2"},
    params={"vendor": "Heidelberg", "role": "station", "others": "-"},
)
CLUE = Sighting(adapter="modbus", where="/dev/ttyUSB1", code="scan-garbled", params={"how": "9600 8N1"})


class Seeing(Adapter):
    """Sees what it is told to see."""

    sightings: ClassVar[tuple[Sighting, ...]] = ()
    asked: ClassVar[list[ScanRequest]] = []

    @classmethod
    @override
    async def scan(cls, request: ScanRequest) -> AsyncIterator[Sighting]:
        cls.asked.append(request)
        for number, sighting in enumerate(cls.sightings, 1):
            request.progress(Progress(done=number, total=len(cls.sightings), where=sighting.where))
            yield sighting


def scan(*arguments: str, sees: tuple[Sighting, ...] = (), language: str = "en") -> tuple[int, ScanRequest | None]:
    """Exit code, and what the adapter was asked for."""
    Seeing.sightings, Seeing.asked = sees, []
    tools = Tools(catalogue=Catalogue.load(language), scanners=lambda: cast("list[type[Adapter]]", [Seeing, Adapter]))
    code = main(["--lang", language, "scan", *arguments], tools)
    return code, Seeing.asked[0] if Seeing.asked else None


def test_what_was_found_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = scan("--serial", "/dev/ttyUSB0", sees=(STATION,))
    told = capsys.readouterr()

    assert code == 0
    pasted = tomli.loads(told.out)["station"][0]
    assert pasted["family"] == "heidelberg-ec"
    assert pasted["connection"] == STATION.connection
    assert pasted["evse"][0]["id"] == 1
    assert "8 of 9 values make sense" in told.out
    assert "#   state = 2" in told.out
    assert "one master only" in told.err


def test_in_german(capsys: pytest.CaptureFixture[str]) -> None:
    scan("--serial", "/dev/ttyUSB0", sees=(STATION, CLUE), language="de")
    told = capsys.readouterr()
    assert "8 von 9 Werten sind plausibel" in told.out
    assert "Baudrate oder Parität" in told.out
    assert "nur einen Master" in told.err


def test_a_meter_is_pasted_into_its_station(capsys: pytest.CaptureFixture[str]) -> None:
    meter = Sighting(
        adapter="modbus", where="x", code="scan-family", connection={"tcp": "10.0.0.9", "unit": 1}, family="sdm",
        params={"role": "meter"},
    )  # fmt: skip
    scan("--tcp", "10.0.0.9", sees=(meter,))
    pasted = tomli.loads(capsys.readouterr().out)
    assert pasted == {"meter": {"family": "sdm", "connection": {"tcp": "10.0.0.9", "unit": 1}}}


def test_a_sensor_is_one_of_the_site(capsys: pytest.CaptureFixture[str]) -> None:
    sensor = Sighting(
        adapter="modbus", where="x", code="scan-family", connection={"serial": "/dev/ttyUSB0", "unit": 3},
        family="xy-md02", params={"role": "sensor"},
    )  # fmt: skip
    scan("--serial", "/dev/ttyUSB0", sees=(sensor,))
    told = capsys.readouterr().out
    assert tomli.loads(told)["sensor"] == [
        {"kind": "modbus", "family": "xy-md02", "connection": {"serial": "/dev/ttyUSB0", "unit": 3}}
    ]
    assert "[[sensor.value]]" in told


def test_clues_alone_are_no_station(capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = scan("--serial", "/dev/ttyUSB1", sees=(CLUE,))
    told = capsys.readouterr()
    assert code == 1
    assert tomli.loads(told.out) == {}
    assert "No station was found." in told.err


def test_the_options_say_where_and_how() -> None:
    code, request = scan(
        "--tcp", "10.1.0.0/30", "wallbox:503", "[fd00::1]", "--rtu-tcp", "10.0.0.3:4196", "--mqtt", "broker:1883",
        "--units", "1-3,247", "--baud", "9600", "19200", "--format", "8E1", "--timeout", "500",
    )  # fmt: skip
    assert code == 1
    assert request is not None
    assert request.tcp == ("10.1.0.1", "10.1.0.2", "wallbox:503", "[fd00::1]")
    assert request.rtu_tcp == ("10.0.0.3:4196",)
    assert request.brokers == ("broker:1883",)
    assert request.units == (1, 2, 3, 247)
    assert (request.bauds, request.formats, request.timeout) == ((9600, 19200), ("8E1",), 0.5)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--units", "1-10"],
        ["--tcp", "10.0.0.0/8"],
        ["--tcp", "10.0.0.0/99"],
        ["--tcp", "http://x"],
        ["--tcp", "x", "--units", "5-1"],
        ["--tcp", "x", "--units", "300"],
        ["--tcp", "x", "--units", "one"],
        ["--tcp", "x", "--timeout", "0"],
        ["--serial", "/dev/ttyUSB0", "--format", "9N1"],
    ],
)
def test_misuse_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert scan(*arguments)[0] == 2
    assert "usage: stationlift scan" in capsys.readouterr().err


class Terminal(io.StringIO):
    @override
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_how_far_it_is_and_is_clean_afterwards() -> None:
    stream = Terminal()
    bar = Bar(stream)
    bar.show(Progress(done=1, total=4, where="/dev/ttyUSB0, unit 1"))
    assert "[########......................]  25% /dev/ttyUSB0, unit 1" in stream.getvalue()
    bar.clear()
    assert stream.getvalue().rpartition("\r")[2] == ""


def test_what_is_no_terminal_gets_no_bar() -> None:
    stream: Any = io.StringIO()
    Bar(stream).show(Progress(done=1, total=4, where="x"))
    assert stream.getvalue() == ""
