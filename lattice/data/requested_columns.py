"""The columns of a table that somebody requested. Importing this module loads neither torch nor numpy."""

from __future__ import annotations

from dataclasses import dataclass

from lattice.data.column_names import NONE


@dataclass(frozen=True)
class Columns:
    """The requested columns; None: guessed."""

    text: str | None = None
    pair: tuple[str, str] | None = None
    want_pairs: bool = False
    """Whether a second column is needed."""
    vector: str | None = None
    """Column of vectors; `none`: texts are to be encoded, even where vectors lie beside them."""
    label: str | None = None
    """Column of categories; `none`: there are none."""
    table: str | None = None
    """Table of an archive that holds several."""

    @property
    def named(self) -> frozenset[str]:
        """Names of columns that are requested."""
        names = (self.text, self.vector, self.label, *(self.pair or ()))
        return frozenset(name for name in names if name is not None and name != NONE)

    @property
    def any_requested(self) -> bool:
        """Whether a column of a table is requested."""
        return self.text is not None or self.pair is not None or self.vector not in (None, NONE)
