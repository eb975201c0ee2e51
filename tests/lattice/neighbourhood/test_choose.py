"""What `auto` takes, what it says, and what is refused."""

import re

import pytest
import torch

from lattice.errors import TierMemoryError
from lattice.neighbourhood import TierMeans
from lattice.neighbourhood.base import Stencils
from lattice.neighbourhood.choose import Choice, choose_engines
from lattice.neighbourhood.engines import ENGINES
from lattice.neighbourhood.fft import FFTEngine
from lattice.neighbourhood.measure import measurements_file, remember, remembered, tried_fields
from lattice.tiers import FieldShape

PLENTY = 10**12


@pytest.fixture
def no_kernel(monkeypatch):
    """A machine on which nothing can be compiled."""
    for module in ("choose", "engines"):
        monkeypatch.setattr(f"lattice.neighbourhood.{module}.kernel_problem", lambda: "left out by a test")


def default_stencils(side):
    return Stencils.of((side, side, side), (side * 0.02, side * 0.13, side * 0.2))


def test_near_tiers_take_compiled_sums_and_far_ones_of_huge_cubes_transforms():
    for side in (8, 16):
        assert set(choose_engines(default_stencils(side), torch.float32, PLENTY).engines.values()) == {"compiled"}
    choice = choose_engines(default_stencils(128), torch.float32, PLENTY)
    assert (choice.engines["local"], choice.engines["distant"]) == ("compiled", "fft")
    assert choice.name == "compiled + fft"


@pytest.mark.usefixtures("no_kernel")
def test_without_a_kernel_near_tiers_take_sparse_matrices():
    for side in (8, 16):
        assert set(choose_engines(default_stencils(side), torch.float32, PLENTY).engines.values()) == {"sparse"}
    choice = choose_engines(default_stencils(100), torch.float32, PLENTY)
    assert choice.engines == {"local": "sparse", "functional": "fft", "distant": "fft"}
    assert choice.name == "sparse + fft"
    assert re.fullmatch(
        r"local by estimate \(sparse [\d.]+ ms, fft [\d.]+ ms per field\); "
        r"functional by estimate \(fft [\d.]+ ms, sparse [\d.]+ ms per field\); "
        r"distant by estimate \(fft [\d.]+ ms, sparse [\d.]+ ms per field\)",
        choice.reason,
    )


@pytest.fixture(params=["compiled", "sparse"])
def near(request, monkeypatch):
    """The engine for near tiers, with a kernel and without."""
    if request.param == "sparse":
        for module in ("choose", "engines"):
            monkeypatch.setattr(f"lattice.neighbourhood.{module}.kernel_problem", lambda: "left out by a test")
    return request.param


@pytest.mark.usefixtures("near")
def test_auto_takes_what_fits():
    choice = choose_engines(default_stencils(16), torch.float32, 40_000)
    assert set(choice.engines.values()) == {"fft"}
    assert choice.reason == "functional and distant by the only engine that fits in memory"


def test_memory_is_counted_over_all_tiers(near):
    stencils = default_stencils(16)
    needs = {tier: ENGINES[near].bytes_needed(stencils.only(tier), torch.float32) for tier in stencils.shells}
    transforms = FFTEngine.bytes_needed(stencils.only("distant"), torch.float32)
    limit = needs["functional"] + transforms
    assert limit < sum(needs.values())
    choice = choose_engines(stencils, torch.float32, limit)
    assert choice.engines == {"functional": near, "distant": "fft"}


@pytest.mark.usefixtures("near")
def test_a_mixed_choice_stays_within_the_limit():
    stencils = default_stencils(16)
    parts = {tier: FFTEngine.bytes_needed(stencils.only(tier), torch.float32) for tier in stencils.shells}
    # Together the tiers are padded for the farthest; one by one they fit where the joint engine would not.
    limit = sum(parts.values())
    assert limit < FFTEngine.bytes_needed(stencils, torch.float32)
    choice = choose_engines(stencils, torch.float32, limit)
    assert (choice.bytes, choice.fits) == (limit, True)
    means = TierMeans.build(stencils.dimensions, stencils.thresholds, memory_limit_bytes=limit)
    assert means.engine == "fft"
    assert not choose_engines(stencils, torch.float32, limit - 1).fits
    with pytest.raises(TierMemoryError, match="tier engine 'fft' needs"):
        TierMeans.build(stencils.dimensions, stencils.thresholds, memory_limit_bytes=limit - 1)


