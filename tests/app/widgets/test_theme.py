"""Both themes reach every widget, follow the desktop, and icons recolour themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QObject, QRect, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QFont, QGuiApplication, QIcon, QImage, QPainter, QPalette
from PyQt6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

import app.widgets.icons as icons
from app.widgets.icons import ICONS, icon
from app.widgets.palette import theme
from app.widgets.stylesheet import stylesheet
from app.widgets.theme import ThemeController, application_theme, set_role, tabular, theme_of
from lattice.paths import resources_folder


@pytest.fixture
def controller(qapp: QApplication) -> Iterator[ThemeController]:
    font, sheet, palette = qapp.font(), qapp.styleSheet(), qapp.palette()
    controller = ThemeController(qapp, "dark")
    yield controller
    controller.close()
    hints = QGuiApplication.styleHints()
    assert hints is not None
    hints.unsetColorScheme()
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)
    qapp.setFont(font)


def ink(of: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal, state: QIcon.State = QIcon.State.Off) -> set[str]:
    image = of.pixmap(QSize(64, 64), mode, state).toImage()
    return {
        image.pixelColor(x, y).name().upper()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


def test_dark_and_light_reach_widgets(controller: ThemeController, qtbot: QtBot) -> None:
    button = QPushButton("Apply")
    qtbot.addWidget(button)
    for mode in ("dark", "light"):
        with qtbot.waitSignal(controller.changed):
            controller.set_mode("light" if mode == "dark" else "dark")
            controller.set_mode(mode)
        assert controller.theme is theme(mode == "dark")
        assert theme_of(button) is controller.theme
        assert application_theme() is controller.theme
        assert button.grab().toImage().pixelColor(8, 8).name().upper() == controller.theme.raised


def test_a_standing_window_is_dressed_in_turns_and_shows_no_state_between(
    controller: ThemeController, qapp: QApplication, qtbot: QtBot
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    between: list[tuple[str, bool]] = []

    def note() -> None:
        between.append((qapp.styleSheet(), window.updatesEnabled()))
        if not between[-1][1]:
            QTimer.singleShot(0, note)

    QTimer.singleShot(0, note)
    with qtbot.waitSignal(controller.changed) as changed:
        controller.set_mode("light")
    sheet = stylesheet(theme(False))
    assert between[:2] == [("", False), (sheet, False)], "other events come between, and nothing is painted meanwhile"
    assert changed.args == [theme(False)]
    assert qapp.styleSheet() == sheet
    assert window.updatesEnabled()


def test_themes_that_change_again_at_once_are_set_once(controller: ThemeController, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    told: list[object] = []
    controller.changed.connect(told.append)
    for mode in ("light", "dark", "light"):
        controller.set_mode(mode)
    qtbot.waitUntil(window.updatesEnabled)
    assert told == [theme(False)]


def test_a_change_under_way_leaves_no_window_frozen_at_the_end(controller: ThemeController, qtbot: QtBot) -> None:
    window, gone = QWidget(), QWidget()
    qtbot.addWidget(window)
    for one in (window, gone):
        one.show()
    closing = ThemeController(QApplication.instance(), "dark")
    closing.set_mode("light")
    assert not window.updatesEnabled()
    sip.delete(gone)
    closing.close()
    assert window.updatesEnabled()


class Desktop(QObject):
    """Stands in for Qt's style hints; the platform of these tests knows no colour schemes."""

    colorSchemeChanged = pyqtSignal(Qt.ColorScheme)

    def __init__(self) -> None:
        super().__init__()
        self.own = Qt.ColorScheme.Unknown
        self.forced: Qt.ColorScheme | None = None

    def colorScheme(self) -> Qt.ColorScheme:
        return self.own if self.forced is None else self.forced

    def setColorScheme(self, scheme: Qt.ColorScheme) -> None:
        self.forced = scheme
        self.colorSchemeChanged.emit(scheme)

    def unsetColorScheme(self) -> None:
        self.forced = None
        self.colorSchemeChanged.emit(self.own)

    def turn(self, scheme: Qt.ColorScheme) -> None:
        self.own = scheme
        self.colorSchemeChanged.emit(self.colorScheme())


