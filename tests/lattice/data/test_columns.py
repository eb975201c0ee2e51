"""Guessing columns."""

from __future__ import annotations

import pytest

from lattice.data.columns import choose_columns
from lattice.data.requested_columns import Columns
from lattice.data.text_columns import answers_of
from lattice.errors import DataError

NUMBERED = [{"id": "1", "label": "a", "remark": "long words here"}, {"id": "2", "label": "b", "remark": "more words"}]


def test_a_known_name_wins_over_longer_texts() -> None:
    choice = choose_columns("t", Columns(), [{"html": "x" * 100, "Text": "short"}])
    assert choice.text == "Text"
    assert choice.guess == "t: texts from column 'Text', guessed by its name"


def test_without_a_known_name_the_longest_texts_win_and_numbers_never_do() -> None:
    choice = choose_columns("t", Columns(), [{**row, "id": "1" * 50} for row in NUMBERED])
    assert choice.text == "remark"
    assert "guessed as the one with the longest" in choice.guess


def test_a_known_name_without_texts_is_passed_over() -> None:
    assert choose_columns("t", Columns(), [{"text": 7, "remark": "words"}]).text == "remark"


def test_nothing_is_guessed_where_there_is_one_column_or_one_was_asked_for() -> None:
    assert choose_columns("t", Columns(), [{"remark": "words"}]).guess == ""
    assert choose_columns("t", Columns(text="label"), NUMBERED).guess == ""
    asked = choose_columns("t", Columns(pair=("remark", "label")), NUMBERED)
    assert (asked.text, asked.partner, asked.guess) == ("remark", "label", "")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [(None, ("label", "remark")), ("remark", ("remark", "label"))],
)
def test_two_columns_of_texts_are_a_pair(wanted: str | None, expected: tuple[str, str]) -> None:
    choice = choose_columns("t", Columns(text=wanted, want_pairs=True), NUMBERED)
    assert (choice.text, choice.partner) == expected


def test_a_known_pair_wins_over_other_texts() -> None:
    sample = [{"notes": "n", "Premise": "p", "hypothesis": "h"}]
    choice = choose_columns("t", Columns(want_pairs=True), sample)
    assert (choice.text, choice.partner) == ("Premise", "hypothesis")


def test_the_texts_beside_pairs_of_vectors_are_said() -> None:
    vectors = {"query_embedding": [0.5] * 12, "passage_embedding": [0.25] * 12}
    choice = choose_columns("t", Columns(want_pairs=True), [{"query": "a b", "passage": "c d", **vectors}] * 2)
    assert (choice.text, choice.partner) == ("query", "passage")
    assert ", texts from columns 'query' and 'passage', guessed" in choice.guess


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("['foo' 'bar']", ["foo", "bar"]),
        ("[\"it's\"\n 'so']", ["it's", "so"]),
        ("['foo', 'bar']", ["foo", "bar"]),
        ("['foo' ... 'bar']", []),
    ],
)
def test_lists_of_texts_are_read_as_they_are_shown(shown: str, expected: list[str]) -> None:
    assert answers_of(shown) == expected


def test_what_can_not_be_guessed_is_an_error_with_the_columns() -> None:
    with pytest.raises(DataError, match="t has no column 'body'; it has 'id', 'label', 'remark'"):
        choose_columns("t", Columns(pair=("label", "body")), NUMBERED)
    with pytest.raises(DataError, match="can't tell which two columns are the pairs"):
        choose_columns("t", Columns(want_pairs=True), [{"a": "x", "b": "y", "c": "z"}])
    with pytest.raises(DataError, match=r"none of its columns holds texts or vectors \('c0'.*and 3 more\)"):
        choose_columns("t", Columns(), [{f"c{i}": i for i in range(15)}])


MEASURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")


def measurements(classes: list[str], **more: list[object]) -> list[dict[str, object]]:
    rows = [dict.fromkeys(MEASURES, place + 0.5) | {"variety": name} for place, name in enumerate(classes)]
    return [row | {key: values[place] for key, values in more.items()} for place, row in enumerate(rows)]


@pytest.mark.parametrize(
    "classes", [["Setosa", "Virginica"] * 5, ["Setosa"] * 10, ["g1", "g2"] * 5], ids=["mixed", "sorted", "marks"]
)
def test_the_class_of_measurements_is_their_category_by_any_name(classes: list[str]) -> None:
    choice = choose_columns("t", Columns(), measurements(classes))
    assert choice.vectors is not None
    assert choice.vectors.names == MEASURES
    assert (choice.text, choice.label) == (None, "variety")


def test_of_several_classes_the_one_that_differs_is_taken_and_the_split_never_before_it() -> None:
    more: dict[str, list[object]] = {"split": ["train", "test"] * 5, "version": ["one"] * 10, "kind": ["a", "b"] * 5}
    sample = [{key: row[key] for key in (*MEASURES, *more)} for row in measurements(["x"] * 10, **more)]
    choice = choose_columns("t", Columns(), sample)
    assert (choice.text, choice.label) == (None, "kind")


@pytest.mark.parametrize("wanted", [Columns(label="quality"), Columns(text="quality")], ids=["category", "text"])
def test_a_column_that_is_requested_as_something_else_is_no_dimension(wanted: Columns) -> None:
    sample = measurements(["a", "b"] * 5, quality=[5, 6] * 5)
    choice = choose_columns("t", wanted, sample)
    assert choice.vectors is not None
    assert choice.vectors.names == MEASURES
    numbered = [{f"x{place}": 0.5 for place in range(9)}] * 4
    choice = choose_columns("t", Columns(label="x8"), numbered)
    assert choice.vectors is not None
    assert (choice.vectors.width, choice.label) == (8, "x8")


def test_a_requested_text_beside_few_numbers_is_encoded() -> None:
    sample = measurements([f"a text of its own, number {place}" for place in range(10)])
    assert choose_columns("t", Columns(text="variety"), sample).vectors is None


def test_the_first_measurement_stands_for_all_also_where_a_further_file_begins_with_whole_numbers() -> None:
    sample = [dict.fromkeys(MEASURES, place) for place in range(10)]
    choice = choose_columns("t", Columns(vector="sepal_length"), sample)
    assert choice.vectors is not None
    assert choice.vectors.names == MEASURES


def test_marks_of_missing_values_hide_no_vectors_that_can_not_be_read() -> None:
    sample = [{"text": "words", "embedding": value} for value in ("NULL", "\\N", "", [[0.5, 1.0], [1.0, 2.0]])]
    with pytest.raises(DataError, match="column 'embedding' holds 2 vectors of 2 numbers in a row"):
        choose_columns("t", Columns(), sample)


@pytest.mark.parametrize("name", ["text", "Review", "question", "prompt"])
def test_the_same_words_under_a_name_for_texts_are_no_category(name: str) -> None:
    numbers = [dict.fromkeys("abcd", row + 0.5) for row in range(3)]
    choice = choose_columns("t", Columns(), [{name: "the same words", **row} for row in numbers])
    assert (choice.text, choice.vectors, choice.label) == (name, None, None)
    assert choose_columns("t", Columns(), [{"kind": "the same words", **row} for row in numbers]).label == "kind"


def test_a_requested_column_of_vectors_that_is_empty_stands_for_no_measurements() -> None:
    sample = [{"v": None, **dict.fromkeys("abcd", row + 0.5)} for row in range(3)]
    with pytest.raises(DataError, match="t: column 'v' is empty in the first rows; expected a vector in each row"):
        choose_columns("t", Columns(vector="v"), sample)
