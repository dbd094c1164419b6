"""The compiled form: what comes back is what was written, or nothing does."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.errors import DomainAdaptError, VerificationError
from domain_adapt.ontology.compiled import read_compiled, write_compiled
from domain_adapt.ontology.concept import (
    Concept,
    Kind,
    Label,
    LabelType,
    Mapping,
    Quantity,
    Relation,
    Scope,
    Status,
)
from domain_adapt.ontology.ontology import Head, Ontology, build_ontology
from domain_adapt.ontology.packing import pack, unpack
from domain_adapt.ontology.rules import (
    Bound,
    Comparison,
    Predicate,
    Rule,
    RuleKind,
    Severity,
)

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8) | st.sampled_from(
    ['say "so"', "a\nb", "\\", "贷款", "\u2028", "\x00"]
)
ID = st.sampled_from([f"t:{letter}" for letter in "abcdef"])
NUMBER = st.integers(-5, 5) | st.floats(-1e6, 1e6)
LABELS = st.builds(
    Label, TEXT, st.sampled_from(["en", "zh"]), st.sampled_from(Scope), st.sampled_from(LabelType)
)
QUANTITIES = st.builds(
    Quantity,
    TEXT,
    st.tuples(NUMBER, NUMBER),
    st.tuples(st.none() | NUMBER, st.none() | NUMBER),
    TEXT,
)


def several(each: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(each, max_size=3).map(tuple)


def concepts(ids: st.SearchStrategy[str] = ID) -> st.SearchStrategy[Concept]:
    return st.builds(
        Concept,
        id=ids,
        branch=TEXT,
        labels=several(LABELS),
        definition=TEXT,
        parents=several(st.just("out:side")),
        source=TEXT,
        kind=st.sampled_from(Kind),
        relations=several(st.builds(Relation, TEXT, TEXT)),
        disjoint_with=several(ID),
        quantities=several(QUANTITIES),
        mappings=several(st.builds(Mapping, TEXT, TEXT)),
        status=st.sampled_from(Status),
        replaced_by=TEXT,
        origin=TEXT,
    )


RULES = st.builds(
    Rule,
    id=st.sampled_from(["t:r1", "t:r2"]),
    kind=st.sampled_from(RuleKind),
    subject=ID,
    object=ID,
    bounds=several(st.builds(Bound, ID, st.sampled_from(Comparison), NUMBER, TEXT)),
    severity=st.sampled_from(Severity),
    statement=st.dictionaries(st.sampled_from(["en", "zh"]), TEXT),
    source=TEXT,
)
PREDICATE = Predicate("t:p", {"en": "treats"}, ("t:a",), ("t:b", "t:c"))
HEAD = Head("t", "T", "t", "1", "MIT", ("a.owl",), (PREDICATE,))


@given(concepts())
def test_a_line_is_json_and_gives_the_concept_back(concept: Concept) -> None:
    line = pack(concept)
    assert "\n" not in line
    assert json.loads(line)[0] == concept.id
    assert unpack(line.encode(), concept.origin) == concept


@given(
    st.lists(concepts(), unique_by=lambda each: each.id, min_size=1, max_size=5),
    st.lists(RULES, unique_by=lambda each: each.id, max_size=2),
)
def test_what_is_read_is_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, found: list[Concept], rules: list[Rule]
) -> None:
    path = tmp_path_factory.getbasetemp() / "t.onto"
    ontology = build_ontology(HEAD, found, rules)
    write_compiled(ontology, path)
    again = read_compiled(path)
    assert (again.head, again.digest, again.rules) == (HEAD, ontology.digest, ontology.rules)
    assert dict(again.concepts) == dict(ontology.concepts)
    assert again.hierarchy == ontology.hierarchy


def tree() -> Ontology:
    def concept(name: str, *parents: str, disjoint: tuple[str, ...] = ()) -> Concept:
        label = Label(name, "en", Scope.EXACT, LabelType.PREFERRED)
        parents_ = tuple(f"t:{each}" for each in parents)
        return Concept(f"t:{name}", "b", (label,), "", parents_, "", disjoint_with=disjoint)

    found = [
        concept("a"),
        concept("b", "a", disjoint=("t:c",)),
        concept("c", "a"),
        concept("d", "b"),
    ]
    return build_ontology(HEAD, found)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "deep" / "t.onto"
    write_compiled(tree(), path)
    return path


def test_an_opened_ontology_answers_as_the_built_one(kept: Path) -> None:
    opened, built = read_compiled(kept), tree()
    assert opened.ancestors("t:d") == built.ancestors("t:d") == {"t:a", "t:b"}
    assert opened.are_disjoint("t:d", "t:c")
    assert opened.children("t:a") == ("t:b", "t:c")
    assert opened.concepts["t:d"] is opened.concepts["t:d"]
    assert "t:x" not in opened.concepts
    with pytest.raises(KeyError):
        opened.concepts["t:x"]


def test_writing_what_was_opened_gives_the_same_bytes(kept: Path, tmp_path: Path) -> None:
    write_compiled(read_compiled(kept), tmp_path / "again.onto")
    assert (tmp_path / "again.onto").read_bytes() == kept.read_bytes()


def damaged(content: bytes) -> Iterator[bytes]:
    for place in range(0, len(content), 7):
        yield content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    for length in (0, 1, 30, 90, 120, len(content) - 1):
        yield content[:length]
    yield content + b"\n"


def test_every_changed_byte_and_every_missing_one_is_refused(kept: Path) -> None:
    for content in damaged(kept.read_bytes()):
        kept.write_bytes(content)
        with pytest.raises(VerificationError) as caught:
            read_compiled(kept)
        assert caught.value.code == "DA-ONTO-030"
        assert "ontology import" in caught.value.hint


def test_nothing_is_left_where_it_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DomainAdaptError):
        write_compiled(tree(), tmp_path / "file" / "t.onto")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]
