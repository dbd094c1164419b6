"""The spaCy component ``domain_terms``: an ontology's mentions as entities of a ``Doc``.

spaCy finds it through its entry point, so ``nlp.add_pipe("domain_terms")`` needs no import. It
works in a blank pipeline and beside a trained model, whose entities stay.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span

from domain_adapt.base.errors import DataError, UsageError
from domain_adapt.ontology.load import load_ontology
from domain_adapt.ontology.match.mentions import Mention, ontology_matcher

NAME = "domain_terms"
QUALITIES = ("negated", "uncertain", "family", "historical")
_FILE = "ontology.json"


class DomainTerms:
    """Sets entity spans with concept ids.

    A span's ``kb_id_`` and ``_.concept`` are the concept's id, ``_.negated``, ``_.uncertain``,
    ``_.family`` and ``_.historical`` what the text says of it. A mention that ends inside a token
    takes the whole token.

    Args:
        ontology: Name or path, as :func:`.load.load_ontology` takes it.
        spans_key: Where all mentions go: ``doc.spans[spans_key]``.
        label: The entities' label.
        overwrite_ents: Whether a mention replaces entities that it overlaps; else it is left out
            of ``doc.ents`` (and still stands in ``doc.spans``).

    Raises:
        DomainAdaptError: The ontology cannot be loaded.
    """

    def __init__(
        self,
        ontology: str,
        *,
        spans_key: str = NAME,
        label: str = "TERM",
        overwrite_ents: bool = False,
    ) -> None:
        loaded = load_ontology(ontology)
        self.ontology = ontology
        self.digest = loaded.digest
        self._matcher = ontology_matcher(loaded)
        self._spans_key, self._label, self._overwrite = spans_key, label, overwrite_ents
        _register_extensions()

    def __call__(self, doc: Doc) -> Doc:
        """Set the spans of one document and return it."""
        spans = [self._span(doc, mention) for mention in self._matcher.mentions(doc.text)]
        doc.spans[self._spans_key] = spans
        doc.set_ents(self._entities(doc, spans), default="outside")
        return doc

    def _span(self, doc: Doc, mention: Mention) -> Span:
        span = doc.char_span(
            mention.start,
            mention.end,
            label=self._label,
            kb_id=mention.concept,
            alignment_mode="expand",
        )
        if span is None:  # with "expand" only for places outside of the text
            raise AssertionError(f"no token at {mention.start} to {mention.end}")
        span._.set("concept", mention.concept)
        for quality in QUALITIES:
            span._.set(quality, getattr(mention, quality))
        return span

    def _entities(self, doc: Doc, spans: Iterable[Span]) -> list[Span]:
        """Return the entities of the document with ours among them, none overlapping another."""
        before = list(doc.ents)
        chosen: list[Span] = []
        taken = set() if self._overwrite else {i for span in before for i in _tokens(span)}
        for span in spans:
            if taken.isdisjoint(_tokens(span)):  # two mentions may have expanded to one token
                chosen.append(span)
                taken.update(_tokens(span))
        ours = {i for span in chosen for i in _tokens(span)}
        return [*chosen, *(span for span in before if ours.isdisjoint(_tokens(span)))]

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return which ontology it was, by digest; its settings are in the pipeline's config."""
        return json.dumps({"ontology": self.ontology, "digest": self.digest}).encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> DomainTerms:
        """Check that the ontology is still the one that was saved.

        Raises:
            DataError: Its content is another one.
        """
        saved = json.loads(data)
        if saved["digest"] != self.digest:
            raise DataError(
                "DA-ONTO-095",
                f"The pipeline was saved with another version of the ontology '{self.ontology}' "
                f"(digest {saved['digest'][:12]}…, here {self.digest[:12]}…).",
                hint="Install the version that it was made with, or build the pipeline anew.",
            )
        return self

    def to_disk(self, path: Path | str, *, exclude: Iterable[str] = ()) -> None:
        """Write what :meth:`to_bytes` returns below ``path``."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _FILE).write_bytes(self.to_bytes())

    def from_disk(self, path: Path | str, *, exclude: Iterable[str] = ()) -> DomainTerms:
        """Check what :meth:`from_bytes` does, from below ``path``."""
        return self.from_bytes((Path(path) / _FILE).read_bytes())


@Language.factory(
    NAME,
    assigns=["doc.ents", "doc.spans", "token.ent_iob", "token.ent_type", "token.ent_kb_id"],
    default_config={
        "ontology": None,
        "spans_key": NAME,
        "label": "TERM",
        "overwrite_ents": False,
    },
)
def make_domain_terms(
    nlp: Language,
    name: str,
    ontology: str | None,
    spans_key: str,
    label: str,
    overwrite_ents: bool,
) -> Callable[[Doc], Doc]:
    """Return the component for a pipeline's config (spaCy calls this).

    Raises:
        UsageError: The config names no ontology.
    """
    if ontology is None:
        raise UsageError(
            "DA-ONTO-094",
            f"The component '{name}' names no ontology.",
            hint=f'Say which: nlp.add_pipe("{NAME}", config={{"ontology": "finance"}}).',
        )
    return DomainTerms(ontology, spans_key=spans_key, label=label, overwrite_ents=overwrite_ents)


def _tokens(span: Span) -> range:
    return range(span.start, span.end)


def _register_extensions() -> None:
    defaults: dict[str, Any] = {"concept": "", **dict.fromkeys(QUALITIES, False)}
    for extension, default in defaults.items():
        if not Span.has_extension(extension):
            Span.set_extension(extension, default=default)
