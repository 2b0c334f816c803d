"""Rules across keys and sections: what each value alone cannot show."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from gateway.config.fields import HostPort, Section, Unique
from gateway.config.findings import Problem
from gateway.config.marks import marked
from gateway.config.translate import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from gateway.config.draft import Draft, StationDraft
    from gateway.config.positions import KeyPath

# The box is no charging station without it.
INDISPENSABLE = frozenset({"core"})


def check_rules(draft: Draft, profiles: Collection[str]) -> Iterator[Problem]:
    """Every broken rule of a draft; parts that are not valid themselves are passed over."""
    for rule in _RULES:
        yield from rule(draft)
    yield from _disabled_profiles(draft, profiles)


def _unique_identities(draft: Draft) -> Iterator[Problem]:
    """Identities are identifierStrings, which have no case (OCPP 2.0.1 part 2, 2.1.4)."""
    seen: dict[str, str] = {}
    for station in draft.stations:
        identity = station.raw.get("identity")
        if not isinstance(identity, str):
            continue
        first = seen.setdefault(identity.casefold(), identity)
        if first is not identity:
            yield Problem(code="identity-twice", path=(*station.path, "identity"), params={"value": identity})


def _unique_marked(draft: Draft) -> Iterator[Problem]:
    """Texts that an adapter marks as unique, such as the identity in a SOAP header."""
    seen: dict[tuple[str, str, str], object] = {}
    for station in draft.stations:
        if station.keys is None or station.settings is None:
            continue
        for name in marked(type(station.settings), Unique):
            value = getattr(station.settings, name)
            if not isinstance(value, str):
                continue
            first = seen.setdefault((station.keys.adapter, name, value.casefold()), station.keys.identity)
            if first is not station.keys.identity:
                params = {"key": name, "value": value, "other": first}
                yield Problem(code="value-twice", path=(*station.path, name), params=params)


def _unique_connections(draft: Draft) -> Iterator[Problem]:
    """Two stations in the same place would lead the same device."""
    seen: dict[tuple[str, object], str] = {}
    for station in draft.stations:
        connection = getattr(station.settings, "connection", None)
        if station.keys is None or connection is None:
            continue
        first = seen.setdefault((station.keys.adapter, connection), station.keys.identity)
        if first is not station.keys.identity:
            path = (*station.path, "connection")
            yield Problem(code="connection-twice", path=path, params={"other": first})


def _remarks(draft: Draft) -> Iterator[Problem]:
    """What adapters remark on their own keys."""
    for station in draft.stations:
        if isinstance(station.settings, Section):
            for each in station.settings.remarks():
                path = (*station.path, *each.path)
                yield Problem(code=each.code, path=path, params=each.params, severity="note")


def _evse_numbers(draft: Draft) -> Iterator[Problem]:
    for station in draft.stations:
        numbered = _numbered(station, "id")
        seen: set[int] = set()
        for place, number in numbered:
            path = (*station.path, "evse", place, "id")
            if number in seen:
                yield Problem(code="evse-twice", path=path, params={"value": number})
            elif number > len(numbered):
                yield Problem(code="evse-gap", path=path, params={"value": number, "count": len(numbered)})
            seen.add(number)


def _station_connectors(draft: Draft) -> Iterator[Problem]:
    for station in draft.stations:
        seen: set[int] = set()
        for place, evse in enumerate(station.keys.evse if station.keys else ()):
            if evse.legacy_id in seen:
                key = "id" if evse.station_connector is None else "station_connector"
                path = (*station.path, "evse", place, key)
                yield Problem(code="station-connector-twice", path=path, params={"value": evse.legacy_id})
            seen.add(evse.legacy_id)


def _numbered(station: StationDraft, key: str) -> list[tuple[int, int]]:
    """(place, number) of each EVSE table whose number is usable."""
    tables = station.raw.get("evse")
    if not isinstance(tables, list):
        return []
    found: list[tuple[int, int]] = []
    for place, table in enumerate(tables):
        number = cast("dict[str, object]", table).get(key) if isinstance(table, dict) else None
        if isinstance(number, int) and not isinstance(number, bool) and number > 0:
            found.append((place, number))
    return found


def _southbound_of_stations(draft: Draft) -> Iterator[Problem]:
    used: dict[str, StationDraft] = {}
    for station in draft.stations:
        used.setdefault(str(station.raw.get("adapter")), station)
    # Only adapters that exist: the others have their own finding.
    for name, station in used.items():
        if station.keys is not None and station.settings is not None and name not in draft.southbound:
            path = (*station.path, "adapter")
            yield Problem(code="southbound-missing", path=path, params={"value": name})
    # A station whose adapter is misspelt probably means one of these.
    if any(each.code == "unknown-adapter" for each in draft.problems):
        return
    for name in draft.southbound:
        if name not in used:
            path = ("southbound", name)
            yield Problem(code="southbound-unused", path=path, params={"value": name}, severity="warning")


def _listeners(draft: Draft) -> Iterator[Problem]:
    """Two parts of the box cannot listen in the same place."""
    found: list[tuple[KeyPath, object]] = [
        (("southbound", name, "listen"), getattr(model, "listen", None)) for name, model in draft.southbound.items()
    ]
    found.append((("web", "listen"), draft.web.listen if draft.web else None))
    seen: list[tuple[KeyPath, HostPort]] = []
    for path, listen in found:
        if not isinstance(listen, HostPort):
            continue
        first = next((at for at, other in seen if _overlap(listen, other)), None)
        if first is not None:
            params = {"value": str(listen), "other": ".".join(str(part) for part in first[:-1])}
            yield Problem(code="listen-twice", path=path, params=params)
        seen.append((path, listen))


def _overlap(one: HostPort, other: HostPort) -> bool:
    return one.port == other.port and (one.host == other.host or bool({one.host, other.host} & _ANYWHERE))


_ANYWHERE = frozenset({"0.0.0.0", "::"})


def _backend_scheme(draft: Draft) -> Iterator[Problem]:
    backend = draft.backend
    if backend is None:
        return
    secure = backend.url.startswith("wss://")
    path = ("backend", "url")
    if backend.security_profile == 1 and secure:
        yield Problem(code="backend-needs-ws", path=path, params={"value": backend.url})
    if backend.security_profile > 1 and not secure:
        params = {"value": backend.url, "profile": backend.security_profile}
        yield Problem(code="backend-needs-wss", path=path, params=params)
    if not secure and backend.security_profile <= 1 and not _closed(backend.url):
        yield Problem(code="backend-open", path=path, params={"value": backend.url}, severity="note")
    if backend.ca_file is not None and not secure:
        path, params = ("backend", "ca_file"), {"key": "ca_file", "reason": "url = ws://"}
        yield Problem(code="unused-key", path=path, params=params, on_key=True, severity="warning")


def _open_keypad(draft: Draft) -> Iterator[Problem]:
    """Codes that are typed on a page go over the network as they are (C04.FR.04)."""
    web = draft.web
    if web is not None and web.keypad and web.listen.host not in _HERE:
        yield Problem(code="keypad-open", path=("web", "keypad"), params={"value": str(web.listen)}, severity="note")


_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


def _closed(url: str) -> bool:
    """Tell whether an address is, by its looks, in a network of one's own (OCPP 2.0.1 part 2, A00.FR.201)."""
    host = urlsplit(url).hostname or ""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.rpartition(".")[2] in _OWN_DOMAINS


