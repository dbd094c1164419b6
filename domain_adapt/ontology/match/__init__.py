"""Finding an ontology's terms in text, with exact places and what is said of them."""
