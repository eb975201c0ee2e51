"""What the Help menu shows: the sheet of shortcuts, and about."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

from PyQt6.QtCore import QMargins, QSize, Qt
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from lattice import __version__

KeyGroup = tuple[str, Sequence[tuple[str, str]]]
"""A heading, and (key, what it does) under it."""


MARGIN = QMargins(8, 20, 8, 20)
"""Logical pixels of the screen that the sheet leaves to a frame."""
FRAME = QSize(70, 100)
"""Logical pixels that the sheet itself takes around the keys."""
MOST_COLUMNS = 3


class ShortcutSheet(QDialog):
    """Every key and what it does, in columns by menu."""

    def __init__(self, groups: Sequence[KeyGroup], parent: QWidget | None = None) -> None:
        """Show `groups` of (heading, [(key, what it does)])."""
        super().__init__(parent)
        self.setWindowTitle("Keys and mouse")
        self.setModal(False)
        screen = self.screen()
        room = QSize(1100, 760) if screen is None else screen.availableSize().shrunkBy(MARGIN)
        content = _columns(groups, MOST_COLUMNS)
        for fewer in range(MOST_COLUMNS - 1, 0, -1):
            if content.sizeHint().width() + FRAME.width() <= room.width():
                break
            content = _columns(groups, fewer)
        scroll = QScrollArea()
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.addWidget(scroll)
        layout.addWidget(buttons)
        self.resize((content.sizeHint() + FRAME).boundedTo(room))


class AboutDialog(QDialog):
    """What this program is, its version and its licence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show the text."""
        super().__init__(parent)
        self.setWindowTitle("About Cellcube")
        self.setModal(False)
        text = QLabel(
            f"<h2>Cellcube {__version__}</h2>"
            "<p>Watch, steer and take apart a 3D cellular neural network while it learns.</p>"
            "<p>A language model turns sentences into embeddings. An embedding is painted on a cube of cells; "
            "the cells talk with their neighbours for a few lattice steps, and an embedding is read back. "
            "The cube learns to give back what the language model said.</p>"
            "<p>Free software under the GNU General Public License, version 3 or later.<br>"
            "Bundled sentences: WordNet 3.0, Princeton University.</p>"
        )
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 12, 24, 16)
        layout.addWidget(text)
        layout.addWidget(buttons)
        self.setFixedWidth(460)


def _columns(groups: Sequence[KeyGroup], count: int) -> QWidget:
    """Lay out all keys in so many columns."""
    content = QWidget()
    columns = QHBoxLayout(content)
    columns.setSpacing(20)
    columns.setContentsMargins(4, 4, 4, 4)
    for column in _balanced(groups, count):
        box = QVBoxLayout()
        box.setSpacing(14)
        width = max(content.fontMetrics().horizontalAdvance(key) for _, keys in column for key, _ in keys)
        for heading, keys in column:
            box.addLayout(_key_group(heading, keys, width))
        box.addStretch()
        columns.addLayout(box)
    return content


def _balanced(groups: Sequence[KeyGroup], columns: int) -> list[list[KeyGroup]]:
    """Deal groups to columns in their order, so that the tallest column is as low as it can be."""
    sizes = [len(keys) + 2 for _, keys in groups]

    def parts(cuts: tuple[int, ...]) -> list[slice]:
        return [slice(begin, end) for begin, end in pairwise((0, *cuts, len(groups)))]

    every_way = combinations(range(1, len(groups)), min(columns, len(groups)) - 1)
    best = min(every_way, key=lambda cuts: max(sum(sizes[part]) for part in parts(cuts)))
    return [list(groups[part]) for part in parts(best)]


def _key_group(heading: str, keys: Sequence[tuple[str, str]], width: int) -> QGridLayout:
    """Lay out one group; `width` is that of the widest key in its column, so that groups line up."""
    grid = QGridLayout()
    grid.setColumnMinimumWidth(0, width)
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(5)
    title = QLabel(heading)
    title.setProperty("role", "heading")
    grid.addWidget(title, 0, 0, 1, 2)
    for row, (key, what) in enumerate(keys, start=1):
        cap = QLabel(key)
        cap.setProperty("role", "accent")
        cap.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(cap, row, 0)
        grid.addWidget(QLabel(what), row, 1)
    grid.setColumnStretch(1, 1)
    return grid
