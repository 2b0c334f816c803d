"""Adapters and profiles of the installed packages, by their entry points."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from gateway.config.site import AdapterModels, SensorModels
from gateway.contracts import Adapter, Extension, Profile
from gateway.contracts.sensing import SensorKind
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ADAPTERS = "stationlift.adapters"
SENSORS = "stationlift.sensors"
PROFILES = "stationlift.profiles"
VENDORS = "stationlift.vendors"


def load_adapters() -> dict[str, type[Adapter]]:
    """Name -> adapter class.

    Raises:
        GatewayError: `plugins-missing`, `plugin-broken` or `plugin-twice`.
    """
    return {name: _subclass(name, ADAPTERS, found, Adapter) for name, found in _load(ADAPTERS).items()}


def load_profiles() -> dict[str, type[Profile]]:
    """Name -> profile class.

    Raises:
        GatewayError: as load_adapters.
    """
    return {name: _subclass(name, PROFILES, found, Profile) for name, found in _load(PROFILES).items()}


def load_extensions() -> tuple[type[Extension], ...]:
    """The classes that answer messages of vendors, one for each vendor; there need be none.

    Raises:
        GatewayError: `plugin-broken` or `plugin-twice`.
    """
    found = [_subclass(name, VENDORS, each, Extension) for name, each in _load(VENDORS, needed=False).items()]
    vendors = [each.vendor.casefold() for each in found]
    twice = next((vendor for vendor in vendors if vendors.count(vendor) > 1), None)
    if twice is not None:
        raise GatewayError("plugin-twice", name=twice, group=VENDORS)
    return tuple(found)


def load_sensors(wanted: Collection[str] | None = None) -> dict[str, type[SensorKind]]:
    """Name -> kind of sensor; of all that are installed, or of those that are wanted.

    Raises:
        GatewayError: as load_adapters.
    """
    loaded = _load(SENSORS, needed=wanted is None, wanted=wanted)
    return {name: _subclass(name, SENSORS, found, SensorKind) for name, found in loaded.items()}


def sensor_models(kinds: Mapping[str, type[SensorKind]]) -> dict[str, SensorModels]:
    """The keys that kinds of sensors bring to the site file."""
    return {
        name: SensorModels(keys=each.Keys, points=each.points, signs=each.signs, lines=each.lines)
        for name, each in kinds.items()
    }


def profile_names() -> frozenset[str]:
    """Names of the installed profiles, without importing them."""
    return frozenset(each.name for each in entry_points(group=PROFILES))


def adapter_models(adapters: Mapping[str, type[Adapter]]) -> dict[str, AdapterModels]:
    """The tables that adapters bring to the site file."""
    return {
        name: AdapterModels(
            site=each.SiteConfig,
            station=each.StationConfig,
            unfit=each.unfit,
            lines=each.lines,
            own_limit=each.own_limit,
            controls=each.controls,
        )
        for name, each in adapters.items()
    }


def _load(group: str, *, needed: bool = True, wanted: Collection[str] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for point in entry_points(group=group):
        if wanted is not None and point.name not in wanted:
            continue
        if point.name in found:
            raise GatewayError("plugin-twice", name=point.name, group=group)
        try:
            found[point.name] = point.load()
        except (ImportError, AttributeError) as error:
            raise GatewayError("plugin-broken", name=point.name, group=group, reason=str(error)) from error
    if needed and not found:
        raise GatewayError("plugins-missing", group=group)
    return found


def _subclass(name: str, group: str, found: Any, base: type[Any]) -> Any:  # noqa: ANN401 - an entry point may be anything
    if not (isinstance(found, type) and issubclass(found, base)):
        raise GatewayError("plugin-broken", name=name, group=group, reason=f"no {base.__name__}")
    return found
