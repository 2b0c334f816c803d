"""The points of a family: named values of a station, where they stand on its wire and what they mean.

A point's value goes through the same steps whatever the wire is: raw value, absent codes, mask and shift, scale and
offset, plausible range, and at last the names of a ``map`` or the set ``bits``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.config.fields import Many, Section

Poll = Literal["fast", "medium", "slow", "once", "event"]
"""How often a point is read; ``event``: when the state of the EVSE has changed."""

Names = Annotated[dict[str, str], Field(default_factory=dict)]
# A whole number stays one: no float is 0xFFFFFFFFFFFFFFFF.
Absent = Annotated[int | float | str, Field(union_mode="left_to_right")]


class Point(Section):
    """What all points have, whatever the wire."""

    poll: Poll = Field("medium", description="How often it is read: fast, medium, slow, once, or on an event.")
    access: Literal["r", "rw", "w"] = Field("r", description="What the station allows.")
    scale: float = Field(1.0, description="The raw number times this is the value.")
    offset: float = Field(0.0, description="Added after the scale.")
    mask: Annotated[int, Field(gt=0)] | None = Field(None, description="Bits of the raw number that count.")
    shift: Annotated[int, Field(ge=0, le=63)] = Field(0, description="Bits that the masked number is shifted right.")
    nan: Many[Absent] = Field((), description="Raw values that mean: no value.")
    sane: Annotated[Many[float], Field(min_length=2, max_length=2)] | None = Field(
        None, description="Lowest and highest plausible value; others are no value."
    )
    map: Names = Field(description="Raw value -> name.")
    bits: Names = Field(description="Number of a bit -> name; the value is every name whose bit is set.")
    unit: str = Field("", description="Unit of the value: A, V, W, kW, Wh, kWh, s, degC, %, Hz, VA, var.")
    format: Literal["hex", "decimal", "dotted", "text"] | None = Field(
        None, description="How a number becomes text: hex digits, decimal, or its bytes with dots between."
    )
    digits: Annotated[int, Field(ge=0, le=16)] = Field(0, description="Hex digits, or bytes with dots; 0: all.")
    optional: bool = Field(default=False, description="Not every model or firmware has it; its refusal is no loss.")
    persist: bool = Field(default=False, description="A write wears the station's memory.")
    unverified: str = Field("", description="What about this point is a guess, and why.")
    note: str = Field("", description="For people.")

    @property
    def readable(self) -> bool:
        """True where the station answers a read."""
        return self.access != "w"

    @property
    def writable(self) -> bool:
        """True where the station takes a write."""
        return self.access != "r"


Table = Literal["coil", "discrete", "input", "holding"]
RegisterType = Literal[
    "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64", "t5", "t6", "bits", "char", "str", "utf16", "bcd", "raw"
]
"""t5 and t6: a power of ten in the first byte, and 24 bits without and with a sign (Iskra WM3M4); raw: hex."""

Order = Literal["big", "little"]


_WIDTHS = {"u32": 2, "s32": 2, "f32": 2, "t5": 2, "t6": 2, "u64": 4, "s64": 4, "f64": 4}
"""Registers of a value; 1 for others."""


class RegisterPoint(Point):
    """A point of a Modbus register map; ``at`` is the address on the wire, from 0."""

    at: Annotated[int, Field(ge=0, le=0xFFFF)] = Field(description="Address on the wire, from 0.")
    table: Table = Field("holding", description="Table of the register.")
    type: RegisterType = Field("u16", description="How the registers make a value.")
    n: Annotated[int, Field(ge=1, le=1000)] = Field(
        1, description="Number of values in a row; for str, utf16, bcd and raw the number of registers."
    )
    stride: Annotated[int, Field(ge=1)] | None = Field(None, description="Registers from one value to the next.")
    word: Order = Field("big", description="Which word of a value comes first.")
    byte: Order = Field("big", description="Which byte of a register comes first.")
    exponent: str = Field("", description="Point that holds the power of ten of this value.")
    fc: Literal[5, 6, 15, 16] | None = Field(None, description="Function code of a write, where only one is taken.")
    pad: Literal["right", "left"] = Field("right", description="On which side a written text is filled with blanks.")
    unit_id: Annotated[int, Field(ge=0, le=255)] | None = Field(None, description="Unit id, where it is another.")
    shared: bool = Field(default=False, description="Of the whole station: no address offset of the connector.")
    model: Many[Annotated[int, Field(ge=1, le=0xFFFE)]] = Field(
        (), description="Numbers of blocks in the chain of [link], any of which it is in; `at` counts from its number."
    )

    @property
    def width(self) -> int:
        """Registers (or bits of a coil table) of one value."""
        return self.n if self.text else _WIDTHS.get(self.type, 1)

    @property
    def text(self) -> bool:
        """True where ``n`` counts registers of one text."""
        return self.type in {"str", "utf16", "bcd", "raw"}

    @property
    def count(self) -> int:
        """Number of values."""
        return 1 if self.text else self.n

    @property
    def span(self) -> int:
        """Registers from the first to the last."""
        return (self.count - 1) * (self.stride or self.width) + self.width


class FramePoint(Point):
    """A point of a device whose registers are only read as whole frames (the ASCII dialect of ABL).

    ``byte`` counts from the first byte of the frame's payload.
    """

    frame: str = Field(description="The frame of [frames] that it is part of.")
    byte: Annotated[int, Field(ge=0, le=255)] = Field(0, description="First byte in the frame, from 0.")
    n: Annotated[int, Field(ge=1, le=64)] = Field(1, description="Number of values in a row.")
    type: Literal["u8", "u16", "s16", "u32", "raw"] = Field("u8", description="How the bytes make a value.")
    order: Many[int] = Field((), description="Positions of the values in the order L1, L2, L3.")


class ToldPoint(Point):
    """A point whose value comes in a message; it is written by other messages."""

    on: str = Field("", description="Message that switches it on.")
    off: str = Field("", description="Message that switches it off.")


class FieldPoint(ToldPoint):
    """A point of a serial line: a field of a command's answer, written ``command.field``."""

    from_: str | Many[str] = Field(alias="from", description="command.field, or one for each phase.")


class PathPoint(ToldPoint):
    """A point of a JSON document (or of a plain text) that a topic, a request or a datagram brings."""

    from_: str = Field(alias="from", description="The topic, request or command that brings it.")
    ptr: str | Many[str] = Field("", description="JSON pointer (RFC 6901); one for each phase; empty: the whole text.")
    push: bool = Field(default=False, description="The station also tells it unasked.")


AnyPoint = RegisterPoint | FramePoint | FieldPoint | PathPoint
