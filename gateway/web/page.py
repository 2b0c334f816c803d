"""The page as HTML. Pure; whatever comes from outside is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from gateway.keypad import Entered
from gateway.locale.limits import limit_text
from gateway.model.evse import ConnectorStatus
from gateway.model.notices import NoticeKind
from gateway.model.rules.connectors import status_of
from gateway.model.station import Capability
from gateway.model.transactions import ChargingState
from gateway.web.alerts import alerts
from gateway.web.load import load
from gateway.web.words import drivers_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gateway.model.notices import Notice
    from gateway.model.station import StationState
    from gateway.model.transactions import Transaction
    from gateway.web.sight import Sight
    from gateway.web.words import Reader

_WH_PER_KWH = 1000


def whole_page(
    sight: Sight, stations: Sequence[str], reader: Reader, readers: Mapping[str, Reader], path: str, told: str = ""
) -> str:
    """The document of some stations.

    Args:
        sight: What there is to see.
        stations: Which.
        reader: Who reads.
        readers: Those of all languages.
        path: Its address without a language.
        told: What has come of the last code that was typed; "" for nothing.
    """
    query = urlencode({"lang": reader.language} | ({"station": stations[0]} if path != "/" else {}))
    keypad = _keypad(sight, stations[0], reader, told) if path != "/" else ""
    links = " ".join(f'<a href="{escape(path)}?lang={each}" hreflang="{each}">{each.upper()}</a>' for each in readers)
    return (
        f'<!doctype html>\n<html lang="{reader.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(sight.box)}</title>\n"
        '<link rel="stylesheet" href="/page.css">\n<script src="/page.js" defer></script>\n'
        '<noscript><meta http-equiv="refresh" content="15"></noscript>\n</head>\n<body>\n'
        f'<header><a href="/?lang={reader.language}">{escape(sight.box)}</a><nav>{links}</nav></header>\n'
        f'<p id="stale" hidden>{escape(reader.word("stale"))}</p>\n'
        f'<main data-events="/events?{escape(query)}">\n{content(sight, stations, reader, readers)}</main>\n{keypad}</body>\n</html>\n'
    )


def content(sight: Sight, stations: Sequence[str], reader: Reader, readers: Mapping[str, Reader]) -> str:
    """The part that changes while somebody looks."""
    lines = [line for station in stations for line in _station(sight, station, reader, readers)]
    lines += load(sight, stations, reader)
    return "".join(line + "\n" for line in lines)


def station_path(station: str) -> str:
    """The address of a station's own page."""
    return f"/station/{quote(station, safe='')}"


def _station(sight: Sight, station: str, reader: Reader, readers: Mapping[str, Reader]) -> Iterator[str]:
    state, notices = sight.station(station), tuple(sight.notices(station))
    yield "<section>"
    yield f'<h1><a href="{escape(station_path(station))}?lang={reader.language}">{escape(station)}</a></h1>'
    if not state.reachable:
        yield _warning(reader.word("station-away"))
    if not sight.online(station):
        yield _warning(reader.word("backend-away"))
    yield from alerts(sight.alerts(station), reader, sight.now())
    yield from _choices(sight, station, reader)
    yield from _notices(notices, 0, reader)
    for evse in (number for number in state.evses() if number):
        language = drivers_language(sight.languages(station, evse), readers)
        yield from _evse(sight, state, evse, notices, readers[language] if language else reader)
    yield "</section>"


def _keypad(sight: Sight, station: str, reader: Reader, told: str) -> str:
    """Where a code is typed: outside of what changes by itself, so that nothing half typed is lost."""
    state = sight.station(station)
    evses = [evse for evse in state.evses() if evse]
    if sight.touch is None or Capability.BOX_SESSIONS not in state.capabilities or not evses:
        return ""
    options = "".join(f'<option value="{evse}">{escape(reader.word("evse", evse=evse))}</option>' for evse in evses)
    answer = f'<p class="told">{escape(reader.word(f"code-{told}"))}</p>\n' if told in set(Entered) else ""
    return (
        f'<form class="code" method="post" action="{escape(station_path(station))}/code?lang={reader.language}">\n'
        f'{answer}<label>{escape(reader.word("code"))} <input name="code" type="password" inputmode="numeric" '
        'maxlength="36" autocomplete="off" required></label>\n'
        f'<select name="evse">{options}</select>\n<button>{escape(reader.word("code-enter"))}</button>\n</form>\n'
    )


