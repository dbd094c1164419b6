"""Typed recipes: YAML, presets and overrides, with every error named at once."""
