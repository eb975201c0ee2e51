"""Which columns hold vectors, texts and categories: the requested ones, or guessed ones, with the guess in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lattice.data.class_column import class_beside, edge_class_of, names_no_row
from lattice.data.column_names import ID_NAMES, NONE, PAIR_NAMES, TEXT_NAMES
from lattice.data.no_language import spoken
from lattice.data.quantised_vectors import refuse_quantised
from lattice.data.requested_columns import Columns
from lattice.data.text_columns import (
    Sample,
    class_columns,
    guess_label,
    guess_pair,
    holds_several_words,
    holds_words,
    is_category,
    is_constant,
    text_columns,
)
from lattice.data.unread_vectors import places_hint, refuse_unread, whole_numbers_hint
from lattice.data.vector_columns import (
    LEAST_NAMED_WIDTH,
    LEAST_WHOLE,
    VectorColumns,
    listed,
    measured_columns,
    present_values,
    requested_vectors,
    vector_candidates,
)
from lattice.errors import DataError


class MissingColumnError(DataError):
    """A table lacks a column that is requested, or that the files before it have."""

    def __init__(self, message: str, name: str) -> None:
        """Name the column."""
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class ColumnChoice:
    """The columns that are read."""

    text: str | None
    partner: str | None
    guess: str
    """The guess in words, empty when nothing was guessed."""
    vectors: VectorColumns | None = None
    """None: the texts are encoded."""
    partner_vectors: VectorColumns | None = None
    label: str | None = None
    names: bool = False
    """Whether `text` holds ids, which name the rows, and no texts."""
    aside: tuple[str, ...] = ()
    """Columns that are not read."""

    @property
    def used(self) -> tuple[str, ...]:
        """All columns that are read, vectors first."""
        vectors = [part.names for part in (self.vectors, self.partner_vectors) if part is not None]
        others = [name for name in (self.text, self.partner, self.label) if name is not None]
        return tuple(dict.fromkeys([*(name for names in vectors for name in names), *others]))


def choose_columns(source: str, wanted: Columns, sample: Sample, *, header: bool = True) -> ColumnChoice:
    """Choose the columns of a table.

    Args:
        source: the table, for messages.
        wanted: the requested columns.
        sample: its first rows; at least one.
        header: whether the table has names for its columns; otherwise they are numbered.

    Raises:
        DataError: a requested column is missing, or no column holds vectors or texts.
    """
    names = list(dict.fromkeys(name for row in sample for name in row))
    _require_all(source, wanted, names)
    choice = _with_vectors(source, wanted, names, sample) or _texts_alone(source, wanted, names, sample)
    label = None if wanted.label == NONE else wanted.label or choice.label
    if label is None and wanted.label is None:
        free = [name for name in names if name not in choice.used]
        label = guess_label(free, sample, header=header)
        if label is None and choice.vectors is not None:
            label = class_beside(choice.vectors, free, sample)
    if wanted.label is None and label is not None and choice.label is None:
        said = f"categories from column {label!r}"
        choice = replace(choice, guess=f"{choice.guess}, {said}" if choice.guess else f"{source}: {said}")
    choice = replace(choice, label=label)
    aside = tuple(name for name in names if name not in choice.used)
    return replace(choice, aside=aside)


def aside_text(source: str, aside: Sequence[str]) -> str:
    """Return in words what was left aside, empty if nothing."""
    return f"{source}: left aside {listed(list(aside))}" if aside else ""


def _with_vectors(source: str, wanted: Columns, names: list[str], sample: Sample) -> ColumnChoice | None:
    """Return a choice with vectors, None where there are none or texts are to be encoded."""
    if wanted.vector == NONE:
        return None
    apart = [name for name in (wanted.text, wanted.label) if name is not None and name != wanted.vector]
    if wanted.vector is not None:
        vectors, others = requested_vectors(source, wanted.vector, names, sample, apart), []
    else:
        candidates = _vectors(wanted, [name for name in names if name not in apart], names, sample)
        pair = _vector_pair(wanted, candidates)
        if pair is not None:
            titles = f"{pair[0].title} and {pair[1].title}"
            taken = [name for part in pair for name in part.names]
            texts = _pair_beside(source, wanted, [name for name in names if name not in taken], sample)
            said = "" if texts[1] is None else f", texts from columns {texts[0]!r} and {texts[1]!r}"
            return ColumnChoice(*texts, f"{source}: pairs of vectors from {titles}{said}, guessed", *pair)
        if not candidates:
            refuse_unread(source, names, sample)
        if not candidates or (wanted.want_pairs or wanted.pair):
            return None
        vectors, others = candidates[0], candidates[1:]
    refuse_quantised(source, vectors, sample)
    taken = [name for part in (vectors, *others) for name in part.names]
    free = [name for name in names if name not in taken and name != wanted.label]
    classes = class_columns(free, sample) if vectors.measured else []
    text, is_name = text_beside(wanted, [name for name in free if name not in classes], sample)
    vectors = _nearest(vectors, others, text)
    words = "" if text is None else f", {'names' if is_name else 'texts'} from column {text!r}"
    guessed = wanted.vector is None or (wanted.text is None and text is not None)
    found = edge_class_of(vectors, sample) if wanted.vector is None and wanted.label is None else None
    vectors = vectors if found is None else found.vectors
    guess = f"{source}: vectors of width {vectors.width} from {vectors.title}{words}" if guessed else ""
    guess += "" if found is None else found.said
    return ColumnChoice(text, None, guess, vectors, label=None if found is None else found.label, names=is_name)


def _pair_beside(source: str, wanted: Columns, names: list[str], sample: Sample) -> tuple[str | None, str | None]:
    """Return the columns of texts beside pairs of vectors; none where it can't be told which they are."""
    try:
        return guess_pair(source, names, wanted.text, sample)
    except DataError:
        return wanted.text, None


