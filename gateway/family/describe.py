"""The keys of family files as tables for people, taken from the models that check them. Pure."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from gateway.family import control, family, link, points, signing, state
from gateway.family.expression import Expression
from gateway.family.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

_WORDS: dict[object, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true / false",
    Any: "any",
    Expression: "expression",
    Template: "text with places",
}
_LIMITS = (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a table.

    Attributes:
        name: As it is written.
        type: In the words of TOML, with its limits.
        required: It has to be given.
        default: What holds without it; "" for nothing.
        text: What it means.
    """

    name: str
    type: str
    required: bool
    default: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTable:
    """The keys of one TOML table."""

    heading: str
    text: str
    keys: tuple[Key, ...]


_TABLES: tuple[tuple[str, type[BaseModel], type[BaseModel] | None], ...] = (
    ("The file", family.Family, None),
    ("[meta]", family.Meta, None),
    ("[link], every kind", link.Link, None),
    ("[link.poll]", link.Rates, None),
    ("[link.instances]", link.Instances, None),
    ("[link] of modbus", link.ModbusLink, link.Link),
    ("[link.chain] of modbus", link.Chain, None),
    ("[link] of modbus-ascii", link.AsciiLink, link.Link),
    ("[link] of ascii-line", link.LineLink, link.Link),
    ("[link] of mqtt", link.MqttLink, link.Link),
    ("[link] of http-json", link.HttpLink, link.Link),
    ("[link] of udp-json", link.UdpLink, link.Link),
    ("[frames] of modbus-ascii", link.Frame, None),
    ("[framing] of ascii-line", link.Framing, None),
    ("[framing.checksum]", link.Checksum, None),
    ("[framing.sequence]", link.Sequence, None),
    ("[commands] of ascii-line", link.LineCommand, None),
    ("[unasked] of ascii-line", link.Unasked, None),
    ("[topics] of mqtt", link.Topic, None),
    ("[requests] of http-json", link.Request, None),
    ("[commands] of udp-json", link.Datagram, None),
    ("[points], every kind", points.Point, None),
    ("[points] of modbus", points.RegisterPoint, points.Point),
    ("[points] of modbus-ascii", points.FramePoint, points.Point),
    ("[points] of ascii-line", points.FieldPoint, points.Point),
    ("[points] of mqtt, http-json and udp-json", points.PathPoint, points.Point),
    ("[state]", state.StateRules, None),
    ("A rule of [state]", state.Rule, None),
    ("[control]", control.Control, None),
    ("[control.limit]", control.LimitControl, None),
    ("verify of [control.limit]", control.Verify, None),
    ("[control.enable], [control.lock], [control.availability]", control.SwitchControl, None),
    (
        "[control.start], [control.stop], [control.authorize], [control.unlock], [control.reset], [control.wake_ev]",
        control.SequenceControl,
        None,
    ),
    ("[control.phases]", control.PhasesControl, None),
    ("A step", control.Step, None),
    ("[watchdog]", control.Watchdog, None),
    ("[signing]", signing.Signing, None),
    ("[init], [safe]", family.Sequence, None),
    ("[[variant]]", family.Variant, None),
    ("probe of [[variant]]", family.Probe, None),
    ("[[vector]]", family.Vector, None),
)
"""Heading, model, and the model whose keys have a table of their own."""


def key_tables() -> Iterator[KeyTable]:
    """Every table of a family file, in the order in which one writes them."""
    for heading, model, without in _TABLES:
        known = without.model_fields if without is not None else {}
        fields = {name: field for name, field in model.model_fields.items() if name not in known}
        keys = tuple(_key(name, field) for name, field in fields.items())
        yield KeyTable(heading=heading, text=_text(model), keys=keys)


def _text(model: type[BaseModel]) -> str:
    return inspect.cleandoc(model.__doc__ or "").replace("``", "`")


def _key(name: str, field: FieldInfo) -> Key:
    kind = type_text(field.annotation)
    limits = [
        f"{sign} {_number(getattr(each, attribute))}"
        for each in field.metadata
        for attribute, sign in _LIMITS
        if isinstance(getattr(each, attribute, None), int | float)
    ]
    return Key(
        name=field.alias or name,
        type=" ".join([kind, *limits]),
        required=field.is_required(),
        default=_default(field),
        text=(field.description or "").replace("``", "`"),
    )


def _number(limit: float) -> str:
    return str(int(limit)) if limit == int(limit) else str(limit)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, BaseModel) or value in (None, "", (), {}):
        return ""
    return str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')


def type_text(annotation: object) -> str:
    """A type in the words of TOML."""
    if annotation in _WORDS:
        return _WORDS[annotation]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_text(inner[0])
    if origin is Literal:
        return ", ".join(str(each) if isinstance(each, int) else f'"{each}"' for each in inner)
    if origin in {Union, UnionType}:
        words = dict.fromkeys(type_text(each) for each in inner if each is not NoneType)
        return " or ".join(words)
    if origin is tuple:
        return f"list of {type_text(inner[0])}"
    if origin is dict:
        return f"table of {type_text(inner[1])}"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "state"
    return "table"
