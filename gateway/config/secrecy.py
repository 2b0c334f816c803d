"""Rules about passwords and the files that hold them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gateway.config.fields import SecretFile
from gateway.config.findings import Problem
from gateway.config.marks import marked
from gateway.config.passwords import (
    CLIENT_CERTIFICATE,
    LONGEST,
    SHORTEST,
    WITH_PASSWORD,
    certificate_files,
    password_source,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from gateway.config.draft import Draft
    from gateway.config.files import Files
    from gateway.config.positions import KeyPath
    from gateway.config.site import Backend, StationKeys


def check_secrets(draft: Draft, files: Files, site_file: Path) -> Iterator[Problem]:
    """Passwords that are absent, useless or open to every user of the machine."""
    for path, model in _models(draft):
        yield from _exposed(path, model, files)
    for path, holder in _holders(draft):
        yield from _holder(path, holder, files, site_file)
    yield from _needed(draft)
    yield from _certificates(draft, files)


def _models(draft: Draft) -> Iterator[tuple[KeyPath, BaseModel]]:
    if draft.backend is not None:
        yield ("backend",), draft.backend
    if draft.alerts is not None and draft.alerts.mqtt is not None:
        yield ("alerts", "mqtt"), draft.alerts.mqtt
    if draft.load is not None and draft.load.mqtt is not None:
        yield ("load", "mqtt"), draft.load.mqtt
    for name, model in draft.southbound.items():
        if model is not None:
            yield ("southbound", name), model
    for station in draft.stations:
        for part in (station.keys, station.settings):
            if part is not None:
                yield station.path, part


def _certificates(draft: Draft, files: Files) -> Iterator[Problem]:
    """A certificate and its key belong together, and every station needs one where security profile 3 does."""
    for path, holder in _holders(draft):
        certificate, key = holder.certificate_file, holder.key_file
        for name, other in (("certificate_file", "key_file"), ("key_file", "certificate_file")):
            if getattr(holder, name) is not None and getattr(holder, other) is None:
                params = {"key": name, "other": other}
                yield Problem(code="certificate-half", path=(*path, name), params=params, on_key=True)
        reason = files.certificate_problem(certificate, key) if certificate is not None and key is not None else None
        if reason is not None:
            params = {"path": str(certificate), "reason": reason}
            yield Problem(code="certificate-unusable", path=(*path, "certificate_file"), params=params)
    backend = draft.backend
    if backend is None:
        return
    if backend.ca_file is not None and backend.url.startswith("wss://"):
        reason = files.authority_problem(backend.ca_file)
        if reason is not None:
            params = {"path": str(backend.ca_file), "reason": reason}
            yield Problem(code="ca-file-unusable", path=("backend", "ca_file"), params=params)
    if backend.root_check and backend.ca_file is None and backend.url.startswith("wss://"):
        yield Problem(code="root-check-alone", path=("backend", "root_check"), on_key=True)
    if backend.security_profile == CLIENT_CERTIFICATE:
        yield from _own_certificates(draft, backend)


def _own_certificates(draft: Draft, backend: Backend) -> Iterator[Problem]:
    """Every station has a certificate, and each of them another (A00.FR.427)."""
    known: dict[tuple[Path, Path], str] = {}
    for station in draft.stations:
        if station.keys is None:
            continue
        files = certificate_files(backend, station.keys)
        if files is None:
            yield Problem(code="certificate-missing", path=("backend",), params={"identity": station.keys.identity})
            return
        first = known.setdefault(files, station.keys.identity)
        if first is not station.keys.identity:
            named = station.keys.certificate_file is not None
            path = (*station.path, "certificate_file") if named else ("backend", "certificate_file")
            yield Problem(code="certificate-shared", path=path, params={"other": first})


def _exposed(path: KeyPath, model: BaseModel, files: Files) -> Iterator[Problem]:
    for name in marked(type(model), SecretFile):
        file = getattr(model, name)
        if isinstance(file, Path) and files.exposed(file):
            yield Problem(code="secret-exposed", path=(*path, name), params={"value": str(file)}, severity="warning")


def _holders(draft: Draft) -> Iterator[tuple[KeyPath, Backend | StationKeys]]:
    if draft.backend is not None:
        yield ("backend",), draft.backend
    for station in draft.stations:
        if station.keys is not None:
            yield station.path, station.keys


def _holder(path: KeyPath, holder: Backend | StationKeys, files: Files, site_file: Path) -> Iterator[Problem]:
    if holder.password is not None and holder.password_file is not None:
        yield Problem(code="password-twice", path=(*path, "password"), on_key=True)
    if holder.password is not None:
        key = (*path, "password")
        yield from _content(key, holder.password.get_secret_value())
        if files.exposed(site_file):
            yield Problem(code="secret-exposed", path=key, params={"value": str(site_file)}, severity="warning")
    text = files.text(holder.password_file) if holder.password_file is not None else None
    if text is not None:
        yield from _content((*path, "password_file"), text.strip("\r\n"))


def _content(path: KeyPath, password: str) -> Iterator[Problem]:
    if not password:
        yield Problem(code="password-empty", path=path)
    elif any(ord(sign) < ord(" ") for sign in password):
        yield Problem(code="password-lines", path=path)
    elif not SHORTEST <= len(password) <= LONGEST:
        params = {"length": len(password), "shortest": SHORTEST, "longest": LONGEST}
        yield Problem(code="password-length", path=path, params=params, severity="warning")


def _needed(draft: Draft) -> Iterator[Problem]:
    backend = draft.backend
    if backend is None:
        return
    if backend.security_profile not in WITH_PASSWORD:
        for path, holder in _holders(draft):
            for key in ("password", "password_file"):
                if getattr(holder, key) is not None:
                    params = {"key": key, "reason": f"security_profile = {backend.security_profile}"}
                    yield Problem(code="unused-key", path=(*path, key), params=params, on_key=True, severity="warning")
        return
    for station in draft.stations:
        if station.keys is not None and password_source(backend, station.keys) is None:
            yield Problem(code="password-missing", path=("backend",), params={"identity": station.keys.identity})
            return
