"""Uploads over HTTP(S): PUT, and POST where the server does not take that (OCPP 2.0.1 Part 2, N01.FR.14, .18, .19)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import ClientError, ClientSession, ClientTimeout, FormData, InvalidURL

from profiles.diagnostics.results import Result

if TYPE_CHECKING:
    import ssl

    from yarl import URL

    from profiles.diagnostics.files import LogFile

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/octet-stream"
FIELD = "uploadfile"
"""The name of the form's part, as in the example of N01.FR.19."""

TIMEOUT = ClientTimeout(total=600, sock_connect=30, sock_read=60)

_NOT_BY_PUT = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
_DENIED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}
_NOT_SUPPORTED = {HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.HTTP_VERSION_NOT_SUPPORTED}
_BAD = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.LENGTH_REQUIRED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.REQUEST_URI_TOO_LONG,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


async def by_http(url: URL, file: LogFile, tls: ssl.SSLContext | None) -> Result:
    """Upload a file once.

    The URL is a folder for PUT, and the place of a form for POST. One with a query is a place for this file alone, as
    stores in a cloud give them. Redirections are not followed: they may lead anywhere.
    """
    try:
        async with ClientSession(timeout=TIMEOUT) as session:
            where = url if url.query_string else url / file.name
            headers = {"Content-Type": CONTENT_TYPE}
            async with session.put(
                where, data=file.content, headers=headers, ssl=tls or True, allow_redirects=False
            ) as response:
                status = response.status
            if status in _NOT_BY_PUT:
                form = FormData()
                form.add_field(FIELD, file.content, filename=file.name, content_type=CONTENT_TYPE)
                async with session.post(url, data=form, ssl=tls or True, allow_redirects=False) as response:
                    status = response.status
    except InvalidURL:
        return Result.BAD_MESSAGE
    except (ClientError, OSError, TimeoutError) as error:
        logger.info("upload of %s: %s", file.name, type(error).__name__)
        return Result.FAILURE
    return _result(status)


def _result(status: int) -> Result:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Result.UPLOADED
    if status in _DENIED:
        return Result.DENIED
    if status in _NOT_SUPPORTED:
        return Result.NOT_SUPPORTED
    return Result.BAD_MESSAGE if status in _BAD else Result.FAILURE
