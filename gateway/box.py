"""The parts of a running box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from gateway.contracts import Adapter, Profile, Southbound
    from gateway.hub import Hub
    from gateway.link.service import Link
    from gateway.sensing.own import Own
    from gateway.sensing.senses import Senses
    from gateway.status_report import StatusReport
    from gateway.store.storage import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """What runs, and what is asked while it does."""

    hub: Hub
    link: Link
    southbound: Southbound
    adapters: Mapping[str, Adapter]
    profiles: Sequence[Profile]
    storage: Storage
    report: StatusReport
    socket: Path
    limits: Path
    trials: Path
    senses: Senses
    load: Callable[[], Awaitable[None]]
    own: Own | None = None
    page: Callable[[], Awaitable[None]] | None = None
    broker: Callable[[], Awaitable[None]] | None = None
    shares: Callable[[], Awaitable[None]] | None = None
    explains: Callable[[], Awaitable[None]] | None = None
