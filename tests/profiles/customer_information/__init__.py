"""Tests of the customer information profile."""
