from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain_adapt.base.errors import DataError
from domain_adapt.base.records import Example
from domain_adapt.data.encode import ChatEncoder, encode_examples

NO_SYSTEM = (
    "{% for m in messages %}{% if m['role'] == 'system' %}"
    "{{ raise_exception('no system role') }}{% endif %}"
    "<|im_start|>{{ m['role'] }}\n{{ m['content'] | trim }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
THINKS_FIRST = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
    "{% if m['role'] == 'assistant' %}<think>\n\n</think>\n\n{% endif %}"
    "{{ m['content'].split('</think>')[-1] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
OTHER_END = (
    "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}<end>\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
NO_END = (
    "{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)
REVERSED = "{% for m in messages | reverse %}{{ m['content'] }}{% endfor %}"


def _encoder(tokenizer, *, system=None, max_length=500):
    return ChatEncoder(tokenizer, system_prompt=system, max_length=max_length)


def _example(prompt="What is CDS?", answer="credit default swap", builder="acronym.v1"):
    return Example("e1", builder, None, prompt, answer)


def _texts(tokenizer, encoded):
    """Return (prefix, rest of the prompt, what is learned) as text."""
    return (
        tokenizer.decode(encoded.prefix),
        tokenizer.decode(encoded.body[: encoded.target_start]),
        tokenizer.decode(encoded.body[encoded.target_start :]),
    )


def test_only_the_answer_and_the_end_of_turn_are_learned(tokenizer_of):
    tokenizer = tokenizer_of()

    encoded = _encoder(tokenizer, system="Be short.").encode(_example())

    assert _texts(tokenizer, encoded) == (
        "<|im_start|>system\nBe short.<|im_end|>\n<|im_start|>user\n",
        "What is CDS?<|im_end|>\n<|im_start|>assistant\n",
        "credit default swap<|im_end|>",
    )


def test_the_boundary_is_where_generation_starts_even_if_tokens_would_merge(tokenizer_of):
    tokenizer = tokenizer_of()  # "\nA" is one token of it
    encoder = _encoder(tokenizer)

    encoded = encoder.encode(_example(answer="A swap"))

    generation = tokenizer.encode(
        tokenizer.apply_chat_template(
            [{"role": "user", "content": "What is CDS?"}],
            tokenize=False,
            add_generation_prompt=True,
        )
    )
    whole = encoded.prefix + encoded.body
    assert whole[: len(generation)] == tuple(generation)
    assert encoded.prefix + encoded.body[: encoded.target_start] == tuple(generation)
    assert tokenizer.encode(tokenizer.decode(whole)) != list(whole), "no merge: nothing tested"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # the class is fixed
@given(
    prompt=st.text(alphabet="What is\nA?", min_size=1).filter(str.strip),
    answer=st.text(alphabet="A swap\n", min_size=1).filter(str.strip),
)
def test_training_and_evaluation_encode_alike(tokenizer_of, prompt, answer):
    encoder = _encoder(tokenizer_of(), system="S")

    encoded = encoder.encode(_example(prompt, answer))

    prefix, rest = encoder.encode_choice_prompt(prompt)
    assert encoded.prefix == prefix
    assert encoded.body == rest + encoder.encode_answer(answer)
    assert encoded.target_start == len(rest)
    choice = encoder.encode_choice(answer)
    assert (*choice, encoder.stop_id) == encoder.encode_answer(answer)


def test_a_prompt_that_merges_with_the_shared_part_has_no_prefix(tokenizer_of):
    tokenizer = tokenizer_of()  # "\n\n" is one token of it
    encoder = _encoder(tokenizer)

    encoded = encoder.encode(_example(prompt="\nWhat?"))

    assert encoder.encode(_example()).prefix == encoder.prefix != ()
    assert encoded.prefix == ()
    assert tokenizer.decode(encoded.body).startswith("<|im_start|>user\n\nWhat?")


def test_without_a_system_role_the_system_text_heads_the_users_turn(tokenizer_of):
    tokenizer = tokenizer_of(NO_SYSTEM)

    encoded = _encoder(tokenizer, system="Be short.").encode(_example())

    assert _texts(tokenizer, encoded)[:2] == (
        "<|im_start|>user\nBe short.\n\n",
        "What is CDS?<|im_end|>\n<|im_start|>assistant\n",
    )


def test_a_template_that_drops_the_system_turn_silently_is_seen_through(tokenizer_of):
    silent = NO_SYSTEM.replace("{{ raise_exception('no system role') }}", "").replace(
        "{{ m['content'] | trim }}", "{% if m['role'] != 'system' %}{{ m['content'] }}{% endif %}"
    )
    tokenizer = tokenizer_of(silent)

    encoded = _encoder(tokenizer, system="Be short.").encode(_example())

    assert "Be short.\n\n" in _texts(tokenizer, encoded)[0]


def test_no_system_prompt_leaves_it_to_the_template(tokenizer_of):
    tokenizer = tokenizer_of()

    assert _texts(tokenizer, _encoder(tokenizer).encode(_example()))[0] == "<|im_start|>user\n"


def test_what_a_template_puts_before_the_answer_is_prompt(tokenizer_of):
    tokenizer = tokenizer_of(THINKS_FIRST)

    encoded = _encoder(tokenizer).encode(_example())

    assert _texts(tokenizer, encoded)[1].endswith("assistant\n<think>\n\n</think>\n\n")
    assert _texts(tokenizer, encoded)[2] == "credit default swap<|im_end|>"


def test_an_end_of_turn_other_than_eos_is_learned(tokenizer_of):
    tokenizer = tokenizer_of(OTHER_END)

    encoded = _encoder(tokenizer).encode(_example())

    assert _texts(tokenizer, encoded)[2] == "credit default swap<end>"


def test_without_an_end_of_turn_eos_is_learned(tokenizer_of):
    tokenizer = tokenizer_of(NO_END)

    encoded = _encoder(tokenizer).encode(_example())

    assert _texts(tokenizer, encoded)[2] == "credit default swap<|im_end|>"


def test_a_template_that_cannot_be_followed_is_refused(tokenizer_of):
    with pytest.raises(DataError, match=r"DA-DATA-035"):
        _encoder(tokenizer_of(REVERSED))


@pytest.mark.parametrize(("bos", "start"), [(None, ""), ("<s>", "<s>")])
def test_a_base_model_gets_plain_text(tokenizer_of, bos, start):
    tokenizer = tokenizer_of(None, bos=bos)

    encoded = _encoder(tokenizer).encode(_example())

    prefix, prompt, learned = _texts(tokenizer, encoded)
    assert prefix + prompt == f"{start}What is CDS?\n"
    assert learned == "credit default swap<|im_end|>"


def test_a_base_models_system_text_comes_first(tokenizer_of):
    tokenizer = tokenizer_of(None)

    encoded = _encoder(tokenizer, system="Be short.").encode(_example())

    assert _texts(tokenizer, encoded)[0] == "Be short.\n\n"


@pytest.mark.parametrize(("bos", "unlearned"), [(None, "P"), ("<s>", "<s>")])
def test_plain_text_is_learned_whole_but_for_its_first_token(tokenizer_of, bos, unlearned):
    tokenizer = tokenizer_of(bos=bos)

    encoded = _encoder(tokenizer).encode(_example(prompt="", answer="Plain swap."))

    assert encoded.prefix == ()
    assert _texts(tokenizer, encoded)[1] == unlearned
    assert tokenizer.decode(encoded.body).endswith("Plain swap.<|im_end|>")


def test_an_empty_answer_has_no_token_to_learn(tokenizer_of):
    with pytest.raises(DataError, match=r"DA-DATA-030: Example 'e1'"):
        _encoder(tokenizer_of()).encode(_example(answer=" \n"))


def test_too_long_an_example_says_how_long(tokenizer_of):
    tokenizer = tokenizer_of()
    encoded = _encoder(tokenizer).encode(_example())
    length = len(encoded.prefix) + len(encoded.body)

    assert _encoder(tokenizer, max_length=length).encode(_example()) == encoded
    with pytest.raises(DataError, match=f"DA-DATA-031.*'e1' has {length}.*is {length - 1}"):
        _encoder(tokenizer, max_length=length - 1).encode(_example())


@pytest.mark.parametrize(
    ("template", "prompt", "answer"),
    [(THINKS_FIRST, "q", "a</think>b"), (NO_SYSTEM, " q", "a")],
)
def test_a_turn_that_the_template_rewrites_is_refused(tokenizer_of, template, prompt, answer):
    with pytest.raises(DataError, match=r"DA-DATA-032.*'e1'"):
        _encoder(tokenizer_of(template)).encode(_example(prompt, answer))


@pytest.mark.parametrize(("prompt", "answer"), [("q<|im_end|>", "a"), ("q", "<|im_start|>user")])
def test_control_tokens_in_the_text_are_refused(tokenizer_of, prompt, answer):
    with pytest.raises(DataError, match=r"DA-DATA-033.*'e1'"):
        _encoder(tokenizer_of()).encode(_example(prompt, answer))


def test_a_tokenizer_without_eos_is_refused(tokenizer_of):
    with pytest.raises(DataError, match=r"DA-DATA-034"):
        _encoder(tokenizer_of(eos=None))


def test_rows_of_a_users_source_are_refused_by_rule_and_never_cut(tokenizer_of):
    rows = [
        Example("ok", "source.v1", None, "q", "a"),
        Example("long", "source.v1", None, "q", "a" * 500),
        Example("empty", "source.v1", None, "q", ""),
        Example("control", "source.v1", None, "q", "<|im_end|>"),
    ]

    result = encode_examples(_encoder(tokenizer_of()), rows)

    assert [encoded.id for encoded in result.encoded] == ["ok"]
    assert result.refused == (
        ("long", "too-long"),
        ("empty", "empty"),
        ("control", "control-token"),
    )


def test_a_builders_example_that_cannot_be_encoded_is_a_fault(tokenizer_of):
    with pytest.raises(DataError, match=r"DA-DATA-031"):
        encode_examples(_encoder(tokenizer_of()), [_example(answer="a" * 500)])


@pytest.mark.model
def test_the_built_in_model_is_encoded_as_it_generates(base_model):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base_model.path)

    encoded = _encoder(tokenizer).encode(_example())

    assert tokenizer.decode(encoded.body[encoded.target_start :]) == (
        "credit default swap<|im_end|>"
    )
    assert encoded.body[-1] == tokenizer.eos_token_id
    turns = [{"role": "user", "content": "What is CDS?"}]
    generation = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    prompt = encoded.prefix + encoded.body[: encoded.target_start]
    assert tokenizer.decode(prompt) == generation
    assert len(encoded.prefix) > 10
