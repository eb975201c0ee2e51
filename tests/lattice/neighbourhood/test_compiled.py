"""The compiled engine: its steps, its lanes, its threads, and what happens where it can't be had."""

import builtins
import math

import pytest
import torch

from lattice.errors import DeviceError
from lattice.neighbourhood import TierMeans, columns, compiled, kernel
from lattice.neighbourhood.base import Stencils
from lattice.neighbourhood.columns import line_of, plan_of
from lattice.neighbourhood.compiled import CompiledEngine
from lattice.tiers import tier_offsets
from lattice.tiers.shells import Shell, tier_shell

CPU = torch.device("cpu")


@pytest.fixture
def fresh_kernel(monkeypatch):
    """Forget what was compiled, and whatever a test finds out about this machine."""
    monkeypatch.setattr(kernel, "_problems", [])
    kernel._compiled.cache_clear()
    yield
    kernel._compiled.cache_clear()


@pytest.mark.parametrize("threshold", [1.0, 2.1, 3.2, 6.4])
def test_a_plan_names_every_neighbour_once(threshold):
    thresholds = (0.6 * threshold, 0.8 * threshold, threshold)
    dimensions = (15, 13, 11)
    for tier in ("local", "functional", "distant"):
        plan = plan_of(dimensions, tier_shell(thresholds, tier))
        covered = []
        for run in plan.runs:
            distances = set(run.distances).union(*(covered[number] for number in run.made_of))
            assert len(distances) == len(run.distances) + sum(len(covered[number]) for number in run.made_of)
            covered.append(distances)
        found = [
            (dx, dy, move)
            for dz, columns in plan.columns.items()
            for number, dy in columns
            for move in {dz, -dz}
            for dx in {sign * distance for distance in covered[number] for sign in (-1, 1)}
        ]
        assert sorted(found) == [tuple(offset) for offset in tier_offsets(thresholds, tier, dimensions).tolist()]


def test_long_runs_are_made_of_shorter_ones():
    plan = plan_of((32, 32, 32), Shell(17, 40))
    covered = []
    for run in plan.runs:
        covered.append(len(run.distances) + sum(covered[number] for number in run.made_of))
    assert sum(len(run.made_of) + len(run.distances) for run in plan.runs) < 0.8 * sum(covered)


def test_a_large_batch_is_cut_into_lanes():
    plan = plan_of((16, 16, 16), Shell(4, 10))
    assert line_of((16, 16, 16), plan, 1, torch.float32).lanes == 1
    assert line_of((16, 16, 16), plan, 32, torch.float32).lanes == 32
    cut = line_of((16, 16, 16), plan, 256, torch.float32)
    assert cut.lanes < 64
    assert cut.length * 4 <= 1.2 * columns._PLANE_BYTES
    # No block is left with a sliver.
    assert 256 - (math.ceil(256 / cut.lanes) - 1) * cut.lanes > cut.lanes / 2


def test_numbers_per_cell_lie_where_the_cells_lie():
    dimensions = (2, 3, 4)
    line = line_of(dimensions, plan_of(dimensions, Shell(0, 4)), 2, torch.float32)
    values = torch.arange(1.0, 25.0)[:, None]
    lines = line.spread(values, dimensions)
    assert lines.shape == (2, line.length)
    places = [y * line.pitch + z * 2 for y in range(3) for z in range(4)]
    for lane in (0, 1):
        assert lines[:, [place + lane for place in places]].equal(values.view(2, 12))
    assert lines.count_nonzero() == 48


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("dimensions", "batch"), [((9, 12, 7), 1), ((9, 12, 7), 3), ((9, 12, 7), 32), ((9, 12, 7), 100), ((3, 32, 32), 2)]
)
def test_any_batch_and_any_channels(dimensions, batch, dtype, brute_force, relative_error):
    thresholds = (1.0, 2.3, 4.6)
    truth = brute_force(dimensions, thresholds)
    means = TierMeans.build(dimensions, thresholds, "compiled", dtype=dtype)
    fields = torch.randn(2, truth.cells, batch, dtype=dtype)
    for tier in means.live_tiers:
        found = means.channel_means(fields, tier)
        expected = torch.stack([truth.means(channel, tier) for channel in fields])
        assert relative_error(found.transpose(0, 1).flatten(1), expected.transpose(0, 1).flatten(1)) < (
            1e-5 if dtype == torch.float32 else 1e-13
        )


