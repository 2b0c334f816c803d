"""The command `stationlift`: one module per command, imported only when it is called."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, cast

from gateway.cli.tools import Tools, sentence
from gateway.locale import LANGUAGES, Catalogue, preferred_language
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.cli.tools import Command

GOOD, FINDINGS, MISUSE = 0, 1, 2

# name -> (module, help)
COMMANDS = {
    "demo": ("gateway.cli.demo", "watch a simulated old station charge at a small backend"),
    "run": ("gateway.cli.run", "run the box with a site file"),
    "check": ("gateway.cli.check", "check a site file and show everything that is wrong with it"),
    "init": ("gateway.cli.init", "write a new site file"),
    "explain": ("gateway.cli.explain", "explain the code of a message"),
    "scan": ("gateway.cli.scan", "find stations on serial lines, in the network and at MQTT brokers"),
    "status": ("gateway.cli.status", "show what the running box is doing"),
    "limit": ("gateway.cli.limit", "limit a station for an energy manager or the grid's operator"),
    "load": ("gateway.cli.load", "explain, simulate and drive load management"),
    "test": ("gateway.cli.trial", "test a sensor, an output, a meter or a limit at the running box, with a protocol"),
    "family": ("gateway.cli.family", "list, check, try and write family files"),
    "schema": ("gateway.cli.schema", "print the JSON Schema of the site file for an editor"),
    "bench": ("gateway.cli.bench", "simulate a backend or an old station on the bench"),
}


def main(argv: Sequence[str] | None = None, tools: Tools | None = None) -> int:
    """Run one command.

    Args:
        argv: Arguments without the program's name; the process's own if absent.
        tools: What commands get from outside; the installed plug-ins if absent.

    Returns:
        0 good, 1 findings or a failure that a message explains, 2 misuse of the command line.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser, commands = _parser(arguments)
    try:
        args = parser.parse_args(arguments)
    except SystemExit as leaving:  # argparse has shown its help or what is wrong
        return leaving.code if isinstance(leaving.code, int) else MISUSE
    if args.command is None:
        parser.print_help()
        return MISUSE
    catalogue = Catalogue.load(args.lang or preferred_language())
    try:
        return commands[args.command].run(args, tools or Tools(catalogue=catalogue))
    except GatewayError as error:
        _show(error, catalogue)
        return FINDINGS
    except BrokenPipeError:
        # Whoever read the output, such as head, has had enough; Python must not complain of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GOOD
    except KeyboardInterrupt:
        return 130  # as a shell reports SIGINT


def _parser(arguments: list[str]) -> tuple[argparse.ArgumentParser, dict[str, Command]]:
    """The parser; only a command that is named brings its own options, so that --help stays fast."""
    parser = argparse.ArgumentParser(prog="stationlift", description="Lift an old charging station to OCPP 2.0.1.")
    parser.add_argument("--version", action="version", version=f"stationlift {_version()}")
    parser.add_argument("--lang", choices=LANGUAGES, help="language of messages; that of the environment if absent")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands: dict[str, Command] = {}
    for name, (module, text) in COMMANDS.items():
        named = name in arguments
        subparser = subparsers.add_parser(name, help=text, description=sentence(text), add_help=named)
        if named:
            commands[name] = cast("Command", import_module(module))
            commands[name].add_arguments(subparser)
    return parser, commands


def _show(error: GatewayError, catalogue: Catalogue) -> None:
    text = catalogue.text(error.code, error.params)
    print(f"{catalogue.word('error')}[{error.code}]: {text.message}", file=sys.stderr)
    if error.params.get("suggestion"):
        print(f"   = {catalogue.word('did-you-mean', word=error.params['suggestion'])}", file=sys.stderr)
    if text.remedy:
        print(f"   = {catalogue.word('help')}: {text.remedy}", file=sys.stderr)


def _version() -> str:
    try:
        return version("stationlift")
    except PackageNotFoundError:
        return "(not installed)"
