"""A mobile modem, by ModemManager over D-Bus."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any, ClassVar

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError
from dbus_fast.unpack import unpack_variants
from pydantic import Field
from typing_extensions import override

from adapters.sensors.modem_state import MEASURED, MODEM, PREFIX, SIGNAL, SIM, UNITS, is_called, points
from adapters.sensors.polled import AskedKind, PolledKeys
from gateway.contracts.sensing import SensorPoint
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.contracts.sensing import Panel, SensorSettings
    from gateway.model.sensing import Value

logger = logging.getLogger(__name__)

ANSWER = 10.0
"""Seconds for an answer of ModemManager, which may have to ask the modem."""

_GOODBYE = 1.0
_ROOT = "/org/freedesktop/ModemManager1"
_WAYS_TO_FAIL = (OSError, EOFError, DBusFastError)


class ModemKeys(PolledKeys):
    """``kind = "modem"``."""

    poll: float = Field(10.0, ge=0.05, le=3600, description="Seconds between two readings.")
    modem: str | None = Field(None, description="Which one, by IMEI or port (cdc-wdm0), where there are several.")
    bus: str | None = Field(None, description="Address of the message bus; the system's if absent.")


class Modem(AskedKind):
    """Asks ModemManager, which holds the modem; the box itself never speaks to it."""

    name: ClassVar[str] = "modem"
    Keys = ModemKeys

    def __init__(self, sensors: Sequence[SensorSettings]) -> None:
        super().__init__(sensors)
        self._buses: dict[str | None, _Bus] = {}

    @override
    @classmethod
    def points(cls, options: ModemKeys) -> tuple[SensorPoint, ...]:
        return tuple(SensorPoint(name=name, unit=unit, poll=options.poll) for name, unit in UNITS.items())

    @override
    async def run(self, panel: Panel) -> None:
        try:
            await super().run(panel)
        finally:
            await asyncio.gather(*(bus.aclose() for bus in self._buses.values()))

    @override
    async def ask(self, settings: SensorSettings) -> Mapping[str, Value]:
        keys = settings.options
        if not isinstance(keys, ModemKeys):
            raise TypeError(keys)
        bus = self._buses.setdefault(keys.bus, _Bus(keys.bus))
        objects = await bus.call(_ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        path, properties = _chosen(objects, keys.modem)
        signal = properties.get(SIGNAL)
        if signal is not None and not signal.get("Rate") and settings.points & MEASURED.keys():
            await _measure(bus, path, keys.poll)
        return points(properties, await _sim(bus, properties))


def _chosen(objects: Mapping[str, Any], name: str | None) -> tuple[str, Mapping[str, Any]]:
    modems = {path: each for path, each in objects.items() if MODEM in each}
    fitting = {path: each for path, each in modems.items() if name is None or is_called(each, name)}
    if not fitting:
        found = ", ".join(str(each[MODEM].get("PrimaryPort", path)) for path, each in modems.items())
        raise GatewayError("modem-absent", name=name or "-", found=found or "-")
    if len(fitting) > 1:
        found = ", ".join(sorted(str(each[MODEM].get("PrimaryPort", path)) for path, each in fitting.items()))
        raise GatewayError("modem-ambiguous", found=found)
    return next(iter(fitting.items()))


async def _sim(bus: _Bus, properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is on the SIM; nothing where there is none, or where it is changed just now."""
    path = properties[MODEM].get("Sim", "/")
    if path == "/":
        return {}
    try:
        found: Mapping[str, Any] = await bus.call(path, "org.freedesktop.DBus.Properties", "GetAll", "s", SIM)
    except GatewayError:
        return {}
    return found


async def _measure(bus: _Bus, path: str, seconds: float) -> None:
    """Have the modem measure the cell; until somebody wants it, it does not. It may not let us, or not be able to."""
    try:
        await bus.call(path, SIGNAL, "Setup", "u", max(1, round(seconds)))
    except GatewayError as error:
        logger.debug("signal of the modem: %s", error)


class _Bus:
    """A connection to a message bus; it is made when it is needed, and again after a failure."""

    def __init__(self, address: str | None) -> None:
        self._address = address
        self._turn = asyncio.Lock()
        self._bus: MessageBus | None = None

    async def call(self, path: str, interface: str, member: str, signature: str = "", *body: object) -> Any:  # noqa: ANN401 - whatever the method gives
        """Call a method of ModemManager.

        Raises:
            GatewayError: ``modem-unreachable``: there is no bus, no ModemManager, or no answer.
        """
        message = Message(
            destination=PREFIX, path=path, interface=interface, member=member, signature=signature, body=list(body)
        )
        async with self._turn:
            try:
                async with asyncio.timeout(ANSWER):
                    reply = await self._answer(message)
            except _WAYS_TO_FAIL as error:
                await self.aclose()
                raise GatewayError("modem-unreachable", reason=str(error) or type(error).__name__) from error
        if reply.message_type is MessageType.ERROR:
            raise GatewayError("modem-unreachable", reason=f"{reply.error_name}: {' '.join(map(str, reply.body))}")
        return unpack_variants(reply.body[0]) if reply.body else None

    async def _answer(self, message: Message) -> Message:
        if self._bus is not None and not self._bus.connected:
            await self.aclose()
        if self._bus is None:
            self._bus = await MessageBus(bus_address=self._address, bus_type=BusType.SYSTEM).connect()
        return await self._bus.call(message)

    async def aclose(self) -> None:
        """End the connection, and wait until it is."""
        bus, self._bus = self._bus, None
        if bus is not None:
            with contextlib.suppress(*_WAYS_TO_FAIL):
                async with asyncio.timeout(_GOODBYE):
                    bus.disconnect()
                    await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # the library's gap
