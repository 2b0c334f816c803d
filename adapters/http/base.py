"""Where a station's requests go: the site's URL and the family's base together. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yarl import URL

if TYPE_CHECKING:
    from gateway.family.link import HttpLink


def base_url(link: HttpLink, given: str, connector: int) -> URL:
    """The URL that the family's requests are put behind.

    Scheme, host, and port where there is one, are the site's; the site's path (of a proxy) goes before the family's.

    Args:
        link: Of the family; ``{host}`` and ``{connector}`` stand in its base.
        given: The site's URL.
        connector: 1, 2 ...

    Raises:
        GatewayError: ``template-value``: the base needs something else.
    """
    url = URL(given)
    host = f"[{url.host}]" if ":" in (url.host or "") else url.host or ""
    base = URL(link.base.render({"host": host, "connector": connector}))
    port = url.explicit_port or base.explicit_port
    shift = link.instances.port.evaluate({"connector": connector}) if link.instances and link.instances.port else 0
    if isinstance(shift, int | float) and shift:
        port = (port or url.port or 0) + int(shift)
    path = url.path.rstrip("/") + base.path.rstrip("/")
    return URL.build(scheme=url.scheme, host=url.host or "", port=port, path=path or "/")
