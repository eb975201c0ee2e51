"""Data sets on the Hugging Face hub, streamed record by record with the library `datasets`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lattice.data.columns import Columns
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.text_file import TextSource, records_source
from lattice.errors import DataError

PREFIX = "hub:"


def open_hub(spec: str, split: str, columns: Columns, meter: ReadMeter) -> TextSource:
    """Open `hub:owner/name` or `hub:owner/name:configuration`; a local folder works in place of `owner/name`.

    Raises:
        DataError: it can't be reached, does not exist, or has no such split.
    """
    name, _, configuration = spec.removeprefix(PREFIX).partition(":")
    try:
        import datasets

        streamed = datasets.load_dataset(name, configuration or None, split=split, streaming=True)
    except Exception as error:  # the library raises nearly every type
        raise _explain(spec, error) from error
    return records_source(spec, columns, _records(spec, streamed), meter)


def _records(spec: str, streamed: Any) -> Iterator[Mapping[str, Any]]:
    try:
        yield from streamed
    except Exception as error:
        raise _explain(spec, error) from error


def _explain(spec: str, error: Exception) -> DataError:
    from huggingface_hub.constants import HF_HUB_CACHE

    message = (str(error).splitlines() or [type(error).__name__])[0][:300]
    return DataError(
        f"can't stream {spec}: {message} (cache: {HF_HUB_CACHE}). Check name, split and network, "
        "or download the data set and give its files"
    )
