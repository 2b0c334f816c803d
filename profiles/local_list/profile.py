"""Profile Local List put together."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Profile, Reply
from gateway.model.device import VariableRef
from gateway.model.errors import GatewayError
from gateway.model.tokens import Authorization, AuthorizationStatus
from profiles.common import master_pass
from profiles.common.asking import ask, remote_disabled
from profiles.common.replies import ACCEPTED, refused
from profiles.common.stopping import stops
from profiles.common.tokens import RULES
from profiles.common.variable_specs import fixed, place, writable
from profiles.common.wire import flag
from profiles.local_list.mirror import Mirror
from profiles.local_list.update import BYTES_PER_MESSAGE, CAPACITY, ITEMS_PER_MESSAGE, STORAGE, LocalList, updated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.contracts import Backend, Handler, Json, Northbound
    from gateway.model.device import VariableSpec
    from gateway.model.ids import Place
    from gateway.model.station import StationState
    from gateway.model.tokens import Token

CONTROLLER = "LocalAuthListCtrlr"
ENTRIES = VariableRef(component=CONTROLLER, variable="Entries")
BYTES = VariableRef(component=CONTROLLER, variable="Storage")


class LocalListProfile(Profile):
    """SendLocalList, GetLocalListVersion, and tokens that the list knows; before core, whose cache ranks lower."""

    name: ClassVar[str] = "local_list"
    rank: ClassVar[int] = 90

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._backend = backend
        self._lists: dict[str, LocalList] = {}
        self._mirror = Mirror(northbound, self._held)

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return {"SendLocalList": self.send_local_list, "GetLocalListVersion": self.get_local_list_version}

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        yield fixed(CONTROLLER, "Available", "true")
        yield writable(CONTROLLER, "Enabled", "true")
        yield writable(CONTROLLER, "DisablePostAuthorize", "false")
        yield fixed(CONTROLLER, "SupportsExpiryDateTime", "true")
        yield replace(place(CONTROLLER, "Entries", "0", maximum=CAPACITY), persistent=True)
        yield replace(place(CONTROLLER, "Storage", "0", maximum=STORAGE), persistent=True)
        yield fixed(CONTROLLER, "ItemsPerMessage", str(ITEMS_PER_MESSAGE))
        yield fixed(CONTROLLER, "BytesPerMessage", str(BYTES_PER_MESSAGE))

    @override
    async def run(self) -> None:
        for station in self._northbound.stations():
            await self._count(station, await self._held(station))
        await self._mirror.run()

    async def send_local_list(self, station: str, payload: Json) -> Reply:
        """Take a new list, or changes to it (D01). The box's list counts; the station's copy follows."""
        if not flag(self._northbound.device(station), CONTROLLER, "Enabled"):
            return refused("NotEnabled", status="Failed")
        new = updated(await self._held(station), payload)
        if isinstance(new, Reply):
            return new
        try:
            await self._northbound.tokens.store_local_list(station, new.version, new.entries)
        except GatewayError as error:
            return refused("InternalError", error.code, status="Failed")
        self._lists[station] = new
        # The list is in force, whether or not its size can be noted: that is made good at the next start.
        with contextlib.suppress(GatewayError):
            await self._count(station, new)
        self._mirror.changed()
        return ACCEPTED

    async def get_local_list_version(self, station: str, _payload: Json) -> Reply:
        """Tell the version; 0 where there is no list, or none is in use (D02)."""
        enabled = flag(self._northbound.device(station), CONTROLLER, "Enabled")
        version = (await self._held(station)).version if enabled else 0
        return Reply(payload={"versionNumber": version})

    @override
    async def authorize(self, place: Place, token: Token, *, patience: float) -> Authorization | None:
        found = await self._word(place, token, patience)
        return None if found is None else master_pass.presented(self._northbound, place.station, found)

    async def _word(self, place: Place, token: Token, patience: float) -> Authorization | None:
        """The list's word, where it counts (C13, C14); None of a token that is not in it.

        The backend is asked of a token that the list does not accept, or all where LocalPreAuthorize is off; but not of
        one that ends what runs.
        """
        station = place.station
        device = self._northbound.device(station)
        entry = (await self._held(station)).find(token) if flag(device, CONTROLLER, "Enabled") else None
        if entry is None or not flag(device, RULES, "Enabled", absent=True):
            return None
        word = self._now_of(entry[1])
        if entry[0].additional:
            word, token = replace(word, token=entry[0]), entry[0]
        barred = not entry[1].accepted and flag(device, CONTROLLER, "DisablePostAuthorize")
        if barred or (word.accepted and flag(device, RULES, "LocalPreAuthorize")):
            return word
        if await stops(self._northbound, place, token, word):
            return word  # E07.FR.01
        answer = await ask(self._northbound, self._backend, station, token, patience)
        if answer is not None:
            return answer
        if remote_disabled(device) or flag(device, RULES, "LocalAuthorizeOffline", absent=True):
            return word
        return Authorization(status=AuthorizationStatus.UNKNOWN)

    def _now_of(self, authorization: Authorization) -> Authorization:
        """An entry past its time does not authorize (C13.FR.05, C14.FR.05)."""
        expires_at = authorization.expires_at
        if authorization.accepted and expires_at is not None and expires_at <= self._northbound.now():
            return replace(authorization, status=AuthorizationStatus.EXPIRED)
        return authorization

    async def _held(self, station: str) -> LocalList:
        """The list of a station, read once."""
        if station not in self._lists:
            version, entries = await self._northbound.tokens.local_list(station)
            # A newer one may have come while this was read.
            self._lists.setdefault(station, LocalList(version=version, entries=entries))
        return self._lists[station]

    async def _count(self, station: str, held: LocalList) -> None:
        """Note how many tokens there are (D01.FR.12), and how much room they take."""
        for ref, number in ((ENTRIES, len(held.entries)), (BYTES, held.size)):
            if self._northbound.device(station).value(ref) != str(number):
                await self._northbound.note_variable(station, ref, str(number))
