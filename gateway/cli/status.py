"""`stationlift status`: what the running box is doing."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.sites import read_site
from gateway.cli.status_page import status_page
from gateway.config.files import Nowhere
from gateway.config.findings import SiteInvalid
from gateway.model.errors import GatewayError
from gateway.status import from_json, socket_path

if TYPE_CHECKING:
    import argparse

    from gateway.cli.tools import Tools

PATIENCE_S = 5.0
_CHUNK = 65536


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    default = Path("/etc/stationlift/site.toml")
    parser.add_argument("--site", type=Path, default=default, metavar="FILE", help=f"site file of the box ({default})")
    parser.add_argument("--json", action="store_true", help="the box's answer as it is")


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Ask the box and print its answer."""
    examined = read_site(args.site, tools, Nowhere())
    if examined.site is None:
        raise SiteInvalid(args.site, examined.findings, examined.text)
    document = ask(socket_path(examined.site.box.data_dir), PATIENCE_S)
    if args.json:
        sys.stdout.write(document.decode())
        return 0
    try:
        status = from_json(document)
    except ValueError as error:
        raise GatewayError("status-unreadable", value=str(args.site)) from error
    print(status_page(status, tools.catalogue))
    return 0


def ask(path: Path, patience: float, order: bytes = b"") -> bytes:
    """Read one document from a socket of the box.

    Args:
        path: The UNIX socket.
        patience: Seconds to wait for each part of the answer.
        order: What the box is told first.

    Raises:
        GatewayError: `daemon-absent`, `daemon-forbidden` or `daemon-silent`.
    """
    document = bytearray()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(patience)
        try:
            connection.connect(str(path))
            if order:
                connection.sendall(order)
            while chunk := connection.recv(_CHUNK):
                document += chunk
        except TimeoutError as error:
            raise GatewayError("daemon-silent", value=str(path), seconds=patience) from error
        except PermissionError as error:
            raise GatewayError("daemon-forbidden", value=str(path)) from error
        except OSError as error:
            raise GatewayError("daemon-absent", value=str(path)) from error
    return bytes(document)
