"""The message tables of each OCPP version over SOAP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.ocpp_soap.tables.v12 import V12
from adapters.ocpp_soap.tables.v15 import V15
from adapters.ocpp_soap.tables.v16 import V16
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from adapters.ocpp_soap.schema import Table

__all__ = ["TABLES", "V12", "V15", "V16", "table_for"]

TABLES = (V12, V15, V16)


def table_for(version: str) -> Table:
    """Find the table of a version ("1.5").

    Raises:
        GatewayError: ``version-unknown``.
    """
    for table in TABLES:
        if table.version == version:
            return table
    raise GatewayError("version-unknown", version=version)
