"""What the values of command line options may be, where that is more than a text."""

from __future__ import annotations

import argparse
from pathlib import Path


def count(text: str) -> int:
    """Return a whole number of at least 1."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return value


def not_empty(text: str) -> str:
    """Return a text of at least one character: an empty one comes from a variable of the shell that is not set."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty: leave the option out, or give it a value")
    return text


def path(text: str) -> Path:
    """Return a path; an empty one would be the working folder, which nobody means by it."""
    return Path(not_empty(text))


def window_size(text: str) -> tuple[int, int]:
    """Return width and height in pixels, as in `1024x700`."""
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and min(int(width), int(height)) > 0):
        raise argparse.ArgumentTypeError(f"expected WIDTHxHEIGHT in pixels, such as 1024x700, got {text!r}")
    return int(width), int(height)