@pytest.mark.usefixtures("near")
@pytest.mark.parametrize("side", [16, 27, 40, 50])
def test_no_choice_is_larger_than_it_may_be(side):
    stencils = default_stencils(side)
    for limit in (10**4, 3 * 10**4, 10**5, 3 * 10**5, 10**6):
        choice = choose_engines(stencils, torch.float32, limit)
        assert choice.fits == (choice.bytes <= limit)
        parts = [(name, stencils.only(tier)) for tier, name in choice.engines.items()]
        held = parts if choice.together is None else [(choice.together, stencils)]
        assert choice.bytes == sum(ENGINES[name].bytes_needed(part, torch.float32) for name, part in held)
        assert choice.fits or choice.reason.endswith("by the smallest engine, because memory is short")


@pytest.mark.usefixtures("no_kernel")
def test_an_open_question_is_measured_once(monkeypatch):
    asked = []

    def measured(engine, stencils, tier, fields):
        asked.append((engine.name, tier, fields))
        return {"sparse": 3e-3, "fft": 2e-3}[engine.name]

    monkeypatch.setattr("lattice.neighbourhood.choose.seconds_per_field", measured)
    stencils, question = (
        default_stencils(30),
        {"fields": {"functional": FieldShape(28, 12), "distant": FieldShape(8, 1)}},
    )
    guessed = choose_engines(stencils, torch.float32, PLENTY, **question)
    assert asked == []
    assert guessed.engines["distant"] == "sparse"
    choice = choose_engines(stencils, torch.float32, PLENTY, measure=True, **question)
    tried = (("functional", FieldShape(28, 8)), ("distant", FieldShape(8, 1)))
    assert asked == [(engine, *rest) for rest in tried for engine in ("sparse", "fft")]
    assert choice.engines == {"functional": "fft", "distant": "fft"}
    assert choice.reason == "functional and distant by measurement (fft 2.0 ms, sparse 3.0 ms per field)"
    # From now on the cache knows, whoever asks.
    assert choose_engines(stencils, torch.float32, PLENTY, **question) == choice
    assert len(asked) == 4


@pytest.mark.parametrize("content", ["", "no json", "[1, 2]", '{"a": 3}', '{"a": {"sparse": "fast"}}'])
def test_a_damaged_cache_is_written_anew(content):
    measurements_file().parent.mkdir(parents=True, exist_ok=True)
    measurements_file().write_text(content)
    assert remembered("question") == {}
    remember("question", {"sparse": 0.5})
    assert remembered("question") == {"sparse": 0.5}


