"""``[alerts]``: who else is told of alerts, beside the backend and the box's own page."""

from __future__ import annotations

from pydantic import Field

from gateway.config.broker import BrokerKeys, Prefix
from gateway.config.fields import Section


class AlertBroker(BrokerKeys):
    """``[alerts.mqtt]``: a broker that keeps a message for each alert that stands."""

    prefix: Prefix = Field("stationlift", description="Where the topics begin. Each box at a broker has another.")


class Alerts(Section):
    """``[alerts]``."""

    mqtt: AlertBroker | None = Field(None, description="A broker that is told; none if absent.")
