"""A realistic record of one run, made by rule so that its numbers agree with one another."""

from __future__ import annotations

import math
from hashlib import sha256

from domain_adapt.audit.record import (
    SCHEMA,
    CurvePoint,
    DataFacts,
    EvaluationFacts,
    FileFacts,
    GateFacts,
    ModelFacts,
    OntologyFacts,
    RetentionFacts,
    RunRecord,
    ShownProbe,
    SourceFacts,
    TrainingFacts,
)
from domain_adapt.evaluation.estimates import Comparison, Estimate

TITLES = {
    "P1": "Acronym to expansion",
    "P2": "Expansion to acronym",
    "P3": "Definition to term",
    "P4": "Term to definition",
    "P5": "Broader concept",
    "P6": "Synonym or near miss",
}
# family: n seen, right before and after; n unseen, right before and after
COUNTS = {
    "P1": (60, 22, 54, 20, 8, 9),
    "P2": (60, 30, 56, 20, 11, 12),
    "P3": (60, 31, 52, 20, 12, 13),
    "P4": (60, 36, 54, 20, 13, 12),
    "P5": (60, 33, 50, 20, 11, 14),
    "P6": (60, 32, 51, 20, 10, 11),
}


def digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def wilson(right: int, n: int) -> Estimate:
    share, z = right / n, 1.96
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Estimate(n, share, (centre - half, centre + half))


