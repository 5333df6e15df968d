"""Python's garbage collector, out of the way."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Keep Python from walking all templates again and again, to find garbage that is not there.

    Of 200 tables that took a third of the time, and more with each further table.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            _make_old()
            gc.enable()


def _make_old() -> None:
    """Let all that there is count as looked at: else the collector walks it at once when it is turned on again.

    Freezing and thawing moves everything to the oldest generation; what the app froze itself stays frozen.
    """
    if gc.get_freeze_count() == 0:
        gc.freeze()
        gc.unfreeze()
