"""``[[sensor]]``: added hardware, the variables that it gives, and what is to happen."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.config.condition import When
from gateway.config.fields import Many, Name, OcppIdentity, Section
from gateway.config.wording import Wording

Seconds = Annotated[float, Field(ge=0, le=86400)]
Pair = Annotated[Many[float], Field(min_length=2, max_length=2)]


class Alert(Section):
    """``alert = { ... }``: the backend hears of it, as an event of a monitor that is there from the start."""

    when: When = Field(description='When it is raised: "Active == true", "Temperature > 60".')
    hysteresis: Annotated[float, Field(ge=0)] = Field(
        0.0, description="How far a number has to come back before the alert is over."
    )
    severity: Annotated[int, Field(ge=0, le=9)] = Field(description="0 danger, 2 failure, 4 error, 6 warning, 9 debug.")
    message: Wording = Field(
        "",
        description="For people: a text, or one for each language of the box, { en = ..., de = ... }.",
        validate_default=False,
    )


class Reaction(Section):
    """``react = { ... }``: what the box does by itself, at once, and without the backend."""

    do: Literal["stop", "block", "fault", "derate", "tamper"] = Field(
        description="stop: end charging. block: and Unavailable while it lasts. fault: and Faulted while it lasts. "
        "derate: less current. tamper: a security event."
    )
    when: When | None = Field(None, description="When, if not as the alert says.")
    curve: Many[Pair] = Field((), description="For derate: [value, share of the current from 1 to 0] ...")
    back: Annotated[float, Field(ge=0)] = Field(3.0, description="For derate: how far the value has to fall first.")
    lost: Literal["keep", "trip"] = Field(
        "keep", description="Without a value: as it is, and never more current; or as if the worst were seen."
    )
    lasts: Seconds = Field(
        0.0, description="Seconds that it goes on when what it is for is over; a shock is over at once."
    )
    output: str | None = Field(None, description="Sensor whose output is switched on as well, such as a contactor.")

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if bool(self.curve) is not (self.do == "derate"):
            raise PydanticCustomError("react-curve", "a curve is for derate")
        quantities, shares = [each[0] for each in self.curve], [each[1] for each in self.curve]
        if quantities != sorted(set(quantities)) or shares != sorted(shares, reverse=True):
            raise PydanticCustomError("react-curve-order", "not a falling curve")
        if any(not 0 <= share <= 1 for share in shares):
            raise PydanticCustomError("react-curve-share", "a share is from 0 to 1")
        return self


class ValueKeys(Section):
    """A variable that a sensor gives: in ``[[sensor]]`` itself, or in several ``[[sensor.value]]``."""

    component: Annotated[str, Field(min_length=1, max_length=50)] = Field(
        description="Component that it belongs to, by its OCPP 2.0.1 or its older name: AccessSensor, TiltSensor ..."
    )
    instance: Annotated[str, Field(min_length=1, max_length=50)] | None = Field(
        None, description="Which one, where there are several of the component."
    )
    variable: Annotated[str, Field(pattern="^[A-Za-z][A-Za-z0-9]{0,49}$")] | None = Field(
        None, description="Variable of the component; the usual one if absent: Active, Temperature ..."
    )
    point: str | None = Field(None, description="Point of the sensor, where it has several.")
    active: bool | float | str | None = Field(None, description="For a contact: the value that means active.")
    scale: float | None = Field(None, description="What is sent times this is the value.")
    offset: float | None = Field(None, description="Added after the scale.")
    loop: Pair | None = Field(None, description="Current loop: the values at 4 mA and at 20 mA.")
    words: dict[str, str] | None = Field(None, description="What is sent -> word of the variable.")
    plausible: Pair | None = Field(None, description="Lowest and highest value that can be.")
    stale_after: Annotated[float, Field(gt=0)] | None = Field(
        None, description="Seconds without a value after which the last one no longer counts."
    )
    hold: Annotated[Many[Seconds], Field(min_length=2, max_length=2)] | None = Field(
        None, description="For a contact: seconds before it counts as active, and as no longer active."
    )
    change: Annotated[float, Field(ge=0)] | None = Field(None, description="Smaller steps are no change.")
    alert: Alert | None = Field(None, description="What the backend is told of by itself.")
    react: Reaction | None = Field(None, description="What the box does by itself.")

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        shapes = {
            "active": self.active is not None,
            "scale, offset": self.scale is not None or self.offset is not None,
            "loop": self.loop is not None,
            "words": self.words is not None,
        }
        several = [name for name, there in shapes.items() if there]
        if len(several) > 1:
            raise PydanticCustomError("sensor-shapes", "one of them", {"keys": ", ".join(several)})
        if self.react is not None and self.react.when is None and self.alert is None and self.react.do != "derate":
            raise PydanticCustomError("react-when", "nothing says when")
        return self


class SensorKeys(Section):
    """The keys of ``[[sensor]]`` that every kind has, besides those of its value."""

    name: Name | None = Field(None, description="What people call it; the component if absent.")
    kind: str = Field(description="How it is reached: gpio, onewire, hwmon, iio, modbus, mqtt ...")
    station: OcppIdentity | None = Field(None, description="Station that it belongs to; all of them if absent.")
    evse: Annotated[int, Field(ge=1)] | None = Field(None, description="EVSE that it belongs to.")
