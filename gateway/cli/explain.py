"""`stationlift explain CODE`: what a code means and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.translate import suggest
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    import argparse

    from gateway.cli.tools import Tools


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("code", metavar="CODE", help="the code in the brackets of a message, such as unknown-key")


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Print the text of the code; places for values show their names."""
    words = tools.catalogue
    code = args.code.strip("[]")
    if code not in words:
        meant = suggest(code, words.codes())
        if meant is not None:
            print(words.word("did-you-mean", word=meant))
        raise GatewayError("code-unknown", value=code)
    text = words.text(code, {})
    print(f"{code}: {text.message}")
    if text.why:
        print(f"\n{words.word('why')}: {text.why}")
    print(f"\n{words.word('help')}: {text.remedy}")
    return 0
