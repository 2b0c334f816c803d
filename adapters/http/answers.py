"""What an HTTP answer says of the request: done, refused, or nothing at all. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from adapters.common.wire import Refused, Unreachable
from gateway.family.documents import plain, read
from gateway.family.pointer import MISSING, get
from gateway.family.template import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.family.link import Request
    from gateway.family.value import Scalar, Value

_LATER = frozenset({408, 429, 502, 503, 504})
"""The station, or what stands before it, is busy or away: RFC 9110, 15.5.9, 15.6.3-5; RFC 6585, 4."""

_ABSENT = frozenset({404, 405, 410, 501})
"""There is no such thing at this station."""

_SHOWN = 80


class HttpRefused(Refused):
    """The station has answered with a status that is a refusal."""

    def __init__(self, code: str, *, status: int, **params: object) -> None:
        super().__init__(code, status=status, **params)
        self.absent = status in _ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A status and a body."""

    status: int
    body: bytes

    def check(self, what: str) -> None:
        """Let nothing but success pass.

        Args:
            what: The request, for people.

        Raises:
            Unreachable: the station cannot answer now.
            HttpRefused: it does not do it.
        """
        if HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES:
            return
        if self.status in _LATER:
            raise Unreachable("http-status", request=what, status=self.status)
        raise HttpRefused("http-status", request=what, status=self.status)


def confirm(what: str, request: Request, args: Mapping[str, Value], body: bytes) -> None:
    """Let an answer pass only if it has what the family expects: at ``expect_ptr`` the value of ``expect``, or any.

    Args:
        what: The request, for people.
        request: Of the family.
        args: What its placeholders stood for.
        body: The answer.

    Raises:
        Refused: ``command-refused``; many stations answer 200 to what they do not do.
        GatewayError: ``pointer-syntax``, ``template-value``: the family is wrong.
    """
    if request.expect is None and not request.expect_ptr:
        return
    text = body.decode("utf-8", "replace")
    pointer = Template.parse(request.expect_ptr).render(args)
    found = get(read(text), pointer)
    wanted = request.expect.evaluate(args) if request.expect is not None else None
    if found is MISSING or (request.expect is not None and not same(found, wanted)):
        raise Refused("command-refused", request=what, answer=text[:_SHOWN])


def same(found: object, wanted: Value) -> bool:
    """Whether an answer says a value, be it as a number or as a text."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return _text(found) == _text(wanted)
    return found == wanted or _text(found) == _text(wanted)


def _text(value: object) -> str | None:
    if isinstance(value, float) and value.is_integer():
        return plain(int(value))
    scalar: Scalar = value if isinstance(value, str | int | float) else None
    return None if scalar is None else plain(scalar).strip()
