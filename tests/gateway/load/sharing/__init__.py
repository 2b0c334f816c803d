"""Boxes that share a connection."""
