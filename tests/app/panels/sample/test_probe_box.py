"""The probe box: the sentence, the teachers on offer, and what it says."""

import pytest
from PyQt6.QtCore import Qt

from app.panels.sample.probe_box import NO_DATA, ProbeBox, ProbeState, TeacherChoice

CHOICES = (TeacherChoice("One", "one"), TeacherChoice("Two", "two", "not installed"), TeacherChoice("Folder...", ""))


@pytest.fixture
def box(qtbot):
    box = ProbeBox()
    qtbot.addWidget(box)
    box.resize(260, 80)
    box.show()
    return box


def test_without_data_it_says_what_it_is_for(box):
    assert box.said.text() == NO_DATA.words
    assert not box.field.isEnabled()
    assert not box.teacher_button.isEnabled()


def test_return_hands_the_sentence_on(qtbot, box):
    box.show_state(ProbeState("ready", ready=True))
    with qtbot.waitSignal(box.asked, timeout=1_000) as caught:
        qtbot.keyClicks(box.field, "  two   small cats ")
        qtbot.keyClick(box.field, Qt.Key.Key_Return)
    assert caught.args == ["two small cats"]
    box.field.setText("   ")
    with qtbot.assertNotEmitted(box.asked):
        qtbot.keyClick(box.field, Qt.Key.Key_Return)


def test_the_next_sentence_takes_the_place_of_the_last(qtbot, box):
    box.show_state(ProbeState("ready", ready=True))
    asked = []
    box.asked.connect(asked.append)
    for sentence in ("two cats", "a dog"):
        qtbot.keyClicks(box.field, sentence)
        qtbot.keyClick(box.field, Qt.Key.Key_Return)
    assert asked == ["two cats", "a dog"]


def test_while_busy_nothing_more_is_asked(qtbot, box):
    box.set_choices(CHOICES)
    box.show_state(ProbeState("Loading...", ready=True, busy=True))
    qtbot.keyClicks(box.field, "two cats")
    with qtbot.assertNotEmitted(box.asked):
        qtbot.keyClick(box.field, Qt.Key.Key_Return)
    assert box.field.text() == "two cats"
    assert not box.teacher_button.isEnabled()
    box.set_choices(CHOICES)
    assert not box.teacher_button.isEnabled(), "settings were applied meanwhile"
    box.show_state(ProbeState("ready", ready=True))
    assert box.teacher_button.isEnabled()
    with qtbot.waitSignal(box.asked, timeout=1_000):
        qtbot.keyClick(box.field, Qt.Key.Key_Enter)


def test_teachers_are_chosen_from_a_menu_that_says_why_one_is_not_to_be_had(qtbot, box):
    box.set_choices(CHOICES)
    one, two, folder = box.menu.actions()
    assert (one.isEnabled(), two.isEnabled(), two.toolTip()) == (True, False, "not installed")
    for entry, model in ((one, "one"), (folder, "")):
        with qtbot.waitSignal(box.teacher_wanted, timeout=1_000) as caught:
            entry.trigger()
        assert caught.args == [model]


@pytest.mark.parametrize("role", ["muted", "warning", "error"])
def test_what_it_says_has_a_colour(box, role):
    box.show_state(ProbeState("words", role))
    assert (box.said.text(), box.said.property("role")) == ("words", role)


def test_up_and_down_bring_back_earlier_sentences_and_the_one_being_typed(qtbot, box):
    box.show_state(ProbeState("ready", ready=True))
    for sentence in ("one", "two", "one"):
        box.field.clear()
        qtbot.keyClicks(box.field, sentence)
        qtbot.keyClick(box.field, Qt.Key.Key_Return)
    box.field.put_aside("two")
    assert box.field.text() == "one", "only what it holds is put aside"
    box.field.put_aside("one")
    qtbot.keyClicks(box.field, "new")
    seen = []
    keys = [Qt.Key.Key_Up] * 3 + [Qt.Key.Key_Down] * 3
    for key in keys:
        qtbot.keyClick(box.field, key)
        seen.append(box.field.text())
    assert seen == ["one", "two", "two", "one", "new", "new"]