_OWN_DOMAINS = frozenset({"home", "internal", "lan", "local", "localhost", "test", "vpn"})


def _backend_path(draft: Draft) -> Iterator[Problem]:
    if draft.backend is None:
        return
    last = draft.backend.url.rpartition("/")[2].casefold()
    for station in draft.stations:
        identity = station.raw.get("identity")
        if isinstance(identity, str) and identity.casefold() == last:
            short = draft.backend.url.rpartition("/")[0]
            yield Problem(
                code="url-with-identity", path=("backend", "url"), params={"value": identity}, suggestion=short
            )
            return


def _disabled_profiles(draft: Draft, profiles: Collection[str]) -> Iterator[Problem]:
    for place, name in enumerate(draft.profiles.disable if draft.profiles else ()):
        path = ("profiles", "disable", place)
        if name in INDISPENSABLE:
            yield Problem(code="profile-indispensable", path=path, params={"value": name})
        elif name not in profiles:
            known = sorted(set(profiles) - INDISPENSABLE)
            params = {"value": name, "allowed": ", ".join(known) or "-"}
            yield Problem(code="unknown-profile", path=path, params=params, suggestion=suggest(name, known))


_RULES: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    _unique_identities,
    _unique_marked,
    _evse_numbers,
    _station_connectors,
    _unique_connections,
    _southbound_of_stations,
    _listeners,
    _backend_scheme,
    _open_keypad,
    _backend_path,
    _remarks,
)