def test_the_cache_forgets_the_oldest_and_survives_a_full_disk(monkeypatch):
    for number in range(3):
        remember(f"question {number}", {"sparse": float(number)})
    monkeypatch.setattr("lattice.neighbourhood.measure._MOST_ENTRIES", 2)
    remember("question 3", {"fft": 3.0})
    assert [bool(remembered(f"question {number}")) for number in range(4)] == [False, False, True, True]

    def full(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lattice.neighbourhood.measure.atomic_path", full)
    remember("question 4", {"fft": 3.0})
    assert remembered("question 4") == {}


def test_a_real_measurement_leads_to_an_engine_that_works(brute_force, relative_error):
    """At this size and radius neither estimate is clearly less, so both engines are timed."""
    dimensions, thresholds = (16, 16, 16), (1.0, 2.0, 9.5)
    truth = brute_force(dimensions, thresholds)
    means = TierMeans.build(dimensions, thresholds, fields={"distant": FieldShape(4, 1)})
    assert "distant by measurement" in means.reason
    fields = torch.randn(truth.cells, 3)
    for tier in means.live_tiers:
        assert relative_error(means.means(fields, tier), truth.means(fields, tier)) < 1e-5


def test_mixed_engines_are_exact(monkeypatch, brute_force, relative_error):
    dimensions, thresholds = (8, 8, 8), (1.0, 2.1, 3.2)
    mixed = Choice({"local": "compiled", "functional": "sparse", "distant": "fft"}, "a test", 0, fits=True)
    monkeypatch.setattr("lattice.neighbourhood.choose.choose_engines", lambda *_, **__: mixed)
    truth = brute_force(dimensions, thresholds)
    means = TierMeans.build(dimensions, thresholds)
    assert means.engine == "compiled + sparse + fft"
    fields = torch.randn(truth.cells, 3, requires_grad=True)
    together = means.means_all(fields)
    weights = {tier: torch.randn(truth.cells, 3) for tier in together}
    for tier, mean in together.items():
        assert relative_error(mean.detach(), truth.means(fields, tier).detach()) < 1e-5
        assert relative_error(means.means(fields.detach(), tier), truth.means(fields.detach(), tier)) < 1e-5
    total = sum((together[tier] * weights[tier]).sum() for tier in together)
    (gradient,) = torch.autograd.grad(total, fields)
    assert relative_error(gradient, sum(truth.gradient(weights[tier], tier) for tier in together)) < 1e-5
    for tier, weight in weights.items():
        (gradient,) = torch.autograd.grad((means.means(fields, tier) * weight).sum(), fields)
        assert relative_error(gradient, truth.gradient(weight, tier)) < 1e-5


def test_memory_for_a_measurement_is_bounded():
    stencils = default_stencils(64)
    assert tried_fields(stencils, FieldShape(28, 32), torch.float32) == FieldShape(28, 2)
    assert tried_fields(stencils, FieldShape(100, 32), torch.float32) == FieldShape(64, 1)
    assert tried_fields(default_stencils(8), FieldShape(28, 33), torch.float32) == FieldShape(28, 32)


def test_auto_without_neighbours():
    means = TierMeans.build((3, 3, 3), (0.1, 0.2, 0.3))
    assert means.engine == "sparse"
    assert means.reason == "no tier has neighbours, so there is nothing to compute"
    assert all(not mean.any() for mean in means.means_all(torch.ones(27, 2)).values())


def test_refusal_names_bytes_and_remedies():
    with pytest.raises(TierMemoryError) as caught:
        TierMeans.build((16, 16, 16), (0.32, 2.08, 3.2), "reference", memory_limit_bytes=1_000_000)
    message = str(caught.value)
    assert message.startswith("tier engine 'reference' needs 7,584,384 bytes (7.6 MB) for a 16x16x16 cube")
    assert "with radius 3.2, whose cells have 474,024 neighbours in all" in message
    assert "may take 1,000,000 bytes (1.0 MB)" in message
    assert "neighbors.engine = 'fft', which needs 35 kB" in message
    assert "lattice.adaptive_radius_ratio" in message
    assert "neighbors.memory_limit_gb" in message


def test_refusal_of_fft_does_not_recommend_fft():
    with pytest.raises(TierMemoryError, match="tier engine 'fft' needs") as caught:
        TierMeans.build((16, 16, 16), (0.32, 2.08, 3.2), "fft", memory_limit_bytes=10)
    assert "neighbors.engine" not in str(caught.value)


def test_auto_refuses_when_nothing_fits():
    with pytest.raises(TierMemoryError, match="needs"):
        TierMeans.build((8, 8, 8), (1.0, 2.0, 3.0), memory_limit_bytes=10)


def test_entries_beyond_short_indices_are_refused_before_anything_is_built():
    thresholds = (5.0, 150.0, 255.0)
    with pytest.raises(
        TierMemoryError, match=r"can number at most 2,147,483,647 entries of a matrix\. Try neighbors\."
    ):
        TierMeans.build((256, 256, 256), thresholds, "sparse", memory_limit_bytes=10**13)
    choice = choose_engines(Stencils.of((256, 256, 256), thresholds), torch.float32, 10**13)
    assert choice.engines["distant"] == "fft"


def test_whole_matrices_are_tried_on_a_card_for_small_cubes_only(monkeypatch):
    monkeypatch.setattr("lattice.neighbourhood.choose.key_of", lambda *_: "this question")
    remember("this question", {"sparse": 2e-6, "fft": 3e-6, "dense": 1e-6})
    card = torch.device("cuda")
    assert set(choose_engines(default_stencils(16), torch.float32, PLENTY, device=card).engines.values()) == {"dense"}
    assert set(choose_engines(default_stencils(17), torch.float32, PLENTY, device=card).engines.values()) == {"sparse"}
