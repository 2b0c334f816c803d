"""Tests of the SOAP adapter."""
