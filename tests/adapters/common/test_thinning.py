"""A session whose steps cannot be committed for long."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from adapters.common.kept import Kept
from adapters.common.sessions import DEEDS_KEPT, Senses, Sessions
from gateway.model import events as ev
from gateway.model.errors import GatewayError
from gateway.model.readings import Sample
from gateway.model.session import Seen, Tick
from gateway.model.session.policy import AuthorizationMode
from tests.adapters.common.rig import PLACE
from tests.fakes.clock import START
from tests.fakes.southbound import FakeBox

OFFERED = Seen(plugged=True, ready=True, offering=True)
CHARGING = Seen(plugged=True, ready=True, offering=True, flowing=True)


async def nothing(*_: object) -> None:
    """Keep nothing."""


@pytest.mark.ocpp("E04.FR.07", "E04.FR.08")
async def test_every_other_step_in_between_is_given_up() -> None:
    clock = [START]
    box = FakeBox(clock)
    senses = Senses(
        sample=lambda: Sample(at=clock[0], readings=()),
        register=lambda: None,
        keep=nothing,
        release=lambda _: None,
        note_spent=nothing,
        kept=Kept("", nothing),
    )
    sessions = Sessions(box, PLACE, AuthorizationMode.FREE_VEND, senses, attached_cable=False)
    await sessions.recover(spent=False)
    box.disk_full = True
    times = []
    for number in range(DEEDS_KEPT):
        clock[0] += timedelta(seconds=1)
        times.append(clock[0])
        with pytest.raises(GatewayError):
            await sessions.feed(OFFERED if number % 2 else CHARGING)
    box.disk_full = False
    await sessions.feed(Tick())
    began, *steps = [event for event in box.events if isinstance(event, ev.TransactionBegan | ev.TransactionUpdated)]
    assert isinstance(began, ev.TransactionBegan)
    assert began.at == times[0]
    kept = [times.index(step.at) for step in steps if isinstance(step, ev.TransactionUpdated)]
    assert len(kept) < DEEDS_KEPT
    assert kept[-1] == DEEDS_KEPT - 1, "the last one is still there"
    thinned = kept[: len(kept) // 2]
    assert all(later - earlier == 2 for earlier, later in pairwise(thinned)), "none but every other"
