"""What the window remembers between starts, in one file in the platform's configuration folder."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PyQt6.QtCore import QByteArray, QSettings, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QWidget

from app.curves.choices import CurveChoices
from app.options import ThemeName
from app.widgets.inputs import IntSpin
from app.widgets.theme import THEME_MODES
from lattice.atomic import make_folder
from lattice.paths import config_folder

RECENT_FILES = 8
AUTOSAVE_MINUTES = 5
LONGEST_AUTOSAVE_MINUTES = 120
AUTOSTART_TIP = (
    "Train at once when the window opens, and when settings, weights or a preset are opened later, unless the present\n"
    "run is paused; a checkpoint that is opened later waits for Start"
)
"""Of the choice between runs that train as they are opened and runs that wait."""


class Preferences:
    """Typed access to the stored choices; every setter writes at once."""

    def __init__(self, path: Path | None = None) -> None:
        """Read `path`, or the platform's own file; neither has to exist."""
        if path is None:
            with suppress(OSError):  # choices are not remembered then, and all else goes on
                make_folder(config_folder())
        self._settings = QSettings(str(path or config_folder() / "window.ini"), QSettings.Format.IniFormat)

    @property
    def autostart(self) -> bool:
        """Whether the window trains at once when it is opened."""
        return bool(self._settings.value("run/autostart", True, type=bool))

    @autostart.setter
    def autostart(self, on: bool) -> None:
        self._settings.setValue("run/autostart", on)

    @property
    def autosave_minutes(self) -> int:
        """Minutes between two autosaves; 0 switches them off."""
        try:
            minutes = int(self._settings.value("run/autosave_minutes", AUTOSAVE_MINUTES))
        except (TypeError, ValueError):
            return AUTOSAVE_MINUTES
        return min(max(minutes, 0), LONGEST_AUTOSAVE_MINUTES)

    @autosave_minutes.setter
    def autosave_minutes(self, minutes: int) -> None:
        self._settings.setValue("run/autosave_minutes", minutes)

    @property
    def captions(self) -> bool:
        """Whether saved pictures and movies have a legend and say which run and step they show."""
        return bool(self._settings.value("look/captions", True, type=bool))

    @captions.setter
    def captions(self, on: bool) -> None:
        self._settings.setValue("look/captions", on)

    @property
    def color_maps(self) -> tuple[str, ...]:
        """Names of the colour maps that were chosen in place of each mode's own."""
        stored = self._settings.value("look/color_maps", [])
        return (stored,) if isinstance(stored, str) else tuple(map(str, stored or []))

    @color_maps.setter
    def color_maps(self, names: tuple[str, ...]) -> None:
        self._settings.setValue("look/color_maps", list(names))

    @property
    def theme(self) -> ThemeName:
        """Dark, light, or as the desktop says."""
        stored = self._settings.value("look/theme", "system")
        return next((mode for mode in THEME_MODES if mode == stored), "system")

    @theme.setter
    def theme(self, mode: ThemeName) -> None:
        self._settings.setValue("look/theme", mode)

    @property
    def recent_files(self) -> list[Path]:
        """Files opened or saved lately, newest first."""
        stored = self._settings.value("files/recent", [])
        names = [stored] if isinstance(stored, str) else stored or []
        return [Path(name) for name in names]

    def remember_file(self, path: Path) -> None:
        """Put `path` at the head of the recent files."""
        path = path.absolute()
        others = [other for other in self.recent_files if other != path]
        self._settings.setValue("files/recent", [str(entry) for entry in [path, *others][:RECENT_FILES]])
        self._settings.setValue("files/folder", str(path.parent))

    def forget_files(self) -> None:
        """Empty the list of recent files."""
        self._settings.remove("files/recent")

    @property
    def folder(self) -> Path:
        """Folder in which file dialogs open."""
        stored = Path(str(self._settings.value("files/folder", "")))
        return stored if str(stored) not in ("", ".") and stored.is_dir() else Path.home()

    @folder.setter
    def folder(self, folder: Path) -> None:
        self._settings.setValue("files/folder", str(folder.absolute()))

    @property
    def curves(self) -> CurveChoices:
        """What is shown of the curves."""
        return CurveChoices.from_json(str(self._settings.value("look/curves", "")))

    @curves.setter
    def curves(self, choices: CurveChoices) -> None:
        self._settings.setValue("look/curves", choices.to_json())

    @property
    def layout_by_hand(self) -> bool:
        """Whether the stored layout was made by hand, so that it is not to be fitted to the window."""
        return bool(self._settings.value("window/by_hand", True, type=bool))

    def layout(self, panels: str) -> tuple[QByteArray, QByteArray] | None:
        """Return (geometry, state) of the main window; None if none was stored for exactly these panels."""
        if self._settings.value("window/panels", "") != panels:
            return None
        geometry, state = self._settings.value("window/geometry"), self._settings.value("window/state")
        if isinstance(geometry, QByteArray) and isinstance(state, QByteArray):
            return geometry, state
        return None

    def store_layout(self, panels: str, geometry: QByteArray, state: QByteArray, *, by_hand: bool = True) -> None:
        """Remember where the window and its panels are."""
        self._settings.setValue("window/by_hand", by_hand)
        self._settings.setValue("window/panels", panels)
        self._settings.setValue("window/geometry", geometry)
        self._settings.setValue("window/state", state)

    def forget_layout(self) -> None:
        """Go back to the built-in layout at the next start."""
        self._settings.remove("window")

    def sync(self) -> None:
        """Write what is pending."""
        self._settings.sync()


class PreferencesDialog(QDialog):
    """Edits the preferences; nothing is stored before OK."""

    theme_chosen = pyqtSignal(str)
    """Another theme than the one in force was chosen, and OK pressed."""

    def __init__(self, preferences: Preferences, theme: ThemeName, parent: QWidget | None = None) -> None:
        """Show the present choices; `theme` is in force, by the command line or by what was remembered."""
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self._preferences, self._shown_theme = preferences, theme
        self.autostart = QCheckBox("Train at once when the window opens")
        self.autostart.setToolTip(AUTOSTART_TIP)
        self.autostart.setChecked(preferences.autostart)
        self.autosave = IntSpin(0, LONGEST_AUTOSAVE_MINUTES, "min")
        self.autosave.setSpecialValueText("off")
        self.autosave.setToolTip("Minutes between two copies that are offered after a crash, 0 to switch them off")
        self.autosave.setValue(preferences.autosave_minutes)
        self.theme = QComboBox()
        for mode in THEME_MODES:
            self.theme.addItem({"system": "As the desktop"}.get(mode, mode.capitalize()), mode)
        self.theme.setCurrentIndex(THEME_MODES.index(theme))
        self.theme.setToolTip("Colours of the window and the ground of the cube")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.setContentsMargins(20, 18, 20, 16)
        form.setVerticalSpacing(12)
        form.setHorizontalSpacing(16)
        form.addRow("Start", self.autostart)
        form.addRow("Autosave every", self.autosave)
        form.addRow("Theme", self.theme)
        note = QLabel(f"Kept in {config_folder()}")
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        form.addRow(note)
        form.addRow(buttons)
        self.setMinimumWidth(380)

    def accept(self) -> None:
        """Store the choices."""
        self._preferences.autostart = self.autostart.isChecked()
        self._preferences.autosave_minutes = self.autosave.value()
        if self.theme.currentData() != self._shown_theme:
            self.theme_chosen.emit(self.theme.currentData())
        super().accept()
