"""Suites, probes, statistics and gates."""
