"""What no person says is taken for sentences only where there is nothing else."""

from __future__ import annotations

import json

import pytest

from lattice.data.columns import choose_columns
from lattice.data.no_language import is_no_language
from lattice.data.requested_columns import Columns
from tests.lattice.data.layouts import TEXTS

ODD = {
    "coordinates": "POLYGON ((0 {0}, 1 1, 2 3, 4 {0}, 0 {0}, 8 8, 9 9, 10 10, 11 11, 12 12))",
    "JSON": '{{"source": "file.pdf", "page": {0}, "author": "somebody or other", "kind": "a long report"}}',
    "markup": '<div class="body"><p>the text that is shown on page {0} of the web site</p></div>',
    "path": "C:\\Users\\John Doe\\Documents\\recordings of this year\\take {0} of the second part.wav",
    "program": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.{0} (KHTML, like Gecko) Chrome/120.0",
    "licence": "CC-BY 2.0 (France) Attribution: tatoeba.org #{0}877272 (CM) & #8597805 (Roujin) and others",
    "tagged": "The/DT hollow/JJ planet/NN breaks/VBZ the/DT {0}th/JJ lazy/JJ teacher/NN again/RB today/NN ./.",
    "address": "{0}2 Main Street, Springfield, IL 62704, United States of America, North America, Earth",
    "template": "Summarize the following text in one sentence, for a reader of number {0}, politely and briefly",
    "constant": "This work may be copied, changed and given on by everybody who keeps this very notice",
}


@pytest.mark.parametrize("kind", ODD)
def test_sentences_come_before_longer_texts_of_another_kind(kind: str) -> None:
    rows = [{"extra": ODD[kind].format(row), "utterance": text} for row, text in enumerate(TEXTS)]
    choice = choose_columns("a.csv", Columns(), rows)
    assert (choice.text, choice.aside) == ("utterance", ("extra",))


@pytest.mark.parametrize("kind", ["markup", "path", "tagged", "template"])
def test_they_are_taken_where_there_is_nothing_else(kind: str) -> None:
    rows = [{"extra": ODD[kind].format(row), "number": row} for row in range(8)]
    assert choose_columns("a.csv", Columns(), rows).text == "extra"


def test_vocabulary_pairs_leave_the_licence_aside() -> None:
    rows = [
        {"column 1": f"Go {row}.", "column 2": f"Geh {row}.", "column 3": ODD["licence"].format(row)}
        for row in range(12)
    ]
    choice = choose_columns("deu.txt", Columns(want_pairs=True), rows, header=False)
    assert (choice.text, choice.partner) == ("column 1", "column 2")
    assert choose_columns("deu.txt", Columns(), rows, header=False).text != "column 3"


@pytest.mark.parametrize(
    "text",
    [
        "I like cats/dogs and AC/DC.",
        "Point taken (twice).",
        "[laughs] That is it",
        "Copy that, please",
        "</b",
        "10/12/2020",
    ],
)
def test_sentences_with_marks_are_language(text: str) -> None:
    assert not is_no_language(text)


def test_a_shown_list_is_none() -> None:
    assert is_no_language(json.dumps({"a": 1}))
    assert is_no_language("{'a': None}")
