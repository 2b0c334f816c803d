"""OCPP 1.6-J: stations that speak OCPP 1.6 as JSON over WebSocket."""
