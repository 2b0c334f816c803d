"""``[[inspection]]``: components that are inspected again and again."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, InstanceOf, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError, PydanticKnownError

from gateway.config.fields import OcppIdentity, Section
from gateway.model.inspection import Interval


def _interval(value: object) -> Interval:
    if isinstance(value, Interval):
        return value
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    interval = Interval.parse(value)
    if interval is None:
        raise PydanticCustomError("inspection-interval", "no interval", {"value": value})
    return interval


Every = Annotated[
    InstanceOf[Interval],
    BeforeValidator(_interval),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,3} *(day|week|month|year)s?$"}),
]
"""From one inspection to the next: ``6 months``, ``90 days``, ``1 year``."""


class InspectionKeys(Section):
    """`[[inspection]]`: one component, and when its inspection is due; of several limits the first counts."""

    station: OcppIdentity | None = Field(None, description="Station whose component it is; all of them if absent.")
    evse: Annotated[int, Field(ge=1)] | None = Field(
        None, description="EVSE that the component belongs to; absent: the station, or what is counted at each EVSE."
    )
    component: Annotated[str, Field(min_length=1, max_length=50)] = Field(
        description="Component, by its OCPP 2.0.1 or its older name: RCD, PowerContactor, GroundIsolationTester ..."
    )
    instance: Annotated[str, Field(min_length=1, max_length=50)] | None = Field(
        None, description="Which one, where there are several of the component."
    )
    every: Every | None = Field(None, description="Time from one inspection to the next: 6 months, 90 days, 1 year.")
    last: date | None = Field(
        None, description="Day of the last inspection, such as 2026-01-10; a later one through the box counts instead."
    )
    cycles: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = Field(
        None, description="How often the component may switch from one inspection to the next."
    )
    hours: Annotated[float, Field(gt=0, le=1_000_000)] | None = Field(
        None, description="How many hours the component may work from one inspection to the next."
    )
    soon_days: Annotated[int, Field(ge=0, le=366)] = Field(
        14, description="Days before it is due from which the backend knows; of counts it is the last tenth."
    )
    severity: Annotated[int, Field(ge=0, le=9)] = Field(
        4, description="Of an overdue inspection: 0 danger, 2 failure, 4 error, 6 warning, 9 debug."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.every is None and self.cycles is None and self.hours is None:
            raise PydanticCustomError("inspection-when", "nothing says when")
        if self.every is not None and self.last is None:
            raise PydanticCustomError("inspection-last", "nothing says from when on")
        return self
