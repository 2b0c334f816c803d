"""`stationlift status` against a box on a real UNIX socket."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.cli.status import ask
from gateway.cli.status_page import duration, status_page
from gateway.locale import Catalogue
from gateway.model.errors import GatewayError
from gateway.model.tokens import Token
from gateway.status import (
    BackendStatus,
    BindingStatus,
    ConnectorStatus,
    LimitStatus,
    OutboxStatus,
    RefusedStatus,
    SharedStatus,
    SouthboundStatus,
    StationStatus,
    Status,
    StorageStatus,
    TransactionStatus,
    from_json,
    mask,
    socket_path,
    to_json,
)
from tests.gateway.cli.running import call
from tests.gateway.config.samples import GOOD, write_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

STATUS = Status(
    box="Garage",
    version="1.2.3",
    uptime_s=93784.0,
    storage=StorageStatus(ok=True),
    stations=(
        StationStatus(
            identity="AT-1",
            adapter="ocpp_soap",
            southbound=SouthboundStatus(
                reachable=True, last_heard=NOW - timedelta(seconds=4), address="http://10.0.0.2/"
            ),
            backend=BackendStatus(state="accepted", since=NOW - timedelta(minutes=5, seconds=2), url="wss://host/AT-1"),
            outbox=OutboxStatus(length=0, oldest=None),
            connectors=(ConnectorStatus(evse=1, connector=1, status="Occupied", faults=("GroundFailure",)),),
            transactions=(
                TransactionStatus(
                    id="7f3c",
                    evse=1,
                    started_at=NOW - timedelta(hours=2),
                    energy_wh=12345.0,
                    token=mask(Token(value="04A1B2C3D4E5")),
                ),
            ),
            limits=(
                LimitStatus(evse=0, holder="ems", amps=10.5, since=NOW - timedelta(minutes=3)),
                LimitStatus(
                    evse=1, holder="local", amps=None, since=NOW - timedelta(hours=1), until=NOW + timedelta(minutes=5)
                ),
            ),
            bindings=(
                BindingStatus(
                    evse=1, amps=10.5, reason="circuit", values={"node": "garage", "phase": "L2"}, holder="load"
                ),
                BindingStatus(evse=2, amps=32.0, reason="built"),
                BindingStatus(evse=3, amps=8.0, reason="moon", values={"phase": "full"}, holder="x"),
            ),
        ),
        StationStatus(
            identity="AT-2",
            adapter="ocpp_soap",
            southbound=SouthboundStatus(reachable=False, last_heard=None, address=None),
            backend=BackendStatus(state="offline", since=NOW - timedelta(days=1), url="wss://host/AT-2"),
            outbox=OutboxStatus(length=12, oldest=NOW - timedelta(hours=23)),
        ),
    ),
    shared=(SharedStatus(circuit="row", group="house 7", leader="east", role="follows", amps=(12.0, 12.0, 8.5)),),
    refused=(RefusedStatus(charge_box_identity="SPY", peer="10.0.0.9", count=3, last=NOW - timedelta(seconds=9)),),
)

PAGE = """\
Garage, version 1.2.3, up 1 d 2 h

STATION  ADAPTER    SOUTHBOUND                        BACKEND               OUTBOX
AT-1     ocpp_soap  reachable (4 s) http://10.0.0.2/  accepted (5 min 2 s)  empty
AT-2     ocpp_soap  never heard                       offline (1 d)         12, oldest 23 h

STATION  EVSE  CONNECTOR  STATE     FAULTS
AT-1     1     1          Occupied  GroundFailure

STATION  EVSE  TRANSACTION  SINCE  ENERGY      TOKEN
AT-1     1     7f3c         2 h    12.345 kWh  …D4E5

STATION  EVSE  LIMIT   HOLDER  SINCE  FOR
AT-1     -     10.5 A  ems     3 min  -
AT-1     1     -       local   1 h    5 min

STATION  EVSE  ALLOWED  BY
AT-1     1     10.5 A   circuit garage, L2
AT-1     3     8 A      moon (phase full)

CIRCUIT  SHARES   LEADER  ROLE     ALLOWED
row      house 7  east    follows  12/12/8.5 A

Refused, because no [[station]] has this charge_box_identity:
IDENTITY  FROM      SEEN
SPY       10.0.0.9  3 times, last 9 s"""


@contextmanager
def box(path: Path, answer: bytes) -> Iterator[None]:
    """A running box that gives one answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen(1)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


@pytest.fixture(name="site")
def _site(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return write_site(tmp_path, GOOD)


def test_the_page_shows_everything_there_is() -> None:
    assert status_page(STATUS, Catalogue.load("en"), NOW) == PAGE


def test_the_page_in_german_with_a_failed_store() -> None:
    failed = Status(box="x", version="1", uptime_s=1.0, storage=StorageStatus(ok=False))
    page = status_page(failed, Catalogue.load("de"), NOW)
    assert "SPEICHER AUSGEFALLEN" in page
    assert "STATIONSSEITE" in page


def test_a_status_survives_its_json() -> None:
    assert from_json(to_json(STATUS)) == STATUS
    newer = json.loads(to_json(STATUS)) | {"new_key": 1}
    assert from_json(json.dumps(newer).encode()) == STATUS


def test_a_token_is_masked() -> None:
    assert [mask(Token(value=token)) for token in ("04A1B2C3D4E5", "ABC", "A", "")] == ["…D4E5", "…C", "…", "…"]


def test_the_command_asks_the_running_box(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with box(socket_path(site.parent / "data"), to_json(STATUS)):
        assert call("status", "--site", site) == 0
    told = capsys.readouterr().out
    assert told.startswith("Garage, version 1.2.3, up 1 d 2 h\n")
    assert "SPY" in told


def test_json_is_the_answer_as_it_is(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with box(socket_path(site.parent / "data"), to_json(STATUS)):
        assert call("status", "--json", "--site", site) == 0
    assert json.loads(capsys.readouterr().out)["stations"][1]["outbox"]["length"] == 12


def test_a_box_that_does_not_run_is_told_with_a_remedy(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("status", "--site", site) == 1
    told = capsys.readouterr().err
    assert "error[daemon-absent]" in told
    assert "stationlift run" in told


def test_an_answer_of_another_version_is_told(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with box(socket_path(site.parent / "data"), b'{"box": 1}'):
        assert call("status", "--site", site) == 1
    assert "error[status-unreadable]" in capsys.readouterr().err


def test_a_site_file_with_faults_is_told(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site.write_text("x")
    assert call("status", "--site", site) == 1
    assert "error[site-invalid]" in capsys.readouterr().err


def test_a_box_that_hangs_is_told_after_the_patience(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen(1)
        with pytest.raises(GatewayError, match="daemon-silent"):
            ask(path, 0.05)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3601, "1 h"), (3660, "1 h 1 min"), (90061, "1 d 1 h"), (86460, "1 d")],
)
def test_durations_have_their_two_biggest_units(seconds: int, shown: str) -> None:
    assert duration(timedelta(seconds=seconds)) == shown
