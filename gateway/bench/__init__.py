"""Simulated stations and a small CSMS: demo, training, tests."""
