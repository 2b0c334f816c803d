"""The message tables of each OCPP version over SOAP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.ocpp_soap.tables.v15 import V15
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from adapters.ocpp_soap.schema import Table

__all__ = ["V15", "table_for"]


def table_for(version: str) -> Table:
    """Find the table of a version ("1.5").

    Raises:
        GatewayError: ``version-unknown``.
    """
    for table in (V15,):
        if table.version == version:
            return table
    raise GatewayError("version-unknown", version=version)
