"""Formats under the name .txt whose lines are no texts are refused with the line that converts them, which runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from lattice.data.readers.program_lines import told_lines
from tests.lattice.data.advice import follow, load, refusal_of
from tests.lattice.data.layouts import LISTS, TEXTS, TRUTH

TIMES = "00:00:0{0},000 --> 00:00:0{0},900"


def test_what_is_spoken_in_subtitles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cues = [f"{row}\n{TIMES.format(row % 10)}\n{text}\n" for row, text in enumerate(TEXTS, 1)]
    (tmp_path / "a.txt").write_text("\n".join(cues))
    follow(refusal_of(tmp_path / "a.txt"), tmp_path, monkeypatch, 1)
    assert (tmp_path / "a-texts.txt").read_text().splitlines() == TEXTS
    assert "are subtitles" in told_lines(["WEBVTT", TIMES.format(1), "Hello there"])


def test_sequences_are_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("".join(f">sp|P{row}|X\nMKV{'LA' * row}\nGG\n" for row in range(6)))
    follow(refusal_of(tmp_path / "a.txt"), tmp_path, monkeypatch, 1)
    assert (tmp_path / "a-texts.txt").read_text().splitlines() == [f"MKV{'LA' * row}GG" for row in range(6)]


def test_rows_of_weka(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "% remark\n@relation x\n" + "".join(f"@attribute a{place} numeric\n" for place in range(len(LISTS[0])))
    (tmp_path / "a.txt").write_text(head + "@data\n" + "\n".join(",".join(map(repr, row)) for row in LISTS) + "\n")
    follow(refusal_of(tmp_path / "a.txt"), tmp_path, monkeypatch, 1)
    assert torch.equal(load(tmp_path / "a.csv").embeddings, torch.from_numpy(TRUTH))


def test_a_matrix_of_matrix_market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scipy")
    cells = "".join(f"{number!r}\n" for number in TRUTH.T.reshape(-1).tolist())
    head = f"%%MatrixMarket matrix array real general\n{TRUTH.shape[0]} {TRUTH.shape[1]}\n"
    (tmp_path / "a.txt").write_text(head + cells)
    follow(refusal_of(tmp_path / "a.txt"), tmp_path, monkeypatch, 1)
    assert np.allclose(load(tmp_path / "a.npy").embeddings.numpy(), TRUTH, atol=1e-6)


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["PMID- 1", "TI  - A title that is", "      long", "AB  - And an abstract"], "are references"),
        (["# sent_id = 1", "1\tThe\tthe\tDET\tDT\t_", "2\tcat\tcat\tNOUN\tNN\t_"], "hold one token each"),
        (["> quoted by somebody", "and answered by another one"], ""),
        (["1 is a number", "2 is another"], ""),
        (TEXTS, ""),
        ([], ""),
    ],
)
def test_kinds_are_told_by_their_first_lines(lines: list[str], kind: str) -> None:
    assert told_lines(lines).startswith(kind)
    assert bool(told_lines(lines)) == bool(kind)
