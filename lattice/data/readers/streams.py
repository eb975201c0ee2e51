"""Files as streams of bytes and lines, unpacked on the way where they are compressed."""

from __future__ import annotations

import bz2
import codecs
import contextlib
import gzip
import io
import itertools
import lzma
import shutil
import tempfile
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from lattice.data.readers.content import refuse_other_content
from lattice.data.readers.counted import CountedFile, ReadMeter, open_counted
from lattice.data.readers.encodings import as_utf8, head_of
from lattice.errors import DataError, first_line
from lattice.formats import compression_of
from lattice.limits import MAX_ROW_BYTES, MAX_STREAM_BYTES
from lattice.units import bytes_text

BUFFER_BYTES = 1 << 16


@contextlib.contextmanager
def open_stream(path: Path, meter: ReadMeter) -> Iterator[BinaryIO]:
    """Open a file for reading from its first byte on, unpacked if its name ends as a compression does.

    Raises:
        DataError: as `open_counted`; or the compressed data is damaged or cut off.
    """
    with open_counted(path, meter) as file:
        try:
            yield _unpacking(path, file)
        except (gzip.BadGzipFile, EOFError, zlib.error, lzma.LZMAError, OSError) as error:
            if not compression_of(path):
                raise
            raise DataError(
                f"{path} is no readable {compression_of(path)} file ({first_line(error)}); copy or make it again"
            ) from error


def _unpacking(path: Path, file: CountedFile) -> BinaryIO:
    buffered = io.BufferedReader(file, BUFFER_BYTES)
    compression = compression_of(path)
    if compression == ".gz":
        return cast(BinaryIO, io.BufferedReader(gzip.GzipFile(fileobj=buffered), BUFFER_BYTES))
    if compression == ".xz":
        return cast(BinaryIO, lzma.LZMAFile(buffered))
    if compression == ".bz2":
        return cast(BinaryIO, bz2.BZ2File(buffered))
    if compression == ".zst":
        import pyarrow as pa

        unpacked = pa.CompressedInputStream(pa.PythonFile(buffered, mode="r"), "zstd")
        return cast(BinaryIO, io.BufferedReader(unpacked, BUFFER_BYTES))
    return buffered


@contextlib.contextmanager
def unpacked_copy(path: Path, meter: ReadMeter) -> Iterator[Path]:
    """Unpack a compressed file into a temporary folder, for formats that are not read from first to last.

    Raises:
        DataError: it is damaged, or larger than the disk has room for.
    """
    with tempfile.TemporaryDirectory(prefix="cellcube-") as folder:
        copy = Path(folder) / path.stem
        room = min(MAX_STREAM_BYTES, shutil.disk_usage(folder).free // 2)
        with open_stream(path, meter) as packed, copy.open("wb") as target:
            done = 0
            while piece := packed.read(1 << 20):
                done += len(piece)
                if done > room:
                    raise DataError(
                        f"{path} unpacks to more than {bytes_text(room)}, for which {folder} has no room; "
                        "unpack it yourself, on a disk with more"
                    )
                target.write(piece)
        yield copy


def lines_of(path: Path, meter: ReadMeter, *, errors: str = "strict", cut: bool = False) -> Generator[tuple[int, str]]:
    """Yield (number from 1, line without its end); byte order marks before lines, also of joined files, are skipped.

    Args:
        path: the file.
        meter: counts the bytes.
        errors: `strict`, or `surrogateescape` for lines whose bytes that are not UTF-8 are judged later.
        cut: for a look at a file that may have no lines: one that is too long is the last one, without its end.

    Raises:
        DataError: it is not UTF-8, or, unless cut, a line is longer than `MAX_ROW_BYTES`.
    """
    with open_stream(path, meter) as packed:
        refuse_other_content(path, head_of(packed))
        stream = as_utf8(packed, line_feeds=True)
        for number in itertools.count(1):
            try:
                raw = stream.readline(MAX_ROW_BYTES + 1)
            except UnicodeDecodeError as error:
                raise DataError(
                    f"{path}, after line {number - 1}: damaged {error.encoding} ({error.reason}); save it as UTF-8"
                ) from None
            if not raw:
                return
            long = len(raw) > MAX_ROW_BYTES
            if long and not cut:
                raise DataError(
                    f"{path} line {number} is longer than {MAX_ROW_BYTES >> 20} MiB; expected one text per line"
                )
            if b"\0" in raw:
                raise DataError(
                    f"{path} line {number} holds a zero byte, which no text has; it is damaged, or no text. Copy or "
                    "make it again"
                )
            try:
                yield number, raw.removeprefix(codecs.BOM_UTF8).removesuffix(b"\n").decode("utf-8", errors)
            except UnicodeDecodeError as error:
                raise DataError(f"{path} line {number}, byte {error.start + 1}: not UTF-8; save it as UTF-8") from None
            if long:
                return
