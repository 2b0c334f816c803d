"""Commands as a technician calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.cli import main
from gateway.cli.tools import Tools
from gateway.locale import Catalogue
from gateway.plugins import adapter_models, load_adapters
from tests.gateway.config.samples import ADAPTERS, PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.config.site import AdapterModels


def adapters() -> Mapping[str, AdapterModels]:
    return ADAPTERS


def installed() -> Mapping[str, AdapterModels]:
    """Every adapter of this package."""
    return adapter_models(load_adapters())


def call(
    *arguments: object, language: str = "en", adapters: Callable[[], Mapping[str, AdapterModels]] = adapters
) -> int:
    """The exit code of a command."""
    tools = Tools(catalogue=Catalogue.load(language), adapters=adapters, profiles=lambda: PROFILES)
    return main([str(each) for each in arguments], tools)
