"""How the messages of one OCPP version over SOAP are described: tables of fields in the order of the WSDL."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from adapters.ocpp_soap.message import Kind
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Type(Enum):
    """What the text of an element or attribute is."""

    TEXT = auto()
    INTEGER = auto()
    DECIMAL = auto()
    BOOLEAN = auto()
    MOMENT = auto()


class Service(Enum):
    """Who is called."""

    CENTRAL_SYSTEM = "Cs"
    CHARGE_POINT = "Cp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """An enumeration; ``aliases`` maps what stations send instead, in lower case, to what they mean."""

    values: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)
    exact: frozenset[str] = field(init=False, repr=False, compare=False)
    by_casefold: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "exact", frozenset(self.values))
        table = {**self.aliases, **{value.casefold(): value for value in self.values}}
        object.__setattr__(self, "by_casefold", table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A structured element.

    ``content`` names the field that is the text of the element itself (a MeterValue's value), which then has
    ``attributes`` and no children.
    """

    fields: tuple[Field, ...] = ()
    attributes: tuple[Field, ...] = ()
    content: Field | None = None
    by_name: Mapping[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        members = {item.name: item for item in (*self.fields, *self.attributes)}
        if self.content is not None:
            members[self.content.name] = self.content
        members.update({item.name.lower(): item for item in members.values()})
        object.__setattr__(self, "by_name", members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One element or attribute.

    ``verbatim`` text is kept to the last blank; other text is trimmed, and a text of "null" counts as absent.
    """

    name: str
    type: Type = Type.TEXT
    required: bool = False
    many: bool = False
    max_length: int = 0
    choices: Choices | None = None
    record: Record | None = None
    verbatim: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of one service."""

    name: str
    request: Record = Record()
    response: Record = Record()

    @property
    def stem(self) -> str:
        """The name as body elements start with it."""
        return self.name[0].lower() + self.name[1:]

    def record(self, kind: Kind) -> Record:
        """The fields of one half."""
        return self.request if kind is Kind.REQUEST else self.response

    def element(self, kind: Kind) -> str:
        """Local name of the body element."""
        return self.stem + kind.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All messages of one version, and its namespaces (OCPP-S 1.6, table 2)."""

    version: str
    central_system_namespace: str
    charge_point_namespace: str
    fault_namespace: str
    central_system: tuple[Operation, ...]
    charge_point: tuple[Operation, ...]
    by_element: Mapping[tuple[Service, str], tuple[Operation, Kind]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found: dict[tuple[Service, str], tuple[Operation, Kind]] = {}
        for service in Service:
            for operation in self.operations(service):
                stem = operation.stem.lower()
                found[service, stem + "request"] = operation, Kind.REQUEST
                for ending in ("response", "confirmation"):
                    found[service, stem + ending] = operation, Kind.RESPONSE
        object.__setattr__(self, "by_element", found)

    def operations(self, service: Service) -> tuple[Operation, ...]:
        """All operations of a service."""
        return self.central_system if service is Service.CENTRAL_SYSTEM else self.charge_point

    def namespace(self, service: Service) -> str:
        """The namespace of a service."""
        return self.central_system_namespace if service is Service.CENTRAL_SYSTEM else self.charge_point_namespace

    def operation(self, service: Service, name: str) -> Operation:
        """Find an operation by its name.

        Raises:
            GatewayError: ``operation-unknown``.
        """
        return self.find(service, name + Kind.REQUEST.value)[0]

    def has(self, service: Service, element: str) -> bool:
        """Tell whether a body element is one of a service's, by its local name in any capitalisation."""
        return (service, element.lower()) in self.by_element

    def find(self, service: Service, element: str) -> tuple[Operation, Kind]:
        """Find what a body element is, by its local name in any capitalisation.

        Raises:
            GatewayError: ``operation-unknown``.
        """
        found = self.by_element.get((service, element.lower()))
        if found is None:
            raise GatewayError("operation-unknown", version=self.version, element=element[:80])
        return found
