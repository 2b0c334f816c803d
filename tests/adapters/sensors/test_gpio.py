"""Contacts, pulses and relays, on lines whose file descriptors are real and whose levels the test sets."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from adapters.sensors.gpio import Gpio
from adapters.sensors.gpio_line import Change, GpioLine, hold_line
from gateway.contracts.sensing import SensorSettings
from gateway.model.commands import Verdict
from gateway.model.errors import GatewayError
from tests.fakes.panel import FakePanel
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE = {"chip": "/dev/gpiochip0", "offset": 17, "active": "low"}


class Wired:
    """A chip of one line."""

    def __init__(self) -> None:
        self.fd, self._other = os.pipe2(os.O_NONBLOCK)
        self.active = self.driven = self.gone = False
        self.released = 0
        self._number = 0
        self._waiting: deque[Change] = deque()

    def __call__(self, line: GpioLine, *, output: bool, debounce: float) -> Wired:
        assert (line.label, output or debounce == 0.005) == ("/dev/gpiochip0 17", True)
        if self.gone:
            raise GatewayError("gpio-refused", line=line.label, reason="no such device")
        return self

    def set(self, levels: str, dropped: int = 0) -> None:
        """The line goes through levels; before the last edge, the kernel drops some."""
        for index, level in enumerate(levels):
            self._number += 1 + (dropped if index == len(levels) - 1 else 0)
            self.active = level == "1"
            self._waiting.append(Change(self.active, self._number))
        os.write(self._other, b".")

    def break_off(self) -> None:
        self.gone = True
        os.write(self._other, b".")

    def level(self) -> bool:
        return self.active

    def changes(self) -> Sequence[Change]:
        os.read(self.fd, 100)
        if self.gone:
            raise OSError(19, "No such device")
        found = list(self._waiting)
        self._waiting.clear()
        return found

    def drive(self, *, active: bool) -> None:
        self.driven = active

    def release(self) -> None:
        self.released += 1


@pytest.fixture
def wired() -> Wired:
    return Wired()


def kind_of(wired: Wired, use: str = "contact") -> Gpio:
    options = Gpio.Keys.model_validate({"line": LINE, "use": use})
    return Gpio((SensorSettings(name="door", points=frozenset({"value"}), options=options),), wired)


def told(panel: FakePanel, point: str = "value") -> list[Any]:
    return [values[point] for _, values in panel.values]


async def test_a_contact_tells_how_it_is_and_every_change(wired: Wired) -> None:
    panel = FakePanel()
    wired.active = True
    async with running(kind_of(wired).run(panel)):
        await panel.until(lambda it: told(it) == [True])
        wired.set("01")
        await panel.until(lambda it: told(it) == [True, False, True])
    assert wired.released == 1


async def test_pulses_are_counted_also_those_that_the_kernel_had_no_room_for(wired: Wired) -> None:
    panel = FakePanel()
    async with running(kind_of(wired, "pulses").run(panel)):
        wired.set("1010")
        await panel.until(lambda it: told(it, "pulses")[-1:] == [2.0])
        wired.set("1", dropped=4)  # two more pulses, and this one
        await panel.until(lambda it: told(it, "pulses")[-1:] == [5.0])
        wired.set("0", dropped=2)  # one more
        await panel.until(lambda it: told(it, "pulses")[-1:] == [6.0])


async def test_a_relay_is_driven(wired: Wired) -> None:
    panel, kind = FakePanel(), kind_of(wired, "relay")
    async with running(kind.run(panel)):
        await panel.until(lambda it: told(it) == [False])
        assert (await kind.switch("door", "value", on=True)).accepted
        assert wired.driven
        assert told(panel) == [False, True]
    assert (await kind.switch("door", "value", on=False)).verdict is Verdict.UNREACHABLE


async def test_a_contact_is_not_switched_and_in_a_dry_run_nothing_is(wired: Wired) -> None:
    for use, panel in (("contact", FakePanel()), ("relay", FakePanel(read_only=True))):
        kind = kind_of(wired, use)
        async with running(kind.run(panel)):
            await panel.until(lambda it: bool(it.values))
            assert (await kind.switch("door", "value", on=True)).verdict is Verdict.UNSUPPORTED
        assert not wired.driven


async def test_a_chip_that_goes_is_lost_and_waited_for(
    wired: Wired, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("adapters.sensors.gpio.RETRY", 0.01)
    panel = FakePanel()
    async with running(kind_of(wired).run(panel)):
        await panel.until(lambda it: told(it) == [False])
        wired.break_off()
        await panel.until(lambda it: [error.code for _, error in it.losses][:2] == ["gpio-gone", "gpio-refused"])
        wired.gone = False
        wired.active = True
        await panel.until(lambda it: told(it) == [False, True])
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["sensor door", "sensor door"]


def test_no_chip_is_a_clear_refusal() -> None:
    with pytest.raises(GatewayError) as error:
        hold_line(GpioLine(chip="/dev/no-chip", offset=1), output=False, debounce=0)
    assert error.value.code == "gpio-refused"
    assert error.value.params["line"] == "/dev/no-chip 1"


@pytest.mark.parametrize("line", [{"chip": "/dev/gpiochip0"}, {"offset": 1, "name": "GPIO17"}, {"offset": -1}])
def test_a_line_has_a_number_or_a_name(line: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        GpioLine.model_validate(line)
