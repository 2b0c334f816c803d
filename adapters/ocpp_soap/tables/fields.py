"""Short words for the fields that message tables are made of."""

from __future__ import annotations

from adapters.ocpp_soap.schema import Choices, Field, Record, Type

ID_TAG = 20
"""Longest idTag that the WSDLs of 1.5 and 1.6 allow."""


def text(name: str, max_length: int = 0, *, required: bool = False) -> Field:
    """A text; 0: of any length."""
    return Field(name=name, max_length=max_length, required=required)


def number(name: str, *, required: bool = False) -> Field:
    """An integer of 32 bits."""
    return Field(name=name, type=Type.INTEGER, required=required)


def decimal(name: str, *, required: bool = False) -> Field:
    """A decimal number."""
    return Field(name=name, type=Type.DECIMAL, required=required)


def moment(name: str, *, required: bool = False) -> Field:
    """A date and time."""
    return Field(name=name, type=Type.MOMENT, required=required)


def verbatim(name: str, max_length: int = 0, *, required: bool = False) -> Field:
    """A text that is kept as it is."""
    return Field(name=name, max_length=max_length, required=required, verbatim=True)


def choice(name: str, choices: Choices, *, required: bool = False) -> Field:
    """One of an enumeration."""
    return Field(name=name, choices=choices, required=required)


def part(name: str, record: Record, *, required: bool = False) -> Field:
    """A structure."""
    return Field(name=name, record=record, required=required)


def parts(name: str, record: Record, *, required: bool = False) -> Field:
    """A structure that may come many times."""
    return Field(name=name, record=record, many=True, required=required)


def status(choices: Choices) -> Record:
    """An answer that is a status."""
    return Record(fields=(choice("status", choices, required=True),))


CONNECTOR = number("connectorId", required=True)
RETRIES = (number("retries"), number("retryInterval"))
