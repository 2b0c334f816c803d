"""Tests of the tariff and cost profile."""
