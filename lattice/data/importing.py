"""Imports transformers beside a living window."""

from __future__ import annotations

import gc
import sys


def import_transformers() -> None:
    """Import transformers without a stop of the garbage collector; does nothing if it is there already.

    The import makes some hundred thousand lasting objects. The collector would look through all of them, and through
    torch's, several times, and Python holds its lock meanwhile: other threads stood still for 140 to 390 ms. What was
    made is handed to the oldest generation unseen, as if the collector had been there.
    """
    if "transformers.modeling_utils" in sys.modules:
        return
    collecting = gc.isenabled()
    gc.disable()
    try:
        import transformers.modeling_utils
        import transformers.models.auto  # noqa: F401
    finally:
        gc.freeze()
        gc.unfreeze()
        if collecting:
            gc.enable()
