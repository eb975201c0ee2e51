"""Labels of marks: in words where there is room, and a divergence in a word whatever is beside it."""

from __future__ import annotations

from app.curves.mark_labels import Label, place_labels

WIDE, WORD, NUMBER = 100.0, 60.0, 20.0


def test_words_stand_where_they_have_room_and_numbers_elsewhere() -> None:
    labels = place_labels([10, 150, 170, 290], [WIDE] * 4, [0.0] * 4, 300, NUMBER)
    assert labels == [Label("whole"), Label("number"), Label("whole"), Label("number", leftwards=True)]


def test_a_divergence_is_said_in_a_word_and_others_give_way() -> None:
    edit, diverged, more, last = place_labels([150, 155, 165, 280], [WIDE] * 4, [0.0, WORD, 0.0, 0.0], 300, NUMBER)
    assert edit == Label("whole", leftwards=True)
    assert diverged == Label("word")
    assert more == Label("none"), "the word covers it"
    assert last.form == "number"


def test_a_divergence_at_the_right_edge_is_said_left_of_its_line() -> None:
    labels = place_labels([200, 290], [WIDE, WIDE], [0.0, WORD], 300, NUMBER)
    assert labels == [Label("whole", leftwards=True), Label("word", leftwards=True)]


def test_marks_that_are_out_of_sight_have_no_label() -> None:
    assert place_labels([-5, 310], [WIDE, WIDE], [0.0, 0.0], 300, NUMBER) == [Label("none"), Label("none")]
