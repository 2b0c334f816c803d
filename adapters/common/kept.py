"""Samples that are told with the end of a transaction: kept over restarts of the box, and thinned out (E06.FR.13)."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from gateway.model.errors import GatewayError
from gateway.model.readings import ENERGY_REGISTER, Context, Location, Reading, Sample, register
from gateway.model.session import kept

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from gateway.model.session import Sampling
    from gateway.model.transactions import Transaction

logger = logging.getLogger(__name__)

SAMPLES_KEPT = 200
"""Samples for the end of a transaction; more are thinned out."""


class Kept:
    """The samples of one EVSE's transaction until it ends.

    Args:
        noted: What was noted before the box started; "" for nothing.
        note: Notes it.
    """

    def __init__(self, noted: str, note: Callable[[str], Awaitable[None]]) -> None:
        self._noted = noted
        self._note = note
        self._number = 0
        self._samples: tuple[Sample, ...] = ()

    def begin(self, number: int, first: Sample | None) -> None:
        """A transaction has begun; its first sample need not be noted, as the transaction itself knows the register."""
        self._number, self._samples = number, (first,) if first else ()

    def recover(self, running: Transaction, sampling: Sampling) -> None:
        """Go on with a transaction that was running when the box stopped."""
        number, samples = _read(self._noted)
        if number != running.number:
            told = running.meter_start is not None and ENERGY_REGISTER in sampling.ended
            begin = register(running.meter_start or 0.0, running.started_at, Context.TRANSACTION_BEGIN)
            samples = (begin,) if told else ()
        self._number, self._samples = running.number, samples

    async def add(self, samples: Iterable[Sample]) -> None:
        """Keep more; what cannot be noted now is lost only if the box stops before the next time."""
        before = self._samples
        for sample in samples:
            self._samples = kept(self._samples, sample, SAMPLES_KEPT)
        if self._samples is before:
            return
        try:
            await self._note(_written(self._number, self._samples))
        except GatewayError as error:
            logger.debug("samples not noted: %s", error)

    def with_last(self, last: Sample | None) -> tuple[Sample, ...]:
        """All of them, with one that was taken at the end."""
        return self._samples if last is None else kept(self._samples, last, SAMPLES_KEPT)


def _written(number: int, samples: Iterable[Sample]) -> str:
    rows = [[s.at.isoformat(), [_row(reading) for reading in s.readings]] for s in samples]
    return orjson.dumps([number, rows]).decode()


def _row(reading: Reading) -> list[Any]:
    return [
        reading.value,
        reading.measurand,
        reading.unit,
        reading.context.value,
        reading.location.value,
        reading.phase,
    ]


def _read(text: str) -> tuple[int, tuple[Sample, ...]]:
    """Number of the transaction, and its samples; 0 for what cannot be read."""
    try:
        number, rows = orjson.loads(text)
        return int(number), tuple(
            Sample(at=datetime.fromisoformat(at), readings=tuple(_reading(*row) for row in found)) for at, found in rows
        )
    except (ValueError, TypeError):
        return 0, ()


def _reading(value: float, measurand: str, unit: str, context: str, location: str, phase: str | None) -> Reading:
    return Reading(
        value=value,
        measurand=measurand,
        unit=unit,
        context=Context(context),
        location=Location(location),
        phase=phase,
    )
