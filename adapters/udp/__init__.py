"""Stations that are spoken to by datagrams."""
