"""``[load]``: how the box shares current among EVSEs; where the circuits are is in ``[[circuit]]``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.config.fields import Section
from gateway.config.shared import LoadBroker

IMBALANCE = {"AT": 16.0, "CH": 16.0, "DE": 20.0}
"""Country -> A by which one phase may be loaded more than another (AT, CH: 3.7 kVA; DE: 4.6 kVA, VDE-AR-N 4100)."""


class LoadKeys(Section):
    """`[load]`: the times of load management; every key has a default that fits."""

    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = Field(
        None, description="ISO 3166 code of the site's country, such as AT: whose imbalance rule holds at the grid."
    )
    voltage: Annotated[float, Field(ge=100, le=300)] = Field(230.0, description="V from phase to neutral.")
    rotation: Annotated[float, Field(ge=60, le=86_400)] = Field(
        900.0, description="Seconds after which a car makes room for one that waits, where not all can have 6 A."
    )
    dwell: Annotated[float, Field(ge=0, le=3600)] = Field(
        60.0, description="Seconds that a car stays paused at least, unless there is room for all."
    )
    random_delay: Annotated[float, Field(ge=0, le=1800)] = Field(
        0.0,
        description="Charging begins up to so many seconds later, by chance, after an outage of power or network and "
        "where a plan ends; for Great Britain 600.",
    )
    writes_per_hour: Annotated[float, Field(ge=1, le=3600)] = Field(
        10.0, description="New setpoints for one EVSE in an hour that raising may use up; lowering is never held back."
    )

    mqtt: LoadBroker | None = Field(
        None, description="The broker by which this box shares a connection with others; none if absent."
    )

    def imbalance(self) -> float | None:
        """The rule of the country; None: there is none."""
        return IMBALANCE.get(self.country or "")
