"""What a run will do, fixed and named before anything is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

import domain_adapt
from domain_adapt.base.assets import source_path
from domain_adapt.base.errors import ConfigError, DataError
from domain_adapt.base.hashing import digest_file, digest_json, digest_tree
from domain_adapt.config.load import LoadedRecipe, dump_recipe, is_path, load_recipe
from domain_adapt.config.recipe import Recipe, SourceConfig
from domain_adapt.data.readers import ReadResult, read_source
from domain_adapt.engine.base_models import BaseModel, resolve
from domain_adapt.evaluation.suite import GeneratedSuite, LoadedSuite, load_suite
from domain_adapt.ontology.load import load_ontology
from domain_adapt.ontology.ontology import Ontology
from domain_adapt.packs.pack import Pack, load_pack

COMPUTING = ("torch", "transformers", "peft", "tokenizers")
"""The libraries whose versions decide results."""


@dataclass(frozen=True, slots=True)
class PlannedSource:
    """A user's file, read.

    Attributes:
        name: What reports call it: its file's name, numbered where another has the same.
        config: What the recipe or the command line says about it.
        digest: SHA-256 of its bytes.
        content: Its records and what was refused.
    """

    name: str
    config: SourceConfig
    digest: str
    content: ReadResult


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A run, completely decided.

    Attributes:
        version: ``<pack>-<digest>``: the same plan has the same id, on any machine with the
            same precision, wherever its files lie.
        overrides: The command line's ``key=value`` arguments, without the folders of this
            machine: reports show them.
        base: The base model; a folder goes by its own name, without those above it.
        dtype: Name of the compute precision.
        state: Folder of the state.
    """

    version: str
    pack: Pack
    loaded: LoadedRecipe
    overrides: tuple[str, ...]
    ontology: Ontology
    suite: GeneratedSuite
    retention: LoadedSuite
    base: BaseModel
    sources: tuple[PlannedSource, ...]
    dtype: str
    state: Path

    @property
    def recipe(self) -> Recipe:
        """The recipe with preset and overrides applied."""
        return self.loaded.recipe

    def locked_recipe(self) -> str:
        """Return the YAML of the recipe with nothing left open: all sources, the chosen dtype."""
        model = self.recipe.model.model_copy(update={"dtype": self.dtype})
        sources = tuple(source.config for source in self.sources)
        data = self.recipe.data.model_copy(update={"sources": sources})
        recipe = self.recipe.model_copy(update={"model": model, "data": data})
        return f"# Preset {self.loaded.preset}, laid out in full.\n{dump_recipe(recipe)}"


def plan_run(
    pack_or_recipe: str,
    *,
    preset: str,
    overrides: Sequence[str],
    sources: Sequence[Path],
    state: Path,
    allow_download: bool,
) -> RunPlan:
    """Check everything that can be checked beforehand and return the plan.

    Args:
        pack_or_recipe: Name of a pack, or path of a recipe, whose ``pack`` counts then.
        preset: Name of a preset of the recipe.
        overrides: ``key=value`` arguments.
        sources: Further files to learn from; public.
        state: Folder of the state; not touched here.
        allow_download: Whether a base model may be fetched.

    Raises:
        DomainAdaptError: Anything that is wrong, before anything has run.
    """
    pack, loaded = _pack_and_recipe(pack_or_recipe, preset, overrides)
    recipe = loaded.recipe
    ontology = load_ontology(recipe.ontology, state=state)
    suite = _generated(load_suite(recipe.evaluation.suite))
    retention = load_suite(recipe.evaluation.retention)
    planned = _plan_sources(recipe, sources)
    base = _named_for_others(
        resolve(recipe.model.base, revision=recipe.model.revision, allow_download=allow_download)
    )
    dtype = _dtype_name(recipe.model.dtype)
    version = digest_json(
        {
            "recipe": _choices(recipe),
            "preset": preset,
            "ontology": ontology.digest,
            "suite": suite.model_dump(mode="json"),
            "retention": _retention_digest(retention),
            "sources": [_source_identity(each) for each in planned],
            "base": base.digest,
            "dtype": dtype,
            "code": code_digest(),
        }
    )
    return RunPlan(
        version=f"{pack.name}-{version[:12]}",
        pack=pack,
        loaded=loaded,
        overrides=tuple(map(_without_folder, overrides)),
        ontology=ontology,
        suite=suite,
        retention=retention,
        base=base,
        sources=planned,
        dtype=dtype,
        state=state,
    )


