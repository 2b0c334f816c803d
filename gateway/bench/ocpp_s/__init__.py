"""A simulated OCPP 1.5-S station: a SOAP peer with its own writer and reader, its own memory and its own habits."""
