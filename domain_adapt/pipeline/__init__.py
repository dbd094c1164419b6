"""The stages of a run and the state on disk."""
