"""``shared = { ... }`` of a circuit, and ``[load.mqtt]``: several boxes behind one connection."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.config.broker import BrokerKeys, Prefix
from gateway.config.circuit_fields import PerPhase
from gateway.config.fields import Many, Section

Level = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,49}$")]
"""A name that is a level of a topic as it is."""


class LoadBroker(BrokerKeys):
    """``[load.mqtt]``: the broker by which boxes share connections."""

    box: Level = Field(description="Name of this box, as in `fallback` of the shared circuits.")
    prefix: Prefix = Field(
        "stationlift/load", description="Where the topics begin; the same at all boxes that share a connection."
    )


class SharedKeys(Section):
    """``shared = { ... }``: the connection in front of this circuit, which other boxes use as well.

    All keys but ``meter`` and ``meter_points`` are the same at each of the boxes.
    """

    group: Level = Field(description="Name of the connection, the same at each box that shares it.")
    max_current: PerPhase = Field(
        description="A per phase that may flow through the connection all the time, or [L1, L2, L3]."
    )
    fallback: dict[Level, PerPhase] = Field(
        description="A per phase that each box may use when none leads: { east = 16, west = [20, 16, 16] }."
    )
    base_load: PerPhase = Field(
        (0.0, 0.0, 0.0), description="A per phase that draws at worst what is behind none of the boxes."
    )
    lease: Annotated[float, Field(ge=3, le=60)] = Field(
        10.0, description="Seconds after which a box that hears nothing more of the leader keeps to its fallback."
    )
    failsafe_timeout: Annotated[float, Field(ge=0, le=3600)] = Field(
        60.0, description="Longest `failsafe_timeout` in seconds of the stations at any of the boxes."
    )
    meter: str | None = Field(
        None, description="Sensor that shows all that flows through the connection, at a box that has one."
    )
    meter_points: Annotated[Many[str], Field(min_length=1, max_length=3)] | None = Field(
        None, description="Its points for the currents of L1, L2, L3; found by their names if absent."
    )
