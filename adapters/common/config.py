"""The keys of ``[[station]]`` that every family station has; each adapter adds its ``connection``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    InstanceOf,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError
from typing_extensions import override

from adapters.common.doubts import doubts
from adapters.common.wire import Pool, pool_class
from gateway.config.fields import Amperes, Listen, Many, Section, Surroundings
from gateway.family.library import find_family
from gateway.family.load import FamilyFile, FamilyInvalid
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.config.fields import Remark


def _family(value: object, info: ValidationInfo) -> FamilyFile:
    if isinstance(value, FamilyFile):
        return value
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    around = info.context if isinstance(info.context, Surroundings) else None
    try:
        return find_family(value, around.base if around else None)
    except FamilyInvalid as error:
        params = {"file": str(error.file), "errors": len(error.findings)}
        raise PydanticCustomError("family-invalid", "bad family", params) from error
    except GatewayError as error:
        raise PydanticCustomError("family-unknown", "unknown family", error.params) from error


FamilyName = Annotated[InstanceOf[FamilyFile], BeforeValidator(_family), WithJsonSchema({"type": "string"})]
"""Id of a family: one of those that come with the box, or ``families/<id>.toml`` beside the site file."""


class Meter(Section):
    """``meter = { ... }``: an added meter that measures this EVSE."""

    family: FamilyName = Field(description="Family of the meter.")
    connection: dict[str, Any] = Field(description="Where it is, as for a station of that kind.")

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        try:
            self.place()
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            params = {"key": ".".join(map(str, first["loc"])), "reason": first["type"]}
            raise PydanticCustomError("connection-wrong", "bad connection", params) from error
        return self

    def place(self) -> BaseModel:
        """The connection as the pool of the meter's kind wants it."""
        return pool_class(self.family.base.kind).Connection.model_validate(self.connection)


class CardReader(Section):
    """``reader = { ... }``: an added card reader that writes each card's number as a line of text."""

    serial: str | None = Field(None, description="Serial device, such as /dev/ttyUSB1.")
    baud: Annotated[int, Field(ge=300, le=1_000_000)] = 9600
    tcp: Listen | None = Field(None, description="host:port of a reader in the network.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.serial is None) is (self.tcp is None):
            raise PydanticCustomError("reader-ways", "not one way")
        return self


class FamilyKeys(Section):
    """What is said of a family station. Each adapter's own model adds ``connection`` and names its pool."""

    PoolClass: ClassVar[type[Pool]]

    family: FamilyName = Field(description="Family of the station, such as heidelberg-ec.")
    variants: Many[str] = Field((), description="Variants of the family, instead of what probing shows.")
    authorization: Literal["free_vend", "token_reader", "central"] = Field(
        "token_reader", description="Who may charge: anybody; cards at a reader; only whom the backend starts."
    )
    nameplate_current: Amperes | None = Field(None, description="A per phase on the station's nameplate.")
    failsafe_current: Annotated[float, Field(ge=0, le=3000)] | None = Field(
        None, description="A per phase when the box is away; the family's own way if absent."
    )
    failsafe_timeout: Annotated[float, Field(ge=1, le=3600)] | None = Field(
        None, description="Seconds without the box after which the station falls back, where it can be set."
    )
    energy: Literal["auto", "station", "meter", "integrate"] = Field(
        "auto", description="Where energy comes from: the station's meter, an added one, or power over time."
    )
    meter: Meter | None = Field(None, description="Added meter.")
    reader: CardReader | None = Field(None, description="Added card reader.")

    @property
    def where(self) -> BaseModel:
        """The ``connection`` of the adapter's own model."""
        found: BaseModel = getattr(self, "connection")  # noqa: B009 - declared by each adapter
        return found

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        """The family is one for this adapter, and can be reached so. Making a wire touches no network."""
        family = self.family.base
        if self.energy == "meter" and self.meter is None:
            raise PydanticCustomError("meter-missing", "no meter")
        if family.meta.role == "meter":
            raise PydanticCustomError("family-meter", "a meter is no station", {"value": family.meta.id})
        if family.meta.role == "sensor":
            raise PydanticCustomError("family-sensor", "a sensor is no station", {"value": family.meta.id})
        if family.kind not in self.PoolClass.kinds:
            params = {"value": family.meta.id, "kind": family.kind, "kinds": ", ".join(sorted(self.PoolClass.kinds))}
            raise PydanticCustomError("family-other-adapter", "another adapter's family", params)
        try:
            self.PoolClass().wire(self.where, family, 1)
        except GatewayError as error:
            reason = {"code": error.code, **{key: str(value) for key, value in error.params.items()}}
            params = {"reason": ", ".join(map(str, reason.values()))}
            raise PydanticCustomError("connection-unfit", "connection and family do not fit", params) from error
        return self

    @override
    def remarks(self) -> Iterator[Remark]:
        """Guesses in the facts of the family, and of the added meter's."""
        yield from doubts(self.family.base)
        if self.meter is not None:
            yield from doubts(self.meter.family.base, ("meter", "family"))
