"""Which samples a survey looks at."""

import numpy as np
import torch

from lattice.data import build_dataset
from lattice.data.survey.rows import survey_rows


def dataset(samples: int = 40):
    rows = torch.randn(samples, 6, generator=torch.Generator().manual_seed(0))
    return build_dataset(rows, source="made up")


def test_all_samples_without_a_copy():
    data = dataset()
    rows = survey_rows(data, 40)
    assert rows.whole
    assert rows.part_text == "all 40 samples"
    assert rows.rows_MD.data_ptr() == data.embeddings.data_ptr()
    assert np.flatnonzero(rows.held_out_M).tolist() == sorted(data.validation_indices.tolist())


def test_a_part_is_the_same_every_time_and_says_so():
    data = dataset()
    rows, again = survey_rows(data, 15), survey_rows(data, 15)
    assert rows.part_text == "a fixed 15 of 40 samples"
    assert rows.samples.tolist() == again.samples.tolist() == sorted(set(rows.samples.tolist()))
    assert torch.equal(rows.rows_MD, data.embeddings[torch.from_numpy(rows.samples)])
    assert rows.held_out == len(data.validation_indices)
    held_out = set(data.validation_indices.tolist())
    assert [sample in held_out for sample in rows.samples.tolist()] == rows.held_out_M.tolist()


def test_a_part_of_a_part_keeps_the_numbers_of_the_data():
    data = dataset()
    part = survey_rows(data, 30).part(8)
    assert torch.equal(part.rows_MD, data.embeddings[torch.from_numpy(part.samples)])
    assert part.total == 40
