"""What the backend and people are told of a limit of load management."""

from __future__ import annotations

import pytest

from gateway.load.decision import Cause, Reason
from gateway.load.telling import why
from gateway.model.charging import LimitSource
from gateway.model.limits.reason import LimitName, LimitReason


@pytest.mark.parametrize(
    ("cause", "name"),
    [
        (Cause.CIRCUIT, LimitName.CIRCUIT),
        (Cause.IMBALANCE, LimitName.IMBALANCE),
        (Cause.WAITING, LimitName.WAITING),
        (Cause.FAILSAFE, LimitName.FAILSAFE),
    ],
)
def test_what_a_circuit_does_not_give_is_the_energy_managements(cause: Cause, name: LimitName) -> None:
    told = why(Reason(cause=cause, node="house", phase=1), ())
    assert told.source is LimitSource.EMS
    assert told.reason == LimitReason.of(name, node="house", phase="L2")


@pytest.mark.parametrize("cause", [Cause.IDLE, Cause.CAR, Cause.NOTHING])
def test_nobody_limits_an_evse_whose_car_wants_no_more(cause: Cause) -> None:
    assert why(Reason(cause=cause), ()).source is None
