"""`stationlift family probe ID --connection '{ ... }'`: read everything that a real station has, and write nothing."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import tomli
from pydantic import ValidationError

from gateway.cli.families import add_site, base_of, family_paths, table
from gateway.config.fields import Surroundings
from gateway.config.translate import problems
from gateway.family.load import read_family
from gateway.model.errors import GatewayError
from gateway.plugins import load_adapters

if TYPE_CHECKING:
    import argparse

    from gateway.cli.tools import Tools
    from gateway.contracts import Adapter, Look

ADAPTERS = {"modbus-ascii": "modbus", "ascii-line": "line", "http-json": "http", "udp-json": "udp"}
"""Kind of family -> adapter, where they are not named alike."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("family", metavar="FILE_OR_ID", help="family file, or id of a family")
    parser.add_argument(
        "--connection",
        required=True,
        metavar="TABLE",
        help="as in the site file, such as '{ tcp = \"192.168.1.30:502\", unit = 1 }'",
    )
    add_site(parser)


def run(args: argparse.Namespace, tools: Tools) -> int:
    """0 if every point that has to be there has a value that makes sense, 1 if not."""
    base = base_of(args)
    file = read_family(family_paths([args.family], base)[0])
    adapter = load_adapters()[ADAPTERS.get(file.base.kind, file.base.kind)]
    options = _options(adapter, {"family": file, "connection": _table(args.connection)}, Surroundings(base=base))
    words, looks = tools.catalogue, asyncio.run(_looks(adapter, options))
    optional = {
        name for name, point in file.base.points.items() if point.optional or point.nan or point.poll == "event"
    }
    rows = [_row(each, words.word(f"probe-{each.problem}") if each.problem else "") for each in looks]
    print(table((words.word("probe-point"), words.word("probe-value"), ""), rows))
    bad = [each for each in looks if each.problem and each.point not in optional]
    print("\n" + words.word("probe-summary", points=len(looks), bad=len(bad)), file=sys.stderr)
    return int(bool(bad))


def _table(text: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = tomli.loads(f"connection = {text}")["connection"]
    except tomli.TOMLDecodeError as error:
        raise GatewayError("probe-connection", value=text, reason=str(error)) from error
    if not isinstance(found, dict):
        raise GatewayError("probe-connection", value=text, reason="{ }")
    return found


def _options(adapter: type[Adapter], keys: dict[str, Any], around: Surroundings) -> Any:  # noqa: ANN401 the adapter's own
    try:
        return adapter.StationConfig.model_validate(keys, context=around)
    except ValidationError as error:
        first = next(iter(problems(error, adapter.StationConfig, ())))
        raise GatewayError(first.code, **{"key": ".".join(map(str, first.path)), **first.params}) from error


async def _looks(adapter: type[Adapter], options: Any) -> list[Look]:  # noqa: ANN401 as above
    return [each async for each in adapter.look(options)]


def _row(look: Look, problem: str) -> tuple[str, str, str]:
    value = look.value
    if isinstance(value, tuple):
        shown = "  ".join("-" if each is None else str(each) for each in value)
    else:
        shown = "-" if value is None else str(value)
    return look.point, f"{shown} {look.unit}".rstrip(), problem