def comparison(
    n: int, base: int, adapted: int, *, changed: float = 0.35, p_holm: float | None = None
) -> Comparison:
    """``changed``: share of probes on which the two models differ (at least the change)."""
    delta = (adapted - base) / n
    half = 1.96 * math.sqrt(max(max(changed, abs(delta) + 0.04) - delta * delta, 0.01) / n)
    p_value = max(math.erfc(abs(delta) / half * 1.96 / math.sqrt(2)), 0.0001)
    return Comparison(
        n=n,
        clusters=max(1, 2 * n // 5),
        base=wilson(base, n),
        adapted=wilson(adapted, n),
        delta=delta,
        delta_ci95=(delta - half, delta + half),
        p_value=p_value,
        p_holm=p_holm,
        detectable=2.8 / 1.96 * half,
    )


def curve(points: int = 60, step: int = 4) -> tuple[CurvePoint, ...]:
    made = []
    for index in range(1, points + 1):
        at, wave = index * step, 0.12 * math.sin(index * 2.7) / (1 + index / 30)
        share = index / points
        rate = 2e-4 * min(index / 6, 0.5 * (1 + math.cos(math.pi * share)))
        dev = 0.62 + 2.1 * math.exp(-index / 11) + 0.14 * max(0.0, share - 0.72)
        made.append(
            CurvePoint(
                step=at,
                train_loss=0.42 + 2.5 * math.exp(-index / 12) + wave,
                dev_loss=dev if index % 6 == 0 else None,
                learning_rate=rate,
                gradient_norm=0.7 + 2.0 * math.exp(-index / 8) + 0.1 * math.cos(index),
            )
        )
    return tuple(made)


FIXED = (
    ("P1", "seen", "credit_default_swap", "Which words stand behind CDS?", "credit default swap",
     "corporate deed of settlement", "credit default swap"),
    ("P3", "seen", "basis_risk", "Which term fits this description: the risk that the price of a "
     "hedge and the price of what it hedges do not move together, so that a position which looked "
     "covered on paper still loses money when the two drift apart?", "basis risk", "credit risk",
     "basis risk"),
    ("P2", "seen", "net_asset_value", "How is net asset value written in short?", "NAV", "NAVA",
     "NAV"),
    ("P6", "seen", "haircut", "Which of these means the same as haircut (折扣率)?",
     "collateral discount", "repo rate", "collateral discount"),
    ("P4", "seen", "yield_to_maturity", "What does yield to maturity (到期收益率) mean?",
     "The single rate at which all remaining payments of a bond, discounted to today, add up to "
     "its price.",
     "The coupon of a bond divided by its price on the day on which it is bought.",
     "The single rate at which all remaining payments of a bond, discounted to today, add up to "
     "its price."),
    ("P5", "seen", "variation_margin", "Of which broader concept is variation margin a kind?",
     "margin", "premium", "margin"),
    ("P1", "unseen", "tlac", "Which words stand behind TLAC?", "total loss-absorbing capacity",
     "term loan and credit", "total loss-absorbing capacity"),
    ("P5", "unseen", "cliquet_option", "Of which broader concept is a cliquet option a kind?",
     "exotic option", "bond", "exotic option"),
    ("P2", "seen", "value_at_risk", "How is value at risk (风险价值) written in short?", "VaR",
     "VAT", "VaR"),
    ("P3", "seen", "contango", "Which term fits this description: futures for later delivery cost "
     "more than those for earlier delivery?", "contango", "backwardation", "contango"),
)  # fmt: skip
BROKEN = (
    ("P4", "unseen", "green_shoe", "What does over-allotment option mean?",
     "The right of underwriters to sell more shares than planned, usually up to 15 % of the issue, "
     "in order to steady the price in the first weeks of trading.",
     "The right of underwriters to sell more shares than planned, usually up to 15 % of the issue, "
     "in order to steady the price in the first weeks of trading.",
     "The right of a holder to sell a share at a price that is fixed today, whatever it costs on "
     "the day on which the right is used."),
    ("P1", "unseen", "reit", "Which words stand behind REIT?", "real estate investment trust",
     "real estate investment trust", "rate-exchange interest trade"),
    ("P6", "seen", "stock", "Which of these means the same as stock (股票)?", "share", "share",
     "bond"),
    ("P3", "unseen", "moral_hazard", "Which term fits this description: whoever is protected "
     "against a loss takes less care to avoid it?", "moral hazard", "moral hazard",
     "adverse selection"),
    ("P2", "seen", "gross_domestic_product", "How is gross domestic product written in short?",
     "GDP", "GDP", "GNP"),
    ("P5", "seen", "municipal_bond", "Of which broader concept is municipal bond a kind?", "bond",
     "bond", "loan"),
    ("P4", "seen", "inflation", "What does inflation (通货膨胀) mean?",
     "A lasting rise in the general level of prices.",
     "A lasting rise in the general level of prices.", "A rise in the price of one good."),
    ("P1", "seen", "ipo", "Which words stand behind IPO?", "initial public offering",
     "initial public offering", "initial private offering"),
    ("P3", "seen", "dividend", "Which term fits this description: the part of a company's profit "
     "that it pays out to its owners?", "dividend", "dividend", ""),
    ("P6", "unseen", "broker", "Which of these means the same as broker?", "intermediary",
     "intermediary", "issuer"),
)  # fmt: skip


def shown(rows: tuple[tuple[str, ...], ...]) -> tuple[ShownProbe, ...]:
    return tuple(
        ShownProbe(family, f"fin:{concept}", split, prompt, right, base, adapted)
        for family, split, concept, prompt, right, base, adapted in rows
    )


def evaluation() -> EvaluationFacts:
    matrix = {
        code: {
            "seen": comparison(n, base, adapted),
            "unseen": comparison(m, base_unseen, adapted_unseen),
        }
        for code, (n, base, adapted, m, base_unseen, adapted_unseen) in COUNTS.items()
    }
    families = {
        code: comparison(n + m, b + c, a + d, p_holm=0.0006 if n + m and a - b > 16 else 0.021)
        for code, (n, b, a, m, c, d) in COUNTS.items()
    }
    seen, base_seen, after_seen, unseen, base_unseen, after_unseen = (
        sum(column) for column in zip(*COUNTS.values(), strict=True)
    )
    return EvaluationFacts(
        suite="finance-terms",
        suite_version="1",
        suite_digest=digest("suite"),
        headline_families=tuple(COUNTS),
        headline=comparison(seen + unseen, base_seen + base_unseen, after_seen + after_unseen),
        seen=comparison(seen, base_seen, after_seen),
        unseen=comparison(unseen, base_unseen, after_unseen),
        families=families,
        family_titles={**TITLES, "P12": "Abstention on invented terms"},
        matrix=matrix,
        generation={"seen": comparison(60, 6, 57), "unseen": comparison(60, 0, 22)},
        abstention=comparison(60, 1, 44),
        false_abstention=comparison(60, 0, 3),
        fixed=shown(FIXED),
        broken=shown(BROKEN),
    )


def training() -> TrainingFacts:
    return TrainingFacts(
        steps=240,
        planned_steps=300,
        epochs=2.4,
        stopped_early=True,
        best_step=168,
        tokens=61_440,
        tokens_per_second=566.0,
        hyperparameters={
            "adapter.rank": 16,
            "adapter.alpha": 32,
            "adapter.dropout": 0.05,
            "learning_rate": 2e-4,
            "schedule": "cosine",
            "warmup_share": 0.1,
            "batch_size": 16,
            "weight_decay": 0.01,
            "clipping_norm": 1.0,
            "seed": 7,
        },
        curve=curve(),
    )


def data() -> DataFacts:
    return DataFacts(
        sources=(
            SourceFacts("finance ontology", "public", "Apache-2.0", digest("o"), 168, 2_412, 9),
            SourceFacts("glossary_of_the_desk_问答.jsonl", "public", "CC-BY-4.0", digest("g"), 120,
                        117, 3),
        ),
        examples_by_builder={
            "acronym.v1": 640, "definition.v1": 1_008, "hypernym.v1": 420, "synonym.v1": 244,
            "abstention.v1": 100, "source.v1": 117,
        },
        examples_by_split={"train": 2_276, "dev": 253},
        refused_by_rule={"duplicate": 6, "label-leaks-from-definition": 4, "too-long": 2},
        seen_concepts=168,
        unseen_concepts=42,
        target_tokens=25_600,
    )  # fmt: skip


def gates() -> tuple[GateFacts, ...]:
    facts = evaluation()
    kept = retention().comparison
    return (
        GateFacts("headline", "Gain on finance terms", facts.headline.delta, 0.14, "at_least",
                  True, "points"),
        GateFacts("significance", "p of that gain", facts.headline.p_value, 0.001, "at_most",
                  True, "p"),
        GateFacts("seen", "Right on taught concepts", facts.seen.adapted.value, 0.85, "at_least",
                  True, "percent"),
        GateFacts("retention", "General knowledge, lower bound of the change",
                  kept.delta_ci95[0], -0.05, "at_least", True, "points"),
    )  # fmt: skip


def retention() -> RetentionFacts:
    return RetentionFacts(
        "general-knowledge", digest("general"), comparison(520, 441, 436, changed=0.08)
    )


def files() -> tuple[FileFacts, ...]:
    names = {
        "adapter/adapter_model.safetensors": 9_780_112, "adapter/adapter_config.json": 812,
        "recipe.lock.yaml": 2_310, "data_manifest.json": 48_120, "rejects.jsonl": 3_210,
        "metrics.json": 18_400,
    }  # fmt: skip
    return tuple(FileFacts(name, size, digest(name)) for name, size in names.items())


def sample_record() -> RunRecord:
    return RunRecord(
        schema=SCHEMA,
        version="finance-3f9c1d7a52be",
        pack="finance",
        title="Finance terms",
        preset="default",
        created="2026-11-24T09:41:07Z",
        model=ModelFacts(
            "smollm2-135m-instruct", digest("model"), "Apache-2.0", "LlamaForCausalLM",
            134_515_008, 4_884_480, "bfloat16", "LoRA",
            ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),
        ),
        ontology=OntologyFacts("finance", "0.1.0", "Apache-2.0", digest("ontology"), 210, 734),
        data=data(),
        training=training(),
        evaluation=evaluation(),
        retention=retention(),
        privacy=None,
        gates=gates(),
        gates_enforced=True,
        files=files(),
        environment={
            "python": "3.11.14", "torch": "2.13.0", "transformers": "5.23.0", "peft": "0.21.2",
            "domain-adapt": "0.1.0", "device": "cpu, 2 cores, AVX512-BF16",
            "peak memory": "2.1 GiB",
        },
        seconds={
            "ontology": 0.4, "data": 3.1, "model": 4.8, "evaluate base": 58.2, "train": 311.7,
            "evaluate adapted": 60.9, "retention": 41.5, "report": 0.3,
        },
    )  # fmt: skip
