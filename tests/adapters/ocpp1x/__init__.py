"""The meaning of OCPP 1.x messages by itself, without a wire."""
