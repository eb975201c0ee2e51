"""Shows the guide and the pages beside it: they come with the program, so that no browser or network is needed."""

from __future__ import annotations

from PyQt6.QtCore import QSize, QUrl
from PyQt6.QtGui import QDesktopServices, QImageReader, QResizeEvent, QTextCursor, QTextFragment
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from app.widgets.theme import set_role
from lattice.paths import pages_folder

PAGE = "guide.md"
SIZE = (820, 760)
FRAME = (16, 60)
"""Logical pixels that the desktop's frame and title bar may take of the screen."""


class PageBrowser(QTextBrowser):
    """Shows pages whose pictures are never wider than it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create an empty page."""
        super().__init__(parent)
        self.sourceChanged.connect(self._fit_pictures)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the pictures again."""
        super().resizeEvent(event)
        self._fit_pictures()

    def _fit_pictures(self, _source: QUrl | None = None) -> None:
        document, view = self.document(), self.viewport()
        assert document is not None
        assert view is not None
        room = view.width() - 2 * document.documentMargin()
        block = document.begin()
        while block.isValid():
            parts = block.begin()
            while not parts.atEnd():
                if parts.fragment().charFormat().isImageFormat():
                    self._fit_picture(QTextCursor(block), parts.fragment(), room)
                parts += 1
            block = block.next()

    def _fit_picture(self, cursor: QTextCursor, part: QTextFragment, room: float) -> None:
        picture, table = part.charFormat().toImageFormat(), cursor.currentTable()
        if table is not None:  # each column has its margins, and a frame
            room = room / table.columns() - 2 * (table.format().cellPadding() + table.format().cellSpacing() + 1)
        file = self.source().resolved(QUrl(picture.name())).toLocalFile()
        width = max(min(QImageReader(file).size().width(), int(room)), 1)
        if picture.width() != width:
            picture.setWidth(width)
            cursor.setPosition(part.position())
            cursor.setPosition(part.position() + part.length(), QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(picture)


class GuideDialog(QDialog):
    """A reader of Markdown with a way back. Never modal: one tries things while reading."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Open the guide."""
        super().__init__(parent)
        self.setWindowTitle("Guide")
        self.setModal(False)
        self.browser = PageBrowser()
        self.browser.setOpenLinks(False)
        self.browser.anchorClicked.connect(self.follow)
        self.remark = QLabel()
        self.remark.setWordWrap(True)
        set_role(self.remark, "warning")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.back = QPushButton("Back")
        self.back.setToolTip("To the page before")
        self.back.setEnabled(False)
        self.back.clicked.connect(self.browser.backward)
        self.browser.backwardAvailable.connect(self.back.setEnabled)
        buttons.addButton(self.back, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 12)
        layout.addWidget(self.browser, 1)
        layout.addWidget(self.remark)
        layout.addWidget(buttons)
        screen = self.screen()
        room = QSize(*SIZE) if screen is None else screen.availableSize() - QSize(*FRAME)
        self.resize(QSize(*SIZE).boundedTo(room))
        self.remark.hide()
        self.follow(QUrl.fromLocalFile(str(pages_folder() / PAGE)))

    def follow(self, link: QUrl) -> None:
        """Show a page of the program's, or hand an address on the web to the browser; what is neither is said."""
        target = self.browser.source().resolved(link)
        path = target.toLocalFile()
        known = bool(path) and path.endswith(".md") and (pages_folder() / target.fileName()).is_file()
        self.remark.hide()
        if target.scheme() in ("http", "https"):
            QDesktopServices.openUrl(target)
        elif known:
            self.browser.setSource(target)
        else:
            self.remark.setText(f"{link.toString()} does not come with the program: it is in the project's repository.")
            self.remark.show()
