"""A UPS, by the upsd of Network UPS Tools (names of variables: NUT developer guide, "NUT command and variable naming")."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, StringConstraints
from typing_extensions import override

from adapters.sensors.nut_link import NutLink
from adapters.sensors.polled import AskedKind, PolledKeys
from gateway.config.fields import FilePath, HostPort, Listen, Many
from gateway.contracts.sensing import SensorPoint
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gateway.contracts.sensing import Panel, SensorSettings
    from gateway.model.sensing import Value

_CONTACTS = {
    "online": "OL", "on_battery": "OB", "low_battery": "LB", "replace_battery": "RB", "charging": "CHRG",
    "discharging": "DISCHRG", "bypass": "BYPASS", "overload": "OVER", "calibrating": "CAL", "alarm": "ALARM",
    "shutdown": "FSD", "off": "OFF",
}  # fmt: skip
"""Point -> word of ``ups.status``."""
_NUMBERS = {
    "battery.charge": "%", "battery.runtime": "s", "battery.voltage": "V", "battery.current": "A",
    "battery.temperature": "degC", "input.voltage": "V", "input.frequency": "Hz", "output.voltage": "V",
    "output.current": "A", "ups.load": "%", "ups.realpower": "W", "ups.power": "VA", "ups.temperature": "degC",
}  # fmt: skip
"""Variable of NUT -> its unit."""
_TEXTS = (
    "ups.status", "ups.alarm", "ups.test.result", "device.mfr", "device.model", "device.serial", "ups.firmware",
)  # fmt: skip
_WAITING = "WAIT"
"""``ups.status`` until the driver has spoken with the UPS."""

Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._\-]{1,63}$")]


class NutKeys(PolledKeys):
    """``kind = "nut"``."""

    upsd: Listen = Field(HostPort("127.0.0.1", 3493), description="Where upsd listens, host:port.")
    ups: Word = Field("ups", description="Name of the UPS, as in the brackets of upsd's ups.conf.")
    variables: Many[Word] = Field((), description="More variables of NUT that are wanted: outlet.1.status.")
    tls: bool = Field(default=False, description="STARTTLS; then nothing is read without it.")
    ca_file: FilePath | None = Field(
        None, description="For TLS: who signed upsd's certificate; the system's if absent."
    )


class Nut(AskedKind):
    """Reads the variables of each UPS; sensors of one upsd share a connection.

    The words of ``ups.status`` are contacts. Variables with a unit are numbers, all others texts.
    """

    name: ClassVar[str] = "nut"
    Keys = NutKeys

    def __init__(self, sensors: Sequence[SensorSettings]) -> None:
        super().__init__(sensors)
        self._links: dict[tuple[object, ...], NutLink] = {}

    @override
    @classmethod
    def points(cls, options: NutKeys) -> tuple[SensorPoint, ...]:
        units = dict.fromkeys((*_CONTACTS, *_TEXTS, *options.variables), "") | _NUMBERS
        return tuple(SensorPoint(name=name, unit=unit, poll=options.poll) for name, unit in units.items())

    @override
    async def run(self, panel: Panel) -> None:
        try:
            await super().run(panel)
        finally:
            links, self._links = self._links, {}
            await asyncio.gather(*(each.aclose() for each in links.values()))

    @override
    async def ask(self, settings: SensorSettings) -> Mapping[str, Value]:
        keys = settings.options
        if not isinstance(keys, NutKeys):
            raise TypeError(keys)
        place = (keys.upsd, keys.tls, keys.ca_file)
        if place not in self._links:
            self._links[place] = NutLink(keys.upsd, tls=keys.tls, ca_file=keys.ca_file)
        sent = await self._links[place].variables(keys.ups)
        if sent.get("ups.status", "").upper() == _WAITING:
            raise GatewayError("nut-stale", name=keys.ups, reason=_WAITING)
        return dict(_values(sent))


def _values(sent: Mapping[str, str]) -> Iterator[tuple[str, Value]]:
    """The points of what was sent; a quantity that is no number is passed over."""
    for name, text in sent.items():
        if name not in _NUMBERS:
            yield name, text
            continue
        try:
            yield name, float(text)
        except ValueError:
            continue
    if "ups.status" in sent:
        words = set(sent["ups.status"].upper().split())
        yield from ((point, word in words) for point, word in _CONTACTS.items())
