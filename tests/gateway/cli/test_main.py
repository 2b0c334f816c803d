"""The command line as a whole."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

from gateway.cli import COMMANDS, main
from tests.gateway.cli.running import call


def test_help_names_every_command_and_imports_none_of_them() -> None:
    code = (
        "import sys; from gateway.cli import main; main(['--help'])\n"
        "print([name for name in ('pydantic', 'aiohttp', 'asyncio') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [name for name in COMMANDS if name not in done.stdout] == []
    assert done.stderr.strip() == "[]"


def test_python_m_gateway_is_the_same_command() -> None:
    done = subprocess.run([sys.executable, "-m", "gateway", "--version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith("stationlift ")


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["check"], ["check", "--nonsense", "x"], ["--lang", "fr", "schema"]]
)
def test_misuse_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "usage: stationlift" in "".join(capsys.readouterr())


def test_help_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--help"]) == 0
    assert "--no-files" in capsys.readouterr().out


@pytest.mark.parametrize("module", [module for module, _ in COMMANDS.values()])
def test_every_command_has_its_module(module: str) -> None:
    assert find_spec(module) is not None


def test_a_failure_is_told_in_the_chosen_language(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "de", "explain", "nonsense-code"]) == 1
    assert "Fehler[code-unknown]: eine Meldung mit dem Kürzel `nonsense-code` gibt es nicht" in capsys.readouterr().err


def test_explain_tells_message_reason_and_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("explain", "[evse-gap]") == 0
    told = capsys.readouterr().out
    assert told.startswith("evse-gap: the EVSE <value> leaves a gap")
    assert "why: OCPP 2.0.1" in told
    assert "help: Number the EVSEs" in told


def test_explain_suggests_the_code_that_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("explain", "evse-gaps", language="de") == 1
    assert "`evse-gap`?" in capsys.readouterr().out
