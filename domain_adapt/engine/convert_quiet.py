"""Loading models without the libraries' own bars and remarks on the user's screen."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable, Iterator
from logging import ERROR, getLogger
from typing import Any


@contextlib.contextmanager
def quiet_transformers() -> Iterator[None]:
    """Silence log lines, warnings and bars of transformers and its Hub client in the block.

    Errors still raise; the previous settings come back afterwards.
    """
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    client = getLogger("huggingface_hub")
    client_level = client.level
    client.setLevel(ERROR)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings(), _no_gguf_bar():
            warnings.simplefilter("ignore")
            yield
    finally:
        client.setLevel(client_level)
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


@contextlib.contextmanager
def _no_gguf_bar() -> Iterator[None]:
    """Silence the one bar that transformers draws without asking its own settings."""
    from transformers import modeling_gguf_pytorch_utils as reader

    bar = getattr(reader, "tqdm", None)
    if bar is None:
        yield
        return
    reader.tqdm = _pass_through
    try:
        yield
    finally:
        reader.tqdm = bar


def _pass_through(items: Iterable[Any], **_: Any) -> Iterable[Any]:
    return items
