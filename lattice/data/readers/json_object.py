"""Records of one JSON object, on whatever level they lie: columns, a list of records, or records or vectors by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lattice.data.column_names import KNOWN_NAMES, TEXT_NAMES, is_vector_name
from lattice.data.readers.questions import questions_of
from lattice.data.readers.records import as_record
from lattice.data.readers.typed_values import plain_values
from lattice.data.values import vector_of
from lattice.data.vector_columns import listed
from lattice.errors import DataError

_MOST_LEVELS, _MOST_NAMES = 5, 64
"""Objects that are opened to find lists: how deep, and with how many names. What has more names has ids for names."""

_DESCRIPTIONS = ("meta", "schema.fields", "manifest.schema.columns", "fields", "schema", "columns")
"""Where the names of columns stand beside rows that are lists: ClickHouse, BigQuery, Databricks and others."""

Object = Mapping[str, Any]


def records_in_object(path: Path, whole: Object, table: str | None, notes: list[str]) -> Iterator[Any]:
    """Yield the records that one object holds, or the object itself as the only one.

    Args:
        path: the file, for messages.
        whole: the object.
        table: which part of it is read, where it holds several; a name, or the names of several levels with points.
        notes: gets in words how the records were found.

    Raises:
        DataError: the requested part is missing, or nothing tells which of several it is.
    """
    whole = _one_level_less({name: plain_values(value) for name, value in whole.items()})
    if table is not None:
        part = whole.get(table, _opened(whole).get(table))
        if isinstance(part, Mapping):
            yield from records_in_object(path, part, None, notes)
            return
        if not isinstance(part, list):
            held = [name for name, value in _opened(whole).items() if isinstance(value, list) and value]
            raise DataError(f"{path} holds no list {table!r}; it has {listed(held)}")
        yield from part
        return
    names, rows = whole.get("columns"), whole.get("data")
    if isinstance(names, list) and isinstance(rows, list) and all(isinstance(row, list) for row in rows[:1]):
        odd = next((place for place, row in enumerate(rows, 1) if not isinstance(row, list)), None)
        if odd is not None:
            raise DataError(f"{path}: row {odd} of 'data' is no list, expected one as long as 'columns'; mend it")
        yield from (dict(zip(map(str, names), row, strict=False)) for row in rows)
        return
    described = _described(whole)
    if described:
        yield from described
        return
    answers = list(questions_of(whole))
    if answers:
        notes.append(f"{path.name}: questions with their answers, as in SQuAD")
        yield from answers
        return
    own = _by_key(path, whole, notes)
    yield from (_in_lists(path, whole, notes) if own is None else own)


def _one_level_less(whole: Object) -> Object:
    """Return the answer to one query as it is without the level for several queries, as Chroma gives it."""
    inner = {
        name: value[0]
        for name, value in whole.items()
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list) and len(value[0]) > 1
    }
    return {**whole, **inner} if len(inner) > 1 and len(set(map(len, inner.values()))) == 1 else whole


def _described(whole: Object) -> list[dict[str, Any]]:
    """Return rows that are lists, with the names of their columns from the description beside them, as services answer.

    Rows may lie one by one in an object `{"f": [...]}`; empty where there are none.
    """
    flat = _opened(whole)
    for names in _DESCRIPTIONS:
        columns = flat.get(names)
        if not isinstance(columns, list) or not all(isinstance(part, dict) and "name" in part for part in columns):
            continue
        titles = [str(part["name"]) for part in columns]
        for held in flat.values():
            if held is columns or not isinstance(held, list) or not held:
                continue
            rows = [row["f"] if isinstance(row, dict) and list(row) == ["f"] else row for row in held]
            if all(isinstance(row, list) and len(row) == len(titles) for row in rows):
                return [dict(zip(titles, row, strict=True)) for row in rows]
    return []


def _by_key(path: Path, whole: Object, notes: list[str]) -> Iterator[Any] | None:
    """Return the records of an object whose names are those of columns of objects, or ids; None for any other."""
    values = list(whole.values())
    if values and all(isinstance(value, Mapping) and value for value in values):
        keys = list(values[0])
        if all(list(value) == keys for value in values) and (
            all(key.isdecimal() for key in keys)
            or any(is_vector_name(name) and _holds_vectors(value) for name, value in whole.items())
        ):  # as pandas writes columns
            named = {} if all(key.isdecimal() for key in keys) else {"id": keys}
            return (
                {name: held[row] for name, held in named.items()} | {name: whole[name][key] for name in whole}
                for row, key in enumerate(keys)
            )
    if not _is_by_id(whole):
        return None
    notes.append(f"{path.name}: took its {len(whole)} names for the rows' ids")
    return _with_ids(whole)


def _is_by_id(value: Any) -> bool:
    """Say whether an object's names are ids: what they stand for are vectors, or records with a name in common."""
    if not isinstance(value, Mapping) or not value:
        return False
    held = list(value.values())
    if all(map(_is_vector, held)):
        return True
    if len(held) < 2 or not all(isinstance(part, Mapping) for part in held):
        return False
    if any(_has_table(part) or _is_by_id(part) for part in held):
        return False
    return bool(set.intersection(*map(set, held)))


def _with_ids(whole: Object) -> Iterator[Any]:
    for name, value in whole.items():
        yield {"id": name, **value} if isinstance(value, Mapping) else {"id": name, "embedding": value}


