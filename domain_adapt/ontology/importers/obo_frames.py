"""Stanzas of OBO gathered by id, and the concepts that they make."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from domain_adapt.ontology.concept import (
    Concept,
    Kind,
    Label,
    LabelType,
    Mapping,
    Relation,
    Scope,
    Status,
)
from domain_adapt.ontology.importers.importer import Imported
from domain_adapt.ontology.importers.obo_lines import (
    QUOTED,
    Stanza,
    bracketed,
    first_word,
    plain,
    unescape,
)
from domain_adapt.ontology.importers.text import language_of, malformed, spdx
from domain_adapt.ontology.rules import Predicate

Item = TypeVar("Item")

XREF, EXACT_MATCH = "oboInOwl:hasDbXref", "skos:exactMatch"
ALTERNATIVE, CONSIDER = "oboInOwl:hasAlternativeId", "oboInOwl:consider"
EQUIVALENT = "owl:equivalentClass"

_RELEASE = re.compile(r"(?:^|/)releases/([^/]+)")
_KINDS = {"Term": Kind.CLASS, "Instance": Kind.INDIVIDUAL, "Typedef": Kind.PROPERTY}
_SCOPES = {scope.value.upper(): scope for scope in Scope}
_OLD_SYNONYMS = {f"{scope.value}_synonym": scope for scope in Scope}
_TYPES = {  # the OBO Metadata Ontology's synonym types; files use them without declaring them
    "OMO:0003000": LabelType.ABBREVIATION,
    "OMO:0003003": LabelType.LAYPERSON,
    "OMO:0003004": LabelType.PLURAL,
    "OMO:0003005": LabelType.SPELLING,
    "OMO:0003006": LabelType.SPELLING,
    "OMO:0003007": LabelType.BRAND,
    "OMO:0003012": LabelType.ABBREVIATION,
}
_TYPE_WORDS = (
    (("abbrev", "acronym"), LabelType.ABBREVIATION),
    (("layperson", "layman", "lay term", "consumer"), LabelType.LAYPERSON),
    (("plural",), LabelType.PLURAL),
    (("spelling", "misspell"), LabelType.SPELLING),
    (("brand", "trade name"), LabelType.BRAND),
    (("allelic_requirement", "code"), LabelType.CODE),
)


@dataclass(slots=True)
class Frame:
    """What all stanzas of one id say, in source order."""

    id: str
    kind: Kind
    origin: str
    name: str = ""
    namespace: str = ""
    definition: str = ""
    source: str = ""
    obsolete: bool = False
    synonyms: list[Label] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    disjoint: list[str] = field(default_factory=list)
    mappings: list[Mapping] = field(default_factory=list)
    replaced_by: list[str] = field(default_factory=list)
    domain: list[str] = field(default_factory=list)
    range: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Frames:
    """All stanzas read so far."""

    frames: dict[str, Frame] = field(default_factory=dict)
    stanzas: int = 0
    titles: dict[str, str] = field(default_factory=dict)
    namespace: str = ""
    synonym_types: dict[str, LabelType] = field(default_factory=lambda: dict(_TYPES))
    default_scopes: dict[str, Scope] = field(default_factory=dict)
    equivalent_prefixes: set[str] = field(default_factory=set)

    def header(self, stanza: Stanza) -> None:
        """Take in a file's header; the first file's title, version and licence stand."""
        self.namespace = ""
        for tag, value, line in stanza.tags:
            if tag == "default-namespace":
                self.namespace = plain(value)
            elif tag in ("data-version", "ontology"):
                self.titles.setdefault(tag, plain(value))
            elif tag == "synonymtypedef":
                self._synonym_type(value, stanza.file, line)
            elif tag == "treat-xrefs-as-equivalent":
                self.equivalent_prefixes.add(f"{plain(value).rstrip(':')}:")
            elif tag == "property_value":
                name, text = _property(value)
                self.titles.setdefault(name.partition(":")[2], text)

    def add(self, stanza: Stanza) -> None:
        """Take in one stanza.

        Raises:
            DataError: It has no id, or a value of it is malformed.
        """
        kind = _KINDS.get(stanza.kind)
        if kind is None:  # [Annotation], [Formula]: about the file, not about the field
            return
        name = next((first_word(value) for tag, value, _ in stanza.tags if tag == "id"), "")
        if not name:
            reason = f"the [{stanza.kind}] has no id; expected a line 'id: …' in it."
            raise malformed("DA-ONTO-054", stanza.file, stanza.line, reason)
        frame = self.frames.setdefault(name, Frame(name, kind, stanza.file))
        frame.namespace = frame.namespace or self.namespace
        self.stanzas += 1
        for tag, value, line in stanza.tags:
            take = _TAGS.get(tag)
            if take is not None:
                if not value or value[0] in "!{":
                    reason = f"the value of '{tag}' is empty."
                    raise malformed("DA-ONTO-056", stanza.file, line, reason)
                take(frame, value)
            elif tag in _QUOTED_TAGS:
                self._quoted(frame, tag, value, (stanza.file, line))
            elif tag == "xref":
                self._xref(frame, value)

    def imported(self) -> Imported:
        """Return what all files say together."""
        frames = self.frames.values()
        titles = self.titles
        licence = titles.get("license") or titles.get("licence") or ""
        return Imported(
            concepts=tuple(_concept(each) for each in frames if each.kind is not Kind.PROPERTY),
            predicates=tuple(_predicate(each) for each in frames if each.kind is Kind.PROPERTY),
            title=titles.get("title") or titles.get("ontology", ""),
            version=titles.get("versionInfo") or _release(titles.get("data-version", "")),
            licence=spdx(licence),
        )

    def _xref(self, frame: Frame, value: str) -> None:
        target = first_word(value)
        equivalent = target.partition(":")[0] + ":" in self.equivalent_prefixes
        if target:
            frame.mappings.append(Mapping(EXACT_MATCH if equivalent else XREF, target))

    def _quoted(self, frame: Frame, tag: str, value: str, place: tuple[str, int]) -> None:
        found = QUOTED.match(value)
        if found is None:
            reason = f"the value of '{tag}' is not in closed quotes: {value[:60]}"
            raise malformed("DA-ONTO-056", *place, reason)
        text, rest = unescape(found[1]), found[2]
        if tag == "def":
            frame.definition = frame.definition or text
            frame.source = frame.source or ", ".join(bracketed(rest))
        else:
            frame.synonyms.append(self._synonym(tag, text, rest))

    def _synonym(self, tag: str, text: str, rest: str) -> Label:
        words = rest.partition("[")[0].split()
        scope = _OLD_SYNONYMS.get(tag)
        if scope is None and words and words[0] in _SCOPES:
            scope = _SCOPES[words.pop(0)]
        kind = words[0] if words and words[0][0] not in "{!" else ""
        if scope is None:  # RELATED is what the format says of a synonym without scope
            scope = self.default_scopes.get(kind, Scope.RELATED)
        label_type = self.synonym_types.get(kind, LabelType.SYNONYM)
        return Label(text, language_of(text), scope, label_type)

    def _synonym_type(self, value: str, file: str, line: int) -> None:
        name, _, rest = value.partition(" ")
        found = QUOTED.match(rest.strip())
        if found is None:
            reason = f"the synonym type '{name}' has no description in quotes: {value[:60]}"
            raise malformed("DA-ONTO-056", file, line, reason)
        known = f"{name} {found[1]}".casefold().replace("_form", "")
        for words, label_type in _TYPE_WORDS:
            if any(word in known for word in words):
                self.synonym_types.setdefault(name, label_type)
                break
        scope = _SCOPES.get(first_word(found[2]))
        if scope:
            self.default_scopes[name] = scope


def _release(version: str) -> str:
    """Return the date of a version such as ``doid/releases/2026-07-31/doid.obo``."""
    found = _RELEASE.search(version)
    return found[1] if found else version


def _name(frame: Frame, value: str) -> None:
    frame.name = frame.name or plain(value)


def _namespace(frame: Frame, value: str) -> None:
    frame.namespace = plain(value)


def _obsolete(frame: Frame, value: str) -> None:
    frame.obsolete = frame.obsolete or plain(value).casefold() in ("true", "1")


def _parent(frame: Frame, value: str) -> None:
    frame.parents.append(first_word(value))


def _relation(frame: Frame, value: str) -> None:
    predicate, _, rest = value.partition(" ")
    if target := first_word(rest.strip()):
        frame.relations.append(Relation(unescape(predicate), target))


def _intersection(frame: Frame, value: str) -> None:
    words = value.split()
    differentia = len(words) > 1 and words[1][0] not in "!{"
    _relation(frame, value) if differentia else _parent(frame, value)


def _disjoint(frame: Frame, value: str) -> None:
    frame.disjoint.append(first_word(value))


def _replacement(frame: Frame, value: str) -> None:
    frame.replaced_by.append(first_word(value))


def _domain(frame: Frame, value: str) -> None:
    frame.domain.append(first_word(value))


def _range(frame: Frame, value: str) -> None:
    frame.range.append(first_word(value))


def _mapped(predicate: str) -> Callable[[Frame, str], None]:
    def take(frame: Frame, value: str) -> None:
        frame.mappings.append(Mapping(predicate, first_word(value)))

    return take


def _property_value(frame: Frame, value: str) -> None:
    """Keep matches of SKOS; other properties (creators, dates) say nothing about the field."""
    if value.startswith("skos:") and "Match" in value:
        name, text = _property(value)
        frame.mappings.append(Mapping(name, text))


def _property(value: str) -> tuple[str, str]:
    """Return name and text of ``name "text" type`` or ``name id``."""
    name, _, rest = value.partition(" ")
    found = QUOTED.match(rest.strip())
    return name, unescape(found[1]) if found else first_word(rest.strip())


_QUOTED_TAGS = frozenset({"def", "synonym", *_OLD_SYNONYMS})
_TAGS: dict[str, Callable[[Frame, str], None]] = {
    "name": _name,
    "namespace": _namespace,
    "is_obsolete": _obsolete,
    "is_a": _parent,
    "instance_of": _parent,
    "relationship": _relation,
    "intersection_of": _intersection,
    "disjoint_from": _disjoint,
    "replaced_by": _replacement,
    "consider": _mapped(CONSIDER),
    "alt_id": _mapped(ALTERNATIVE),
    "equivalent_to": _mapped(EQUIVALENT),
    "property_value": _property_value,
    "domain": _domain,
    "range": _range,
}


def _concept(frame: Frame) -> Concept:
    name = frame.name or frame.id
    labels = (Label(name, language_of(name), Scope.EXACT, LabelType.PREFERRED), *frame.synonyms)
    later = (Mapping(CONSIDER, other) for other in frame.replaced_by[1:])
    return Concept(
        id=frame.id,
        branch=frame.namespace,
        labels=_once(labels),
        definition=frame.definition,
        parents=_once(frame.parents),
        source=frame.source,
        kind=frame.kind,
        relations=_once(frame.relations),
        disjoint_with=_once(frame.disjoint),
        mappings=_once((*frame.mappings, *later)),
        status=Status.DEPRECATED if frame.obsolete else Status.ACTIVE,
        replaced_by=frame.replaced_by[0] if frame.replaced_by else "",
        origin=frame.origin,
    )


def _once(items: tuple[Item, ...] | list[Item]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(items) if len(items) > 1 else items)


def _predicate(frame: Frame) -> Predicate:
    label = {"en": frame.name} if frame.name else {}
    return Predicate(frame.id, label, _once(frame.domain), _once(frame.range))
