"""Domain adaptation of language models where the law is watching."""

__version__ = "0.1.0"