def _in_lists(path: Path, whole: Object, notes: list[str]) -> Iterator[Any]:
    """Yield the records of the lists in an object, or in the objects in it."""
    if len(whole) > 1 and all(isinstance(value, Mapping) and _has_table(value) for value in whole.values()):
        raise DataError(f"{path} holds the tables {listed(list(whole))}; choose one with --table NAME (data.table)")
    flat = _opened(whole)
    lists = {name: value for name, value in flat.items() if isinstance(value, list) and value}
    tables = [name for name, value in lists.items() if as_record(value[0]) is not None]
    tables += [name for name, value in flat.items() if name not in lists and _is_by_id(value)]
    of_vectors = [name for name in tables if _has_vectors(flat[name])]
    lengths = {len(value) for value in lists.values()}
    if not of_vectors and len(lengths) > 1 and any(is_vector_name(name) and _is_vector(whole[name]) for name in whole):
        yield whole  # one record, whatever lists lie in it beside its vector
        return
    of_objects = all(isinstance(value[0], dict) for value in lists.values())
    in_lists = all(name in lists for name in of_vectors)
    if (
        in_lists
        and len(lengths) == 1
        and not of_objects
        and (len(lists) > 1 or vector_of(next(iter(lists.values()))) is None)
    ):
        yield from _in_columns(lists)
        return
    columns = {name: value for name, value in lists.items() if len(value) in {len(flat[held]) for held in of_vectors}}
    if in_lists and len(of_vectors) == 1 and len(columns) > 1 and not isinstance(lists[of_vectors[0]][0], dict):
        notes.append(f"{path.name}: took the lists {listed(list(columns))}" + _aside(tables, columns))
        yield from _in_columns(columns)
        return
    chosen = tables if len(tables) == 1 else of_vectors or [name for name in tables if _has_texts(flat[name])]
    if len(chosen) == 1:
        notes.append(f"{path.name}: took the list {chosen[0]!r}" + _aside(tables, chosen))
        found = flat[chosen[0]]
        yield from found if isinstance(found, list) else _with_ids(found)
        return
    if tables and not set(map(str.lower, whole)) & KNOWN_NAMES:
        raise DataError(f"{path} holds the lists {listed(tables)}; choose one with --table NAME (data.table)")
    values = list(whole.values())
    if len(values) > 1 and all(type(value) is int for value in values) and sorted(values) == list(range(len(values))):
        notes.append(f"{path.name}: took its {len(whole)} names in the order of the numbers that they stand for")
        yield from ({"id": name} for name in sorted(whole, key=lambda name: whole[name]))
        return
    if len(values) > 1 and all(isinstance(value, str) for value in values) and not set(whole) & KNOWN_NAMES:
        notes.append(f"{path.name}: took its {len(whole)} names for the rows' ids")
        yield from ({"id": name, "text": value} for name, value in whole.items())
        return
    yield whole


def _in_columns(lists: Mapping[str, list[Any]]) -> Iterator[Any]:
    for row in zip(*map(_in_order, lists.values()), strict=True):
        yield dict(zip(lists, row, strict=True))


def _in_order(values: list[Any]) -> list[Any]:
    """Return answers of a service in the order of what they answer, where their `index` counts them from 0 or 1.

    Any other numbers are no places in the list, and sorting by them would tear it from the lists beside it.
    """
    found = [value.get("index") if isinstance(value, Mapping) else None for value in values]
    places = [place for place in found if type(place) is int]
    if sorted(places) not in (list(range(len(values))), list(range(1, len(values) + 1))):
        return values
    return [values[at] for at in sorted(range(len(values)), key=places.__getitem__)]


def _aside(tables: list[str], chosen: Any) -> str:
    left = [name for name in tables if name not in chosen]
    return f", and left aside {listed(left)}" if left else ""


def _opened(whole: Object, levels: int = _MOST_LEVELS) -> dict[str, Any]:
    """Return what an object holds on all levels, by the names of each; objects by id stay whole."""
    flat: dict[str, Any] = {}
    for name, value in whole.items():
        if isinstance(value, Mapping) and levels and 0 < len(value) <= _MOST_NAMES and not _is_by_id(value):
            flat |= {f"{name}.{inner}": held for inner, held in _opened(value, levels - 1).items()}
        else:
            flat[name] = value
    return flat


def _has_table(value: Any) -> bool:
    """Say whether an object holds a list of vectors or of records, and so is a table and no row of one."""
    return isinstance(value, Mapping) and any(
        isinstance(part, list) and len(part) > 1 and _has_vectors(part) for part in value.values()
    )


def _holds_vectors(value: Object) -> bool:
    return all(map(_is_vector, value.values()))


def _has_vectors(value: Any) -> bool:
    """Say whether the first row of a list, or of an object by id, is a vector or holds one."""
    first = next(iter(value.values() if isinstance(value, Mapping) else value))
    record = {"": first} if isinstance(first, list) else as_record(first) or {}
    return any(map(_is_vector, record.values()))


def _has_texts(value: Any) -> bool:
    """Say whether the first row of a list, or of an object by id, has a column that is called as texts are."""
    first = as_record(next(iter(value.values() if isinstance(value, Mapping) else value))) or {}
    return any(isinstance(part, str) and name.rpartition(".")[2].lower() in TEXT_NAMES for name, part in first.items())


def _is_vector(value: Any) -> bool:
    return isinstance(value, list) and vector_of(value) is not None
