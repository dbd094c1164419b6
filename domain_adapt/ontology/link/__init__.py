"""Entity linking: a mention in text to the ids of what it names, by names alone."""
