"""Where the boxes of a group tell each other something. Pure."""

from __future__ import annotations

from gateway.load.sharing.messages import Grant, Lease, Message, Report

KINDS: dict[str, type[Message]] = {"lease": Lease, "report": Report, "grant": Grant}
"""Level of a topic -> what is told there."""


def of_message(prefix: str, group: str, message: Message) -> str:
    """The topic of a message."""
    if isinstance(message, Lease):
        return f"{prefix}/group/{group}/lease"
    kind = "grant" if isinstance(message, Grant) else "report"
    return f"{prefix}/group/{group}/{kind}/{message.box}"


def kind_of(prefix: str, topic: str) -> tuple[str, type[Message]] | None:
    """The group of a topic, and what is told there; None: it is none of a group."""
    group, _, kind = topic.removeprefix(f"{prefix}/group/").partition("/")
    found = KINDS.get(kind.partition("/")[0])
    return None if found is None else (group, found)


def presence(prefix: str, box: str) -> str:
    """The topic that says which run of a box is over."""
    return f"{prefix}/box/{box}"


def filters(prefix: str, group: str, box: str) -> tuple[str, ...]:
    """What a box has to hear of a group."""
    at = f"{prefix}/group/{group}"
    return (f"{at}/lease", f"{at}/report/+", f"{at}/grant/{box}", f"{prefix}/box/+")
