"""How a session begins at an EVSE that somebody has reserved (H03)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.model.session import (
    AskAuthorization,
    Begin,
    Claim,
    Policy,
    Reject,
    RemoteStart,
    TxPoint,
    Update,
)
from gateway.model.station import Reservation
from tests.fakes.clock import START
from tests.gateway.model.session.evse import (
    ACCEPTED,
    CARD,
    FAMILY,
    FREE,
    IN_FAMILY,
    STRANGER,
    WAITING,
    Evse,
    told,
)

if TYPE_CHECKING:
    from gateway.model.tokens import Authorization, Token


class TestReserved:
    """Somebody has reserved the EVSE (H03)."""

    HELD = Reservation(id=7, evse=1, token=CARD, group=FAMILY, expires_at=START + timedelta(days=1))
    KEPT = Policy(kept=True, reservations=(HELD,))

    def test_a_stranger_is_asked_about_and_refused(self) -> None:
        evse = Evse(self.KEPT).free()
        assert [type(a) for a in evse.card(STRANGER)] == [AskAuthorization, Reject]

    @pytest.mark.parametrize(("token", "known"), [(CARD, ACCEPTED), (STRANGER, IN_FAMILY)])
    def test_the_transaction_of_who_has_reserved_names_it(self, token: Token, known: Authorization) -> None:
        evse = Evse(self.KEPT).free()
        evse.card(token, known)
        (begin,) = told(evse.feed(WAITING))
        assert isinstance(begin, Begin)
        assert (begin.token, begin.reservation) == (token, 7)

    def test_a_token_that_comes_after_the_start_names_it(self) -> None:
        evse = Evse(replace(self.KEPT, start_points=frozenset({TxPoint.EV_CONNECTED}))).free()
        (begin,) = told(evse.feed(WAITING))
        assert isinstance(begin, Begin)
        assert (begin.token, begin.reservation) == (None, None)
        assert told(evse.card(STRANGER)) == []
        (update,) = told(evse.card())
        assert isinstance(update, Update)
        assert update.reservation == 7

    @pytest.mark.parametrize("group", [None, FAMILY])
    def test_the_backend_starts_only_who_has_reserved(self, group: Token | None) -> None:
        evse = Evse(self.KEPT).free()
        start = RemoteStart(token=STRANGER, expires_at=START + timedelta(minutes=5), group=group)
        assert [type(a) for a in evse.feed(start)] == ([Claim] if group else [Reject])

    @pytest.mark.ocpp("H03.FR.09", "H03.FR.10")
    def test_it_is_used_up_by_the_token_though_the_transaction_begins_later(self) -> None:
        evse = Evse(self.KEPT).free()
        assert Claim(reservation=7) in evse.card()
        evse.policy = replace(self.KEPT, reservations=())  # it is gone by then
        (begin,) = told(evse.feed(WAITING))
        assert isinstance(begin, Begin)
        assert begin.reservation == 7

    def test_plugging_in_is_not_enough(self) -> None:
        evse = Evse(replace(self.KEPT, mode=FREE.mode)).free()
        assert evse.feed(WAITING) == []

    def test_it_is_used_where_the_evse_is_not_kept_for_it_alone(self) -> None:
        evse = Evse(replace(self.KEPT, kept=False)).free()
        evse.card()
        (begin,) = told(evse.feed(WAITING))
        assert isinstance(begin, Begin)
        assert begin.reservation == 7
