"""Certification test cases of OCPP 2.0.1 (Part 6), driven over the wire and named by their ids."""
