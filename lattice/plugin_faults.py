"""One readable line about what went wrong in code that a plugin brought: its file, the line and the error."""

from __future__ import annotations

import functools
import inspect
import linecache
import re
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import PydanticUserError, ValidationError

from lattice.errors import PluginError

_SHOWN_CHARACTERS = 60


def fault_line(error: BaseException, source: Path | None) -> str:
    """Return `FILE, line N: NameError: ...`.

    Args:
        error: what the plugin's code raised.
        source: the plugin's file, or the folder of its package; the place is the innermost line in it. Without one,
            or if no line of the traceback is in it, the innermost line that raised.
    """
    message = error_words(error)
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}: {message}"
    frames = traceback.extract_tb(error.__traceback__)
    place = fault_place(error, source) or (f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else None)
    return f"{place}: {message}" if place else message


def error_words(error: BaseException) -> str:
    """Return an error's type and message in one line, without what is meant for the readers of a library's manual."""
    if isinstance(error, SyntaxError):
        words = str(error.msg)
    elif isinstance(error, ValidationError):
        words = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or error.title} = {shown(item['input'])}: {item['msg']}"
            for item in error.errors(include_url=False)
        )
    elif isinstance(error, PydanticUserError):
        words = str(error.message)
    else:
        words = str(error)
    return f"{type(error).__name__}: {' '.join(words.split()) or 'no message'}"


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


def defined_at(function: Any) -> str:
    """Return `FILE, line N` of a function, method or callable value; its module where that can't be known."""
    while isinstance(function, functools.partial):
        function = function.func
    if not (inspect.isroutine(function) or inspect.isclass(function)):
        function = type(function).__call__ if callable(function) else type(function)
    function = inspect.unwrap(getattr(function, "__func__", function))
    code = getattr(function, "__code__", None)
    if code is None:
        return str(getattr(function, "__module__", None) or type(function).__name__)
    return f"{code.co_filename}, line {code.co_firstlineno}"


def file_of(function: Any) -> Path | None:
    """Return the file that defines a function, method or callable value, None where that can't be known."""
    file, comma, _ = defined_at(function).rpartition(", line ")
    return Path(file) if comma else None


def refused(function: Any, expected: str, got: str) -> PluginError:
    """Return what to raise for a wrong return value of a plugin's function: where it is defined, and both."""
    name = getattr(function, "__qualname__", type(function).__name__)
    return PluginError(f"{defined_at(function)}: {name} must return {expected}; got {got}")


def field_at(owner: type, name: str) -> str:
    """Return `FILE, line N` of a field in a class's body, of the class if it has no such field.

    The file alone where the line can't be found, as of a class that was made by a function.
    """
    source = source_of(owner)
    if source is None:
        return owner.__module__
    lines = linecache.getlines(str(source))
    head = next((row for row, line in enumerate(lines) if re.match(rf"\s*class {owner.__name__}\b", line)), None)
    if head is None:
        return str(source)
    indent = len(lines[head]) - len(lines[head].lstrip())
    for row, line in enumerate(lines[head + 1 :], head + 1):
        if line.strip() and len(line) - len(line.lstrip()) <= indent and not line.lstrip().startswith(("#", ")")):
            break  # the class's body ends here
        if re.match(rf"\s*{name}\s*[:=]", line):
            return f"{source}, line {row + 1}"
    return f"{source}, line {head + 1}"


def kind_text(value: Any) -> str:
    """Return what a value is, with its shape or length, such as `a tensor [4, 2]` or `a tuple of 3`."""
    if value is None:
        return "None"
    kind, shape, dtype = type(value).__name__, getattr(value, "shape", None), getattr(value, "dtype", None)
    article = "an" if kind[0].lower() in "aeiou" else "a"
    if isinstance(shape, tuple):
        what = {"Tensor": "a tensor", "Parameter": "a tensor", "ndarray": "an array"}.get(kind, f"{article} {kind}")
        return f"{what} {list(shape)} of {str(dtype).removeprefix('torch.')}"
    if isinstance(value, Mapping):
        return f"{article} {kind} with the keys {shown(list(value))}"
    if isinstance(value, tuple | list | set):
        return f"{article} {kind} of {len(value)}"
    return f"{article} {kind}, {shown(value)}" if isinstance(value, str | int | float) else f"{article} {kind}"


def shown(value: Any) -> str:
    """Return a value as Python writes it, cut where that is long."""
    text = " ".join(repr(value).split())
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 3] + "..."


def _is_in(filename: str, source: Path) -> bool:
    path = Path(filename)
    return path == source or source in path.parents
