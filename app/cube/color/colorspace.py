"""OKLab (Bjorn Ottosson, 2020): equal distances look about equally different; L is lightness, 0 to 1."""

from __future__ import annotations

import numpy as np

from app.cube.state import Floats

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LMS = np.linalg.inv(_TO_LMS)
_FROM_LAB = np.linalg.inv(_TO_LAB)


def to_linear(rgb: Floats) -> Floats:
    """Decode sRGB, shares of 1, to linear light."""
    return np.where(rgb <= 0.04045, rgb / 12.92, ((np.maximum(rgb, 0.0) + 0.055) / 1.055) ** 2.4)


def to_srgb(linear: Floats) -> Floats:
    """Encode linear light as sRGB, shares of 1."""
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 0.0) ** (1 / 2.4) - 0.055)


def to_oklab(rgb: Floats) -> Floats:
    """Convert sRGB [..., 3], shares of 1, to OKLab."""
    return np.cbrt(to_linear(rgb) @ _TO_LMS.T) @ _TO_LAB.T


def oklab_to_linear(lab: Floats) -> Floats:
    """Convert OKLab [..., 3] to linear RGB, which leaves 0 to 1 outside of the gamut."""
    return (lab @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T


def from_oklab(lab: Floats) -> Floats:
    """Convert OKLab [..., 3] to sRGB, giving up as much colour, not lightness, as the gamut demands."""
    lab = lab.copy()
    lab[..., 0] = np.clip(lab[..., 0], 0.0, 1.0)
    least, most = np.zeros(lab.shape[:-1]), np.ones(lab.shape[:-1])
    for _ in range(10):
        share = 0.5 * (least + most)
        linear = oklab_to_linear(lab * np.stack([np.ones_like(share), share, share], axis=-1))
        fits = ((linear >= -1e-4) & (linear <= 1.0001)).all(axis=-1)
        least, most = np.where(fits, share, least), np.where(fits, most, share)
    whole = oklab_to_linear(lab)
    kept = np.where(((whole >= -1e-4) & (whole <= 1.0001)).all(axis=-1), 1.0, least)
    return np.clip(to_srgb(oklab_to_linear(lab * np.stack([np.ones_like(kept), kept, kept], axis=-1))), 0.0, 1.0)


def luminance(rgb: Floats) -> Floats:
    """Return relative luminance (WCAG 2) of sRGB [..., 3], shares of 1."""
    return to_linear(rgb) @ np.array([0.2126, 0.7152, 0.0722])


def contrast(a: Floats, b: Floats) -> Floats:
    """Return the WCAG 2 contrast ratio of two sRGB colours, 1 to 21."""
    one, other = luminance(a), luminance(b)
    return (np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05)
