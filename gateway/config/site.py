"""The site file as checked values: what the rest of the gateway is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.config.control import ControlKeys
from gateway.config.fields import (
    Amperes,
    AnyPath,
    FilePath,
    HostPort,
    HttpUrl,
    Listen,
    Many,
    Name,
    OcppIdentity,
    Secret,
    SecretFilePath,
    Section,
    TimeZone,
    WsUrl,
)
from gateway.config.load_keys import LoadKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from gateway.config.alerts import Alerts
    from gateway.config.circuit import Circuit
    from gateway.config.inspection import InspectionKeys
    from gateway.config.sensor import SensorKeys, ValueKeys
    from gateway.contracts import LineUse, StationSettings
    from gateway.contracts.sensing import SensorPoint
    from gateway.model.errors import GatewayError
    from gateway.model.throttle import OwnLimit

    Unfit = Callable[[Sequence[StationSettings]], Iterator[tuple[StationSettings, GatewayError]]]

WEB_PORT = 8443

ConnectorType = Literal[
    "cCCS1", "cCCS2", "cG105", "cTesla", "cType1", "cType2", "s309-1P-16A", "s309-1P-32A", "s309-3P-16A",
    "s309-3P-32A", "sBS1361", "sCEE-7-7", "sType2", "sType3", "Other1PhMax16A", "Other1PhOver16A", "Other3Ph", "Pan",
    "wInductive", "wResonant", "Undetermined", "Unknown",
]  # fmt: skip
"""ConnectorEnumType of OCPP 2.0.1: `c` a captive cable, `s` a socket, `w` wireless."""

Rotation = Literal["RST", "RTS", "SRT", "STR", "TRS", "TSR", "NotApplicable", "Unknown"]
"""How the phases of the supply (R, S, T) are wired to L1, L2, L3."""


SecurityProfile = Literal[0, 1, 2, 3]
"""Security profile of OCPP 2.0.1, part 2, A00."""


def _all_fit(stations: Sequence[StationSettings]) -> Iterator[tuple[StationSettings, GatewayError]]:
    del stations
    yield from ()


def _no_limit(_options: BaseModel) -> OwnLimit | None:
    return None


def _added(_options: BaseModel) -> frozenset[str]:
    return frozenset({"output", "pwm"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterModels:
    """The two tables that an adapter brings to the site file.

    Attributes:
        site: Model of `[southbound.<adapter>]`.
        station: Model of the adapter's own keys in `[[station]]`.
        unfit: Stations that cannot be served beside those before them.
        lines: The lines that a station is on.
        own_limit: How a station with these keys limits its current by itself; None: it cannot.
        controls: The means of ``control`` that such a station can be given.
    """

    site: type[BaseModel]
    station: type[BaseModel]
    unfit: Unfit = _all_fit
    lines: Callable[[StationSettings], Iterable[LineUse]] = lambda _: ()
    own_limit: Callable[[Any], OwnLimit | None] = _no_limit
    controls: Callable[[Any], frozenset[str]] = _added


class Box(Section):
    """`[box]`: the retrofit box itself."""

    name: Name = Field(description="What people call this box; shown in status and reports.")
    data_dir: AnyPath = Field(description="Folder for the database, certificates and the status socket.")
    timezone: TimeZone = Field("UTC", description="Time zone of the site, such as Europe/Vienna.")
    language: Literal["en", "de"] = Field("en", description="Language of texts that the running box shows.")
    root: AnyPath = Field(
        Path("/"), description="Where /sys and /proc of the machine are; elsewhere in a container, such as /host."
    )


class Backend(Section):
    """`[backend]`: the CSMS; each station has its own connection to `url` + "/" + identity."""

    url: WsUrl = Field(description="WebSocket address of the backend, without the station's identity.")
    security_profile: SecurityProfile = Field(
        description="0: no password (tests only). 1: password over ws://. 2: password over TLS, wss://. "
        "3: client certificate over TLS, wss://.",
    )
    user: Annotated[str, Field(min_length=1, pattern="^[^:]*$")] | None = Field(
        None,
        description="User name for basic authentication; the station's identity if absent.",
    )
    password: Secret | None = Field(None, description="Password for basic authentication; better: password_file.")
    password_file: SecretFilePath | None = Field(None, description="File that holds the password and nothing else.")
    ca_file: FilePath | None = Field(
        None,
        description="PEM file with the certificate authority of the backend; the system's own if absent.",
    )
    root_check: bool = Field(
        default=False,
        description="A root certificate that the backend installs takes the place of the one before, which has to have "
        "signed it (AdditionalRootCertificateCheck).",
    )
    wildcards: bool = Field(
        default=False,
        description="A certificate of the backend for *.example.com will do; OCPP forbids it (AllowCSMSTLSWildcards).",
    )
    certificate_file: FilePath | None = Field(
        None,
        description="PEM file with the certificate of the station for security profile 3, and its sub-CAs.",
    )
    key_file: SecretFilePath | None = Field(None, description="PEM file with the private key of that certificate.")


class Connector(Section):
    """`connector = { ... }`: plug or socket of an EVSE."""

    type: ConnectorType = Field(description="Connector type of OCPP 2.0.1: c... captive cable, s... socket.")
    max_current: Amperes = Field(description="Highest current per phase in A that wiring and connector allow.")
    phases: Literal[1, 2, 3] = Field(3, description="Number of phases that are connected.")
    rotation: Rotation = Field("Unknown", description="Phase rotation against the supply, such as RST.")
    phase: Literal["L1", "L2", "L3"] | None = Field(
        None, description="With phases = 1: the phase of the supply that it is wired to, instead of rotation."
    )

    @model_validator(mode="after")
    def _one_phase(self) -> Self:
        if self.phase is not None and self.phases != 1:
            raise PydanticCustomError("connector-phase", "a phase of several")
        fed = {"R": "L1", "S": "L2", "T": "L3"}.get(self.rotation[0])
        if self.phase is not None and self.rotation not in {"Unknown", "NotApplicable"} and fed != self.phase:
            raise PydanticCustomError(
                "connector-phases", "two phases", {"value": self.phase, "rotation": self.rotation}
            )
        return self


class Evse(Section):
    """`[[station.evse]]`: one place where one vehicle charges."""

    id: Annotated[int, Field(ge=1)] = Field(description="Number of the EVSE at the backend: 1, 2, 3 ... without gaps.")
    station_connector: Annotated[int, Field(ge=1)] | None = Field(
        None,
        description="Number that the station itself uses for this outlet; the id if absent.",
    )
    connector: Connector = Field(description="Plug or socket.")
    minimum_current: Annotated[float, Field(ge=6, le=3000)] | None = Field(
        None, description="A per phase below which load management lets it pause, where 6 A are not enough."
    )
    priority: Annotated[int, Field(ge=0, le=9)] | None = Field(
        None, description="In load management, 9 is served first; as its circuit says if absent."
    )
    control: ControlKeys | None = Field(
        None, description="What holds the current down where the station itself cannot be told a limit."
    )

    @property
    def legacy_id(self) -> int:
        """Number that the station itself uses."""
        return self.id if self.station_connector is None else self.station_connector


class Extension(Section):
    """`[[station.extension]]`: messages of a vendor (DataTransfer) that a program beside the box answers."""

    vendor: Annotated[str, Field(min_length=1, max_length=255)] = Field(
        description="vendorId: a reversed DNS name of the vendor, such as com.example."
    )
    messages: Many[Annotated[str, Field(min_length=1, max_length=50)]] = Field(
        (), description="messageIds that the program knows; all of them if absent."
    )
    url: HttpUrl = Field(description="Where the program takes them as JSON by POST, such as http://127.0.0.1:9000/.")


class StationKeys(Section):
    """The keys of `[[station]]` that every adapter has."""

    identity: OcppIdentity = Field(description="Identity of the station at the backend.")
    adapter: str = Field(description="Southbound protocol of the station.")
    vendor: Name | None = Field(None, description="Manufacturer to report instead of what the station says.")
    model: Annotated[str, Field(min_length=1, max_length=20)] | None = Field(
        None,
        description="Model to report instead of what the station says (20 characters at most).",
    )
    password: Secret | None = Field(None, description="Password of this station only; better: password_file.")
    password_file: SecretFilePath | None = Field(None, description="Password file of this station only.")
    certificate_file: FilePath | None = Field(None, description="Certificate of this station only, security profile 3.")
    key_file: SecretFilePath | None = Field(None, description="Private key of that certificate.")
    extension: Many[Extension] = Field((), description="Messages of vendors that programs beside the box answer.")
    evse: Many[Evse] = Field(min_length=1, description="The EVSEs of the station, one table each.")


class Station(StationKeys):
    """One legacy station.

    Attributes:
        settings: The adapter's own keys, an instance of its station model.
    """

    settings: BaseModel


class Profiles(Section):
    """`[profiles]`: which OCPP profiles the box offers."""

    disable: Many[str] = Field((), description="OCPP profiles that this site does not offer.")


class Web(Section):
    """`[web]`: the box's own page, to be read by drivers and technicians; without the section there is none."""

    listen: Listen = Field(
        default_factory=lambda: HostPort("127.0.0.1", WEB_PORT),
        description="Address and port of the page, such as 0.0.0.0:8443 for all of the local network; plain HTTP.",
    )
    keypad: bool = Field(
        default=False,
        description="Drivers type key codes on the page, and who has a master pass chooses there what it stops.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorModels:
    """What a kind of sensor brings to the site file.

    Attributes:
        keys: Model of the kind's own keys in `[[sensor]]`.
        points: What a sensor with these keys offers.
        signs: Whether it is a meter that signs transactions.
        lines: The lines that it is on.
    """

    keys: type[BaseModel]
    points: Callable[[Any], tuple[SensorPoint, ...]]
    signs: Callable[[Any], bool] = lambda _: False
    lines: Callable[[Any], Iterable[LineUse]] = lambda _: ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One `[[sensor]]`, checked.

    Attributes:
        name: Unique on the box.
        keys: What every kind has.
        values: The variables that it gives.
        options: The kind's own keys.
        points: What the sensor offers, as far as that is known.
        signs: It is a meter that signs transactions.
    """

    name: str
    keys: SensorKeys
    values: tuple[ValueKeys, ...]
    options: BaseModel
    points: tuple[SensorPoint, ...]
    signs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site file, checked.

    Attributes:
        path: The file itself.
        box: The retrofit box.
        backend: The CSMS.
        southbound: Adapter name -> instance of its site model.
        station: The legacy stations, in the order of the file.
        profiles: The OCPP profiles that the site offers.
        web: The box's own page; None: it has none.
        alerts: Who else is told of alerts.
        sensor: The added sensors, in the order of the file.
        inspection: What is inspected again and again.
        circuit: The fuse tree, in the order of the file.
        load: How current is shared among the EVSEs on it.
    """

    path: Path
    box: Box
    backend: Backend
    southbound: Mapping[str, BaseModel]
    station: tuple[Station, ...]
    profiles: Profiles
    web: Web | None = None
    alerts: Alerts | None = None
    sensor: tuple[Sensor, ...] = ()
    inspection: tuple[InspectionKeys, ...] = ()
    circuit: tuple[Circuit, ...] = ()
    load: LoadKeys = field(default_factory=LoadKeys)
