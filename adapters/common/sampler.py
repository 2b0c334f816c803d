"""The readings of one EVSE that its variables ask for: when they are due, and what is told or kept of them (J)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.device import VariableRef
from gateway.model.events import Measured
from gateway.model.metering import quiet
from gateway.model.session import Purpose, Sampling, Watch, chosen, due

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.common.kept import Kept
    from gateway.contracts import Southbound
    from gateway.model.ids import Place
    from gateway.model.readings import Sample
    from gateway.model.transactions import Transaction

_TOLD = frozenset({Purpose.UPDATED, Purpose.ALIGNED})
_FOR_THE_END = frozenset({Purpose.ENDED, Purpose.ALIGNED_ENDED})


class Sampler:
    """Knows up to when it has sampled.

    Args:
        hub: the box.
        place: the EVSE's only connector.
        kept: keeps samples for the end of a transaction.
    """

    def __init__(self, hub: Southbound, place: Place, kept: Kept) -> None:
        self._hub = hub
        self._place = place
        self._kept = kept
        self._watch = self._from = self._next = Watch(checked=hub.now())

    def recover(self, running: Transaction) -> None:
        """Go on with a transaction that was running when the box stopped."""
        self._watch = Watch(checked=self._hub.now(), begun=running.started_at)
        self._kept.recover(running, self._sampling())

    def at_begin(self, sample: Sample, at: datetime) -> tuple[Sample, ...]:
        """What is told with the begin of a transaction."""
        first = chosen(sample, self._sampling(), Purpose.BEGIN)
        return (replace(first, at=at),) if first else ()

    def begun(self, number: int, sample: Sample, at: datetime) -> None:
        """A transaction has begun, with these readings."""
        self._watch = Watch(checked=at, begun=at)
        first = chosen(sample, self._sampling(), Purpose.ENDED_BEGIN)
        self._kept.begin(number, replace(first, at=at) if first else None)

    def at_end(self, sample: Sample, at: datetime) -> tuple[Sample, ...]:
        """What is told with the end of a transaction."""
        last = chosen(sample, self._sampling(), Purpose.END)
        return self._kept.with_last(replace(last, at=at) if last else None)

    def ended(self) -> None:
        """There is no transaction any more."""
        self._watch = Watch(checked=self._hub.now())

    def due(self) -> frozenset[Purpose]:
        """What is due now, again and again until ``take`` has told it."""
        self._from = self._watch
        self._next, purposes = due(self._watch, self._sampling(), self._hub.now())
        if not purposes:
            self._watch = self._next
        return purposes

    async def take(self, purposes: frozenset[Purpose], sample: Sample, number: int | None) -> None:
        """Tell and keep what is due.

        Args:
            purposes: from ``due``.
            sample: every reading there is.
            number: of the transaction that runs.

        Raises:
            GatewayError: ``storage-failed``; it is due still.
        """
        if self._watch is not self._from:
            return  # a transaction has begun or ended meanwhile
        sampling = self._sampling()
        if quiet(self._look, self._hub.station(self._place.station), self._place.evse):
            purposes -= {Purpose.ALIGNED}
        told = _all(sample, sampling, purposes & _TOLD)
        if told:
            await self._hub.publish(Measured(place=self._place, samples=told, number=number))
        await self._kept.add(_all(sample, sampling, purposes & _FOR_THE_END))
        if self._watch is self._from:
            self._watch = self._next

    def _sampling(self) -> Sampling:
        return Sampling.of(lambda component, variable: self._look(VariableRef(component=component, variable=variable)))

    def _look(self, ref: VariableRef) -> str:
        return self._hub.setting(self._place.station, ref)


def _all(full: Sample, sampling: Sampling, purposes: frozenset[Purpose]) -> tuple[Sample, ...]:
    found = [chosen(full, sampling, purpose) for purpose in Purpose if purpose in purposes]
    return tuple(sample for sample in found if sample is not None)
