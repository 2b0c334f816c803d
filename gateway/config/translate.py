"""pydantic's errors as problems with our codes."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, cast

from gateway.config.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

    from gateway.config.positions import KeyPath

# pydantic's error type -> the kind of TOML value that is expected; these words are TOML's own in every language.
_EXPECTED = {
    "string_type": "string",
    "string_sub_type": "string",
    "int_type": "integer",
    "int_from_float": "integer",
    "float_type": "integer / float",
    "bool_type": "boolean",
    "tuple_type": "array",
    "list_type": "array",
    "dict_type": "table",
    "model_type": "table",
    "model_attributes_type": "table",
    "is_instance_of": "string",
    "path_type": "string",
    "date_type": "date",
}
_LIMITS = {
    "greater_than": ("gt", ">"),
    "greater_than_equal": ("ge", "≥"),
    "less_than": ("lt", "<"),
    "less_than_equal": ("le", "≤"),
}


def toml_type(value: object) -> str:
    """TOML's name for the kind of a value."""
    kinds = ((bool, "boolean"), (int, "integer"), (float, "float"), (str, "string"), (list, "array"), (dict, "table"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "date")


def suggest(word: object, known: Iterable[str]) -> str | None:
    """The known word that a wrong one was probably meant to be."""
    folded = {each.casefold(): each for each in known}
    close = get_close_matches(str(word).casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def table_name(path: KeyPath) -> str:
    """A table's path as it is written in a TOML header; the document itself is `site`."""
    return "[" + (".".join(str(part) for part in path if isinstance(part, str)) or "site") + "]"


def problems(
    error: ValidationError, model: type[BaseModel], base: KeyPath, also: Iterable[str] = ()
) -> Iterator[Problem]:
    """Every error of one validation.

    Args:
        error: What pydantic found.
        model: The model that was applied.
        base: Key path of the table that was validated.
        also: Keys that are known in the same table though the model does not have them.
    """
    for details in error.errors(include_url=False):
        if _miscounted(details):
            continue
        place = details["loc"]
        fields = _model_at(model, place[:-1]).model_fields.items()
        keys = {each.alias or name for name, each in fields}
        known = frozenset(keys) | frozenset(also if len(place) == 1 else ())
        yield _problem(_Fault(details, base + place, known))


def _miscounted(details: ErrorDetails) -> bool:
    """Whether pydantic calls an array too short only because some of its entries are not valid."""
    entries = details["input"]
    return details["type"] == "too_short" and isinstance(entries, list) and len(entries) >= details["ctx"]["min_length"]


class _Fault:
    """One error of pydantic, with its place in the document."""

    def __init__(self, details: ErrorDetails, path: KeyPath, known: frozenset[str]) -> None:
        self.kind = details["type"]
        self.value: object = details["input"]
        self.reason = details["msg"]
        self.ctx: Mapping[str, object] = details.get("ctx", {})
        self.path = path
        self.key = next((part for part in reversed(path) if isinstance(part, str)), "")
        self.table = table_name(path[:-1])
        self.known = known

    def problem(self, code: str, **params: object) -> Problem:
        return Problem(code=code, path=self.path, params={"key": self.key, **params})


def _problem(fault: _Fault) -> Problem:
    translator = _TRANSLATORS.get(fault.kind)
    if translator is not None:
        return translator(fault)
    if fault.kind in _EXPECTED:
        return fault.problem("wrong-type", expected=_EXPECTED[fault.kind], found=toml_type(fault.value))
    if fault.kind in _LIMITS:
        name, sign = _LIMITS[fault.kind]
        return fault.problem("out-of-range", value=fault.value, limit=f"{sign} {fault.ctx[name]}")
    if "-" in fault.kind:  # one of our own codes, from gateway.config.fields or from an adapter's model
        return fault.problem(fault.kind, **fault.ctx)
    return fault.problem("invalid-value", reason=fault.reason)


def _missing(fault: _Fault) -> Problem:
    return Problem(code="missing-key", path=fault.path[:-1], params={"key": fault.key, "table": fault.table})


def _unknown(fault: _Fault) -> Problem:
    params = {"key": fault.key, "table": fault.table}
    meant = suggest(fault.key, fault.known)
    return Problem(code="unknown-key", path=fault.path, params=params, on_key=True, suggestion=meant)


def _literal(fault: _Fault) -> Problem:
    expected = str(fault.ctx["expected"])
    wanted = "string" if expected.startswith("'") else "integer"
    if toml_type(fault.value) != wanted:
        return fault.problem("wrong-type", expected=wanted, found=toml_type(fault.value))
    allowed = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    params = {"key": fault.key, "value": fault.value, "allowed": ", ".join(allowed)}
    return Problem(code="unknown-value", path=fault.path, params=params, suggestion=suggest(fault.value, allowed))


def _infinite(fault: _Fault) -> Problem:
    return fault.problem("out-of-range", value=fault.value, limit="< ∞")


def _too_long(fault: _Fault) -> Problem:
    return fault.problem("wrong-length", length=len(str(fault.value)), limit=f"≤ {fault.ctx['max_length']}")


def _too_short(fault: _Fault) -> Problem:
    return fault.problem("wrong-length", length=len(str(fault.value)), limit=f"≥ {fault.ctx['min_length']}")


def _too_few(fault: _Fault) -> Problem:
    return fault.problem("too-few", minimum=fault.ctx["min_length"])


_TRANSLATORS: Mapping[str, Callable[[_Fault], Problem]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _literal,
    "enum": _literal,
    "finite_number": _infinite,
    "string_too_long": _too_long,
    "string_too_short": _too_short,
    "too_short": _too_few,
}


def _model_at(model: type[BaseModel], place: tuple[str | int, ...]) -> type[BaseModel]:
    """The model of a table inside a model, found by the annotations of its fields."""
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            model = _inner(model.model_fields[part].annotation) or model
    return model


def _inner(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        return cast("type[BaseModel]", annotation)
    found = (_inner(each) for each in getattr(annotation, "__args__", ()))
    return next((each for each in found if each is not None), None)
