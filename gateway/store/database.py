"""Opening the database: durability settings and migrations."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from pathlib import Path

PAGE_SIZE = 1024
"""Small pages: a commit of one event writes few bytes to a card that wears."""

WAL_LIMIT = 4 * 1024 * 1024
"""Bytes that the log keeps allocated, so that a commit need not grow the file."""


def open_database(path: Path) -> sqlite3.Connection:
    """Open and migrate the database. Blocks; meant for the writer's thread.

    WAL with synchronous=FULL: what has been committed survives a power cut.

    Raises:
        GatewayError: ``storage-unusable`` (cannot be opened or is damaged) or ``storage-newer`` (made by a later
            version).
    """
    connection = None
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute(f"PRAGMA page_size={PAGE_SIZE}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA journal_size_limit={WAL_LIMIT}")
        connection.execute("PRAGMA wal_autocheckpoint=1000")
        migrate(connection)
    except sqlite3.Error as error:
        _discard(connection)
        raise GatewayError("storage-unusable", path=str(path), cause=str(error)) from error
    except GatewayError:
        _discard(connection)
        raise
    return connection


def _discard(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date: every numbered file above ``user_version``, each in one transaction."""
    scripts = sorted(files("gateway.store").joinpath("migrations").iterdir(), key=lambda entry: entry.name)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(scripts):
        raise GatewayError("storage-newer", version=version, known=len(scripts))
    for number, script in enumerate(scripts[version:], start=version + 1):
        connection.executescript(f"BEGIN; {script.read_text()} PRAGMA user_version={number}; COMMIT;")
