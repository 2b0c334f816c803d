"""D01: what an update makes of the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contracts import CallRefused, Reply
from gateway.link.validation import Direction
from gateway.model.tokens import AuthorizationStatus
from profiles.local_list.update import CAPACITY, ITEMS_PER_MESSAGE, LocalList, updated
from tests.fakes.box import SCHEMAS
from tests.profiles.local_list.lists import differential, full, item

if TYPE_CHECKING:
    from gateway.contracts import Json


def after(held: LocalList, *requests: Json) -> LocalList:
    """The list after updates that are all accepted."""
    for request in requests:
        assert SCHEMAS.validate("SendLocalList", Direction.REQUEST, request) is None
        new = updated(held, request)
        assert isinstance(new, LocalList), new
        held = new
    return held


def refusal(held: LocalList, request: Json) -> tuple[str, str]:
    """Status and reason of an update that is refused."""
    found = updated(held, request)
    assert isinstance(found, Reply)
    assert SCHEMAS.validate("SendLocalList", Direction.RESPONSE, found.payload) is None
    return found.payload["status"], found.payload["statusInfo"]["reasonCode"]


EMPTY = LocalList()
HELD = after(EMPTY, full(5, item("AA"), item("BB", "Blocked")))


@pytest.mark.ocpp("D01.FR.15")
def test_a_full_list_replaces_what_was_there_whatever_its_version() -> None:
    new = after(HELD, full(2, item("CC", groupIdToken={"idToken": "FLEET", "type": "Central"}, evseId=[1])))
    assert new.version == 2
    assert list(new.entries) == ["ISO14443/cc"]
    token, authorization = new.entries["ISO14443/cc"]
    assert (token.value, authorization.status, authorization.evses) == ("CC", AuthorizationStatus.ACCEPTED, (1,))
    assert authorization.group is not None
    assert authorization.group.value == "FLEET"


@pytest.mark.ocpp("D01.FR.04")
def test_a_full_list_without_tokens_empties_it() -> None:
    assert after(HELD, full(6)) == LocalList(version=6)


@pytest.mark.ocpp("D01.FR.16", "D01.FR.17")
def test_changes_add_replace_and_remove() -> None:
    new = after(HELD, differential(6, item("aa", "Expired"), item("BB", None), item("CC"), item("DD", None)))
    assert {token.key: known.status.value for token, known in new.entries.values()} == {
        "aa": "Expired",
        "cc": "Accepted",
    }
    assert new.version == 6


@pytest.mark.ocpp("D01.FR.05")
def test_no_changes_are_a_new_version() -> None:
    assert after(HELD, differential(6)) == LocalList(version=6, entries=HELD.entries)


@pytest.mark.ocpp("D01.FR.19")
@pytest.mark.parametrize("version", [1, 5])
def test_changes_to_another_version_are_refused(version: int) -> None:
    assert refusal(HELD, differential(version, item("CC"))) == ("VersionMismatch", "ValueTooLow")


@pytest.mark.ocpp("D01.FR.18")
@pytest.mark.parametrize("version", [0, -1])
def test_a_version_is_above_zero(version: int) -> None:
    assert refusal(EMPTY, full(version, item("AA"))) == ("Failed", "ValuePositiveOnly")
    assert refusal(EMPTY, differential(version, item("AA"))) == ("Failed", "ValuePositiveOnly")


@pytest.mark.ocpp("D01.FR.06")
def test_a_token_is_given_once_however_it_is_written() -> None:
    assert refusal(HELD, full(6, item("ab"), item("AB"))) == ("Failed", "InvalidValue")
    assert refusal(HELD, differential(6, item("AB"), item("AB", None))) == ("Failed", "InvalidValue")


def test_a_full_list_says_of_each_token_whether_it_may_charge() -> None:
    assert refusal(HELD, full(6, item("CC", None))) == ("Failed", "MissingParam")


@pytest.mark.ocpp("D01.FR.11")
def test_a_message_has_limits() -> None:
    many = [item(f"{number:08X}") for number in range(ITEMS_PER_MESSAGE + 1)]
    assert refusal(EMPTY, full(1, *many)) == ("Failed", "TooManyElements")
    assert len(after(EMPTY, full(1, *many[1:])).entries) == ITEMS_PER_MESSAGE
    message = {"format": "UTF8", "content": "\u20ac" * 512}
    wordy = [item(f"{number:08X}", personalMessage=message) for number in range(ITEMS_PER_MESSAGE)]
    assert refusal(EMPTY, full(1, *wordy)) == ("Failed", "TooLargeElement")


def test_a_list_has_a_limit() -> None:
    held = EMPTY
    for version, start in enumerate(range(0, CAPACITY, ITEMS_PER_MESSAGE), 1):
        held = after(held, differential(version, *[item(f"{n:08X}") for n in range(start, start + ITEMS_PER_MESSAGE)]))
    assert len(held.entries) == CAPACITY
    assert refusal(held, differential(held.version + 1, item("FFFFFFFF"))) == ("Failed", "OutOfStorage")
    after(held, differential(held.version + 1, item("00000000", None), item("FFFFFFFF")))


def test_it_may_not_take_more_than_its_room(monkeypatch: pytest.MonkeyPatch) -> None:
    held = after(EMPTY, full(1, item("AA")))
    monkeypatch.setattr("profiles.local_list.update.STORAGE", 2 * held.size)
    held = after(held, differential(2, item("BB")))
    assert refusal(held, differential(3, item("CC"))) == ("Failed", "OutOfStorage")


def test_a_time_that_is_none_is_a_bad_message() -> None:
    with pytest.raises(CallRefused):
        updated(EMPTY, full(1, item("AA", cacheExpiryDateTime="soon")))


tokens = st.text("ABab01", min_size=1, max_size=3)
changes = st.dictionaries(tokens, st.sampled_from(["Accepted", "Blocked", None]), max_size=6)


@given(st.lists(changes, max_size=6))
def test_changes_one_after_the_other_are_the_list_that_they_describe(series: list[dict[str, str | None]]) -> None:
    held, wanted = EMPTY, dict[str, str]()
    for version, change in enumerate(series, 1):
        new = updated(held, differential(version, *[item(token, status) for token, status in change.items()]))
        if len({token.casefold() for token in change}) < len(change):
            assert isinstance(new, Reply)
            continue
        assert isinstance(new, LocalList)
        held = new
        for token, status in change.items():
            wanted.pop(token.casefold(), None)
            if status is not None:
                wanted[token.casefold()] = status
    assert {token.key: known.status.value for token, known in held.entries.values()} == wanted
