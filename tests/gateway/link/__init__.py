"""Tests of gateway.link."""
