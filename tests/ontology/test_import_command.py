"""``ontology import``: what it prints and keeps, by which names it is found again, and refusals."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from domain_adapt.base.errors import DataError, DomainAdaptError, UsageError, VerificationError
from domain_adapt.cli.ontology import import_command
from domain_adapt.ontology.importing import import_files
from domain_adapt.ontology.load import imported_names, imported_path, load_ontology

BONDS = """@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix x: <http://x.org/bonds#> .
<http://x.org/bonds> a owl:Ontology ; dct:title "Bonds" ; owl:versionInfo "1.2" ;
  dct:license <https://opensource.org/licenses/MIT> .
x:Bond a owl:Class ; skos:prefLabel "bond" ; skos:definition "a promise to pay" .
x:Share a owl:Class ; skos:prefLabel "share" ; owl:disjointWith x:Bond .
x:CDO a owl:Class ; skos:prefLabel "collateralized debt obligation" ; rdfs:subClassOf x:Bond ;
  skos:altLabel "CDO (Credit default option)", "structured bond" .
"""

CONTRACT = {
    "name": "bonds",
    "classes": 3,
    "properties": 0,
    "individuals": 0,
    "labels": 6,
    "abbreviations": 1,
    "definitions": 1,
    "parent_edges": 1,
    "cycles": 0,
    "disjoint_pairs": 1,
    "entailed_disjoint_pairs": 2,
    "unresolved_parents": 0,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bonds.ttl"
    path.write_text(BONDS, encoding="utf-8")
    return path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def run(state: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(import_command, [*map(str, arguments), "--state", str(state)])


def refused(state: Path, *arguments: str | Path) -> DomainAdaptError:
    """The error of a refused import, after which nothing is in the state."""
    done = run(state, *arguments)
    assert isinstance(done.exception, DomainAdaptError), done.output
    assert done.stdout == ""
    assert not state.exists()
    return done.exception


def test_json_holds_the_contract_and_nothing_else_is_on_stdout(file: Path, state: Path) -> None:
    done = run(state, file, "--out", "bonds", "--format", "json")
    assert done.exit_code == 0
    payload = json.loads(done.stdout)
    assert {key: payload[key] for key in CONTRACT} == CONTRACT
    assert payload["seconds"] >= 0
    assert (payload["version"], payload["licence"]) == ("1.2", "MIT")
    assert "importing" in done.stderr


def test_a_person_sees_title_version_and_licence(file: Path, state: Path) -> None:
    done = run(state, file, "--out", "bonds")
    rows = dict(line.split("\t") for line in done.stdout.splitlines())
    assert (rows["title"], rows["version"], rows["licence"]) == ("Bonds", "1.2", "MIT")
    assert rows["classes"] == "3"


def test_an_imported_ontology_is_found_by_its_name(file: Path, state: Path) -> None:
    run(state, file, "--out", "bonds")
    found = load_ontology("bonds", state=state)
    assert (found.name, found.title, len(found.concepts)) == ("bonds", "Bonds", 3)
    assert found.concepts["x:CDO"].preferred() == "collateralized debt obligation"
    assert imported_names(state) == ("bonds",)


def test_the_same_files_give_the_same_digest_cold_and_warm(file: Path, state: Path) -> None:
    run(state, file, "--out", "bonds")
    first = imported_path(state, "bonds").read_bytes()
    run(state, file, "--out", "bonds")
    assert imported_path(state, "bonds").read_bytes() == first


@pytest.mark.parametrize("meaning", ["related", "exact"])
def test_the_meaning_of_other_names_is_the_users(file: Path, state: Path, meaning: str) -> None:
    # both in one cache: the option is part of the key
    run(state, file, "--out", "bonds")
    run(state, file, "--out", "bonds", "--skos-alt-label", meaning)
    concept = load_ontology("bonds", state=state).concepts["x:CDO"]
    scopes = {x.text: x.scope for x in concept.labels}
    assert scopes["CDO"] == scopes["structured bond"] == meaning


def test_a_second_import_takes_the_place_of_the_first(file: Path, state: Path) -> None:
    run(state, file, "--out", "bonds")
    file.write_text(BONDS.replace('"bond"', '"debenture"'), encoding="utf-8")
    run(state, file, "--out", "bonds")
    assert load_ontology("bonds", state=state).concepts["x:Bond"].preferred() == "debenture"


def test_a_failed_import_leaves_the_earlier_one_as_it_was(file: Path, state: Path) -> None:
    run(state, file, "--out", "bonds")
    before = {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}
    file.write_text(BONDS + "x:Bond x: .", encoding="utf-8")
    assert isinstance(run(state, file, "--out", "bonds").exception, DataError)
    assert {path: path.read_bytes() for path in state.rglob("*") if path.is_file()} == before


def test_one_malformed_file_of_many_keeps_all_out(file: Path, state: Path) -> None:
    bad = file.with_name("worse.ttl")
    bad.write_text("x:A a", encoding="utf-8")
    error = refused(state, file.parent, "--out", "bonds")
    assert error.code == "DA-ONTO-039"
    assert error.message.startswith("worse.ttl:1: ")


def test_a_folder_without_ontologies_names_the_formats(tmp_path: Path, state: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "LICENSE").write_text("MIT")
    error = refused(state, folder, "--out", "x")
    assert (type(error), error.code) == (DataError, "DA-ONTO-032")
    assert all(ending in error.hint for ending in (".owl", ".ttl", ".obo", ".csv", ".yaml"))


def test_files_beside_an_ontology_are_passed_over(file: Path, state: Path) -> None:
    (file.parent / "LICENSE").write_text("MIT")
    done = run(state, file.parent, "--out", "bonds", "--format", "json")
    assert json.loads(done.stdout)["classes"] == 3


def test_a_path_that_is_not_there_is_a_usage_error(tmp_path: Path, state: Path) -> None:
    error = refused(state, tmp_path / "none.owl", "--out", "x")
    assert (type(error), error.code) == (UsageError, "DA-ONTO-031")
    assert "none.owl" in error.message


@pytest.mark.parametrize(
    ("name", "code"), [("finance", "DA-ONTO-035"), ("../up", "DA-ONTO-036"), ("", "DA-ONTO-036")]
)
def test_names_that_are_taken_or_none_are_refused(
    file: Path, state: Path, name: str, code: str
) -> None:
    assert refused(state, file, "--out", name).code == code


def test_a_damaged_import_is_refused_and_not_read_halfway(file: Path, state: Path) -> None:
    run(state, file, "--out", "bonds")
    path = imported_path(state, "bonds")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(VerificationError) as caught:
        load_ontology("bonds", state=state)
    assert (caught.value.code, caught.value.exit_code) == ("DA-ONTO-030", 7)


def test_a_damaged_cache_is_made_anew(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOMAIN_ADAPT_CACHE", str(tmp_path / "cache"))
    digest = import_files([file], name="bonds").digest
    (kept,) = (tmp_path / "cache" / "ontologies").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-5])
    assert import_files([file], name="bonds").digest == digest
    assert kept.read_bytes() == whole


def test_a_cache_that_cannot_be_written_is_no_error(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file")
    monkeypatch.setenv("DOMAIN_ADAPT_CACHE", str(tmp_path / "cache"))
    assert len(import_files([file], name="bonds").concepts) == 3


def test_changed_bytes_are_read_again(file: Path) -> None:
    first = import_files([file], name="bonds").digest
    file.write_text(BONDS.replace("a promise", "one promise"), encoding="utf-8")
    assert import_files([file], name="bonds").digest != first


def test_a_file_of_ones_own_needs_no_import(file: Path) -> None:
    assert load_ontology(str(file)).concepts["x:Bond"].definition == "a promise to pay"


def test_an_unknown_name_is_answered_with_the_nearest_imported_one(file: Path, state: Path) -> None:
    run(state, file, "--out", "my_bonds")
    with pytest.raises(UsageError, match="my_bonds"):
        load_ontology("my_bond", state=state)
