"""What a box tells others that it needs."""

from __future__ import annotations

from gateway.load.decision import Cause, Decision, Reason
from gateway.load.observation import EvseSeen, MeterReading, Observation
from gateway.load.sharing.codec import decode, encode
from gateway.load.sharing.messages import Grant, Lease, Need, Report, Want
from gateway.load.sharing.need import Needs
from gateway.load.site import Control, Evse, LoadSite, Node

SITE = LoadSite(
    name="",
    nodes=(
        Node(id="row", parent="", limit=(40.0, 40.0, 40.0), rated=40.0, base_failsafe=(3.0, 0.0, 0.0)),
        Node(id="other", parent="", limit=(40.0, 40.0, 40.0), rated=40.0),
    ),
    evses=(
        Evse(id="A", node="row", maximum=16.0, failsafe=6.0, failsafe_timeout=60.0),
        Evse(id="B", node="row", maximum=32.0, phases=(1,), failsafe=6.0, failsafe_timeout=5.0),
        Evse(id="C", node="row", maximum=16.0, control=Control.ONOFF, fixed=13.0, failsafe=16.0),
        Evse(id="D", node="other", maximum=16.0),
    ),
)


def look(needs: Needs, t: float, *cars: EvseSeen, reasons: dict[str, Reason] | None = None, **setpoints: float) -> Need:
    seen = {each.id: each for each in cars}
    evses = tuple(seen.get(each.id, EvseSeen(id=each.id)) for each in SITE.evses)
    told = dict.fromkeys(SITE.evse, 0.0) | setpoints
    return needs.look(Observation(t=t, evses=evses), Decision(setpoints=told, reasons=reasons or {}))


def car(evse: str, amps: tuple[float, float, float] | None = None, **more: float) -> EvseSeen:
    return EvseSeen(id=evse, plugged=True, session="s", i=amps, cap=more.get("cap"))


def test_cars_that_may_charge_want_current() -> None:
    needs = Needs(SITE, "row", 20.0)
    need = look(needs, 0.0, car("A", cap=10.0), car("C"), car("D"))
    assert [(each.evse, each.least, each.most) for each in need.wants] == [("A", 6.0, 10.0), ("C", 13.0, 13.0)]
    later = look(needs, 30.0, car("A", (9.0, 0.2, 0.0)), reasons={"A": Reason(cause=Cause.CAR)}, A=16.0)
    assert [(each.most, each.phases, each.on, each.age) for each in later.wants] == [(11.0, (0,), True, 0.0)]


def test_what_was_allowed_is_held_until_the_car_has_followed() -> None:
    needs = Needs(SITE, "row", 20.0)
    assert look(needs, 0.0, car("A"), A=16.0).holds == (19.0, 16.0, 16.0), "with other loads"
    assert look(needs, 1.0, car("A"), A=6.0).holds == (19.0, 16.0, 16.0)
    assert look(needs, 9.0, car("A"), A=6.0).holds == (9.0, 6.0, 6.0)
    assert look(needs, 10.0, car("A", (10.0, 0.0, 0.0)), A=6.0).holds[0] == 13.0, "it does not obey"


def test_what_nobody_can_take_from_it() -> None:
    needs = Needs(SITE, "row", 20.0)
    assert look(needs, 0.0).floor == (3.0, 6.0, 0.0), "B goes back to its fall-back before others have given it back"
    gone = EvseSeen(id="A", online=False)
    assert look(needs, 0.0, gone, A=10.0).floor == (13.0, 16.0, 10.0)
    assert look(needs, 0.0).release == 67.0


def test_the_meter_of_its_own_circuit_tells_other_loads() -> None:
    site = LoadSite(name="", nodes=(Node(id="row", parent="", limit=(40.0,) * 3, rated=40.0, metered=True),), evses=())
    needs = Needs(site, "row", 20.0)
    seen = Observation(t=5.0, meters={"row": MeterReading(t=4.5, i=(7.0, 2.0, -1.0))})
    need = needs.look(seen, Decision(), (30.0,) * 3, MeterReading(t=4.0, i=(50.0, 40.0, 30.0)))
    assert (need.floor, need.flows, need.most) == ((7.0, 2.0, 0.0), (7.0, 2.0, 0.0), (30.0,) * 3)
    assert need.meter == (50.0, 40.0, 30.0)
    assert needs.look(seen, Decision(), None, MeterReading(t=-4.0, i=(50.0,) * 3)).meter is None, "too old"


def test_messages_are_the_same_at_the_other_end() -> None:
    need = Need(
        wants=(Want(evse="A", phases=(0, 2), least=6.0, most=16.0),), holds=(1.0, 2.0, 3.0), meter=(-1.0, 0.0, 5.0)
    )
    report = Report(box="east", boot="a", number=3, rules="x", term=(2, "east/a"), grant=0, limit=(0.0,) * 3, need=need)
    lease = Lease(term=(2, "east/a"), boot="a", number=1)
    for message in (report, lease):
        assert decode(type(message), encode(message)) == message
    for wrong in (
        b"",
        b"{",
        b"[]",
        b"3",
        b'{"term": [1, "x"]}',
        encode(lease).replace(b"2", b"1e999", 1),
        encode(report),
    ):
        assert decode(Grant, wrong) is None
        assert decode(Lease, wrong) is None or wrong == encode(report)
