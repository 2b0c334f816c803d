"""The status as tables for a terminal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gateway.locale.limits import limit_text
from gateway.model.limits.reason import LimitName, LimitReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.locale import Catalogue
    from gateway.status import OutboxStatus, SouthboundStatus, Status

Rows = list[tuple[str, ...]]

_WATT_HOURS = 1000


def status_page(status: Status, words: Catalogue, now: datetime | None = None) -> str:
    """The whole page; ages are counted to `now` (UTC-aware), the present if absent."""
    return "\n".join(_lines(status, words, now or datetime.now(UTC)))


def _lines(status: Status, words: Catalogue, now: datetime) -> Iterator[str]:
    uptime = duration(timedelta(seconds=status.uptime_s))
    yield words.word("status-box", box=status.box, version=status.version, uptime=uptime)
    if not status.storage.ok:
        yield words.word("status-storage-bad")
    yield ""
    yield from _table(
        _header(words, "station", "adapter", "southbound", "backend", "outbox"), _stations(status, words, now)
    )
    connectors = _connectors(status)
    if connectors:
        yield ""
        yield from _table(_header(words, "station", "evse", "connector", "state", "faults"), connectors)
    transactions = _transactions(status, now)
    if transactions:
        yield ""
        yield from _table(_header(words, "station", "evse", "transaction", "since", "energy", "token"), transactions)
    limits = _limits(status, now)
    if limits:
        yield ""
        yield from _table(_header(words, "station", "evse", "limit", "holder", "since", "until"), limits)
    bindings = _bindings(status, words)
    if bindings:
        yield ""
        yield from _table(_header(words, "station", "evse", "allowed", "by"), bindings)
    if status.shared:
        yield ""
        yield from _table(_header(words, "circuit", "shared", "leader", "role", "allowed"), _shared(status, words))
    if status.refused:
        yield ""
        yield words.word("status-refused")
        seen = [words.word("status-times", count=each.count, last=_age(each.last, now)) for each in status.refused]
        rows = [(each.charge_box_identity, each.peer, when) for each, when in zip(status.refused, seen, strict=True)]
        yield from _table(_header(words, "identity", "peer", "seen"), rows)


def _header(words: Catalogue, *columns: str) -> tuple[str, ...]:
    return tuple(words.word(f"col-{column}") for column in columns)


def _stations(status: Status, words: Catalogue, now: datetime) -> Rows:
    rows: Rows = []
    for station in status.stations:
        backend = f"{words.word('state-' + station.backend.state)} ({_age(station.backend.since, now)})"
        southbound = _southbound(station.southbound, words, now)
        rows.append((station.identity, station.adapter, southbound, backend, _outbox(station.outbox, words, now)))
    return rows


def _southbound(southbound: SouthboundStatus, words: Catalogue, now: datetime) -> str:
    if southbound.last_heard is None:
        return words.word("state-never")
    state = words.word("state-reachable" if southbound.reachable else "state-lost")
    address = f" {southbound.address}" if southbound.address else ""
    return f"{state} ({_age(southbound.last_heard, now)}){address}"


def _outbox(outbox: OutboxStatus, words: Catalogue, now: datetime) -> str:
    if not outbox.length:
        return words.word("outbox-empty")
    return words.word("outbox-holds", length=outbox.length, age=_age(outbox.oldest, now) if outbox.oldest else "-")


def _connectors(status: Status) -> Rows:
    return [
        (station.identity, str(each.evse), str(each.connector), each.status, ", ".join(each.faults) or "-")
        for station in status.stations
        for each in station.connectors
    ]


def _transactions(status: Status, now: datetime) -> Rows:
    return [
        (
            station.identity,
            str(each.evse),
            each.id,
            _age(each.started_at, now),
            _energy(each.energy_wh),
            each.token or "-",
        )
        for station in status.stations
        for each in station.transactions
    ]


def _limits(status: Status, now: datetime) -> Rows:
    return [
        (
            station.identity,
            str(each.evse or "-"),
            "-" if each.amps is None else f"{each.amps:g} A",
            each.holder,
            _age(each.since, now),
            "-" if each.until is None else duration(max(each.until - now, timedelta())),
        )
        for station in status.stations
        for each in station.limits
    ]


def _bindings(status: Status, words: Catalogue) -> Rows:
    """EVSEs that may draw less than they are built for."""
    return [
        (
            station.identity,
            str(each.evse),
            f"{each.amps:g} A",
            limit_text(LimitReason.of(each.reason, **each.values), words),
        )
        for station in status.stations
        for each in station.bindings
        if each.amps is not None and each.reason != LimitName.BUILT
    ]


def _shared(status: Status, words: Catalogue) -> Rows:
    return [
        (
            each.circuit,
            each.group,
            each.leader or "-",
            words.word(f"shared-{each.role}"),
            "/".join(f"{amps:g}" for amps in each.amps) + " A",
        )
        for each in status.shared
    ]


def _energy(watt_hours: float | None) -> str:
    return "-" if watt_hours is None else f"{watt_hours / _WATT_HOURS:.3f} kWh"


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def _age(moment: datetime, now: datetime) -> str:
    return duration(max(now - moment, timedelta()))


def duration(span: timedelta) -> str:
    """A span with its two biggest units: `3 d 4 h`, `5 min 2 s`, `12 s`."""
    seconds = int(span.total_seconds())
    parts: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count} {unit}")
        elif parts:
            break
    return " ".join(parts[:2])
