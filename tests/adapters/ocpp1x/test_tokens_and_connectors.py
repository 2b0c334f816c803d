"""Tokens and connectors by themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ocpp1x.connectors import Connectors
from adapters.ocpp1x.tokens import Tokens
from gateway.model.ids import Place
from gateway.model.station import Reservation, StationState
from gateway.model.tokens import AdditionalInfo, Token, TokenType

NOW = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
EMPTY = StationState(id="S")
SITES: tuple[dict[int, tuple[int, int]], ...] = (
    {},
    {1: (1, 1), 2: (1, 2)},
    {2: (1, 1)},
    {1: (2, 1), 2: (1, 1)},
    {10: (1, 1), 11: (2, 1)},
    {5: (1, 1), 6: (1, 2)},
)


@pytest.mark.parametrize("site", SITES)
def test_connectors_go_both_ways(site: dict[int, tuple[int, int]]) -> None:
    connectors = Connectors("S", site)
    numbers = [*site, *(n for n in range(1, 9) if n not in site)]
    places = [connectors.place(number) for number in numbers]
    assert len(set(places)) == len(places)
    assert [connectors.numbers(place) for place in places] == [(number,) for number in numbers]
    assert connectors.numbers(connectors.place(0)) == (0,)


def test_an_evse_is_all_its_connectors() -> None:
    assert Connectors("S", {1: (1, 1), 2: (1, 2)}).numbers(Place(station="S", evse=1)) == (1, 2)
    assert Connectors("S", {}).numbers(Place(station="S", evse=3)) == (3,)
    assert Connectors("S", {}).place(-5) == Place(station="S")


def test_a_number_that_no_connector_has_makes_no_evse() -> None:
    connectors = Connectors("S", {1: (1, 1), 500: (2, 1)})
    assert connectors.place(99) == Place(station="S", evse=99, connector=1)
    assert connectors.place(500) == Place(station="S", evse=2, connector=1)
    assert connectors.place(100) == Place(station="S")
    assert connectors.charging_place(2**40) == Place(station="S", evse=1, connector=1)


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=1, max_size=36))
def test_any_token_goes_to_the_station_and_back(value: str) -> None:
    tokens = Tokens(20, None)
    token = Token(value=value)
    id_tag = tokens.id_tag(token)
    assert len(id_tag) <= 20
    assert tokens.token(id_tag.swapcase(), EMPTY).same_as(token)


def test_a_short_name_survives_a_restart_with_its_reservation() -> None:
    token = Token(value="urn:a:token:that:is:too:long", type=TokenType.CENTRAL)
    group = Token(value="a-group-that-is-longer-than-20", type=TokenType.LOCAL)
    before = Tokens(20, None)
    held = Reservation(id=1, evse=1, token=token, group=group, expires_at=NOW)
    state = StationState(id="S", reservations=(held,))
    for each in (token, group):
        assert Tokens(20, None).token(before.id_tag(each), state) == each


@pytest.mark.parametrize(
    ("id_tag", "type_"),
    [
        ("04A1B2C3", TokenType.ISO14443),
        ("04a1b2c3d4e5f6", TokenType.ISO14443),
        ("04A1B2C3D4E5F60718", TokenType.LOCAL),
        ("e004015012345678", TokenType.ISO15693),
        ("driver 5", TokenType.LOCAL),
        ("", TokenType.NO_AUTHORIZATION),
    ],
)
def test_the_type_of_a_token_is_told_by_its_form(id_tag: str, type_: TokenType) -> None:
    assert Tokens(20, None).token(id_tag, EMPTY) == Token(value=id_tag, type=type_)


def test_what_the_backend_has_told_of_a_token_stays_with_it() -> None:
    tokens, whole = Tokens(20, None), Token(value="AA", additional=(AdditionalInfo(value="7", type="pin"),))
    tokens.learn(whole)
    assert tokens.token("aa", EMPTY).additional == whole.additional


def test_the_site_may_say_the_type() -> None:
    assert not Tokens(20, TokenType.LOCAL).token("04A1B2C3", EMPTY).guessed
    assert Tokens(20, TokenType.LOCAL).token("04A1B2C3", EMPTY).type is TokenType.LOCAL
