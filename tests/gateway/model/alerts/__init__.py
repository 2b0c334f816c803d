"""Alerts: when they are raised, and which stand."""
