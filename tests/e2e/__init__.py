"""The gateway as a process, between a simulated OCPP 1.5-S station and a small OCPP 2.0.1 CSMS."""
