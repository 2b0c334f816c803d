"""What the backend says of the token of a transaction: whoever waits for it gets it, or what is known without it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from gateway.model.tokens import Authorization, AuthorizationStatus

if TYPE_CHECKING:
    from gateway.fleet import Member
    from gateway.keeper import Keeper
    from gateway.model.tokens import Token

logger = logging.getLogger(__name__)


async def word_on(keeper: Keeper, member: Member, transaction: str, token: Token, patience: float) -> Authorization:
    """What the backend says in time, else what it said last, else that it may charge.

    Args:
        keeper: Knows whether the backend is there.
        member: The station.
        transaction: Its id, whose word may be awaited.
        token: What is asked about.
        patience: Seconds.
    """
    future = member.awaited.get(transaction) if patience > 0 else None
    if future is not None and keeper.accepted(member.id):
        try:
            return await asyncio.wait_for(asyncio.shield(future), patience)
        except TimeoutError:
            logger.info("%s: no word from the backend in %.0f s, answered locally", member.id, patience)
    member.awaited.pop(transaction, None)
    if token.key in member.last_word:
        return member.last_word[token.key]
    cached = await keeper.storage.tokens.recall(member.id, token)
    return cached[1] if cached else Authorization(status=AuthorizationStatus.ACCEPTED)


def said(member: Member, transaction: str, authorization: Authorization) -> None:
    """Note the backend's word, and wake whoever waits for it."""
    running = member.state.transaction(transaction)
    if running is not None and running.token is not None:
        member.note_word(running.token, authorization)
    future = member.awaited.pop(transaction, None)
    if future is not None and not future.done():
        future.set_result(authorization)
