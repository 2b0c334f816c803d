"""What the simulated station knows of tokens: its local list, and its cache of earlier answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.bench.ocpp_s.memory import Memory, TokenInfo
from gateway.bench.ocpp_s.messages import instant

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.bench.ocpp_s.soap import Node


class Tokens:
    """Local authorization list and cache (OCPP 1.5, sections 3.2 and 5.13)."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def learn(self, token: str, answer: Node) -> TokenInfo | None:
        """Keep what an answer says of a token in its ``idTagInfo``; None if it says nothing."""
        for node in answer.all("idTagInfo"):
            info = read_info(node)
            self._memory.cache[token.casefold()] = info
            return info
        return None

    def offline(self, token: str, now: datetime) -> TokenInfo | None:
        """Decide without the central system; None for an unknown token."""
        known = self._memory.local_list.get(token.casefold()) or self._memory.cache.get(token.casefold())
        if known is not None and known.expiry and instant(known.expiry) <= now:
            return TokenInfo(status="Expired", parent=known.parent, expiry=known.expiry)
        return known

    def clear_cache(self) -> None:
        """Forget earlier answers."""
        self._memory.cache.clear()

    def update_list(self, kind: str, version: int, entries: tuple[Node, ...]) -> str:
        """Take a local list and give the status to answer."""
        memory = self._memory
        if kind not in {"Full", "Differential"}:
            return "NotSupported"
        if kind == "Differential" and version <= memory.list_version:
            return "VersionMismatch"
        if kind == "Full" and any(not entry.all("idTagInfo") for entry in entries):
            return "Failed"
        if kind == "Full":
            memory.local_list.clear()
        for entry in entries:
            token = entry.text("idTag").casefold()
            infos = entry.all("idTagInfo")
            if infos:
                memory.local_list[token] = read_info(infos[0])
            else:
                memory.local_list.pop(token, None)
        memory.list_version = version
        return "Accepted"


def read_info(node: Node) -> TokenInfo:
    """Read an idTagInfo; an expiry that is no date counts as none."""
    expiry = node.text("expiryDate", "")
    try:
        instant(expiry)
    except ValueError:
        expiry = ""
    return TokenInfo(status=node.text("status"), parent=node.text("parentIdTag", ""), expiry=expiry)
