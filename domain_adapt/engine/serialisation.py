"""Write errors of safetensors, as the operating system gave them."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator


@contextlib.contextmanager
def system_errors() -> Iterator[None]:
    """Raise a failed write of safetensors as the ``OSError`` that it was.

    The library reports a full disk as an error of its own, whose number stands in its text alone;
    without this, ``storage_errors`` would not know a full disk when it meets one.
    """
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        number = re.search(r"\(os error (\d+)\)", str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1]))) from error
