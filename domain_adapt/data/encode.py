"""From words to token ids, with what is learned marked, through the model's chat template.

Training and evaluation both encode here, so they cannot disagree about where an answer begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from domain_adapt.base.errors import DataError
from domain_adapt.base.records import EncodedExample, Example
from domain_adapt.data.sources import SOURCE_BUILDER

_PROBES = ("When?", "7 examples")
_PROBE_ANSWER = "Answer"
_PLAIN_SEPARATOR = "\n"


class Tokenizer(Protocol):
    """What is needed of a Hugging Face tokenizer."""

    chat_template: Any
    eos_token: Any
    eos_token_id: Any
    all_special_tokens: Any

    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
        """Return the token ids of ``text``."""

    def apply_chat_template(
        self,
        conversation: list[dict[str, str]],
        *,
        tokenize: bool = True,
        add_generation_prompt: bool = False,
    ) -> Any:
        """Return the text of a conversation, where ``tokenize`` is false."""


class ChatEncoder:
    r"""Encodes questions and answers as the model meets them in use.

    An example's text is ``prompt part + answer part``. The prompt part is what the template gives
    with its generation prompt, the answer part is the answer and the end-of-turn mark. The two
    are turned into tokens **separately**: a tokenizer may merge characters across the boundary
    ("…\n" + "\nYes"), and then the model would be trained on a token that can never follow the
    prompt at generation time, and the loss mask would start inside a token.

    A template that puts something before the assistant's words (an empty reasoning block) has it
    counted as prompt; one without a system role gets the system text at the head of the user's
    turn. Without any template (base models) the text is ``prompt, newline, answer, eos``.

    Args:
        tokenizer: The model's tokenizer.
        system_prompt: Text of the system turn; None leaves it to the template.
        max_length: Most tokens an example may have, ``prefix`` included.

    Raises:
        DataError: The tokenizer has no end-of-sequence token, or its template cannot be used.
    """

    def __init__(self, tokenizer: Tokenizer, *, system_prompt: str | None, max_length: int) -> None:
        self.max_length = max_length
        self._tokenizer = tokenizer
        self._system_prompt = system_prompt
        self._chat = bool(tokenizer.chat_template)
        self._eos = _eos_of(tokenizer)
        self._specials = tuple(token for token in tokenizer.all_special_tokens if token)
        self._bos = _bos_of(tokenizer)
        self._fold_system = self._chat and not self._has_system_role()
        self._lead, self._end_of_turn = self._affixes()
        self.prefix = self._common_prefix()

    def encode(self, example: Example) -> EncodedExample:
        """Encode one training example; an empty prompt means plain text, learned whole.

        Raises:
            DataError: No token to learn (``DA-DATA-030``), too long (``DA-DATA-031``), the
                template rewrites the turns (``DA-DATA-032``) or the text holds the model's
                control tokens (``DA-DATA-033``).
        """
        if not example.answer.strip():
            raise DataError(
                "DA-DATA-030",
                f"Example '{example.id}' has no token to learn: its answer is empty.",
                hint="Give the row an answer, or remove it.",
            )
        self._refuse_control_tokens(example)
        encoded = self._encode_turns(example) if example.prompt else self._encode_text(example)
        length = len(encoded.prefix) + len(encoded.body)
        if length > self.max_length:
            raise DataError(
                "DA-DATA-031",
                f"Example '{example.id}' has {length} tokens; the limit is {self.max_length}.",
                hint="Split the text, or raise the maximum length in the recipe.",
            )
        return encoded

    def encode_choice_prompt(self, prompt: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the ids of (shared prefix, rest of the prompt) up to where an answer begins."""
        return self._apart(self._prompt_ids(self._prompt_text(prompt)))

    def encode_answer(self, text: str) -> tuple[int, ...]:
        """Return the ids of an answer and the end-of-turn mark that follows it."""
        return self._ids(text.strip() + self._end_of_turn)

    def encode_choice(self, text: str) -> tuple[int, ...]:
        """Return the ids of an answer alone, as evaluation scores it."""
        return self._ids(text.strip())

    @property
    def stop_id(self) -> int:
        """The token that ends an answer."""
        return self._ids(self._end_of_turn)[-1]

    def _encode_turns(self, example: Example) -> EncodedExample:
        prompt_text = self._prompt_text(example.prompt)
        self._check_template_keeps(example, prompt_text)
        prefix, prompt = self._apart(self._prompt_ids(prompt_text))
        answer = self.encode_answer(example.answer)
        return EncodedExample(example.id, prefix, prompt + answer, target_start=len(prompt))

    def _encode_text(self, example: Example) -> EncodedExample:
        """Encode plain text; its very first token has nothing before it to be predicted from."""
        eos = (int(self._tokenizer.eos_token_id),)
        body = self._bos + self._ids(example.answer.strip()) + eos
        return EncodedExample(example.id, (), body, target_start=1)

    def _refuse_control_tokens(self, example: Example) -> None:
        for token in self._specials:
            if token in example.prompt or token in example.answer:
                raise DataError(
                    "DA-DATA-033",
                    f"Example '{example.id}' contains '{token}', a control token of this model.",
                    hint="Remove it from the text: it would end or open a turn.",
                )

    def _check_template_keeps(self, example: Example, prompt_text: str) -> None:
        """Refuse an example whose turns the template strips, rewrites or ends differently."""
        if not self._chat:
            return
        learned = example.answer.strip() + self._end_of_turn
        # eos again: the end of turn is one of ours where the template puts nothing there
        full = self._full_text(example.prompt, example.answer) + self._eos
        if example.prompt not in prompt_text or not full.startswith(
            prompt_text + self._lead + learned
        ):
            raise DataError(
                "DA-DATA-032",
                f"The model's chat template rewrites example '{example.id}'.",
                hint="Remove what the template treats as its own mark-up from the question and "
                "answer, such as '</think>'.",
            )

    def _ids(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(text, add_special_tokens=False))

    def _prompt_ids(self, prompt_text: str) -> tuple[int, ...]:
        """Return all ids up to where the answer begins; a template writes bos itself."""
        ids = self._ids(prompt_text + self._lead)
        return ids if self._chat else self._bos + ids

    def _apart(self, ids: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Split off the shared prefix, where the prompt begins with it."""
        shared = len(self.prefix)
        return (self.prefix, ids[shared:]) if ids[:shared] == self.prefix else ((), ids)

    def _turns(self, prompt: str) -> list[dict[str, str]]:
        system = self._system_prompt
        if system is None:
            return [{"role": "user", "content": prompt}]
        if self._fold_system:
            folded = f"{system}\n\n{prompt}" if system else prompt
            return [{"role": "user", "content": folded}]
        return [{"role": "system", "content": system}, {"role": "user", "content": prompt}]

    def _prompt_text(self, prompt: str) -> str:
        if not self._chat:
            head = f"{self._system_prompt}\n\n" if self._system_prompt else ""
            return f"{head}{prompt}{_PLAIN_SEPARATOR}"
        return str(
            self._tokenizer.apply_chat_template(
                self._turns(prompt), tokenize=False, add_generation_prompt=True
            )
        )

    def _full_text(self, prompt: str, answer: str) -> str:
        turns = [*self._turns(prompt), {"role": "assistant", "content": answer.strip()}]
        return str(self._tokenizer.apply_chat_template(turns, tokenize=False))

    def _has_system_role(self) -> bool:
        mark = "System instructions"
        turns = [{"role": "system", "content": mark}, {"role": "user", "content": _PROBES[0]}]
        try:
            return mark in str(self._tokenizer.apply_chat_template(turns, tokenize=False))
        except Exception:  # templates refuse the role with errors of many classes
            return False

    def _affixes(self) -> tuple[str, str]:
        """Return what the template puts before the assistant's words and after, up to its end.

        Kept after them: everything up to and with eos; without eos there (another end-of-turn
        token), everything but the white space that only separates turns; eos if that is nothing.
        """
        if not self._chat:
            return "", self._eos
        prompt, full = self._prompt_text(_PROBES[0]), self._full_text(_PROBES[0], _PROBE_ANSWER)
        lead, found, tail = full.removeprefix(prompt).partition(_PROBE_ANSWER)
        if not full.startswith(prompt) or not found:
            raise DataError(
                "DA-DATA-035",
                "The model's chat template does not put an answer after its generation prompt.",
                hint="Choose a model whose template does, or remove the template to train it as "
                "a base model.",
            )
        before_eos, eos, _ = tail.partition(self._eos)
        return lead, before_eos + eos if eos else (tail.rstrip() or self._eos)

    def _common_prefix(self) -> tuple[int, ...]:
        """Return the tokens that two unlike prompts begin with: the turns before the user's."""
        first, second = (self._prompt_ids(self._prompt_text(probe)) for probe in _PROBES)
        length = next(
            (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
            min(len(first), len(second)),
        )
        return first[:length]


@dataclass(frozen=True, slots=True)
class EncodeResult:
    """What was encoded and which rows of the user's sources could not be.

    Attributes:
        encoded: In the order of the examples.
        refused: (example id, rule): ``too-long``, ``control-token``, ``template`` or ``empty``.
    """

    encoded: tuple[EncodedExample, ...]
    refused: tuple[tuple[str, str], ...]


_RULES = {
    "DA-DATA-030": "empty",
    "DA-DATA-031": "too-long",
    "DA-DATA-032": "template",
    "DA-DATA-033": "control-token",
}


def encode_examples(encoder: ChatEncoder, examples: Iterable[Example]) -> EncodeResult:
    """Encode examples; rows of a user's source that cannot be are refused, never cut.

    Raises:
        DataError: An example of a builder cannot be encoded: that is a fault, not a row.
    """
    encoded: list[EncodedExample] = []
    refused: list[tuple[str, str]] = []
    for example in examples:
        try:
            encoded.append(encoder.encode(example))
        except DataError as error:
            if example.builder != SOURCE_BUILDER or error.code not in _RULES:
                raise
            refused.append((example.id, _RULES[error.code]))
    return EncodeResult(tuple(encoded), tuple(refused))


def _eos_of(tokenizer: Tokenizer) -> str:
    if not tokenizer.eos_token or tokenizer.eos_token_id is None:
        raise DataError(
            "DA-DATA-034",
            "The model's tokenizer has no end-of-sequence token.",
            hint="Set eos_token in its tokenizer_config.json: answers could not be ended.",
        )
    return str(tokenizer.eos_token)


def _bos_of(tokenizer: Tokenizer) -> tuple[int, ...]:
    """Return what the tokenizer itself puts before a text: bos, or nothing."""
    with_specials = tokenizer.encode("a", add_special_tokens=True)
    plain = tokenizer.encode("a", add_special_tokens=False)
    return tuple(with_specials[: with_specials.index(plain[0])])
