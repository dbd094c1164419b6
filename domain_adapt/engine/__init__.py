"""Base models, adapters, the training loop and scoring."""