def test_system_mode_follows_the_desktop(controller: ThemeController, qapp: QApplication) -> None:
    desktop = Desktop()
    follower = ThemeController(qapp, "system", hints=desktop)  # type: ignore[arg-type]
    assert follower.theme.dark, "a desktop that does not say gets the dark look"
    desktop.turn(Qt.ColorScheme.Light)
    assert not follower.theme.dark
    follower.set_mode("dark")
    assert desktop.colorScheme() == Qt.ColorScheme.Dark, "title bars follow, too"
    assert follower.theme.dark
    follower.set_mode("system")
    assert not follower.theme.dark
    follower.close()
    desktop.turn(Qt.ColorScheme.Dark)
    assert not follower.theme.dark


def test_the_same_theme_is_not_set_twice(controller: ThemeController, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(controller.changed):
        controller.set_mode("dark")


def test_disabled_text_is_paler(controller: ThemeController) -> None:
    palette = QApplication.palette()
    disabled = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
    assert disabled.name().upper() == controller.theme.disabled


@pytest.mark.parametrize("dark", [True, False])
def test_the_style_sheet_names_files_that_exist(dark: bool) -> None:
    sheet = stylesheet(theme(dark))
    assert "$" not in sheet
    used = {part.split(")")[0] for part in sheet.split("url(")[1:]}
    assert len(used) == 5
    for path in used:
        assert path.startswith(resources_folder().as_posix())
        assert not QImage(path).isNull(), path


def test_digits_have_one_width() -> None:
    font = tabular(QFont())
    assert font.featureValue(QFont.Tag(b"tnum")) == 1
    assert font.pointSizeF() >= 9


def test_roles_colour_labels(controller: ThemeController, qtbot: QtBot) -> None:
    label = QLabel("WWWW")
    qtbot.addWidget(label)
    label.ensurePolished()
    set_role(label, "warning")
    image = label.grab().toImage()
    found = {image.pixelColor(x, y).name().upper() for x in range(image.width()) for y in range(image.height())}
    assert controller.theme.warning in found


def test_every_icon_is_drawn(controller: ThemeController) -> None:
    assert icons.icons_available()
    pictures = {}
    for name in ICONS:
        picture = icon(name).pixmap(48, 48).toImage()
        assert controller.theme.text in ink(icon(name)), name
        pictures[name] = bytes(picture.constBits().asarray(picture.sizeInBytes()))  # type: ignore[union-attr]
    assert len(set(pictures.values())) == len(ICONS), "two names show the same picture"


def test_icons_recolour_with_the_theme_and_their_state(controller: ThemeController) -> None:
    start = icon("start")
    assert ink(start) == {theme(True).text}
    assert ink(start, QIcon.Mode.Disabled) == {theme(True).disabled}
    assert ink(start, state=QIcon.State.On) == {theme(True).accent}
    assert ink(icon("warning", "warning")) == {theme(True).warning}
    controller.set_mode("light")
    assert ink(start) == {theme(False).text}


def test_unknown_icons_name_the_known_ones() -> None:
    with pytest.raises(KeyError, match="no icon named 'strat': expected one of start, pause"):
        icon("strat")


def test_without_the_icon_font_a_ring_stands_in(
    controller: ThemeController, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import qtawesome.iconic_font

    def broken(*_fonts: object) -> None:
        raise OSError("font blocked")

    icons._font.cache_clear()
    icons._glyph.cache_clear()
    monkeypatch.setattr(qtawesome.iconic_font, "IconicFont", broken)
    try:
        assert controller.theme.text in ink(icon("start"))
        assert not icons.icons_available()
        assert caplog.text.count("the icon font is missing, plain rings stand in: font blocked") == 1
    finally:
        icons._font.cache_clear()
        icons._glyph.cache_clear()


def test_icons_survive_copies(controller: ThemeController) -> None:
    engine = icons.ThemedIconEngine("save", "accent")
    image = QImage(32, 32, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    engine.clone().paint(painter, QRect(0, 0, 32, 32), QIcon.Mode.Normal, QIcon.State.Off)
    painter.end()
    colors = {image.pixelColor(x, y).name().upper() for x in range(32) for y in range(32)}
    assert controller.theme.accent in colors
