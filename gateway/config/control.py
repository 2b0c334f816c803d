"""``control = { ... }`` of an EVSE: what holds its current down where the station itself cannot be told a limit."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.config.fields import Amperes, Section
from gateway.model.throttle import LEAST_CURRENT, Throttle

Point = Annotated[str, Field(min_length=1, max_length=120)]

_AMOUNT = frozenset({"unit", "step", "off"})
_FITTING: dict[str, frozenset[str]] = {
    "key": _AMOUNT | {"minimum"},
    "data_transfer": _AMOUNT | {"minimum"},
    "pwm": frozenset({"minimum", "full", "pause_duty"}),
    "output": frozenset({"inverted", "draws"}),
    "remote": frozenset({"draws"}),
}
"""The keys that make sense with each of the means; the fail-safe ones do with all."""


class DataTransfer(Section):
    """``data_transfer = { ... }``: a message of the vendor's own that limits the current."""

    vendor: Annotated[str, Field(min_length=1, max_length=255)] = Field(description="vendorId of the message.")
    message: Annotated[str, Field(min_length=1, max_length=50)] | None = Field(None, description="messageId of it.")
    data: Annotated[str, Field(min_length=1)] = Field(
        "{current}", description="Data of it; {current} is the limit, {connector} the station's number of the outlet."
    )
    answer: str | None = Field(
        None, description="Data that the station has to answer, with the same placeholders; any if absent."
    )


class ControlKeys(Section):
    """``control``: exactly one of key, data_transfer, output, pwm and remote."""

    key: Annotated[str, Field(min_length=1, max_length=50)] | None = Field(
        None, description="Configuration key of the station; {connector} is the station's number of the outlet."
    )
    data_transfer: DataTransfer | None = Field(None, description="Message of the vendor's own.")
    output: Point | None = Field(
        None, description="Output of an added I/O module that lets the outlet charge, as sensor/point: a contactor."
    )
    pwm: Point | None = Field(
        None, description="Analogue output of an added module that sets the pilot's duty cycle, as sensor/point."
    )
    remote: bool = Field(
        default=False, description="Stop and start the transaction from afar; each pause ends a transaction."
    )
    unit: Literal["A", "dA", "mA", "W"] = Field("A", description="Unit of the value; dA: tenths of an ampere.")
    off: str = Field("0", description="Value that holds charging back.")
    minimum: Annotated[float, Field(ge=1, le=3000)] = Field(
        LEAST_CURRENT, description="Lowest current in A per phase that the outlet can be held at."
    )
    step: Annotated[float, Field(gt=0, le=100)] = Field(
        1.0, description="Values between are rounded down to it, A per phase."
    )
    inverted: bool = Field(default=False, description="The output holds charging back while it is on.")
    draws: Amperes | None = Field(
        None, description="A per phase that the outlet draws when it is on; what its wiring allows if absent."
    )
    full: Annotated[float, Field(gt=0)] = Field(100.0, description="Value of the output for a duty cycle of 100 %.")
    pause_duty: Annotated[float, Field(ge=0, le=100)] = Field(
        100.0, description="Duty cycle in % that holds charging back; 100 is a pilot that does not swing."
    )
    failsafe_current: Annotated[float, Field(ge=0, le=3000)] | None = Field(
        None, description="A per phase that the outlet falls to by itself without the box, where it really does."
    )
    failsafe_timeout: Annotated[float, Field(gt=0, le=86_400)] | None = Field(
        None, description="Seconds without the box after which it does so."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [name for name in _FITTING if getattr(self, name) not in (None, False)]
        if len(ways) != 1:
            raise PydanticCustomError("control-ways", "not one way", {"value": ", ".join(ways) or "-"})
        allowed = _FITTING[ways[0]] | {ways[0], "remote", "failsafe_current", "failsafe_timeout"}
        for name in sorted(self.model_fields_set - allowed):
            raise PydanticCustomError("control-key", "does not go with it", {"key": name, "value": ways[0]})
        if (self.failsafe_current is None) is not (self.failsafe_timeout is None):
            raise PydanticCustomError("control-failsafe", "only one of the two")
        return self

    @property
    def way(self) -> str:
        """Which of the means it is: the name of its key."""
        return next(name for name in _FITTING if getattr(self, name) not in (None, False))

    @property
    def throttle(self) -> Throttle:
        """How finely it holds an EVSE down."""
        return Throttle.SWITCH if self.output is not None or self.remote else Throttle.CURRENT

    @property
    def driven(self) -> str | None:
        """The output of an added module that it uses."""
        return self.output or self.pwm

    @property
    def grain(self) -> float:
        """A between one limit and the next; a duty cycle has 0.6 A per %."""
        return 0.6 if self.pwm is not None else self.step

    @property
    def told(self) -> str:
        """In few words, the same in every language."""
        if self.key is not None:
            return f"ChangeConfiguration {self.key} ({self.unit})"
        if self.data_transfer is not None:
            message = self.data_transfer.message
            return f"DataTransfer {self.data_transfer.vendor}{'/' + message if message else ''} ({self.unit})"
        if self.output is not None:
            return f"output {self.output}"
        return f"pwm {self.pwm}" if self.pwm is not None else "RemoteStopTransaction, RemoteStartTransaction"
