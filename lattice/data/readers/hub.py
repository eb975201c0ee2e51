"""Data sets on the Hugging Face hub, streamed record by record with the library `datasets`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lattice.data.readers.base import ReadRequest
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.records import numbered
from lattice.data.readers.tabular import open_records
from lattice.data.readers.text_source import TextSource
from lattice.errors import DataError, first_line

PREFIX = "hub:"


def open_hub(spec: str, split: str, request: ReadRequest) -> EmbeddingFile | TextSource:
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
    records = numbered(_records(spec, streamed), request.meter, spec)
    return open_records(Path(spec), spec, request, records, labels=_label_names(streamed))


def _label_names(streamed: Any) -> dict[str, list[str]]:
    features = getattr(streamed, "features", None) or {}
    return {name: list(kind.names) for name, kind in features.items() if getattr(kind, "names", None)}


def _records(spec: str, streamed: Any) -> Iterator[Mapping[str, Any]]:
    try:
        yield from streamed
    except Exception as error:
        raise _explain(spec, error) from error


def _explain(spec: str, error: Exception) -> DataError:
    from huggingface_hub.constants import HF_HUB_CACHE

    return DataError(
        f"can't stream {spec}: {first_line(error)} (cache: {HF_HUB_CACHE}). Check name, split and network, "
        "or download the data set and give its files"
    )
