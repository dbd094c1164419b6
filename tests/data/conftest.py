"""A small ontology and a small tokenizer, both real in what the data layer needs of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jinja2
import pytest

from domain_adapt.ontology.concept import Concept, Label, LabelType, Scope
from domain_adapt.ontology.ontology import Head, Ontology, build_ontology


def make_concept(
    name: str,
    *,
    branch: str = "derivatives",
    parents: tuple[str, ...] = (),
    abbreviations: tuple[str, ...] = (),
    synonyms: tuple[str, ...] = (),
    related: tuple[str, ...] = (),
    definition: str = "",
) -> Concept:
    labels = [
        Label(name, "en", Scope.EXACT, LabelType.PREFERRED),
        Label(f"{name} (zh)", "zh", Scope.EXACT, LabelType.PREFERRED),
        *(Label(text, "en", Scope.EXACT, LabelType.ABBREVIATION) for text in abbreviations),
        *(Label(text, "en", Scope.EXACT, LabelType.SYNONYM) for text in synonyms),
        *(Label(text, "en", Scope.RELATED, LabelType.SYNONYM) for text in related),
    ]
    return Concept(
        id=f"t:{name.replace(' ', '_')}",
        branch=branch,
        labels=tuple(labels),
        definition=definition,
        parents=tuple(f"t:{parent.replace(' ', '_')}" for parent in parents),
        source="this test",
    )


def make_ontology(*concepts: Concept) -> Ontology:
    return build_ontology(
        Head(name="small", title="Small", prefix="t", version="1", licence="Apache-2.0"), concepts
    )


@pytest.fixture
def concept() -> Callable[..., Concept]:
    return make_concept


@pytest.fixture
def ontology_of() -> Callable[..., Ontology]:
    return make_ontology


@pytest.fixture
def small() -> Ontology:
    """Return two branches with a class each, seven leaves in all."""
    return make_ontology(
        make_concept("derivative contract", definition="A claim on the price of something."),
        make_concept(
            "credit default swap",
            parents=("derivative contract",),
            abbreviations=("CDS", "CD swap"),
            synonyms=("default swap", "protection contract"),
            related=("CDO",),
            definition="A contract that pays when a borrower fails.",
        ),
        make_concept(
            "total return swap",
            parents=("derivative contract",),
            abbreviations=("TRS",),
            definition="A trade of everything that an asset earns for interest.",
        ),
        make_concept(
            "knock out option",
            parents=("derivative contract",),
            definition="A knock out option ends when a price is touched.",
        ),
        make_concept(
            "forward rate agreement", parents=("derivative contract",), abbreviations=("FRA",)
        ),
        make_concept("capital measure", branch="capital", definition="A number about own funds."),
        make_concept(
            "tier 1 capital",
            branch="capital",
            parents=("capital measure",),
            synonyms=("core funds",),
            definition="Own funds that bear losses first.",
        ),
        make_concept(
            "leverage ratio", branch="capital", parents=("capital measure",), abbreviations=("LR",)
        ),
        make_concept(
            "output floor", branch="capital", parents=("capital measure",), definition="A limit."
        ),
    )


CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


class LongestMatchTokenizer:
    """Tokens are the longest known pieces, else single characters: it merges across boundaries."""

    def __init__(
        self,
        template: str | None = CHATML,
        *,
        eos: str | None = "<|im_end|>",
        bos: str | None = None,
        pieces: tuple[str, ...] = ("\n\n", "\nA", "swap", "What is "),
        specials: tuple[str, ...] = ("<|im_start|>", "<|im_end|>"),
    ) -> None:
        self.chat_template = template
        self.eos_token = eos
        self.all_special_tokens = [*specials, *([bos] if bos else [])]
        self._bos = bos
        self._pieces = sorted([*pieces, *self.all_special_tokens], key=len, reverse=True)
        self._ids: dict[str, int] = {piece: i for i, piece in enumerate(self._pieces)}
        self.eos_token_id = self._ids[eos] if eos else None

    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
        ids = [self._ids[self._bos]] if self._bos and add_special_tokens else []
        while text:
            piece = next((p for p in self._pieces if text.startswith(p)), text[0])
            ids.append(self._ids.get(piece, 1000 + ord(piece[0])))
            text = text[len(piece) :]
        return ids

    def decode(self, ids: tuple[int, ...]) -> str:
        pieces = {number: piece for piece, number in self._ids.items()}
        return "".join(pieces[i] if i < 1000 else chr(i - 1000) for i in ids)

    def apply_chat_template(
        self,
        conversation: list[dict[str, str]],
        *,
        tokenize: bool = True,
        add_generation_prompt: bool = False,
    ) -> Any:
        assert not tokenize
        environment = jinja2.Environment(autoescape=False)  # noqa: S701 - not HTML
        environment.globals["raise_exception"] = _raise
        return environment.from_string(str(self.chat_template)).render(
            messages=conversation, add_generation_prompt=add_generation_prompt
        )


def _raise(message: str) -> None:
    raise jinja2.TemplateError(message)


@pytest.fixture
def tokenizer_of() -> type[LongestMatchTokenizer]:
    return LongestMatchTokenizer
