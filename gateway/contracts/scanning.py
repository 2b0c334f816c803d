"""Looking for stations, and at one: what an adapter is asked, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a scan is: ``done`` of ``total`` steps, now at ``where``."""

    done: int
    total: int
    where: str


def _unseen(progress: Progress) -> None:
    del progress


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRequest:
    """Where to look for stations. Each adapter takes what is its own.

    Attributes:
        serial: Serial devices.
        bauds, formats: Settings of a serial line to try, such as 19200 and ``8E1``; empty: those of known families.
        units: Modbus unit ids to try; empty: a default that suits the wire.
        tcp, rtu_tcp: ``host`` or ``host:port``, of Modbus TCP or of a serial line behind TCP.
        brokers: MQTT brokers, ``host`` or ``host:port``.
        timeout: Seconds that an answer may take.
        base: Folder of the site file, whose own families are known, too.
        progress: Told of each step.
    """

    serial: tuple[str, ...] = ()
    bauds: tuple[int, ...] = ()
    formats: tuple[str, ...] = ()
    units: tuple[int, ...] = ()
    tcp: tuple[str, ...] = ()
    rtu_tcp: tuple[str, ...] = ()
    brokers: tuple[str, ...] = ()
    timeout: float = 0.3
    base: Path | None = None
    progress: Callable[[Progress], None] = field(default=_unseen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Something that a scan has found.

    Attributes:
        adapter: Name of the adapter that reaches it.
        where: For people: ``/dev/ttyUSB0, 19200 8E1, unit 1``.
        connection: What the site file's ``connection`` has to say; empty where nothing can be reached so.
        family: Id of the family; "" where it is none that is known.
        plausible: How many of the family's points, of those ``asked``, had values that make sense.
        asked: How many points were asked.
        evidence: Values that tell most, by point: the model, the serial number, the state.
        code: Code of a text that says what was found: ``scan-family``, ``scan-unknown``, ``scan-wrong-unit`` ...
        params: Values that the text names.
    """

    adapter: str
    where: str
    code: str
    connection: Mapping[str, str | int] = field(default_factory=dict)
    family: str = ""
    plausible: int = 0
    asked: int = 0
    evidence: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, object] = field(default_factory=dict)


async def _nothing() -> AsyncIterator[Sighting]:
    none: tuple[Sighting, ...] = ()
    for sighting in none:
        yield sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one point of a station shows now, for ``stationlift family probe``.

    ``value`` is in ``unit``, None where there is none; ``problem`` is the code of what went wrong, "" if nothing did.
    """

    point: str
    value: object
    unit: str = ""
    problem: str = ""
