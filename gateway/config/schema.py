"""JSON Schema of the site file, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from pydantic.json_schema import models_json_schema

from gateway.config.alerts import Alerts
from gateway.config.bundle import BundleKeys
from gateway.config.circuit import CircuitKeys, MeterKeys
from gateway.config.draft import LATER_SECTIONS
from gateway.config.inspection import InspectionKeys
from gateway.config.load_keys import LoadKeys
from gateway.config.sensor import SensorKeys, ValueKeys
from gateway.config.site import Backend, Box, Profiles, StationKeys, Web

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pydantic import BaseModel

    from gateway.config.site import AdapterModels, SensorModels

Schema = dict[str, Any]

_IN_EVSE = frozenset({"Connector", "ControlKeys", "DataTransfer", "Evse"})
"""What the table of an EVSE refers to."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def site_schema(
    adapters: Mapping[str, AdapterModels],
    profiles: Collection[str] = (),
    sensors: Mapping[str, SensorModels] | None = None,
) -> Schema:
    """The schema of a whole site file with the parts of these adapters; the same input gives the same schema."""
    names = sorted(adapters)
    models: list[type[BaseModel]] = [Box, Backend, Profiles, StationKeys, Web, Alerts, InspectionKeys]
    models += [model for name in names for model in (adapters[name].site, adapters[name].station)]
    kinds = {name: (sensors or {})[name].keys for name in sorted(sensors or {})}
    models += [SensorKeys, ValueKeys, BundleKeys, CircuitKeys, MeterKeys, LoadKeys, *kinds.values()]
    parts, shared = models_json_schema([(model, "validation") for model in models], ref_template="#/$defs/{model}")
    definitions: Schema = shared.get("$defs", {})

    def resolved(model: type[BaseModel]) -> Schema:
        reference = parts[model, "validation"]["$ref"].removeprefix("#/$defs/")
        found: Schema = definitions[reference]
        return found

    stations = [_station(name, resolved(StationKeys), resolved(adapters[name].station)) for name in names]
    top: Schema = {
        "box": resolved(Box),
        "backend": resolved(Backend),
        "southbound": {
            "type": "object",
            "description": "One table for each southbound adapter that the site uses.",
            "properties": {name: resolved(adapters[name].site) for name in names},
            "additionalProperties": False,
        },
        "station": {
            "type": "array",
            "minItems": 1,
            "description": "The legacy charging stations.",
            "items": stations[0] if len(stations) == 1 else {"oneOf": stations},
        },
        "sensor": {
            "type": "array",
            "description": "Added hardware, and what it gives.",
            "items": {
                "oneOf": [
                    _sensor(name, resolved(SensorKeys), resolved(ValueKeys), resolved(own))
                    for name, own in kinds.items()
                ]
            },
        },
        "inspection": {
            "type": "array",
            "description": "Components that are inspected again and again.",
            "items": resolved(InspectionKeys),
        },
        "bundle": {
            "type": "array",
            "description": "Named sets of sensors, with what only this site knows.",
            "items": resolved(BundleKeys),
        },
        "profiles": _profiles(resolved(Profiles), profiles),
        "web": resolved(Web),
        "alerts": resolved(Alerts),
    }
    meters = [_meter(name, resolved(MeterKeys), resolved(own)) for name, own in kinds.items()]
    top["circuit"] = {
        "type": "array",
        "description": "The fuse tree that load management keeps whole.",
        "items": _circuit(resolved(CircuitKeys), resolved(MeterKeys), meters),
    }
    top["load"] = resolved(LoadKeys)
    for later in LATER_SECTIONS:
        del top[later]
    if not kinds:
        del top["sensor"], top["bundle"]
    used = {key: value for key, value in definitions.items() if key in _IN_EVSE or _referred(key, top)}
    return {
        "$schema": DIALECT,
        "title": "Stationlift site file",
        "type": "object",
        "properties": top,
        "required": ["box", "backend", "station"],
        "additionalProperties": False,
        "$defs": used,
    }


def schema_text(schema: Schema) -> str:
    """A schema as the text of its file."""
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE).decode()


def _station(adapter: str, common: Schema, own: Schema) -> Schema:
    """A closed object of the common keys and one adapter's keys."""
    return {
        "type": "object",
        "title": f"Station on {adapter}",
        "properties": {**common["properties"], **own["properties"], "adapter": {"const": adapter}},
        "required": [*common.get("required", ()), *own.get("required", ())],
        "additionalProperties": False,
    }


def _sensor(kind: str, common: Schema, value: Schema, own: Schema) -> Schema:
    """A closed object of the common keys, one kind's keys, and one value or several."""
    several = {"type": "array", "minItems": 1, "description": "The variables that it gives.", "items": value}
    return {
        "type": "object",
        "title": f"Sensor on {kind}",
        "properties": {
            **common["properties"], **value["properties"], **own["properties"], "kind": {"const": kind}, "value": several,
        },
        "required": [*common.get("required", ()), *own.get("required", ())],
        "anyOf": [{"required": value["required"]}, {"required": ["value"]}],
        "additionalProperties": False,
    }  # fmt: skip


def _circuit(schema: Schema, reference: Schema, meters: list[Schema]) -> Schema:
    """A circuit, whose meter is a sensor by its name or one that is described in place."""
    named = {**reference, "required": ["sensor"], "title": "Meter that is a sensor of the site"}
    meter = {"description": "What shows all that flows through it.", "oneOf": [{"type": "string"}, named, *meters]}
    return {**schema, "properties": {**schema["properties"], "meter": meter}}


def _meter(kind: str, reference: Schema, own: Schema) -> Schema:
    """A closed object of one kind's keys."""
    keys = {key: value for key, value in reference["properties"].items() if key != "sensor"}
    name = {
        "type": "string",
        "minLength": 1,
        "maxLength": 50,
        "description": "What people call it; the circuit if absent.",
    }
    return {
        "type": "object",
        "title": f"Meter on {kind}",
        "properties": {
            **own["properties"], **keys, "name": name,
            "kind": {"const": kind, "description": "How it is reached."},
        },
        "required": ["kind", *own.get("required", ())],
        "additionalProperties": False,
    }  # fmt: skip


def _profiles(schema: Schema, names: Collection[str]) -> Schema:
    items = {"type": "string", "enum": sorted(names)} if names else {"type": "string"}
    disable = {**schema["properties"]["disable"], "items": items}
    return {**schema, "properties": {**schema["properties"], "disable": disable}}


def _referred(name: str, schema: Schema) -> bool:
    return f'"#/$defs/{name}"'.encode() in orjson.dumps(schema)
