"""The OCPP 2.0.1 device model of one station: components, typed variables, values."""

from __future__ import annotations
