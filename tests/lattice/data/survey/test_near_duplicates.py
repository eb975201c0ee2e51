"""Near-duplicates across the split, against all cosines."""

import json
import logging

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lattice.data import build_dataset
from lattice.data.survey import near_duplicates
from lattice.data.survey.findings import log_near_duplicates
from lattice.data.survey.near_duplicates import (
    LIMIT,
    find_near_duplicates,
    near_duplicates_of,
)
from lattice.data.survey.rows import survey_rows


def dataset(samples: int = 300, width: int = 64, noise: float = 0.0, shared: float = 0.0):
    """Rows of which the last fifty nearly equal the first fifty, some above the limit and some below."""
    generator = torch.Generator().manual_seed(1)
    rows = torch.randn(samples, width, generator=generator) + shared
    away = torch.linspace(0.02, 0.6, 50).unsqueeze(1)
    rows[-50:] = rows[:50] + away * torch.randn(50, width, generator=generator)
    return build_dataset(rows, source="made up", validation_fraction=0.3)


def by_hand(data):
    unit = F.normalize(data.embeddings.double(), dim=1)
    held_out, train = data.validation_indices, data.train_indices
    best = (unit[held_out] @ unit[train].T).max(1)
    near = best.values > LIMIT
    partners = zip(train[best.indices[near]].tolist(), best.values[near].tolist(), strict=True)
    return dict(zip(held_out[near].tolist(), partners, strict=True))


@pytest.mark.parametrize("shared", [0.0, 8.0])
@pytest.mark.parametrize("at_once", [7, 4096])
def test_none_is_missed_and_none_made_up(monkeypatch, shared, at_once):
    """Also where all rows point one way, so that the bound rules out nothing."""
    monkeypatch.setattr(near_duplicates, "_TRAIN_AT_ONCE", at_once)
    monkeypatch.setattr(near_duplicates, "_DIRECTIONS", 8)
    monkeypatch.setattr(near_duplicates, "MOST_LISTED", 10_000)
    data = dataset(shared=shared)
    found, expected = find_near_duplicates(survey_rows(data, 300)), by_hand(data)
    assert len(expected) > 3
    assert found.whole
    assert found.found == len(expected)
    assert {pair.held_out: pair.train for pair in found.pairs} == {held: train for held, (train, _) in expected.items()}
    cosines = [pair.cosine for pair in found.pairs]
    assert cosines == sorted(cosines, reverse=True)
    assert cosines == pytest.approx(sorted((cosine for _, cosine in expected.values()), reverse=True), abs=1e-5)


def test_a_limit_on_the_work_is_said(monkeypatch):
    monkeypatch.setattr(near_duplicates, "_ROWS_AT_ONCE", 10)
    data = dataset()
    found = find_near_duplicates(survey_rows(data, 300), products=1)
    assert (found.compared, found.held_out) == (10, len(data.validation_indices))
    assert f"10 held-out samples (of {found.held_out}, compared with" in found.sentence()


def test_a_part_of_the_data_is_said():
    data = dataset()
    found = find_near_duplicates(survey_rows(data, 100))
    assert not found.whole
    assert found.compared + found.train_compared == 100
    assert f"of {len(data.train_indices)} training samples" in found.sentence()


def test_pairs_carry_the_numbers_of_the_data():
    data = dataset()
    found = find_near_duplicates(survey_rows(data, 250))
    assert found.pairs
    held_out, train = set(data.validation_indices.tolist()), set(data.train_indices.tolist())
    for pair in found.pairs:
        assert pair.held_out in held_out
        assert pair.train in train
        cosine = F.cosine_similarity(data.embeddings[pair.held_out], data.embeddings[pair.train], dim=0)
        assert pair.cosine == pytest.approx(float(cosine), abs=1e-5)


def test_one_line_in_the_log_warns_if_there_are_any(caplog):
    caplog.set_level(logging.INFO, "cellcube")
    log_near_duplicates(near_duplicates_of(dataset()))
    assert caplog.records[-1].levelno == logging.WARNING
    assert "have a near-duplicate among the training samples (cosine above 0.98): scores look better" in caplog.text
    apart = build_dataset(torch.eye(30), source="made up")
    log_near_duplicates(near_duplicates_of(apart))
    assert caplog.records[-1].levelno == logging.INFO
    assert "none of " in caplog.records[-1].getMessage()


def test_it_is_found_once_for_a_data_set_and_goes_into_json(monkeypatch):
    data = dataset()
    found = near_duplicates_of(data)
    assert near_duplicates_of(data) is found
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["held_out_with_near_duplicate"] == found.found
    assert plain["cosine_above"] == 0.98
    assert np.array_equal([plain["held_out_compared"], plain["train_compared"]], [found.compared, found.train_compared])
