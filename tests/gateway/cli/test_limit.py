"""`stationlift limit` against a box on a real UNIX socket."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from gateway.limit_orders import LimitAnswer, LimitOrder, limit_socket, order_from_json, to_json
from gateway.model.charging import LimitSource
from tests.gateway.cli.running import call
from tests.gateway.config.samples import GOOD, write_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def box(path: Path, answer: LimitAnswer) -> Iterator[list[LimitOrder]]:
    """A running box that gives one answer; the orders that it has got."""
    orders: list[LimitOrder] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen(1)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                orders.append(order_from_json(connection.makefile("rb").readline()))
                connection.sendall(to_json(answer))

        thread = threading.Thread(target=serve)
        thread.start()
        yield orders
        thread.join()


@pytest.fixture(name="site")
def _site(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return write_site(tmp_path, GOOD)


@pytest.mark.parametrize(
    ("words", "order"),
    [
        (("--current", "10.5"), LimitOrder(station="AT-1", current=10.5)),
        (
            ("--current", "8", "--for", "900", "--evse", "1", "--source", "SO", "--grid-critical"),
            LimitOrder(station="AT-1", evse=1, steps=((0, 8.0),), lasting=900, source=LimitSource.SYSTEM_OPERATOR,
                       grid_critical=True),
        ),
        (("--steps", "0=16,60=8", "--holder", "ems"), LimitOrder(station="AT-1", steps=((0, 16.0), (60, 8.0)), holder="ems")),
        (("--release",), LimitOrder(station="AT-1")),
    ],
)  # fmt: skip
def test_the_box_gets_the_order(
    site: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], order: LimitOrder
) -> None:
    with box(limit_socket(site.parent / "data"), LimitAnswer()) as orders:
        assert call("limit", "AT-1", *words, "--site", site) == 0
    assert orders == [order]
    assert capsys.readouterr().out.startswith("AT-1: the limit ")


def test_a_refusal_is_told_with_a_remedy(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refusal = LimitAnswer(error="limit-unknown-station", params={"value": "AT-9", "known": "AT-1"})
    with box(limit_socket(site.parent / "data"), refusal):
        assert call("limit", "AT-9", "--release", "--site", site) == 1
    told = capsys.readouterr().err
    assert "error[limit-unknown-station]: the box has no station `AT-9`" in told
    assert "It has: AT-1" in told


def test_a_box_that_does_not_run(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("limit", "AT-1", "--current", "10", "--site", site) == 1
    assert "error[daemon-absent]" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [(), ("--current", "-1"), ("--current", "nan"), ("--steps", "0"), ("--current", "6", "--release")]
)
def test_misuse(site: Path, words: tuple[str, ...]) -> None:
    assert call("limit", "AT-1", *words, "--site", site) == 2
