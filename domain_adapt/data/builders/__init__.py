"""Versioned builders: what an ontology's concepts become in training."""
