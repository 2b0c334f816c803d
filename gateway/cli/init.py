"""`stationlift init`: a new site file, ready to run."""

from __future__ import annotations

import os
import secrets
import string
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.site_template import SiteAnswers, site_text
from gateway.cli.sites import print_findings, read_site
from gateway.config.files import Disk, Nowhere
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    import argparse

    from gateway.cli.tools import Tools

SYSTEM_DATA_DIR = Path("/var/lib/stationlift")
PASSWORD_LENGTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One value that the command needs: its option, and the word with which it asks."""

    name: str
    word: str


QUESTIONS = (
    Question(name="name", word="ask-name"),
    Question(name="identity", word="ask-identity"),
    Question(name="charge_box_identity", word="ask-charge-box-identity"),
    Question(name="backend_url", word="ask-backend-url"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "file", type=Path, nargs="?", default=Path("site.toml"), metavar="FILE", help="site.toml if absent"
    )
    parser.add_argument("--name", help="name of this site")
    parser.add_argument("--identity", help="identity of the station at the backend")
    parser.add_argument("--charge-box-identity", help="what the old station calls itself (chargeBoxIdentity)")
    parser.add_argument("--backend-url", help="address of the backend: wss://... or, in a closed network, ws://...")
    parser.add_argument(
        "--data-dir", help=f"folder for the box's data ({SYSTEM_DATA_DIR}, or data/ where that is closed)"
    )


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Ask for what is missing, write the file and a password, and check the result."""
    file: Path = args.file
    if file.exists():
        raise GatewayError("file-exists", value=str(file))
    answers = _answers(args, tools)
    text = site_text(answers)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(file, text)
        examined = read_site(file, tools, Nowhere())
        if examined.site is None:  # an answer is wrong: show where, and leave nothing behind
            file.unlink()
            print_findings(file, examined, tools, sys.stderr)
            return 1
        password = file.parent / answers.password_file
        made = _password(password)
    except OSError as error:
        raise GatewayError("file-unwritable", value=str(error.filename or file), reason=error.strerror or "") from error
    words = tools.catalogue
    print(words.word("init-written", file=file))
    if made:
        print(words.word("init-password", file=password))
    print(words.word("init-next", file=file))
    return 0


def _answers(args: argparse.Namespace, tools: Tools) -> SiteAnswers:
    given = {question.name: getattr(args, question.name) or _ask(question, tools) for question in QUESTIONS}
    return SiteAnswers(**given, data_dir=args.data_dir or _data_dir(), language=tools.catalogue.language)


def _ask(question: Question, tools: Tools) -> str:
    if not sys.stdin.isatty():
        raise GatewayError("flag-missing", flag="--" + question.name.replace("_", "-"))
    answer = ""
    while not answer:
        answer = input(f"{tools.catalogue.word(question.word)}: ").strip()
    return answer


def _data_dir() -> str:
    usable = Disk().folder_problem(SYSTEM_DATA_DIR) is None
    return str(SYSTEM_DATA_DIR) if usable else "data"


def _write(file: Path, text: str) -> None:
    """Make a new file; one that appeared meanwhile is not overwritten."""
    with file.open("x", encoding="utf-8") as stream:
        stream.write(text)


def _password(file: Path) -> bool:
    """Make a password that only this user can read; one that is there already is kept."""
    if file.exists():
        return False
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    letters = string.ascii_letters + string.digits
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write("".join(secrets.choice(letters) for _ in range(PASSWORD_LENGTH)) + "\n")
    return True