def _vectors(wanted: Columns, free: list[str], names: list[str], sample: Sample) -> list[VectorColumns]:
    """Return what can be vectors among the columns that are free, with regard to the texts among all of them."""
    found = vector_candidates(free, sample)
    texts = text_columns([name for name in names if name != wanted.label], sample)
    if not found and not texts:
        found = vector_candidates(free, sample, least=LEAST_NAMED_WIDTH)
    if not found and all(is_category(name, sample) for name in texts):
        measured = measured_columns(free, sample)
        wide = measured_columns(free, sample, whole=True)
        if measured is None and wide is not None and wide.width >= LEAST_WHOLE:
            measured = wide  # such as the pixels of a picture
        found = [] if measured is None else [measured]
    return found


def _nearest(first: VectorColumns, others: Sequence[VectorColumns], text: str | None) -> VectorColumns:
    """Return among several columns of vectors the one that is called after the texts, else the first."""
    if text is None or text.lower() in first.names[0].lower():
        return first
    return next((part for part in others if text.lower() in part.names[0].lower()), first)


def _vector_pair(wanted: Columns, candidates: list[VectorColumns]) -> tuple[VectorColumns, VectorColumns] | None:
    """Return the two columns of vectors that pairs are made of, None if there are not just two."""
    if wanted.pair is not None:
        by_name = {part.names[0]: part for part in candidates}
        first, second = (by_name.get(name) for name in wanted.pair)
    elif wanted.want_pairs and len(candidates) == 2:
        first, second = candidates if candidates[0].names < candidates[1].names else candidates[::-1]
        for left, right in PAIR_NAMES:
            if first.names[0].lower().startswith(right) and second.names[0].lower().startswith(left):
                first, second = second, first
                break
    else:
        return None
    if first is None or second is None or first.width != second.width:
        return None
    return first, second


def text_beside(wanted: Columns, names: list[str], sample: Sample) -> tuple[str | None, bool]:
    """Return the column of texts beside vectors, or that of ids, and whether it is one of ids."""
    if wanted.text is not None:
        return wanted.text, False
    names = [name for name in names if not is_constant(name, sample)]  # which tells nothing
    names = [name for name in names if not names_no_row(name, sample)]
    texts = spoken(text_columns(names, sample), sample)
    by_lower = {name.lower(): name for name in reversed(names)}
    known = next((by_lower[name] for name in TEXT_NAMES if by_lower.get(name) in texts), None)
    filled = [name for name in texts if 2 * len(present_values(name, sample)) >= len(sample)]
    longest = max(filled, key=lambda name: texts[name], default=None)
    if known is not None or longest is not None:
        return known or longest, False
    names = [name for name in names if name not in texts]  # of few rows only, such as the words of an error
    ids = [by_lower[name] for name in ID_NAMES if name in by_lower]
    plain = [name for name in names if any(isinstance(row.get(name), str) for row in sample)]
    scalar = [name for name in (*ids, *plain) if all(isinstance(row.get(name), str | int | None) for row in sample)]
    return (scalar[0], True) if scalar else (None, False)


def _texts_alone(source: str, wanted: Columns, names: list[str], sample: Sample) -> ColumnChoice:
    if wanted.pair is not None:
        return ColumnChoice(*wanted.pair, guess="")
    if wanted.want_pairs:
        first, second = guess_pair(source, names, wanted.text, sample)
        return ColumnChoice(first, second, f"{source}: pairs from columns {first!r} and {second!r}, guessed")
    if wanted.text is not None:
        return ColumnChoice(wanted.text, None, guess="")
    by_lower = {name.lower(): name for name in reversed(names)}
    known = [by_lower[name] for name in TEXT_NAMES if name in by_lower]
    texts = text_columns(names, sample)
    if not any(holds_several_words(name, sample) for name in texts):  # lists of sentences tell more than single words
        texts = text_columns(names, sample, lists=True)
    texts = spoken(texts, sample)
    found = next((name for name in known if name in texts), None) or next(
        (name for name in known if holds_words(name, sample)), None
    )
    if found is not None:
        return ColumnChoice(found, None, f"{source}: texts from column {found!r}, guessed by its name")
    if not texts:
        raise DataError(
            f"{source}: none of its columns holds texts or vectors ({listed(names)}); expected at least one. Ids, "
            "addresses and numbers are no texts: name a column with --text-column if it holds some"
            + (whole_numbers_hint(names, sample) or places_hint(names, sample))
        )
    longest = max(texts, key=lambda name: texts[name])
    guess = "" if len(names) == 1 else f"{source}: texts from column {longest!r}, guessed as the one with the longest"
    return ColumnChoice(longest, None, guess)


def _require_all(source: str, wanted: Columns, names: list[str]) -> None:
    label = None if wanted.label == NONE else wanted.label
    for name in (wanted.text, label, *(wanted.pair or ())):
        if name is not None and name not in names:
            raise MissingColumnError(f"{source} has no column {name!r}; it has {listed(names)}", name)
