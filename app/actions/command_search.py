"""The search over all commands: type a few letters, see the key, and why a command can't be used now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PyQt6 import sip
from PyQt6.QtCore import QEvent, QObject, QSize, Qt
from PyQt6.QtGui import QAction, QIcon, QKeyEvent, QKeySequence, QPixmap
from PyQt6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.actions.availability import why_disabled
from app.actions.fuzzy import fit
from app.widgets.labels import shown
from app.widgets.theme import set_role

SIZE = (640, 460)
ICON_SIDE = 16
"""Logical pixels of an icon in the list."""
_TIP_SHARE = 0.3
"""Worth of what is found in a command's tooltip, as a share of what is found in its name."""
_WHOLE_NAME = 100.0
"""Worth of a command's whole name, above all that its parts are worth elsewhere."""
_PASSED_ON = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, eq=False)
class FoundCommand:
    """One command of the menus."""

    action: QAction
    place: str
    """Menu, and submenus after `>`."""

    @property
    def name(self) -> str:
        """Words of the menu entry."""
        return shown(self.action.text())

    @property
    def key(self) -> str:
        """The key, as the platform writes it; empty if there is none."""
        return self.action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)

    def fit(self, query: str) -> float | None:
        """Return how well it fits what was typed; None if it does not."""
        by_name = fit(query, f"{self.place}: {self.name}")
        if by_name is not None and query.strip().lower() == self.name.rstrip(".").lower():
            by_name += _WHOLE_NAME
        by_tip = fit(query, self.action.toolTip()) if by_name is None else None
        return by_name if by_tip is None else _TIP_SHARE * by_tip


def commands_of(bar: QMenuBar) -> list[FoundCommand]:
    """Return every command of a menu bar, in the order of the menus; menus that fill when they open are filled."""
    return [found for entry in bar.actions() if (menu := entry.menu()) is not None for found in _below(menu, "")]


def _below(menu: QMenu, place: str) -> Iterator[FoundCommand]:
    menu.aboutToShow.emit()
    title = shown(menu.title())
    place = f"{place} > {title}" if place else title
    for action in menu.actions():
        inner = action.menu()
        if inner is not None:
            yield from _below(inner, place)
        elif not action.isSeparator() and (action.isEnabled() or action.objectName()):
            yield FoundCommand(action, place)  # a greyed entry without a name is a remark in a list


def _empty_icon() -> QIcon:
    pixmap = QPixmap(ICON_SIDE, ICON_SIDE)
    pixmap.fill(Qt.GlobalColor.transparent)
    return QIcon(pixmap)


class CommandSearch(QDialog):
    """A line to type into above a list of commands, the best fit first."""

    def __init__(self, commands: Callable[[], Sequence[FoundCommand]], parent: QWidget | None = None) -> None:
        """Show all commands; `commands` gives them, again at every search: menus that are filled again have others."""
        super().__init__(parent)
        self.setWindowTitle("Commands")
        self.setModal(False)
        self._commands = commands
        self._shown: list[FoundCommand] = []
        self._no_icon = _empty_icon()
        self.field = QLineEdit()
        self.field.setPlaceholderText("Type a few letters of what you want to do")
        self.field.setClearButtonEnabled(True)
        self.field.setAccessibleName("Search the commands")
        self.field.setToolTip("Letters of a command's name, menu or explanation, in any order of words")
        self.list = QTreeWidget()
        self.list.setColumnCount(3)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.list.header()
        assert header is not None
        header.setStretchLastSection(False)
        for column, mode in enumerate(("Stretch", "ResizeToContents", "ResizeToContents")):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode[mode])
        self.remark = QLabel()
        self.remark.setWordWrap(True)
        self.remark.setMinimumHeight(2 * self.remark.fontMetrics().lineSpacing())
        self.remark.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 14, 14, 12)
        for part in (self.field, self.list, self.remark):
            layout.addWidget(part)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._search)
        self.list.currentItemChanged.connect(lambda _now, _before: self._explain())
        self.list.itemClicked.connect(lambda _item: self.run())
        self.resize(*SIZE)
        self.list.ensurePolished()  # or rows are as high as the style sheet makes them from the second search on only
        self._search("")

    @property
    def current(self) -> FoundCommand | None:
        """The marked command; None also where its menu was filled again and has it no more."""
        row = self.list.indexOfTopLevelItem(self.list.currentItem())
        if row < 0:
            return None
        found = self._shown[row]
        return self._found_again(row) if sip.isdeleted(found.action) else found

    def run(self) -> None:
        """Do the marked command; one that can't be used now stays marked, with the reason."""
        found = self.current
        if found is not None and found.action.isEnabled():
            self.accept()
            found.action.trigger()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Let the arrows of the line walk through the list, and Return do what is marked."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.run()
                return True
            if key in _PASSED_ON:
                self.list.keyPressEvent(event)
                return True
        return super().eventFilter(watched, event)

    def _found_again(self, row: int) -> FoundCommand | None:
        """Return the command that stands now where that of a row stood, under the same words."""
        item = self.list.topLevelItem(row)
        assert item is not None
        words = (item.text(0), item.text(1))
        return next((found for found in self._commands() if (found.name, found.place) == words), None)

    def _search(self, query: str) -> None:
        worths = [(found.fit(query), found) for found in self._commands()]
        fitting = [(worth, found) for worth, found in worths if worth is not None]
        self._shown = [found for _worth, found in sorted(fitting, key=lambda pair: -pair[0])]
        self.list.clear()
        for found in self._shown:
            self.list.addTopLevelItem(self._row(found))
        if self._shown:
            self.list.setCurrentItem(self.list.topLevelItem(0))
        self._explain()

    def _row(self, found: FoundCommand) -> QTreeWidgetItem:
        row = QTreeWidgetItem([found.name, found.place, found.key])
        # One without an icon gets an empty one, so that names are below each other and rows equally high.
        own = found.action.icon()
        row.setIcon(0, self._no_icon if own.isNull() else own)
        ground = self.palette().color(self.palette().ColorRole.PlaceholderText)
        for column in range(3):
            if column or not found.action.isEnabled():
                row.setForeground(column, ground)
        row.setToolTip(0, found.action.toolTip())
        return row

    def _explain(self) -> None:
        found = self.current
        if found is None:
            self.remark.setText("No command fits. Fewer letters find more.")
        elif found.action.isEnabled():
            self.remark.setText(found.action.toolTip())
        else:
            self.remark.setText(f"Can't be used now: {why_disabled(found.action)}")
        set_role(self.remark, "muted" if found is not None and found.action.isEnabled() else "warning")
