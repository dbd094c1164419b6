"""Vertical packs: which ontology, builders, suites and policies belong together."""
