"""How fast and how small the trie over 100,000 labels is, and what decoding along it costs.

Labels are the finance labels and pairs of them; tokens are the built-in base model's. A step is
what decoding needs for one token: the allowed tokens of a node, and the node that one leads to.
"Memory to build" is how far the process grew beyond what it held with the token sequences.

Run: ``taskset -c 1 .venv/bin/python benchmarks/label_trie.py``.
"""

from __future__ import annotations

import gc
import random
import resource
import statistics
import time
from itertools import islice, product

import torch
from _report import bar, finish
from transformers import AutoTokenizer

from domain_adapt.engine.base_models import resolve
from domain_adapt.engine.base_models_catalogue import DEFAULT_MODEL
from domain_adapt.engine.constrained import LabelTrieProcessor
from domain_adapt.ontology.load import load_ontology
from domain_adapt.ontology.trie import ROOT, LabelTrie, build_trie

LABELS = 100_000
WALKS = 50_000


def labels() -> list[str]:
    """Return 100,000 different labels: real ones, then pairs of them."""
    ontology = load_ontology("finance")
    names = [concept.preferred() for concept in ontology.concepts.values()]
    pairs = (f"{first} {second}" for first, second in product(names, names))
    return list(islice(dict.fromkeys([*names, *pairs]), LABELS))


def step_seconds(trie: LabelTrie) -> float:
    """Return the median over rounds of the seconds of one step on random walks to a leaf."""
    chance = random.Random(0)
    walks = [_walk(trie, chance) for _ in range(WALKS)]
    rounds = []
    for _ in range(5):
        began = time.perf_counter()
        for walk in walks:
            node = ROOT
            for token in walk:
                trie.allowed(node)
                node = trie.step(node, token)
        rounds.append((time.perf_counter() - began) / sum(map(len, walks)))
    return statistics.median(rounds)


def _walk(trie: LabelTrie, chance: random.Random) -> list[int]:
    node, walk = ROOT, []
    while allowed := trie.allowed(node):
        walk.append(chance.choice(allowed))
        node = trie.step(node, walk[-1])
    return walk


def processor_seconds(trie: LabelTrie, vocabulary: int) -> float:
    """Return the seconds that the logits processor takes for one row in the middle of a label."""
    process = LabelTrieProcessor(trie, prompt_tokens=8)
    chance = random.Random(1)
    rows = [_walk(trie, chance)[:3] for _ in range(200)]
    inputs = [torch.tensor([[0] * 8 + row]) for row in rows]
    scores = torch.zeros(1, vocabulary)
    began = time.perf_counter()
    for ids in inputs:
        process(ids, scores)
    return (time.perf_counter() - began) / len(inputs)


def main() -> int:
    """Build, walk and measure."""
    tokenizer = AutoTokenizer.from_pretrained(resolve(DEFAULT_MODEL, allow_download=False).path)
    texts = labels()
    sequences = list(dict.fromkeys(map(tuple, tokenizer(texts)["input_ids"])))
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    trie = build_trie(sequences, stop_id=tokenizer.eos_token_id)
    seconds = time.perf_counter() - began
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 2**10
    step = step_seconds(trie) * 1e6
    size = trie.size_bytes() / 2**20
    return finish(
        "label_trie",
        figures={
            "labels": len(sequences),
            "nodes": len(trie),
            "build_seconds": round(seconds, 2),
            "build_peak_mib": round(peak, 1),
            "step_microseconds": round(step, 2),
            "trie_mib": round(size, 2),
            "processor_microseconds_a_row": round(processor_seconds(trie, len(tokenizer)) * 1e6, 1),
        },
        bars=[
            bar("labels", value=len(sequences), limit=LABELS, direction=">="),
            bar("a step, microseconds", value=step, limit=5, direction="<="),
            bar("the trie, MiB", value=size, limit=60, direction="<="),
            bar("memory to build it, MiB", value=peak, limit=60, direction="<="),
        ],
    )


if __name__ == "__main__":
    raise SystemExit(main())
