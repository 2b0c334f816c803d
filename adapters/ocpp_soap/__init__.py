"""OCPP 1.2-S, 1.5-S and 1.6-S over SOAP."""
