"""What a command is given from outside, and what it must offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Collection, Mapping

    from gateway.config.site import AdapterModels, SensorModels
    from gateway.contracts import Adapter
    from gateway.locale import Catalogue


def _installed_adapters() -> Mapping[str, AdapterModels]:
    from gateway.plugins import adapter_models, load_adapters  # noqa: PLC0415 - only some commands need the adapters

    return adapter_models(load_adapters())


def _installed_sensors() -> Mapping[str, SensorModels]:
    from gateway.plugins import load_sensors, sensor_models  # noqa: PLC0415 - as above

    return sensor_models(load_sensors())


def _installed_scanners() -> Collection[type[Adapter]]:
    from gateway.plugins import load_adapters  # noqa: PLC0415 - as above

    return load_adapters().values()


def _installed_profiles() -> Collection[str]:
    from gateway.plugins import profile_names  # noqa: PLC0415 - as above

    return profile_names()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Texts, and the plug-ins that a site may name."""

    catalogue: Catalogue
    adapters: Callable[[], Mapping[str, AdapterModels]] = _installed_adapters
    profiles: Callable[[], Collection[str]] = _installed_profiles
    sensors: Callable[[], Mapping[str, SensorModels]] = _installed_sensors
    scanners: Callable[[], Collection[type[Adapter]]] = _installed_scanners


class Command(Protocol):
    """A command's module."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's own options."""

    def run(self, args: argparse.Namespace, tools: Tools) -> int:
        """Do it; the exit code.

        Raises:
            GatewayError: an expected failure.
        """


def sentence(text: str) -> str:
    """A help text as a sentence; names keep their capitals."""
    return f"{text[:1].upper()}{text[1:]}."
