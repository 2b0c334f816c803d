"""`stationlift schema`: the JSON Schema of the site file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gateway.config.schema import schema_text, site_schema

if TYPE_CHECKING:
    import argparse

    from gateway.cli.tools import Tools


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""
    del parser


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Print the schema, with the parts of the adapters that are installed."""
    del args
    sys.stdout.write(schema_text(site_schema(tools.adapters(), tools.profiles(), tools.sensors())))
    return 0
