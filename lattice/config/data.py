"""Settings of the sources: columns, mixing, what counts as a valid row, and how rows are stored."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lattice.config.base import Settings, setting

StorageType = Literal["source", "float16", "bfloat16", "float32"]
BeyondBudget = Literal["truncate", "stream"]
Share = Annotated[float, Field(gt=0.0, le=1e6)]


class DataSettings(Settings):
    """How the samples are read from their sources."""

    text_column: str | None = setting(
        None,
        title="Text column",
        description="Column that holds the texts. Empty: guessed, and the guess is shown.",
        cost="rebuild",
    )
    vector_column: str | None = setting(
        None,
        title="Vector column",
        description="Column that holds ready-made vectors. Empty: guessed, and the guess is shown. "
        "'none': the texts are encoded, even where vectors lie beside them.",
        cost="rebuild",
    )
    label_column: str | None = setting(
        None,
        title="Label column",
        description="Column whose values are the samples' categories. Empty: guessed by its name. "
        "'none': no categories.",
        cost="rebuild",
    )
    table: str | None = setting(
        None,
        title="Table",
        description="Name of the table that is read from an archive with several, such as .npz, .hdf5, .pt or .json. "
        "Empty: the only one, or the one named 'embeddings'.",
        cost="rebuild",
    )
    pair_columns: tuple[str, str] | None = setting(
        None,
        title="Pair columns",
        description="Two columns for the objective 'pairs': input text and target text. Empty: guessed when needed.",
        cost="rebuild",
    )
    split: str = setting(
        "train",
        title="Hub split",
        description="Split that is read from a data set on the hub.",
        cost="rebuild",
        min_length=1,
    )
    extra_data: tuple[str, ...] = setting(
        (),
        title="More sources",
        description="Files, folders or hub data sets that are mixed in with the first source.",
        cost="rebuild",
    )
    weights: tuple[Share, ...] = setting(
        (),
        title="Mixing weights",
        description="Share of each source, the first one included; the mix ends where a source would have to repeat. "
        "Empty: everything of every source.",
        cost="rebuild",
    )
    storage: StorageType = setting(
        "source",
        title="Storage type",
        description="Number type of the stored rows; computing is in float32. "
        "'source': as in the file, and float16 for encoded texts.",
        cost="rebuild",
    )
    min_norm: float = setting(
        1e-6,
        title="Smallest length",
        description="Rows whose Euclidean length is below this are dropped and counted.",
        cost="rebuild",
        ge=0.0,
        le=1e6,
    )
    max_norm: float = setting(
        1e6,
        title="Largest length",
        description="Rows whose Euclidean length is above this are dropped and counted.",
        cost="rebuild",
        gt=0.0,
        le=1e18,
    )
    drop_duplicates: bool = setting(
        True,
        title="Drop duplicates",
        description="Drop and count rows, or texts, that are exactly equal to an earlier one.",
        cost="rebuild",
    )
    beyond_budget: BeyondBudget = setting(
        "truncate",
        title="Beyond the budget",
        description="When the samples do not fit into GPU memory less the reserve. 'truncate': keep as many as fit. "
        "'stream': keep all in the computer's memory and copy each batch over.",
        cost="rebuild",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        sources = 1 + len(self.extra_data)
        if self.weights and len(self.weights) != sources:
            raise ValueError(
                f"weights: got {len(self.weights)} for {sources} source(s); expected one per source or none"
            )
        if self.min_norm >= self.max_norm:
            raise ValueError(f"min_norm {self.min_norm:g} must be below max_norm {self.max_norm:g}")
        return self


OF_ONE_SOURCE = (
    "text_column", "vector_column", "label_column", "table", "pair_columns", "extra_data", "weights",
)  # fmt: skip
"""Settings of `DataSettings` that describe one source, and mean nothing to another."""
