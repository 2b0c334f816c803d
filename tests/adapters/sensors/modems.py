"""A private message bus, and on it what answers like ModemManager."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

NAME = "org.freedesktop.ModemManager1"
PATH = "/org/freedesktop/ModemManager1"
CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*"/><allow own="*"/><allow receive_sender="*"/></policy>
</busconfig>
"""

Properties = dict[str, dict[str, Variant]]


class Bus:
    """A message bus that can be stopped and started again at its address."""

    def __init__(self, folder: Path) -> None:
        socket = folder / "bus"
        self.address = f"unix:path={socket}"
        self._file = folder / "bus.conf"
        self._file.write_text(CONFIG.format(socket=socket), encoding="ascii")
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start, and wait until it listens."""
        program = shutil.which("dbus-daemon")
        if program is None:
            pytest.skip("dbus is not installed")
        self._process = await asyncio.create_subprocess_exec(
            program, f"--config-file={self._file}", "--nofork", "--print-address", stdout=asyncio.subprocess.PIPE
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(10):
            assert await self._process.stdout.readline()

    async def stop(self) -> None:
        """Stop; whoever is connected is cut off."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            await process.communicate()


@asynccontextmanager
async def message_bus(folder: Path) -> AsyncIterator[Bus]:
    """A running bus."""
    found = Bus(folder)
    await found.start()
    try:
        yield found
    finally:
        await found.stop()


class ModemManager:
    """``modems`` by number and ``sims`` by number are what it shows; ``rates`` how often signals were asked for."""

    def __init__(self) -> None:
        self.modems: dict[int, Properties] = {}
        self.sims: dict[int, dict[str, Variant]] = {}
        self.rates: list[int] = []
        self.measuring: dict[str, Variant] | None = None

    def answer(self, message: Message) -> Message | None:
        """What a call is answered with."""
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        last = (message.path or "").rpartition("/")[2]
        number = int(last) if last.isdigit() else 0
        match message.member:
            case "GetManagedObjects":
                objects = {f"{PATH}/Modem/{each}": properties for each, properties in self.modems.items()}
                return Message.new_method_return(message, "a{oa{sa{sv}}}", [objects])
            case "GetAll" if number in self.sims:
                return Message.new_method_return(message, "a{sv}", [self.sims[number]])
            case "Setup" if self.measuring is not None:
                self.rates.append(message.body[0])
                self.modems[number][f"{NAME}.Modem.Signal"] = {"Rate": Variant("u", message.body[0]), **self.measuring}
                return Message.new_method_return(message)
        return Message.new_error(message, f"{NAME}.Error.Core.Unauthorized", "no")


@asynccontextmanager
async def modem_manager(address: str) -> AsyncIterator[ModemManager]:
    """What answers like ModemManager, for the time of a block."""
    found = ModemManager()
    bus = await MessageBus(bus_address=address).connect()
    bus.add_message_handler(found.answer)
    await bus.request_name(NAME)
    try:
        yield found
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # the library's gap


def modem(port: str = "cdc-wdm0", /, **changes: Variant) -> Properties:
    """A modem that is registered at home over LTE."""
    own: dict[str, Any] = {
        "State": Variant("i", 11), "SignalQuality": Variant("(ub)", [71, True]), "Sim": Variant("o", f"{PATH}/SIM/3"),
        "AccessTechnologies": Variant("u", 1 << 14), "EquipmentIdentifier": Variant("s", "867698040000001"),
        "PrimaryPort": Variant("s", port), "Ports": Variant("a(su)", [[port, 6], ["ttyUSB2", 3]]),
        "Manufacturer": Variant("s", "QUALCOMM"), "Model": Variant("s", "EG25"), "Revision": Variant("s", "EG25GGBR07"),
    }  # fmt: skip
    network = {
        "Imei": Variant("s", "867698040000001"), "RegistrationState": Variant("u", 1),
        "OperatorName": Variant("s", "A1"), "OperatorCode": Variant("s", "23201"),
    }  # fmt: skip
    known = {name: change for name, change in changes.items() if name not in network}
    cell = network | {name: change for name, change in changes.items() if name in network}
    return {f"{NAME}.Modem": own | known, f"{NAME}.Modem.Modem3gpp": cell}
