"""Cells that are erased in what is watched: chosen around the picked one, by layer, or by chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from app.cube.state import Cell
from app.session.erased_text import Mask, erased_text
from lattice.config import SimpleProjectConfig
from lattice.config.model import FaceName
from lattice.config.training import DamagedCells
from lattice.units import plural

_ALL_FACES: tuple[FaceName, ...] = ("-x", "+x", "-y", "+y", "-z", "+z")
_SEED = 0
"""Of the cells chosen by chance: a larger share holds the cells of a smaller one."""


class ErasedCells(QObject):
    """Knows which cells to erase; training and scores never lose any of them."""

    changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Begin without a run and with all cells."""
        super().__init__(parent)
        self._config = SimpleProjectConfig()
        self._chosen_XYZ = self._none()
        self.share = 0.0
        """Share of the cells that damage may erase, erased by chance."""
        self._restored = 0
        """Cells that were restored because the cube is another one, until that is said."""

    @property
    def mask_XYZ(self) -> Mask | None:
        """All erased cells, bool [X, Y, Z]; None while there are none."""
        mask_XYZ = self._chosen_XYZ | self._by_chance()
        return mask_XYZ if mask_XYZ.any() else None

    @property
    def count(self) -> int:
        """Number of erased cells."""
        mask_XYZ = self.mask_XYZ
        return 0 if mask_XYZ is None else int(mask_XYZ.sum())

    @property
    def axis(self) -> int:
        """The axis, 0 to 2, that layers are erased across."""
        return self._config.layer_axis

    def begin(self, config: SimpleProjectConfig) -> None:
        """Take the cube of a run that was opened or began again: it starts whole."""
        self._take(config, keep=False)

    def set_run(self, config: SimpleProjectConfig) -> None:
        """Take the cube of a run that was edited; all cells of one of another size or with other faces are restored."""
        before = self._config
        same = before.lattice.dimensions == config.lattice.dimensions
        self._take(config, keep=same and before.embedding_mapping == config.embedding_mapping)

    def bring_back(self, mask_XYZ: Mask | None) -> None:
        """Erase the cells that were erased in a run that came back, bool [X, Y, Z]; None erases none."""
        if mask_XYZ is None or mask_XYZ.shape != self._chosen_XYZ.shape:
            self._restored = self.count or self._restored
            self.restore()
            return
        self._restored, present_XYZ = 0, self.mask_XYZ
        if present_XYZ is None or not np.array_equal(mask_XYZ, present_XYZ):
            self._chosen_XYZ, self.share = mask_XYZ.copy(), 0.0
            self.changed.emit()

    def restored_text(self) -> str:
        """Return once, after cells were restored because the cube is another one, that they were; else nothing."""
        count, self._restored = self._restored, 0
        return f"The cube is whole: {plural(count, 'erased cell')} restored." if count else ""

    def text(self, mask_XYZ: Mask) -> str:
        """Return which cells of this run's cube are erased, in words, bool [X, Y, Z]."""
        return erased_text(mask_XYZ, self.between(), self.axis)

    def _take(self, config: SimpleProjectConfig, *, keep: bool) -> None:
        other_kind = self.kind != config.training_embedding.damaged_cells
        restored = 0 if keep else self.count
        self._config = config
        if not keep:
            self._restored = restored or self._restored
            self._chosen_XYZ, self.share = self._none(), 0.0
        if not keep or other_kind:
            self.changed.emit()

    def erase_cell(self, cell: Cell) -> None:
        """Erase one cell, wherever it lies."""
        self._erase(self._distances(cell) == 0)

    def erase_heard(self, cell: Cell) -> None:
        """Erase a cell and all cells that it hears."""
        self._erase(self._distances(cell) <= self._config.lattice.distant_distance_threshold * (1 + 1e-9))

    def erase_layer(self, cell: Cell) -> None:
        """Erase the layer that a cell lies in, but for cells that are painted or read."""
        self._erase(self.layer_between(cell))

    def layer_between(self, cell: Cell) -> Mask:
        """Return what of a cell's layer is neither painted nor read, bool [X, Y, Z]; nothing if the layer is gone."""
        layer: Mask = np.indices(self._config.lattice.dimensions)[self.axis] == cell[self.axis]
        return layer & self.between()

    def set_share(self, share: float) -> None:
        """Erase a share, 0 to 1, of the cells that damage may erase by chance, beside those that were chosen."""
        if share != self.share:
            self.share = share
            self.changed.emit()

    def restore(self) -> None:
        """Erase none."""
        erased = self._chosen_XYZ.any() or self.share > 0.0
        self._chosen_XYZ, self.share = self._none(), 0.0
        if erased:
            self.changed.emit()

    @property
    def kind(self) -> DamagedCells:
        """Which cells damage may erase."""
        return self._config.training_embedding.damaged_cells

    def erasable(self) -> Mask:
        """Return the cells that damage may erase, bool [X, Y, Z]."""
        return self._without_faces(_ALL_FACES) if self.kind == "interior" else self.between()

    def between(self) -> Mask:
        """Return the cells that are neither painted nor read, bool [X, Y, Z]."""
        mapping = self._config.embedding_mapping
        return self._without_faces(mapping.faces if mapping.placement == "through" else _ALL_FACES)

    def _without_faces(self, faces: Sequence[FaceName]) -> Mask:
        inside_XYZ = np.ones(self._config.lattice.dimensions, dtype=np.bool_)
        for face in faces:
            plane: list[slice | int] = [slice(None)] * 3
            plane["xyz".index(face[1])] = 0 if face[0] == "-" else -1
            inside_XYZ[tuple(plane)] = False
        return inside_XYZ

    def _erase(self, mask_XYZ: Mask) -> None:
        self._chosen_XYZ = self._chosen_XYZ | mask_XYZ
        self.changed.emit()

    def _by_chance(self) -> Mask:
        mask_XYZ = self._none()
        if self.share == 0.0:  # as for most looks, which then need no permutation
            return mask_XYZ
        from lattice.model.erasure import erased_count  # torch, which a run that can be damaged has loaded

        places = np.flatnonzero(self.erasable())
        order = np.random.default_rng(_SEED).permutation(len(places))
        mask_XYZ.reshape(-1)[places[order[: erased_count(self.share, len(places))]]] = True
        return mask_XYZ

    def _distances(self, cell: Cell) -> NDArray[np.float64]:
        offsets = np.indices(self._config.lattice.dimensions) - np.array(cell).reshape(3, 1, 1, 1)
        distances: NDArray[np.float64] = np.sqrt((offsets**2).sum(0))
        return distances

    def _none(self) -> Mask:
        return np.zeros(self._config.lattice.dimensions, dtype=np.bool_)
