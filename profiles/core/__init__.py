"""The OCPP 2.0.1 core profile."""
