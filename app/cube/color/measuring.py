"""Calls what a colour mode brought along, which may fail: the error is caught, and the legend says what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import EllipsisType

import numpy as np

from app.cube.color.fields import Where
from app.cube.color.legend import Legend
from app.cube.color.mapping import NO_VALUE
from app.cube.color.modes import ColorMode, Ground, Picture
from app.cube.state import Bytes, Dimensions, Field
from lattice.log import logger
from lattice.plugin_faults import defined_at, error_words, fault_place, file_of, kind_text
from lattice.training.reports import Observation

ERASED = "erased"

_reported: set[ColorMode] = set()
"""Definitions of modes (compared by identity) whose failure is in the log already: each frame would repeat it."""


class ColorModeError(Exception):
    """A colour mode could not be shown."""

    def __init__(self, mode: ColorMode, error: Exception, function: object) -> None:
        """Say what went wrong, in the log once for each definition of a mode.

        Args:
            mode: that failed.
            error: what was raised.
            function: of the mode, which raised it or returned what can't be shown.
        """
        unfit = isinstance(error, _UnfitError)
        place = None if unfit else fault_place(error, file_of(function))
        place, what = place or defined_at(function), str(error) if unfit else error_words(error)
        self.note = f"failed in {Path(place).name}: {what}"
        super().__init__(f"the colour mode '{mode.title}' failed: {place}: {what}")
        if mode not in _reported:
            _reported.add(mode)
            traced = None if isinstance(error, _UnfitError) else error
            logger.error("%s", self, exc_info=traced)


class _UnfitError(ValueError):
    """What a mode returned can't be shown."""


def mist(dimensions: Dimensions) -> Bytes:
    """Return the colours of cells of which nothing is known, uint8 [X, Y, Z, 4]."""
    return np.full(dimensions, NO_VALUE, np.uint32).view(np.uint8).reshape(*dimensions, 4)


def settled(paint: Callable[[], Bytes], legend: Legend, observation: Observation) -> tuple[Bytes, Legend]:
    """Return colours and their key; where painting fails, a mist and a key that says why.

    Erased cells are a mist in every mode: the zero that they hold is no value of the cube.
    """
    try:
        colors = paint()
        if observation.erased_XYZ is not None:
            colors = np.array(colors, order="C")
            colors.view(np.uint32)[..., 0][observation.erased_XYZ & (colors[..., 3] > 0)] = NO_VALUE
            legend = replace(legend, erased=int(np.count_nonzero(observation.erased_XYZ)))
        if legend.threshold is not None:
            shown = int(np.count_nonzero(colors[..., 3]))
            legend = replace(legend, shown=shown, cells=colors[..., 3].size)
        return colors, legend
    except ColorModeError as failure:
        return mist(observation.dimensions), replace(
            legend, kind="none", labels=(), remark="", threshold=None, erased=0, note=failure.note
        )


def measured(mode: ColorMode, observation: Observation, step: int, where: Where, parameter: int) -> Field:
    """Return what a scalar mode measures, float32 in the shape that `where` selects.

    Raises:
        ColorModeError: it failed, or returned values of another shape or values that have no place on its scale.
    """
    try:
        values = np.asarray(mode.measure(observation, step, where, parameter), np.float32)
        expected = observation.dimensions if isinstance(where, EllipsisType) else np.shape(where[0])
        if values.shape != expected:
            hint = ": index with [where]" if values.shape == tuple(observation.dimensions) else ""
            raise _UnfitError(f"measure must return shape {expected}, got {values.shape}{hint}")
        _check_finite(mode, values)
    except Exception as error:  # a plugin's: whatever it is, the window goes on
        raise ColorModeError(mode, error, mode.measure) from error
    return values


def value_words(
    mode: ColorMode, observation: Observation, step: int, cell: tuple[int, int, int], parameter: int
) -> str:
    """Return one cell's value in words.

    Raises:
        ColorModeError: the mode failed.
    """
    if mode.picture is None:
        value = measured(mode, observation, step, cell, parameter)
    else:  # it may measure several values per cell
        try:
            value = np.asarray(mode.measure(observation, step, cell, parameter), np.float32)
        except Exception as error:  # a plugin's
            raise ColorModeError(mode, error, mode.measure) from error
    try:
        words: object = mode.words(value)
        if not isinstance(words, str):
            raise _UnfitError(f"value_text must return a text, got {kind_text(words)}")
    except Exception as error:  # a plugin's
        raise ColorModeError(mode, error, mode.value_text or mode.measure) from error
    return words


def pictured(mode: ColorMode, observation: Observation, step: int, ground: Ground) -> Picture:
    """Return the picture of a mode that is no scalar field's; what it paints is checked when it is painted.

    Raises:
        ColorModeError: it failed, or returned no picture with a colour for each label.
    """
    assert mode.picture is not None
    try:
        picture = mode.picture(observation, step, ground)
        if not isinstance(picture, Picture):
            raise _UnfitError(f"picture must return a Picture, got {kind_text(picture)}")
        if not picture.labels or np.shape(picture.swatches) != (len(picture.labels), 3):
            labels, shape = len(picture.labels), np.shape(picture.swatches)
            raise _UnfitError(f"a picture needs labels and a swatch [3] for each: got {labels} and {shape}")
    except Exception as error:  # a plugin's
        raise ColorModeError(mode, error, mode.picture) from error

    def paint() -> Bytes:
        try:
            colors: object = picture.paint()
            expected = (*observation.dimensions, 4)
            if not isinstance(colors, np.ndarray) or colors.shape != expected or colors.dtype != np.uint8:
                raise _UnfitError(f"paint must return uint8 of shape {expected}, got {kind_text(colors)}")
        except Exception as error:  # a plugin's
            raise ColorModeError(mode, error, picture.paint) from error
        return colors

    return replace(picture, paint=paint)


def _check_finite(mode: ColorMode, values: Field) -> None:
    """Refuse values that have no place on the mode's scale."""
    if mode.scale.logarithmic and (values < 0.0).any():
        raise _UnfitError(
            f"a logarithmic scale has no place for {float(np.nanmin(values)):.3g}: expected values from 0 on"
        )
    if np.isfinite(values).all():
        return
    wrong = int(np.isinf(values).sum() if mode.missing else (~np.isfinite(values)).sum())
    if wrong:
        hint = "" if mode.missing else " (NaN is for cells without a value, and `missing` then says why)"
        raise _UnfitError(f"{wrong} of {values.size} values are not finite{hint}")
