"""An adapter that notes its commands and answers as it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import BaseModel
from typing_extensions import override

from gateway.contracts import Adapter, Southbound
from gateway.model.commands import ACCEPTED, Command, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from gateway.contracts import Offer, StationSettings
    from gateway.model.ids import Place

C = TypeVar("C")


class ScriptedAdapter(Adapter):
    """Answers each kind of command with ``answers``, else accepts it; ``on_command`` runs before the answer.

    ``held`` is what current is held back to, by holder. ``offers`` are the files that stations may fetch, ``box_url`` is where; "" while that is not known.
    """

    name: ClassVar[str] = "scripted"
    SiteConfig: ClassVar[type[BaseModel]] = BaseModel
    StationConfig: ClassVar[type[BaseModel]] = BaseModel

    def __init__(self, site: Any = None, stations: Iterable[StationSettings] = ()) -> None:
        del site, stations
        self.commands: list[Command] = []
        self.answers: dict[type, Outcome] = {}
        self.offers: dict[str, Offer] = {}
        self.box_url = "http://192.0.2.1:8080"
        self.held: dict[str, float] = {}
        self.on_command: Callable[[Command], Awaitable[None]] | None = None

    @override
    async def run(self, hub: Southbound) -> None:
        raise NotImplementedError

    @override
    async def execute(self, command: Command) -> Outcome:
        self.commands.append(command)
        if self.on_command is not None:
            await self.on_command(command)
        return self.answers.get(type(command), ACCEPTED)

    @override
    async def offer(self, station: str, offer: Offer | None) -> str:
        if offer is None:
            self.offers.pop(station, None)
            return ""
        self.offers[station] = offer
        return f"{self.box_url}/{offer.secret}/{offer.file.name}" if self.box_url else ""

    @override
    def hold_back(self, place: Place, holder: str, current: float | None) -> None:
        if current is None:
            self.held.pop(holder, None)
        else:
            self.held[holder] = current

    def refuse(self, *kinds: type, verdict: Verdict = Verdict.REJECTED) -> None:
        """From now on answer these kinds of commands so."""
        self.answers.update(dict.fromkeys(kinds, Outcome(verdict=verdict)))

    def asked(self, kind: type[C]) -> list[C]:
        """The commands of a kind."""
        return [command for command in self.commands if isinstance(command, kind)]
