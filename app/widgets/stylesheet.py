"""The style sheet that both themes share; lengths are logical pixels, which Qt scales with the screen."""

from __future__ import annotations

from dataclasses import asdict
from string import Template

from app.widgets.palette import Theme
from lattice.paths import resources_folder

_SHEET = Template("""
QMainWindow, QMainWindow::separator { background: $window; }
QMainWindow::separator { width: 5px; height: 5px; }
QMainWindow::separator:hover { background: $accent; }
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 5px 7px; }

QMenuBar { background: $window; padding: 1px 4px; }
QMenuBar::item { padding: 4px 9px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 5px 26px 5px 10px; border-radius: 4px; }
QMenu::item:selected { background: $accent_fill; color: $accent_text; }
QMenu::item:disabled { color: $disabled; background: transparent; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::icon { padding-left: 6px; }
QToolBar { background: $window; border: none; spacing: 3px; padding: 3px 6px; }
QToolBar::separator { background: $line; width: 1px; margin: 5px 5px; }
QStatusBar { background: $window; color: $muted; }
QStatusBar::item { border: none; }
QStatusBar QLabel { padding: 0 6px; }

QDockWidget { titlebar-close-icon: url($ui/close.svg); titlebar-normal-icon: url($ui/float.svg); color: $text; }
QDockWidget::title { background: $panel; padding: 6px 10px; border-bottom: 1px solid $line; text-align: left; }
QDockWidget::close-button, QDockWidget::float-button { border: none; border-radius: 4px; padding: 1px; }
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: $hover; }

QTabBar { qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $muted; padding: 6px 11px; border: none;
    border-bottom: 2px solid transparent; }
QMainWindow > QTabBar::tab { padding: 6px 6px; }
QTabBar::tab:hover { color: $text; background: $hover; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }

QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QPushButton { background: $raised; border: 1px solid $border; border-radius: 5px; padding: 4px 12px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $line; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $disabled; border-color: $line; background: transparent; }
QPushButton[primary="true"] { background: $accent_fill; border-color: $accent_fill; color: $accent_text; }
QPushButton[primary="true"]:hover { border-color: $accent_text; }
QPushButton[primary="true"]:disabled { background: transparent; border-color: $line; color: $disabled; }
QPushButton[link="true"] { background: transparent; border: none; padding: 1px 3px; color: $accent; text-align: left; }
QPushButton[link="true"]:hover { background: $hover; }
QPushButton[link="true"]:disabled { color: $disabled; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 3px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $line; }
QToolButton:checked { background: $line; border-color: $border; }
QToolButton:focus { border-color: $accent; }
QToolButton[primary="true"] { background: $accent_fill; color: $accent_text; padding: 3px 8px; }
QToolButton[primary="true"]:hover { border-color: $accent_text; }
QToolButton[small="true"] { padding: 1px 5px; color: $muted; border-color: $line; }
QToolButton[small="true"]:checked { color: $text; border-color: $border; }
QToolButton:disabled { color: $disabled; }
QToolButton::menu-indicator { image: none; }

QAbstractSpinBox, QLineEdit, QComboBox, QPlainTextEdit, QTextEdit { background: $field; border: 1px solid $border;
    border-radius: 5px; selection-background-color: $accent_fill; selection-color: $accent_text; }
QAbstractSpinBox, QLineEdit { padding: 2px 6px; }
QAbstractSpinBox:hover, QLineEdit:hover, QComboBox:hover { border-color: $muted; }
QAbstractSpinBox:focus, QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus { border-color: $accent; }
QAbstractSpinBox[marked="true"], QLineEdit[marked="true"] { border: 1px solid $warning; }
QAbstractSpinBox:disabled, QLineEdit:disabled, QComboBox:disabled { color: $disabled; border-color: $line;
    background: transparent; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; background: transparent; width: 15px; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; }
QAbstractSpinBox::up-arrow { image: url($ui/chevron-up.svg); width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: url($ui/chevron-down.svg); width: 10px; height: 10px; }
QComboBox { padding: 2px 8px; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url($ui/chevron-down.svg); width: 11px; height: 11px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $border; outline: none; padding: 3px;
    selection-background-color: $accent_fill; selection-color: $accent_text; }

QCheckBox, QRadioButton { spacing: 7px; }
QCheckBox::indicator, QGroupBox::indicator { width: 14px; height: 14px; border: 1px solid $border; border-radius: 4px;
    background: $field; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent_fill; border-color: $accent_fill; image: url($ui/check.svg); }
QCheckBox::indicator:disabled { border-color: $line; }
QCheckBox::indicator:checked:disabled { background: $line; }
QCheckBox:focus { color: $accent; }

QSlider:horizontal { min-height: 14px; max-height: 14px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent_fill; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -5px 0; border-radius: 7px; background: $text;
    border: 1px solid $panel; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $accent; }
QSlider::sub-page:horizontal:disabled { background: $border; }
QSlider::handle:horizontal:disabled { background: $disabled; }

QScrollArea, QScrollArea > QWidget > QWidget#scrolled { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $border; border-radius: 3px; margin: 2px; min-height: 26px; min-width: 26px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QProgressBar { background: $line; border: none; border-radius: 4px; text-align: center; color: $text; }
QProgressBar::chunk { background: $accent_fill; border-radius: 4px; }
QHeaderView::section { background: $panel; color: $muted; border: none; border-bottom: 1px solid $line; padding: 4px; }
QTreeView, QListView, QTableView { background: $field; border: 1px solid $line; border-radius: 5px; outline: none; }
QListView::item, QTreeView::item { padding: 3px; }
QGroupBox { border: none; margin-top: 20px; font-weight: bold; }
QGroupBox::title { subcontrol-origin: margin; left: 0; padding: 2px 0; }
QSplitter::handle { background: $line; }

QLabel[role="muted"] { color: $muted; }
QLabel[role="outdated"] { color: $disabled; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="error"] { color: $error; }
QLabel[role="success"] { color: $success; }
QLabel[role="accent"] { color: $accent; }
QLabel[role="bubble"] { color: $text; background: $raised; border: 1px solid $warning; border-radius: 5px;
    padding: 5px 8px; }
QLabel[role="heading"] { color: $muted; font-weight: bold; }
""")


def stylesheet(colors: Theme) -> str:
    """Return the style sheet in the colours of one theme."""
    return _SHEET.substitute(asdict(colors), ui=(resources_folder() / "ui").as_posix())
