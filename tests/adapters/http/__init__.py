"""HTTP: host, authentication and wire."""
