"""File > Export > Push to the hub: what goes there, who may see it, and the request for it."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QDialog, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from app.actions.file_dialogs import proposed_stem
from app.run.controller import RunController
from app.run.file_commands import PushStudent
from app.widgets.transient import transient

WHAT = (
    "Uploads weights and settings ({name}.safetensors) and a model card that names the data, the teacher, every "
    "setting and the scores. The samples themselves stay here. The token is the one of hf auth login."
)
PRIVATE = "Private: only the owner of the repository sees it."
PUBLIC = "Public: anyone can see and download all of this."


class PushDialog(QDialog):
    """Asks for the repository, and whether anyone may see it."""

    wanted = pyqtSignal(str, bool)
    """Repository, and whether it is public."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Prepare the dialog; `name` is proposed for the repository and names the file."""
        super().__init__(parent)
        self.setWindowTitle("Push to the Hugging Face hub")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(520)
        self.repo = QLineEdit(name)
        self.repo.setPlaceholderText("owner/name")
        self.repo.setToolTip("Repository on the hub, owner/name; a name alone means the owner of the token")
        self.public = QCheckBox("Anyone can see it")
        self.public.setToolTip("Makes the repository public; without this only its owner sees it")
        self.note = QLabel(PRIVATE)
        what = QLabel(WHAT.format(name=name))
        for label in (what, self.note):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.push = QPushButton("Push")
        self.push.setProperty("primary", True)
        self.push.setDefault(True)
        self.push.setToolTip("Write the export and upload it, in the background")
        cancel = QPushButton("Cancel")
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.push)
        form = QFormLayout(self)
        form.setContentsMargins(22, 20, 22, 16)
        form.setSpacing(12)
        form.addRow(what)
        form.addRow("Repository", self.repo)
        form.addRow("", self.public)
        form.addRow("", self.note)
        form.addRow(buttons)
        self.public.toggled.connect(lambda on: self.note.setText(PUBLIC if on else PRIVATE))
        self.repo.textChanged.connect(lambda text: self.push.setEnabled(bool(text.strip())))
        self.push.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self.accepted.connect(lambda: self.wanted.emit(self.repo.text().strip(), self.public.isChecked()))


class PushActions(QObject):
    """Pushes the run's student to the hub."""

    def __init__(self, controller: RunController, notify: Callable[[str], None], parent: QWidget) -> None:
        """Serve a run; `notify` shows a sentence, and the dialog belongs to `parent`."""
        super().__init__(parent)
        self._controller, self._notify, self._parent = controller, notify, parent

    def ask(self) -> None:
        """Ask for the repository, then push."""
        name = proposed_stem(self._controller.summary)
        dialog = transient(PushDialog(name, self._parent))
        dialog.wanted.connect(lambda repo, public: self._push(name, repo, public))
        dialog.open()

    def _push(self, name: str, repo: str, public: bool) -> None:
        self._controller.request(PushStudent(name, repo, public), lambda pushed: self._notify(pushed.summary()))
