"""``[[circuit]]``: the fuse tree, what hangs on it, and when it may carry less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.config.circuit_fields import DAY, Days, Minute, PerPhase
from gateway.config.condition import Condition, When
from gateway.config.fields import Amperes, Many, Name, Section
from gateway.config.shared import SharedKeys
from gateway.load.site import Fuse
from gateway.model.throttle import LEAST_CURRENT

if TYPE_CHECKING:
    from collections.abc import Mapping

CircuitId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,49}$")]
Watts = Annotated[float, Field(ge=0, le=10_000_000)]
Source = Literal["EMS", "Other", "SO", "CSO"]
"""ChargingLimitSourceEnumType of OCPP 2.0.1."""

Spot = tuple[str, int]
"""Identity of a station, and number of an EVSE."""

ACTIVE = Condition("Active", "==", value=True)
FUSES = {"gG": Fuse.GG, "B": Fuse.B, "C": Fuse.B, "none": Fuse.GG}
"""As it is written -> as it is taken: a breaker of curve C heats as one of curve B does (IEC 60898-1)."""


class Less(Section):
    """What a circuit may carry at times."""

    name: Name = Field("", description="What people call it.", validate_default=False)
    max_current: PerPhase | None = Field(None, description="A per phase, or [L1, L2, L3]; 0 pauses all.")
    max_power: Watts | None = Field(None, description="W in all; as so many A on each phase that EVSEs below have.")
    source: Source = Field(
        "EMS", description="Whose limit the backend is told it is: SO grid operator, EMS, CSO operator, Other."
    )


class Reduction(Less):
    """``reduce = [{ ... }]``: less current while a contact or another sensor says so."""

    sensor: str = Field(description="Sensor that tells, as name, or as name/point where it has several.")
    when: When = Field(ACTIVE, description='When: "Active == true" if absent.')
    rule: Literal["14a"] | None = Field(
        None, description="14a: the power that section 14a EnWG leaves to the EVSEs below, by their number."
    )
    source: Source = Field(
        "SO", description="Whose limit the backend is told it is: SO grid operator, EMS, CSO operator, Other."
    )
    lost: Literal["keep", "trip"] = Field(
        "trip", description="Without a value of the sensor: as if it were reduced, or as it was."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.max_current, self.max_power, self.rule)) != 1:
            raise PydanticCustomError("circuit-less", "not one limit", {"keys": "max_current, max_power, rule"})
        return self


class Period(Less):
    """``plan = [{ ... }]``: less current at a time of the week, by the clock of the site."""

    days: Days = Field(frozenset(range(7)), description='Days of the week: ["mon-fri"], ["sat", "sun"]; all if absent.')
    start: Minute = Field(alias="from", description="Time at which it begins, such as 17:00.")
    end: Minute = Field(alias="to", description="Time at which it ends; earlier than the begin: on the next day.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.max_current is None) is (self.max_power is None):
            raise PydanticCustomError("circuit-less", "not one limit", {"keys": "max_current, max_power"})
        if self.start in {self.end, DAY}:
            raise PydanticCustomError("plan-empty", "no time at all")
        return self


class MeterKeys(Section):
    """Keys of ``meter = { ... }`` that say what of a sensor shows the currents."""

    sensor: str | None = Field(None, description="Name of a [[sensor]] that is the meter.")
    points: Annotated[Many[str], Field(min_length=1, max_length=3)] | None = Field(
        None, description="Its points for the currents of L1, L2, L3; found by their names if absent."
    )
    power_points: Annotated[Many[str], Field(min_length=1, max_length=3)] | None = Field(
        None, description="Its points for the powers, whose sign says which way the current flows."
    )


class CircuitKeys(Section):
    """`[[circuit]]`: a fuse with all that is behind it, or a group of EVSEs that share a limit."""

    id: CircuitId = Field(description="Name of the circuit.")
    parent: str | None = Field(None, description="Circuit that feeds it; it is the connection to the grid if absent.")
    max_current: PerPhase = Field(
        description="A per phase that may flow all the time, or [L1, L2, L3]: the lowest of fuse, cable and contract."
    )
    fuse: Literal["gG", "B", "C", "none"] = Field(
        "gG", description="gG: a fuse. B, C: a circuit breaker of that curve. none: a group without a fuse of its own."
    )
    rating: Amperes | None = Field(None, description="Rating of the fuse in A, where max_current is lower.")
    stations: Many[str] = Field((), description='Stations on it, or EVSEs of one: ["AT-1", "AT-2/1"].')
    base_load: PerPhase | None = Field(
        None,
        description="A per phase that other loads behind it draw at worst, those of its child circuits included; it "
        "counts where no meter tells.",
    )
    fail_safe_current: Annotated[float, Field(ge=0, le=3000)] | None = Field(
        None,
        description="A per phase that the box gives each EVSE below that has no fail-safe of its own, until the meters were "
        "read; as the parent if absent.",
    )
    imbalance: Amperes | Literal["none"] | None = Field(
        None, description="A by which EVSEs may load a phase more than another; by the country at the grid if absent."
    )
    priority: Annotated[int, Field(ge=0, le=9)] | None = Field(
        None, description="Of the EVSEs below, 9 is served first; as the parent if absent."
    )
    reduce: Many[Reduction] = Field((), description="When a sensor lowers the limit.")
    plan: Many[Period] = Field((), description="When the clock lowers the limit.")
    shared: SharedKeys | None = Field(
        None, description="The connection in front of it, where it is shared with circuits of other boxes."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not any(self.max_current):
            raise PydanticCustomError("circuit-nothing", "it carries nothing")
        if self.fuse == "none" and self.rating is not None:
            raise PydanticCustomError("circuit-no-fuse", "a rating of no fuse")
        if 0 < (self.fail_safe_current or 0) < LEAST_CURRENT:
            params = {"value": f"{self.fail_safe_current:g}", "minimum": f"{LEAST_CURRENT:g}"}
            raise PydanticCustomError("circuit-failsafe", "no current that a car takes", params)
        if self.rating is not None and max(self.max_current) > self.rating:
            params = {"value": f"{max(self.max_current):g}", "rating": f"{self.rating:g}"}
            raise PydanticCustomError("circuit-rating", "more than the fuse", params)
        return self

    @property
    def rated(self) -> float:
        """A of its fuse; of a group what it may carry."""
        return self.rating if self.rating is not None else max(self.max_current)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """What shows all that flows through a circuit.

    Attributes:
        sensor: Name of the sensor.
        currents: Its points for L1, L2 and L3 of the supply in A, "" for a phase that there is not.
        powers: Its points for the power of each phase, in the same order; () if it has none. Where a power is
            negative, the current flows to the grid.
    """

    sensor: str
    currents: tuple[str, str, str]
    powers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Sensor that a reduction hangs on.

    Attributes:
        sensor: Its name.
        channel: Id of the channel (``gateway.sensing.plan``) whose value counts.
    """

    sensor: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """One ``[[circuit]]``, checked.

    Attributes:
        keys: What the site file says.
        evses: The EVSEs that hang on it directly.
        meter: What shows its currents; None: nothing.
        switches: Place of a reduction in ``keys.reduce`` -> what it hangs on.
        feed: What shows the currents of the connection that it shares; None: nothing here.
    """

    keys: CircuitKeys
    evses: tuple[Spot, ...]
    meter: Meter | None
    switches: Mapping[int, Switch]
    feed: Meter | None = None
