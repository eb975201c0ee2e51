"""The line of tools over the data map."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QComboBox, QToolButton, QWidget

from app.panels.data_map.coloring import ColorBy
from app.panels.data_map.survey import Projection
from app.widgets.flow_layout import FlowLayout
from app.widgets.icons import icon
from app.widgets.inputs import CalmCombo
from lattice.data.survey.umap_plane import INSTALL, umap_available

_ICON = QSize(16, 16)
PROJECTIONS: tuple[tuple[Projection, str, str], ...] = (
    ("pca", "PCA", "The plane of the two largest variances: distances in it are true, as far as they go"),
    (
        "umap",
        "UMAP",
        "Keeps near neighbours together, computed in the background; far distances mean little",
    ),
)
COLORS: tuple[tuple[ColorBy, str, str], ...] = (
    ("category", "Category", "Colours for the largest categories"),
    ("split", "Split", "Samples that the cube learns from, and held-out ones"),
    ("cosine", "Cosine", "Cosine between the cube's answer and its target, for the samples that are scored"),
)


class MapTools(QWidget):
    """Chooses the plane and the colours; catches samples and lets them go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create all tools."""
        super().__init__(parent)
        self.projection = _choice("Plane of the data map", "How the samples are laid out", PROJECTIONS)
        self.colors = _choice("Colours of the data map", "What the colours mean", COLORS)
        self.lasso = _tool("lasso", "Lasso", "Drag around samples: the list in the Data panel then shows those alone")
        self.lasso.setCheckable(True)
        self.keep_view = _tool("filter", "List what is in view", "List only the samples that are in view now")
        self.clear = _tool("clear", "Clear the filter", "List all samples again (Esc in the map)")
        self.fit = _tool("fit", "Show all", "Bring all samples into view (Home in the map)")
        self.figures = _tool("histogram", "Figures", "Show the figures in place of the map")
        self.figures.setCheckable(True)
        flow = FlowLayout(self, spacing=4)
        for part in (self.projection, self.colors, self.lasso, self.keep_view, self.clear, self.fit, self.figures):
            flow.addWidget(part)
        if not umap_available():
            self._forbid(self.projection, "umap", INSTALL)
        self.set_categories(False)

    def set_categories(self, known: bool) -> None:
        """Offer the categories, and choose them, where there are any."""
        self._forbid(self.colors, "category", "" if known else "The data has no categories")
        self.choose_colors("category" if known else "split")

    def choose_colors(self, color_by: ColorBy) -> None:
        """Choose what the colours mean."""
        self.colors.setCurrentIndex(self.colors.findData(color_by))

    def choose_projection(self, projection: Projection) -> None:
        """Choose the plane."""
        self.projection.setCurrentIndex(self.projection.findData(projection))

    @staticmethod
    def _forbid(combo: QComboBox, name: str, why: str) -> None:
        """Grey a choice out and say why; an empty reason offers it again."""
        number, model = combo.findData(name), combo.model()
        item = model.item(number) if model is not None and hasattr(model, "item") else None
        if item is None:
            return
        choices = (*PROJECTIONS, *COLORS)
        usual = next(tip for choice, _, tip in choices if choice == name)
        item.setEnabled(not why)
        combo.setItemData(number, why or usual, Qt.ItemDataRole.ToolTipRole)


def _choice(name: str, tip: str, choices: tuple[tuple[Projection | ColorBy, str, str], ...]) -> CalmCombo:
    combo = CalmCombo()
    combo.setAccessibleName(name)
    combo.setToolTip(tip)
    for number, (choice, words, its_tip) in enumerate(choices):
        combo.addItem(words, choice)
        combo.setItemData(number, its_tip, Qt.ItemDataRole.ToolTipRole)
    return combo


def _tool(picture: str, name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(picture))
    button.setIconSize(_ICON)
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
