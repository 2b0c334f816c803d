"""What is to be shown now. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.evse import ConnectorStatus
from gateway.model.notices import Notice, NoticeKind
from gateway.model.rules.connectors import status_of
from profiles.display.message import Condition, DisplayMessage, Priority

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from gateway.model.station import StationState

CYCLE = 10.0
"""Seconds that a message leads those that it takes turns with."""


def showing(messages: Iterable[DisplayMessage], state: StationState, now: datetime) -> tuple[Notice, ...]:
    """The messages that are to be shown now, in their order at each place.

    A place is an EVSE, or (evse 0) the whole station for what is shown at all of its EVSEs. A message that is always in
    front stands alone where it is shown (O01.FR.15). Those in front come before the normal cycle, and each of both
    groups takes turns in leading (O01.FR.12 to O01.FR.14).

    Args:
        messages: All that are held.
        state: Of the station.
        now: The time.
    """
    held = sorted(messages, key=lambda each: each.id)
    evses = tuple(evse for evse in state.evses() if evse) or (0,)
    at = {evse: _at(evse, held, state, now) for evse in evses}
    common = [each for each in held if all(each in shown for shown in at.values())]
    places = {0: common} | {evse: [m for m in shown if m not in common] for evse, shown in at.items() if evse}
    return tuple(_notice(each, evse) for evse, shown in places.items() for each in _ordered(shown, now))


def condition(state: StationState, evse: int) -> Condition:
    """The state of an EVSE as a message means it."""
    statuses = {status_of(state, each) for each in state.connectors if each.evse == evse}
    if ConnectorStatus.FAULTED in statuses:
        return Condition.FAULTED
    if statuses <= {ConnectorStatus.UNAVAILABLE}:
        return Condition.UNAVAILABLE
    running = state.transaction_at(evse)
    return Condition.CHARGING if running is not None and running.charges else Condition.IDLE


def _at(
    evse: int, messages: Sequence[DisplayMessage], state: StationState, now: datetime
) -> tuple[DisplayMessage, ...]:
    """Which of the messages are shown at an EVSE."""
    here = condition(state, evse)
    due = [each for each in messages if _is_due(each, evse, here, state, now)]
    alone = [each for each in due if each.priority is Priority.ALWAYS_FRONT]
    return tuple(alone or due)


def _is_due(message: DisplayMessage, evse: int, here: Condition, state: StationState, now: datetime) -> bool:
    if message.is_over(state, now) or (message.start is not None and message.start > now):
        return False
    if message.condition is not None and message.condition is not here:
        return False
    running = state.transaction(message.transaction) if message.transaction is not None else None
    return running is None or running.evse in {evse, 0}


def _ordered(messages: Sequence[DisplayMessage], now: datetime) -> list[DisplayMessage]:
    return [each for group in Priority for each in _turned([m for m in messages if m.priority is group], now)]


def _turned(group: list[DisplayMessage], now: datetime) -> list[DisplayMessage]:
    first = int(now.timestamp() // CYCLE) % len(group) if group else 0
    return group[first:] + group[:first]


def _notice(message: DisplayMessage, evse: int) -> Notice:
    return Notice(
        kind=NoticeKind.MESSAGE,
        evse=evse,
        text=message.text,
        language=message.language,
        in_front=message.priority is not Priority.NORMAL_CYCLE,
    )
