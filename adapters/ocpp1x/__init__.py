"""What OCPP 1.2 to 1.6 mean in OCPP 2.0.1, however they are carried: a library of the adapters of OCPP 1.x."""
