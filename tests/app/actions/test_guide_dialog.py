"""The guide: shown from the program's own files, with a way back, and honest about what is not there."""

import pytest
from PyQt6.QtCore import QUrl
from PyQt6.QtGui import QDesktopServices

from app.actions.guide_dialog import GuideDialog


@pytest.fixture
def guide(qtbot):
    dialog = GuideDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_it_opens_at_the_guide_and_follows_links_and_back(guide):
    assert "A first hour with the cube" in guide.browser.toPlainText()
    assert not guide.back.isEnabled()
    guide.browser.anchorClicked.emit(QUrl("science.md"))
    assert "Does a signal cross the cube?" in guide.browser.toPlainText()
    guide.back.click()
    assert "A first hour with the cube" in guide.browser.toPlainText()


def test_what_does_not_come_along_is_said(guide):
    guide.browser.anchorClicked.emit(QUrl("../README.md"))
    assert guide.remark.text() == "../README.md does not come with the program: it is in the project's repository."
    assert guide.remark.isVisible()
    guide.browser.anchorClicked.emit(QUrl("data.md"))
    assert not guide.remark.isVisible()


def test_addresses_go_to_the_browser(guide, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    guide.browser.anchorClicked.emit(QUrl("https://example.org/page"))
    assert opened == [QUrl("https://example.org/page")]
    assert "A first hour with the cube" in guide.browser.toPlainText()


def test_pictures_are_as_wide_as_the_window_at_most(guide, qtbot):
    for width in (500, 820):
        guide.resize(width, 400)
        qtbot.waitUntil(lambda: not guide.browser.horizontalScrollBar().isVisible(), timeout=2_000)
    assert guide.browser.document().idealWidth() > 500, "they grow again with it"
