"""A simulated station that speaks OCPP 1.6-J: that of `ocpp_s`, with JSON over a WebSocket."""
