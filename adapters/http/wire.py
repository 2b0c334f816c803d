"""A station with HTTP: its requests, and the points in their answers."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from typing_extensions import override
from yarl import URL

from adapters.common.complaints import Complaints
from adapters.common.values import document_values
from adapters.common.wire import Rank, Refused, Took, Unreachable, Wire
from adapters.http.answers import HttpRefused, confirm
from gateway.family.family import AnyFamily, HttpFamily
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from adapters.http.answers import HttpAnswer
    from adapters.http.host import HttpHost
    from gateway.family.link import Request
    from gateway.family.points import PathPoint
    from gateway.family.template import Template
    from gateway.family.value import Scalar, Value

logger = logging.getLogger(__name__)

_GIVEN = frozenset({"connector"})
_quoted = partial(quote, safe="")


class HttpWire(Wire):
    """One connector of a station."""

    def __init__(self, family: HttpFamily, host: HttpHost, base: URL, connector: int) -> None:
        super().__init__(family)
        self._http = family
        self._host = host
        self._base = base
        self._connector = connector
        self._complaints = Complaints(logger, str(base))

    @property
    @override
    def address(self) -> str:
        return str(self._base)

    @override
    def use(self, family: AnyFamily) -> None:
        if not isinstance(family, HttpFamily):
            raise GatewayError("wire-unknown", kind=family.kind)
        super().use(family)
        self._http = family

    @override
    async def connect(self) -> None:
        self._host.users.add(self)
        await self._host.open(Rank.POLL)

    @override
    async def read(self, points: Collection[str], *, rank: Rank = Rank.POLL) -> Took:
        values: dict[str, Value] = {}
        refused: set[str] = set()
        answers: dict[str, HttpAnswer] = {}  # some firmware has the same document for several requests
        for name, request in self._http.requests.items():
            wanted = {each: self._http.points[each] for each in points if self._from(each) == name}
            # Nothing but a GET without arguments is a mere question.
            if not wanted or request.get is None or not request.get.names <= _GIVEN:
                continue
            try:
                path = request.get.render({"connector": self._connector}, quote=_quoted)
                answer = answers[path] = answers.get(path) or await self._asked(request, rank)
            except HttpRefused as error:
                if not (request.optional or error.absent or self._probed(wanted)):
                    raise Unreachable(error.code, **error.params) from error
                refused |= wanted.keys()
            else:
                values |= document_values(name, wanted, answer.body, self._complaints)
        return Took(values=values, refused=frozenset(refused))

    @override
    async def write(self, point: str, value: Scalar, *, fc: int | None = None, rank: Rank = Rank.ORDER) -> None:
        raise Refused("point-not-writable", point=point)

    @override
    async def send(self, name: str, args: Mapping[str, Scalar], *, rank: Rank = Rank.ORDER) -> Mapping[str, Value]:
        request = self._http.requests.get(name)
        if request is None:
            raise GatewayError("message-unknown", value=name)
        known = {"connector": self._connector, **args}
        answer = await self._fetch(request, known, rank)
        confirm(name, request, known, answer.body)
        wanted = {each: point for each, point in self._http.points.items() if point.from_ == name}
        return document_values(name, wanted, answer.body, self._complaints)

    @override
    async def aclose(self) -> None:
        self._host.users.discard(self)
        if not self._host.users:
            await self._host.aclose()

    def _from(self, point: str) -> str:
        return self._http.points[point].from_ if point in self._http.points else ""

    def _probed(self, points: Mapping[str, PathPoint]) -> bool:
        """Whether a refusal of points tells the variant."""
        return any(each.probe.fails is not None and each.probe.point in points for each in self._http.variant)

    async def _asked(self, request: Request, rank: Rank) -> HttpAnswer:
        """Ask, and again where nothing comes: a question may be put twice, an order may not."""
        for _ in range(self._http.link.retries):
            try:
                return await self._fetch(request, {"connector": self._connector}, rank)
            except Unreachable as error:
                logger.debug("%s: asked again: %s", self.address, error)
        return await self._fetch(request, {"connector": self._connector}, rank)

    async def _fetch(self, request: Request, args: Mapping[str, Scalar], rank: Rank) -> HttpAnswer:
        method, path = _method(request)
        target = path.render(args, quote=_quoted)
        body = request.body.render(args) if request.body is not None else None
        root = str(self._base).rstrip("/") + ("/" if target[:1] not in ("", "/", "?") else "")
        answer = await self._host.fetch(method, URL(root + target), body, rank)
        answer.check(f"{method} {target}")
        return answer


def _method(request: Request) -> tuple[str, Template]:
    """The one method that a request has, and its path.

    Raises:
        GatewayError: ``request-method``: it has none.
    """
    methods = {"GET": request.get, "POST": request.post, "PUT": request.put, "DELETE": request.delete}
    for method, path in methods.items():
        if path is not None:
            return method, path
    raise GatewayError("request-method")
