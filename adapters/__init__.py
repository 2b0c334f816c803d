"""Southbound protocol adapters, one folder per protocol."""
