"""What the simulated station keeps over a power cycle."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(slots=True, kw_only=True, eq=False)
class Entry:
    """A request that waits to be sent.

    Args:
        operation: for example ``StopTransaction``.
        fields: its content as it was when it arose, with the original time stamps.
        durable: it belongs to a transaction and must arrive; others are dropped when the station is offline.
        session: the station's number of the transaction whose id is filled in before it is sent.
        message_id: its MessageID; a repetition is the same message.
    """

    operation: str
    fields: dict[str, Any]
    durable: bool = False
    session: int | None = None
    message_id: str = field(default_factory=lambda: f"urn:uuid:{uuid.uuid4()}")


@dataclass(slots=True, kw_only=True)
class Session:
    """A running transaction.

    Args:
        number: the station's own number of it.
        connector: where it runs.
        token: who started it.
        parent: parentIdTag of that token, empty if unknown.
        started: when it started, ISO 8601, station time.
        data: readings for transactionData.
        next_sample: when the next periodic reading is due, simulated s.
    """

    number: int
    connector: int
    token: str
    parent: str = ""
    started: str = ""
    data: list[dict[str, Any]] = field(default_factory=list)
    next_sample: float | None = None

    @property
    def begun(self) -> datetime | None:
        """When it started."""
        return datetime.fromisoformat(self.started) if self.started else None


@dataclass(slots=True, kw_only=True)
class TokenInfo:
    """What is known of a token; times are ISO 8601, UTC."""

    status: str = "Accepted"
    parent: str = ""
    expiry: str = ""


@dataclass(slots=True, kw_only=True)
class Memory:
    """The station's non-volatile memory; everything in it is plain data.

    Args:
        keys: configuration keys that were written.
        outbox: requests that wait, in the order in which they are sent.
        sessions: running transactions by connector.
        transaction_ids: the central system's ids by the station's own numbers.
        last_session: the last number that was given.
        registers: meter registers by connector, Wh.
        local_list: the local authorization list by case-folded token.
        list_version: its version, 0 while it is empty.
        cache: what the central system last said of a token, by case-folded token.
        inoperative: connectors out of service, 0 for the whole station.
        retiring: connectors that go out of service when their transaction ends.
        firmware: the version that was installed, empty for the factory's.
        saved_at: when the memory was written to its file, ISO 8601, station time.
    """

    keys: dict[str, str] = field(default_factory=dict)
    outbox: list[Entry] = field(default_factory=list)
    sessions: dict[int, Session] = field(default_factory=dict)
    transaction_ids: dict[int, int] = field(default_factory=dict)
    last_session: int = 0
    registers: dict[int, float] = field(default_factory=dict)
    local_list: dict[str, TokenInfo] = field(default_factory=dict)
    list_version: int = 0
    cache: dict[str, TokenInfo] = field(default_factory=dict)
    inoperative: set[int] = field(default_factory=set)
    retiring: set[int] = field(default_factory=set)
    firmware: str = ""
    saved_at: str = ""


def dump(memory: Memory) -> bytes:
    """Write the memory as JSON, without what a power cycle loses."""
    content = asdict(memory)
    content["outbox"] = [asdict(entry) for entry in memory.outbox if entry.durable]
    content["inoperative"] = sorted(memory.inoperative)
    content["retiring"] = sorted(memory.retiring)
    return orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_INDENT_2)


def load(data: bytes) -> Memory:
    """Read the memory back from JSON that ``dump`` wrote."""
    content = orjson.loads(data)
    return Memory(
        keys=content["keys"],
        outbox=[Entry(**entry) for entry in content["outbox"]],
        sessions={int(number): Session(**session) for number, session in content["sessions"].items()},
        transaction_ids={int(number): value for number, value in content["transaction_ids"].items()},
        last_session=content["last_session"],
        registers={int(number): value for number, value in content["registers"].items()},
        local_list={token: TokenInfo(**info) for token, info in content["local_list"].items()},
        list_version=content["list_version"],
        cache={token: TokenInfo(**info) for token, info in content["cache"].items()},
        inoperative=set(content["inoperative"]),
        retiring=set(content["retiring"]),
        firmware=content["firmware"],
        saved_at=content["saved_at"],
    )


def read_file(path: Path) -> Memory:
    """Read the memory from its file; a file that is not there yet is an empty memory. Blocks."""
    return load(path.read_bytes()) if path.exists() else Memory()


def write_file(path: Path, data: bytes) -> None:
    """Replace the file of the memory in one step. Blocks."""
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(data)
    beside.replace(path)
