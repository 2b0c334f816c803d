"""Stations at an MQTT broker."""
