"""`--encode`: a file of texts becomes a file of embeddings."""

from __future__ import annotations

import json
from pathlib import Path

from lattice.cli.progress import progress_bar
from lattice.cli.replacing import check_may_write
from lattice.config import SimpleProjectConfig
from lattice.errors import ConfigError


def encode(
    source: Path, out: Path | None, config: SimpleProjectConfig, *, overwrite: bool = False, as_json: bool = False
) -> int:
    """Encode `source` into `out` with the configured teacher, print what was done, and return the exit code.

    What has that name is replaced only with `overwrite`.
    """
    if out is None:
        raise ConfigError("--encode needs --out FILE.safetensors, the file to write")
    check_may_write(out, overwrite=overwrite)
    from lattice.data.encode import encode_file
    from lattice.data.requested_columns import Columns
    from lattice.devices import choose_device

    with progress_bar() as progress:
        report = encode_file(
            source,
            out,
            config.teacher,
            Columns(text=config.data.text_column, pair=config.data.pair_columns, table=config.data.table),
            progress,
            device=choose_device(config.device.policy),
            limit=config.training_embedding.max_total_samples,
        )
    if as_json:
        print(json.dumps({"embeddings": str(out), "data": report.account()}), flush=True)
        return 0
    print(report.summary())
    print(f"teacher: {report.teacher}")
    print(f"embeddings: {out}")
    return 0
