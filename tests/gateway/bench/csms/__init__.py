"""Tests of the small OCPP 2.0.1 CSMS."""
