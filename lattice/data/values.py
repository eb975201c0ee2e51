"""What single values of a table are: vectors of numbers, texts, or opaque marks such as ids and addresses.

Shapes: D width of a vector.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from numbers import Integral
from typing import TYPE_CHECKING, Any, TypeAlias

from lattice.data.missing_marks import is_missing_mark
from lattice.limits import MAX_VECTOR_CHARACTERS

if TYPE_CHECKING:
    import numpy as np

    Vector: TypeAlias = np.ndarray[tuple[int], np.dtype[np.float32]]
else:
    Vector = Any  # records are told apart before anything needs NumPy

_LIST = re.compile(r"^\s*(?:(?:np\.|numpy\.|torch\.)?(?:array|tensor)\()?\s*[\[({]")
_WRAPPER = re.compile(r"^\s*(?:(?:np\.|numpy\.|torch\.)?(?:array|tensor)\()|,\s*dtype=[\w.]+|[\[\](){},;|]")
_REPR = re.compile(
    r"(?:np\.|numpy\.|torch\.)?(?:array|tensor|float(?:16|32|64))\((?=[-+\[\d.])|"
    r",\s*(?:dtype=[\w.]+|device='[^']*'|requires_grad=\w+|grad_fn=<\w*>)"
)
"""What numpy 2 and torch write around each number, and behind an array."""
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf|infinity)", re.IGNORECASE)
_WHOLE = re.compile(r"[-+]?\d+(?:\.0*)?")
_LARGEST_WHOLE = 2**53
"""Whole numbers above this are not all there as floats."""
_ADDRESS = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*://|www\.)\S+|(?:[A-Za-z]:)?[\w.-]*[/\\]\S+")
_HASH = re.compile(r"(?=.*\d)(?:0x)?[0-9a-fA-F]{4,}(?:-?[0-9a-fA-F]{2,})*")
_MARK = re.compile(r"(?=\S*\d)[!-~]+|[!-~]{25,}")


def is_number(text: str) -> bool:
    """Say whether a text is a plain number."""
    return _NUMBER.fullmatch(text.strip()) is not None


def is_gap(value: Any) -> bool:
    """Say whether a value stands for a missing category: none, a blank, or not-a-number among classes as numbers."""
    if isinstance(value, str):
        return value.strip().lower() in ("", "nan")
    return value is None or (isinstance(value, float) and math.isnan(value))


def is_whole_text(text: str) -> bool:
    """Say whether a text is a whole number, also one that is written as `3.0` or `3.000e+00`, as programs do."""
    return whole_text(text) is not None


def whole_text(text: str) -> str | None:
    """Return a whole number without the zeros behind its point and without exponent; None for anything else."""
    text = text.strip()
    if _WHOLE.fullmatch(text) is not None:
        return text.partition(".")[0]
    if not is_number(text) or not (number := float(text)).is_integer() or abs(number) > _LARGEST_WHOLE:
        return None
    return str(int(number))


def is_absent(value: Any) -> bool:
    """Say whether a value stands for a missing number or vector: none, an empty list, or a mark that programs write.

    `nan` is a number and none of them.
    """
    if isinstance(value, str):
        text = value.strip()
        return (
            not text
            or text in ("[]", "{}", "()")
            or text.lower() == "na"
            or (is_missing_mark(text) and not is_number(text))
        )
    return value is None or (hasattr(value, "__len__") and len(value) == 0)


def is_bracketed(text: str) -> bool:
    """Say whether a text is numbers in brackets, as a table shows a vector."""
    return _LIST.match(text) is not None and text_numbers(text) is not None


def is_address_or_hash(text: str) -> bool:
    """Say whether a text is a URL, a path, a hash, a number or numbers in brackets: never a sentence."""
    text = text.strip()
    return (
        is_number(text)
        or _ADDRESS.fullmatch(text) is not None
        or _HASH.fullmatch(text) is not None
        or is_bracketed(text)
    )


def is_mark(text: str) -> bool:
    """Say whether a text is words with a digit in each, or very long ones: ids more likely than a sentence."""
    parts = text.split()
    return all(_MARK.fullmatch(part) or is_number(part) for part in parts) or is_address_or_hash(text)


def mostly(test: Any, texts: list[str]) -> bool:
    """Say whether nine in ten of the texts pass a test."""
    return bool(texts) and sum(map(bool, map(test, texts))) >= 0.9 * len(texts)


def text_numbers(text: str) -> Vector | None:
    """Return the numbers that a text consists of, None if it holds anything else or nothing.

    Brackets, commas, semicolons, white space and what `repr` puts around arrays may stand between them.
    """
    if len(text) > MAX_VECTOR_CHARACTERS:
        return None
    if _is_open(text):
        return None
    text = _REPR.sub(" ", text) if "(" in text else text
    bare = _WRAPPER.sub(" ", text) if not text.lstrip()[:1].isalpha() or _LIST.match(text) else text
    return split_numbers(bare.replace("None", "nan").replace("null", "nan"))


def _is_open(text: str) -> bool:
    """Say whether a text begins with a bracket and ends in a number, so that its end was cut off."""
    return text.lstrip()[:1] in ("[", "(", "{") and text.rstrip()[-1].isdecimal() and "/" not in text[-12:]


def split_numbers(text: str) -> Vector | None:
    """Return the numbers of a text with white space between them, None if it holds anything else or nothing."""
    import numpy as np

    try:
        numbers = np.fromstring(text, dtype=np.float64, sep=" ")
    except ValueError:
        return None
    return to_float32(numbers) if len(numbers) else None


def to_float32(numbers: np.ndarray[Any, np.dtype[Any]]) -> Any:
    """Return numbers in single precision; those beyond its range become infinite, and their rows are dropped later."""
    import numpy as np

    with np.errstate(over="ignore"):
        return numbers.astype(np.float32)


def vector_of(value: Any) -> Vector | None:
    """Return a value of a table as a vector [D], None if it is none.

    A list or array of numbers, also as texts, one of a single such list, or a text of numbers. A missing number becomes
    not-a-number.
    """
    import numpy as np

    if isinstance(value, str):
        return text_numbers(value)
    if isinstance(value, Mapping | bytes) or not isinstance(value, Iterable):
        return None
    numbers: Any = list(value) if not isinstance(value, np.ndarray) else value
    while len(numbers) == 1 and isinstance(numbers[0], list | tuple | np.ndarray):
        numbers = numbers[0]
    if isinstance(numbers, list) and numbers and isinstance(numbers[0], str):
        return _written_numbers(numbers)
    if isinstance(numbers, list) and any(isinstance(number, list | str | bytes | Mapping | bool) for number in numbers):
        return None
    try:
        array = np.asarray(numbers, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    return to_float32(array) if array.ndim == 1 else None


def _written_numbers(parts: list[Any]) -> Vector | None:
    """Return the numbers of a list of texts, as services write them to lose no digit; None if it holds others too."""
    if not all(isinstance(part, str) and is_number(part) for part in parts):
        return None
    return split_numbers(" ".join(parts))


def is_whole(value: Any) -> bool:
    """Say whether a list or array, or a text, holds whole numbers alone."""
    if isinstance(value, str):
        return "." not in value and "e" not in value.lower() and "nan" not in value.lower()
    if len(value) > 0 and isinstance(value[0], str):
        return all(map(is_whole, value))
    return len(value) > 0 and all(isinstance(number, Integral) for number in value)
