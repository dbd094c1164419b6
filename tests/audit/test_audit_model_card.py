from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from audit_sample_record import sample_record

from domain_adapt.audit.model_card import escape_markdown
from domain_adapt.audit.report import render_model_card


def front_matter(card: str) -> dict[str, object]:
    return dict(yaml.safe_load(card.split("---\n")[1]))


def test_front_matter_is_what_the_hub_reads() -> None:
    facts = front_matter(render_model_card(sample_record()))
    assert facts["license"] == "apache-2.0"
    assert facts["base_model"] == "smollm2-135m-instruct"
    assert facts["library_name"] == "peft"
    assert {"domain-adapt", "lora", "finance"} <= set(facts["tags"])  # type: ignore[arg-type]


def test_model_index_holds_every_measurement_with_n_and_interval() -> None:
    record = sample_record()
    (model,) = front_matter(render_model_card(record))["model-index"]  # type: ignore[misc]
    assert model["name"] == record.version
    terms, general = model["results"]
    assert [terms["dataset"]["type"], general["dataset"]["type"]] == [
        "finance-terms", "general-knowledge",
    ]  # fmt: skip
    assert len(terms["metrics"]) == 3 + len(record.evaluation.families)
    first = terms["metrics"][0]
    assert first["value"] == round(record.evaluation.headline.adapted.value, 4)
    for metric in terms["metrics"] + general["metrics"]:
        assert metric["type"] == "accuracy"
        assert metric["args"]["n"] > 0
        assert len(metric["args"]["ci95"]) == 2


def test_a_licence_that_the_hub_does_not_know_keeps_its_name() -> None:
    record = sample_record()
    model = replace(record.model, licence="House licence: 2: see desk")
    facts = front_matter(render_model_card(replace(record, model=model)))
    assert (facts["license"], facts["license_name"]) == ("other", "House licence: 2: see desk")


def test_the_card_says_what_the_report_says() -> None:
    card = render_model_card(sample_record())
    for said in (
        "**Finance terms: 52 % → 81 %** (+29 points, 95 % CI 24 to 34, p &lt; 0.001, n = 480)",
        "No difference shown; n = 520 could have shown a change of 3.5 points.",
        "No private data was used; nothing to account for.",
        "✓ Gain on finance terms",
        "## Limits",
        "domain-adapt run finance --preset default",
        'PeftModel.from_pretrained(base, "THIS_FOLDER/adapter")',
    ):
        assert said in card


def test_peft_is_not_promised_where_its_files_are_missing() -> None:
    assert "PeftModel" not in render_model_card(replace(sample_record(), files=()))


def test_tables_have_as_many_cells_as_their_heads() -> None:
    record = sample_record()
    hostile = replace(record.data.sources[0], name="a | b\n| c |", licence="`x` | y")
    lines = render_model_card(
        replace(record, data=replace(record.data, sources=(hostile,)))
    ).splitlines()
    expected = 0
    for line in lines:
        cells = line.replace("\\|", "").count("|")
        if line.startswith("|---"):
            expected = cells
        elif line.startswith("|") and expected:
            assert cells == expected, line
        elif not line:
            expected = 0


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("*bold* _it_ `code`", r"\*bold\* \_it\_ \`code\`"),
        ("[text](javascript:alert)", r"\[text\](javascript:alert)"),
        ("a | b", r"a \| b"),
        ("# not\na\theading", r"\# not a heading"),
        ("see https://example.org", r"see https\://example.org"),
        ("or www.example.org", r"or www\.example.org"),
        ("$x$ ~y~ me@example.org", r"\$x\$ \~y\~ me\@example.org"),
        ("C:\\x", "C:\\\\x"),
        ("到期收益率", "到期收益率"),
    ],
)
def test_markdown_shows_text_as_it_is(text: str, escaped: str) -> None:
    assert escape_markdown(text) == escaped


def test_hostile_text_stays_text() -> None:
    hostile = "<script>x</script> [a](b) **c** | d\n# e\n---\n```"
    record = sample_record()
    made = replace(
        record,
        title=hostile,
        model=replace(record.model, name=hostile, method=hostile),
        overrides=(hostile,),
        training=replace(record.training, hyperparameters={hostile: hostile}),
        gates=(replace(record.gates[0], title=hostile),),
    )
    card = render_model_card(made)
    facts = front_matter(card)
    assert facts["base_model"] == " ".join(hostile.split())
    body = card.split("---\n\n", 1)[1].split("```sh")[0]
    assert "<script" not in body
    assert "\n# e" not in body
    assert "**c**" not in body
    assert card.count("\n```\n") == card.count("\n```sh\n") + card.count("\n```python\n")


def test_the_hubs_own_reader_accepts_it() -> None:
    hub = pytest.importorskip("huggingface_hub", reason="the Hub's client is not installed")
    card = hub.ModelCard(render_model_card(sample_record()))
    assert card.data.base_model == "smollm2-135m-instruct"
    assert len(card.data.eval_results) == 10
    assert card.data.eval_results[0].metric_type == "accuracy"
