"""What of a long backlog is given up, so that a backend that stays away does not fill the disk (E04.FR.08, E11.FR.05)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.store.writer import Statement

BACKLOG = 50_000
"""Messages of one station from which on readings are thinned out: some 30 MB, two weeks of two EVSEs."""

SPARED = 256
"""Readings next to be sent, which are left alone: the window may be filled with them just now."""

_THIN = """
DELETE FROM outbox WHERE id IN (
  SELECT id FROM (
    SELECT id, row_number() OVER (ORDER BY id) AS place FROM outbox
    WHERE station = ? AND id > ? AND (
      action = 'MeterValues'
      OR action = 'TransactionEvent' AND json_extract(payload, '$.eventType') = 'Updated'
      AND json_extract(payload, '$.triggerReason') IN ('MeterValuePeriodic', 'MeterValueClock', 'ChargingRateChanged')
    )
  )
  WHERE place > ? AND place % 2 = 1
)
"""


def thin(station: str, after: int) -> tuple[Statement, Statement]:
    """Give up every other message that only brings readings or another rate; the second statement says how many that were.

    What a transaction needs to be known for stays: its start, its end, tokens, states. A seqNo that is missing shows
    the backend what was given up.

    Args:
        station: identity.
        after: the last id that is in memory.
    """
    return (_THIN, (station, after, SPARED)), ("SELECT changes()", ())
