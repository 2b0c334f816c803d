"""MQTT: broker, wire and scan."""
