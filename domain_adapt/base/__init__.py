"""Errors, records, hashing and files: what every other layer stands on."""
