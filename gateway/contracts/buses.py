"""What the plug-ins of a box share: serial lines, connections to devices and brokers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar


class Shared(Protocol):
    """Something that there is one of in the box. Making it touches no network."""

    async def aclose(self) -> None:
        """Give everything back."""


T = TypeVar("T", bound=Shared)


class Buses:
    """One pool of each class for the whole box, whichever plug-in asks for it.

    A serial port can be open once, and a cabinet has one RS-485 line for stations and meters together. Whoever builds
    the plug-ins makes one of these, hands it to them, and closes it after them.
    """

    def __init__(self) -> None:
        self._pools: dict[type[Shared], Shared] = {}

    def of(self, kind: type[T]) -> T:
        """The pool of a class; the first to ask has it made."""
        found = self._pools.get(kind)
        if not isinstance(found, kind):
            found = self._pools[kind] = kind()
        return found

    async def aclose(self) -> None:
        """Close every pool."""
        for pool in self._pools.values():
            await pool.aclose()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineUse:
    """A line that a table of the site file uses.

    Attributes:
        name: Of the line: ``/dev/ttyUSB0``, ``192.168.1.30:502``.
        manner: How it is spoken to, settings included: ``Modbus RTU 9600 8N1``. Whoever is on a line has the same.
        path: Of the key that names the line, from the table on.
        alone: Nobody else can be on it.
    """

    name: str
    manner: str
    path: tuple[str, ...]
    alone: bool = False
