"""Connections with a broker of MQTT."""
