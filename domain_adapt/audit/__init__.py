"""Evidence and the report that renders it."""
