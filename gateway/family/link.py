"""``[link]`` and the tables of messages: how a family is reached, by kind of wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.config.fields import Many, Port, Section
from gateway.family.fields import FormulaField, TemplateField

Milliseconds = Annotated[int, Field(ge=0, le=60_000)]
Rate = Annotated[float, Field(gt=0, le=86_400)]


class Rates(Section):
    """Seconds between reads of each poll group while a vehicle is there."""

    fast: Rate = 1.0
    medium: Rate = 5.0
    slow: Rate = 60.0


class Instances(Section):
    """How the connectors of one station differ on the wire; expressions over ``connector`` (1, 2 ...)."""

    address: FormulaField | None = Field(None, description="Added to every register address.")
    unit: FormulaField | None = Field(None, description="Unit id.")
    port: FormulaField | None = Field(None, description="Added to the TCP port.")
    max: Annotated[int, Field(ge=1, le=64)] = Field(2, description="Connectors at most.")


class Link(Section):
    """What every wire has."""

    timeout_ms: Milliseconds = Field(1000, description="Time for an answer.")
    retries: Annotated[int, Field(ge=0, le=10)] = Field(2, description="Repeats before the station counts as lost.")
    gap_ms: Milliseconds = Field(0, description="Silence between two requests.")
    poll: Rates = Field(default_factory=Rates)
    idle_factor: Annotated[float, Field(ge=1, le=60)] = Field(
        4.0, description="How much rarer medium and slow points are read while no vehicle is there."
    )
    instances: Instances | None = None


Format = Annotated[str, Field(pattern="^[78][NEO][12]$")]


class SerialLink(Link):
    """A serial line as the family comes from the factory."""

    baud: Annotated[int, Field(ge=300, le=1_000_000)] = 9600
    format: Format = Field("8N1", description="Data bits, parity, stop bits.")


class Chain(Section):
    """Blocks of registers one behind the other, each with its number and its length before it, as SunSpec has them.

    Where a block begins is found by walking (SunSpec Device Information Model Specification, 6).
    """

    starts: Many[Annotated[int, Field(ge=0, le=0xFFFF)]] = Field(
        (40_000, 50_000, 0), min_length=1, description="Addresses at which the chain may begin."
    )
    marker: Many[Annotated[int, Field(ge=0, le=0xFFFF)]] = Field(
        (0x5375, 0x6E53), min_length=1, description="Registers that it begins with; the blocks are behind them."
    )
    end: Annotated[int, Field(ge=0, le=0xFFFF)] = Field(0xFFFF, description="Number that ends it.")


class ModbusLink(SerialLink):
    """Modbus over TCP, a serial line, or a serial line behind TCP."""

    transports: Many[Literal["tcp", "rtu", "rtu-tcp"]] = Field(min_length=1)
    port: Port = 502
    unit: Annotated[int, Field(ge=0, le=255)] = 1
    connect_delay_ms: Milliseconds = Field(0, description="Silence after connecting.")
    wake_retry: Annotated[int, Field(ge=0, le=5)] = Field(0, description="Requests that a sleeping station loses.")
    max_span: Annotated[int, Field(ge=1, le=125)] = Field(100, description="Registers of one read.")
    max_gap: Annotated[int, Field(ge=0, le=124)] = Field(0, description="Unused registers that a read may cross.")
    barriers: Many[int] = Field((), description="Addresses at which a new read has to begin.")
    split_on_error: bool = Field(
        default=False, description="A read that ends the connection is split, as after exception 2."
    )
    broadcast: Annotated[int, Field(ge=0, le=255)] = Field(
        0, description="Unit id whose writes every device of a serial line takes, and none answers."
    )
    chain: Chain | None = Field(None, description="Blocks whose places have to be found.")
    single_client: bool = Field(default=False, description="It serves one connection at a time.")
    reconnect_every_s: Annotated[float, Field(gt=0)] | None = Field(None, description="It drops old connections.")


class AsciiLink(SerialLink):
    """The ASCII dialect of Modbus with frames of fixed address and length."""

    unit: Annotated[int, Field(ge=0, le=255)] = 1
    wake_retry: Annotated[int, Field(ge=0, le=5)] = 0
    tx_start: str = ":"
    rx_start: str = ":"
    end: str = "\r\n"


class Frame(Section):
    """A frame: the address and the number of registers of a read, which have to be exactly these."""

    at: Annotated[int, Field(ge=0, le=0xFFFF)]
    n: Annotated[int, Field(ge=1, le=125)]
    access: Literal["r", "w"] = "r"


class Checksum(Section):
    """A checksum behind the text of a line: over everything from ``start`` to the prefix."""

    kind: Literal["xor"] = "xor"
    prefix: str = "^"
    required: bool = Field(default=False, description="An answer without one is refused.")


class Sequence(Section):
    """A number that the answer repeats, so that an answer is known to be that of this request."""

    prefix: str = ":"
    since: str = Field("", description="Firmware that has it.")


class Framing(Section):
    """How a line is told from the next."""

    start: str = ""
    end: str = "\r"
    ok: str = Field("", description="Begin of an answer.")
    nack: str = Field("", description="Begin of a refusal.")
    checksum: Checksum | None = None
    sequence: Sequence | None = None
    unasked: Many[str] = Field((), description="Begins of lines that come unasked.")


class LineLink(SerialLink):
    """Text lines over a serial line, or one behind TCP."""

    transports: Many[Literal["serial", "tcp"]] = ("serial",)
    max_tx: Annotated[int, Field(ge=1)] = Field(255, description="Longest line that the station takes.")


class LineCommand(Section):
    """A command of a serial line: ``rx`` names the fields of its answer."""

    tx: TemplateField
    rx: str = ""
    optional_fields: Many[str] = Field((), description="Trailing fields that some firmware leaves out.")
    optional: bool = Field(default=False, description="Not every firmware has it.")
    accept_nack: bool = Field(default=False, description="A refusal carries the answer all the same.")


class Unasked(Section):
    """A line that comes unasked: its fields update the points of a command that has the same."""

    rx: str
    command: str = Field(description="The command whose answer it updates.")


class MqttLink(Link):
    """Topics at a broker."""

    prefix: str = Field("", description="Where the station's topics begin, unless the site says otherwise.")
    qos: Literal[0, 1] = 0
    stale_s: Annotated[float, Field(gt=0)] = Field(60.0, description="Seconds of silence after which it is lost.")
    online: str = Field("", description="Topic whose messages, or last will, show that it lives.")
    offline_payload: str = Field("", description="What its last will says.")


class Topic(Section):
    """A topic that is listened to (``sub``), or written (``pub`` with ``payload``)."""

    sub: TemplateField | None = None
    pub: TemplateField | None = None
    payload: TemplateField | None = None
    retain: bool = False


class HttpLink(Link):
    """HTTP with JSON."""

    base: TemplateField = Field(description="Base URL; {host} is the site's.")
    auth: Literal["none", "basic", "digest", "bearer"] = "none"


class Request(Section):
    """An HTTP request: one method with its path, and what its answer must have."""

    get: TemplateField | None = None
    post: TemplateField | None = None
    put: TemplateField | None = None
    delete: TemplateField | None = None
    body: TemplateField | None = Field(None, description="JSON text.")
    expect_ptr: str = Field("", description="Pointer into the answer that has to be `expect`.")
    expect: FormulaField | None = None
    optional: bool = False


class UdpLink(Link):
    """Text datagrams whose answers are JSON or a fixed text."""

    remote_port: Port
    bind_port: Annotated[int, Field(ge=0, le=65_535)] = Field(0, description="Port that answers come to; 0: any.")
    encoding: Literal["ascii", "utf-8", "cp437"] = "ascii"


class Datagram(Section):
    """A command over UDP: its answer is known by keys of the JSON (``match``) or by its text (``rx``)."""

    tx: TemplateField
    match: dict[str, str] = Field(default_factory=dict)
    rx: str = ""
    settle_s: Annotated[float, Field(ge=0)] = 0.0
