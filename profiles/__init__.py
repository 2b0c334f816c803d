"""OCPP 2.0.1 profiles, each usable on its own."""
