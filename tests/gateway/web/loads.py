"""A garage whose load is shown: a house with a meter, and a circuit for the stations without."""

from __future__ import annotations

from gateway.load.decision import Cause, Decision, Reason
from gateway.load.history import History
from gateway.load.observation import EvseSeen, MeterReading, Observation
from gateway.load.site import Evse, LoadSite, Node, Phases

SITE = LoadSite(
    name="garage",
    nodes=(
        Node(id="house <1>", parent="", limit=(63.0, 63.0, 63.0), rated=63.0, metered=True),
        Node(id="garage", parent="house <1>", limit=(32.0, 32.0, 32.0), rated=32.0, base_failsafe=(5.0, 0.0, 0.0)),
        Node(id="roof", parent="house <1>", limit=(16.0, 16.0, 16.0), rated=16.0),
    ),
    evses=(
        Evse(id="AT-1/1", node="garage", maximum=16.0),
        Evse(id="AT-1/2", node="garage", maximum=16.0),
        Evse(id="AT|2/1", node="roof", maximum=16.0),
    ),
)


def look(history: History, t: float, house: Phases | None, cars: float = 10.0) -> None:
    """A step: the first EVSE gives so much."""
    seen = Observation(
        t=t,
        limits={"garage": (20.0, 20.0, 20.0)},
        meters={"house <1>": None if house is None else MeterReading(t=t, i=house)},
        evses=(
            EvseSeen(id="AT-1/1", plugged=True, session="a", i=(cars, cars, cars), t_meas=t),
            EvseSeen(id="AT-1/2", i=(0.0, 0.0, 0.0), t_meas=t),
            EvseSeen(id="AT|2/1", i=(0.0, 0.0, 0.0), t_meas=t),
        ),
    )
    reasons = {"AT-1/1": Reason(cause=Cause.CIRCUIT, node="garage", phase=0), "AT-1/2": Reason(cause=Cause.IDLE)}
    history.look(seen, Decision(setpoints={"AT-1/1": cars, "AT-1/2": 0.0, "AT|2/1": 0.0}, reasons=reasons))


def an_hour() -> History:
    """The house draws 20 A for half an hour and then 40 A, on L1 5 A more."""
    history = History(SITE)
    for t in range(0, 3610, 5):
        amps = 20.0 if t < 1800 else 40.0
        look(history, float(t), (amps + 5, amps, amps))
    return history
