"""Typed numbers: nothing is changed without saying so, whatever the box."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QFormLayout, QLineEdit, QWidget

from app.widgets.bubble import InputBubble
from app.widgets.inputs import FloatSpin, IntSpin


@pytest.fixture
def page(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    form = QFormLayout(page)
    page.whole, page.real, page.other = IntSpin(1, 99, "cells"), FloatSpin(1e-4, 0.1), QLineEdit()
    page.whole.setValue(8)
    page.real.setValue(0.01)
    for box in (page.whole, page.real, page.other):
        form.addRow("", box)
    page.resize(320, 240)
    with qtbot.waitActive(page, timeout=10_000):  # the focus, which Tab takes away, is that of the active window
        page.show()
        page.activateWindow()
    return page


def type_in(box, text, key=Qt.Key.Key_Return):
    box.setFocus()
    box.lineEdit().selectAll()
    QTest.keyClicks(box, text)
    QTest.keyClick(box, key)


def said(page):
    bubble = page.findChild(InputBubble)
    return bubble.text() if bubble is not None and bubble.isVisible() else ""


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Tab])
@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("whole", "9999", "9999 is out of bounds, 1 to 99 cells: 8 cells stays."),
        ("whole", "0", "0 is out of bounds, 1 to 99 cells: 8 cells stays."),
        ("whole", "12.5", "12.5 is not a whole number: 8 cells stays."),
        ("whole", "1e", "'1e' is not a number: 8 cells stays."),
        ("whole", "-3", "-3 is out of bounds, 1 to 99 cells: 8 cells stays."),
        ("whole", "99999999999999", "99999999999999 is out of bounds, 1 to 99 cells: 8 cells stays."),
        ("real", "99", "99 is out of bounds, 0.0001 to 0.1: 0.01 stays."),
        ("real", "0", "0 is out of bounds, 0.0001 to 0.1: 0.01 stays."),
        ("real", "1e-", "'1e-' is not a number: 0.01 stays."),
    ],
)
def test_what_can_not_be_taken_changes_nothing_and_is_said(page, name, typed, words, key):
    box = getattr(page, name)
    before = box.value(), box.text()
    type_in(box, typed, key)
    assert (box.value(), box.text()) == before
    assert said(page) == words
    assert box.property("marked") is True
    page.findChild(InputBubble).dismiss()


@pytest.mark.parametrize(
    ("name", "typed", "value"), [("whole", "27", 27), ("real", "0,05", 0.05), ("real", "1e-3", 1e-3)]
)
def test_a_good_number_is_taken_without_a_word(page, name, typed, value):
    box = getattr(page, name)
    type_in(box, typed)
    assert box.value() == value
    assert said(page) == ""


def test_letters_are_refused_as_they_are_typed(page):
    type_in(page.whole, "2x7")
    assert page.whole.value() == 27


def test_the_sentence_goes_when_the_number_is_edited_again(page):
    type_in(page.whole, "9999")
    assert said(page)
    type_in(page.whole, "5")
    assert said(page) == ""
    assert page.whole.property("marked") is False
    assert page.whole.value() == 5


def test_the_sentence_lies_on_the_page_and_one_takes_the_place_of_another(page):
    type_in(page.whole, "9999")
    type_in(page.real, "99")
    bubbles = page.findChildren(InputBubble)
    assert len(bubbles) == 1
    assert page.rect().contains(bubbles[0].geometry())
    assert page.whole.property("marked") is False
    bubbles[0].dismiss()


def test_the_sentence_goes_with_its_input(page):
    type_in(page.whole, "9999")
    page.whole.hide()
    assert said(page) == ""
