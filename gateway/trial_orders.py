"""What `stationlift test` asks the running box for, as JSON: a line for each order and each answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from gateway.json_line import from_line, to_line

if TYPE_CHECKING:
    from pathlib import Path


SOCKET = "test.sock"

What: TypeAlias = Literal["sensor", "relay", "meter", "inspected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialOrder:
    """What a test needs of the box.

    Attributes:
        what: ``sensor``: what its channels tell now. ``relay``: switch an output on, and off again when the connection
            ends or a further line comes. ``meter``: read an EVSE's meter now. ``inspected``: note an inspection.
        name: Of the sensor; of the output as in ``react.output``; of the component that was inspected.
        station: Its identity.
        evse: Of the station; 0: the station itself.
    """

    what: What
    name: str = ""
    station: str = ""
    evse: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChannel:
    """What one channel of a sensor tells now; ``value`` None: there is no good one."""

    variable: str
    unit: str
    quality: str
    value: bool | float | str | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReading:
    """One value of a meter, in the base unit."""

    measurand: str
    value: float
    unit: str
    phase: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialAnswer:
    """What the box says.

    Attributes:
        error: Code of what is wrong, "" for nothing.
        params: Its values.
        channels: Of a sensor.
        readings: Of a meter.
        age: Of the readings, s.
        phases: How many are wired.
        max_current: Of the wiring, A per phase.
    """

    error: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    channels: tuple[ShownChannel, ...] = ()
    readings: tuple[ShownReading, ...] = ()
    age: float = 0.0
    phases: int | None = None
    max_current: float | None = None


def trial_socket(data_dir: Path) -> Path:
    """Where the running box with this data folder serves tests."""
    return data_dir / SOCKET


def to_json(what: TrialOrder | TrialAnswer) -> bytes:
    """One line of JSON."""
    return to_line(what)


def order_from_json(document: bytes) -> TrialOrder:
    """The order that ``to_json`` wrote.

    Raises:
        ValueError: the document is no order.
    """
    return from_line(TrialOrder, document)


def answer_from_json(document: bytes) -> TrialAnswer:
    """The answer that ``to_json`` wrote.

    Raises:
        ValueError: the document is no answer.
    """
    return from_line(TrialAnswer, document)
