"""Which network profiles are tried: A05, B10."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.network import SLOTS, NetworkProfile, NetworkState, order_of, slots_in, state_now


def profile(slot: int, level: int) -> NetworkProfile:
    return NetworkProfile(slot=slot, url=f"ws://csms-{slot}", security_profile=level)


levels = st.integers(0, 3)
known_slots = st.dictionaries(st.sampled_from(SLOTS[1:]), levels)


@pytest.mark.ocpp("A05.FR.06", "A00.FR.005")
@given(levels, known_slots, st.lists(st.sampled_from(SLOTS), max_size=4), levels, st.sampled_from(SLOTS))
def test_nothing_less_secure_than_what_has_worked_is_tried(
    site: int, others: dict[int, int], priority: list[int], floor: int, active: int
) -> None:
    known = {1: profile(1, site)} | {slot: profile(slot, level) for slot, level in others.items()}
    order = order_of(known, priority, NetworkState(floor=floor, active=active))
    assert order
    assert len({each.slot for each in order}) == len(order)
    usable = [slot for slot in [*priority, active] if slot in known and known[slot].security_profile >= floor]
    if usable:
        assert [each.slot for each in order] == list(dict.fromkeys(usable))
    else:
        assert [each.slot for each in order] == [1]


def test_a_changed_backend_starts_everything_over() -> None:
    site = profile(1, 1)
    state = NetworkState(floor=3, active=2, site=site.fingerprint)
    assert state_now(site, state) == state
    assert state_now(profile(1, 2), state) == NetworkState(floor=2, active=1, site=profile(1, 2).fingerprint)


def test_slots_are_read_as_they_are_written() -> None:
    assert slots_in("2,1") == (2, 1)
    assert slots_in("") == ()
