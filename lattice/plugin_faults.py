"""One readable line about what went wrong in code that a plugin brought: its file, the line and the error."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path


def fault_line(error: BaseException, source: Path | None) -> str:
    """Return `FILE, line N: NameError: ...`.

    Args:
        error: what the plugin's code raised.
        source: the plugin's file, or the folder of its package; the place is the innermost line in it. Without one,
            or if no line of the traceback is in it, the innermost line that raised.
    """
    message = f"{type(error).__name__}: {' '.join(str(error).split()) or 'no message'}"
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}: {type(error).__name__}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    place = fault_place(error, source) or (f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else None)
    return f"{place}: {message}" if place else message


def fault_place(error: BaseException, source: Path | None) -> str | None:
    """Return `FILE, line N` of the innermost line in a plugin's file or folder, None if the traceback has none."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if source is not None and _is_in(frame.filename, source)]
    return f"{inside[-1].filename}, line {inside[-1].lineno}" if inside else None


def source_of(kind: type) -> Path | None:
    """Return the file that defines a class, None where that can't be known."""
    module = sys.modules.get(kind.__module__)
    file = getattr(module, "__file__", None)
    return None if file is None else Path(file)


def _is_in(filename: str, source: Path) -> bool:
    path = Path(filename)
    return path == source or source in path.parents