def _choices(sight: Sight, station: str, reader: Reader) -> Iterator[str]:
    """What a master pass can stop (C16.FR.01)."""
    evses = sight.touch.choices(station) if sight.touch is not None else ()
    if not evses:
        return
    yield f'<form class="stop" method="post" action="{escape(station_path(station))}/stop?lang={reader.language}">'
    yield f"<p>{escape(reader.word('stop-which'))}</p>"
    for evse in evses:
        text = reader.word("stop-evse", evse=evse)
        yield f'<button name="evse" value="{evse}">{escape(text)}</button>'
    yield f'<button name="evse" value="0">{escape(reader.word("stop-all"))}</button>'
    yield "</form>"


def _evse(sight: Sight, state: StationState, evse: int, notices: Sequence[Notice], reader: Reader) -> Iterator[str]:
    running = state.transaction_at(evse)
    condition = _condition(state, evse, running)
    yield f'<article class="{condition}" lang="{reader.language}">'
    yield f"<h2>{escape(reader.word('evse', evse=evse))}</h2>"
    yield f'<p class="state">{escape(reader.word(condition))}</p>'
    faults = sorted({fault.code or fault.component for c in state.connectors if c.evse == evse for fault in c.faults})
    if faults:
        yield _warning(", ".join(faults))
    if running is not None:
        since = reader.time(running.started_at, sight.now())
        energy = "" if running.energy is None else f"{reader.number(running.energy / _WH_PER_KWH, 2)} kWh"
        yield _figure("since", since, reader)
        if energy:
            yield _figure("energy", energy, reader)
    binding = sight.bindings(state.id).get(evse)
    if binding is not None and binding.limited and binding.current is not None:
        yield _figure(
            "limit", f"{reader.number(binding.current, 1)} A, {limit_text(binding.reason, reader.catalogue)}", reader
        )
    yield from _notices(notices, evse, reader)
    yield "</article>"


def _condition(state: StationState, evse: int, running: Transaction | None) -> str:
    """The state of an EVSE in one word: that of its connector which says most, or whether it charges."""
    statuses = {status_of(state, each) for each in state.connectors if each.evse == evse}
    found = next(status for status in _TELLING if status in statuses)
    if running is None or found in {ConnectorStatus.FAULTED, ConnectorStatus.UNAVAILABLE}:
        return found.value.casefold()
    if running.charges:
        return "charging"
    paused = running.charging_state in {ChargingState.SUSPENDED_EV, ChargingState.SUSPENDED_EVSE}
    return "paused" if paused else "occupied"


_TELLING = (
    ConnectorStatus.OCCUPIED,
    ConnectorStatus.RESERVED,
    ConnectorStatus.FAULTED,
    ConnectorStatus.AVAILABLE,
    ConnectorStatus.UNAVAILABLE,
)


def _notices(notices: Iterable[Notice], evse: int, reader: Reader) -> Iterator[str]:
    """What is for a place: the messages first, as nothing may override those in front (O01.FR.15)."""
    here = [notice for notice in notices if notice.evse == evse]
    for notice in sorted(here, key=lambda each: each.kind is not NoticeKind.MESSAGE):
        if notice.kind is NoticeKind.MESSAGE:
            yield f'<p class="message{" front" if notice.in_front else ""}"{_lang(notice)}>{escape(notice.text)}</p>'
        elif notice.amount is not None:
            yield _figure(notice.kind.value, f"{reader.number(notice.amount, 2)} {notice.currency}".strip(), reader)
        else:
            yield _figure(notice.kind.value, notice.text, reader, _lang(notice))


def _figure(label: str, value: str, reader: Reader, attributes: str = "") -> str:
    return f'<p class="{label}"><b>{escape(reader.word(label))}</b> <span{attributes}>{escape(value)}</span></p>'


def _warning(text: str) -> str:
    return f'<p class="warning">{escape(text)}</p>'


def _lang(notice: Notice) -> str:
    return f' lang="{escape(notice.language)}"' if notice.language else ""
