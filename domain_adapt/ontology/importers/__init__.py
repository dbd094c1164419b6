"""Readers of other people's ontologies, one file a format."""
