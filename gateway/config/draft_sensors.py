"""``[[sensor]]`` tables: what is valid becomes a draft, what is not becomes problems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from gateway.config.findings import Problem
from gateway.config.sensor import SensorKeys, ValueKeys
from gateway.config.tables import tables
from gateway.config.translate import problems, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.config.fields import Surroundings
    from gateway.config.positions import KeyPath
    from gateway.config.site import SensorModels
    from gateway.contracts.sensing import SensorPoint

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueDraft:
    """One variable of a sensor; ``keys`` None: it is not valid."""

    path: KeyPath
    keys: ValueKeys | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorDraft:
    """One table; a part that is not valid is None. ``points`` are what it offers, as far as that is known."""

    path: KeyPath
    keys: SensorKeys | None
    options: BaseModel | None
    values: tuple[ValueDraft, ...]
    points: tuple[SensorPoint, ...] = ()

    @property
    def name(self) -> str:
        """What people call it: its name, or the component of its first value."""
        if self.keys is not None and self.keys.name is not None:
            return self.keys.name
        first = self.values[0].keys if self.values else None
        return first.component if first is not None else ""


class SensorReader:
    """Reads the tables, one by one; what is wrong is appended to ``found``."""

    def __init__(self, kinds: Mapping[str, SensorModels], around: Surroundings, found: list[Problem]) -> None:
        self._kinds = kinds
        self._around = around
        self._found = found

    def read(self, value: object) -> tuple[SensorDraft, ...]:
        """The drafts of all tables."""
        return tuple(self._sensor(raw, path) for path, raw in tables(value, ("sensor",), self._found))

    def _sensor(self, raw: dict[str, object], path: KeyPath) -> SensorDraft:
        common = {key: value for key, value in raw.items() if key in SensorKeys.model_fields}
        inline = {key: value for key, value in raw.items() if key in ValueKeys.model_fields}
        own = {key: value for key, value in raw.items() if key not in common and key not in inline and key != "value"}
        if "value" in raw and inline:
            params = {"keys": ", ".join(inline)}
            self._found.append(Problem(code="sensor-values-twice", path=(*path, "value"), params=params))
            values: tuple[ValueDraft, ...] = ()
        elif "value" in raw:
            several = tables(raw["value"], (*path, "value"), self._found)
            values = tuple(ValueDraft(path=at, keys=self._validated(ValueKeys, each, at)) for at, each in several)
        else:
            values = (ValueDraft(path=path, keys=self._validated(ValueKeys, inline, path)),)
        keys = self._validated(SensorKeys, common, path)
        return self._draft(path, keys, self._options(raw.get("kind"), own, path), values)

    def meter(self, raw: dict[str, object], path: KeyPath, also: tuple[str, ...]) -> SensorDraft:
        """A meter that is described where it is used: a sensor that gives no variable.

        Args:
            raw: Its table, without the keys of ``also``.
            path: Where it stands.
            also: Other keys that are known there.
        """
        common = {key: value for key, value in raw.items() if key in SensorKeys.model_fields}
        own = {key: value for key, value in raw.items() if key not in common}
        keys = self._validated(SensorKeys, common, path, also)
        return self._draft(path, keys, self._options(raw.get("kind"), own, path, also), ())

    def _draft(
        self, path: KeyPath, keys: SensorKeys | None, options: BaseModel | None, values: tuple[ValueDraft, ...]
    ) -> SensorDraft:
        points = self._kinds[keys.kind].points(options) if keys is not None and options is not None else ()
        return SensorDraft(path=path, keys=keys, options=options, values=values, points=points)

    def _options(
        self, kind: object, own: dict[str, object], path: KeyPath, others: tuple[str, ...] = ()
    ) -> BaseModel | None:
        if not isinstance(kind, str):
            return None
        if kind not in self._kinds:
            params = {"value": kind, "allowed": ", ".join(sorted(self._kinds))}
            meant = suggest(kind, self._kinds)
            self._found.append(
                Problem(code="unknown-sensor-kind", path=(*path, "kind"), params=params, suggestion=meant)
            )
            return None
        also = (*SensorKeys.model_fields, *(others or (*ValueKeys.model_fields, "value")))
        return self._validated(self._kinds[kind].keys, own, path, also)

    def _validated(self, model: type[M], value: object, path: KeyPath, also: tuple[str, ...] = ()) -> M | None:
        try:
            return model.model_validate(value, context=self._around)
        except ValidationError as error:
            self._found.extend(problems(error, model, path, also))
            return None
