"""`stationlift load explain`: why an EVSE has what it has, by every limit that has a say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.sites import read_site
from gateway.cli.status import PATIENCE_S, ask
from gateway.config.files import Nowhere
from gateway.config.findings import SiteInvalid
from gateway.json_line import from_line, to_line
from gateway.load.explain_server import Question, load_socket
from gateway.load.explanation import Explanation
from gateway.locale.limits import limit_text
from gateway.model.errors import GatewayError
from gateway.model.limits.reason import LimitReason

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from gateway.cli.tools import Tools
    from gateway.load.explanation import Explained, Said
    from gateway.locale import Catalogue


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    default = Path("/etc/stationlift/site.toml")
    parser.add_argument(
        "evse", metavar="STATION/EVSE", nargs="?", default="", help="one EVSE, or a station; all if absent"
    )
    parser.add_argument("--site", type=Path, default=default, metavar="FILE", help=f"site file of the box ({default})")


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Ask the box and print its answer."""
    examined = read_site(args.site, tools, Nowhere())
    if examined.site is None:
        raise SiteInvalid(args.site, examined.findings, examined.text)
    document = ask(load_socket(examined.site.box.data_dir), PATIENCE_S, to_line(Question(evse=args.evse)))
    try:
        answer = from_line(Explanation, document)
    except ValueError as error:
        raise GatewayError("status-unreadable", value=str(args.site)) from error
    if answer.error:
        raise GatewayError(answer.error, **answer.params)
    print("\n\n".join("\n".join(lines_of(each, tools.catalogue)) for each in answer.evses))
    return 0


def lines_of(evse: Explained, words: Catalogue) -> Iterator[str]:
    """An EVSE as text: what it has, and its limits, the lowest first."""
    name = limit_text(_reason(evse.code, evse.values), words)
    yield words.word("load-explain-evse", evse=evse.evse, amps=evse.amps, name=name)
    for each in evse.limits:
        yield f"  {each.amps:6.1f} A  {_limit(each, words)}"


def _limit(said: Said, words: Catalogue) -> str:
    name = limit_text(_reason(said.code, said.values), words)
    if said.load is None or said.limit is None:
        return name
    return words.word("load-explain-circuit", name=name, load=said.load, limit=said.limit)


def _reason(code: str, values: dict[str, str]) -> LimitReason:
    return LimitReason.of(code, **values)
