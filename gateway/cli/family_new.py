"""`stationlift family new ID`: a new family file beside the site."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

from gateway.cli.families import add_site, base_of
from gateway.family.family import KINDS
from gateway.family.library import OWN_FOLDER, find_family
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from gateway.cli.tools import Tools
    from gateway.family.load import FamilyFile

SKELETONS = "gateway.cli.skeletons"
_PLACE = "FAMILY-ID"
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("id", metavar="ID", help="id of the new family: small letters, digits and hyphens")
    parser.add_argument("--kind", choices=list(KINDS), help="kind of wire; needed unless --from is given")
    parser.add_argument("--from", dest="origin", metavar="ID", help="start from a copy of this family")
    add_site(parser)


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Write the file."""
    if _ID.fullmatch(args.id) is None:
        raise GatewayError("family-bad-id", value=args.id)
    base: Path = base_of(args)
    text = _copy(find_family(args.origin, base), args.id, args.kind) if args.origin else _skeleton(args.kind, args.id)
    file = base / OWN_FOLDER / f"{args.id}.toml"
    try:
        file.parent.mkdir(exist_ok=True)
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise GatewayError("file-exists", value=str(file)) from error
    except OSError as error:
        raise GatewayError("file-unwritable", value=str(file), reason=error.strerror or "") from error
    words = tools.catalogue
    print(words.word("init-written", file=file))
    print(words.word("family-next", file=file))
    return 0


def _skeleton(kind: str | None, name: str) -> str:
    if kind is None:
        raise GatewayError("flag-missing", flag="--kind")
    return files(SKELETONS).joinpath(f"{kind}.toml").read_text(encoding="utf-8").replace(_PLACE, name)


def _copy(origin: FamilyFile, name: str, kind: str | None) -> str:
    """The text of another family, with its comments, under a new id."""
    if kind not in {None, origin.base.kind}:
        raise GatewayError("family-other-kind", value=origin.base.meta.id, kind=origin.base.kind)
    span = origin.source.positions.nearest(("meta", "id")).value
    lines = origin.source.text.splitlines(keepends=True)
    line = lines[span.line - 1]
    lines[span.line - 1] = f'{line[: span.column - 1]}"{name}"{line[span.column - 1 + span.length :]}'
    return "".join(lines)
