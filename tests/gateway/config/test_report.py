"""What a technician reads, as golden text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.config.load import examine
from gateway.config.report import masked, render_json, render_text
from gateway.locale import Catalogue
from tests.gateway.config.samples import ADAPTERS

# Nine faults of different kinds, in one file.
BAD = """\
[box]
name = "Garage"
data_dirr = "data"
timezone = "Europe/Wien"

[backend]
url = "ws://csms.example.com/ocpp/at-1"
security_profile = 2
password = "geheim"

[web]
listen = "0.0.0.0:8443"

[southbound.ocpp_soap]
\tlisten = "0.0.0.0"

[[station]]
identity = "AT-1"
adapter = "ocpp_sop"
[[station.evse]]
id = 2
connector = { type = "sTyp2", max_current = "32" }
"""

ENGLISH = """\
error[missing-key]: `data_dir` is missing in [box]
  --> site.toml:1:1
   |
  1| [box]
   | ^^^^^
   = help: Add a line `data_dir = ...` below the heading.

error[unknown-key]: `data_dirr` is not a setting of [box]
  --> site.toml:3:1
   |
  3| data_dirr = "data"
   | ^^^^^^^^^ did you mean `data_dir`?
   = help: Correct the spelling or remove the line; `stationlift schema` lists all settings.

error[unknown-time-zone]: there is no time zone `Europe/Wien`
  --> site.toml:4:12
   |
  4| timezone = "Europe/Wien"
   |            ^^^^^^^^^^^^^
   = help: Use a name such as Europe/Vienna; `timedatectl list-timezones` lists them.

error[backend-needs-wss]: security profile 2 needs a TLS connection, but the url is `ws://csms.example.com/ocpp/at-1`
  --> site.toml:7:7
   |
  7| url = "ws://csms.example.com/ocpp/at-1"
   |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = help: Use the wss:// address of the backend, or security_profile = 1 in a closed network.

error[url-with-identity]: the url ends with the identity `AT-1`
  --> site.toml:7:7
   |
  7| url = "ws://csms.example.com/ocpp/at-1"
   |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ did you mean `ws://csms.example.com/ocpp`?
   = help: Leave it out: the box adds "/" and the identity for each station.

warning[password-length]: the password has 6 characters
  --> site.toml:9:12
   |
  9| password = ********
   |            ^^^^^^^^
   = help: OCPP 2.0.1 asks for 16 to 64; agree on another with the backend.

error[not-host-port]: `listen` = `0.0.0.0` is not an address with a port
  --> site.toml:15:11
   |
 15| \tlisten = "0.0.0.0"
   | \t         ^^^^^^^^^
   = help: Write host:port, such as 0.0.0.0:8080 (all interfaces) or [::]:8080.

error[unknown-adapter]: there is no adapter `ocpp_sop`
  --> site.toml:19:11
   |
 19| adapter = "ocpp_sop"
   |           ^^^^^^^^^^ did you mean `ocpp_soap`?
   = help: Installed: ocpp_soap.

error[evse-gap]: the EVSE 2 leaves a gap: the station has 1
  --> site.toml:21:6
   |
 21| id = 2
   |      ^
   = help: Number the EVSEs of a station 1 to 1; `station_connector` holds the station's own number.

error[unknown-value]: `type` cannot be `sTyp2`
  --> site.toml:22:22
   |
 22| connector = { type = "sTyp2", max_current = "32" }
   |                      ^^^^^^^ did you mean `sType2`?
   = help: Allowed: cCCS1, cCCS2, cG105, cTesla, cType1, cType2, s309-1P-16A, s309-1P-32A, s309-3P-16A, s309-3P-32A, sBS1361, sCEE-7-7, sType2, sType3, Other1PhMax16A, Other1PhOver16A, Other3Ph, Pan, wInductive, wResonant, Undetermined, Unknown.

error[wrong-type]: `max_current` must be of type integer / float, not string
  --> site.toml:22:45
   |
 22| connector = { type = "sTyp2", max_current = "32" }
   |                                             ^^^^
   = help: Texts (string) stand in quotes; numbers and true/false do not."""

GERMAN = [
    "Fehler[missing-key]: in [box] fehlt `data_dir`",
    "Fehler[unknown-key]: `data_dirr` ist keine Einstellung von [box]",
    "Fehler[unknown-time-zone]: die Zeitzone `Europe/Wien` gibt es nicht",
]


@pytest.fixture
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("site.toml").write_text(BAD)
    Path("site.toml").chmod(0o600)


@pytest.mark.usefixtures("_here")
def test_all_faults_of_a_file_at_once() -> None:
    examined = examine(Path("site.toml"), ADAPTERS)
    assert render_text(examined.findings, examined.text, Catalogue.load("en")) == ENGLISH


@pytest.mark.usefixtures("_here")
def test_the_same_report_in_german() -> None:
    examined = examine(Path("site.toml"), ADAPTERS)
    lines = render_text(examined.findings, examined.text, Catalogue.load("de")).splitlines()
    assert [line for line in lines if line.startswith("Fehler[")][:3] == GERMAN
    assert lines[4:6] == [
        "   | ^^^^^",
        "   = Hilfe: " + Catalogue.load("de").text("missing-key", {"key": "data_dir"}).remedy,
    ]


@pytest.mark.usefixtures("_here")
def test_json_for_other_programs() -> None:
    examined = examine(Path("site.toml"), ADAPTERS)
    found = json.loads(render_json(examined.findings, Catalogue.load("en")))
    assert len(found) == len(examined.findings)
    assert found[1] == {
        "code": "unknown-key",
        "severity": "error",
        "file": "site.toml",
        "line": 3,
        "column": 1,
        "length": 9,
        "path": ["box", "data_dirr"],
        "message": "`data_dirr` is not a setting of [box]",
        "remedy": "Correct the spelling or remove the line; `stationlift schema` lists all settings.",
        "suggestion": "data_dir",
    }
    assert "geheim" not in json.dumps(found)


def test_a_fault_of_the_whole_file_has_no_frame() -> None:
    examined = examine(Path("absent.toml"), ADAPTERS)
    assert render_text(examined.findings, examined.text, Catalogue.load("en")) == (
        "error[site-missing]: there is no file `absent.toml`\n"
        "  --> absent.toml\n"
        "   = help: Check the name, or write a new site file with `stationlift init absent.toml`."
    )


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('password = "abc"', "password = *****"),
        ("password = 'abc' # mine", "password = ***** # mine"),
        ('password = "abc', "password = ****"),
        ('a = { password = "abc", b = "c" }', 'a = { password = *****, b = "c" }'),
        ('password_file = "abc"', 'password_file = "abc"'),
        ('url = "wss://user:pass@host/"', 'url = "wss://*********@host/"'),
        ('token_type = "Central"', 'token_type = "Central"'),
    ],
)
def test_a_report_never_shows_a_password(line: str, shown: str) -> None:
    assert masked(line) == shown
