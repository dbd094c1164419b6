"""From sources and ontology to encoded training examples."""
