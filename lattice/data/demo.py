"""The bundled demo data: WordNet definitions and terms with their embeddings."""

from __future__ import annotations

from dataclasses import dataclass

from safetensors import SafetensorError, safe_open
from torch import Tensor

from lattice.config.teacher import TeacherSettings
from lattice.data.provenance import TeacherRecord
from lattice.errors import DataError
from lattice.paths import demo_folder

DEMO_TEACHER = TeacherRecord(
    TeacherSettings(model="minilm", pooling="mean"), "minilm (384-D, mean pooling)", "known of the bundled data"
)
"""The teacher with which `tools/make_demo_data.py` made the demo data."""


@dataclass(frozen=True, eq=False)
class DemoRows:
    """First rows of the demo data. Rows are stored in a shuffled order, so a prefix is a fair sample."""

    definitions: Tensor
    """[S, 384] float16, unit length."""
    terms: Tensor
    """[S, 384] float16, unit length."""
    texts: list[str]
    term_texts: list[str]
    categories: list[str]


def read_demo(limit: int | None = None) -> DemoRows:
    """Read the demo data, only the first `limit` rows if one is given.

    Raises:
        DataError: the bundled files are missing or damaged.
    """
    folder = demo_folder()
    try:
        with (folder / "texts.tsv").open(encoding="utf-8") as lines:
            next(lines)
            rows = [line.rstrip("\n").split("\t") for _, line in zip(range(limit or 1 << 62), lines, strict=False)]
        with safe_open(folder / "embeddings.safetensors", framework="pt") as file:
            definitions = file.get_slice("embeddings")[: len(rows)]
            terms = file.get_slice("partners")[: len(rows)]
        texts, term_texts, categories = (list(column) for column in zip(*rows, strict=True))
    except (OSError, SafetensorError, ValueError, StopIteration) as error:
        raise DataError(f"the bundled demo data in {folder} is missing or damaged ({error}); reinstall") from None
    return DemoRows(definitions, terms, texts, term_texts, categories)
