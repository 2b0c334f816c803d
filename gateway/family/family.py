"""One family of stations: everything that its TOML file says."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.config.fields import Many, Section
from gateway.family.control import Control, Steps, Watchdog
from gateway.family.fields import FormulaField
from gateway.family.link import (
    AsciiLink,
    Datagram,
    Frame,
    Framing,
    HttpLink,
    LineCommand,
    LineLink,
    Link,
    ModbusLink,
    MqttLink,
    Request,
    Topic,
    UdpLink,
    Unasked,
)
from gateway.family.points import AnyPoint, FieldPoint, FramePoint, PathPoint, RegisterPoint
from gateway.family.signing import Signing
from gateway.family.state import StateRules

SCHEMA = 1
"""Version of the format; a file with a later one is refused."""

Scalar = str | int | float | bool
Name = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
Id = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$", max_length=40)]

Role = Literal["station", "meter", "sensor"]


class Meta(Section):
    """``[meta]``: what the family is, and how sure its facts are."""

    id: Id
    vendor: str = Field(min_length=1, max_length=50)
    models: Many[str] = Field(min_length=1)
    rebrands: Many[str] = Field(())
    role: Role = Field("station", description="A meter or another sensor only has points.")
    current: Literal["AC", "DC"] = "AC"
    completeness: Literal[1, 2, 3] = Field(description="1: outlined, 2: reads and limits, 3: all that the box uses.")
    unverified: Many[str] = Field((), description="Facts that are guesses.")
    sources: Many[str] = Field(min_length=1, description="Where the facts come from.")


class Sequence(Section):
    """Steps that are done at one occasion."""

    seq: Steps = Field(min_length=1)


class Probe(Section):
    """How a variant is told: a point's value, compared as a version where both are texts with dots; or its absence.

    With a point alone nothing that can be read tells it: it holds only where the site file names the variant.
    """

    point: str
    eq: Scalar | None = None
    lt: Scalar | None = None
    le: Scalar | None = None
    gt: Scalar | None = None
    ge: Scalar | None = None
    prefix: str | None = None
    fails: bool | None = None


class Variant(Section):
    """``[[variant]]``: what is different in a model or firmware. ``set`` has the shape of the file itself."""

    id: str
    probe: Probe
    set: dict[str, Any] = Field(default_factory=dict)
    note: str = ""


class Vector(Section):
    """``[[vector]]``: something recorded on the wire, and what it means.

    Modbus: ``fc``, ``at``, ``regs``, or whole frames ``tx``/``rx`` in hex (``frame`` = "rtu" or "tcp"). Lines: the texts
    ``tx``/``rx``. MQTT: ``topic`` and ``payload``. HTTP and UDP: ``source`` (request or command) and ``payload``.
    A value that is ``"none"`` is expected to be absent.
    """

    variant: str = Field("", description="Variant under which it was recorded.")
    frame: Literal["rtu", "tcp"] | None = None
    tx: str = ""
    rx: str = ""
    fc: Annotated[int, Field(ge=1, le=255)] | None = None
    at: Annotated[int, Field(ge=0, le=0xFFFF)] | None = None
    regs: Many[int] = ()
    model: int = Field(0, description="Number of the block of [link.chain] that `at` counts from; 0: none.")
    topic: str = ""
    source: str = ""
    payload: str = ""
    expect: dict[str, Any] = Field(default_factory=dict, description="Point (or `letter`) -> value.")
    expect_write: dict[str, Any] = Field(
        default_factory=dict, description="Point, or verb of [control] -> value that was set."
    )
    note: str = ""


class Family(Section):
    """What all kinds have. The kinds below add their link and their tables of messages."""

    schema_version: Literal[1] = Field(alias="schema")
    kind: str
    meta: Meta
    link: Link
    points: dict[Name, AnyPoint]
    derive: dict[Name, FormulaField] = Field(default_factory=dict, description="Values that the station lacks.")
    state: StateRules | None = None
    faults: dict[str, str] = Field(
        default_factory=dict, description="Name of an error -> OCPP 1.6 ChargePointErrorCode; others are OtherError."
    )
    control: Control = Field(default_factory=Control)
    watchdog: Watchdog = Field(default_factory=Watchdog)
    signing: Signing | None = Field(None, description="How a meter signs begin and end of a transaction.")
    init: Sequence | None = Field(None, description="Steps after each connecting.")
    safe: Sequence | None = Field(None, description="Steps of an orderly end; absent: the lowest limit that holds.")
    variant: Many[Variant] = ()
    vector: Many[Vector] = ()
    quirks: Many[str] = ()


class ModbusFamily(Family):
    """A Modbus register map."""

    kind: Literal["modbus"]
    link: ModbusLink
    points: dict[Name, RegisterPoint]  # type: ignore[assignment] # a dict that is never written


class AsciiFamily(Family):
    """Frames in Modbus' ASCII dialect."""

    kind: Literal["modbus-ascii"]
    link: AsciiLink
    frames: dict[Name, Frame] = Field(min_length=1)
    points: dict[Name, FramePoint]  # type: ignore[assignment]


class LineFamily(Family):
    """Commands on a serial line."""

    kind: Literal["ascii-line"]
    link: LineLink
    framing: Framing
    commands: dict[Name, LineCommand] = Field(min_length=1)
    unasked: dict[Name, Unasked] = Field(default_factory=dict)
    points: dict[Name, FieldPoint]  # type: ignore[assignment]


class MqttFamily(Family):
    """Topics at an MQTT broker."""

    kind: Literal["mqtt"]
    link: MqttLink
    topics: dict[Name, Topic] = Field(min_length=1)
    points: dict[Name, PathPoint]  # type: ignore[assignment]


class HttpFamily(Family):
    """HTTP requests with JSON answers."""

    kind: Literal["http-json"]
    link: HttpLink
    requests: dict[Name, Request] = Field(min_length=1)
    points: dict[Name, PathPoint]  # type: ignore[assignment]


class UdpFamily(Family):
    """Datagrams."""

    kind: Literal["udp-json"]
    link: UdpLink
    commands: dict[Name, Datagram] = Field(min_length=1)
    points: dict[Name, PathPoint]  # type: ignore[assignment]


AnyFamily = ModbusFamily | AsciiFamily | LineFamily | MqttFamily | HttpFamily | UdpFamily

KINDS: dict[str, type[AnyFamily]] = {
    "modbus": ModbusFamily,
    "modbus-ascii": AsciiFamily,
    "ascii-line": LineFamily,
    "mqtt": MqttFamily,
    "http-json": HttpFamily,
    "udp-json": UdpFamily,
}
