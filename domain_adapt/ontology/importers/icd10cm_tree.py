"""The tree of ICD-10-CM's chapters, blocks and codes, built in one walk over the XML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree.ElementTree import Element

from domain_adapt.ontology.concept import Concept, Label, LabelType, Scope
from domain_adapt.ontology.importers.icd10cm_notes import Note, NoteReader
from domain_adapt.ontology.rules import Rule, RuleKind

PREFIX = "ICD10CM:"
FULL_LENGTH = 8
"""Characters of a code with its 7th character, the point among them."""

_RANGE = re.compile(r"\(([A-Z][0-9A-Z]{2}-[A-Z][0-9A-Z]{2})\)\s*$")
_OTHER = re.compile(r"\bother\b", re.IGNORECASE)
_EXACT, _PREFERRED = Scope.EXACT, LabelType.PREFERRED
_EXCLUDES = {"excludes1": RuleKind.EXCLUDES1, "excludes2": RuleKind.EXCLUDES2}


class Fault(NamedTuple):
    """What is wrong with the ``number``-th element of a tag."""

    tag: str
    number: int
    reason: str


class _FaultyError(Exception):
    """Leaves the walk with a fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


@dataclass(slots=True)
class CodeTree:
    """Concepts made so far, with what their Excludes notes need.

    Attributes:
        origin: Name of the file.
        source: What concepts and rules give as their source.
        confirmed: Codes that exist, without points; None: all that the XML spells.
        below: Id of a concept to the ids directly below, in order.
        notes: Excludes notes, in order.
    """

    origin: str
    source: str
    confirmed: frozenset[str] | None
    concepts: list[Concept] = field(default_factory=list)
    below: dict[str, Sequence[str]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    diags: int = 0
    sections: int = 0

    def add_chapters(self, root: Element) -> Fault | None:
        """Take in all chapters; return the first fault, after which nothing may be used."""
        try:
            for number, chapter in enumerate(root.iter("chapter"), start=1):
                self._add_chapter(chapter, number)
        except _FaultyError as error:
            return error.fault
        return None

    def rules(self) -> tuple[Rule, ...]:
        """Return the rules of all Excludes notes."""
        reader = NoteReader(self.below, prefix=PREFIX, source=self.source)
        return tuple(rule for note in self.notes for rule in reader.rules(note))

    def _add_chapter(self, chapter: Element, number: int) -> None:
        description = self._text(chapter, "desc", "chapter", number)
        found = _RANGE.search(description)
        name = found[1] if found else f"chapter-{chapter.findtext('name', '') or number}"
        branch = description[: found.start()].strip() if found else description
        here = self._add(name, branch, branch, parents=(), element=chapter)
        for section in chapter.iter("section"):
            self.sections += 1
            self._add_section(section, here, branch)

    def _add_section(self, section: Element, above: str, branch: str) -> None:
        description = self._text(section, "desc", "section", self.sections)
        name = section.get("id", "")
        if not name:
            raise _FaultyError(Fault("section", self.sections, "the section has no id."))
        if "-" not in name:  # a block of one category must not take the category's id
            name = f"{name}-{name}"
        title = _RANGE.sub("", description).strip()
        here = self._add(name, title, branch, parents=(above,), element=section)
        for diag in section.iterfind("diag"):
            self._add_diag(diag, here, branch, ())

    def _add_diag(
        self, diag: Element, above: str, branch: str, characters: tuple[tuple[str, str], ...]
    ) -> None:
        self.diags += 1
        name, title = diag.findtext("name"), diag.findtext("desc")
        if not name or not title:
            missing = "description" if name else "name"
            reason = f"the code '{name or ''}' has no {missing}."
            raise _FaultyError(Fault("diag", self.diags, reason))
        here = self._add(name, title, branch, parents=(above,), element=diag)
        if len(diag) == 2 and not characters:
            return
        leaf = True
        for child in diag:
            tag = child.tag
            if tag == "sevenChrDef":
                characters = _characters(child)
            elif tag == "diag":
                leaf = False
                self._add_diag(child, here, branch, characters)
        if leaf and characters:
            self._extend(name, title, here, branch, characters)

    def _extend(
        self,
        name: str,
        title: str,
        above: str,
        branch: str,
        characters: tuple[tuple[str, str], ...],
    ) -> None:
        """Spell the 7th characters of a code out, ``X`` in the places between."""
        stem = (name if len(name) > 3 else f"{name}.").ljust(FULL_LENGTH - 1, "X")
        bare, start = stem.replace(".", ""), PREFIX + stem
        parents, source, origin = (above,), self.source, self.origin
        children = self.below[above] = list[str]()
        for character, meaning in characters:
            if self.confirmed is not None and bare + character not in self.confirmed:
                continue
            # half of all codes are made here: straight, without a call for each
            identifier = start + character
            if identifier in self.below:
                reason = f"the code '{stem}{character}' is there twice."
                raise _FaultyError(Fault("diag", self.diags, reason))
            self.below[identifier] = ()
            children.append(identifier)
            label = Label(f"{title}, {meaning}", "en", _EXACT, _PREFERRED)
            self.concepts.append(
                Concept(identifier, branch, (label,), "", parents, source, origin=origin)
            )

    def _add(
        self,
        name: str,
        title: str,
        branch: str,
        *,
        parents: tuple[str, ...],
        element: Element,
    ) -> str:
        identifier = PREFIX + name
        if identifier in self.below:
            number = self.sections if element.tag == "section" else self.diags
            raise _FaultyError(Fault(element.tag, number, f"the code '{name}' is there twice."))
        self.below[identifier] = ()
        for parent in parents:
            row = self.below[parent]
            if isinstance(row, list):
                row.append(identifier)
            else:
                self.below[parent] = [identifier]
        labels: tuple[Label, ...] = (Label(title, "en", _EXACT, _PREFERRED),)
        if len(element) > 2:
            labels += tuple(self._read_notes(element, identifier, title))
        self.concepts.append(
            Concept(identifier, branch, labels, "", parents, self.source, origin=self.origin)
        )
        return identifier

    def _read_notes(self, element: Element, identifier: str, title: str) -> Iterator[Label]:
        """Yield the labels in an element's notes; keep its Excludes."""
        counts = dict.fromkeys(_EXCLUDES, 0)
        for child in element:
            tag = child.tag
            if tag == "diag":
                continue
            if tag == "inclusionTerm":
                # under "other …" they list what is filed there; elsewhere they say the same
                scope = Scope.NARROW if _OTHER.search(title) else Scope.EXACT
            elif tag == "includes":
                scope = Scope.NARROW
            elif tag in _EXCLUDES:
                for note in child.iterfind("note"):
                    counts[tag] += 1
                    place = f"{identifier}.{tag}.{counts[tag]}"
                    self.notes.append(Note(place, _EXCLUDES[tag], identifier, _flat(note)))
                continue
            else:
                continue
            for note in child.iterfind("note"):
                if text := _flat(note).rstrip(":"):
                    yield Label(text, "en", scope, LabelType.SYNONYM)

    def _text(self, element: Element, child: str, tag: str, number: int) -> str:
        text = element.findtext(child, "").strip()
        if not text:
            raise _FaultyError(Fault(tag, number, f"the {tag} has no <{child}>."))
        return text


def _characters(definition: Element) -> tuple[tuple[str, str], ...]:
    """Return each 7th character with its meaning; a note after one belongs to it."""
    found: list[tuple[str, str]] = []
    for child in definition:
        if child.tag == "extension":
            found.append((child.get("char", ""), _flat(child)))
        elif child.tag == "note" and found:
            character, meaning = found.pop()
            found.append((character, f"{meaning}/{_flat(child)}"))
    return tuple(found)


def _flat(element: Element) -> str:
    return " ".join((element.text or "").split())
