"""A small OCPP 2.0.1 CSMS: strict about what it receives, and obedient to whoever tests with it."""
