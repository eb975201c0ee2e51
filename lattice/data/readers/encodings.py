"""Text in other encodings, and with other line ends, as a stream of UTF-8 with line feeds."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from typing import Any, BinaryIO, cast

_PIECE = 1 << 16
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),  # begins as UTF-16 does
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_LEAST_SHARE = 0.4
"""Zero bytes among every other byte of text in Latin letters, where it is UTF-16."""


def as_utf8(stream: BinaryIO, *, line_feeds: bool = False) -> BinaryIO:
    """Return a stream of text as UTF-8; one of UTF-8 is returned itself.

    UTF-16 and UTF-32 are told by their byte order mark, UTF-16 also by its zero bytes. What is read raises
    `UnicodeDecodeError` where it is damaged.

    Args:
        stream: a buffered stream at its first byte.
        line_feeds: put line feeds in the place of carriage returns, where the beginning has those alone.
    """
    head = head_of(stream)
    encoding = _encoding(head)
    if encoding is not None:
        decoder = codecs.getincrementaldecoder(encoding)()
        stream = _changed(stream, lambda piece: decoder.decode(piece, final=not piece).encode("utf-8", "replace"))
        head = head_of(stream) if line_feeds else b""
    if line_feeds and b"\r" in head and b"\n" not in head and len(head) > head.index(b"\r") + 1:
        return _changed(stream, lambda piece: piece.replace(b"\r", b"\n"))
    return stream


def _encoding(head: bytes) -> str | None:
    marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)
    if marked is not None or len(head) < 4:
        return marked
    first, second = head[::2], head[1::2]
    if second.count(0) >= _LEAST_SHARE * len(second) and not first.count(0):
        return "utf-16-le"
    if first.count(0) >= _LEAST_SHARE * len(first) and not second.count(0):
        return "utf-16-be"
    return None


def head_of(stream: BinaryIO) -> bytes:
    """Return what a stream begins with, and leave it there; at most 64 KiB, and perhaps less than it has."""
    peek = getattr(stream, "peek", None)
    return b"" if peek is None else bytes(peek(_PIECE))[:_PIECE]


def _changed(stream: BinaryIO, change: Callable[[bytes], bytes]) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Changed(stream, change), _PIECE))


class _Changed(io.RawIOBase):
    """A stream whose pieces are changed on the way; `change` is called with no bytes at the end."""

    def __init__(self, stream: BinaryIO, change: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self._stream, self._change = stream, change
        self._held, self._ended = b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held and not self._ended:
            piece = self._stream.read(_PIECE)
            self._ended = not piece
            self._held = self._change(piece)
        count = min(len(buffer), len(self._held))
        buffer[:count], self._held = self._held[:count], self._held[count:]
        return count
