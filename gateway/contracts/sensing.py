"""Kinds of sensors: what the driver of added hardware offers, and what it may ask of the box."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from gateway.model.commands import Outcome, Verdict
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import BaseModel

    from gateway.contracts.buses import Buses, LineUse
    from gateway.model.readings import Signature
    from gateway.model.sensing import Value
    from gateway.model.signing import SigningOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorSettings:
    """One ``[[sensor]]`` of the site: its name, the points that are wanted, and the kind's own keys in ``options``.

    ``urgent``: those of them that are to be read as often as anything is.
    """

    name: str
    points: frozenset[str]
    options: BaseModel
    urgent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorPoint:
    """A point that a sensor offers.

    Attributes:
        name: Of the point: ``temperature``, ``input.3``.
        unit: Of what it sends: ``degC``, ``mA``, "" for contacts, texts, and what is not known.
        poll: Seconds between its values; None where only changes are told.
        output: It can be switched.
        counts: It is a number since the start of the driver, of which the box keeps the total.
        analogue: It can be set to a value.
    """

    name: str
    unit: str = ""
    poll: float | None = None
    output: bool = False
    counts: bool = False
    analogue: bool = False


class Panel(Protocol):
    """Where the sensors of the box end up. Nothing here waits: a driver is never held up by what its values cause."""

    def told(self, sensor: str, values: Mapping[str, Value]) -> None:
        """A sensor has sent values, by point, as they are on the wire. It is heard, whatever was before."""

    def lost(self, sensor: str, error: GatewayError) -> None:
        """A sensor does not answer, until it sends something again. The same once more changes nothing."""

    @property
    def read_only(self) -> bool:
        """True in a dry run: sensors are read, and nothing is switched."""


class SensorKind(ABC):
    """A way to reach added hardware: serves every ``[[sensor]]`` of the site that names it."""

    name: ClassVar[str]
    Keys: ClassVar[type[BaseModel]]
    """The kind's own keys of ``[[sensor]]``."""

    @abstractmethod
    def __init__(self, sensors: Sequence[SensorSettings]) -> None:
        """Take the sensors of this kind. No input or output here."""

    @classmethod
    def made(cls, sensors: Sequence[SensorSettings], buses: Buses) -> Self:
        """Sensors that share their lines with the rest of the box; most have none to share."""
        del buses
        return cls(sensors)

    @classmethod
    def lines(cls, options: Any) -> Iterator[LineUse]:  # noqa: ANN401 - the kind's own model
        """The lines that a sensor with these keys is on: for ``stationlift check``. No network."""
        del options
        yield from ()

    @classmethod
    @abstractmethod
    def points(cls, options: Any) -> tuple[SensorPoint, ...]:  # noqa: ANN401 - the kind's own model
        """What a sensor with these keys offers, as far as that is known without asking it; () if it is not."""

    @classmethod
    def signs(cls, options: Any) -> bool:  # noqa: ANN401 - the kind's own model
        """Tell whether a sensor with these keys is a meter that signs begin and end of a transaction."""
        del options
        return False

    @abstractmethod
    async def run(self, panel: Panel) -> None:
        """Read until cancelled. A sensor that fails is tried again, and is no matter of the others."""

    async def switch(self, sensor: str, point: str, *, on: bool) -> Outcome:
        """Switch an output; every failure is an Outcome with its reason."""
        del sensor, on
        return Outcome(verdict=Verdict.UNSUPPORTED, reason=f"{self.name}: {point} is no output")

    async def drive(self, sensor: str, point: str, value: float) -> Outcome:
        """Set an analogue output, and read it back where that is possible; every failure is an Outcome."""
        del sensor, value
        return Outcome(verdict=Verdict.UNSUPPORTED, reason=f"{self.name}: {point} is no analogue output")

    async def sign(self, sensor: str, order: SigningOrder) -> Signature:
        """Have a meter sign the begin or the end of a transaction. Cancelled, it leaves off where it is.

        Raises:
            GatewayError: it does not answer, or does not sign.
        """
        raise GatewayError("signing-nothing", sensor=sensor, moment=order.moment.value)
