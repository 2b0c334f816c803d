"""``[[circuit]]`` tables: what is valid becomes a draft, what is not becomes problems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from pydantic import BaseModel, ValidationError

from gateway.config.circuit import CircuitKeys, MeterKeys
from gateway.config.findings import Problem
from gateway.config.tables import tables
from gateway.config.translate import problems, toml_type

if TYPE_CHECKING:
    from gateway.config.draft_sensors import SensorDraft, SensorReader
    from gateway.config.fields import Surroundings
    from gateway.config.positions import KeyPath

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitDraft:
    """One table; a part that is not valid is None.

    Attributes:
        id: Its name as it stands there, "" if it has none.
        meter: What of a sensor shows the currents; its ``sensor`` names one of the site.
        metered: A meter is named, valid or not.
    """

    path: KeyPath
    id: str
    keys: CircuitKeys | None
    meter: MeterKeys | None = None
    metered: bool = False

    @property
    def meter_path(self) -> KeyPath:
        """Where the meter stands."""
        return (*self.path, "meter")


class CircuitReader:
    """Reads the tables. A meter that is described in place is a sensor like others, and is read by their reader."""

    def __init__(self, sensors: SensorReader, around: Surroundings, found: list[Problem]) -> None:
        self._sensors = sensors
        self._around = around
        self._found = found

    def read(self, value: object) -> tuple[tuple[CircuitDraft, ...], tuple[SensorDraft, ...]]:
        """The drafts of all tables, and the meters that they describe."""
        circuits, meters = [], []
        for path, raw in tables(value, ("circuit",), self._found):
            own = {key: each for key, each in raw.items() if key != "meter"}
            keys = self._validated(CircuitKeys, own, path, ("meter",))
            name = str(raw.get("id", ""))
            meter, sensor = self._meter(raw.get("meter"), name, (*path, "meter"))
            circuits.append(CircuitDraft(path=path, id=name, keys=keys, meter=meter, metered="meter" in raw))
            meters += [] if sensor is None else [sensor]
        return tuple(circuits), tuple(meters)

    def _meter(self, raw: object, circuit: str, path: KeyPath) -> tuple[MeterKeys | None, SensorDraft | None]:
        if raw is None:
            return None, None
        if isinstance(raw, str):
            return MeterKeys(sensor=raw), None
        if not isinstance(raw, dict):
            params = {"key": "meter", "expected": "string / table", "found": toml_type(raw)}
            self._found.append(Problem(code="wrong-type", path=path, params=params))
            return None, None
        table = cast("dict[str, object]", raw)
        if ("sensor" in table) is ("kind" in table):
            self._found.append(Problem(code="circuit-meter-ways", path=path))
            return None, None
        if "sensor" in table:
            return self._validated(MeterKeys, table, path), None
        own = {key: each for key, each in table.items() if key in MeterKeys.model_fields}
        sensor = {key: each for key, each in table.items() if key not in own}
        name = table.get("name", circuit)
        draft = self._sensors.meter({**sensor, "name": name}, path, tuple(MeterKeys.model_fields))
        return self._validated(MeterKeys, {**own, "sensor": str(name)}, path), draft

    def _validated(self, model: type[M], value: object, path: KeyPath, also: tuple[str, ...] = ()) -> M | None:
        try:
            return model.model_validate(value, context=self._around)
        except ValidationError as error:
            self._found.extend(problems(error, model, path, also))
            return None
