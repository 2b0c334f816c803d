"""Tests of the simulated OCPP 1.6-J station."""
