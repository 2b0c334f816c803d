"""Tests of the simulated OCPP 1.5-S station."""