def _pack_and_recipe(name: str, preset: str, overrides: Sequence[str]) -> tuple[Pack, LoadedRecipe]:
    if is_path(name):
        loaded = load_recipe(name, preset=preset, overrides=overrides)
        return load_pack(loaded.recipe.pack), loaded
    pack = load_pack(name)
    return pack, load_recipe(pack.recipe, preset=preset, overrides=overrides)


def _plan_sources(recipe: Recipe, files: Sequence[Path]) -> tuple[PlannedSource, ...]:
    """Read the recipe's sources and the command line's; refuse what cannot be learned safely."""
    configs = [
        *recipe.data.sources,
        *(SourceConfig(path=str(path), sensitivity="public") for path in files),
    ]
    planned: list[PlannedSource] = []
    for config in configs:
        if config.sensitivity == "private":
            raise ConfigError(
                "DA-PRIV-001",
                f"Source '{config.path}' is private, and private training is not built yet.",
                hint="Leave it out: learning it without a privacy budget could leak it.",
            )
        planned.append(_read(config, recipe.data.refusal_limit, planned))
    return tuple(planned)


def _read(
    config: SourceConfig, refusal_limit: float, earlier: Sequence[PlannedSource]
) -> PlannedSource:
    """Read one source; its name and its rows' ids are its own also where a file's name is not."""
    path = source_path(config.path)
    content = read_source(path, refusal_limit=refusal_limit)
    name, number = path.name, 1
    while name in {each.name for each in earlier}:
        number += 1
        name = f"{number}.{path.name}"
    documents = (
        replace(each, id=f"{name}{each.id.removeprefix(path.name)}") for each in content.documents
    )
    content = replace(content, documents=tuple(documents))
    return PlannedSource(name, config, digest_file(path), content)


def _choices(recipe: Recipe) -> dict[str, object]:
    """Return what the recipe decides beside the files that it names: those count by content."""
    values = recipe.model_dump(mode="json")
    del values["ontology"], values["model"]["base"], values["model"]["revision"]
    del values["evaluation"]["suite"], values["evaluation"]["retention"]
    del values["data"]["sources"]
    return values


def _source_identity(source: PlannedSource) -> list[object]:
    """Return what a source is, wherever it lies; its file's name stands in reports and ids."""
    config = source.config.model_dump(mode="json") | {"path": source_path(source.config.path).name}
    return [config, source.digest]


def _named_for_others(base: BaseModel) -> BaseModel:
    """Return a base model whose name may stand in a report: not where this machine keeps it."""
    if base.source != "folder":
        return base
    return replace(base, name=Path(base.name).name or base.path.name)


def _without_folder(override: str) -> str:
    """Return a ``key=value`` argument; of a path that begins at the root or at home, the name."""
    key, equals, value = override.partition("=")
    at_root = value.startswith(("/", "~")) or Path(value).is_absolute()
    return f"{key}{equals}{Path(value).name}" if at_root else override


def _generated(loaded: LoadedSuite) -> GeneratedSuite:
    if not isinstance(loaded.suite, GeneratedSuite):
        raise DataError(
            "DA-EVAL-009",
            f"Suite '{loaded.suite.name}' is not generated from an ontology.",
            hint="Name a suite such as finance/terms in evaluation.suite; other suites can be "
            "run with 'domain-adapt eval run'.",
        )
    return loaded.suite


def _retention_digest(loaded: LoadedSuite) -> str:
    content = loaded.suite.model_dump(mode="json")
    items = content.get("items")
    return digest_json([content, digest_file(loaded.path.parent / items) if items else ""])


def _dtype_name(requested: str) -> str:
    from domain_adapt.engine.model import choose_device, choose_dtype, dtype_name

    return dtype_name(choose_dtype(requested, choose_device()))


def code_digest() -> str:
    """Return the digest of this package's files and of the libraries' versions that compute.

    Other code, ours or theirs, may give other results to the same plan.
    """
    root = Path(domain_adapt.__file__).parent
    files = [digest_tree(root, "*.py"), digest_tree(root / "data", "*.yaml")]
    return digest_json([files, [metadata.version(name) for name in COMPUTING]])
