"""Concepts, their labels and their hierarchy."""
