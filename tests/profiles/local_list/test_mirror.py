"""The station's own copy of the list."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import events as ev
from gateway.model.commands import Command, Outcome, SendLocalList, Verdict
from gateway.model.station import Capability
from gateway.model.tokens import Authorization, AuthorizationStatus, Token
from profiles.local_list import LocalListProfile
from profiles.local_list.mirror import CHUNK, Copy, steps
from profiles.local_list.update import LocalList
from tests.fakes.box import ID, Box
from tests.profiles.local_list.lists import differential, full, item, set_variable, version_of
from tests.profiles.opened import limit, opened_with, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from profiles.local_list.mirror import Entries


class Station:
    """A station's copy as its box's commands make it, by the rules of OCPP 1.5 (5.16)."""

    def __init__(self, box: Box) -> None:
        self.tags: dict[str, str] = {}
        self.version = 77  # whatever it had before
        self.kinds: list[bool] = []
        self.verdict: Verdict | None = None
        self._news = asyncio.Condition()
        self._box = box
        box.adapter.on_command = self._take

    async def _take(self, command: Command) -> None:
        if not isinstance(command, SendLocalList):
            return
        async with self._news:
            self.kinds.append(command.full)
            verdict = self.verdict
            if verdict is None and not command.full and command.version <= self.version:
                verdict = Verdict.VERSION_MISMATCH
            self._box.adapter.answers[SendLocalList] = Outcome(verdict=verdict or Verdict.ACCEPTED)
            if verdict is None:
                self.tags = {} if command.full else self.tags
                for entry in command.entries:
                    self.tags.pop(entry.token.value, None)
                    if entry.authorization is not None:
                        self.tags[entry.token.value] = entry.authorization.status.value
                self.version = command.version
            self._news.notify_all()

    async def has(self, *tags: str) -> None:
        """Wait until it holds exactly these tokens."""
        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(lambda: sorted(self.tags) == sorted(tags))

    async def asked(self, times: int) -> None:
        """Wait until it has been sent that many messages."""
        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(lambda: len(self.kinds) >= times)


@asynccontextmanager
async def mirrored(path: Path) -> AsyncIterator[tuple[Box, Station]]:
    """A box whose profile runs, and its station."""
    async with opened_with(LocalListProfile, path) as (box, profile), running(profile):
        yield box, Station(box)
        await box.settled()


async def test_a_master_pass_is_not_for_the_station_to_decide_on(tmp_path: Path) -> None:
    async with mirrored(tmp_path) as (box, station):
        await set_variable(box, "AuthCtrlr", "MasterPassGroupId", "Police")
        police = {"idToken": "POLICE", "type": "Central"}
        await box.call("SendLocalList", full(1, item("AA"), item("BB", groupIdToken=police)))
        await station.has("AA")


async def test_a_station_gets_the_list_and_then_what_changes(tmp_path: Path) -> None:
    async with mirrored(tmp_path) as (box, station):
        await box.call("SendLocalList", full(40, item("AA"), item("BB", "Blocked")))
        await station.has("AA", "BB")
        await box.call("SendLocalList", differential(41, item("BB", None), item("CC")))
        await station.has("AA", "CC")
        assert station.kinds == [True, False]


async def test_a_long_list_comes_in_parts(tmp_path: Path) -> None:
    tags = [f"{number:08X}" for number in range(CHUNK + 1)]
    async with mirrored(tmp_path) as (box, station):
        await box.call("SendLocalList", full(1, *map(item, tags)))
        await station.has(*tags)
        assert station.kinds == [True, False]


async def test_what_a_1x_reader_never_presents_stays_in_the_box(tmp_path: Path) -> None:
    async with mirrored(tmp_path) as (box, station):
        await box.call(
            "SendLocalList",
            full(1, item("AA"), item("DE-XYZ-C1", kind="eMAID"), item("BB", evseId=[1]), item("CC", "NotAtThisTime")),
        )
        await station.has("AA", "CC")


async def test_of_tokens_that_differ_by_type_only_a_1x_station_gets_the_card(tmp_path: Path) -> None:
    async with mirrored(tmp_path) as (box, station):
        await box.call("SendLocalList", full(1, item("AA"), item("AA", "Blocked", kind="Local")))
        await station.has("AA")
        assert station.tags["AA"] == "Accepted"


async def test_a_station_that_has_changed_its_list_by_itself_gets_it_whole(tmp_path: Path) -> None:
    async with mirrored(tmp_path) as (box, station):
        await box.call("SendLocalList", full(1, item("AA")))
        await station.has("AA")
        station.version, station.tags = 99, {"ZZ": "Accepted"}
        await box.call("SendLocalList", differential(2, item("BB")))
        await station.has("AA", "BB")
        assert station.kinds == [True, False, True]


@pytest.mark.parametrize("verdict", [Verdict.REJECTED, Verdict.UNSUPPORTED])
async def test_a_station_that_takes_no_copy_changes_nothing_at_the_box(tmp_path: Path, verdict: Verdict) -> None:
    async with mirrored(tmp_path) as (box, station):
        station.verdict = verdict
        assert (await box.call("SendLocalList", full(1, item("AA"))))["status"] == "Accepted"
        await station.asked(1)
        assert await version_of(box) == 1
        station.verdict = None
        await box.call("SendLocalList", full(2, item("BB")))
        if verdict is Verdict.REJECTED:
            await station.has("BB")
        assert await version_of(box) == 2


async def test_a_station_without_a_list_is_not_sent_one(tmp_path: Path) -> None:
    async with opened_with(LocalListProfile, tmp_path) as (box, profile):
        await limit(box, Capability.RESET)
        await box.call("SendLocalList", full(1, item("AA")))
        async with running(profile), asyncio.timeout(10):
            await profile._mirror._follow(ID)
        assert box.adapter.asked(SendLocalList) == []


async def test_a_station_gets_its_copy_when_it_is_back(tmp_path: Path) -> None:
    async with opened_with(LocalListProfile, tmp_path) as (box, profile):
        station = Station(box)
        await box.hub.publish(ev.StationLost(station=ID, at=box.clock.now()))
        await box.call("SendLocalList", full(1, item("AA")))
        await profile._mirror._follow(ID)
        assert station.kinds == []
        await limit(box, *Capability)
        await profile._mirror._follow(ID)
        assert sorted(station.tags) == ["AA"]


async def test_a_list_that_is_switched_off_is_off_at_the_station_too(tmp_path: Path) -> None:
    async with opened_with(LocalListProfile, tmp_path) as (box, profile):
        station = Station(box)
        await box.call("SendLocalList", full(1, item("AA")))
        await profile._mirror._follow(ID)
        await set_variable(box, "LocalAuthListCtrlr", "Enabled", "false")
        await profile._mirror._follow(ID)
        assert station.tags == {}
        await set_variable(box, "LocalAuthListCtrlr", "Enabled", "true")
        await profile._mirror._follow(ID)
        assert sorted(station.tags) == ["AA"]


async def test_a_list_that_was_never_sent_leaves_the_stations_own_alone(tmp_path: Path) -> None:
    async with opened_with(LocalListProfile, tmp_path) as (box, profile):
        await profile._mirror._follow(ID)
        assert box.adapter.asked(SendLocalList) == []


entries = st.dictionaries(
    st.text("ABC", min_size=1, max_size=3), st.sampled_from(AuthorizationStatus), max_size=2 * CHUNK
).map(
    lambda found: {
        value.casefold(): (Token(value=value), Authorization(status=status)) for value, status in found.items()
    }
)


@given(st.none() | entries, entries)
def test_the_steps_make_of_any_copy_what_is_wanted(old: Entries | None, wanted: Entries) -> None:
    copy = None if old is None else Copy(source=LocalList(), rules=(True, ""), entries=old, version=9)
    held = (
        dict(old) if old is not None else {"zz": (Token(value="ZZ"), Authorization(status=AuthorizationStatus.BLOCKED))}
    )
    version = 9
    for step in steps(ID, copy, wanted):
        assert len(step.entries) <= CHUNK
        assert step.full or step.version > version
        held, version = {} if step.full else held, step.version
        for entry in step.entries:
            held.pop(entry.token.key, None)
            if entry.authorization is not None:
                held[entry.token.key] = (entry.token, entry.authorization)
    assert held == wanted
