"""The course of an update over anything that may happen, and the order that it follows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from gateway.model.changes import FirmwareProgressed
from gateway.model.events import FirmwareStatus as S
from gateway.model.rules.stations import firmware_progressed
from gateway.model.station import FirmwareJob, StationState
from gateway.model.transactions import Transaction
from profiles.firmware.course import PATIENCE, Step, next_step, waits_for_transactions
from profiles.firmware.order import Order, kept_order
from tests.fakes.clock import START
from tests.gateway.model.stations import ID

if TYPE_CHECKING:
    from datetime import datetime

FOLLOWS = {
    S.IDLE: {S.DOWNLOAD_SCHEDULED, S.DOWNLOADING},
    S.DOWNLOAD_SCHEDULED: {S.DOWNLOADING},
    S.DOWNLOADING: {S.DOWNLOADED, S.DOWNLOAD_FAILED},
    S.DOWNLOADED: {S.SIGNATURE_VERIFIED, S.INVALID_SIGNATURE, S.INSTALL_SCHEDULED, S.INSTALLING},
    S.SIGNATURE_VERIFIED: {S.INSTALL_SCHEDULED, S.INSTALLING},
    S.INSTALL_SCHEDULED: {S.INSTALLING},
    S.INSTALLING: {S.INSTALLED, S.INSTALLATION_FAILED, S.INSTALL_VERIFICATION_FAILED},
    S.INSTALLATION_FAILED: {S.INSTALLING, S.INSTALLED},  # a station may try again by itself
}
"""What may come after what (Part 2, figure 118), as far as the box or a 1.x station says it."""

CHARGING = Transaction(id="t", number=1, evse=1, connector=1, started_at=START, last_at=START, token=None)
SAID = (S.DOWNLOADING, S.DOWNLOADED, S.DOWNLOAD_FAILED, S.INSTALLING, S.INSTALLED, S.INSTALLATION_FAILED)


@dataclass
class World:
    """A station, an order, and what is told; ``good`` is what comes of downloads, signatures and calls."""

    order: Order
    now: datetime = START
    state: StationState = field(
        default_factory=lambda: StationState(
            id=ID, reachable=True, firmware=FirmwareJob(request_id=5, status=S.IDLE, by_box=True)
        )
    )
    told: list[S] = field(default_factory=lambda: [S.IDLE])
    handed: int = 0

    @property
    def status(self) -> S:
        """How far it is."""
        assert self.state.firmware is not None
        return self.state.firmware.status

    def tell(self, status: S, own: int | None = 5) -> None:
        """The box, or (None) the station, says something."""
        applied = firmware_progressed(self.state, self.now, status, own)
        self.state = applied.state
        changes = [change for change in applied.changes if isinstance(change, FirmwareProgressed)]
        self.told += [change.status for change in changes if change.request_id == 5]

    def work(self, *, good: bool) -> None:
        """Do all that can be done."""
        for _ in range(10):
            found = next_step(self.order, self.state, self.now)
            if found.status is not None:
                self.tell(found.status)
            match found.step:
                case Step.WAIT | Step.END:
                    return
                case Step.FETCH:
                    self.tell(S.DOWNLOADED if good else S.DOWNLOAD_FAILED)
                case Step.VERIFY:
                    self.tell(S.SIGNATURE_VERIFIED if good else S.INVALID_SIGNATURE)
                case Step.HAND_OVER:
                    self.hand_over(taken=good)
                    if not good:
                        return  # it is told again later
        raise AssertionError("no end")

    def hand_over(self, *, taken: bool) -> None:
        """The station is told to install."""
        assert self.state.reachable
        if self.status is not S.INSTALLING:
            assert not self.state.transactions
            assert self.order.install_at is None or self.now >= self.order.install_at
            assert self.now >= self.order.retrieve_at
            assert not self.order.signed or S.SIGNATURE_VERIFIED in self.told
        self.handed += 1
        self.order = replace(self.order, asked_at=self.order.asked_at or self.now, taken=taken)
        self.tell(S.INSTALLING)


def orders(signature: str, install: int | None) -> Order:
    """An order, to be fetched in an hour."""
    at = None if install is None else START + timedelta(minutes=install)
    return Order(
        request_id=5, location="https://h/fw.bin", retrieve_at=START + timedelta(hours=1), install_at=at,
        certificate=signature, signature=signature, retries=0, interval=0, secret="s",
    )  # fmt: skip


HAPPENS = st.one_of(
    st.tuples(st.just("time"), st.integers(1, 90)),
    st.tuples(st.just("charging"), st.booleans()),
    st.tuples(st.just("reachable"), st.booleans()),
    st.tuples(st.just("said"), st.sampled_from(SAID)),
    st.tuples(st.just("work"), st.booleans()),
)


@given(
    signature=st.sampled_from(["", "c2ln"]),
    install=st.one_of(st.none(), st.integers(0, 300)),
    happens=st.lists(HAPPENS, max_size=40),
)
def test_whatever_happens_each_step_follows_the_one_before(
    signature: str, install: int | None, happens: list[tuple[str, int | bool | S]]
) -> None:
    world = World(orders(signature, install))
    for kind, value in happens:
        match kind, value:
            case "time", int():
                world.now += timedelta(minutes=value)
            case "charging", bool():
                world.state = replace(world.state, transactions=(CHARGING,) if value else ())
            case "reachable", bool():
                world.state = replace(world.state, reachable=value)
            case "said", S():
                world.tell(value, own=None)
            case "work", bool():
                world.work(good=value)
        waits = waits_for_transactions(world.order, world.state, world.now)
        assert not waits or world.state.transactions
    for before, after in zip(world.told, world.told[1:], strict=False):
        assert after in FOLLOWS.get(before, set()), world.told
    if not signature:
        assert S.SIGNATURE_VERIFIED not in world.told
    if S.INSTALLED in world.told:
        assert world.handed


def test_left_alone_it_comes_to_an_end() -> None:
    world = World(orders("c2ln", 200))
    ends = []
    for minutes in (120, 120, 119, 1):
        world.now += timedelta(minutes=minutes)
        world.work(good=True)
        ends.append(world.status)
    assert ends == [S.INSTALL_SCHEDULED, S.INSTALLING, S.INSTALLING, S.INSTALLATION_FAILED]
    assert timedelta(minutes=120) == PATIENCE


@given(path=st.text(max_size=200))
def test_the_name_of_a_file_is_one_for_every_disk(path: str) -> None:
    name = replace(orders("", None), location=f"https://h/{quote(path)}").file_name
    assert 0 < len(name) <= 64
    assert name.strip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == ""
    assert not name.startswith(".")


@given(
    install=st.one_of(st.none(), st.integers(0, 300)),
    asked=st.one_of(st.none(), st.integers(0, 300)),
    taken=st.booleans(),
)
def test_an_order_is_kept_as_it_is(install: int | None, asked: int | None, *, taken: bool) -> None:
    at = None if asked is None else START + timedelta(minutes=asked)
    order = replace(orders("c2ln", install), asked_at=at, taken=taken)
    assert kept_order(order.text()) == order
    assert order.location not in repr(order)
    assert "secret" not in repr(order)


@given(text=st.one_of(st.text(), st.sampled_from(["{}", "[]", "null", '{"request_id": 1}'])))
def test_what_is_no_order_is_none(text: str) -> None:
    assert kept_order(text) is None
