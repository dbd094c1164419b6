"""The addresses (IRIs) of the vocabularies that RDF files describe their terms with."""

from __future__ import annotations

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SKOS_XL = "http://www.w3.org/2008/05/skos-xl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
DCT = "http://purl.org/dc/terms/"
DC = "http://purl.org/dc/elements/1.1/"
OBO = "http://purl.obolibrary.org/obo/"
OBO_IN_OWL = "http://www.geneontology.org/formats/oboInOwl#"

WELL_KNOWN = {
    RDF: "rdf",
    RDFS: "rdfs",
    OWL: "owl",
    SKOS: "skos",
    XSD: "xsd",
    DCT: "dct",
    DC: "dc",
    OBO_IN_OWL: "oboInOwl",
}

TYPE, FIRST, REST = f"{RDF}type", f"{RDF}first", f"{RDF}rest"
LABEL, COMMENT = f"{RDFS}label", f"{RDFS}comment"

UNUSED = frozenset(
    [
        *(f"{SKOS}{name}" for name in ("changeNote", "editorialNote", "historyNote", "example")),
        *(f"{DCT}{name}" for name in ("contributor", "creator", "created", "issued", "modified")),
        *(f"{DC}{name}" for name in ("contributor", "creator", "date")),
        f"{RDFS}seeAlso",
        f"{OWL}imports",
    ]
)
"""What is said about the writing of a file and not about the field: passed over unread."""
