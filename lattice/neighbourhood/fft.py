"""Convolution by FFT: the cost depends on the size of the cube, hardly on the radius.

Every axis of n cells is padded to a fast length of at least n + R, R being the farthest neighbour along it:
what wraps around then lands in the padding, which is cut off. The stencil is even, so its spectrum is real,
and real spectra make the operator its own adjoint, as the gradient needs.

Shapes: N cells, F fields, X Y Z sides, P Q R padded sides, H = R // 2 + 1 frequencies along z.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.tiers.shells import Shell, Tier, shell_offsets

_FAST_FACTORS = (2, 3, 5, 7)
_WORKSPACE_BYTES = {"cpu": 1 << 23, "cuda": 1 << 28}
"""Memory for the padded fields and spectra of one chunk of fields, on a processor per thread.

A processor is twice as fast while a chunk stays in its cache; a graphics card is kept busy by many fields at once.
"""
_NS_PER_POINT = 0.5
"""Cost per point of the padded box and log2 of their number, there and back, on one core of an AMD EPYC."""
_WORKSPACE_COPIES = 4
"""Padded fields, their spectrum, its product with a kernel, and the inverse, each about as large."""


class FFTEngine(TierEngine):
    """One real spectrum per live tier; one forward transform serves all tiers of the same fields."""

    name = "fft"

    def __init__(self, stencils: Stencils, device: torch.device, dtype: torch.dtype) -> None:
        """Compute the kernel spectra in float64, keep them in `dtype`."""
        super().__init__(stencils, device, dtype)
        self._sides = stencils.dimensions
        self._padded = padded_sides(stencils)
        self._spectra = {
            tier: _spectrum(stencils, shell, self._padded).to(device, dtype) for tier, shell in stencils.shells.items()
        }
        size_p, size_q, size_r = self._padded
        field_bytes = _WORKSPACE_COPIES * dtype.itemsize * size_p * size_q * 2 * (size_r // 2 + 1)
        threads = torch.get_num_threads() if device.type == "cpu" else 1
        self._chunk = max(threads, threads * _WORKSPACE_BYTES[device.type] // field_bytes)

    @staticmethod
    def bytes_needed(stencils: Stencils, dtype: torch.dtype) -> int:
        """Return the memory that the kernel spectra take."""
        size_p, size_q, size_r = padded_sides(stencils)
        return dtype.itemsize * len(stencils.shells) * size_p * size_q * (size_r // 2 + 1)

    @staticmethod
    def nanoseconds(stencils: Stencils) -> float:
        """Return the estimated time of one neighbour sum of one field in every tier, on one processor core."""
        points = math.prod(padded_sides(stencils))
        return _NS_PER_POINT * len(stencils.shells) * points * math.log2(max(points, 2))

    def neighbour_sum(self, fields_NF: Tensor, tier: Tier) -> Tensor:
        """Return the sum over each cell's neighbours, [N, F] -> [N, F]."""
        return self.neighbour_sums(fields_NF, (tier,))[0]

    def channel_sum(self, fields_FNB: Tensor, tier: Tier) -> Tensor:
        """Return the same for fields whose channels come first, [F, N, B] -> [F, N, B]: the transforms' own layout."""
        channels, cells, batch = fields_FNB.shape
        total_FBN = fields_FNB.new_empty(channels, batch, cells)
        self._convolve(fields_FNB.transpose(1, 2).reshape(-1, cells), (tier,), (total_FBN.flatten(0, 1),))
        return total_FBN.transpose(1, 2).contiguous()

    def neighbour_sums(self, fields_NF: Tensor, tiers: tuple[Tier, ...]) -> tuple[Tensor, ...]:
        """Return the neighbour sums of the same fields in several tiers, with one forward transform."""
        totals = tuple(fields_NF.new_empty(fields_NF.shape[::-1]) for _ in tiers)
        # Turned as a whole: picking single fields out of rows would read each cache line once per field.
        self._convolve(fields_NF.t().contiguous(), tiers, totals)
        return tuple(total_FN.t().contiguous() for total_FN in totals)

    def sum_over_tiers(self, fields: Mapping[Tier, Tensor]) -> Tensor:
        """Return the total of one neighbour sum per tier, each of its own fields, with one inverse transform."""
        turned = {tier: fields_NF.t().contiguous() for tier, fields_NF in fields.items()}
        total_FN = torch.empty_like(next(iter(turned.values())))
        room = self._room(total_FN)
        for start in range(0, len(total_FN), self._chunk):
            part = slice(start, start + self._chunk)
            spectra = [self._filter(self._forward(each[part], room), tier) for tier, each in turned.items()]
            self._inverse(sum(spectra[1:], start=spectra[0]), total_FN[part])
        return total_FN.t().contiguous()

    def _convolve(self, fields_FN: Tensor, tiers: tuple[Tier, ...], totals_FN: tuple[Tensor, ...]) -> None:
        """Write the neighbour sums of the same fields in several tiers."""
        room = self._room(fields_FN)
        for start in range(0, len(fields_FN), self._chunk):
            part = slice(start, start + self._chunk)
            spectrum = self._forward(fields_FN[part], room)
            for number, (tier, total_FN) in enumerate(zip(tiers, totals_FN, strict=True), start=1):
                own = spectrum if number == len(tiers) else spectrum.clone()
                self._inverse(self._filter(own, tier), total_FN[part])

    def _room(self, fields_FN: Tensor) -> Tensor:
        """Return zeros for one chunk of padded fields; the padding stays zero from chunk to chunk."""
        return fields_FN.new_zeros(min(self._chunk, len(fields_FN)), *self._padded)

    def _forward(self, fields_FN: Tensor, room_FPQR: Tensor) -> Tensor:
        """Pad and transform, [F, N] -> complex [F, P, Q, H]."""
        size_x, size_y, size_z = self._sides
        padded = room_FPQR[: len(fields_FN)]
        padded[:, :size_x, :size_y, :size_z] = fields_FN.unflatten(1, self._sides)
        spectrum: Tensor = torch.fft.rfftn(padded, dim=(1, 2, 3))
        return spectrum

    def _filter(self, spectrum_FPQH: Tensor, tier: Tier) -> Tensor:
        """Multiply by a tier's spectrum, in place."""
        return spectrum_FPQH.mul_(self._spectra[tier])

    def _inverse(self, spectrum_FPQH: Tensor, out_FN: Tensor) -> None:
        """Transform back and cut the padding off, into [F, N]; z last, after x and y were cut."""
        size_x, size_y, size_z = self._sides
        lines = torch.fft.ifftn(spectrum_FPQH, dim=(1, 2))[:, :size_x, :size_y]
        out_FN.unflatten(1, self._sides).copy_(torch.fft.irfft(lines, n=self._padded[2], dim=3)[..., :size_z])


def padded_sides(stencils: Stencils) -> tuple[int, int, int]:
    """Return the transform's length along each axis."""
    x, y, z = (fast_length(side + reach) for side, reach in zip(stencils.dimensions, stencils.reaches, strict=True))
    return x, y, z


def fast_length(least: int) -> int:
    """Return the smallest number of at least `least` whose prime factors are all at most 7."""
    length = least
    while not _is_fast(length):
        length += 1
    return length


def _is_fast(length: int) -> bool:
    for factor in _FAST_FACTORS:
        while length % factor == 0:
            length //= factor
    return length == 1


def _spectrum(stencils: Stencils, shell: Shell, padded: tuple[int, int, int]) -> Tensor:
    """Return the real spectrum of a shell around the origin of the padded box, float64 [P, Q, H]."""
    kernel = torch.zeros(padded, dtype=torch.float64)
    x, y, z = (shell_offsets(shell, stencils.dimensions) % torch.tensor(padded)).unbind(1)
    kernel[x, y, z] = 1.0
    spectrum: Tensor = torch.fft.rfftn(kernel).real
    return spectrum