@pytest.mark.parametrize("planes_bytes", [64, 1 << 10])
def test_lanes_that_do_not_divide_the_batch(planes_bytes, monkeypatch, brute_force, relative_error):
    monkeypatch.setattr(columns, "_PLANE_BYTES", planes_bytes)
    dimensions, thresholds = (5, 6, 7), (1.0, 2.0, 3.0)
    truth = brute_force(dimensions, thresholds)
    means = TierMeans.build(dimensions, thresholds, "compiled")
    fields = torch.randn(truth.cells, 11)
    for tier in means.live_tiers:
        assert relative_error(means.means(fields, tier), truth.means(fields, tier)) < 1e-5


def test_what_was_summed_before_leaves_no_trace():
    engine = CompiledEngine(Stencils.of((6, 6, 6), (1.0, 2.0, 3.0)), CPU, torch.float32)
    fields = torch.randn(3, 216, 2)
    first = engine.channel_sum(fields, "distant")
    broken = fields.clone()
    broken[1] = math.nan
    broken[2] = math.inf
    assert engine.channel_sum(broken, "distant")[0].equal(first[0])
    assert engine.channel_sum(fields, "distant").equal(first)


@pytest.mark.parametrize("team", [True, False])
@pytest.mark.parametrize("threads", [2, 3, 8])
@pytest.mark.usefixtures("fresh_kernel")
def test_threads_change_nothing(threads, team, monkeypatch):
    if not team:
        monkeypatch.setattr(kernel, "torch_team", lambda: None)
    monkeypatch.setattr(compiled, "_NS_WORTH_A_THREAD", 1.0)
    engine = CompiledEngine(Stencils.of((9, 8, 7), (1.0, 2.0, 3.0)), CPU, torch.float32)
    fields = torch.randn(7, 504, 3)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        alone = {tier: engine.channel_sum(fields, tier) for tier in ("local", "functional", "distant")}
        torch.set_num_threads(threads)
        for tier, expected in alone.items():
            for _ in range(5):
                assert engine.channel_sum(fields, tier).equal(expected)
    finally:
        torch.set_num_threads(before)


def test_a_workspace_is_used_again():
    engine = CompiledEngine(Stencils.of((6, 6, 6), (1.0, 2.0, 3.0)), CPU, torch.float32)
    for _ in range(4):
        engine.channel_sum(torch.randn(3, 216, 2), "local")
        engine.channel_sum(torch.randn(9, 216, 2), "local")
    (kept,) = engine._sums.values()
    assert len(kept._idle) == 1


def test_bytes_are_those_of_the_steps():
    stencils = Stencils.of((16, 16, 16), (0.32, 2.08, 3.2))
    engine = CompiledEngine(stencils, CPU, torch.float32)
    for tier in stencils.shells:
        engine.channel_sum(torch.randn(1, 4096, 1), tier)
    assert engine.bytes == sum(kept._program.steps.nbytes for kept in engine._sums.values())


def test_few_sizes_of_batches_are_kept():
    engine = CompiledEngine(Stencils.of((4, 4, 4), (1.0, 2.0, 3.0)), CPU, torch.float32)
    for batch in range(1, 30):
        engine.channel_sum(torch.randn(1, 64, batch), "local")
        engine.channel_sum(torch.randn(1, 64, 1), "local")
    assert len(engine._sums) <= compiled._MOST_BATCHES
    assert ("local", 1) in engine._sums
    assert ("local", 2) not in engine._sums


@pytest.mark.usefixtures("fresh_kernel")
def test_without_llvm_the_engine_is_refused_and_auto_goes_on(monkeypatch):
    real = builtins.__import__

    def refusing(name, *arguments, **more):
        if name.startswith("llvmlite"):
            raise ImportError("DLL load failed")
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", refusing)
    means = TierMeans.build((6, 6, 6), (1.0, 2.0, 3.0))
    assert "compiled" not in means.engine
    assert kernel.kernel_problem() == "LLVM could not make its code (DLL load failed)"
    with pytest.raises(DeviceError, match=r"'compiled' can't be used: LLVM could .*Try neighbors\.engine = 'auto'\."):
        TierMeans.build((6, 6, 6), (1.0, 2.0, 3.0), "compiled")


@pytest.mark.usefixtures("fresh_kernel")
def test_a_missing_package_is_noticed_without_an_import(monkeypatch):
    monkeypatch.setattr(kernel, "find_spec", lambda name: None)
    assert kernel.kernel_problem() == "the package llvmlite is not installed"
    assert kernel.kernel_for(torch.float32) is None


def test_other_devices_are_refused():
    with pytest.raises(DeviceError, match=r"it runs on processors, not on 'meta'\. Try neighbors\.engine = 'auto'\."):
        TierMeans.build((6, 6, 6), (1.0, 2.0, 3.0), "compiled", device="meta", memory_limit_bytes=10**9)
