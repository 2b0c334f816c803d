"""Datagrams: shared socket, station and wire."""
