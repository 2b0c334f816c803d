"""Reports that come again, or too late: a station may repeat whatever it did not see answered."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.model.events import Measured, StationVariable, TransactionEnded
    from gateway.model.rules.context import Applied
    from gateway.model.transactions import Transaction
    from gateway.store.repository import Repository

logger = logging.getLogger(__name__)


async def ended_before(queries: Repository, station: str, before: Applied, event: TransactionEnded) -> bool:
    """Tell whether a stop repeats one that has been taken; the first report holds.

    Args:
        queries: the records of transactions.
        station: identity.
        before: what earlier events of the same commit have changed, which the records do not show yet.
        event: the stop.
    """
    number = event.number
    if number is not None and number > 0:
        if before.state.transaction_by_number(number) is not None:
            return False
        known = _ended(before, lambda t: t.number == number) or await queries.transaction_by_number(station, number)
    else:
        known = _ended(before, lambda t: t.end_key == event.key)
        known = known or await queries.transaction_by_end_key(station, event.key)
    if known is None or known.ended_at is None:
        return False
    if known.meter_last != event.meter_stop:
        logger.warning(
            "%s: transaction %s stopped again with %s Wh instead of %s Wh; the first report holds",
            station, known.id, event.meter_stop, known.meter_last,
        )  # fmt: skip
    return True


async def too_late(queries: Repository, station: str, before: Applied, event: Measured) -> bool:
    """Tell whether readings are of a transaction whose end has been told."""
    number = event.number
    if not number or before.state.transaction_by_number(number) is not None:
        return False
    known = _ended(before, lambda t: t.number == number) or await queries.transaction_by_number(station, number)
    return known is not None and known.ended_at is not None


def _ended(applied: Applied, fits: Callable[[Transaction], bool]) -> Transaction | None:
    return next((t for t in applied.transactions if t.ended_at is not None and fits(t)), None)


def merged(old: tuple[StationVariable, ...], new: tuple[StationVariable, ...]) -> tuple[StationVariable, ...]:
    """A station's settings after a report of some of them; what it cannot tell takes nothing from what it was told."""
    told = {variable.key for variable in old}
    fresh = {variable.key: variable for variable in new if not (variable.unread and variable.key in told)}
    return (*(fresh.pop(v.key, v) for v in old), *fresh.values())
