"""Pooling against sums written out."""

from __future__ import annotations

import pytest
import torch

from lattice.data.teachers.pooling import MODES, modes_of, pool
from lattice.errors import TeacherError

HIDDEN = torch.tensor([[[1.0, 2.0], [3.0, -4.0], [90.0, 90.0]], [[5.0, 6.0], [7.0, 8.0], [0.0, 1.0]]])
MASK = torch.tensor([[1, 1, 0], [1, 1, 1]])
ROOTS = [[4.0 / 2**0.5, -2.0 / 2**0.5], [12.0 / 3**0.5, 15.0 / 3**0.5]]
EXPECTED = {
    "mean": [[2.0, -1.0], [4.0, 5.0]],
    "cls": [[1.0, 2.0], [5.0, 6.0]],
    "max": [[3.0, 2.0], [7.0, 8.0]],
    "lasttoken": [[3.0, -4.0], [0.0, 1.0]],
    "weightedmean": [[7.0 / 3.0, -2.0], [19.0 / 6.0, 25.0 / 6.0]],
    "mean_sqrt_len_tokens": ROOTS,
}


@pytest.mark.parametrize("mode", MODES)
def test_padding_takes_no_part(mode: str) -> None:
    assert torch.allclose(pool(HIDDEN, MASK, [mode]), torch.tensor(EXPECTED[mode]))


def test_several_modes_are_joined_in_their_order() -> None:
    joined = pool(HIDDEN, MASK, ["max", "mean"])
    assert torch.allclose(joined, torch.tensor([[3.0, 2.0, 2.0, -1.0], [7.0, 8.0, 4.0, 5.0]]))


def test_the_tokens_of_a_prompt_can_be_left_out() -> None:
    assert pool(HIDDEN, MASK, ["mean"], 1).tolist() == [[3.0, -4.0], [3.5, 4.5]]
    assert pool(HIDDEN, MASK, ["cls"], 1).tolist() == [[3.0, -4.0], [7.0, 8.0]]


@pytest.mark.parametrize("mode", MODES)
def test_a_text_without_tokens_becomes_zeros(mode: str) -> None:
    assert pool(HIDDEN, torch.tensor([[0, 0, 0], [1, 1, 1]]), [mode])[0].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("settings", "modes"),
    [
        ({}, ("mean",)),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, ("cls",)),
        ({"pooling_mode_mean_tokens": True, "include_prompt": True}, ("mean",)),
        ({"pooling_mode_lasttoken": True, "pooling_mode_max_tokens": True}, ("max", "lasttoken")),
        ({"pooling_mode": "cls"}, ("cls",)),
        ({"pooling_mode": ["weightedmean", "cls"]}, ("weightedmean", "cls")),
    ],
)
def test_old_and_new_settings_name_the_modes(settings: dict[str, object], modes: tuple[str, ...]) -> None:
    assert modes_of("m", settings) == modes


def test_an_unknown_mode_says_what_to_set() -> None:
    with pytest.raises(TeacherError, match=r"teacher 'm' pools by median, which is not known; set teacher\.pooling to"):
        modes_of("m", {"pooling_mode": "median"})
    with pytest.raises(TeacherError, match=r"pools by pooling_mode_hop, which is not known"):
        modes_of("m", {"pooling_mode_hop": True})
