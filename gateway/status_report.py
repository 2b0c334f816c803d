"""The status of the box, put together from its parts."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from gateway.model.limits.foreign import amps
from gateway.model.rules.connectors import status_of
from gateway.status import (
    BackendStatus,
    BindingStatus,
    ConnectorStatus,
    LimitStatus,
    OutboxStatus,
    RefusedStatus,
    SharedStatus,
    SouthboundStatus,
    StationStatus,
    Status,
    StorageStatus,
    TransactionStatus,
    mask,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gateway.fleet import Fleet, Member
    from gateway.link.service import Link
    from gateway.load.ports import Shares
    from gateway.model.limits.binding import Binding
    from gateway.store.storage import Storage


class StatusReport:
    """Makes a status each time it is called."""

    def __init__(
        self,
        box: str,
        fleet: Fleet,
        storage: Storage,
        link: Link,
        now: Callable[[], datetime],
        bindings: Callable[[str], Mapping[int, Binding]],
        shares: Shares | None = None,
    ) -> None:
        self._box = box
        self._fleet = fleet
        self._storage = storage
        self._link = link
        self._now = now
        self._bindings = bindings
        self._shares = shares
        self._start = time.monotonic()

    def __call__(self) -> Status:
        """The status now."""
        return Status(
            box=self._box,
            version=version("stationlift"),
            uptime_s=round(time.monotonic() - self._start, 1),
            storage=StorageStatus(ok=self._storage.writer.ok),
            stations=tuple(self._station(member) for member in self._fleet.members()),
            refused=tuple(
                RefusedStatus(charge_box_identity=s.claimed_identity, peer=s.peer, count=s.count, last=s.last)
                for s in self._fleet.strangers()
            ),
            shared=tuple(self._shared()),
        )

    def _shared(self) -> Iterator[SharedStatus]:
        if self._shares is not None:
            for each in self._shares.standings(asyncio.get_running_loop().time()):
                yield SharedStatus(
                    circuit=each.circuit,
                    group=each.group,
                    leader=each.leader,
                    role=each.role.value,
                    amps=each.limit,
                )

    def _station(self, member: Member) -> StationStatus:
        state = member.state
        link = self._link.status(member.id)
        address, heard = member.adapter.reach(member.id)
        oldest = self._storage.outbox.oldest(member.id)
        return StationStatus(
            identity=member.id,
            adapter=member.adapter_name,
            southbound=SouthboundStatus(reachable=state.reachable, last_heard=heard, address=address),
            backend=BackendStatus(state=link.state.value, since=link.since, url=link.url),
            outbox=OutboxStatus(
                length=self._storage.outbox.length(member.id),
                oldest=None if oldest is None else datetime.fromtimestamp(oldest, UTC),
            ),
            connectors=tuple(
                ConnectorStatus(
                    evse=c.evse,
                    connector=c.connector,
                    status=status_of(state, c).value,
                    faults=tuple(fault.code or fault.component for fault in c.faults),
                )
                for c in state.connectors
            ),
            transactions=tuple(
                TransactionStatus(
                    id=t.id,
                    evse=t.evse,
                    started_at=t.started_at,
                    energy_wh=t.energy,
                    token=mask(t.token) if t.token else None,
                )
                for t in state.transactions
            ),
            limits=tuple(
                LimitStatus(
                    evse=held.evse,
                    holder=held.holder,
                    amps=amps(held, self._now()),
                    since=held.at,
                    until=held.ends_at,
                )
                for held in state.limits
            ),
            bindings=tuple(
                BindingStatus(
                    evse=evse,
                    amps=each.current,
                    reason=each.reason.code,
                    values=dict(each.reason.values),
                    holder=each.holder,
                )
                for evse, each in self._bindings(member.id).items()
            ),
        )
