"""Northbound: the WebSocket session, OCPP-J RPC, TLS."""
