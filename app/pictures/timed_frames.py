"""Raw frames with their times, as ffmpeg reads them from a pipe: Matroska with one uncompressed video track.

ffmpeg's own format for raw video has no times, so that a frame that stays would have to be written and encoded again
and again. Elements and their numbers: RFC 9559 (Matroska) on RFC 8794 (EBML).
"""

from __future__ import annotations

_MILLISECOND = 1_000_000
"""Nanoseconds that times are counted in."""
_UNKNOWN_SIZE = b"\x01" + 7 * b"\xff"
"""Of an element that ends with the stream."""
_EBML, _SEGMENT, _INFO, _TRACKS, _CLUSTER = "1A45DFA3", "18538067", "1549A966", "1654AE6B", "1F43B675"
_BLOCK_HEAD = b"\x81\x00\x00\x80"
"""Track 1, at the time of its cluster, a key frame."""


def stream_head(width: int, height: int, frames_per_second: int) -> bytes:
    """Return what the stream begins with: frames of so many pixels, at most so many a second."""
    versions = _number("4286", 1) + _number("42F7", 1) + _number("42F2", 4) + _number("42F3", 8)
    kind = _element("4282", b"matroska") + _number("4287", 4) + _number("4285", 2)
    writer = _element("4D80", b"Cellcube") + _element("5741", b"Cellcube")
    pixels = _number("B0", width) + _number("BA", height) + _element("2EB524", b"RGB\x18")
    video = _number("D7", 1) + _number("73C5", 1) + _number("83", 1) + _element("86", b"V_UNCOMPRESSED")
    track = video + _number("23E383", 1000 * _MILLISECOND // frames_per_second) + _element("E0", pixels)
    return (
        _element(_EBML, versions + kind)
        + bytes.fromhex(_SEGMENT)
        + _UNKNOWN_SIZE
        + _element(_INFO, _number("2AD7B1", _MILLISECOND) + writer)
        + _element(_TRACKS, _element("AE", track))
    )


def frame_head(milliseconds: int, frame_bytes: int) -> bytes:
    """Return what comes before the bytes of a frame, [height, width, 3], that is shown from a time on."""
    block = bytes.fromhex("A3") + _size(len(_BLOCK_HEAD) + frame_bytes) + _BLOCK_HEAD
    inside = _number("E7", milliseconds) + block
    return bytes.fromhex(_CLUSTER) + _size(len(inside) + frame_bytes) + inside


def _element(number: str, content: bytes) -> bytes:
    return bytes.fromhex(number) + _size(len(content)) + content


def _number(number: str, value: int) -> bytes:
    return _element(number, value.to_bytes(8, "big"))


def _size(length: int) -> bytes:
    """Return a length as EBML's numbers of eight bytes, of which the first bit says how many they are."""
    return (1 << 56 | length).to_bytes(8, "big")
