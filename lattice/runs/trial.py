"""A trial write: whether a folder takes a file as large as a checkpoint, found out before hours of training."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from lattice.errors import ConfigError
from lattice.units import bytes_text

_PIECE = b"\x5a" * (1 << 20)


def try_write(folder: Path, size: int) -> None:
    """Write `size` bytes to a temporary file in `folder`, sync and remove it.

    Real bytes, because quotas, network shares and thin volumes say no only then.

    Raises:
        ConfigError: the folder does not take them.
    """
    try:
        with tempfile.TemporaryFile(prefix=".trial.", dir=folder) as file:
            for _ in range(size // len(_PIECE)):
                file.write(_PIECE)
            file.write(_PIECE[: size % len(_PIECE)])
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ConfigError(
            f"{folder} does not take a file of {bytes_text(size)}, the size of this run's checkpoint: "
            f"{error.strerror or error}; free some space there, or choose another folder with --out"
        ) from None
