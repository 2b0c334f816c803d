"""Stations on a serial line that speak text."""
