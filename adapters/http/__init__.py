"""Stations with an HTTP interface."""
