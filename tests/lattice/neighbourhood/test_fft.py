"""Padding, chunks and sharing of the FFT engine."""

import pytest
import torch

from lattice.neighbourhood import fft
from lattice.neighbourhood.base import Stencils
from lattice.neighbourhood.fft import FFTEngine, fast_length, padded_sides


@pytest.mark.parametrize(
    ("least", "length"), [(1, 1), (2, 2), (11, 12), (13, 14), (32, 32), (37, 40), (97, 98), (121, 125)]
)
def test_fast_lengths(least, length):
    assert fast_length(least) == length


def test_padding_covers_the_farthest_neighbour_and_no_more():
    assert padded_sides(Stencils.of((27, 27, 27), (0.54, 3.51, 5.4))) == (32, 32, 32)
    assert padded_sides(Stencils.of((3, 9, 1), (1.0, 2.0, 50.0))) == (5, 18, 1)
    assert padded_sides(Stencils.of((4, 4, 4), (0.1, 0.2, 0.3))) == (4, 4, 4)


def test_chunks_of_fields_change_nothing(monkeypatch):
    stencils = Stencils.of((5, 6, 4), (1.0, 2.0, 3.0))
    cpu, fields = torch.device("cpu"), torch.randn(120, 7)
    whole = FFTEngine(stencils, cpu, torch.float32)
    monkeypatch.setitem(fft._WORKSPACE_BYTES, "cpu", 1)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    chunked = FFTEngine(stencils, cpu, torch.float32)
    assert (chunked._chunk, whole._chunk >= 7) == (2, True)
    tiers = tuple(stencils.shells)
    for one, other in zip(whole.neighbour_sums(fields, tiers), chunked.neighbour_sums(fields, tiers), strict=True):
        torch.testing.assert_close(one, other)
    parts = dict.fromkeys(tiers, fields)
    torch.testing.assert_close(whole.sum_over_tiers(parts), chunked.sum_over_tiers(parts))


def test_tiers_share_one_forward_transform(monkeypatch):
    calls = []
    forward = FFTEngine._forward
    monkeypatch.setattr(FFTEngine, "_forward", lambda *args: calls.append(1) or forward(*args))
    stencils = Stencils.of((5, 5, 5), (1.0, 2.0, 3.0))
    engine = FFTEngine(stencils, torch.device("cpu"), torch.float32)
    engine.neighbour_sums(torch.randn(125, 2), ("local", "functional", "distant"))
    assert len(calls) == 1


def test_bytes_are_those_of_the_spectra():
    stencils = Stencils.of((6, 7, 8), (1.0, 2.0, 3.0))
    engine = FFTEngine(stencils, torch.device("cpu"), torch.float64)
    assert engine.bytes == sum(spectrum.nbytes for spectrum in engine._spectra.values())
